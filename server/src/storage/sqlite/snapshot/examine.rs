//! Reading a copy: what it says of itself, and whether that is so.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags};
use siskin_domain::{Position, Timestamp};

use super::{FORMAT, Snapshot, SnapshotError, Stop, content, open, ours, trouble, unwell};

/// What a copy says of itself. Costs next to nothing, and believes it.
///
/// # Errors
/// [`SnapshotError::NotABackup`] for any other database; [`SnapshotError::Damaged`] for what can't
/// be read.
pub fn about(file: &Path) -> Result<Snapshot, SnapshotError> {
    let conn = reader(file, &Stop::default())?;
    read(&conn).map(|(snapshot, _)| snapshot)
}

/// Reads a copy from end to end.
///
/// # Errors
/// As [`about`], and [`SnapshotError::Damaged`] if anything in it is not as it was written.
pub fn examine(file: &Path, stop: &Stop) -> Result<Snapshot, SnapshotError> {
    let wrong = |error| trouble(error, SnapshotError::Damaged);
    let conn = reader(file, stop)?;
    let (snapshot, written) = read(&conn)?;
    ours(&conn).map_err(wrong)??;
    if let Some(what) = unwell(&conn).map_err(wrong)? {
        return Err(SnapshotError::Damaged(what));
    }
    if content::hash(&conn, &snapshot).map_err(wrong)? != written {
        let what = "its SHA-256 is not that of what is in it";
        return Err(SnapshotError::Damaged(what.to_owned()));
    }
    Ok(snapshot)
}

fn reader(file: &Path, stop: &Stop) -> Result<Connection, SnapshotError> {
    open(file, OpenFlags::SQLITE_OPEN_READ_ONLY, stop)
        .map_err(|error| trouble(error, SnapshotError::Damaged))
}

fn read(conn: &Connection) -> Result<(Snapshot, [u8; 32]), SnapshotError> {
    let wrong = |error| trouble(error, SnapshotError::Damaged);
    let marked = "SELECT count(*) FROM sqlite_schema WHERE name = 'siskin_backup'";
    let marked: i64 = conn.query_row(marked, (), |row| row.get(0)).map_err(wrong)?;
    if marked == 0 {
        return Err(SnapshotError::NotABackup);
    }
    let format: i64 =
        conn.query_row("SELECT format FROM siskin_backup", (), |row| row.get(0)).map_err(wrong)?;
    if format != FORMAT {
        return Err(SnapshotError::Newer(format));
    }
    let sql = "SELECT software, created_at, position, content FROM siskin_backup";
    conn.query_row(sql, (), |row| {
        let snapshot = Snapshot {
            software: row.get(0)?,
            created_at: Timestamp::from_unix_ms(row.get(1)?),
            position: Position(row.get::<_, i64>(2)? as u64),
        };
        Ok((snapshot, row.get(3)?))
    })
    .map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => SnapshotError::Stopped,
        _ => SnapshotError::Damaged(error.to_string()),
    })
}
