//! Which side of the application a server runs: both, or one of them.

/// What a server does, so that reads and writes can grow apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ServeRole {
    /// Everything.
    #[default]
    All,
    /// Reads and pages. It changes nothing in the store, not even in passing.
    Query,
    /// Writes.
    Command,
}

impl ServeRole {
    /// Does it answer reads?
    #[must_use]
    pub const fn reads(self) -> bool {
        matches!(self, Self::All | Self::Query)
    }

    /// Does it change anything?
    #[must_use]
    pub const fn writes(self) -> bool {
        matches!(self, Self::All | Self::Command)
    }
}
