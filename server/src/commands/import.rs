//! `siskin import`.

use std::path::Path;

use siskin_server::archive::{check, import};
use siskin_server::config::ImportConfig;

use super::progress::Bar;
use super::{open_store, print_line};

/// Runs the command.
pub(crate) async fn run(config: ImportConfig) -> Result<(), String> {
    let ImportConfig { store, file } = config;
    if file == Path::new("-") {
        return Err("an archive is read twice, so it can't come from standard input: save it in \
                    a file first"
            .to_owned());
    }
    let mut bar = Bar::new();
    // Before the store is opened: a wrong archive does not even make a file.
    let archive = check(&file, &mut bar).await.map_err(|error| error.to_string())?;
    let store = open_store(&store).await?;
    let done = import(store.as_ref(), &archive, &mut bar).await;
    drop(bar);
    store.close().await;
    let done = done.map_err(|error| error.to_string())?;
    let end = archive.end();
    let found = match done.found {
        0 => String::new(),
        found => format!(" ({found} of them were there already)"),
    };
    print_line(&format!(
        "The store holds {} events{found}, {} credentials, {} users and {} tweets, and is what \
         the archive says.",
        end.events, end.credentials, end.projections.users.rows, end.projections.tweets.rows
    ))
}
