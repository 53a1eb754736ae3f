//! When backups are made, and what happens if one fails.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use siskin_domain::Timestamp;
use tokio::sync::watch;

use super::{folder, name, turn};
use crate::application::Clock;
use crate::archive::ArchiveError;
use crate::backup::{BackupError, Backups, Last, Source, make};
use crate::storage::snapshot::Stop;
use crate::storage::{Holder, Store};

/// How fast the schedule does what it does.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How often the clock is looked at.
    pub look: Duration,
    /// How soon a backup that failed is tried again, at first; then after twice that, and so on.
    pub retry: Duration,
    /// The longest that a failed one waits.
    pub longest_retry: Duration,
    /// How much later than it is due a server makes a backup if another one made the last.
    pub grace: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            look: Duration::from_secs(20),
            retry: Duration::from_secs(60),
            longest_retry: Duration::from_secs(15 * 60),
            grace: Duration::from_secs(5 * 60),
        }
    }
}

/// Makes backups of a store again and again.
pub struct Schedule {
    /// Where they go; the folder exists.
    pub folder: PathBuf,
    /// How long after the beginning of one the next is due.
    pub every: Duration,
    /// How many stay.
    pub keep: usize,
    /// What they are made of.
    pub source: Source,
    /// The store, for the agreement on who does it.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Which server this is.
    pub holder: Holder,
    /// Is told what happens.
    pub backups: Backups,
    /// How fast.
    pub pace: Pace,
}

impl std::fmt::Debug for Schedule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schedule").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// What came of a turn.
enum Turn {
    Made(Timestamp),
    Later(Timestamp),
    /// Another server is at it.
    Elsewhere,
    Failed(String),
    Stopped,
}

