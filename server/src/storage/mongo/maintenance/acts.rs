//! Acts of staff that an earlier version wrote, when fewer events were acts.

use mongodb::bson::doc;
use siskin_domain::event;

use super::Db;
use crate::storage::StoreError;

/// Marks every event that is an act ([`siskin_domain::Recorded::is_act`]) and has no mark yet. The
/// mark is no part of the event: it is what the audit log's index holds.
pub(super) async fn mark(db: &Db) -> Result<(), StoreError> {
    // Who has no actor was the operator: `null` is nobody's name, and no author.
    let owner = doc! { "$concat": ["user-", { "$toString": "$actor" }] };
    let by_another = doc! { "$expr": { "$ne": ["$stream", owner] } };
    let not_by_author = doc! { "$expr": { "$ne": ["$data.author", "$actor"] } };
    let unmarked = doc! {
        "act": { "$exists": false },
        "$or": [
            { "kind": { "$in": event::ACTS.to_vec() } },
            { "$and": [{ "kind": { "$in": event::ACTS_ON_OTHERS.to_vec() } }, by_another] },
            { "$and": [{ "kind": event::ACT_ON_OTHERS_TWEET }, not_by_author] },
        ],
    };
    let mark = vec![doc! { "$set": { "act": "$_id" } }];
    let marked = db.events.update_many(unmarked, mark).await?.modified_count;
    if marked > 0 {
        tracing::info!(marked, "listed more acts in the audit log");
    }
    Ok(())
}
