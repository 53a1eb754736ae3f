//! `siskin events tail`: the log as JSON lines.

use serde_json::json;
use siskin_domain::{Position, Recorded};
use siskin_server::config::EventsCommand;
use siskin_server::storage::{Store, codec};
use tokio::sync::broadcast::error::RecvError;

use super::{open_store, print_line};

/// Events read from the log at once.
const CHUNK: usize = 500;

/// Runs the command.
pub(crate) async fn run(command: EventsCommand) -> Result<(), String> {
    let EventsCommand::Tail { store, after, no_follow } = command;
    let store = open_store(&store).await?;
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
