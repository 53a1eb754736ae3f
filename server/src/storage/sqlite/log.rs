//! The table `events`: one row per event, written once.

use rusqlite::{Connection, Row, Rows, params};
use siskin_domain::{Position, Recorded, StreamId, Timestamp, UserId, event};

use super::rows;
use crate::storage::codec::{self, Stored};
use crate::storage::{Page, Read, StoreError, Unreadable};

const COLUMNS: &str = "position, stream, version, at, actor, kind, schema, data, personal";

/// Writes one event. A stream that already has this version is a [`StoreError::Conflict`].
pub(super) fn insert(conn: &Connection, stream: &str, event: &Recorded) -> Result<(), StoreError> {
    let encoded = codec::encode(&event.event);
    let mut insert = conn.prepare_cached(
        "INSERT INTO events (position, stream, version, at, actor, kind, schema, data, personal)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    insert.execute(params![
        event.position.0 as i64,
        stream,
        event.version as i64,
        event.at.unix_ms(),
        event.actor.map(|actor| actor.get() as i64),
        encoded.kind,
        encoded.schema,
        encoded.data,
        encoded.personal,
    ])?;
    Ok(())
}

/// The version of a stream's last event; 0 if there is none.
pub(super) fn version(conn: &Connection, stream: &str) -> Result<u64, StoreError> {
    let mut select =
        conn.prepare_cached("SELECT coalesce(max(version), 0) FROM events WHERE stream = ?1")?;
    Ok(select.query_row([stream], |row| row.get::<_, i64>(0))? as u64)
}

/// The position of the last event; 0 if there is none.
pub(super) fn end(conn: &Connection) -> Result<Position, StoreError> {
    let mut select = conn.prepare_cached("SELECT coalesce(max(position), 0) FROM events")?;
    Ok(Position(select.query_row((), |row| row.get::<_, i64>(0))? as u64))
}

/// Forgets the personal parts of a stream's events; their facts stay.
pub(super) fn erase(conn: &Connection, stream: StreamId) -> Result<(), StoreError> {
    let mut update = conn.prepare_cached(
        "UPDATE events SET personal = NULL WHERE stream = ?1 AND personal IS NOT NULL",
    )?;
    update.execute([stream.to_string()])?;
    Ok(())
}

/// A stream's history, oldest first.
pub(super) fn load(conn: &Connection, stream: StreamId) -> Result<Vec<Recorded>, StoreError> {
    let mut select = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM events WHERE stream = ?1 ORDER BY version"
    ))?;
    collect(select.query([stream.to_string()])?)
}

/// Up to `limit` events after a position, in order.
pub(super) fn read_all(
    conn: &Connection,
    after: Position,
    limit: usize,
) -> Result<Vec<Recorded>, StoreError> {
    let mut select = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM events WHERE position > ?1 ORDER BY position LIMIT ?2"
    ))?;
    let after = i64::try_from(after.0).unwrap_or(i64::MAX);
    collect(select.query([after, i64::try_from(limit).unwrap_or(i64::MAX)])?)
}

/// The same, each by itself.
pub(super) fn read_each(
    conn: &Connection,
    after: Position,
    limit: usize,
) -> Result<Vec<Read>, StoreError> {
    let sql =
        format!("SELECT {COLUMNS} FROM events WHERE position > ?1 ORDER BY position LIMIT ?2");
    let after = i64::try_from(after.0).unwrap_or(i64::MAX);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    rows::all(conn, &sql, [after, limit], |row| match recorded(row) {
        Err(StoreError::Corrupt(what)) => {
            let position = Position(row.get::<_, i64>(0)? as u64);
            let stream: Option<String> = row.get(1).ok();
            Ok(Err(Unreadable {
                position,
                stream: stream.and_then(|stream| stream.parse().ok()),
                version: row.get::<_, i64>(2).ok().map(|version| version as u64),
                what: what.trim_start_matches(&format!("event {position}: ")).to_owned(),
            }))
        }
        read => read.map(Ok),
    })
}

/// A page of the acts of staff, newest first.
pub(super) fn acts(conn: &Connection, page: Page) -> Result<Vec<Recorded>, StoreError> {
    rows::page(conn, &acts_of_any_position(), "position", page, &[], recorded)
}

/// The condition is that of the index `events_acts`, word for word, so that it is used.
fn acts_of_any_position() -> String {
    let (acts, on_others) = (event::ACTS.join("', '"), event::ACTS_ON_OTHERS.join("', '"));
    let deletion = event::ACT_ON_OTHERS_TWEET;
    format!(
        "SELECT {COLUMNS} FROM events WHERE (kind IN ('{acts}')
           OR (kind IN ('{on_others}') AND stream IS NOT 'user-' || actor)
           OR (kind = '{deletion}' AND data IS NOT '{{\"author\":' || actor || '}}')) AND "
    )
}

/// Shows the whole log to `each`, in order, without holding more than one event; returns how
/// many there were.
pub(super) fn replay(
    conn: &Connection,
    mut each: impl FnMut(&Recorded) -> Result<(), StoreError>,
) -> Result<u64, StoreError> {
    let mut select = conn.prepare(&format!("SELECT {COLUMNS} FROM events ORDER BY position"))?;
    let mut rows = select.query(())?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        each(&recorded(row)?)?;
        count += 1;
    }
    Ok(count)
}

fn collect(mut rows: Rows<'_>) -> Result<Vec<Recorded>, StoreError> {
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.push(recorded(row)?);
    }
    Ok(events)
}

fn recorded(row: &Row<'_>) -> Result<Recorded, StoreError> {
    let position = row.get::<_, i64>(0)? as u64;
    let at_position = |what: &str| StoreError::Corrupt(format!("event {position}: {what}"));
    let text = |index| {
        row.get_ref(index)?.as_str_or_null().map_err(|error| at_position(&error.to_string()))
    };
    let fact = |index| text(index)?.ok_or_else(|| at_position("a column is empty"));
    let stream: StreamId = fact(1)?.parse().map_err(|_| at_position("not a stream"))?;
    let actor = match row.get::<_, Option<i64>>(4)? {
        Some(raw) => Some(UserId::new(raw as u64).map_err(|_| at_position("not an actor"))?),
        None => None,
    };
    let stored = Stored { kind: fact(5)?, schema: row.get(6)?, data: fact(7)?, personal: text(8)? };
    let event = codec::decode(stored).map_err(|error| match error {
        StoreError::Corrupt(what) => at_position(&what),
        other => other,
    })?;
    Ok(Recorded {
        position: Position(position),
        stream,
        version: row.get::<_, i64>(2)? as u64,
        at: Timestamp::from_unix_ms(row.get(3)?),
        actor,
        event,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_audit_log_is_read_through_its_index() {
        let mut conn = Connection::open_in_memory().unwrap();
        super::super::migrations::migrate(&mut conn).unwrap();
        let sql = format!("EXPLAIN QUERY PLAN {} position > 0", acts_of_any_position());
        let plan: String = conn.query_row(&sql, (), |row| row.get(3)).unwrap();
        assert!(plan.contains("events_acts"), "{plan}");
    }
}
