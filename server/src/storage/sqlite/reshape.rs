//! Projections made anew beside the live ones while the store is read and written, then put in their
//! place: after an upgrade that changed what they hold, and when an operator asks for it.
//!
//! A migration gives the live tables their new columns, with defaults, so that this version's
//! queries can read them at once; what the columns should say comes from here. Events are read in
//! small portions, each a short transaction that also notes how far it came. So a killed server goes on
//! where it was, and it does no harm if two processes do it at once. The last portion and the
//! exchange of the tables are one transaction; the old rows go afterwards, again in portions.

use rusqlite::{Connection, OptionalExtension as _, params};
use siskin_domain::{Position, Recorded};

use super::projection::{NEXT, project};
use super::{SqliteStore, log, rows};
use crate::storage::{PROJECTED, StoreError};

/// The projections, as their tables are called.
const TABLES: [&str; 3] = ["users", "tweets", "reports"];
/// So many events, or old rows, are one short transaction: a few milliseconds for the writers that
/// wait behind it.
const PORTION: usize = 1000;
/// So often it is begun again when another process has thrown away what was made.
const ATTEMPTS: usize = 8;
/// The mark of tables that nobody has made yet, older than every shape.
const NO_SHAPE: i64 = 0;

impl SqliteStore {
    /// Makes the projections anew if they are of another shape than this version's.
    pub(super) async fn reshape(&self) -> Result<u64, StoreError> {
        let events = self.until_of_today().await?;
        self.drop_old().await?;
        Ok(events)
    }

    /// Makes the projections anew, whatever they are; returns how many events were read.
    pub(super) async fn rebuild(&self) -> Result<u64, StoreError> {
        self.writer.alone(|conn| in_transaction(conn, discard)).await?;
        let events = self.until_of_today().await?;
        self.drop_old().await?;
        Ok(events)
    }

    /// Makes the projections anew until they are of this version's shape: a rebuild that another process
    /// begins throws away what is being made here, and may end before it has made any.
    async fn until_of_today(&self) -> Result<u64, StoreError> {
        let mut events = 0;
        for _ in 0..ATTEMPTS {
            if self.readers.read(is_of_today).await? {
                return Ok(events);
            }
            events = self.build_and_exchange().await?;
        }
        if self.readers.read(is_of_today).await? {
            return Ok(events);
        }
        let why = "other processes make the projections anew again and again";
        Err(StoreError::Unavailable(why.to_owned()))
    }

    async fn build_and_exchange(&self) -> Result<u64, StoreError> {
        // What an exchange before this one has left would be in its way.
        self.drop_old().await?;
        self.writer.alone(|conn| in_transaction(conn, begin)).await?;
        loop {
            let next = self.readers.read(|conn| {
                let state = state(conn)?;
                if !state.is_building() {
                    return Ok(None);
                }
                Ok(Some((state.position, log::read_all(conn, state.position, PORTION)?)))
            });
            // Nothing is being built if somebody else ended it meanwhile.
            let Some((from, events)) = next.await? else { break };
            if events.len() < PORTION {
                break;
            }
            self.writer.write(move |conn| advance(conn, from, &events)).await?;
        }
        self.writer.alone(|conn| in_transaction(conn, exchange)).await
    }

    /// Deletes, a portion at a time, what an exchange has left.
    async fn drop_old(&self) -> Result<(), StoreError> {
        for table in TABLES {
            let old = format!("old_{table}");
            let name = old.clone();
            if !self.readers.read(move |conn| Ok(definition(conn, &name)?.is_some())).await? {
                continue;
            }
            loop {
                let old = old.clone();
                if self.writer.write(move |conn| delete_some(conn, &old)).await? == 0 {
                    break;
                }
            }
            self.writer.write(move |conn| drop_table(conn, &old)).await?;
        }
        Ok(())
    }
}

/// Drops what is being made, or was left by an exchange, in a copy of a store: nobody would go on with it,
/// and it may hold what has been erased.
pub(super) fn drop_unfinished(conn: &Connection) -> Result<(), rusqlite::Error> {
    for table in TABLES {
        conn.execute_batch(&format!(
            "DROP TABLE IF EXISTS next_{table}; DROP TABLE IF EXISTS old_{table};"
        ))?;
    }
    let marks = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'projected'";
    if conn.prepare(marks)?.exists(())? {
        let forget =
            "UPDATE projected SET building = NULL, position = 0 WHERE building IS NOT NULL";
        conn.execute(forget, ())?;
    }
    Ok(())
}

/// How many events the tables lack that are being made in the place of those of an earlier shape.
pub(super) fn behind(conn: &Connection, end: Position) -> Result<u64, StoreError> {
    let state = state(conn)?;
    Ok(if state.is_of_today() { 0 } else { end.0.saturating_sub(state.position.0) })
}

/// The one row of `projected`.
struct State {
    shape: i64,
    building: Option<i64>,
    position: Position,
}

impl State {
    /// Are the live tables of the shape that this version makes?
    fn is_of_today(&self) -> bool {
        self.shape >= PROJECTED
    }

    /// Are tables of this version's shape being made beside the live ones?
    fn is_building(&self) -> bool {
        self.building == Some(PROJECTED)
    }
}

/// Are the projections of the shape that this version makes?
pub(super) fn is_of_today(conn: &Connection) -> Result<bool, StoreError> {
    Ok(state(conn)?.is_of_today())
}

fn state(conn: &Connection) -> Result<State, StoreError> {
    let mut select = conn.prepare_cached("SELECT shape, building, position FROM projected")?;
    Ok(select.query_row((), |row| {
        let position = Position(row.get::<_, i64>(2)? as u64);
        Ok(State { shape: row.get(0)?, building: row.get(1)?, position })
    })?)
}

