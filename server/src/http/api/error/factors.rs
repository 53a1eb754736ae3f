//! What is said of second factors and passkeys.

use http::StatusCode;

use super::ApiError;
use crate::application::factors::{FactorError, MAX_PASSKEYS, PasskeyFault};

impl From<FactorError> for ApiError {
    fn from(error: FactorError) -> Self {
        match error {
            FactorError::WrongCode => {
                let message = "That code is wrong, or was used before.";
                Self::unprocessable("code_wrong", "code", message)
            }
            FactorError::CeremonyOver => {
                let message = "That took too long or is done already. Begin again.";
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "ceremony_over", message)
            }
            FactorError::AppThere => {
                let message = "You have an authenticator app already.";
                Self::new(StatusCode::CONFLICT, "app_exists", message)
            }
            FactorError::NoApp => {
                Self::new(StatusCode::NOT_FOUND, "not_found", "You have no authenticator app.")
            }
            FactorError::TooManyPasskeys => {
                let message = format!("You have {MAX_PASSKEYS} passkeys; remove one first.");
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "too_many_passkeys", message)
            }
            FactorError::NoSuchPasskey => {
                Self::new(StatusCode::NOT_FOUND, "not_found", "You have no such passkey.")
            }
            FactorError::PasskeysUnavailable => {
                let message = "There are no passkeys here: the server has no name.";
                Self::new(StatusCode::NOT_FOUND, "passkeys_unavailable", message)
            }
            FactorError::Passkey(fault) => {
                let (code, message) = said(fault);
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
            }
        }
    }
}

const fn said(fault: PasskeyFault) -> (&'static str, &'static str) {
    match fault {
        PasskeyFault::Unreadable => {
            ("passkey_unreadable", "The key \"credential\" is not a passkey's answer.")
        }
        PasskeyFault::OtherOrigin => {
            ("passkey_other_origin", "That passkey was used on another page than ours.")
        }
        PasskeyFault::OtherSite => ("passkey_other_site", "That passkey is for another site."),
        PasskeyFault::OtherChallenge => {
            ("passkey_other_challenge", "That passkey answered another question.")
        }
        PasskeyFault::NotVerified => {
            ("passkey_unverified", "Your device has to check that it is you.")
        }
        PasskeyFault::CounterWentBack => {
            ("passkey_counter", "There may be a copy of that passkey, so it is not taken.")
        }
        PasskeyFault::Unknown => ("passkey_unknown", "That passkey is not known here."),
        PasskeyFault::WrongSignature => {
            ("passkey_signature", "That passkey's answer is not its own.")
        }
        PasskeyFault::Taken => ("passkey_taken", "That passkey is kept already."),
        PasskeyFault::Refused => ("passkey_refused", "That passkey can't be used here."),
    }
}
