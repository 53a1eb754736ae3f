//! What proofs of second factors and of ceremonies hold, as JSON.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use siskin_domain::{Timestamp, UserId};

use crate::storage::{Proof, ProofKey, ProofKind, StoreError};

/// An authenticator app: the secret that it shares with the server, and the last time step whose
/// code was used. An earlier code counts no more.
#[derive(Serialize, Deserialize)]
pub(super) struct App {
    pub(super) secret: String,
    pub(super) step: u64,
}

/// Something that has begun and ends within minutes, by success or by itself.
#[derive(Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(in crate::application) enum Ceremony {
    /// An app is being set up.
    SetUp { secret: String },
    /// The password was right; the code is missing.
    Code { tries: u32 },
    /// A passkey is being registered.
    Register { state: String },
    /// A passkey is being asked for.
    LogIn { state: String },
}

/// How long a ceremony lasts.
pub(in crate::application) const CEREMONY_MS: i64 = 5 * 60 * 1000;

impl Ceremony {
    /// As it is kept, from now on.
    pub(in crate::application) fn proof(
        &self,
        key: ProofKey,
        user: Option<UserId>,
        now: Timestamp,
    ) -> Proof {
        Proof {
            expires_at: Some(now.plus_ms(CEREMONY_MS)),
            ..proof(ProofKind::Ceremony, key, user, String::new(), self, now)
        }
    }
}

/// A proof as it begins.
pub(super) fn proof(
    kind: ProofKind,
    key: ProofKey,
    user: Option<UserId>,
    label: String,
    data: &impl Serialize,
    now: Timestamp,
) -> Proof {
    Proof {
        key,
        user,
        kind,
        label,
        data: write(data),
        revision: 1,
        created_at: now,
        used_at: None,
        expires_at: None,
    }
}

/// A proof's next self: used now, and holding this.
pub(in crate::application) fn used(proof: Proof, data: &impl Serialize, now: Timestamp) -> Proof {
    Proof { data: write(data), revision: proof.revision + 1, used_at: Some(now), ..proof }
}

/// What a ceremony of ours holds; none if it is another's.
pub(in crate::application) fn ceremony(proof: &Proof) -> Option<Ceremony> {
    serde_json::from_str(&proof.data).ok().filter(|_| proof.kind == ProofKind::Ceremony)
}

/// What a proof holds.
pub(in crate::application) fn read<T: DeserializeOwned>(proof: &Proof) -> Result<T, StoreError> {
    serde_json::from_str(&proof.data).map_err(|_| {
        let what = proof.kind.as_str();
        StoreError::Corrupt(format!("what a proof of the kind {what} holds can't be read"))
    })
}

/// Our data is plain structs with string keys: serialising them can't fail.
fn write(data: &impl Serialize) -> String {
    serde_json::to_string(data).unwrap_or_default()
}
