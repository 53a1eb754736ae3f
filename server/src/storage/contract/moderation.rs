//! What moderators do shows at once, to whom it is to, and leaves nothing changed when it ends.

use std::sync::Arc;

use siskin_domain::moderation::{Filing, Measure, ModerationEvent, ReportEvent, Standing};
use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::{ProfileUpdate, UserEvent};
use siskin_domain::{
    DisplayName, Event, Position, Reason, Recorded, ReportId, Role, StreamId, TweetId, UserId,
    Username, wire,
};

use super::scene::{Scene, created, posted, time, token};
use crate::storage::{
    Append, Appended, Audience, Expected, Page, Report, SessionKind, Store, StoreError,
};

fn reason(text: &str) -> Option<Reason> {
    Some(Reason::parse(text).unwrap())
}

async fn act(scene: &Scene, user: UserId, event: ModerationEvent) -> Result<Appended, StoreError> {
    scene.append(StreamId::Moderation(user), Expected::Any, vec![event.into()]).await
}

async fn impose(scene: &Scene, user: UserId, measure: Measure) {
    let event = ModerationEvent::Imposed { measure, reason: reason("impolite words") };
    act(scene, user, event).await.unwrap();
}

async fn lift(scene: &Scene, user: UserId, measure: Measure) {
    let event = ModerationEvent::Lifted { measure, reason: reason("polite words") };
    act(scene, user, event).await.unwrap();
}

async fn hide(scene: &Scene, tweet: TweetId, author: UserId, hidden: bool) {
    let event = if hidden {
        TweetEvent::Hidden { author, reason: reason("hidden words") }
    } else {
        TweetEvent::Unhidden { author, reason: reason("shown words") }
    };
    scene.append(StreamId::Tweet(tweet), Expected::Any, vec![event.into()]).await.unwrap();
}

fn report_id(n: u64) -> ReportId {
    ReportId::new(5_000_000 + n).unwrap()
}

async fn file(scene: &Scene, id: ReportId, filing: Filing) -> Result<Appended, StoreError> {
    let event = ReportEvent::Filed { filing, reason: reason("reported words") };
    scene.append(StreamId::Report(id), Expected::Empty, vec![event.into()]).await
}

async fn resolve(scene: &Scene, id: ReportId, filing: Filing, by: UserId) -> Appended {
    let event = ReportEvent::Resolved { filing, reason: reason("resolving words") };
    let append = Append {
        stream: StreamId::Report(id),
        expected: Expected::At(1),
        events: vec![event.into()],
        at: time(scene.number()),
        actor: Some(by),
        effects: vec![],
    };
    scene.store.append(append).await.unwrap()
}

fn ids(tweets: &[wire::Tweet]) -> Vec<TweetId> {
    tweets.iter().map(|tweet| tweet.id).collect()
}

/// All that queries say to an audience about two people.
async fn answers(scene: &Scene, audience: Audience, people: [(UserId, &str); 2]) -> String {
    let (store, page) = (&scene.store, Page::newest(50));
    let mut answers = format!(
        "{:?} {:?}",
        store.list_users(page, audience).await.unwrap(),
        store.list_tweets(page, audience).await.unwrap()
    );
    for (id, name) in people {
        let name = Username::parse(name).unwrap();
        let tweets = store.list_tweets_of(id, page, audience).await.unwrap();
        for tweet in &tweets {
            let found = store.find_tweet(tweet.id, audience).await.unwrap();
            answers += &format!("{found:?}");
        }
        let user = store.find_user(id, audience).await.unwrap();
        let named = store.find_user_by_name(&name, audience).await.unwrap();
        answers += &format!("{tweets:?} {user:?} {named:?}");
    }
    answers
}

