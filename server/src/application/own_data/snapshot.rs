//! Reading everything of one's own at one position of the log.

use std::collections::{HashMap, HashSet};

use siskin_domain::moderation::{Filing, ReportEvent};
use siskin_domain::tweet::TweetEvent;
use siskin_domain::{Event, Position, Recorded, StreamId, Timestamp, TweetId, UserId};

use super::facts::{Facts, HiddenFacts, Parts, ReportFacts};
use crate::application::{Caller, Refused};
use crate::storage::{Audience, Page, Report, Store, StoreError};

/// How many tweets are listed, and events read, at once.
const AT_ONCE: u16 = 1000;
/// How often it is read anew, if it changed in the meantime.
const TRIES: usize = 5;

/// All but the tweets' texts, which are read when they are written.
pub(super) struct Snapshot {
    /// Whose.
    pub(super) me: UserId,
    pub(super) facts: Facts,
    /// Newest first. A number each: a hundred thousand of them are less than a megabyte.
    pub(super) tweets: Vec<TweetId>,
    /// Those of them that are hidden, and why.
    pub(super) hidden: HashMap<TweetId, HiddenFacts>,
}

impl Snapshot {
    /// Reads, and then looks at what the log has got since: if nothing of it is about the person,
    /// all that was read is as it was where the log ends now.
    pub(super) async fn of(
        store: &dyn Store,
        caller: &Caller,
        at: Timestamp,
        site: &str,
    ) -> Result<Self, Refused> {
        let me = caller.actor.id;
        let mut from = store.position();
        for _ in 0..TRIES {
            let profile =
                store.find_user(me, Audience::Person(me)).await?.ok_or(Refused::NotSignedIn)?;
            let sessions = store.sessions_of(me, at, usize::MAX).await?;
            let proofs = store.proofs_of(me, at).await?;
            let mut history = store.load(StreamId::User(me)).await?;
            history.extend(store.load(StreamId::Logins(me)).await?);
            history.extend(store.load(StreamId::Moderation(me)).await?);
            history.sort_unstable_by_key(|recorded| recorded.position);
            let tweets = tweets_of(store, me).await?;
            let hidden = hidden_of(store, me).await?;
            let (reports, mut people) = reports_of(store, me).await?;
            people.insert(me);
            let (end, changed) = since(store, from, me, &people).await?;
            if !changed {
                let (site, position) = (site.to_owned(), end.0);
                let parts =
                    Parts { site, at, position, profile, sessions, proofs, reports, history };
                return Ok(Self { me, facts: Facts::new(parts), tweets, hidden });
            }
            from = end;
        }
        Err(Refused::Conflict)
    }
}

async fn tweets_of(store: &dyn Store, me: UserId) -> Result<Vec<TweetId>, StoreError> {
    let mut ids: Vec<TweetId> = Vec::new();
    loop {
        let before = ids.last().map(|id| id.get());
        let page = Page { before, ..Page::newest(AT_ONCE) };
        let listed = store.list_tweets_of(me, page, Audience::Person(me)).await?;
        ids.extend(listed.iter().map(|tweet| tweet.id));
        if listed.len() < usize::from(AT_ONCE) {
            return Ok(ids);
        }
    }
}

/// Why and since when tweets of the person's are hidden.
async fn hidden_of(
    store: &dyn Store,
    me: UserId,
) -> Result<HashMap<TweetId, HiddenFacts>, StoreError> {
    let mut hidden = HashMap::new();
    let mut page = Page::newest(AT_ONCE);
    loop {
        let ids = store.hidden_of(me, page).await?;
        for id in &ids {
            let last = store.load(StreamId::Tweet(*id)).await?.pop();
            if let Some(Recorded { at, event, .. }) = last
                && let Event::Tweet(TweetEvent::Hidden { reason, .. }) = event
            {
                hidden.insert(*id, HiddenFacts { at, reason });
            }
        }
        if ids.len() < usize::from(AT_ONCE) {
            return Ok(hidden);
        }
        page.before = ids.last().map(|id| id.get());
    }
}

/// What the person has reported, oldest first, and whom.
async fn reports_of(
    store: &dyn Store,
    me: UserId,
) -> Result<(Vec<ReportFacts>, HashSet<UserId>), StoreError> {
    let (mut facts, mut people) = (Vec::new(), HashSet::new());
    let mut page = Page::newest(AT_ONCE);
    loop {
        let reports = store.reports_by(me, page).await?;
        for Report { id, filing: Filing { about, tweet, .. }, at, .. } in &reports {
            people.insert(*about);
            let user = store.find_user(*about, Audience::Person(me)).await?;
            let filed = store.load(StreamId::Report(*id)).await?.into_iter().next();
            let reason = filed.and_then(|filed| match filed.event {
                Event::Report(ReportEvent::Filed { reason, .. }) => reason,
                _ => None,
            });
            let user = user.map(|user| user.username);
            facts.push(ReportFacts { id: *id, at: *at, user, tweet: *tweet, reason });
        }
        if reports.len() < usize::from(AT_ONCE) {
            facts.reverse();
            return Ok((facts, people));
        }
        page.before = reports.last().map(|report| report.id.get());
    }
}

/// Where the log ends now, and whether anything after `from` is about the person, or about those
/// of `people` whom the archive names.
async fn since(
    store: &dyn Store,
    from: Position,
    me: UserId,
    people: &HashSet<UserId>,
) -> Result<(Position, bool), StoreError> {
    let (mut end, mut changed) = (from, false);
    loop {
        let events = store.read_all(end, usize::from(AT_ONCE)).await?;
        let Some(last) = events.last() else { return Ok((end, changed)) };
        end = last.position;
        changed = changed || events.iter().any(|recorded| is_about(recorded, me, people));
    }
}

fn is_about(recorded: &Recorded, me: UserId, people: &HashSet<UserId>) -> bool {
    match (&recorded.event, recorded.stream) {
        // Whoever goes takes along what was reported of them; who is renamed or suspended is named
        // otherwise.
        (_, StreamId::User(user) | StreamId::Moderation(user)) => people.contains(&user),
        (_, StreamId::Logins(user)) => user == me,
        (
            Event::Tweet(
                TweetEvent::Posted { author, .. }
                | TweetEvent::Deleted { author }
                | TweetEvent::Hidden { author, .. }
                | TweetEvent::Unhidden { author, .. },
            ),
            _,
        ) => *author == me,
        // What comes of a report is not here.
        (Event::Report(ReportEvent::Filed { filing, .. }), _) => filing.by == me,
        (Event::Report(ReportEvent::Resolved { .. }), _)
        | (Event::User(_) | Event::Moderation(_), StreamId::Tweet(_) | StreamId::Report(_)) => {
            false
        }
    }
}
