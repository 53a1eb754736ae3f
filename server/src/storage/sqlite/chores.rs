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
    let sql = "SELECT true FROM chores WHERE name = 'vacuum' AND since <= ?1";
    let due = conn.query_row(sql, params![now.unix_ms() - AFTER_MS], |row| row.get(0));
    Ok(due.optional()?.unwrap_or(false))
}

/// Writes the file anew. Readers go on meanwhile, writers wait.
pub(super) fn vacuum(conn: &Connection) -> Result<u64, StoreError> {
    // As large as the file, so not in memory; SQLite's temporary files have no name.
    conn.pragma_update(None, "temp_store", "FILE")?;
    let done = conn.execute_batch("VACUUM; DELETE FROM chores WHERE name = 'vacuum';");
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    done?;
    // A reader may keep it from being complete; the next checkpoint will be.
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))?;
    Ok(0)
}
