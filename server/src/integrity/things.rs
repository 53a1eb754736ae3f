//! Tweets and reports: whether their histories can be so, and whether who and what they are about
//! was there.

use std::collections::HashMap;

use siskin_domain::moderation::{Filing, ReportEvent, ReportState};
use siskin_domain::tweet::{TweetEvent, TweetState};
use siskin_domain::{ReportId, TweetId};

use super::people::People;

/// Everything that people made.
#[derive(Default)]
pub(super) struct Things {
    tweets: HashMap<TweetId, TweetState>,
    reports: HashMap<ReportId, (Filing, ReportState)>,
}

impl Things {
    /// How many tweets and reports there are or were.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.tweets.len() as u64, self.reports.len() as u64)
    }

    /// Is this tweet deleted?
    pub(super) fn deleted(&self, id: TweetId) -> bool {
        self.tweets.get(&id) == Some(&TweetState::Deleted)
    }

    /// Who reported what.
    pub(super) fn filing(&self, id: ReportId) -> Option<Filing> {
        self.reports.get(&id).map(|(filing, _)| *filing)
    }

    /// Folds an event of a tweet's; says in words why it can't be.
    pub(super) fn tweet(
        &mut self,
        id: TweetId,
        event: &TweetEvent,
        people: &People,
    ) -> Option<String> {
        let before = self.tweets.get(&id).copied().unwrap_or_default();
        self.tweets.insert(id, before.evolve(event));
        let author = match event {
            TweetEvent::Posted { author, .. }
            | TweetEvent::Deleted { author }
            | TweetEvent::Hidden { author, .. }
            | TweetEvent::Unhidden { author, .. } => *author,
        };
        match (before, event) {
            (TweetState::Missing, TweetEvent::Posted { .. }) if !people.known(author) => {
                Some(format!("a tweet of {author}, who was never there"))
            }
            (TweetState::Missing, TweetEvent::Posted { .. }) if !people.there(author) => {
                Some(format!("a tweet of {author}, who is deleted"))
            }
            (TweetState::Missing, TweetEvent::Posted { .. }) => None,
            (_, TweetEvent::Posted { .. }) => Some("a tweet is posted twice".to_owned()),
            (TweetState::Missing, _) => {
                Some(format!("a {} of a tweet that was never there", event.kind()))
            }
            (TweetState::Deleted, _) => {
                Some(format!("a {} of a tweet that is deleted", event.kind()))
            }
            (TweetState::Posted { author: by, .. }, _) if by != author => {
                Some(format!("{author} for the author of a tweet of {by}"))
            }
            (TweetState::Posted { .. }, _) => None,
        }
    }

    /// Folds an event of a report's; says in words why it can't be.
    pub(super) fn report(
        &mut self,
        id: ReportId,
        event: &ReportEvent,
        people: &People,
    ) -> Option<String> {
        let filing = event.filing();
        let state = ReportState::replay([event]);
        match (self.reports.insert(id, (filing, state)), event) {
            (None, ReportEvent::Filed { .. }) => {
                let Filing { by, about, tweet } = filing;
                let tweet = tweet.filter(|tweet| !self.tweets.contains_key(tweet));
                let person = [by, about].into_iter().find(|person| !people.there(*person));
                let person =
                    person.map(|person| format!("a report with {person}, who is not there"));
                person.or(tweet.map(|tweet| format!("a report of {tweet}, which was never there")))
            }
            (Some(_), ReportEvent::Filed { .. }) => Some("a report is filed twice".to_owned()),
            (None, ReportEvent::Resolved { .. }) => {
                Some("the end of a report that was never filed".to_owned())
            }
            (Some((_, ReportState::Resolved)), ReportEvent::Resolved { .. }) => {
                Some("a report is resolved twice".to_owned())
            }
            (Some((filed, _)), ReportEvent::Resolved { .. }) => {
                (filed != filing).then(|| "a report ends as another one".to_owned())
            }
        }
    }
}
