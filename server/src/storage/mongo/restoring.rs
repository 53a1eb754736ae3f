//! Restoring into a database: while it is under way the collection `restoring` has a document, and
//! nobody opens the database but another restore.
//!
//! A store that is there is moved aside first: its collections get other names in the same database,
//! `before_20261124T201136Z_events` and so on, and stay. What an interrupted restore has written is
//! dropped by the next one.

use mongodb::Collection;
use mongodb::bson::{DateTime, Document, doc};
use siskin_domain::Timestamp;

use super::db::{COLLECTIONS, Db, primary};
use super::{MongoStore, turn};
use crate::storage::StoreError;

/// The one document of `restoring`.
const THIS: &str = "restore";
/// So often a writer is asked again whether it is still there: for longer than a dead one is
/// believed to live.
const TIMES: u32 = 5;

/// Fails if a restore has not come to its end.
pub(super) async fn refuse_half(db: &Db) -> Result<(), StoreError> {
    match mark(db).await? {
        None => Ok(()),
        Some(_) => Err(StoreError::Unavailable(
            "a restore of this database is at work or was interrupted: wait for its end, or restore \
             again"
                .to_owned(),
        )),
    }
}

impl MongoStore {
    /// Opens a database to restore into it: empty, and closed to everybody else until
    /// [`MongoStore::restored`]. Says under which names a store that was there is now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], in words for the operator, if there is a store with events
    /// (unless forced) or a server that uses it.
    pub async fn open_to_restore(
        url: &str,
        force: bool,
        now: Timestamp,
    ) -> Result<(Self, Option<String>), StoreError> {
        let db = Db::reach(url).await?;
        let mark = mark(&db).await?;
        let full = db.events.clone_with_type::<Document>().find_one(doc! {}).await?.is_some();
        if full && mark.is_none() && !force {
            return Err(StoreError::Unavailable(
                "there is a store with events: name another database, or give --force to move it \
                 aside"
                    .to_owned(),
            ));
        }
        nobody_writes(&db).await?;
        let restore = Restore::begin(&db, mark, full, now).await?;
        let aside = restore.make_room(&db).await?;
        db.prepare().await?;
        Ok((Self::over(db).await?, aside))
    }

    /// The restore has come to its end: everybody may open the database.
    ///
    /// # Errors
    /// What the store says.
    pub async fn restored(&self) -> Result<(), StoreError> {
        Ok(marks(&self.db).delete_one(doc! { "_id": THIS }).await.map(drop)?)
    }
}

/// A restore under way, as its mark says.
struct Restore {
    /// What a store that was there is called now.
    prefix: String,
    /// Is it out of the way, so that all else is of an interrupted restore?
    moved: bool,
    /// Was there one?
    full: bool,
}

impl Restore {
    /// Begins, or goes on where another one was interrupted.
    async fn begin(
        db: &Db,
        mark: Option<Document>,
        full: bool,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        if let Some(mark) = mark {
            let unreadable = |_| StoreError::Corrupt("the mark of a restore".to_owned());
            return Ok(Self {
                prefix: mark.get_str("prefix").map_err(unreadable)?.to_owned(),
                moved: mark.get_bool("moved").map_err(unreadable)?,
                full: mark.get_bool("full").map_err(unreadable)?,
            });
        }
        let (year, month, day, hour, minute, second, _) = now.parts();
        let prefix =
            format!("before_{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z_");
        let new = doc! { "_id": THIS, "prefix": &prefix, "moved": false, "full": full };
        marks(db).insert_one(new).await?;
        Ok(Self { prefix, moved: false, full })
    }

    /// Moves the old store aside, or drops half a restore.
    async fn make_room(&self, db: &Db) -> Result<Option<String>, StoreError> {
        let there = db.database.list_collection_names().await?;
        for name in COLLECTIONS.iter().filter(|name| there.iter().any(|found| found == *name)) {
            // A store without an event holds nothing, and needs no other name.
            if self.moved || !self.full {
                db.database.collection::<Document>(name).drop().await?;
                continue;
            }
            let database = db.database.name();
            let rename = doc! {
                "renameCollection": format!("{database}.{name}"),
                "to": format!("{database}.{}{name}", self.prefix),
            };
            db.client.database("admin").run_command(rename).await?;
        }
        let moved = doc! { "$set": { "moved": true } };
        marks(db).update_one(doc! { "_id": THIS }, moved).await?;
        Ok(self.full.then(|| format!("the collections {}*", self.prefix)))
    }
}

fn marks(db: &Db) -> Collection<Document> {
    db.database.collection("restoring")
}

async fn mark(db: &Db) -> Result<Option<Document>, StoreError> {
    Ok(marks(db).find_one(doc! { "_id": THIS }).selection_criteria(primary()).await?)
}

/// Fails if a server, or another restore, has written just now or leases a number to make ids with.
/// One that only reads, or has done nothing for a while, is not seen.
///
/// What one that was killed has left open is ended: a collection can't be dropped while there is a
/// transaction on it.
async fn nobody_writes(db: &Db) -> Result<(), StoreError> {
    let mut written = turn::others_write(db).await?;
    for _ in 0..TIMES {
        if !written {
            break;
        }
        tokio::time::sleep(turn::ASK_AGAIN).await;
        written = turn::others_write(db).await?;
    }
    let leased = doc! { "holder": { "$exists": true }, "until": { "$gt": DateTime::now() } };
    let leased = db.nodes.find_one(leased).selection_criteria(primary()).await?.is_some();
    if !written && !leased {
        return Ok(());
    }
    Err(StoreError::Unavailable(
        "a server or another restore uses it: stop every server, and wait ten seconds if one was \
         killed"
            .to_owned(),
    ))
}
