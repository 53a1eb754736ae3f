//! What is kept beside the log: credentials, sessions, answers.
//!
//! Who somebody is, is asked at the primary, whatever the address prefers for queries.

use async_trait::async_trait;
use mongodb::bson::doc;
use siskin_domain::{Timestamp, UserId};

use super::MongoStore;
use super::db::primary;
use super::documents::{AnswerDoc, bytes, date, id, kind, long, time, token};
use super::error::is_duplicate;
use crate::storage::{
    Answer, AnswerKey, Answers, Credential, Credentials, SessionOwner, Sessions, StoreError,
    TokenHash,
};

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
impl Sessions for MongoStore {
    async fn find_session(
        &self,
        secret: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<SessionOwner>, StoreError> {
        let filter = doc! { "_id": token(secret), "expires_at": { "$gt": date(now) } };
        self.db
            .patiently(async {
                let find = self.db.sessions.find_one(filter).selection_criteria(primary());
                let Some(session) = find.await? else { return Ok(None) };
                let find = self.db.users.find_one(doc! { "_id": session.user });
                let Some(user) = find.selection_criteria(primary()).await? else {
                    return Ok(None);
                };
                let not_a_role = |_| StoreError::Corrupt("not a role".to_owned());
                Ok(Some(SessionOwner {
                    user: id(user.id)?,
                    username: user.username,
                    name: user.name,
                    role: user.role.parse().map_err(not_a_role)?,
                    kind: kind(&session.kind)?,
                    last_seen_at: time(session.last_seen_at),
                    expires_at: time(session.expires_at),
                }))
            })
            .await
    }

    async fn touch_session(&self, secret: &TokenHash, now: Timestamp) -> Result<(), StoreError> {
        let older = doc! { "_id": token(secret), "last_seen_at": { "$lt": date(now) } };
        let seen = doc! { "$set": { "last_seen_at": date(now) } };
        self.db
            .patiently(async { Ok(self.db.sessions.update_one(older, seen).await.map(drop)?) })
            .await
    }

    async fn end_session(&self, secret: &TokenHash) -> Result<bool, StoreError> {
        let this = doc! { "_id": token(secret) };
        self.db
            .patiently(async { Ok(self.db.sessions.delete_one(this).await?.deleted_count > 0) })
            .await
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
