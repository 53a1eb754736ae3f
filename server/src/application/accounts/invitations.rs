//! Invitations: links by which new people come in, while joining needs one.

use std::ops::RangeInclusive;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use siskin_domain::{Timestamp, UserId};

use super::Accounts;
use crate::application::idempotency::{InvitationAnswer, KeptAnswer, Once};
use crate::application::{Caller, Refused, Registration};
use crate::storage::{Append, Audience, Effect, Proof, ProofKey, ProofKind, StoreError};

/// How many people may come by one invitation.
pub const INVITATION_USES: RangeInclusive<u8> = 1..=100;
/// How many days an invitation may last.
pub const INVITATION_DAYS: RangeInclusive<u16> = 1..=30;
/// How many invitations one has at most at a time.
pub const MOST_INVITATIONS: usize = 20;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Longer texts are no codes of ours and are not even hashed.
pub(super) const LONGEST_CODE: usize = 64;

/// An invitation's public number, below 2^53: its owner names it by it. It counts only together
/// with the owner, and tells nothing of the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InvitationId(pub u64);

impl InvitationId {
    /// The number of the invitation that this key finds: bits of a hash of 128 random bits.
    fn of(key: &ProofKey) -> Self {
        Self(key.0.iter().take(7).fold(0, |sum, byte| sum << 8 | u64::from(*byte)) >> 3)
    }
}

/// What an invitation is to be.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// What its owner calls it; may be empty.
    pub name: String,
    /// How many people may come by it.
    pub uses: u8,
    /// After how many days it ends.
    pub lasts_days: u16,
}

/// An invitation, as its owner is told of it. The code is not part of it: nobody has it but whoever
/// was given it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// What it is revoked by.
    pub id: InvitationId,
    /// What its owner calls it; may be empty.
    pub name: String,
    /// How many people may come by it.
    pub uses: u8,
    /// Who has come by it; some may have left since.
    pub came: Vec<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// What an invitation's proof holds.
#[derive(Serialize, Deserialize)]
struct Kept {
    uses: u8,
    came: Vec<UserId>,
}

impl Kept {
    fn of(proof: &Proof) -> Result<Self, StoreError> {
        serde_json::from_str(&proof.data)
            .map_err(|_| StoreError::Corrupt("an invitation can't be read".to_owned()))
    }

    fn text(&self) -> String {
        // A plain struct with string keys: serialising it can't fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    fn has_uses_left(&self) -> bool {
        self.came.len() < usize::from(self.uses)
    }
}

impl Accounts {
    /// May the caller invite people?
    ///
    /// # Errors
    /// [`Refused::InvitationsOff`] if joining needs none, or [`Refused::NotInviter`].
    pub fn may_invite(&self, caller: &Caller) -> Result<(), Refused> {
        let community = self.parts.rules.community;
        if community.registration != Registration::Invite {
            return Err(Refused::InvitationsOff);
        }
        caller.decide(|by| {
            if community.inviters.include(by.role) { Ok(()) } else { Err(Refused::NotInviter) }
        })
    }

