//! Backups: the commands, and the server's own.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

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

/// Backups that the server makes by itself. Without a folder it makes none.
#[derive(Debug, Clone, Args)]
pub struct ScheduleConfig {
    /// The folder that the server puts backups of its store into by itself, as
    /// siskin-20261124T201136Z.db (of MongoDB .jsonl.zst). It is made if it is missing. Copy them
    /// to another machine from there. Of several servers that share a store one makes them.
    #[arg(long, env = "SISKIN_BACKUP_DIR", value_name = "FOLDER")]
    pub backup_dir: Option<PathBuf>,

    /// How often: 30m, 6h, 24h, 7d; a minute or more.
    #[arg(long, env = "SISKIN_BACKUP_EVERY", value_name = "TIME", default_value = "24h")]
    pub backup_every: Every,

    /// How many of them stay in the folder. Files that the server did not make always stay.
    #[arg(
        long,
        env = "SISKIN_BACKUP_KEEP",
        value_name = "N",
        default_value_t = 7,
        value_parser = clap::value_parser!(u16).range(1..)
    )]
    pub backup_keep: u16,
}

/// A time of a minute or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Every(pub Duration);

impl FromStr for Every {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "give minutes, hours or days, a minute or more: 30m, 6h, 7d";
        let units = [("m", 60), ("h", 3_600), ("d", 86_400)];
        let (number, seconds) = units
            .into_iter()
            .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)))
            .ok_or(SHAPE)?;
        let number: u32 = number.parse().map_err(|_| SHAPE)?;
        if number == 0 {
            return Err(SHAPE);
        }
        Ok(Self(Duration::from_secs(u64::from(number) * seconds)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_a_minute_or_more() {
        for (text, seconds) in [("1m", 60), ("30m", 1_800), ("24h", 86_400), ("7d", 604_800)] {
            assert_eq!(text.parse(), Ok(Every(Duration::from_secs(seconds))), "{text}");
        }
        for text in ["", "0m", "30", "30s", "h", "-1h", "1.5h", "1h30m", "99999999999h"] {
            assert!(text.parse::<Every>().is_err(), "{text}");
        }
    }
}
