//! `siskin export`.

use std::io::IsTerminal as _;
use std::path::Path;

use siskin_server::application::{Clock as _, SystemClock};
use siskin_server::archive::format::End;
use siskin_server::archive::{ArchiveError, Draft, export};
use siskin_server::config::ExportConfig;
use siskin_server::storage::Store;

use super::progress::Bar;
use super::{open_existing_store, print_line};

/// Runs the command.
pub(crate) async fn run(config: ExportConfig) -> Result<(), String> {
    let ExportConfig { store, file, force } = config;
    let to_pipe = file == Path::new("-");
    if to_pipe && std::io::stdout().is_terminal() {
        return Err("an archive is not for reading on a terminal: name a file".to_owned());
    }
    let store = open_existing_store(&store).await?;
    let done = tokio::select! {
        done = write(store.as_ref(), &file, to_pipe, force) => done.map_err(|e| e.to_string()),
        // The unfinished file is removed on the way out.
        _ = tokio::signal::ctrl_c() => Err("the export was interrupted".to_owned()),
    };
    store.close().await;
    let end = done?;
    if to_pipe {
        return Ok(());
    }
    print_line(&format!(
        "{} holds {} events, {} credentials, {} users and {} tweets, up to position {}. \
         It holds password hashes: keep it safe.",
        file.display(),
        end.events,
        end.credentials,
        end.projections.users.rows,
        end.projections.tweets.rows,
        end.position
    ))
}

async fn write(
    store: &dyn Store,
    file: &Path,
    to_pipe: bool,
    force: bool,
) -> Result<End, ArchiveError> {
    let (now, mut bar) = (SystemClock.now(), Bar::new());
    if to_pipe {
        return Ok(export(store, std::io::stdout(), now, &mut bar).await?.1);
    }
    let (draft, part) = Draft::create(file, force)?;
    let (part, end) = export(store, part, now, &mut bar).await?;
    draft.publish(part)?;
    Ok(end)
}
