//! How far a long job is.

/// What a long job is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Events go from the store to the archive.
    Exporting,
    /// The archive is read from end to end; no store is touched.
    Checking,
    /// Events go from the archive to the store.
    Importing,
    /// The store's projections are compared with the archive's.
    Verifying,
}

/// Is told how far a long job is.
pub trait Observer: Send {
    /// A stage begins that has so many steps, as far as is known.
    fn begin(&mut self, stage: Stage, steps: u64);
    /// So many of them are done.
    fn done(&mut self, steps: u64);
}

/// Nobody looks.
impl Observer for () {
    fn begin(&mut self, _: Stage, _: u64) {}
    fn done(&mut self, _: u64) {}
}
