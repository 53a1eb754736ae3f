//! What proves who somebody is: the collection `proofs`.

use std::time::Instant;

use async_trait::async_trait;
use futures::TryStreamExt as _;
use mongodb::bson::{Binary, DateTime, Document, doc};
use mongodb::error::Error;
use serde::{Deserialize, Serialize};
use siskin_domain::{Timestamp, UserId};

use super::MongoStore;
use super::append::is_there;
use super::db::primary;
use super::documents::{array, bytes, date, id, long, time};
use super::transaction::{Trouble, Tx, Work, transact};
use crate::storage::proofs::expiry;
use crate::storage::{Effect, Proof, ProofKey, ProofKind, Proofs, StoreError};

/// `proofs`: read nothing into `data`, it is the application's own.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct ProofDoc {
    #[serde(rename = "_id")]
    pub(super) key: Binary,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<i64>,
    kind: String,
    label: String,
    data: String,
    revision: i64,
    created_at: DateTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    used_at: Option<DateTime>,
    /// The end of the year 9999 for what never does.
    expires_at: DateTime,
}

impl std::fmt::Debug for ProofDoc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProofDoc(***)")
    }
}

impl ProofDoc {
    pub(super) fn of(proof: &Proof) -> Self {
        Self {
            key: bytes(&proof.key.0),
            user: proof.user.map(long),
            kind: proof.kind.as_str().to_owned(),
            label: proof.label.clone(),
            data: proof.data.clone(),
            revision: i64::from(proof.revision),
            created_at: date(proof.created_at),
            used_at: proof.used_at.map(date),
            expires_at: DateTime::from_millis(proof.expires_ms()),
        }
    }

    pub(super) fn proof(self) -> Result<Proof, StoreError> {
        let wrong = |what: &str| StoreError::Corrupt(format!("a proof of an unknown {what}"));
        Ok(Proof {
            key: ProofKey(array(self.key)?),
            user: self.user.map(id).transpose()?,
            kind: ProofKind::named(&self.kind).ok_or_else(|| wrong("kind"))?,
            label: self.label,
            data: self.data,
            revision: u32::try_from(self.revision).map_err(|_| wrong("revision"))?,
            created_at: time(self.created_at),
            used_at: self.used_at.map(time),
            expires_at: expiry(self.expires_at.timestamp_millis()),
        })
    }
}

#[async_trait]
impl Proofs for MongoStore {
    async fn find_proof(
        &self,
        key: &ProofKey,
        now: Timestamp,
    ) -> Result<Option<Proof>, StoreError> {
        self.db
            .patiently(async {
                let find = self.db.proofs.find_one(living(key, now));
                find.selection_criteria(primary()).await?.map(ProofDoc::proof).transpose()
            })
            .await
    }

    async fn proofs_of(&self, user: UserId, now: Timestamp) -> Result<Vec<Proof>, StoreError> {
        let theirs = doc! { "user": long(user), "expires_at": { "$gt": date(now) } };
        self.db
            .patiently(async {
                let find = self.db.proofs.find(theirs).sort(doc! { "created_at": 1, "_id": 1 });
                let found = find.selection_criteria(primary()).await?;
                let found: Vec<ProofDoc> = found.try_collect().await?;
                found.into_iter().map(ProofDoc::proof).collect()
            })
            .await
    }

    async fn keep_proof(&self, proof: Proof, now: Timestamp) -> Result<(), StoreError> {
        let mut work = Keep { proof, now };
        transact(&self.db, Instant::now() + self.db.patience, &mut work).await.map(drop)
    }

    async fn spend_proof(
        &self,
        key: &ProofKey,
        now: Timestamp,
    ) -> Result<Option<Proof>, StoreError> {
        self.db
            .patiently(async {
                let spent = self.db.proofs.find_one_and_delete(living(key, now)).await?;
                spent.map(ProofDoc::proof).transpose()
            })
            .await
    }
}

struct Keep {
    proof: Proof,
    now: Timestamp,
}

#[async_trait]
impl Work for Keep {
    type Done = ();

    async fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Trouble> {
        let gone = match self.proof.user {
            Some(user) => !is_there(tx, user).await?,
            None => false,
        };
        let effect = Effect::KeepProof(self.proof.clone());
        if gone || is_lost(tx, &[], &effect, self.now).await? {
            return Err(StoreError::Conflict.into());
        }
        Ok(apply(tx, &effect).await?)
    }
}

fn living(key: &ProofKey, now: Timestamp) -> Document {
    doc! { "_id": bytes(&key.0), "expires_at": { "$gt": date(now) } }
}

/// Was somebody else faster, after what the effects `before` it in the same append will do?
pub(super) async fn is_lost(
    tx: &mut Tx<'_>,
    before: &[Effect],
    effect: &Effect,
    now: Timestamp,
) -> Result<bool, Error> {
    let key = match effect {
        Effect::KeepProof(proof) | Effect::ReplaceProof(proof) => &proof.key,
        Effect::SpendProof(key) => key,
        _ => return Ok(false),
    };
    let find = tx.db.proofs.find_one(living(key, now));
    let found = find.session(&mut *tx.session).await?;
    Ok(match effect {
        Effect::KeepProof(_) => found.is_some_and(|found| !is_freed(before, key, &found)),
        Effect::ReplaceProof(proof) => {
            found.is_none_or(|found| found.revision + 1 != i64::from(proof.revision))
        }
        _ => found.is_none(),
    })
}

fn is_freed(before: &[Effect], key: &ProofKey, found: &ProofDoc) -> bool {
    before.iter().any(|effect| match effect {
        Effect::SpendProof(spent) => spent == key,
        Effect::DropProofs { user, kind, except } => {
            found.user == Some(long(*user))
                && found.kind == kind.as_str()
                && except.as_ref() != Some(key)
        }
        _ => false,
    })
}

/// Makes an effect on proofs true that was checked.
pub(super) async fn apply(tx: &mut Tx<'_>, effect: &Effect) -> Result<(), Error> {
    tx.dirty = true;
    let (proofs, session) = (&tx.db.proofs, &mut *tx.session);
    match effect {
        Effect::KeepProof(proof) | Effect::ReplaceProof(proof) => {
            let this = doc! { "_id": bytes(&proof.key.0) };
            proofs.replace_one(this, ProofDoc::of(proof)).upsert(true).session(session).await?;
        }
        Effect::SpendProof(key) => {
            proofs.delete_one(doc! { "_id": bytes(&key.0) }).session(session).await?;
        }
        Effect::DropProofs { user, kind, except } => {
            let mut theirs = doc! { "user": long(*user), "kind": kind.as_str() };
            if let Some(except) = except {
                theirs.insert("_id", doc! { "$ne": bytes(&except.0) });
            }
            proofs.delete_many(theirs).session(session).await?;
        }
        _ => {}
    }
    Ok(())
}
