//! What moderators look at: the queue, a person's record, and the audit log. Words come from the
//! log, names from the projections.

use std::collections::HashMap;
use std::sync::Arc;

use siskin_domain::moderation::{Filing, Record, ReportEvent};
use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::UserEvent;
use siskin_domain::{
    Event, Reason, Recorded, ReportId, Role, StreamId, Timestamp, TweetId, UserId, Username, wire,
};

use super::{Moderation, moderator};
use crate::application::{Caller, Refused};
use crate::storage::{Audience, Page, Report, Store, StoreError};

/// A report with its words and names.
#[derive(Debug, Clone)]
pub struct ReportSeen {
    /// The report.
    pub report: Report,
    /// Why; `None` once forgotten.
    pub reason: Option<Reason>,
    /// What came of it, if that was said.
    pub outcome: Option<Reason>,
    /// Who reported, unless they are gone.
    pub by: Option<wire::User>,
    /// Whom it is about, unless they are gone, and what was done about them so far.
    pub about: Option<(wire::User, Record)>,
    /// The tweet it is about, if it is about one that is still there.
    pub tweet: Option<TweetSeen>,
}

/// A tweet as moderators see it.
#[derive(Debug, Clone)]
pub struct TweetSeen {
    /// The tweet.
    pub tweet: wire::Tweet,
    /// Why it is hidden, if it is.
    pub hidden: Option<Option<Reason>>,
}

/// An act of staff with its names.
#[derive(Debug, Clone)]
pub struct ActSeen {
    /// Its place in the log.
    pub position: u64,
    /// The event's name: `UserSuspended`, …
    pub kind: &'static str,
    /// When.
    pub at: Timestamp,
    /// Who did it; nobody for the operator.
    pub by: Option<UserId>,
    /// Their name, unless they are gone.
    pub by_name: Option<String>,
    /// About whom.
    pub about: Option<UserId>,
    /// Their name, unless they are gone.
    pub about_name: Option<String>,
    /// About which tweet.
    pub tweet: Option<TweetId>,
    /// Which report was resolved.
    pub report: Option<ReportId>,
    /// The new role, if it was one.
    pub role: Option<Role>,
    /// Why; `None` once forgotten, or if nothing was said.
    pub reason: Option<Reason>,
}

/// A person as moderators see them.
#[derive(Debug, Clone)]
pub struct Person {
    /// The person.
    pub user: wire::User,
    /// Which measures are in force, and why.
    pub record: Record,
    /// What was ever done about them and their account, newest first.
    pub history: Vec<ActSeen>,
}

/// Names that were asked for already.
type Names = HashMap<UserId, Option<String>>;

impl Moderation {
    /// Reports with their words, newest first. Those about the caller are for other moderators:
    /// nobody learns who has reported them.
    ///
    /// # Errors
    /// [`ModerationError::NotModerator`](siskin_domain::moderation::ModerationError); the store's.
    pub async fn reports(
        &self,
        caller: &Caller,
        open: bool,
        page: Page,
    ) -> Result<Vec<ReportSeen>, Refused> {
        moderator(caller)?;
        let (store, me) = (Arc::clone(&self.parts.store), caller.actor.id);
        let (id, is_of_others) =
            (|report: &Report| report.id.get(), |report: &Report| report.filing.about != me);
        let read = move |page| {
            let store = Arc::clone(&store);
            async move { store.list_reports(open, page).await }
        };
        let mut seen = Vec::new();
        for report in only(page, id, is_of_others, read).await? {
            seen.push(self.seen(report).await?);
        }
        Ok(seen)
    }

    /// The audit log, newest first, without what others report of the caller. Tweets that went with
    /// their author's account are not listed beside it. A page's bounds are positions.
    ///
    /// # Errors
    /// [`ModerationError::NotModerator`](siskin_domain::moderation::ModerationError); the store's.
    pub async fn acts(&self, caller: &Caller, page: Page) -> Result<Vec<ActSeen>, Refused> {
        moderator(caller)?;
        let (store, me) = (Arc::clone(&self.parts.store), caller.actor.id);
        let read = move |page| {
            let store = Arc::clone(&store);
            async move {
                let mut acts = Vec::new();
                for act in store.acts(page).await? {
                    let listed = !reports(&act, me) && !went_with_account(&*store, &act).await?;
                    acts.push((act, listed));
                }
                Ok(acts)
            }
        };
        let position = |(act, _): &(Recorded, bool)| act.position.0;
        let acts = only(page, position, |(_, listed)| *listed, read).await?;
        Ok(self.named(acts.iter().map(|(act, _)| act)).await?)
    }

    /// A person with all that was done about them; `None` if there is no such person.
    ///
    /// # Errors
    /// [`ModerationError::NotModerator`](siskin_domain::moderation::ModerationError); the store's.
    pub async fn person(
        &self,
        caller: &Caller,
        name: &Username,
    ) -> Result<Option<Person>, Refused> {
        moderator(caller)?;
        let store = &self.parts.store;
        let Some(user) = store.find_user_by_name(name, Audience::All).await? else {
            return Ok(None);
        };
        let history = store.load(StreamId::Moderation(user.id)).await?;
        let record = Record::replay(history.iter().filter_map(|recorded| match &recorded.event {
            Event::Moderation(event) => Some(event),
            _ => None,
        }));
        let account = store.load(StreamId::User(user.id)).await?;
        let mut acts: Vec<_> = account.iter().filter(|act| act.is_act()).chain(&history).collect();
        acts.sort_unstable_by_key(|act| std::cmp::Reverse(act.position));
        let history = self.named(acts.into_iter()).await?;
        Ok(Some(Person { user, record, history }))
    }

