//! Backups: the commands.

use std::path::PathBuf;

use clap::Args;

use super::StoreConfig;
use crate::backup::Until;

/// Everything that `siskin backup` can be told.
#[derive(Debug, Clone, Args)]
pub struct BackupConfig {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it as the help of every command")]
    pub store: StoreConfig,
    /// The file to write.
    pub file: PathBuf,
    /// Replace the file if it is there, and what a killed backup has left beside it.
    #[arg(long)]
    pub force: bool,
}

/// Everything that `siskin restore` can be told.
#[derive(Debug, Clone, Args)]
pub struct RestoreConfig {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it as the help of every command")]
    pub store: StoreConfig,
    /// The backup: a file that "siskin backup", the server's schedule or "siskin export" wrote.
    pub file: PathBuf,
    /// Stop after the event at this position, or before the first event that is later than this
    /// time (RFC 3339: 2026-11-24T20:11:36Z). Everybody logs in again then.
    #[arg(long, value_name = "POSITION|TIME")]
    pub until: Option<Until>,
    /// Move a store that is there already aside. It is not deleted.
    #[arg(long)]
    pub force: bool,
}
