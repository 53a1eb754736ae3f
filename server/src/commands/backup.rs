//! `siskin backup`.

use std::sync::Arc;

use siskin_server::application::{Clock as _, SystemClock};
use siskin_server::backup::{Source, make};
use siskin_server::config::{BackupConfig, DatabaseUrl};
use siskin_server::storage::Store;
use siskin_server::storage::snapshot::Stop;

use super::progress::Bar;
use super::{not_restoring, open_store, print_line};

/// Runs the command.
pub(crate) async fn run(config: BackupConfig) -> Result<(), String> {
    let BackupConfig { store, file, force } = config;
    let mut opened: Option<Arc<dyn Store>> = None;
    let source = match store.url()? {
        // Not opened as a store: nothing is migrated, nothing is written.
        DatabaseUrl::Sqlite(path) => {
            not_restoring(&path)?;
            Source::File(path)
        }
        DatabaseUrl::Mongo(_) => {
            let store = open_store(&store).await?;
            Source::Shared(Arc::clone(opened.insert(store)))
        }
    };
    let stop = Stop::default();
    let interrupted = stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            interrupted.now();
        }
    });
    let made = make(&source, &file, force, SystemClock.now(), &stop, &mut Bar::new()).await;
    if let Some(store) = opened {
        store.close().await;
    }
    let made = made.map_err(|error| error.to_string())?;
    print_line(&format!(
        "{} holds the store up to position {} in {} bytes. It holds password hashes: keep it safe.",
        file.display(),
        made.position,
        made.bytes
    ))
}
