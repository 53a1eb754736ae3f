//! Rows as values.

use rusqlite::{Connection, Params, Row};
use siskin_domain::{Id, Timestamp, wire};

use crate::storage::StoreError;

/// Every row that a statement finds.
pub(super) fn all<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut select = conn.prepare_cached(sql)?;
    let mut rows = select.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// The first row that a statement finds.
pub(super) fn one<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let mut select = conn.prepare_cached(sql)?;
    let mut rows = select.query(params)?;
    rows.next()?.map(read).transpose()
}

/// An id from a column.
pub(super) fn id<K>(row: &Row<'_>, index: usize) -> Result<Id<K>, StoreError> {
    Id::new(row.get::<_, i64>(index)? as u64)
        .map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// A time from a column.
pub(super) fn time(row: &Row<'_>, index: usize) -> Result<Timestamp, StoreError> {
    Ok(Timestamp::from_unix_ms(row.get(index)?))
}

/// A value from a column of words.
pub(super) fn word<T: std::str::FromStr>(row: &Row<'_>, index: usize) -> Result<T, StoreError> {
    let text: String = row.get(index)?;
    text.parse().map_err(|_| StoreError::Corrupt(format!("a row with the word {text:?}")))
}

/// A user from `id, username, name, bio, created_at, tweets_count, version, email, role`.
pub(super) fn user(row: &Row<'_>) -> Result<wire::User, StoreError> {
    Ok(wire::User {
        id: id(row, 0)?,
        username: row.get(1)?,
        name: row.get(2)?,
        bio: row.get(3)?,
        created_at: time(row, 4)?,
        tweets_count: row.get::<_, i64>(5)? as u64,
        version: row.get::<_, i64>(6)? as u64,
        email: row.get(7)?,
        role: Some(word(row, 8)?),
    })
}

/// A tweet from `t.id, u.username, u.name, t.body, t.at`.
pub(super) fn tweet(row: &Row<'_>) -> Result<wire::Tweet, StoreError> {
    Ok(wire::Tweet {
        id: id(row, 0)?,
        tweetedby: row.get(1)?,
        name: row.get(2)?,
        body: row.get(3)?,
        timestamp: time(row, 4)?,
    })
}