    /// The caller's invitations that have not ended, newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn invitations(&self, caller: &Caller) -> Result<Vec<Invitation>, StoreError> {
        let proofs = self.invitations_of(caller.actor.id).await?;
        proofs.iter().rev().map(shown).collect()
    }

    /// Makes an invitation. Its code is in the answer, and nowhere else.
    ///
    /// # Errors
    /// As [`Accounts::may_invite`], or [`Refused::TooManyInvitations`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn invite(
        &self,
        caller: &Caller,
        new: NewInvitation,
        once: Once,
    ) -> Result<InvitationAnswer, Refused> {
        self.may_invite(caller)?;
        let user = caller.actor.id;
        if self.invitations_of(user).await?.len() >= MOST_INVITATIONS {
            return Err(Refused::TooManyInvitations);
        }
        let mut bytes = [0; 16];
        self.parts.entropy.fill(&mut bytes);
        let (code, at) = (URL_SAFE_NO_PAD.encode(bytes), self.parts.clock.now());
        let proof = Proof {
            key: key(&code),
            user: Some(user),
            kind: ProofKind::Invitation,
            label: new.name,
            data: Kept { uses: new.uses, came: Vec::new() }.text(),
            revision: 1,
            created_at: at,
            used_at: None,
            expires_at: Some(at.plus_ms(i64::from(new.lasts_days) * DAY_MS)),
        };
        let answer = InvitationAnswer::new(shown(&proof)?, code, &self.parts.rules.public_url);
        let mut effects = vec![Effect::KeepProof(proof)];
        if let Some(scope) = &once {
            effects.push(scope.remember(&KeptAnswer::created_unnamed(&answer), Some(user)));
        }
        let append = Append::beside(user, at, effects);
        self.parts.store.append(append).await?;
        Ok(answer)
    }

    /// Ends one of the caller's invitations: nobody comes by it any more.
    ///
    /// # Errors
    /// [`Refused::NoSuchInvitation`] if they have none of that number.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn revoke_invitation(
        &self,
        caller: &Caller,
        id: InvitationId,
    ) -> Result<(), Refused> {
        let proofs = self.invitations_of(caller.actor.id).await?;
        let found = proofs.into_iter().find(|proof| InvitationId::of(&proof.key) == id);
        let key = found.ok_or(Refused::NoSuchInvitation)?.key;
        let spent = self.parts.store.spend_proof(&key, self.parts.clock.now()).await?;
        spent.map(drop).ok_or(Refused::NoSuchInvitation)
    }

    /// Whether somebody may come by this code now; its key, if so.
    ///
    /// # Errors
    /// [`Refused::InvitationInvalid`].
    pub async fn check_invitation(&self, code: &str) -> Result<ProofKey, Refused> {
        if code.len() > LONGEST_CODE {
            return Err(Refused::InvitationInvalid);
        }
        let key = key(code);
        self.open_invitation(&key).await.map(|_| key)
    }

    /// What becomes of an invitation by which somebody comes. Of several who take the last place
    /// at once, one gets it: for the others the append is a conflict, and there is no place left
    /// when they look again.
    pub(super) async fn come_by(
        &self,
        invitation: &ProofKey,
        new: UserId,
        at: Timestamp,
    ) -> Result<Effect, Refused> {
        let (proof, mut kept) = self.open_invitation(invitation).await?;
        kept.came.push(new);
        Ok(Effect::ReplaceProof(Proof {
            data: kept.text(),
            revision: proof.revision + 1,
            used_at: Some(at),
            ..proof
        }))
    }

    /// The invitation, if it has a place left and its owner may still invite.
    async fn open_invitation(&self, key: &ProofKey) -> Result<(Proof, Kept), Refused> {
        let found = self.parts.store.find_proof(key, self.parts.clock.now()).await?;
        let proof = found.ok_or(Refused::InvitationInvalid)?;
        let kept = Kept::of(&proof)?;
        let owner = match proof.user {
            Some(owner) => self.parts.store.find_user(owner, Audience::Public).await?,
            None => None,
        };
        let role = owner.and_then(|owner| owner.role);
        let counts = role.is_some_and(|role| self.parts.rules.community.inviters.include(role));
        if counts && kept.has_uses_left() {
            Ok((proof, kept))
        } else {
            Err(Refused::InvitationInvalid)
        }
    }

    async fn invitations_of(&self, user: UserId) -> Result<Vec<Proof>, StoreError> {
        let mut proofs = self.parts.store.proofs_of(user, self.parts.clock.now()).await?;
        proofs.retain(|proof| proof.kind == ProofKind::Invitation);
        Ok(proofs)
    }
}

fn key(code: &str) -> ProofKey {
    ProofKey::of(ProofKind::Invitation, code.as_bytes())
}

fn shown(proof: &Proof) -> Result<Invitation, StoreError> {
    let Kept { uses, came } = Kept::of(proof)?;
    Ok(Invitation {
        id: InvitationId::of(&proof.key),
        name: proof.label.clone(),
        uses,
        came,
        created_at: proof.created_at,
        // All of ours end; one from elsewhere that does not is shown as ending when it was made.
        expires_at: proof.expires_at.unwrap_or(proof.created_at),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MOST_PROOF_DATA;

    #[test]
    fn a_full_invitation_fits_into_its_proof() {
        let widest = UserId::new((1 << 53) - 1).unwrap();
        let kept = Kept { uses: 100, came: vec![widest; 100] };
        assert!(kept.text().len() <= MOST_PROOF_DATA, "{}", kept.text().len());
        assert!(!kept.has_uses_left());
    }

    #[test]
    fn a_number_is_one_of_javascripts_and_other_codes_have_others() {
        let ids = ["a", "b", "c"].map(|code| InvitationId::of(&key(code)).0);
        assert!(ids.iter().all(|id| *id < 1 << 53));
        assert!(ids[0] != ids[1] && ids[1] != ids[2]);
    }
}
