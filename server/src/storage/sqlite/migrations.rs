//! The schema grows forward only, by numbered files, when a store is opened.

use rusqlite::{Connection, TransactionBehavior};

use crate::storage::StoreError;

/// The n-th file takes a database from `user_version` n-1 to n. Files are never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_initial.sql"),
    include_str!("migrations/0002_relays.sql"),
    include_str!("migrations/0003_nodes.sql"),
    include_str!("migrations/0004_sessions.sql"),
    include_str!("migrations/0005_proofs.sql"),
    include_str!("migrations/0006_moderation.sql"),
    include_str!("migrations/0007_projected.sql"),
    include_str!("migrations/0008_acts.sql"),
];

/// "SISK": tells our files from other SQLite databases.
pub(super) const APPLICATION_ID: i64 = 0x5349_534B;

/// The number of this version's schema.
pub(super) const fn newest() -> i64 {
    MIGRATIONS.len() as i64
}

/// Brings a database to the schema of this version, in one transaction.
///
/// # Errors
/// [`StoreError::Corrupt`] for a database that a newer version made, or another program.
pub(super) fn migrate(conn: &mut Connection) -> Result<(), StoreError> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = tx.query_row("PRAGMA user_version", (), |row| row.get(0))?;
    let known = MIGRATIONS.len() as i64;
    if found > known {
        return Err(StoreError::Corrupt(format!(
            "the database was made by a newer version of siskin \
             (schema {found}; this version knows up to {known})"
        )));
    }
    let tables: i64 = tx.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    let owner: i64 = tx.query_row("PRAGMA application_id", (), |row| row.get(0))?;
    if owner != APPLICATION_ID && (owner != 0 || tables != 0) {
        return Err(StoreError::Corrupt("the database belongs to another program".to_owned()));
    }
    for (number, sql) in (1..).zip(MIGRATIONS).skip(found as usize) {
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "user_version", number)?;
        tracing::info!(schema = number, "migrated the database");
    }
    if owner == 0 {
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    tx.commit()?;
    Ok(())
}
