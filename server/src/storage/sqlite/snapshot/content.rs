//! The SHA-256 of all that is in a database, whatever pages it lies in.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error};
use sha2::{Digest as _, Sha256};

use super::Snapshot;

/// Hashes what a copy says of itself, every definition, and every row of every table by its key,
/// but for the table with this very hash.
pub(super) fn hash(conn: &Connection, about: &Snapshot) -> Result<[u8; 32], Error> {
    let mut hash = Content(Sha256::new());
    hash.text(&about.software);
    hash.number(about.created_at.unix_ms());
    hash.number(about.position.0 as i64);
    for pragma in ["application_id", "user_version"] {
        hash.number(conn.query_row(&format!("PRAGMA {pragma}"), (), |row| row.get(0))?);
    }
    let mut tables = Vec::new();
    let mut select = conn.prepare(
        "SELECT type, name, sql FROM sqlite_schema
         WHERE sql IS NOT NULL AND name <> 'siskin_backup' ORDER BY name",
    )?;
    let mut rows = select.query(())?;
    while let Some(row) = rows.next()? {
        let (kind, name, sql): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        hash.text(&name);
        hash.text(&sql);
        if kind == "table" {
            tables.push(name);
        }
    }
    for table in tables {
        // Every table's first column is its key.
        let name = table.replace('"', "\"\"");
        let mut select = conn.prepare(&format!("SELECT * FROM \"{name}\" ORDER BY 1"))?;
        let columns = select.column_count();
        let mut rows = select.query(())?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                hash.value(row.get_ref(column)?);
            }
        }
    }
    Ok(hash.0.finalize().into())
}

struct Content(Sha256);

impl Content {
    fn text(&mut self, text: &str) {
        self.bytes(b't', text.as_bytes());
    }

    fn number(&mut self, number: i64) {
        self.bytes(b'i', &number.to_be_bytes());
    }

    fn value(&mut self, value: ValueRef<'_>) {
        match value {
            ValueRef::Null => self.bytes(b'n', &[]),
            ValueRef::Integer(number) => self.number(number),
            ValueRef::Real(number) => self.bytes(b'r', &number.to_be_bytes()),
            ValueRef::Text(text) => self.bytes(b't', text),
            ValueRef::Blob(blob) => self.bytes(b'b', blob),
        }
    }

    /// Which kind, how long, what: nothing reads as something else.
    fn bytes(&mut self, kind: u8, bytes: &[u8]) {
        self.0.update([kind]);
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }
}
