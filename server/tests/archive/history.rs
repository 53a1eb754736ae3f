//! A store in which everything has happened that can.

use std::sync::Arc;

use siskin_domain::moderation::{Filing, Measure, ModerationEvent, ReportEvent};
use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::{Profile, ProfileUpdate, UserEvent};
use siskin_domain::{
    Bio, DisplayName, Email, Event, Position, Reason, Recorded, ReportId, Role, StreamId,
    Timestamp, TweetBody, TweetId, UserId, Username,
};
use siskin_server::storage::contract::scene::{Scene, credential, profile};
use siskin_server::storage::{Effect, Expected, Proof, ProofKey, ProofKind, SessionKind, Store};

/// Words of many scripts, and what JSON, SQL and terminals stumble over.
pub(crate) const TEXTS: [&str; 6] = [
    "👩‍👩‍👧‍👦 and 🏴󠁧󠁢󠁳󠁣󠁴󠁿 in one tweet",
    "صباح الخير! القهوة جاهزة ☕️ #صباح",
    "שלום \u{202E}mixed\u{202C} directions",
    "京都の朝は静か。",
    "\"quoted\" \\ 'single' -- ; </script>\n\ttabbed \u{2028} \u{7f}",
    "e\u{301} and \u{0}nothing",
];

/// People who join, change, write, delete and go.
pub(crate) async fn lively(store: Arc<dyn Store>) -> Scene {
    let scene = Scene::new(store);
    let mut people = Vec::new();
    for name in ["ana", "ben", "cem", "dan", "eve"] {
        let person = scene.register(name).await;
        scene.effects(person, vec![credential(person, &format!("hash of {name}"))]).await.unwrap();
        scene.start(person, people.len() as u8, SessionKind::Bearer, 1_000_000).await;
        for kind in [ProofKind::Totp, ProofKind::Passkey, ProofKind::VerifyMail] {
            let proof = proof_of(person, kind, name);
            scene.effects(person, vec![Effect::KeepProof(proof)]).await.unwrap();
        }
        people.push(person);
    }
    for (n, text) in TEXTS.iter().enumerate() {
        for (m, person) in people.iter().enumerate() {
            let tweet = scene.post(*person, text).await;
            if n % 3 == m % 3 {
                scene.delete_tweet(tweet, *person).await;
            }
        }
    }
    let changes = ProfileUpdate {
        username: Some(Username::parse("anna").unwrap()),
        email: Some(Email::parse("anna@example.org").unwrap()),
        name: Some(DisplayName::parse("آنا 🐦").unwrap()),
        bio: Some(Bio::parse("Two\nlines, \"quoted\"").unwrap()),
    };
    scene.update(people[0], changes).await.unwrap();
    let role = UserEvent::RoleUpdated { role: Role::Moderator };
    for event in [role.into(), UserEvent::PasswordUpdated.into()] {
        scene.append(StreamId::User(people[2]), Expected::Any, vec![event]).await.unwrap();
    }
    let login: Event = UserEvent::LoggedIn.into();
    scene.append(StreamId::Logins(people[4]), Expected::Any, vec![login]).await.unwrap();
    moderate(&scene, &people).await;
    scene.delete_user(people[1]).await;
    // A name that somebody gave up, and one whose owner is gone.
    for name in ["ana", "ben"] {
        let person = scene.user_id();
        let profile = Profile { email: profile(&format!("{name}.2")).email, ..profile(name) };
        let event = UserEvent::Created { role: Role::User, profile: Some(profile) };
        scene.append(StreamId::User(person), Expected::Empty, vec![event.into()]).await.unwrap();
        scene.post(person, "the new one").await;
    }
    scene.sound().await;
    scene
}

/// What moderators do about people and tweets that stay, and that go.
async fn moderate(scene: &Scene, people: &[UserId]) {
    let reason = Reason::parse("مزعج, \"rude\" 👎").ok();
    for person in &people[..3] {
        for measure in Measure::ALL {
            let event = ModerationEvent::Imposed { measure, reason: reason.clone() };
            let stream = StreamId::Moderation(*person);
            scene.append(stream, Expected::Any, vec![event.into()]).await.unwrap();
        }
        let lifted =
            ModerationEvent::Lifted { measure: Measure::Suspension, reason: reason.clone() };
        let stream = StreamId::Moderation(*person);
        scene.append(stream, Expected::Any, vec![lifted.into()]).await.unwrap();
        let tweet = scene.post(*person, "hidden words").await;
        let hidden = TweetEvent::Hidden { author: *person, reason: reason.clone() };
        scene.append(StreamId::Tweet(tweet), Expected::At(1), vec![hidden.into()]).await.unwrap();
        let filing = Filing { by: people[3], about: *person, tweet: Some(tweet) };
        let report = StreamId::Report(ReportId::new(5_000_000 + scene.number()).unwrap());
        let filed = ReportEvent::Filed { filing, reason: reason.clone() };
        scene.append(report, Expected::Empty, vec![filed.into()]).await.unwrap();
        if *person != people[0] {
            let resolved = ReportEvent::Resolved { filing, reason: reason.clone() };
            scene.append(report, Expected::At(1), vec![resolved.into()]).await.unwrap();
        }
    }
}

/// What proves that somebody is who they are.
fn proof_of(person: UserId, kind: ProofKind, name: &str) -> Proof {
    Proof {
        key: ProofKey::of(kind, name.as_bytes()),
        user: Some(person),
        kind,
        label: format!("{name}'s 🔑"),
        data: format!("{{\"of\":\"{name}\"}}"),
        revision: 2,
        created_at: Timestamp::from_unix_ms(1_750_000_000_001),
        used_at: (kind == ProofKind::Totp).then(|| Timestamp::from_unix_ms(1_750_000_000_002)),
        expires_at: None,
    }
}

/// One author's log of `tweets` tweets, each with words that don't compress.
pub(crate) fn many_tweets(tweets: u64) -> Vec<Recorded> {
    let author = UserId::new(7).unwrap();
    let at = |n: u64| Timestamp::from_unix_ms(1_750_000_000_000 + n as i64);
    let recorded = |position, stream, event| Recorded {
        position: Position(position),
        stream,
        version: 1,
        at: at(position),
        actor: Some(author),
        event,
    };
    let created = UserEvent::Created { role: Role::User, profile: Some(profile("ana")) };
    let mut log = vec![recorded(1, StreamId::User(author), created.into())];
    let mut noise = 1u128;
    for n in 2..=tweets + 1 {
        noise =
            noise.wrapping_mul(0xDA94_2042_E4DD_58B5_0000_0000_0000_0001).wrapping_add(n.into());
        let body = TweetBody::recorded(format!("tweet {n}: {noise:032x}"));
        let event = TweetEvent::Posted { author, body: Some(body) };
        log.push(recorded(n, StreamId::Tweet(TweetId::new(n).unwrap()), event.into()));
    }
    log
}

/// Brings a log into an empty store.
pub(crate) async fn restore(store: &dyn Store, log: &[Recorded]) {
    for part in log.chunks(1000) {
        store.restore_events(part.to_vec()).await.unwrap();
    }
}