/// A suspended person is there for themselves and for moderators, and nobody else; when it is
/// lifted, every answer is what it was.
pub async fn a_lifted_suspension_restores_everything(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let (ana, ben) = (scene.register("ana").await, scene.register("ben").await);
    let (anas, bens) = (scene.post(ana, "ana's").await, scene.post(ben, "ben's").await);
    let people = [(ana, "ana"), (ben, "ben")];
    let audiences = [Audience::Public, Audience::Person(ana), Audience::Person(ben), Audience::All];
    let mut before = Vec::new();
    for audience in audiences {
        before.push(answers(&scene, audience, people).await);
    }
    let generation = scene.store.generation();
    impose(&scene, ana, Measure::Suspension).await;
    assert_ne!(scene.store.generation(), generation, "caches must look again");

    let name = Username::parse("ana").unwrap();
    for (audience, seen) in audiences.into_iter().zip([false, true, false, true]) {
        let store = &scene.store;
        assert_eq!(store.find_user(ana, audience).await.unwrap().is_some(), seen);
        assert_eq!(store.find_user_by_name(&name, audience).await.unwrap().is_some(), seen);
        let users = store.list_users(Page::newest(9), audience).await.unwrap();
        assert_eq!(users.iter().any(|user| user.id == ana), seen, "{audience:?}");
        assert_eq!(store.find_tweet(anas, audience).await.unwrap().is_some(), seen);
        let tweets = ids(&store.list_tweets(Page::newest(9), audience).await.unwrap());
        assert_eq!(tweets.contains(&anas), seen, "{audience:?}");
        assert!(tweets.contains(&bens));
        let found = ids(&store.find_tweets(&[anas, bens], audience).await.unwrap());
        assert_eq!(found.contains(&anas), seen, "{audience:?}");
        assert!(found.contains(&bens));
    }
    scene.sound().await;

    lift(&scene, ana, Measure::Suspension).await;
    for (audience, before) in audiences.into_iter().zip(before) {
        assert_eq!(answers(&scene, audience, people).await, before, "{audience:?}");
    }
    scene.sound().await;
}

/// A silenced person is missing in everybody's timeline, for all but themselves, and only there.
pub async fn a_silenced_person_is_missing_in_the_timeline_only(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let before = scene.post(ana, "before").await;
    impose(&scene, ana, Measure::Silence).await;
    let after = scene.post(ana, "after").await;
    let (store, page) = (&scene.store, Page::newest(9));
    assert_eq!(store.list_tweets(page, Audience::Public).await.unwrap(), []);
    let both = [before, after];
    assert_eq!(store.find_tweets(&both, Audience::Public).await.unwrap(), []);
    assert_eq!(store.find_tweets(&both, Audience::Person(ana)).await.unwrap().len(), 2);
    let own = store.list_tweets(page, Audience::Person(ana)).await.unwrap();
    assert_eq!(ids(&own), [after, before]);
    for tweet in [before, after] {
        assert!(store.find_tweet(tweet, Audience::Public).await.unwrap().is_some());
    }
    let theirs = store.list_tweets_of(ana, page, Audience::Public).await.unwrap();
    assert_eq!(ids(&theirs), [after, before]);
    assert!(store.find_user(ana, Audience::Public).await.unwrap().is_some());
    scene.sound().await;
    lift(&scene, ana, Measure::Silence).await;
    assert_eq!(ids(&store.list_tweets(page, Audience::Public).await.unwrap()), [after, before]);
    scene.sound().await;
}

