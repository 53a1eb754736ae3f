//! Accounts somewhere else that people sign in with.

/// Who somebody is to a provider: its word for itself, and its word for them, which it gives to
/// nobody else, ever. An e-mail address is neither.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// The person.
    pub subject: String,
}
