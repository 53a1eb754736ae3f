//! What operators see of a store.

use siskin_domain::Position;

/// How a store is, as far as it tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vitals {
    /// Which kind of store it is: `sqlite` or `mongodb`.
    pub kind: &'static str,
    /// The position of the newest event in the log, whoever committed it.
    pub end: Position,
    /// The size of the database in bytes.
    pub size_bytes: Option<u64>,
    /// The size of what is written ahead of it.
    pub wal_bytes: Option<u64>,
    /// What is free on its disk for us.
    pub disk_free_bytes: Option<u64>,
    /// Writes that wait for the next commit.
    pub waiting: u64,
    /// What follows the log, and how far behind it is.
    pub projections: Vec<Following>,
}

/// Something that follows the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Following {
    /// Its name. The tables that queries read are never behind: they change in the transaction of
    /// their events. `live` is what this process tells its readers and streams.
    pub projection: &'static str,
    /// So many events it has not seen yet.
    pub behind: u64,
}

impl Following {
    /// What this process tells its readers, if it has come so far.
    pub(super) fn live(end: Position, told: Position) -> Self {
        Self { projection: "live", behind: end.0.saturating_sub(told.0) }
    }
}
