//! Reports, measures in force, and the audit log.

use async_trait::async_trait;
use mongodb::bson::doc;
use siskin_domain::moderation::Standing;
use siskin_domain::{Recorded, ReportId, TweetId, UserId};

use super::MongoStore;
use super::documents::{EventDoc, ReportDoc, id, long};
use super::read_models::{list, list_by};
use crate::storage::{Moderation, Page, Report, StoreError};

#[async_trait]
impl Moderation for MongoStore {
    async fn acts(&self, page: Page) -> Result<Vec<Recorded>, StoreError> {
        self.db
            .patiently(async {
                let mut session = self.db.session().await?;
                // What has no such field is no act, and is not in the sparse index.
                let acts = doc! { "act": { "$exists": true } };
                let acts = list_by(&self.db.events, &mut session, page, acts, "act").await?;
                acts.into_iter().map(EventDoc::recorded).collect()
            })
            .await
    }

    async fn list_reports(&self, open: bool, page: Page) -> Result<Vec<Report>, StoreError> {
        let state = if open {
            doc! { "open": true }
        } else {
            doc! { "open": { "$exists": false } }
        };
        self.db
            .patiently(async {
                let mut session = self.db.session().await?;
                let reports = list(&self.db.reports, &mut session, page, state).await?;
                reports.into_iter().map(ReportDoc::report).collect()
            })
            .await
    }

    async fn find_report(&self, id: ReportId) -> Result<Option<Report>, StoreError> {
        self.db
            .patiently(async {
                let mut session = self.db.session().await?;
                let find = self.db.reports.find_one(doc! { "_id": long(id) });
                find.session(&mut session).await?.map(ReportDoc::report).transpose()
            })
            .await
    }

    async fn list_standings(&self, page: Page) -> Result<Vec<(UserId, Standing)>, StoreError> {
        let moderated = doc! { "standing": { "$exists": true } };
        self.db
            .patiently(async {
                let mut session = self.db.session().await?;
                let users = list(&self.db.users, &mut session, page, moderated).await?;
                users.into_iter().map(|user| Ok((id(user.id)?, user.standing()))).collect()
            })
            .await
    }

    async fn list_hidden(&self, page: Page) -> Result<Vec<TweetId>, StoreError> {
        self.db
            .patiently(async {
                let mut session = self.db.session().await?;
                let hidden = doc! { "hidden": true };
                let tweets = list(&self.db.tweets, &mut session, page, hidden).await?;
                tweets.into_iter().map(|tweet| id(tweet.id)).collect()
            })
            .await
    }

    async fn reports_by(&self, reporter: UserId, page: Page) -> Result<Vec<Report>, StoreError> {
        let theirs = doc! { "reporter": long(reporter) };
        self.db
            .patiently(async {
                let mut session = self.db.session().await?;
                let reports = list(&self.db.reports, &mut session, page, theirs).await?;
                reports.into_iter().map(ReportDoc::report).collect()
            })
            .await
    }

    async fn hidden_of(&self, author: UserId, page: Page) -> Result<Vec<TweetId>, StoreError> {
        let theirs = doc! { "hidden": true, "tweetedby": long(author) };
        self.db
            .patiently(async {
                let mut session = self.db.session().await?;
                let tweets = list(&self.db.tweets, &mut session, page, theirs).await?;
                tweets.into_iter().map(|tweet| id(tweet.id)).collect()
            })
            .await
    }
}