/// A hidden tweet is there for its author and for moderators, and for everybody when it is shown
/// again; it counts all the time.
pub async fn a_hidden_tweet_is_for_its_author_and_moderators(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let (ana, ben) = (scene.register("ana").await, scene.register("ben").await);
    let tweet = scene.post(ana, "words").await;
    let (store, page) = (&scene.store, Page::newest(9));
    for hidden in [true, false] {
        hide(&scene, tweet, ana, hidden).await;
        let audiences =
            [Audience::Public, Audience::Person(ben), Audience::Person(ana), Audience::All];
        for (audience, own) in audiences.into_iter().zip([false, false, true, true]) {
            let seen = own || !hidden;
            assert_eq!(store.find_tweet(tweet, audience).await.unwrap().is_some(), seen);
            let listed = store.list_tweets(page, audience).await.unwrap();
            assert_eq!(!listed.is_empty(), seen, "{audience:?}");
            let listed = store.list_tweets_of(ana, page, audience).await.unwrap();
            assert_eq!(!listed.is_empty(), seen, "{audience:?}");
        }
        let found = store.find_tweets(&[tweet], Audience::Public).await.unwrap();
        assert_eq!(found.is_empty(), hidden);
        let own = store.find_tweets(&[tweet], Audience::Person(ana)).await.unwrap();
        assert_eq!(ids(&own), [tweet], "one's own");
        let listed = store.list_hidden(page).await.unwrap();
        assert_eq!(listed, if hidden { vec![tweet] } else { vec![] });
        assert_eq!(store.hidden_of(ana, page).await.unwrap(), listed);
        assert_eq!(store.hidden_of(ben, page).await.unwrap(), []);
        let user = store.find_user(ana, Audience::Public).await.unwrap().unwrap();
        assert_eq!(user.tweets_count, 1);
        scene.sound().await;
    }
    hide(&scene, tweet, ana, true).await;
    let deleted = vec![TweetEvent::Deleted { author: ana }.into()];
    scene.append(StreamId::Tweet(tweet), Expected::Any, deleted).await.unwrap();
    assert_eq!(store.list_hidden(page).await.unwrap(), []);
    scene.sound().await;
}

/// Pages are as long as they are asked to be, whatever lies between what is shown.
pub async fn pages_pass_over_what_is_not_shown(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let (ana, ben) = (scene.register("ana").await, scene.register("ben").await);
    let mut shown = Vec::new();
    for n in 0..40 {
        let author = if n % 10 == 3 { ana } else { ben };
        let tweet = scene.post(author, "words").await;
        if author == ana {
            shown.push(tweet);
        }
    }
    impose(&scene, ben, Measure::Silence).await;
    shown.reverse();
    let list = async |limit, before: Option<TweetId>, after: Option<TweetId>| {
        let bound = |id: Option<TweetId>| id.map(TweetId::get);
        let page = Page { limit, before: bound(before), after: bound(after) };
        ids(&scene.store.list_tweets(page, Audience::Public).await.unwrap())
    };
    let [newest, second, third, oldest] = shown[..] else { panic!("four of ten") };
    assert_eq!(list(3, None, None).await, [newest, second, third]);
    assert_eq!(list(2, Some(second), None).await, [third, oldest]);
    assert_eq!(list(9, None, None).await, shown);
    assert_eq!(list(2, None, Some(oldest)).await, [second, third]);
    assert_eq!(list(1, None, Some(third)).await, [second]);
    assert_eq!(list(2, Some(newest), Some(oldest)).await, [second, third]);
    assert_eq!(list(1, None, Some(newest)).await, []);
}

/// What is done about somebody is no change of their profile, and their sessions tell of it.
pub async fn measures_show_with_sessions_and_change_no_version(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    scene.start(ana, 1, SessionKind::Cookie, 100).await;
    let standing = async || {
        let owner = scene.store.find_session(&token(1), time(1)).await.unwrap();
        owner.unwrap().standing
    };
    let before = scene.store.find_user(ana, Audience::All).await.unwrap();
    let page = Page::newest(9);
    for measure in Measure::ALL {
        impose(&scene, ana, measure).await;
        let only = standing().await;
        assert!(only.has(measure), "{measure:?}");
        assert_eq!(Measure::ALL.into_iter().filter(|m| only.has(*m)).count(), 1);
        assert_eq!(scene.store.list_standings(page).await.unwrap(), [(ana, only)]);
        lift(&scene, ana, measure).await;
        assert_eq!(standing().await, Standing::default());
    }
    impose(&scene, ana, Measure::Warning).await;
    act(&scene, ana, ModerationEvent::WarningDismissed).await.unwrap();
    assert_eq!(standing().await, Standing::default());
    assert_eq!(scene.store.list_standings(page).await.unwrap(), []);
    assert_eq!(scene.store.find_user(ana, Audience::All).await.unwrap(), before);
    scene.sound().await;
}

