//! Work that an erasure leaves for a quiet hour.
//!
//! What is erased is overwritten at once (`secure_delete`) and leaves the write-ahead log at once
//! (a checkpoint). But when SQLite once moved a row to another page, to balance a tree, the old
//! page may keep a copy of it in its unused space, where no later deletion finds it. Only a
//! `VACUUM`, which writes the whole file anew, is sure to leave none. It is as long as the file
//! is large, so it is done once a day at most.

use rusqlite::{Connection, OptionalExtension, params};
use siskin_domain::Timestamp;

use crate::storage::StoreError;

/// How long copies of erased rows may stay in the unused space of the file.
const AFTER_MS: i64 = 24 * 60 * 60 * 1000;

/// Notes, in the transaction that erases, that the file is to be written anew.
pub(super) fn vacuum_later(conn: &Connection, at: Timestamp) -> Result<(), StoreError> {
    conn.prepare_cached("INSERT OR IGNORE INTO chores (name, since) VALUES ('vacuum', ?1)")?
        .execute([at.unix_ms()])?;
    Ok(())
}

/// Whether it is time to write the file anew.
pub(super) fn vacuum_is_due(conn: &Connection, now: Timestamp) -> Result<bool, StoreError> {
    // What is noted for later than now was noted by a clock that has been set back.
    let sql = "SELECT true FROM chores
               WHERE name IN ('vacuum', 'vacuuming') AND NOT since BETWEEN ?1 + 1 AND ?2 LIMIT 1";
    let (before, now) = (now.unix_ms() - AFTER_MS, now.unix_ms());
    let due = conn.query_row(sql, params![before, now], |row| row.get(0));
    Ok(due.optional()?.unwrap_or(false))
}

/// Writes the file anew. Readers go on meanwhile, writers wait.
///
/// The note gets another name first, so that what another process erases between the writing and the
/// removal of the note has a note of its own. If a killed process has left one of that name, both
/// stay as they are and the file is written once more than it need be.
pub(super) fn vacuum(conn: &Connection) -> Result<u64, StoreError> {
    conn.execute("UPDATE OR IGNORE chores SET name = 'vacuuming' WHERE name = 'vacuum'", ())?;
    let since = "SELECT since FROM chores WHERE name = 'vacuuming'";
    let since: Option<i64> = conn.query_row(since, (), |row| row.get(0)).optional()?;
    // As large as the file, so not in memory; SQLite's temporary files have no name.
    conn.pragma_update(None, "temp_store", "FILE")?;
    let done = conn.execute_batch("VACUUM");
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    done?;
    conn.execute("DELETE FROM chores WHERE name = 'vacuuming' AND since = ?1", [since])?;
    // A reader may keep it from being complete; the next checkpoint will be.
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))?;
    Ok(0)
}
