//! What every store promises, as tests that each store runs whole.
//!
//! A store's test module names a function that makes an empty store, and is done:
//!
//! ```ignore
//! siskin_server::store_contract!(empty_store);
//!
//! async fn empty_store() -> siskin_server::storage::contract::Empty { … }
//! ```
//!
//! Each promise is a plain async function that panics if it is broken, so that a deliberately
//! broken store can be shown to fail it.

#![expect(clippy::unwrap_used, reason = "this is a test suite that is compiled into the library")]

pub mod appending;

pub mod scene;

use std::any::Any;
use std::sync::Arc;

use super::Store;

/// An empty store, with what must outlive it: its folder, its database, …
pub struct Empty {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Dropped after the test.
    pub keep: Box<dyn Any + Send>,
}

impl std::fmt::Debug for Empty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Empty")
    }
}

/// Makes a test of each promise, on stores that `$empty` makes.
#[macro_export]
macro_rules! store_contract {
    ($empty:ident) => {
        $crate::store_contract! { @promises $empty
            appending:
                events_are_read_back_as_they_were_appended;
        }
    };
    (@promises $empty:ident $($group:ident: $($promise:ident)+;)*) => { $(
        mod $group {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $promise() {
                    let empty = super::$empty().await;
                    let store = ::std::sync::Arc::clone(&empty.store);
                    $crate::storage::contract::$group::$promise(store).await;
                    drop(empty);
                }
            )+
        }
    )* };
}
