//! Reports, measures in force, and the audit log.

use async_trait::async_trait;
use rusqlite::{Connection, Row};
use siskin_domain::moderation::{Filing, Standing};
use siskin_domain::{Recorded, ReportId, StreamId, TweetId, UserId};

use super::{SqliteStore, log, rows};
use crate::storage::{Moderation, Page, Report, StoreError};

const REPORT: &str =
    "SELECT id, reporter, about, tweet, at, resolved_at, resolved_by FROM reports WHERE ";

#[async_trait]
impl Moderation for SqliteStore {
    async fn acts(&self, page: Page) -> Result<Vec<Recorded>, StoreError> {
        self.readers.read(move |conn| log::acts(conn, page)).await
    }

    async fn list_reports(&self, open: bool, page: Page) -> Result<Vec<Report>, StoreError> {
        let state = if open { "resolved_at IS NULL" } else { "resolved_at IS NOT NULL" };
        let select = format!("{REPORT} {state} AND ");
        self.readers.read(move |conn| rows::page(conn, &select, "id", page, &[], report)).await
    }

    async fn find_report(&self, id: ReportId) -> Result<Option<Report>, StoreError> {
        let (sql, id) = (format!("{REPORT} id = ?1"), id.get() as i64);
        self.readers.read(move |conn| rows::one(conn, &sql, [id], report)).await
    }

    async fn list_standings(&self, page: Page) -> Result<Vec<(UserId, Standing)>, StoreError> {
        let select = "SELECT id, warned, silenced, suspended FROM users
                      WHERE warned + silenced + suspended > 0 AND ";
        let read = |row: &Row<'_>| Ok((rows::id(row, 0)?, rows::standing(row, 1)?));
        self.readers.read(move |conn| rows::page(conn, select, "id", page, &[], read)).await
    }

    async fn list_hidden(&self, page: Page) -> Result<Vec<TweetId>, StoreError> {
        let select = "SELECT id FROM tweets WHERE hidden = 1 AND ";
        let read = |row: &Row<'_>| rows::id(row, 0);
        self.readers.read(move |conn| rows::page(conn, select, "id", page, &[], read)).await
    }

    async fn reports_by(&self, reporter: UserId, page: Page) -> Result<Vec<Report>, StoreError> {
        let (select, reporter) = (format!("{REPORT} reporter = ?4 AND "), reporter.get() as i64);
        self.readers
            .read(move |conn| rows::page(conn, &select, "id", page, &[&reporter], report))
            .await
    }

    async fn hidden_of(&self, author: UserId, page: Page) -> Result<Vec<TweetId>, StoreError> {
        let select = "SELECT id FROM tweets WHERE hidden = 1 AND author = ?4 AND ";
        let (read, author) = (|row: &Row<'_>| rows::id(row, 0), author.get() as i64);
        self.readers.read(move |conn| rows::page(conn, select, "id", page, &[&author], read)).await
    }
}

fn report(row: &Row<'_>) -> Result<Report, StoreError> {
    Ok(Report {
        id: rows::id(row, 0)?,
        filing: Filing {
            by: rows::id(row, 1)?,
            about: rows::id(row, 2)?,
            tweet: rows::maybe(row, 3, rows::id)?,
        },
        at: rows::time(row, 4)?,
        resolved_at: rows::maybe(row, 5, rows::time)?,
        resolved_by: rows::maybe(row, 6, rows::id)?,
    })
}

/// Forgets the reasons in what moderators have done about a user, and in reports by and about
/// them.
pub(super) fn erase(conn: &Connection, user: UserId) -> Result<(), StoreError> {
    log::erase(conn, StreamId::Moderation(user))?;
    let sql = "SELECT id FROM reports WHERE reporter = ?1 OR about = ?1";
    let reports = rows::all(conn, sql, [user.get() as i64], |row| rows::id(row, 0))?;
    reports.into_iter().try_for_each(|report| log::erase(conn, StreamId::Report(report)))
}
