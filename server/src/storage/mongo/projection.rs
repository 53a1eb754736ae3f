//! What each event does to which document: the one place that says so.
//!
//! An append runs it on the live documents in the event's own transaction; a verification and a
//! rebuild run it on documents in memory.

use siskin_domain::moderation::{Filing, ModerationEvent, ReportEvent};
use siskin_domain::user::{ProfileUpdate, UserEvent};
use siskin_domain::{Recorded, ReportId, Timestamp, TweetBody, TweetId, UserId};

use super::documents::{ReportDoc, StandingDoc, TweetDoc, UserDoc, date, long};

/// A user's document after one of their events.
pub(super) fn user(
    before: Option<UserDoc>,
    id: UserId,
    recorded: &Recorded,
    event: &UserEvent,
) -> Option<UserDoc> {
    let version = recorded.version as i64;
    match event {
        UserEvent::Created { role, profile: Some(profile) } => Some(UserDoc {
            id: long(id),
            username: profile.username.as_str().to_owned(),
            email: profile.email.as_str().to_owned(),
            name: profile.name.as_str().to_owned(),
            bio: String::new(),
            role: role.as_str().to_owned(),
            created_at: date(recorded.at),
            tweets_count: 0,
            version,
            standing: None,
        }),
        UserEvent::Updated { changes: Some(changes) } => {
            before.map(|user| update(UserDoc { version, ..user }, changes))
        }
        UserEvent::RoleUpdated { role } => {
            before.map(|user| UserDoc { role: role.as_str().to_owned(), version, ..user })
        }
        UserEvent::PasswordUpdated => before.map(|user| UserDoc { version, ..user }),
        // Forgotten particulars belong to somebody who is deleted further on: they get no document,
        // and lose the one that they have if the events before were read in time.
        UserEvent::Deleted | UserEvent::Updated { changes: None } => None,
        UserEvent::Created { profile: None, .. } | UserEvent::LoggedIn => before,
    }
}

fn update(user: UserDoc, changes: &ProfileUpdate) -> UserDoc {
    let ProfileUpdate { username, email, name, bio } = changes;
    let or = |new: Option<&str>, old: String| new.map_or(old, str::to_owned);
    UserDoc {
        username: or(username.as_ref().map(AsRef::as_ref), user.username),
        email: or(email.as_ref().map(AsRef::as_ref), user.email),
        name: or(name.as_ref().map(AsRef::as_ref), user.name),
        bio: or(bio.as_ref().map(AsRef::as_ref), user.bio),
        ..user
    }
}

/// A new tweet's document. A forgotten body belongs to a tweet that is deleted further on: it is
/// there, and counts, until then.
pub(super) fn tweet(
    id: TweetId,
    author: UserId,
    body: Option<&TweetBody>,
    at: Timestamp,
) -> TweetDoc {
    TweetDoc {
        id: long(id),
        tweetedby: long(author),
        body: body.map_or_else(String::new, |body| body.as_str().to_owned()),
        timestamp: date(at),
        hidden: None,
    }
}

/// A user's document after something that moderators did about them.
pub(super) fn moderated(user: UserDoc, event: &ModerationEvent) -> UserDoc {
    UserDoc { standing: StandingDoc::of(user.standing().evolve(event)), ..user }
}

/// A report's document after one of its events.
pub(super) fn report(
    before: Option<ReportDoc>,
    id: ReportId,
    recorded: &Recorded,
    event: &ReportEvent,
) -> Option<ReportDoc> {
    match event {
        ReportEvent::Filed { filing, .. } => {
            let Filing { by, about, tweet } = *filing;
            Some(ReportDoc {
                id: long(id),
                reporter: long(by),
                about: long(about),
                tweet: tweet.map(long),
                at: date(recorded.at),
                open: Some(true),
                resolved_at: None,
                resolved_by: None,
            })
        }
        ReportEvent::Resolved { .. } => before.map(|report| ReportDoc {
            open: None,
            resolved_at: Some(date(recorded.at)),
            resolved_by: recorded.actor.map(long),
            ..report
        }),
    }
}
