//! Password hashes and proofs belong to people who are there.

use siskin_domain::UserId;

use super::people::People;
use super::{CHUNK, Report};
use crate::storage::{Audience, Store, StoreError};

/// Looks at all of them.
pub(super) async fn verify(
    store: &dyn Store,
    people: &People,
    report: &mut Report,
) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let page = store.credentials_after(after, CHUNK).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.user);
        for credential in &page {
            report.credentials += 1;
            if !is_there(store, people, credential.user).await? {
                let user = credential.user;
                report.find(format!("a password hash of {user}, who is not there"));
            }
        }
    }
    let mut after = None;
    loop {
        let page = store.proofs_after(after, CHUNK).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.key);
        for proof in &page {
            report.proofs += 1;
            let Some(user) = proof.user else { continue };
            if !is_there(store, people, user).await? {
                let kind = proof.kind.as_str();
                report.find(format!("a proof ({kind}) of {user}, who is not there"));
            }
        }
    }
}

/// Somebody who has come since the log was read is there as well.
async fn is_there(store: &dyn Store, people: &People, id: UserId) -> Result<bool, StoreError> {
    Ok(people.there(id) || store.find_user(id, Audience::All).await?.is_some())
}
