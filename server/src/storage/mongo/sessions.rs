//! Sessions and tokens. Whether one counts is asked at the primary, whatever the address prefers
//! for queries.

use async_trait::async_trait;
use futures::TryStreamExt as _;
use mongodb::bson::{Binary, doc};
use siskin_domain::{Timestamp, UserId};

use super::MongoStore;
use super::db::primary;
use super::documents::{SessionDoc, date, hash, id, kind, long, time, token};
use crate::storage::{OwnSession, SessionId, SessionOwner, Sessions, StoreError, TokenHash};

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
                    standing: user.standing(),
                    user: id(user.id)?,
                    username: user.username,
                    name: user.name,
                    role: user.role.parse().map_err(not_a_role)?,
                    kind: kind(&session.kind)?,
                    scopes: session.scopes()?,
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

    async fn living_sessions(
        &self,
        tokens: &[TokenHash],
        now: Timestamp,
    ) -> Result<Vec<TokenHash>, StoreError> {
        let keys: Vec<Binary> = tokens.iter().map(token).collect();
        let living = doc! { "_id": { "$in": keys }, "expires_at": { "$gt": date(now) } };
        self.db
            .patiently(async {
                let find = self.db.sessions.find(living).selection_criteria(primary());
                let found: Vec<SessionDoc> = find.await?.try_collect().await?;
                found.into_iter().map(|session| hash(session.token)).collect()
            })
            .await
    }

    async fn sessions_of(
        &self,
        user: UserId,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<OwnSession>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let theirs = doc! { "user": long(user), "expires_at": { "$gt": date(now) } };
        let order = doc! { "last_seen_at": -1, "created_at": -1, "_id": 1 };
        self.db
            .patiently(async {
                let find = self.db.sessions.find(theirs).sort(order).limit(limit);
                let found = find.selection_criteria(primary()).await?;
                let found: Vec<SessionDoc> = found.try_collect().await?;
                found.into_iter().map(SessionDoc::own).collect()
            })
            .await
    }

    /// The number is not a field: it is made of the key.
    async fn end_session_of(&self, user: UserId, id: SessionId) -> Result<bool, StoreError> {
        self.db
            .patiently(async {
                let find = self.db.sessions.find(doc! { "user": long(user) });
                let mut theirs = find.selection_criteria(primary()).await?;
                while let Some(session) = theirs.try_next().await? {
                    if SessionId::of(&hash(session.token.clone())?) == id {
                        let this = doc! { "_id": session.token };
                        return Ok(self.db.sessions.delete_one(this).await?.deleted_count > 0);
                    }
                }
                Ok(false)
            })
            .await
    }
}
