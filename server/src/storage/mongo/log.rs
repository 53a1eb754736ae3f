//! The collection `events`, read.

use futures::TryStreamExt as _;
use mongodb::ClientSession;
use mongodb::bson::{self, Document, doc};
use siskin_domain::{Position, Recorded, StreamId};

use super::db::{Db, LOG, primary};
use super::documents::EventDoc;
use crate::storage::{Read, StoreError, Unreadable};

/// The position of the last event.
pub(super) async fn end(db: &Db) -> Result<Position, StoreError> {
    let mut session = db.session().await?;
    let log = db.counters.find_one(doc! { "_id": LOG }).session(&mut session).await?;
    Ok(Position(log.map_or(0, |log| log.position as u64)))
}

/// A stream's history, oldest first.
pub(super) async fn load(db: &Db, stream: StreamId) -> Result<Vec<Recorded>, StoreError> {
    let mut session = db.session().await?;
    // Decisions are made on it, so it is the newest there is.
    let find = db.events.find(doc! { "stream": stream.to_string() }).sort(doc! { "version": 1 });
    let mut cursor = find.selection_criteria(primary()).session(&mut session).await?;
    collect(cursor.stream(&mut session)).await
}

/// Up to `limit` events after a position, in order.
///
/// Writers commit one after the other, so whoever sees an event sees all before it.
pub(super) async fn read_all(
    db: &Db,
    after: Position,
    limit: usize,
) -> Result<Vec<Recorded>, StoreError> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let after = i64::try_from(after.0).unwrap_or(i64::MAX);
    let mut session = db.session().await?;
    let find = db.events.find(doc! { "_id": { "$gt": after } }).sort(doc! { "_id": 1 });
    let find = find.limit(i64::try_from(limit).unwrap_or(i64::MAX));
    let mut cursor = find.session(&mut session).await?;
    let events = collect(cursor.stream(&mut session)).await?;
    db.note(&session);
    Ok(events)
}

/// The same, each by itself.
pub(super) async fn read_each(
    db: &Db,
    after: Position,
    limit: usize,
) -> Result<Vec<Read>, StoreError> {
    let after = i64::try_from(after.0).unwrap_or(i64::MAX);
    let events = db.events.clone_with_type::<Document>();
    let find = events.find(doc! { "_id": { "$gt": after } }).sort(doc! { "_id": 1 });
    let find = find.limit(i64::try_from(limit).unwrap_or(i64::MAX));
    let found: Vec<Document> = find.selection_criteria(primary()).await?.try_collect().await?;
    Ok(found.into_iter().map(each).collect())
}

fn each(document: Document) -> Read {
    let position = Position(document.get_i64("_id").unwrap_or(0) as u64);
    let stream = document.get_str("stream").ok().and_then(|stream| stream.parse().ok());
    let version = document.get_i64("version").ok().map(|version| version as u64);
    let unreadable = |what: &str| Unreadable {
        position,
        stream,
        version,
        what: what.trim_start_matches(&format!("event {position}: ")).to_owned(),
    };
    // The library's own words might quote what people wrote.
    let document: EventDoc = bson::deserialize_from_document(document)
        .map_err(|_| unreadable("a field is missing or of another kind"))?;
    document.recorded().map_err(|error| match error {
        StoreError::Corrupt(what) => unreadable(&what),
        other => unreadable(&other.to_string()),
    })
}

async fn collect(
    documents: impl futures::Stream<Item = Result<EventDoc, mongodb::error::Error>>,
) -> Result<Vec<Recorded>, StoreError> {
    let mut documents = std::pin::pin!(documents);
    let mut events = Vec::new();
    while let Some(document) = documents.try_next().await? {
        events.push(document.recorded()?);
    }
    Ok(events)
}

/// The version of a stream's last event as a transaction sees it; 0 if there is none.
pub(super) async fn version(
    db: &Db,
    session: &mut ClientSession,
    stream: StreamId,
) -> Result<u64, mongodb::error::Error> {
    let last = db
        .events
        .clone_with_type::<Document>()
        .find_one(doc! { "stream": stream.to_string() })
        .sort(doc! { "version": -1 })
        .projection(doc! { "version": 1 })
        .session(session)
        .await?;
    Ok(last.and_then(|last| last.get_i64("version").ok()).unwrap_or(0) as u64)
}
