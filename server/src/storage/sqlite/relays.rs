//! Relays: who sends the log to the outside, and how far it has come.

use rusqlite::{Connection, params};
use siskin_domain::{Position, Timestamp};

use super::rows;
use crate::storage::shared::latest_end;
use crate::storage::{Holder, StoreError};

/// Becomes, or stays, the holder of a relay; 0 rows while another one has it.
pub(super) fn take(
    conn: &Connection,
    name: &str,
    holder: Holder,
    now: Timestamp,
    until: Timestamp,
) -> Result<u64, StoreError> {
    let sql = "INSERT INTO relays (name, holder, until, position) VALUES (?1, ?2, ?4, 0)
               ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
               WHERE holder = excluded.holder OR until <= ?3 OR until > ?5";
    // Nothing is later than none.
    let latest = latest_end(now, until).map(Timestamp::unix_ms);
    let params = params![name, holder.0, now.unix_ms(), until.unix_ms(), latest];
    Ok(conn.prepare_cached(sql)?.execute(params)? as u64)
}

/// How far a relay has come.
pub(super) fn position(conn: &Connection, name: &str) -> Result<Option<Position>, StoreError> {
    let sql = "SELECT position FROM relays WHERE name = ?1";
    rows::one(conn, sql, [name], |row| Ok(Position(row.get::<_, i64>(0)? as u64)))
}

/// Moves a relay's checkpoint forward, never back; 0 rows if another one has the relay.
pub(super) fn advance(
    conn: &Connection,
    name: &str,
    holder: Holder,
    to: Position,
) -> Result<u64, StoreError> {
    let sql = "UPDATE relays SET position = max(position, ?3) WHERE name = ?1 AND holder = ?2";
    Ok(conn.prepare_cached(sql)?.execute(params![name, holder.0, to.0 as i64])? as u64)
}
