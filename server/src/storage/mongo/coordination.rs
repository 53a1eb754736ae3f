//! What several servers agree on: every agreement is one document, changed by whoever still
//! finds it as they read it.

use async_trait::async_trait;
use futures::TryStreamExt as _;
use mongodb::bson::{Document, doc};
use mongodb::options::ReturnDocument;
use siskin_domain::{Position, Timestamp};

use super::MongoStore;
use super::db::primary;
use super::documents::{bytes, date, time};
use super::error::is_duplicate;
use crate::storage::shared::latest_end;
use crate::storage::{Bucket, Coordination, Holder, NodeLease, NodeWish, StoreError, Token};

/// So often a lost race is run again; each loss means that somebody else won.
const RACES: usize = 64;

#[async_trait]
impl Coordination for MongoStore {
    async fn lease_node(&self, wish: NodeWish) -> Result<Option<NodeLease>, StoreError> {
        self.db
            .patiently(async {
                for _ in 0..RACES {
                    match self.try_lease(wish).await? {
                        Race::Won(lease) => return Ok(Some(lease)),
                        Race::AllHeld => return Ok(None),
                        Race::Lost => {}
                    }
                }
                Err(lost_too_often())
            })
            .await
    }

    async fn release_node(&self, holder: Holder, used: Timestamp) -> Result<(), StoreError> {
        let mine = doc! { "holder": bytes(&holder.0) };
        self.db
            .patiently(async {
                let find = self.db.nodes.find_one(mine).selection_criteria(primary());
                let Some(node) = find.await? else { return Ok(()) };
                let until = until(&node).min(used).max(since(&node));
                // Only as it was read: it may have been lost, or extended, meanwhile.
                let free = doc! { "$set": { "until": date(until) }, "$unset": { "holder": 1 } };
                Ok(self.db.nodes.update_one(as_read(&node), free).await.map(drop)?)
            })
            .await
    }

    async fn take_token(&self, bucket: Bucket, now: Timestamp) -> Result<Token, StoreError> {
        self.db
            .patiently(async {
                for _ in 0..RACES {
                    if let Some(answer) = self.try_take(bucket, now.unix_ms()).await? {
                        return Ok(answer);
                    }
                }
                Err(lost_too_often())
            })
            .await
    }

    async fn return_token(&self, bucket: Bucket) -> Result<(), StoreError> {
        let back = doc! { "$inc": { "full_at": -i64::from(bucket.every_ms) } };
        let this = doc! { "_id": bytes(&bucket.key) };
        self.db
            .patiently(async { Ok(self.db.throttles.update_one(this, back).await.map(drop)?) })
            .await
    }

