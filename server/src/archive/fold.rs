//! The projections as the events make them, in memory and apart from every store.
//!
//! An export and a check fold the events that they write or read. So the digests in an archive
//! are those of its own events: they are right even while others write to the store, and they
//! are wrong for a store whose projections are.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};
use siskin_domain::moderation::{ReportEvent, Standing};
use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::{ProfileUpdate, UserEvent};
use siskin_domain::{Event, Recorded, ReportId, Role, StreamId, TweetId, UserId};

use super::digest::{Digest, Digests, ModerationRow, Rows, TweetRow, UserRow, hex};
use crate::storage::{Report, StoreError};

/// All rows. Takes about a hundred bytes for each tweet.
#[derive(Default)]
pub(super) struct Fold {
    users: BTreeMap<UserId, User>,
    tweets: BTreeMap<TweetId, Tweet>,
    standings: BTreeMap<UserId, Standing>,
    hidden: BTreeSet<TweetId>,
    reports: BTreeMap<ReportId, Report>,
}

struct User {
    username: String,
    email: String,
    name: String,
    bio: String,
    role: Role,
    created_at: i64,
    tweets_count: u64,
    version: u64,
}

struct Tweet {
    author: UserId,
    at: i64,
    /// SHA-256 of the body.
    body: [u8; 32],
}

impl Fold {
    /// Takes the next event.
    ///
    /// # Errors
    /// Says in words why the event can't be in its stream.
    pub(super) fn apply(&mut self, recorded: &Recorded) -> Result<(), String> {
        match (&recorded.event, recorded.stream) {
            (Event::User(event), StreamId::User(id)) => self.user(id, recorded, event),
            (Event::User(UserEvent::LoggedIn), StreamId::Logins(_)) => {}
            (Event::Tweet(event), StreamId::Tweet(id)) => self.tweet(id, recorded, event),
            (Event::Moderation(event), StreamId::Moderation(id)) => {
                if self.has_user(id) {
                    let standing = self.standings.entry(id).or_default();
                    *standing = standing.evolve(event);
                }
            }
            (Event::Report(event), StreamId::Report(id)) => self.report(id, recorded, event),
            (event, stream) => return Err(format!("a {} in the stream {stream}", event.kind())),
        }
        Ok(())
    }

    /// Whether there is such a user now.
    pub(super) fn has_user(&self, id: UserId) -> bool {
        self.users.contains_key(&id)
    }

    fn user(&mut self, id: UserId, recorded: &Recorded, event: &UserEvent) {
        match event {
            UserEvent::Created { role, profile: Some(profile) } => {
                let user = User {
                    username: profile.username.as_str().to_owned(),
                    email: profile.email.as_str().to_owned(),
                    name: profile.name.as_str().to_owned(),
                    bio: String::new(),
                    role: *role,
                    created_at: recorded.at.unix_ms(),
                    tweets_count: 0,
                    version: recorded.version,
                };
                self.users.insert(id, user);
            }
            // Forgotten particulars belong to somebody who is deleted further on.
            UserEvent::Deleted | UserEvent::Updated { changes: None } => {
                self.users.remove(&id);
                self.standings.remove(&id);
            }
            UserEvent::Updated { changes: Some(changes) } => {
                let Some(user) = self.users.get_mut(&id) else { return };
                user.update(changes);
                user.version = recorded.version;
            }
            UserEvent::RoleUpdated { role } => {
                let Some(user) = self.users.get_mut(&id) else { return };
                user.role = *role;
                user.version = recorded.version;
            }
            UserEvent::PasswordUpdated => {
                let Some(user) = self.users.get_mut(&id) else { return };
                user.version = recorded.version;
            }
            UserEvent::Created { profile: None, .. } | UserEvent::LoggedIn => {}
        }
    }

    fn tweet(&mut self, id: TweetId, recorded: &Recorded, event: &TweetEvent) {
        match event {
            TweetEvent::Posted { author, body } => {
                let Some(user) = self.users.get_mut(author) else { return };
                user.tweets_count += 1;
                let body = body.as_ref().map_or("", |body| body.as_str());
                let body = Sha256::digest(body).into();
                let tweet = Tweet { author: *author, at: recorded.at.unix_ms(), body };
                self.tweets.insert(id, tweet);
            }
            TweetEvent::Hidden { .. } => {
                if self.tweets.contains_key(&id) {
                    self.hidden.insert(id);
                }
            }
            TweetEvent::Unhidden { .. } => {
                self.hidden.remove(&id);
            }
            TweetEvent::Deleted { .. } => {
                self.hidden.remove(&id);
                let Some(tweet) = self.tweets.remove(&id) else { return };
                if let Some(user) = self.users.get_mut(&tweet.author) {
                    user.tweets_count = user.tweets_count.saturating_sub(1);
                }
            }
        }
    }

    fn report(&mut self, id: ReportId, recorded: &Recorded, event: &ReportEvent) {
        match event {
            ReportEvent::Filed { filing, .. } => {
                let (filing, at) = (*filing, recorded.at);
                let report = Report { id, filing, at, resolved_at: None, resolved_by: None };
                self.reports.insert(id, report);
            }
            ReportEvent::Resolved { .. } => {
                let Some(report) = self.reports.get_mut(&id) else { return };
                report.resolved_at = Some(recorded.at);
                report.resolved_by = recorded.actor;
            }
        }
    }

    /// The digest of what moderators have done, if anything.
    fn moderation(&self) -> Result<Option<Digest>, StoreError> {
        let mut rows = Rows::default();
        for (user, standing) in self.standings.iter().filter(|(_, standing)| !standing.is_good()) {
            rows.add(&ModerationRow::standing(*user, *standing))?;
        }
        for hidden in &self.hidden {
            rows.add(&ModerationRow::Hidden { hidden: *hidden })?;
        }
        for report in self.reports.values() {
            rows.add(&ModerationRow::report(report))?;
        }
        Ok(rows.digest_if_any())
    }

    /// The digests of what there is now.
    pub(super) fn digests(&self) -> Result<Digests, StoreError> {
        let (mut users, mut tweets) = (Rows::default(), Rows::default());
        for (id, user) in &self.users {
            users.add(&UserRow {
                id: id.get(),
                username: &user.username,
                email: &user.email,
                name: &user.name,
                bio: &user.bio,
                role: user.role.as_str(),
                created_at: user.created_at,
                tweets_count: user.tweets_count,
                version: user.version,
            })?;
        }
        for (id, tweet) in &self.tweets {
            // A tweet without its author is in no store: queries join the two.
            let Some(author) = self.users.get(&tweet.author) else { continue };
            tweets.add(&TweetRow {
                id: id.get(),
                username: &author.username,
                name: &author.name,
                body: &hex(&tweet.body),
                at: tweet.at,
            })?;
        }
        let moderation = self.moderation()?;
        Ok(Digests { users: users.digest(), tweets: tweets.digest(), moderation })
    }
}

impl User {
    fn update(&mut self, changes: &ProfileUpdate) {
        let ProfileUpdate { username, email, name, bio } = changes;
        if let Some(username) = username {
            username.as_str().clone_into(&mut self.username);
        }
        if let Some(email) = email {
            email.as_str().clone_into(&mut self.email);
        }
        if let Some(name) = name {
            name.as_str().clone_into(&mut self.name);
        }
        if let Some(bio) = bio {
            bio.as_str().clone_into(&mut self.bio);
        }
    }
}
