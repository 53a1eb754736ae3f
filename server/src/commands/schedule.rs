//! The server's own backups, as `siskin serve` makes them.

use std::sync::Arc;
use std::time::Duration;

use siskin_server::application::{Entropy as _, OsEntropy, Services, SystemClock};
use siskin_server::backup::Source;
use siskin_server::backup::schedule::{Pace, Schedule};
use siskin_server::config::{DatabaseUrl, ServeConfig};
use siskin_server::storage::Holder;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A backup that is told to stop does so within this time.
const PATIENCE: Duration = Duration::from_secs(2);

/// Starts making backups, if the operator named a folder.
pub(super) fn start(
    config: &ServeConfig,
    services: &Services,
    stopping: watch::Receiver<bool>,
) -> Result<Option<JoinHandle<()>>, String> {
    // A query node changes nothing in the store, and so can't agree with others on who does it.
    let Some(folder) = config.backup.backup_dir.clone().filter(|_| config.role.writes()) else {
        return Ok(None);
    };
    super::make_folder(&folder, "SISKIN_BACKUP_DIR")?;
    let source = match config.store.url()? {
        DatabaseUrl::Sqlite(path) => Source::File(path),
        DatabaseUrl::Mongo(_) => Source::Shared(Arc::clone(&services.store)),
    };
    let mut holder = Holder([0; 16]);
    OsEntropy.fill(&mut holder.0);
    let schedule = Schedule {
        folder,
        every: config.backup.backup_every.0,
        keep: usize::from(config.backup.backup_keep),
        source,
        store: Arc::clone(&services.store),
        clock: Arc::new(SystemClock),
        holder,
        backups: services.backups.clone(),
        pace: Pace::default(),
    };
    Ok(Some(tokio::spawn(schedule.run(stopping))))
}

/// Waits until backups that were told to stop have stopped.
pub(super) async fn stopped(schedule: Option<JoinHandle<()>>) {
    if let Some(schedule) = schedule
        && tokio::time::timeout(PATIENCE, schedule).await.is_err()
    {
        tracing::debug!("a backup did not stop in time; its half is removed by the next one");
    }
}
