//! A store as it was after some event.

use std::sync::Arc;

use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::UserEvent;
use siskin_domain::{Event, Position, Recorded, StreamId, Timestamp};
use siskin_server::archive::digest::digests;
use siskin_server::backup::{BackupError, Cut, Until, bring, reserve_ids};
use siskin_server::integrity;
use siskin_server::storage::contract::scene::time;
use siskin_server::storage::{
    Archive as _, Audience, Coordination as _, Holder, Maintenance as _, NodeWish, Page, Proof,
    ProofKey, ProofKind, Proofs as _, ReadModels as _, SqliteStore, Store,
};

use crate::history::{many_tweets, restore};
use crate::place::{Place, log, refused, said};

const LATE: i64 = 2_000_000_000_000;

fn late() -> Timestamp {
    Timestamp::from_unix_ms(LATE)
}

/// What was forgotten after `at` is forgotten in what was recorded until then.
fn is_past_of(then: &Recorded, now: &Recorded) -> bool {
    let forgotten = matches!(
        now.event,
        Event::User(
            UserEvent::Created { profile: None, .. } | UserEvent::Updated { changes: None }
        ) | Event::Tweet(TweetEvent::Posted { body: None, .. })
    );
    then == now || forgotten
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_can_go_back_to_any_of_its_events() {
    let place = Place::lively().await;
    let source = place.store();
    let original = log(&source).await;
    let end = original.len() as u64;
    for position in 1..=end {
        let folder = tempfile::tempdir().unwrap();
        let target = SqliteStore::open(&folder.path().join("siskin.db")).unwrap();
        let until = Some(Until::Position(Position(position)));
        let cut = Cut::find(&source, until, late()).await.unwrap();
        let brought = bring(&source, &target, &cut, &mut ()).await.unwrap();
        assert_eq!((brought.position, cut.position), (Position(position), Position(position)));
        let restored = log(&target).await;
        let (then, behind) = restored.split_at(position as usize);
        assert!(then.iter().zip(&original).all(|(then, now)| is_past_of(then, now)), "{position}");
        // Nothing follows but the deletions of what was there and is forgotten.
        assert_eq!(behind.len() as u64, brought.deletions);
        for deletion in behind {
            let deleted =
                |event: &Recorded| event.stream == deletion.stream && event.event == deletion.event;
            assert!(original[position as usize..].iter().any(deleted), "{deletion:?}");
            assert!(then.iter().any(|event| event.stream == deletion.stream), "{deletion:?}");
        }
        let report = integrity::verify(&target, late()).await.unwrap();
        assert_eq!(report.findings, Vec::<String>::new(), "up to {position}");
        for tweet in target.list_tweets(Page::newest(1000), Audience::All).await.unwrap() {
            assert!(!tweet.body.is_empty(), "an erased tweet came back empty: {position}");
        }
        target.close().await;
    }
    source.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_beside_the_log_belongs_to_who_is_there() {
    let place = Place::lively().await;
    let source = place.store();
    let original = log(&source).await;
    let all = source.credentials_after(None, 100).await.unwrap().len();
    let StreamId::User(ana) = original[0].stream else { panic!("the first to come") };
    // Somebody who was there at once got another way in at the very end.
    let late_at = original.last().unwrap().at;
    let late_key = ProofKey::of(ProofKind::Passkey, b"late");
    let passkey = Proof {
        key: late_key,
        user: Some(ana),
        kind: ProofKind::Passkey,
        label: String::new(),
        data: "{}".to_owned(),
        revision: 1,
        created_at: late_at,
        used_at: None,
        expires_at: None,
    };
    source.keep_proof(passkey, late_at).await.unwrap();
    let (mut credentials, mut proofs) = (Vec::new(), Vec::new());
    for position in [1, 5, original.len() as u64] {
        let folder = tempfile::tempdir().unwrap();
        let target = SqliteStore::open(&folder.path().join("siskin.db")).unwrap();
        let until = Some(Until::Position(Position(position)));
        let cut = Cut::find(&source, until, late()).await.unwrap();
        bring(&source, &target, &cut, &mut ()).await.unwrap();
        let users = target.list_users(Page::newest(1000), Audience::All).await.unwrap();
        let there = |id| users.iter().any(|user| user.id == id);
        let kept = target.credentials_after(None, 100).await.unwrap();
        assert!(kept.iter().all(|credential| there(credential.user)));
        credentials.push(kept.len());
        let kept = target.proofs_after(None, 100).await.unwrap();
        assert!(kept.iter().all(|proof| proof.user.is_some_and(there)));
        let has_late = kept.iter().any(|proof| proof.key == late_key);
        assert_eq!(has_late, position == original.len() as u64, "what was made later is left out");
        proofs.push(kept.len());
        target.close().await;
    }
    assert!(credentials[0] == 1 && credentials[2] == all, "{credentials:?}");
    assert!(proofs[0] < proofs[2], "{proofs:?}");
    source.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_is_a_position() {
    let place = Place::lively().await;
    let source = place.store();
    let original = log(&source).await;
    let at = |time| Cut::find(&source, Some(Until::Time(time)), late());
    for (n, event) in original.iter().enumerate() {
        let next = original.get(n + 1).map(|next| next.at);
        let cut = at(event.at).await.unwrap();
        // Several events may be of one moment.
        let last = original.iter().rev().find(|other| other.at == event.at).unwrap();
        assert_eq!((cut.position, cut.at), (last.position, event.at));
        if let Some(next) = next.filter(|next| *next > event.at) {
            assert_eq!(at(next.plus_ms(-1)).await.unwrap().position, event.position);
        }
    }
    assert!(matches!(at(time(0)).await, Err(BackupError::TooEarly(_))));
    assert!(matches!(at(late().plus_ms(1)).await, Err(BackupError::TooLate(_))));
    let far = Some(Until::Position(Position(original.len() as u64 + 1)));
    assert!(matches!(Cut::find(&source, far, late()).await, Err(BackupError::TooFar(_))));
    let none = Some(Until::Position(Position(0)));
    assert!(matches!(Cut::find(&source, none, late()).await, Err(BackupError::TooEarly(_))));
    source.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_ids_are_younger_than_all_that_is_there() {
    let log = many_tweets(1500);
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("siskin.db")).unwrap();
    restore(&store, &log).await;
    // The lost machine's clock was a day ahead of ours.
    let now = Timestamp::from_unix_ms(1_800_000_000_000);
    let last = now.plus_ms(24 * 60 * 60 * 1000);
    reserve_ids(&store, last).await.unwrap();
    for node in 0..16 {
        let wish = NodeWish { holder: Holder([node; 16]), now, until: last.plus_ms(10_000) };
        let lease = store.lease_node(wish).await.unwrap().unwrap();
        assert_eq!(lease.after, last, "the range begins behind what may have been used");
    }
    store.close().await;
}

/// The commands, for both kinds of file.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_and_an_archive_go_back_by_position_and_by_time() {
    let place = Place::lively().await;
    said(&place.run(&["backup", "one.db"]));
    said(&place.run(&["export", "one.zst"]));
    let source = place.store();
    let original = log(&source).await;
    let cut = &original[original.len() / 2];
    let expected = {
        let folder = tempfile::tempdir().unwrap();
        let target = SqliteStore::open(&folder.path().join("siskin.db")).unwrap();
        let until = Some(Until::Position(cut.position));
        let cut = Cut::find(&source, until, late()).await.unwrap();
        bring(&source, &target, &cut, &mut ()).await.unwrap();
        let expected = (digests(&target).await.unwrap(), log(&target).await);
        target.close().await;
        expected
    };
    source.close().await;
    let next = original[cut.position.0 as usize].at;
    assert!(next > cut.at, "the next event is later");
    let moments = [cut.position.to_string(), cut.at.to_string(), next.plus_ms(-1).to_string()];
    for file in ["one.db", "one.zst"] {
        let file = place.file(file);
        for moment in &moments {
            let copy = Place::empty();
            let arguments = ["restore", file.to_str().unwrap(), "--until", moment];
            let text = said(&copy.run(&arguments));
            assert!(text.contains(&format!("up to position {}", cut.position)), "{text}");
            copy.is_sound();
            assert!(
                copy.names().iter().all(|name| !name.contains("restoring")),
                "{:?}",
                copy.names()
            );
            let store = copy.store();
            assert_eq!((digests(&store).await.unwrap(), log(&store).await), expected);
            store.close().await;
        }
        let copy = Place::empty();
        for moment in ["0", "999999", "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"] {
            let arguments = ["restore", file.to_str().unwrap(), "--until", moment];
            refused(&copy.run(&arguments));
            assert_eq!(copy.names(), [""; 0], "{moment}");
        }
    }
}

/// A store that is there is refused, or moved aside and kept.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_there_is_kept() {
    let place = Place::lively().await;
    let before = place.digests().await;
    said(&place.run(&["backup", "one.db"]));
    assert!(refused(&place.run(&["restore", "one.db"])).contains("--force"));
    said(&place.run(&["restore", "one.db", "--force", "--until", "3"]));
    place.is_sound();
    let kept: Vec<String> =
        place.names().into_iter().filter(|name| name.contains(".before-")).collect();
    let [kept] = kept.as_slice() else { panic!("one is kept: {kept:?}") };
    let old: Arc<dyn Store> = Arc::new(SqliteStore::open(&place.file(kept)).unwrap());
    assert_eq!(digests(old.as_ref()).await.unwrap(), before);
    old.close().await;
    let store = place.store();
    let positions = log(&store).await.len();
    assert!((3..10).contains(&positions), "three, and deletions of what was erased: {positions}");
    store.close().await;
}

/// The server is another user than the operator, who is root.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_root_restores_belongs_to_whom_the_store_belonged() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    if !rustix::process::geteuid().is_root() {
        eprintln!("not shown here: only root gives files away");
        return;
    }
    let place = Place::lively().await;
    said(&place.run(&["backup", "one.db"]));
    chown(place.path(), Some(65_531), Some(65_530)).unwrap();
    chown(place.database(), Some(65_532), Some(65_533)).unwrap();
    let owner = || {
        let found = place.database().metadata().unwrap();
        (found.uid(), found.gid(), found.permissions().mode() & 0o777)
    };
    said(&place.run(&["restore", "one.db", "--force"]));
    assert_eq!(owner(), (65_532, 65_533, 0o600));
    for name in place.names().into_iter().filter(|name| name.starts_with("siskin.db")) {
        std::fs::remove_file(place.file(&name)).unwrap();
    }
    said(&place.run(&["restore", "one.db"]));
    assert_eq!(owner(), (65_531, 65_530, 0o600));
}
