//! `siskin projections rebuild`, `siskin projections verify` and `siskin projections digest`.

use siskin_server::archive::digest::{Digests, digests};
use siskin_server::config::ProjectionsCommand;
use siskin_server::storage::Verification;

use super::{open_existing_store, print_line};

/// Runs the command.
pub(crate) async fn run(command: ProjectionsCommand) -> Result<(), String> {
    match command {
        ProjectionsCommand::Rebuild { store } => {
            let store = open_existing_store(&store).await?;
            let rebuilt = store.rebuild_projections().await;
            store.close().await;
            let events = rebuilt.map_err(|error| error.to_string())?;
            print_line(&format!("The projections are made anew from {events} events."))
        }
        ProjectionsCommand::Verify { store } => {
            let store = open_existing_store(&store).await?;
            let verified = store.verify_projections().await;
            store.close().await;
            report(&verified.map_err(|error| error.to_string())?)
        }
        ProjectionsCommand::Digest { store } => {
            let store = open_existing_store(&store).await?;
            let found = digests(store.as_ref()).await;
            store.close().await;
            let Digests { users, tweets, moderation } = found.map_err(|error| error.to_string())?;
            print_line(&format!("users   {} {} rows", users.sha256, users.rows))?;
            print_line(&format!("tweets  {} {} rows", tweets.sha256, tweets.rows))?;
            let moderation = moderation.map(|moderation| {
                print_line(&format!("moderation {} {} rows", moderation.sha256, moderation.rows))
            });
            moderation.unwrap_or(Ok(()))
        }
    }
}

fn report(found: &Verification) -> Result<(), String> {
    for difference in &found.differences {
        print_line(&format!("{} {}: {}", difference.projection, difference.key, difference.what))?;
    }
    if found.differences.is_empty() {
        let (rows, events) = (found.rows, found.events);
        print_line(&format!("All {rows} rows are what {events} events say."))
    } else {
        Err(format!(
            "{} rows are not what the events say; `siskin projections rebuild` makes them anew",
            found.differences.len()
        ))
    }
}
