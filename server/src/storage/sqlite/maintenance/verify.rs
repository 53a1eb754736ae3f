//! Builds the projections beside the live ones, and compares them row for row.

use rusqlite::Connection;

use super::super::projection::{BESIDE, project};
use super::super::{log, rows};
use crate::storage::{Difference, StoreError, Verification};

/// The projections, and the columns besides `id` that are compared.
const TABLES: [(&str, &[&str]); 3] = [
    (
        "users",
        &[
            "username",
            "email",
            "name",
            "bio",
            "role",
            "created_at",
            "tweets_count",
            "version",
            "warned",
            "silenced",
            "suspended",
        ],
    ),
    ("tweets", &["author", "body", "at", "hidden"]),
    ("reports", &["reporter", "about", "tweet", "at", "resolved_at", "resolved_by"]),
];

/// Compares, in one read transaction: the log and the tables of the same moment.
pub(in crate::storage::sqlite) fn verify(conn: &Connection) -> Result<Verification, StoreError> {
    // As large as the projections themselves, so in a file that has no name.
    conn.pragma_update(None, "temp_store", "FILE")?;
    conn.execute_batch("BEGIN")?;
    for (table, _) in TABLES {
        conn.execute_batch(&beside(conn, table)?)?;
    }
    let events = log::replay(conn, |event| project(conn, &BESIDE, event).map(drop))?;
    let mut verification = Verification { events, ..Verification::default() };
    for (table, columns) in TABLES {
        let count = format!("SELECT count(*) FROM temp.{table}");
        verification.rows += conn.query_row(&count, (), |row| row.get::<_, i64>(0))? as u64;
        verification.differences.extend(differences(conn, table, columns)?);
    }
    Ok(verification)
}

/// The live table's own definition, for a temporary one of the same shape.
fn beside(conn: &Connection, table: &str) -> Result<String, StoreError> {
    let sql = "SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = ?1";
    let sql: String = conn.query_row(sql, [table], |row| row.get(0))?;
    Ok(sql.replacen("CREATE TABLE", "CREATE TEMP TABLE", 1))
}

/// What is missing from the live table, what it has too much, and what differs.
fn differences(
    conn: &Connection,
    table: &'static str,
    columns: &[&str],
) -> Result<Vec<Difference>, StoreError> {
    let same: Vec<String> = columns.iter().map(|c| format!("live.{c} IS made.{c}")).collect();
    let sql = format!(
        "SELECT coalesce(live.id, made.id), live.id IS NULL, made.id IS NULL, {}
         FROM main.{table} live FULL JOIN temp.{table} made ON live.id = made.id
         WHERE live.id IS NULL OR made.id IS NULL OR NOT ({})
         ORDER BY 1",
        same.join(", "),
        same.join(" AND "),
    );
    rows::all(conn, &sql, (), |row| {
        let key = row.get::<_, i64>(0)?.to_string();
        let what = if row.get(1)? {
            "is missing".to_owned()
        } else if row.get(2)? {
            "is not in the log".to_owned()
        } else {
            let mut differing = Vec::new();
            for (index, column) in columns.iter().enumerate() {
                if !row.get::<_, bool>(3 + index)? {
                    differing.push(*column);
                }
            }
            format!("differs in {}", differing.join(", "))
        };
        Ok(Difference { projection: table, key, what })
    })
}
