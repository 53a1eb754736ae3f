//! How somebody can sign in: with a password, an account somewhere else, a passkey. The last of
//! these is not taken away.

use siskin_domain::{Timestamp, UserId};

use super::Refused;
use super::accounts::issuer;
use crate::storage::{Effect, Proof, ProofKey, ProofKind, Store};

/// What takes one of somebody's ways in away; `None` if it is not there. `usable` says with whose
/// accounts people can sign in today.
///
/// # Errors
/// [`Refused::LastWayIn`] if they could not sign in any more; the store's.
pub(super) async fn closing(
    store: &dyn Store,
    user: UserId,
    (key, kind): (ProofKey, ProofKind),
    at: Timestamp,
    usable: &(impl Fn(&str) -> bool + Sync),
) -> Result<Option<Vec<Effect>>, Refused> {
    let proofs = store.proofs_of(user, at).await?;
    let is_it = |proof: &Proof| proof.key == key && proof.kind == kind;
    let Some(closed) = proofs.iter().find(|proof| is_it(proof)) else { return Ok(None) };
    let mut effects = vec![Effect::SpendProof(key)];
    let signs_in = |proof: &Proof| match proof.kind {
        ProofKind::Passkey => true,
        ProofKind::Identity => usable(&issuer(proof)),
        _ => false,
    };
    // One that signs nobody in is no way in, so it may go in any case.
    if signs_in(closed) && store.credential_of(user).await?.is_none() {
        let other = proofs.iter().find(|proof| !is_it(proof) && signs_in(proof));
        let other = other.ok_or(Refused::LastWayIn)?.clone();
        // Held at this revision: if it goes at the same moment, one of both loses.
        effects.push(Effect::ReplaceProof(Proof { revision: other.revision + 1, ..other }));
    }
    Ok(Some(effects))
}