impl Schedule {
    /// Makes backups until `stopping` turns true; then ends at once. Nothing that fails ends it.
    pub async fn run(self, mut stopping: watch::Receiver<bool>) {
        self.backups.begin();
        let mut next = match self.newest().await {
            Ok(Some(last)) => self.after(last, Duration::ZERO),
            Ok(None) | Err(_) => self.clock.now(),
        };
        let mut retry = self.pace.retry;
        loop {
            // Looked at again and again, as the clock may be set.
            let left = next.unix_ms() - self.clock.now().unix_ms();
            let wait = Duration::from_millis(u64::try_from(left).unwrap_or(0)).min(self.pace.look);
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = wished(&mut stopping) => return,
            }
            let now = self.clock.now();
            if now < next && next <= later(now, self.every + self.pace.grace) {
                continue;
            }
            next = match self.turn(stopping.clone()).await {
                Turn::Stopped => return,
                Turn::Made(at) => {
                    retry = self.pace.retry;
                    self.after(at, Duration::ZERO)
                }
                Turn::Later(at) => at,
                Turn::Elsewhere => {
                    tokio::select! {
                        () = tokio::time::sleep(self.pace.look) => self.clock.now(),
                        () = wished(&mut stopping) => return,
                    }
                }
                Turn::Failed(why) => {
                    let wait = retry.min(self.every);
                    retry = (retry * 2).min(self.pace.longest_retry);
                    let again = wait.as_secs();
                    tracing::error!(
                        error = why,
                        "a backup failed; the next attempt is in {again} s"
                    );
                    self.backups.failed(why);
                    later(self.clock.now(), wait)
                }
            };
        }
    }

    /// When the next one is due after one that was begun then: never further away than it can be,
    /// even if the clock was wrong.
    fn after(&self, last: Timestamp, grace: Duration) -> Timestamp {
        let wait = self.every + grace;
        later(last, wait).min(later(self.clock.now(), wait))
    }

    /// When the newest backup in the folder was begun; shows it.
    async fn newest(&self) -> std::io::Result<Option<Timestamp>> {
        let newest = folder::good(&self.folder).await?.into_iter().next();
        Ok(newest.map(|kept| {
            let folder::Kept { at, path, bytes, position } = kept;
            self.backups.made(Last { at, path, bytes, position, took: None });
            at
        }))
    }

    /// Makes a backup, if it is due and no other server is at it.
    async fn turn(&self, stopping: watch::Receiver<bool>) -> Turn {
        let last = match turn::take(self).await {
            Ok(Some(last)) => last,
            Ok(None) => return Turn::Elsewhere,
            // A database on a full disk can still be copied to another.
            Err(_) if matches!(self.source, Source::File(_)) => Timestamp::from_unix_ms(0),
            Err(error) => return Turn::Failed(error.to_string()),
        };
        let done = match self.due(last).await {
            Ok(None) => self.make(stopping).await,
            Ok(Some(at)) => Turn::Later(at),
            Err(why) => Turn::Failed(why),
        };
        if let Turn::Made(at) = done {
            turn::note(self, at).await;
        }
        turn::give_back(self).await;
        done
    }

    /// `None` if it is due now, or when it is: another server may have made one meanwhile.
    async fn due(&self, last: Timestamp) -> Result<Option<Timestamp>, String> {
        let now = self.clock.now();
        let own = folder::good(&self.folder).await;
        let own = own.map_err(|error| format!("{}: {error}", self.folder.display()))?;
        // One of a time that is yet to come was made by a clock that was wrong.
        let own = own.iter().map(|kept| kept.at).find(|at| *at <= now);
        // A file is one machine's, so its folder says all.
        let others = matches!(self.source, Source::Shared(_)).then_some(last);
        if let Some(last) = others.filter(|last| last.unix_ms() > 0) {
            self.backups.made_elsewhere(last);
        }
        let Some(newest) = own.max(others.filter(|at| *at <= now)) else { return Ok(None) };
        let ours = own.is_some_and(|own| own.unix_ms() / 1000 >= newest.unix_ms() / 1000);
        let grace = if ours { Duration::ZERO } else { self.pace.grace.min(self.every / 2) };
        let due = self.after(newest, grace);
        Ok((due > now).then_some(due))
    }

    async fn make(&self, mut stopping: watch::Receiver<bool>) -> Turn {
        let (now, begun) = (self.clock.now(), self.clock.instant());
        if let Err(error) = folder::remove_halves(&self.folder) {
            return Turn::Failed(format!("{}: {error}", self.folder.display()));
        }
        let file = self.folder.join(name(now, self.source.kind()));
        let stop = Stop::default();
        let made = {
            let mut quiet = ();
            let made = make(&self.source, &file, false, now, &stop, &mut quiet);
            let mut made = std::pin::pin!(made);
            let mut renew = tokio::time::interval(turn::RENEW);
            loop {
                tokio::select! {
                    made = &mut made => break made,
                    _ = renew.tick() => drop(turn::take(self).await),
                    () = wished(&mut stopping), if !stop.is_wished() => stop.now(),
                }
            }
        };
        match made {
            Ok(made) => {
                let took = self.clock.instant().saturating_duration_since(begun);
                let (bytes, position) = (made.bytes, made.position);
                tracing::info!(path = %file.display(), bytes, %position, "made a backup");
                self.thin(&file).await;
                self.backups.made(Last { at: now, path: file, bytes, position, took: Some(took) });
                Turn::Made(now)
            }
            Err(_) if stop.is_wished() => Turn::Stopped,
            // There is nothing to lose yet.
            Err(BackupError::Archive(ArchiveError::Nothing)) => {
                Turn::Later(later(self.clock.now(), self.pace.look))
            }
            Err(error) => Turn::Failed(error.to_string()),
        }
    }

    async fn thin(&self, made: &Path) {
        match folder::thin(&self.folder, self.keep, made).await {
            Ok(removed) => {
                for path in removed {
                    tracing::info!(path = %path.display(), "removed an old backup");
                }
            }
            Err(error) => tracing::warn!(%error, "could not remove old backups"),
        }
    }
}

/// Waits until the server is to stop.
async fn wished(stopping: &mut watch::Receiver<bool>) {
    drop(stopping.wait_for(|stop| *stop).await);
}

fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.plus_ms(i64::try_from(by.as_millis()).unwrap_or(i64::MAX))
}