/// Runs `work` in a transaction of its own; one that fails is rolled back by the writer.
fn in_transaction(
    conn: &Connection,
    work: impl FnOnce(&Connection) -> Result<u64, StoreError>,
) -> Result<u64, StoreError> {
    conn.execute_batch("BEGIN IMMEDIATE")?;
    let done = work(conn)?;
    conn.execute_batch("COMMIT")?;
    Ok(done)
}

fn drop_table(conn: &Connection, table: &str) -> Result<u64, StoreError> {
    Ok(conn.execute(&format!("DROP TABLE IF EXISTS {table}"), ())? as u64)
}

/// Deletes a portion of what an exchange has left; returns how many rows, none if somebody else has
/// dropped the table meanwhile.
fn delete_some(conn: &Connection, old: &str) -> Result<u64, StoreError> {
    if definition(conn, old)?.is_none() {
        return Ok(0);
    }
    let some = format!("DELETE FROM {old} WHERE id IN (SELECT id FROM {old} LIMIT {PORTION})");
    Ok(conn.execute(&some, ())? as u64)
}

/// Forgets what was made beside, and that the live tables were good.
fn discard(conn: &Connection) -> Result<u64, StoreError> {
    for table in TABLES {
        drop_table(conn, &format!("next_{table}"))?;
    }
    let forget = "UPDATE projected SET shape = ?1, building = NULL, position = 0";
    Ok(conn.execute(forget, [NO_SHAPE])? as u64)
}

/// Makes empty tables beside the live ones, unless there are such that this can go on with, or
/// somebody else has made the live ones anew meanwhile.
fn begin(conn: &Connection) -> Result<u64, StoreError> {
    let state = state(conn)?;
    if state.is_of_today() {
        return Ok(0);
    }
    let mut same = state.is_building();
    for table in TABLES {
        same = same && definition(conn, &format!("next_{table}"))? == Some(next(conn, table)?);
    }
    if same {
        return Ok(0);
    }
    discard(conn)?;
    for table in TABLES {
        // Somebody else may not be through with what an exchange meanwhile has left, whose indexes
        // have the names that these want.
        drop_table(conn, &format!("old_{table}"))?;
        conn.execute_batch(&next(conn, table)?)?;
        for index in indexes(conn, table)? {
            conn.execute_batch(&index)?;
        }
    }
    Ok(conn.execute("UPDATE projected SET building = ?1, position = 0", [PROJECTED])? as u64)
}

/// Projects events that follow on `from`, unless somebody else has done so meanwhile.
fn advance(conn: &Connection, from: Position, events: &[Recorded]) -> Result<u64, StoreError> {
    let state = state(conn)?;
    if !state.is_building() || state.position != from {
        return Ok(0);
    }
    for event in events {
        project(conn, &NEXT, event)?;
    }
    let Some(last) = events.last() else { return Ok(0) };
    let note = "UPDATE projected SET position = ?1";
    conn.prepare_cached(note)?.execute([last.position.0 as i64])?;
    Ok(events.len() as u64)
}

/// Projects what is left and puts the new tables in the place of the live ones.
fn exchange(conn: &Connection) -> Result<u64, StoreError> {
    let before = state(conn)?;
    if !before.is_building() {
        // Somebody else was quicker.
        return Ok(before.position.0);
    }
    loop {
        let from = state(conn)?.position;
        if advance(conn, from, &log::read_all(conn, from, PORTION)?)? == 0 {
            break;
        }
    }
    for table in TABLES {
        conn.execute_batch(&format!(
            "ALTER TABLE {table} RENAME TO old_{table}; ALTER TABLE next_{table} RENAME TO {table};"
        ))?;
    }
    conn.execute("UPDATE projected SET shape = ?1, building = NULL", params![PROJECTED])?;
    Ok(state(conn)?.position.0)
}

/// The statement that makes the table next to a live one.
fn next(conn: &Connection, table: &str) -> Result<String, StoreError> {
    let live = definition(conn, table)?
        .ok_or_else(|| StoreError::Corrupt(format!("the table {table} is missing")))?;
    // SQLite writes a renamed table's name in quotes, the migration's author did not.
    let (_, columns) = live
        .split_once('(')
        .ok_or_else(|| StoreError::Corrupt(format!("the table {table} has no columns")))?;
    Ok(format!("CREATE TABLE next_{table} ({columns}"))
}

/// The statement that made a table.
fn definition(conn: &Connection, table: &str) -> Result<Option<String>, StoreError> {
    let sql = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1";
    Ok(conn.query_row(sql, [table], |row| row.get(0)).optional()?)
}

/// The statements that make a live table's indexes on the one next to it. Two indexes can't share a
/// name and none can be renamed, so names end with `_a` and `_b` in turns.
fn indexes(conn: &Connection, table: &str) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT name, sql FROM sqlite_schema
               WHERE type = 'index' AND tbl_name = ?1 AND sql IS NOT NULL";
    let live = rows::all(conn, sql, [table], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    })?;
    let mut made = Vec::new();
    for (name, sql) in live {
        let other = match name.strip_suffix("_a") {
            Some(base) => format!("{base}_b"),
            None => format!("{}_a", name.strip_suffix("_b").unwrap_or(&name)),
        };
        let (_, on) = sql
            .split_once('(')
            .ok_or_else(|| StoreError::Corrupt(format!("the index {name} has no columns")))?;
        made.push(format!("CREATE INDEX {other} ON next_{table} ({on}"));
    }
    Ok(made)
}
