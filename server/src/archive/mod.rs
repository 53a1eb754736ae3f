//! Moving house: a whole store in one file, and back into any other kind of store.
//!
//! * [`format`]: the lines of an archive; `docs/ARCHIVE.md` is the same for people.
//! * [`export`] and [`Draft`]: out of a store that may be in use, into a file that appears whole.
//! * [`check`]: an archive is read once and believed before a store is touched.
//! * [`import`]: into an empty store, again and again until it is done.
//! * [`digest`]: what the projections say, the same number for every store.
//!
//! Everything goes through the storage traits: no store is known here.

pub mod digest;
pub mod format;

mod check;
mod error;
mod export;
mod file;
mod fold;
pub(crate) mod fuzzing;
mod import;
mod progress;
mod reader;
mod writer;

pub use check::{Checked, about, check};
pub use error::ArchiveError;
pub use export::export;
pub use file::Draft;
pub use import::{Imported, import};
pub use progress::{Observer, Stage};

/// So many events are read, written or restored at once.
const BATCH: usize = 1000;

/// Does what waits for a disk or a processor where no other task is held up by it.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ArchiveError> + Send + 'static,
) -> Result<T, ArchiveError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(ArchiveError::Interrupted(error.to_string())))
}