    async fn take_relay(
        &self,
        name: &str,
        holder: Holder,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Position>, StoreError> {
        let mut free =
            vec![doc! { "holder": bytes(&holder.0) }, doc! { "until": { "$lte": date(now) } }];
        if let Some(latest) = latest_end(now, until) {
            free.push(doc! { "until": { "$gt": date(latest) } });
        }
        let mine = doc! { "_id": name, "$or": free };
        let take = doc! { "$set": { "holder": bytes(&holder.0), "until": date(until) } };
        let new = doc! {
            "_id": name, "holder": bytes(&holder.0), "until": date(until), "position": 0_i64,
        };
        self.db
            .patiently(async {
                let taken = self.db.relays.find_one_and_update(mine, take);
                if let Some(relay) = taken.return_document(ReturnDocument::After).await? {
                    return Ok(Some(position(&relay)));
                }
                match self.db.relays.insert_one(new).await {
                    Ok(_) => Ok(Some(Position(0))),
                    Err(error) if is_duplicate(&error) => Ok(None),
                    Err(error) => Err(error.into()),
                }
            })
            .await
    }

    async fn advance_relay(
        &self,
        name: &str,
        holder: Holder,
        to: Position,
    ) -> Result<bool, StoreError> {
        let mine = doc! { "_id": name, "holder": bytes(&holder.0) };
        let forward = doc! { "$max": { "position": to.0 as i64 } };
        self.db
            .patiently(async {
                Ok(self.db.relays.update_one(mine, forward).await?.matched_count > 0)
            })
            .await
    }
}

enum Race {
    Won(NodeLease),
    Lost,
    AllHeld,
}

impl MongoStore {
    async fn try_lease(&self, wish: NodeWish) -> Result<Race, StoreError> {
        let me = bytes(&wish.holder.0);
        let find = self.db.nodes.find(doc! {}).selection_criteria(primary());
        let nodes: Vec<Document> = find.await?.try_collect().await?;
        let own = nodes.iter().find(|node| node.get("holder") == Some(&me.clone().into()));
        let is_free = |n: &&Document| !n.contains_key("holder") || until(n) < wish.now;
        let free = nodes.iter().filter(is_free).min_by_key(|node| until(node));
        let Some(node) = own.or(free) else { return Ok(Race::AllHeld) };
        let after = until(node);
        // Where its time is ahead of the asker's clock, the range may be empty.
        let ends = after.max(wish.until);
        let mut set = doc! { "holder": me, "until": date(ends) };
        if own.is_none() {
            set.insert("since", date(after));
        }
        let Ok(number) = node.get_i64("_id") else {
            return Err(StoreError::Corrupt("a node without a number".to_owned()));
        };
        let (as_read, take) = (as_read(node), doc! { "$set": set });
        let won = self.db.nodes.update_one(as_read, take).await?.matched_count > 0;
        let node = u16::try_from(number).unwrap_or(0);
        Ok(if won { Race::Won(NodeLease { node, after, until: ends }) } else { Race::Lost })
    }

    /// The generic cell rate algorithm on one number: when the bucket will be full again.
    async fn try_take(&self, bucket: Bucket, now: i64) -> Result<Option<Token>, StoreError> {
        let Bucket { key, burst, every_ms } = bucket;
        let (every, key) = (i64::from(every_ms), bytes(&key));
        let find = self.db.throttles.find_one(doc! { "_id": key.clone() });
        let kept = find.selection_criteria(primary()).await?;
        let full_at = kept.as_ref().and_then(|kept| kept.get_i64("full_at").ok());
        let then = full_at.map_or(now, |kept| bucket.possible(kept, now)).max(now) + every;
        let too_long = then - now - i64::from(burst) * every;
        if too_long > 0 {
            return Ok(Some(Token::Missing { for_ms: too_long.unsigned_abs() }));
        }
        let won = match full_at {
            Some(full_at) => {
                let as_read = doc! { "_id": key, "full_at": full_at };
                let take = doc! { "$set": { "full_at": then } };
                self.db.throttles.update_one(as_read, take).await?.matched_count > 0
            }
            None => {
                match self.db.throttles.insert_one(doc! { "_id": key, "full_at": then }).await {
                    Err(error) if is_duplicate(&error) => false,
                    made => made.map(|_| true)?,
                }
            }
        };
        Ok(won.then_some(Token::Taken { full_in_ms: (then - now).unsigned_abs() }))
    }
}

fn until(node: &Document) -> Timestamp {
    node.get_datetime("until").map_or(Timestamp::from_unix_ms(0), |until| time(*until))
}

/// Where the time of a node's holder began.
fn since(node: &Document) -> Timestamp {
    node.get_datetime("since").map_or(Timestamp::from_unix_ms(0), |since| time(*since))
}

/// A node, if nobody has changed it since it was read.
fn as_read(node: &Document) -> Document {
    let mut as_read = doc! { "holder": node.get("holder").cloned() };
    for name in ["_id", "until"] {
        as_read.insert(name, node.get(name).cloned());
    }
    as_read
}

fn position(relay: &Document) -> Position {
    Position(relay.get_i64("position").unwrap_or(0).unsigned_abs())
}

fn lost_too_often() -> StoreError {
    StoreError::Unavailable("too many servers want the same thing at once".to_owned())
}
