//! What is kept beside the log: credentials and answers.
//!
//! Who somebody is, is asked at the primary, whatever the address prefers for queries.

use async_trait::async_trait;
use mongodb::bson::doc;
use siskin_domain::{Timestamp, UserId};

use super::MongoStore;
use super::db::primary;
use super::documents::{AnswerDoc, bytes, date, id, long};
use super::error::is_duplicate;
use crate::storage::{Answer, AnswerKey, Answers, Credential, Credentials, StoreError};

#[async_trait]
impl Credentials for MongoStore {
    async fn find_credential(&self, login: &str) -> Result<Option<Credential>, StoreError> {
        let field = if login.contains('@') { "email" } else { "username" };
        let filter = doc! { field: login.trim().to_lowercase() };
        self.db
            .patiently(async {
                let user = self.db.users.find_one(filter).selection_criteria(primary()).await?;
                match user {
                    Some(user) => self.credential(id(user.id)?).await,
                    None => Ok(None),
                }
            })
            .await
    }

    async fn credential_of(&self, user: UserId) -> Result<Option<Credential>, StoreError> {
        self.db.patiently(self.credential(user)).await
    }
}

impl MongoStore {
    async fn credential(&self, user: UserId) -> Result<Option<Credential>, StoreError> {
        let find = self.db.credentials.find_one(doc! { "_id": long(user) });
        let found = find.selection_criteria(primary()).await?;
        found.map(super::documents::CredentialDoc::credential).transpose()
    }
}

#[async_trait]
impl Answers for MongoStore {
    async fn find_answer(
        &self,
        key: &AnswerKey,
        now: Timestamp,
    ) -> Result<Option<Answer>, StoreError> {
        let filter = doc! { "_id": bytes(&key.0), "expires_at": { "$gt": date(now) } };
        self.db
            .patiently(async {
                let find = self.db.answers.find_one(filter).selection_criteria(primary());
                find.await?.map(AnswerDoc::answer).transpose()
            })
            .await
    }

    async fn remember_answer(&self, answer: Answer) -> Result<(), StoreError> {
        self.db
            .patiently(async {
                match self.db.answers.insert_one(AnswerDoc::of(&answer)).await {
                    // One is kept already.
                    Err(error) if is_duplicate(&error) => Ok(()),
                    kept => Ok(kept.map(drop)?),
                }
            })
            .await
    }
}
