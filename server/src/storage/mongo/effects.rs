//! What becomes true together with events, and what ends when a user goes.

use mongodb::bson::{Document, doc};
use mongodb::error::Error;
use siskin_domain::user::UserEvent;
use siskin_domain::{Event, StreamId, UserId};

use super::append::is_there;
use super::documents::{AnswerDoc, CredentialDoc, SessionDoc, bytes, date, long, token};
use super::proofs;
use super::transaction::{Trouble, Tx};
use crate::storage::{Append, Credential, Effect, Proof, StoreError};

/// Fails with a conflict for a credential, a session or a proof of a user who is gone, for an
/// answer to a request that is answered already, and for a credential, a session or a proof that
/// is not as it was: another writer got there first.
pub(super) async fn check(tx: &mut Tx<'_>, append: &Append) -> Result<(), Trouble> {
    for (place, effect) in append.effects.iter().enumerate() {
        let lost = match effect {
            Effect::SetCredential { user, .. } => !will_be_there(tx, append, *user).await?,
            Effect::CredentialIs { user, hash } => {
                let same = doc! { "_id": long(*user), "hash": &hash.0 };
                tx.db.credentials.find_one(same).session(&mut *tx.session).await?.is_none()
            }
            Effect::StartSession(session) => !will_be_there(tx, append, session.user).await?,
            Effect::SessionIs(held) => {
                let find = tx.db.sessions.find_one(doc! { "_id": token(held) });
                find.session(&mut *tx.session).await?.is_none()
            }
            Effect::EndSessions { .. } | Effect::EndSession(_) => false,
            Effect::RememberAnswer(answer) => {
                let kept = doc! {
                    "_id": bytes(&answer.key.0),
                    "expires_at": { "$gt": date(append.at) },
                };
                let find = tx.db.answers.find_one(kept);
                find.session(&mut *tx.session).await?.is_some()
            }
            Effect::KeepProof(Proof { user: Some(user), .. })
                if !will_be_there(tx, append, *user).await? =>
            {
                true
            }
            Effect::KeepProof(_)
            | Effect::ReplaceProof(_)
            | Effect::SpendProof(_)
            | Effect::DropProofs { .. } => {
                proofs::is_lost(tx, &append.effects[..place], effect, append.at).await?
            }
        };
        if lost {
            return Err(StoreError::Conflict.into());
        }
    }
    Ok(())
}

/// Is the user there once the append's events have happened?
async fn will_be_there(tx: &mut Tx<'_>, append: &Append, user: UserId) -> Result<bool, Error> {
    let last = append.events.iter().rev().find_map(|event| match event {
        Event::User(UserEvent::Created { .. }) => Some(true),
        Event::User(UserEvent::Deleted) => Some(false),
        _ => None,
    });
    match last {
        Some(there) if append.stream == StreamId::User(user) => Ok(there),
        _ => is_there(tx, user).await,
    }
}

/// Makes an effect true that was checked.
pub(super) async fn apply(tx: &mut Tx<'_>, effect: &Effect) -> Result<(), Error> {
    tx.dirty = true;
    let db = tx.db;
    let session = &mut *tx.session;
    match effect {
        Effect::SetCredential { user, hash } => {
            let credential = CredentialDoc::of(&Credential { user: *user, hash: hash.clone() });
            let this = doc! { "_id": credential.user };
            db.credentials.replace_one(this, credential).upsert(true).session(session).await?;
        }
        Effect::CredentialIs { .. } | Effect::SessionIs(_) => {}
        Effect::StartSession(begun) => {
            db.sessions.insert_one(SessionDoc::of(begun)).session(session).await?;
        }
        Effect::EndSessions { user, except } => {
            let mut theirs = doc! { "user": long(*user) };
            if let Some(except) = except {
                theirs.insert("_id", doc! { "$ne": token(except) });
            }
            db.sessions.delete_many(theirs).session(session).await?;
        }
        Effect::EndSession(ended) => {
            db.sessions.delete_one(doc! { "_id": token(ended) }).session(session).await?;
        }
        Effect::RememberAnswer(answer) => {
            let answer = AnswerDoc::of(answer);
            let this = doc! { "_id": answer.key.clone() };
            db.answers.replace_one(this, answer).upsert(true).session(session).await?;
        }
        Effect::KeepProof(_)
        | Effect::ReplaceProof(_)
        | Effect::SpendProof(_)
        | Effect::DropProofs { .. } => proofs::apply(tx, effect).await?,
    }
    Ok(())
}

/// Removes everything beside the log that is kept for a user.
pub(super) async fn forget(tx: &mut Tx<'_>, user: UserId) -> Result<(), Error> {
    let theirs: Document = doc! { "user": long(user) };
    let db = tx.db;
    let credential = db.credentials.delete_one(doc! { "_id": long(user) });
    credential.session(&mut *tx.session).await?;
    db.sessions.delete_many(theirs.clone()).session(&mut *tx.session).await?;
    db.answers.delete_many(theirs.clone()).session(&mut *tx.session).await?;
    db.proofs.delete_many(theirs).session(&mut *tx.session).await?;
    Ok(())
}
