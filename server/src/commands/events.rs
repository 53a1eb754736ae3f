//! `siskin events tail`: the log as JSON lines; `siskin events verify`: whether it is sound.

use serde_json::json;
use siskin_domain::{Position, Recorded};
use siskin_server::application::{Clock as _, SystemClock};
use siskin_server::config::{EventsCommand, StoreConfig};
use siskin_server::integrity;
use siskin_server::storage::{Store, codec};
use tokio::sync::broadcast::error::RecvError;

use super::{open_existing_store, print_line};

/// Events read from the log at once.
const CHUNK: usize = 500;

/// Runs the command.
pub(crate) async fn run(command: EventsCommand) -> Result<(), String> {
    match command {
        EventsCommand::Tail { store, after, no_follow } => tail(&store, after, no_follow).await,
        EventsCommand::Verify { store } => verify(&store).await,
    }
}

async fn verify(store: &StoreConfig) -> Result<(), String> {
    let store = open_existing_store(store).await?;
    let verified = integrity::verify(store.as_ref(), SystemClock.now()).await;
    store.close().await;
    let found = verified.map_err(|error| error.to_string())?;
    for finding in &found.findings {
        print_line(finding)?;
    }
    print_line(&format!(
        "Read {} events up to position {}: {} streams, {} people, {} tweets, {} reports. Beside \
         them: {} password hashes and {} proofs.",
        found.events,
        found.position,
        found.streams,
        found.people,
        found.tweets,
        found.reports,
        found.credentials,
        found.proofs
    ))?;
    match found.findings.len() as u64 + found.more {
        0 => print_line("All is as it should be."),
        1 => Err("the log is not as it should be in one place".to_owned()),
        count => Err(format!("the log is not as it should be in {count} places")),
    }
}

async fn tail(store: &StoreConfig, after: u64, no_follow: bool) -> Result<(), String> {
    let store = open_existing_store(store).await?;
    let mut live = store.subscribe();
    let mut at = Position(after);
    loop {
        at = print_backlog(store.as_ref(), at).await?;
        if no_follow {
            store.close().await;
            return Ok(());
        }
        // What arrives live is only a sign that the log has grown: it is read from the log.
        let more = tokio::select! {
            more = live.recv() => more,
            _ = tokio::signal::ctrl_c() => {
                store.close().await;
                return Ok(());
            }
        };
        if matches!(more, Err(RecvError::Closed)) {
            return Ok(());
        }
    }
}

async fn print_backlog(store: &dyn Store, mut at: Position) -> Result<Position, String> {
    loop {
        let events = store.read_all(at, CHUNK).await.map_err(|error| error.to_string())?;
        let Some(last) = events.last() else { return Ok(at) };
        at = last.position;
        for recorded in &events {
            print_line(&line(recorded))?;
        }
    }
}

/// One event as one JSON object; personal parts are shown as the log holds them.
fn line(recorded: &Recorded) -> String {
    let encoded = codec::encode(&recorded.event);
    let parsed = |text: &str| serde_json::from_str(text).unwrap_or(serde_json::Value::Null);
    let object = json!({
        "position": recorded.position,
        "stream": recorded.stream.to_string(),
        "version": recorded.version,
        "type": recorded.event.kind(),
        "at": recorded.at,
        "actor": recorded.actor,
        "data": parsed(&encoded.data),
        "personal": encoded.personal.as_deref().map(parsed),
    });
    object.to_string()
}