/// Reports are in the queue until a moderator is done with them.
pub async fn reports_are_listed_by_their_state(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let (ana, ben) = (scene.register("ana").await, scene.register("ben").await);
    let tweet = scene.post(ben, "words").await;
    let of_user = Filing { by: ana, about: ben, tweet: None };
    let of_tweet = Filing { tweet: Some(tweet), ..of_user };
    let (store, page) = (&scene.store, Page::newest(9));
    for n in 1..=4 {
        let filing = if n == 1 { of_tweet } else { of_user };
        file(&scene, report_id(n), filing).await.unwrap();
    }
    let again = file(&scene, report_id(1), of_user).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    resolve(&scene, report_id(2), of_user, ben).await;
    let list = async |open, page| -> Vec<ReportId> {
        store.list_reports(open, page).await.unwrap().into_iter().map(|r| r.id).collect()
    };
    assert_eq!(list(true, page).await, [4, 3, 1].map(report_id));
    assert_eq!(list(false, page).await, [2].map(report_id));
    let older = Page { limit: 1, before: Some(report_id(4).get()), after: None };
    assert_eq!(list(true, older).await, [3].map(report_id));
    let newer = Page { limit: 1, before: None, after: Some(report_id(1).get()) };
    assert_eq!(list(true, newer).await, [3].map(report_id));

    let log = scene.log().await;
    let at = |kind: &str| log.iter().find(|e| e.event.kind() == kind).unwrap().at;
    let first = store.find_report(report_id(1)).await.unwrap();
    let filed = at("Reported");
    let expected = Report {
        id: report_id(1),
        filing: of_tweet,
        at: filed,
        resolved_at: None,
        resolved_by: None,
    };
    assert_eq!(first, Some(expected));
    let second = store.find_report(report_id(2)).await.unwrap().unwrap();
    let resolved = (second.resolved_at, second.resolved_by);
    assert_eq!(resolved, (Some(at("ReportResolved")), Some(ben)));
    assert_eq!(store.find_report(report_id(9)).await.unwrap(), None);
    let by = async |reporter, page| -> Vec<ReportId> {
        store.reports_by(reporter, page).await.unwrap().into_iter().map(|r| r.id).collect()
    };
    assert_eq!(by(ana, page).await, [4, 3, 2, 1].map(report_id));
    assert_eq!(by(ana, older).await, [3].map(report_id));
    assert_eq!(by(ben, page).await, [], "who was reported has reported nobody");
    scene.sound().await;
}

