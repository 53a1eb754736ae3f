//! Ids of a restored store are its own: what is made next is younger than all that is there.

use siskin_domain::Timestamp;

use crate::storage::{Holder, NodeWish, Store, StoreError};

/// Node numbers in all.
const NODES: u8 = 16;

/// Uses up the time to `last` of every node number, so that no id that was made until then is made
/// again, whatever the clocks of this and of the lost machine say.
///
/// # Errors
/// What the store says.
pub async fn reserve_ids(store: &dyn Store, last: Timestamp) -> Result<(), StoreError> {
    // All at once, so that each is another number.
    for node in 0..NODES {
        let wish = NodeWish { holder: holder(node), now: last, until: last };
        store.lease_node(wish).await?;
    }
    for node in 0..NODES {
        store.release_node(holder(node), last).await?;
    }
    Ok(())
}

const fn holder(node: u8) -> Holder {
    let mut name = *b"siskin restore 0";
    name[15] += node;
    Holder(name)
}
