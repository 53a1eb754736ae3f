//! Ways to a provider and back that are under way. The store has them so that each comes back
//! once, to whichever server; the browser has the secret that finds them.

use serde::{Deserialize, Serialize};
use siskin_domain::{DisplayName, Email, UserId, Username};

use super::{Accounts, Identity};
use crate::application::Refused;
use crate::storage::{Proof, ProofKey, ProofKind};

/// How long a person may take at the provider.
const AWAY_MS: i64 = 5 * 60 * 1000;
/// How long somebody new may take to choose a name.
const CHOOSING_MS: i64 = 15 * 60 * 1000;

/// Where a ceremony is.
#[derive(Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// The person was sent to the provider of this name.
    Away {
        /// Its name.
        provider: String,
    },
    /// They came back, and nobody here has their identity.
    New(Newcomer),
}

/// Somebody whose identity belongs to nobody here, and what the provider tells of them.
#[derive(Clone, Serialize, Deserialize)]
pub struct Newcomer {
    /// What the provider is called.
    pub provider: String,
    /// Who they are to it.
    pub identity: Identity,
    /// Their e-mail address, if the provider has verified it.
    pub email: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// What they are called there.
    pub username: Option<String>,
}

impl Newcomer {
    /// The same without what can't be of use here: what breaks our rules, however long it is.
    #[must_use]
    pub fn within_limits(self) -> Self {
        Self {
            email: self.email.filter(|text| Email::parse(text).is_ok()),
            name: self.name.filter(|text| DisplayName::parse(text).is_ok()),
            username: self.username.filter(|text| Username::parse(text).is_ok()),
            ..self
        }
    }

    /// What they know the identity by.
    #[must_use]
    pub fn label(&self) -> &str {
        let known_by = [&self.email, &self.username, &self.name];
        known_by.into_iter().flatten().next().map_or("", String::as_str)
    }
}

impl Accounts {
    /// Notes a step; `user` is who wants to link what they come back with.
    ///
    /// # Errors
    /// The store's.
    pub async fn note_step(
        &self,
        key: [u8; 32],
        user: Option<UserId>,
        step: &Step,
    ) -> Result<(), Refused> {
        let now = self.parts.clock.now();
        let lasts_ms = match step {
            Step::Away { .. } => AWAY_MS,
            Step::New(_) => CHOOSING_MS,
        };
        let proof = Proof {
            key: ceremony(key),
            user,
            kind: ProofKind::Ceremony,
            label: String::new(),
            data: serde_json::to_string(step).unwrap_or_default(),
            revision: 1,
            created_at: now,
            used_at: None,
            expires_at: Some(now.plus_ms(lasts_ms)),
        };
        Ok(self.parts.store.keep_proof(proof, now).await?)
    }

    /// Takes a step out, with who began it: nobody else gets it.
    ///
    /// # Errors
    /// The store's.
    pub async fn take_step(
        &self,
        key: [u8; 32],
    ) -> Result<Option<(Step, Option<UserId>)>, Refused> {
        let spent = self.parts.store.spend_proof(&ceremony(key), self.parts.clock.now()).await?;
        Ok(spent.and_then(|proof| Some((read(&proof)?, proof.user))))
    }

    /// Who is choosing a name.
    ///
    /// # Errors
    /// The store's.
    pub async fn newcomer(&self, key: [u8; 32]) -> Result<Option<Newcomer>, Refused> {
        let found = self.parts.store.find_proof(&ceremony(key), self.parts.clock.now()).await?;
        Ok(match found.as_ref().and_then(read) {
            Some(Step::New(newcomer)) => Some(newcomer),
            Some(Step::Away { .. }) | None => None,
        })
    }
}

/// What finds a ceremony of this key.
pub(super) fn ceremony(key: [u8; 32]) -> ProofKey {
    ProofKey::of(ProofKind::Ceremony, &key)
}

fn read(proof: &Proof) -> Option<Step> {
    serde_json::from_str(&proof.data).ok()
}
