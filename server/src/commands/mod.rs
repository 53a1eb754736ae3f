//! The subcommands: one file each. Errors are sentences for the operator.

pub(crate) mod backup;
pub(crate) mod completions;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod health;
pub(crate) mod import;
pub(crate) mod man;
pub(crate) mod projections;
pub(crate) mod restore;
pub(crate) mod serve;
pub(crate) mod user;

mod demo;
mod progress;
#[cfg(feature = "kafka")]
mod relay;
mod schedule;
mod signals;

use std::path::Path;
use std::sync::Arc;

use siskin_server::application::{OsEntropy, Rules, Services, SystemClock};
use siskin_server::config::{DatabaseUrl, StoreConfig};
use siskin_server::storage::{Failure, MongoStore, SqliteStore, Store, StoreError, snapshot};

/// Opens the configured store; makes a file's folder if it is missing.
async fn open_store(config: &StoreConfig) -> Result<Arc<dyn Store>, String> {
    match config.url()? {
        DatabaseUrl::Sqlite(path) => open_file(&path),
        DatabaseUrl::Mongo(url) => match MongoStore::open(url.secret()).await {
            Ok(store) => Ok(Arc::new(store)),
            Err(StoreError::Unavailable(why) | StoreError::Corrupt(why)) => {
                Err(format!("SISKIN_DATABASE_URL: can't use {url}: {why}"))
            }
            Err(error) => Err(format!("SISKIN_DATABASE_URL: can't use {url}: {error}")),
        },
    }
}

/// Opens the configured store, which is there already: a mistyped path must not look like a store
/// in which all is well.
async fn open_existing_store(config: &StoreConfig) -> Result<Arc<dyn Store>, String> {
    if let DatabaseUrl::Sqlite(path) = config.url()?
        && !path.exists()
    {
        not_restoring(&path)?;
        return Err(format!(
            "SISKIN_DATABASE_URL: there is no database at {}. Set the address that the server has.",
            path.display()
        ));
    }
    open_store(config).await
}

fn open_file(path: &Path) -> Result<Arc<dyn Store>, String> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_folder(folder, "SISKIN_DATABASE_URL")?;
    }
    not_restoring(path)?;
    let store = SqliteStore::open(path).map_err(|error| {
        let advice = match error.failure() {
            Some(Failure::Damaged) => {
                ". Keep the file, and restore the last backup with \"siskin restore\" (docs/FAULTS.md)"
            }
            Some(Failure::DiskFull) => ". Make room and start it again; nothing is lost",
            _ => "",
        };
        format!("SISKIN_DATABASE_URL: can't open {}: {error}{advice}", path.display())
    })?;
    // A restore that began meanwhile either finds us here, or is found here.
    not_restoring(path)?;
    Ok(Arc::new(store))
}

/// Fails if a database is being restored.
fn not_restoring(path: &Path) -> Result<(), String> {
    match snapshot::restoring(path) {
        Some(why) => Err(format!("SISKIN_DATABASE_URL: {why}")),
        None => Ok(()),
    }
}

/// Makes a folder that only we may look into.
fn make_folder(folder: &Path, variable: &str) -> Result<(), String> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|error| format!("{variable}: can't make {}: {error}", folder.display()))
}

/// The application as the command line uses it.
fn services(store: Arc<dyn Store>) -> Services {
    services_with(store, Rules::default())
}

/// The same with rules of its own.
fn services_with(store: Arc<dyn Store>, rules: Rules) -> Services {
    Services::new(store, rules, Arc::new(SystemClock), Arc::new(OsEntropy))
}

/// Prints a line on standard output; a closed pipe ends the command quietly.
fn print_line(line: &str) -> Result<(), String> {
    print_text(format!("{line}\n").as_bytes())
}

/// The same for a text of several lines.
fn print_text(text: &[u8]) -> Result<(), String> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => Err(format!("can't write to standard output: {error}")),
    }
}
