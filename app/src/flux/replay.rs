//! A recorded log of actions, as a browser dispatched them, replays to the same state.
//!
//! After a change of the reducers that is meant, `SISKIN_RECORD=1 cargo test -p siskin-app replay`
//! writes the new end state; read the difference before you commit it.

use serde::{Deserialize, Serialize};

use super::feed::{Action, State};
use super::store::Slice;

#[derive(Serialize, Deserialize)]
struct Recording {
    begin: State,
    actions: Vec<Action>,
    end: Option<State>,
}

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/action-log.json");

fn replayed(recording: &Recording) -> State {
    let mut state = recording.begin.clone();
    for action in &recording.actions {
        state.reduce(action.clone());
    }
    state
}

#[test]
fn the_recorded_log_replays_to_the_recorded_state() {
    let text = std::fs::read_to_string(PATH).unwrap();
    let mut recording: Recording = serde_json::from_str(&text).unwrap();
    let end = replayed(&recording);
    if std::env::var_os("SISKIN_RECORD").is_some() {
        recording.end = Some(end);
        let json = serde_json::to_string_pretty(&recording).unwrap();
        std::fs::write(PATH, json + "\n").unwrap();
        return;
    }
    assert_eq!(Some(end), recording.end);
}

#[test]
fn replaying_twice_gives_the_same() {
    let recording: Recording =
        serde_json::from_str(&std::fs::read_to_string(PATH).unwrap()).unwrap();
    assert!(recording.actions.len() > 20, "the log is too short to prove much");
    assert_eq!(replayed(&recording), replayed(&recording));
}
