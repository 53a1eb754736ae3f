//! What can go wrong in a store.

/// A field whose values are unique among users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UniqueField {
    /// The username.
    Username,
    /// The e-mail address.
    Email,
}

/// Why a store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another writer got there first: reload, decide again, retry.
    #[error("another writer changed the stream first")]
    Conflict,
    /// The value belongs to somebody else.
    #[error("{0:?} is taken")]
    Taken(UniqueField),
    /// The tweet's author does not exist (any more).
    #[error("the author does not exist")]
    AuthorGone,
    /// The store can't be reached, or can't write now. Nothing was changed.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// What the store holds can't be understood.
    #[error("the store holds what this version cannot read: {0}")]
    Corrupt(String),
}