    /// A tweet as moderators see it; `None` if there is no such tweet.
    ///
    /// # Errors
    /// The store's.
    pub async fn tweet(&self, id: TweetId) -> Result<Option<TweetSeen>, StoreError> {
        let Some(tweet) = self.parts.store.find_tweet(id, Audience::All).await? else {
            return Ok(None);
        };
        let hidden = self.hiding_of(id).await?;
        Ok(Some(TweetSeen { tweet, hidden }))
    }

    async fn seen(&self, report: Report) -> Result<ReportSeen, StoreError> {
        let store = &self.parts.store;
        let Filing { by, about, tweet } = report.filing;
        let (mut reason, mut outcome) = (None, None);
        for recorded in store.load(StreamId::Report(report.id)).await? {
            match recorded.event {
                Event::Report(ReportEvent::Filed { reason: said, .. }) => reason = said,
                Event::Report(ReportEvent::Resolved { reason: said, .. }) => outcome = said,
                _ => {}
            }
        }
        let by = store.find_user(by, Audience::All).await?;
        let about = match store.find_user(about, Audience::All).await? {
            Some(user) => {
                let record = self.record_of(user.id).await?;
                Some((user, record))
            }
            None => None,
        };
        let tweet = match tweet {
            Some(id) => self.tweet(id).await?,
            None => None,
        };
        Ok(ReportSeen { report, reason, outcome, by, about, tweet })
    }

    async fn named<'a>(
        &self,
        acts: impl Iterator<Item = &'a Recorded>,
    ) -> Result<Vec<ActSeen>, StoreError> {
        let mut names = Names::new();
        let mut seen = Vec::new();
        for recorded in acts {
            let mut act = act(recorded);
            act.by_name = self.name(&mut names, act.by).await?;
            act.about_name = self.name(&mut names, act.about).await?;
            seen.push(act);
        }
        Ok(seen)
    }

    async fn name(
        &self,
        names: &mut Names,
        user: Option<UserId>,
    ) -> Result<Option<String>, StoreError> {
        let Some(user) = user else { return Ok(None) };
        if let Some(known) = names.get(&user) {
            return Ok(known.clone());
        }
        let found = self.parts.store.find_user(user, Audience::All).await?;
        let name = found.map(|user| user.username);
        names.insert(user, name.clone());
        Ok(name)
    }
}

/// Is it a report of this person?
fn reports(act: &Recorded, person: UserId) -> bool {
    matches!(&act.event, Event::Report(report) if report.filing().about == person)
}

/// Was it a tweet that went with its author's account, in one act?
async fn went_with_account(store: &dyn Store, act: &Recorded) -> Result<bool, StoreError> {
    let Event::Tweet(TweetEvent::Deleted { author }) = act.event else { return Ok(false) };
    let account = store.load(StreamId::User(author)).await?;
    Ok(account.last().is_some_and(|last| {
        let is_end = last.event == Event::User(UserEvent::Deleted);
        is_end && (last.at, last.actor) == (act.at, act.actor)
    }))
}

/// A page of what may be seen of a list that is read in pages, newest first.
async fn only<T, F>(
    page: Page,
    id: impl Fn(&T) -> u64,
    may_be_seen: impl Fn(&T) -> bool,
    read: impl Fn(Page) -> F,
) -> Result<Vec<T>, StoreError>
where
    F: Future<Output = Result<Vec<T>, StoreError>>,
{
    let (upward, limit) = (page.after.is_some() && page.before.is_none(), usize::from(page.limit));
    let (mut next, mut seen) = (page, Vec::new());
    loop {
        let part = read(next).await?;
        let whole = part.len() == limit;
        let ends = part.first().map(&id).zip(part.last().map(&id));
        let part = part.into_iter().filter(&may_be_seen);
        if upward {
            seen.splice(..0, part);
        } else {
            seen.extend(part);
        }
        let Some((newest, oldest)) = ends.filter(|_| whole && seen.len() < limit) else { break };
        if upward {
            next.after = Some(newest);
        } else {
            next.before = Some(oldest);
        }
    }
    if upward {
        seen.drain(..seen.len().saturating_sub(limit));
    } else {
        seen.truncate(limit);
    }
    Ok(seen)
}

/// An act without names.
fn act(recorded: &Recorded) -> ActSeen {
    let (mut about, mut tweet, report) = match recorded.stream {
        StreamId::User(id) | StreamId::Logins(id) | StreamId::Moderation(id) => {
            (Some(id), None, None)
        }
        StreamId::Tweet(id) => (None, Some(id), None),
        StreamId::Report(id) => (None, None, Some(id)),
    };
    let (mut role, mut reason) = (None, None);
    match &recorded.event {
        Event::User(
            UserEvent::RoleUpdated { role: new } | UserEvent::Created { role: new, .. },
        ) => {
            role = Some(*new);
        }
        Event::User(_) => {}
        Event::Tweet(event) => match event {
            TweetEvent::Hidden { author, reason: why }
            | TweetEvent::Unhidden { author, reason: why } => {
                (about, reason) = (Some(*author), why.clone());
            }
            TweetEvent::Posted { author, .. } | TweetEvent::Deleted { author } => {
                about = Some(*author);
            }
        },
        Event::Moderation(event) => reason = event.reason().cloned(),
        Event::Report(event) => {
            let filing = event.filing();
            (about, tweet, reason) = (Some(filing.about), filing.tweet, event.reason().cloned());
        }
    }
    ActSeen {
        position: recorded.position.0,
        kind: recorded.event.kind(),
        at: recorded.at,
        by: recorded.actor,
        by_name: None,
        about,
        about_name: None,
        tweet,
        report,
        role,
        reason,
    }
}
