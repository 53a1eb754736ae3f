//! Why somebody could not be signed in by a provider.

/// Why somebody could not be signed in by a provider. The texts are for the log: they hold neither
/// secrets nor anything about a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OidcError {
    /// It can't be reached, or does not say what a provider must say.
    #[error("it can't be used now: {0}")]
    Unreachable(String),
    /// It did not take the code that the person came with.
    #[error("it did not take the code: {0}")]
    CodeRefused(String),
    /// What it says of the person is not what it must be to be believed.
    #[error("its ID token is not to be believed: {0}")]
    Untrusted(&'static str),
}