/// The audit log has every act, and nothing else, newest first.
pub async fn acts_are_read_from_the_log(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let (ana, ben) = (scene.register("ana").await, scene.register("ben").await);
    let tweet = scene.post(ana, "words").await;
    let role = vec![UserEvent::RoleUpdated { role: Role::Moderator }.into()];
    scene.append(StreamId::User(ben), Expected::Any, role).await.unwrap();
    for measure in Measure::ALL {
        impose(&scene, ana, measure).await;
        lift(&scene, ana, measure).await;
    }
    act(&scene, ana, ModerationEvent::WarningDismissed).await.unwrap();
    hide(&scene, tweet, ana, true).await;
    hide(&scene, tweet, ana, false).await;
    let filing = Filing { by: ana, about: ben, tweet: None };
    file(&scene, report_id(1), filing).await.unwrap();
    resolve(&scene, report_id(1), filing, ben).await;
    scene.post(ben, "more words").await;
    let by = async |actor, stream, event: Event| {
        let (expected, at) = (Expected::Any, time(scene.number()));
        let (events, effects) = (vec![event], vec![]);
        scene.store.append(Append { stream, expected, events, at, actor, effects }).await.unwrap();
    };
    for (actor, name) in [(Some(ana), "Ana"), (Some(ben), "Somebody"), (None, "Nobody")] {
        let name = Some(DisplayName::parse(name).unwrap());
        let changes = Some(ProfileUpdate { name, ..ProfileUpdate::default() });
        by(actor, StreamId::User(ana), UserEvent::Updated { changes }.into()).await;
        by(actor, StreamId::User(ana), UserEvent::PasswordUpdated.into()).await;
        let tweet = scene.post(ana, "to be deleted").await;
        by(actor, StreamId::Tweet(tweet), TweetEvent::Deleted { author: ana }.into()).await;
    }
    let (carl, left) = (scene.register("carl").await, scene.register("left").await);
    scene.delete_user(left).await;
    by(Some(ben), StreamId::User(carl), UserEvent::Deleted.into()).await;

    let mut expected: Vec<Recorded> =
        scene.log().await.into_iter().filter(Recorded::is_act).collect();
    expected.reverse();
    assert_eq!(expected.len(), 17);
    let acts =
        async |limit, before, after| scene.store.acts(Page { limit, before, after }).await.unwrap();
    assert_eq!(acts(50, None, None).await, expected);
    let at = |n: usize| Some(expected[n].position.0);
    assert_eq!(acts(3, at(1), None).await, expected[2..5]);
    assert_eq!(acts(3, None, at(5)).await, expected[2..5]);
    assert_eq!(acts(9, None, at(0)).await, []);
}

/// Nothing is said of somebody who is gone, as it would not be forgotten with them.
pub async fn nothing_is_said_of_who_is_gone(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let (ana, gone) = (scene.register("ana").await, scene.register("gone").await);
    let filing = Filing { by: ana, about: gone, tweet: None };
    file(&scene, report_id(1), filing).await.unwrap();
    scene.delete_user(gone).await;
    let suspend =
        ModerationEvent::Imposed { measure: Measure::Suspension, reason: reason("late words") };
    let refused = act(&scene, gone, suspend).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    for filing in [filing, Filing { by: gone, about: ana, tweet: None }] {
        let refused = file(&scene, report_id(2), filing).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }
    let done = |reason| -> Vec<Event> { vec![ReportEvent::Resolved { filing, reason }.into()] };
    let stream = StreamId::Report(report_id(1));
    let refused = scene.append(stream, Expected::At(1), done(reason("late words"))).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    scene.append(stream, Expected::At(1), done(None)).await.unwrap();
    scene.sound().await;
}

/// Whoever is deleted takes along why moderators acted on them, and what was said in reports by
/// and about them; that it was is not forgotten.
pub async fn reasons_go_with_the_person(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let (ana, ben) = (scene.register("ana").await, scene.register("ben").await);
    let carl = scene.register("carl").await;
    for user in [ana, ben] {
        impose(&scene, user, Measure::Suspension).await;
    }
    let (anas, bens) = (scene.post(ana, "ana's").await, scene.post(ben, "ben's").await);
    hide(&scene, anas, ana, true).await;
    hide(&scene, bens, ben, true).await;
    let filing = |by, about| Filing { by, about, tweet: None };
    let filings = [filing(ana, ben), filing(carl, ana), filing(carl, ben)];
    for (n, filing) in (1..).zip(filings) {
        file(&scene, report_id(n), filing).await.unwrap();
    }
    resolve(&scene, report_id(2), filings[1], ben).await;
    let before = scene.log().await;
    scene.delete_user(ana).await;
    let log = scene.log().await;
    for (before, after) in before.iter().zip(&log) {
        let mut forgotten = before.event.clone();
        match &mut forgotten {
            Event::Moderation(ModerationEvent::Imposed { reason, .. })
                if before.stream == StreamId::Moderation(ana) =>
            {
                *reason = None;
            }
            Event::Report(
                ReportEvent::Filed { reason, .. } | ReportEvent::Resolved { reason, .. },
            ) if before.stream != StreamId::Report(report_id(3)) => *reason = None,
            Event::Tweet(TweetEvent::Hidden { author, reason }) if *author == ana => *reason = None,
            Event::Tweet(TweetEvent::Posted { author, body }) if *author == ana => *body = None,
            Event::User(UserEvent::Created { profile, .. })
                if before.stream == StreamId::User(ana) =>
            {
                *profile = None;
            }
            _ => {}
        }
        assert_eq!(after.event, forgotten, "at {}", after.position);
    }
    assert_eq!(scene.store.list_reports(true, Page::newest(9)).await.unwrap().len(), 2);
    assert_eq!(scene.store.list_hidden(Page::newest(9)).await.unwrap(), [bens]);
    scene.sound().await;
    scene.store.rebuild_projections().await.unwrap();
    assert_eq!(scene.store.list_hidden(Page::newest(9)).await.unwrap(), [bens]);
    let standings = scene.store.list_standings(Page::newest(9)).await.unwrap();
    assert_eq!(standings.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [ben]);
    scene.sound().await;
}

