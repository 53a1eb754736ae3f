//! Mail to people, with no mail server in sight: what is written, and where it is posted.

mod letters;

use siskin_domain::{Email, Username};

pub(super) use letters::Writer;

/// A mail to one person. Neither the address nor a link in it is for logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// To whom.
    pub to: Email,
    /// What it is about.
    pub subject: String,
    /// The words.
    pub text: String,
    /// The same words as HTML.
    pub html: String,
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Letter").field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// To whom a letter goes.
#[derive(Debug, Clone)]
pub(super) struct Recipient {
    pub(super) username: Username,
    pub(super) email: Email,
}

/// The outbox holds as many letters as it can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many letters are waiting")]
pub struct OutboxFull;

/// Takes letters and sees to it that they arrive.
pub trait Outbox: Send + Sync + 'static {
    /// Takes a letter; never waits for a mail server.
    ///
    /// # Errors
    /// [`OutboxFull`].
    fn post(&self, letter: Letter) -> Result<(), OutboxFull>;

    /// How many letters wait, for operators.
    fn waiting(&self) -> usize {
        0
    }
}
