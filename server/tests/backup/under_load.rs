//! A backup of a store that is written to at full speed.

use std::collections::BTreeMap;

use siskin_domain::tweet::TweetEvent;
use siskin_domain::{Event, Position, Recorded, StreamId};
use siskin_server::archive::digest::digests;
use siskin_server::storage::Maintenance as _;

use crate::history::many_tweets;
use crate::load::{Load, log_in, post, sign_up};
use crate::place::{Place, digests_of, log, said};
use crate::server::Server;

/// The tweets of a log, by id.
fn tweets(log: &[Recorded]) -> BTreeMap<u64, String> {
    let tweet = |recorded: &Recorded| match (&recorded.event, recorded.stream) {
        (Event::Tweet(TweetEvent::Posted { body: Some(body), .. }), StreamId::Tweet(id)) => {
            Some((id.get(), body.as_str().to_owned()))
        }
        _ => None,
    };
    log.iter().filter_map(tweet).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_before_a_backup_is_missing_in_it() {
    let place = Place::with(&many_tweets(3000)).await;
    let server = Server::start(place.path());
    let token = sign_up(&server.url, "writer").await;
    let load = Load::begin(&server.url, &token, 16);
    let mut backups = Vec::new();
    for n in 0..3 {
        load.more(100).await;
        let (name, before) = (format!("backup-{n}.db"), load.told());
        let text = tokio::task::block_in_place(|| said(&place.run(&["backup", &name])));
        assert!(text.starts_with(&format!("{name} holds the store up to position ")), "{text}");
        let meanwhile = load.told().len() - before.len();
        assert!(meanwhile > 0, "writers wrote meanwhile, and were not held up");
        println!("{meanwhile} tweets were acknowledged while {name} was made");
        backups.push((place.file(&name), before));
    }
    let told = load.end().await;
    server.terminate();
    let store = place.store();
    let original = log(&store).await;
    store.close().await;
    for (backup, before) in backups {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(backup.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        let copy = Place::empty();
        said(&copy.run(&["restore", backup.to_str().unwrap()]));
        copy.is_sound();
        let store = copy.store();
        let restored = log(&store).await;
        // What it is, is what the original was at that position: event by event, and digest by digest.
        assert_eq!(restored, original[..restored.len()]);
        assert_eq!(digests(&store).await.unwrap(), digests_of(&restored).await);
        let there = tweets(&restored);
        for (id, body) in &before {
            assert_eq!(there.get(id), Some(body), "acknowledged before the backup, and missing");
        }
        assert!(restored.len() < original.len() && told.len() > before.len());
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_store_is_served_with_its_passwords_and_sessions_and_goes_on() {
    let place = Place::empty();
    let server = Server::start(place.path());
    let token = sign_up(&server.url, "ana").await;
    let early = post(&server.url, &token, "in the backup").await;
    let backup = place.file("backup.db");
    let name = backup.to_str().unwrap();
    tokio::task::block_in_place(|| said(&place.run(&["backup", name])));
    let lost = post(&server.url, &token, "after the backup").await;
    server.terminate();

    let copy = Place::empty();
    tokio::task::block_in_place(|| said(&copy.run(&["restore", name])));
    let server = Server::start(copy.path());
    // The session of then, and a log-in with the password of then.
    let next = post(&server.url, &token, "after the restore").await;
    let token = log_in(&server.url, "ana").await;
    let last = post(&server.url, &token, "after logging in").await;
    server.terminate();
    assert!(early < next && next < last && ![next, last].contains(&lost));
    copy.is_sound();
    let store = copy.store();
    let positions: Vec<Position> = log(&store).await.iter().map(|event| event.position).collect();
    assert!(positions.iter().zip(1..).all(|(position, n)| position.0 == n), "{positions:?}");
    store.close().await;
}
