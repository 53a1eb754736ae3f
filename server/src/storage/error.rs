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
#[derive(Debug, Clone, thiserror::Error)]
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
    /// There is no room to write. Nothing was changed; reads go on.
    #[error("the disk is full: {0}")]
    DiskFull(String),
    /// The disk refused to read or to write. Nothing was changed.
    #[error("the disk does not work: {0}")]
    DiskFailed(String),
    /// The store's file is broken: nothing of it can be trusted, and nothing is written to it.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// What the store holds can't be understood.
    #[error("the store holds what this version cannot read: {0}")]
    Corrupt(String),
}

/// Why a store can't do its work, for operators: of a request's own faults there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Failure {
    /// There is no room to write.
    DiskFull,
    /// The disk refuses to read or to write.
    Io,
    /// The store can't be reached, or something else is in its way.
    Unavailable,
    /// The store's file is broken.
    Damaged,
}

impl Failure {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::DiskFull, Self::Io, Self::Unavailable, Self::Damaged];

    /// As a label of a metric.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::DiskFull => "disk_full",
            Self::Io => "io",
            Self::Unavailable => "unavailable",
            Self::Damaged => "damaged",
        }
    }

    /// As `/readyz` says it.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::DiskFull => "the disk is full",
            Self::Io => "the disk does not work",
            Self::Unavailable => "the store is unavailable",
            Self::Damaged => "the store is damaged",
        }
    }
}

impl StoreError {
    /// What is wrong with the store itself, if that is why.
    #[must_use]
    pub const fn failure(&self) -> Option<Failure> {
        match self {
            Self::Conflict | Self::Taken(_) | Self::AuthorGone => None,
            Self::Unavailable(_) | Self::Corrupt(_) => Some(Failure::Unavailable),
            Self::DiskFull(_) => Some(Failure::DiskFull),
            Self::DiskFailed(_) => Some(Failure::Io),
            Self::Damaged(_) => Some(Failure::Damaged),
        }
    }
}
