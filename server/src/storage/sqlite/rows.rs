//! Rows as values.

use rusqlite::{Connection, Params, Row, ToSql};
use siskin_domain::moderation::Standing;
use siskin_domain::{Id, Timestamp, wire};

use crate::storage::{Page, StoreError};

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

/// A page of a list, newest first. `select` ends where conditions on `id` may follow; its own
/// parameters are `?4` and on.
pub(super) fn page<T>(
    conn: &Connection,
    select: &str,
    id: &str,
    page: Page,
    own: &[&dyn ToSql],
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let upward = page.after.is_some() && page.before.is_none();
    let order = if upward { "ASC" } else { "DESC" };
    let sql = format!("{select} {id} > ?1 AND {id} < ?2 ORDER BY {id} {order} LIMIT ?3");
    let bound = |id: u64| i64::try_from(id).unwrap_or(i64::MAX);
    let above = bound(page.after.unwrap_or(0));
    let below = bound(page.before.unwrap_or(u64::MAX));
    let mut params: Vec<&dyn ToSql> = vec![&above, &below, &page.limit];
    params.extend(own);
    let mut found = all(conn, &sql, &params[..], read)?;
    if upward {
        found.reverse();
    }
    Ok(found)
}

/// What a column holds that may be empty.
pub(super) fn maybe<T>(
    row: &Row<'_>,
    index: usize,
    read: impl Fn(&Row<'_>, usize) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let there = row.get_ref(index)? != rusqlite::types::ValueRef::Null;
    there.then(|| read(row, index)).transpose()
}

/// The measures in force from three columns: warned, silenced, suspended.
pub(super) fn standing(row: &Row<'_>, first: usize) -> Result<Standing, StoreError> {
    Ok(Standing {
        warned: row.get(first)?,
        silenced: row.get(first + 1)?,
        suspended: row.get(first + 2)?,
    })
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
