//! Why a factor was not taken.

/// A refusal that is about a second factor or a passkey. Nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FactorError {
    /// Neither a code of now nor one that is left, or it was used before.
    #[error("the code is wrong or was used before")]
    WrongCode,
    /// What was begun is not there: it took too long, was done already, or was never begun.
    #[error("what was begun is over")]
    CeremonyOver,
    /// There is an authenticator app already.
    #[error("an authenticator app is set up already")]
    AppThere,
    /// There is no authenticator app.
    #[error("there is no authenticator app")]
    NoApp,
    /// An account has so many passkeys at most.
    #[error("there are {MAX_PASSKEYS} passkeys already")]
    TooManyPasskeys,
    /// The caller has no such passkey.
    #[error("there is no such passkey")]
    NoSuchPasskey,
    /// The server has no name that a passkey could be for.
    #[error("SISKIN_PUBLIC_URL has no host name, so there are no passkeys")]
    PasskeysUnavailable,
    /// What the authenticator answered is not what it has to be.
    #[error(transparent)]
    Passkey(#[from] PasskeyFault),
}

/// How many passkeys an account may have.
pub const MAX_PASSKEYS: usize = 20;

/// What is wrong with an authenticator's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyFault {
    /// It is not what WebAuthn's JSON looks like.
    #[error("the answer can't be read")]
    Unreadable,
    /// It was made on a page of another origin.
    #[error("the answer is for a page of another origin")]
    OtherOrigin,
    /// It was made for another relying party.
    #[error("the answer is for another site")]
    OtherSite,
    /// It answers another challenge.
    #[error("the answer is to another challenge")]
    OtherChallenge,
    /// The authenticator did not check who is there.
    #[error("the authenticator did not verify its user")]
    NotVerified,
    /// The counter is not above the last one: there may be a copy.
    #[error("the authenticator's counter went back")]
    CounterWentBack,
    /// Nobody has this passkey here, or not under this handle.
    #[error("the passkey is not known here")]
    Unknown,
    /// The signature is not the key's.
    #[error("the signature is wrong")]
    WrongSignature,
    /// The passkey is kept already, by whomever.
    #[error("the passkey is kept already")]
    Taken,
    /// Any other rule of WebAuthn.
    #[error("the answer breaks a rule of WebAuthn")]
    Refused,
}
