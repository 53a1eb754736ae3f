//! One-time codes by time (RFC 6238): SHA-1, six digits, steps of 30 seconds, one step either way,
//! which is what every authenticator app knows.

use siskin_domain::Timestamp;
use totp_rs::{Algorithm, Builder, Secret, Totp};

use crate::application::Entropy;

/// What the app shows as the giver of the code.
const ISSUER: &str = "Siskin";
/// The length that RFC 4226 recommends.
const SECRET_BYTES: usize = 20;
const DIGITS: u8 = 6;
const STEP_S: u64 = 30;
/// Clocks may be this many steps apart.
const SKEW: u16 = 1;

/// What the server and the app share. Neither printed nor compared.
pub(super) struct TotpSecret([u8; SECRET_BYTES]);

impl TotpSecret {
    /// A new one.
    pub(super) fn make(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; SECRET_BYTES];
        entropy.fill(&mut bytes);
        Self(bytes)
    }

    /// From what [`TotpSecret::to_base32`] gave.
    pub(super) fn from_base32(text: &str) -> Option<Self> {
        let secret = Secret::try_from_base32(text).ok()?;
        secret.as_bytes().try_into().ok().map(Self)
    }

    /// As it is kept, and as it is typed into an app that has no camera.
    pub(super) fn to_base32(&self) -> String {
        Secret::new_stack(self.0).to_base32()
    }

    /// The time step whose code this is, if it is one that counts now.
    pub(super) fn step_of(&self, code: &str, now: Timestamp) -> Option<u64> {
        let seconds = u64::try_from(now.unix_ms() / 1000).ok()?;
        self.totp("").check(code, seconds)
    }

    /// The address that an app reads from the QR code; nothing in it can't be written.
    pub(super) fn address(&self, username: &str, host: &str) -> Option<String> {
        // A colon separates the issuer from the account.
        let account = format!("{username}@{host}").replace(':', "_");
        self.totp(&account).to_url().ok()
    }

    fn totp(&self, account: &str) -> Totp {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(DIGITS)
            .with_skew(SKEW)
            .with_step_duration(STEP_S)
            .with_secret(self.0)
            .with_issuer(Some(ISSUER))
            .with_account_name(account)
            // The checks of `build` are true of the constants above.
            .build_noncompliant()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1: the last six of its eight digits.
    const VECTORS: [(i64, &str); 6] = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];

    fn secret() -> TotpSecret {
        TotpSecret(*b"12345678901234567890")
    }
    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_ms(seconds * 1000)
    }

    #[test]
    fn the_vectors_of_the_rfc_count_at_their_time() {
        for (seconds, code) in VECTORS {
            let step = u64::try_from(seconds).unwrap() / 30;
            assert_eq!(secret().step_of(code, at(seconds)), Some(step), "{seconds}");
        }
    }

    #[test]
    fn a_code_counts_one_step_before_and_after_its_own_and_names_its_own() {
        // Step 1 lasts from second 30 to second 59.
        for seconds in [0, 29, 30, 59, 60, 89] {
            assert_eq!(secret().step_of("287082", at(seconds)), Some(1), "{seconds}");
        }
        assert_eq!(secret().step_of("287082", at(90)), None);
    }

    #[test]
    fn what_is_no_code_does_not_count() {
        for code in ["", "28708", "2870822", "28708a", "٢٨٧٠٨٢", "-87082"] {
            assert_eq!(secret().step_of(code, at(59)), None, "{code}");
        }
        assert_eq!(secret().step_of("287082", at(-59)), None);
    }

    #[test]
    fn an_app_learns_everything_from_the_address() {
        let address = secret().address("ana", "siskin.example").unwrap();
        assert!(address.starts_with("otpauth://totp/Siskin:ana%40siskin.example?"), "{address}");
        for part in ["secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "issuer=Siskin"] {
            assert!(address.contains(part), "{address}");
        }
    }

    #[test]
    fn a_secret_is_the_same_after_it_was_kept() {
        let kept = secret().to_base32();
        assert_eq!(TotpSecret::from_base32(&kept).unwrap().0, secret().0);
        for text in ["", "GEZDGNBV", "not base32!", &"A".repeat(64)] {
            assert!(TotpSecret::from_base32(text).is_none(), "{text}");
        }
    }
}