/// A store that moves takes along what moderators did, in however many parts it comes.
pub async fn moderation_is_restored(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let (ana, ben) = (scene.user_id(), scene.user_id());
    let tweets = [scene.tweet_id(), scene.tweet_id()];
    let filing = Filing { by: ben, about: ana, tweet: Some(tweets[0]) };
    let hidden = || TweetEvent::Hidden { author: ana, reason: reason("hidden words") };
    let unhidden = || TweetEvent::Unhidden { author: ana, reason: reason("shown words") };
    let imposed = |measure| ModerationEvent::Imposed { measure, reason: reason("words") };
    let lifted = |measure| ModerationEvent::Lifted { measure, reason: reason("words") };
    let report = StreamId::Report(report_id(1));
    let history: Vec<(StreamId, u64, Event)> = vec![
        (StreamId::User(ana), 1, created("ana")),
        (StreamId::User(ben), 1, created("ben")),
        (StreamId::Tweet(tweets[0]), 1, posted(ana, "first")),
        (StreamId::Tweet(tweets[1]), 1, posted(ana, "second")),
        (StreamId::Moderation(ana), 1, imposed(Measure::Suspension).into()),
        (StreamId::Tweet(tweets[0]), 2, hidden().into()),
        (report, 1, ReportEvent::Filed { filing, reason: reason("words") }.into()),
        (StreamId::Moderation(ana), 2, lifted(Measure::Suspension).into()),
        (StreamId::Moderation(ana), 3, imposed(Measure::Silence).into()),
        (StreamId::Tweet(tweets[0]), 3, unhidden().into()),
        (StreamId::Tweet(tweets[1]), 2, hidden().into()),
        (report, 2, ReportEvent::Resolved { filing, reason: None }.into()),
    ];
    let record = |(n, (stream, version, event)): (u64, (StreamId, u64, Event))| Recorded {
        position: Position(n),
        stream,
        version,
        at: time(n),
        actor: Some(ben),
        event,
    };
    let log: Vec<Recorded> = (1..).zip(history).map(record).collect();
    for part in log.chunks(7) {
        scene.store.restore_events(part.to_vec()).await.unwrap();
    }
    assert_eq!(scene.log().await, log);
    let page = Page::newest(9);
    let silenced = Standing { silenced: true, ..Standing::default() };
    assert_eq!(scene.store.list_standings(page).await.unwrap(), [(ana, silenced)]);
    assert_eq!(scene.store.list_hidden(page).await.unwrap(), [tweets[1]]);
    assert_eq!(scene.store.list_reports(true, page).await.unwrap(), []);
    assert_eq!(scene.store.list_reports(false, page).await.unwrap().len(), 1);
    let mut acts: Vec<_> = log.into_iter().filter(Recorded::is_act).collect();
    acts.reverse();
    assert_eq!(acts.len(), 8, "Ana was added by Ben");
    assert_eq!(scene.store.acts(page).await.unwrap(), acts);
    scene.sound().await;
}
