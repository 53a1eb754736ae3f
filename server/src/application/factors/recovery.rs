//! Recovery codes: for whoever has lost the app. Ten at a time, each good for one log-in.
//!
//! A code is 80 random bits, so the fast hash that [`ProofKey`] is keeps it as well as a slow one
//! would keep a password: it can't be guessed from the store, and guessing it over the network
//! needs no limit of its own.

use siskin_domain::UserId;

use crate::application::Entropy;
use crate::storage::{ProofKey, ProofKind};

/// How many there are at a time.
pub const RECOVERY_CODES: usize = 10;

/// Letters and digits that are not mistaken for each other, as in base32.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// Five bits each.
const LETTERS: usize = 16;
const GROUP: usize = 4;

/// New codes, as they are shown this once: `abcd-efgh-ijkl-mnop`.
pub(super) fn make(entropy: &dyn Entropy) -> Vec<String> {
    (0..RECOVERY_CODES).map(|_| one(entropy)).collect()
}

fn one(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; LETTERS];
    entropy.fill(&mut bytes);
    let mut code = String::with_capacity(LETTERS + LETTERS / GROUP);
    for (place, byte) in bytes.iter().enumerate() {
        if place > 0 && place % GROUP == 0 {
            code.push('-');
        }
        // 256 is a multiple of 32: every letter is as likely.
        code.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    code
}

/// What finds a code among those of its owner; `None` if it can't be one.
pub(super) fn key(user: UserId, typed: &str) -> Option<ProofKey> {
    let letters: Vec<u8> = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| u8::try_from(c.to_ascii_lowercase()).ok())
        .collect::<Option<_>>()?;
    let fits = letters.len() == LETTERS && letters.iter().all(|letter| ALPHABET.contains(letter));
    fits.then(|| {
        let whose = user.get().to_be_bytes();
        ProofKey::of(ProofKind::RecoveryCode, &[&whose, letters.as_slice()].concat())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::OsEntropy;

    fn user(id: u64) -> UserId {
        id.to_string().parse().unwrap()
    }

    #[test]
    fn ten_different_codes_in_groups_of_four() {
        let mut codes = make(&OsEntropy);
        assert_eq!(codes.len(), 10);
        for code in &codes {
            assert_eq!(code.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4, 4]);
            assert!(key(user(1), code).is_some(), "{code}");
        }
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), 10);
    }

    #[test]
    fn a_code_is_found_however_it_was_typed_and_by_its_owner_only() {
        let found = key(user(1), "abcd-efgh-ijkl-mn23");
        for typed in ["abcdefghijklmn23", " ABCD EFGH IJKL MN23 ", "abcd-efgh-ijkl-MN23"] {
            assert_eq!(key(user(1), typed), found, "{typed}");
        }
        assert_ne!(key(user(2), "abcdefghijklmn23"), found);
    }

    #[test]
    fn what_can_be_no_code_is_not_looked_up() {
        for typed in
            ["", "123456", "abcd-efgh-ijkl-mno", "abcd-efgh-ijkl-mnop2", "äbcdefghijklmn23"]
        {
            assert_eq!(key(user(1), typed), None, "{typed}");
        }
    }
}
