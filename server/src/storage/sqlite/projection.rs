//! What each event does to which table: the one place that says so.
//!
//! An append runs it on the live tables in the event's own transaction, a rebuild runs it on those
//! that are to take their place, and a verification on tables of its own.

use rusqlite::{Connection, params};
use siskin_domain::moderation::{Filing, Measure, ModerationEvent, ReportEvent};
use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::{ProfileUpdate, UserEvent};
use siskin_domain::{Event, Recorded, ReportId, StreamId, TweetId, UserId};

use crate::storage::StoreError;

/// The statements that change one set of projection tables.
pub(super) struct Tables {
    add_user: &'static str,
    update_user: &'static str,
    set_role: &'static str,
    set_version: &'static str,
    remove_user: &'static str,
    add_tweet: &'static str,
    remove_tweet: &'static str,
    count_tweet: &'static str,
    hide_tweet: &'static str,
    set_warned: &'static str,
    set_silenced: &'static str,
    set_suspended: &'static str,
    add_report: &'static str,
    resolve_report: &'static str,
}

macro_rules! tables {
    ($prefix:literal) => {
        Tables {
            add_user: concat!(
                "INSERT INTO ",
                $prefix,
                "users ",
                "(id, username, email, name, bio, role, created_at, tweets_count, version) ",
                "VALUES (?1, ?2, ?3, ?4, '', ?5, ?6, 0, ?7)"
            ),
            update_user: concat!(
                "UPDATE ",
                $prefix,
                "users SET username = coalesce(?2, username), ",
                "email = coalesce(?3, email), name = coalesce(?4, name), ",
                "bio = coalesce(?5, bio), version = ?6 WHERE id = ?1"
            ),
            set_role: concat!(
                "UPDATE ",
                $prefix,
                "users SET role = ?2, version = ?3 WHERE id = ?1"
            ),
            set_version: concat!("UPDATE ", $prefix, "users SET version = ?2 WHERE id = ?1"),
            remove_user: concat!("DELETE FROM ", $prefix, "users WHERE id = ?1"),
            add_tweet: concat!(
                "INSERT INTO ",
                $prefix,
                "tweets (id, author, body, at) ",
                "SELECT ?1, id, ?3, ?4 FROM ",
                $prefix,
                "users WHERE id = ?2"
            ),
            remove_tweet: concat!("DELETE FROM ", $prefix, "tweets WHERE id = ?1"),
            count_tweet: concat!(
                "UPDATE ",
                $prefix,
                "users SET tweets_count = tweets_count + ?2 WHERE id = ?1"
            ),
            hide_tweet: concat!("UPDATE ", $prefix, "tweets SET hidden = ?2 WHERE id = ?1"),
            set_warned: concat!("UPDATE ", $prefix, "users SET warned = ?2 WHERE id = ?1"),
            set_silenced: concat!("UPDATE ", $prefix, "users SET silenced = ?2 WHERE id = ?1"),
            set_suspended: concat!("UPDATE ", $prefix, "users SET suspended = ?2 WHERE id = ?1"),
            add_report: concat!(
                "INSERT INTO ",
                $prefix,
                "reports (id, reporter, about, tweet, at) VALUES (?1, ?2, ?3, ?4, ?5)"
            ),
            resolve_report: concat!(
                "UPDATE ",
                $prefix,
                "reports SET resolved_at = ?2, resolved_by = ?3 WHERE id = ?1"
            ),
        }
    };
}

/// The tables that queries read.
pub(super) const LIVE: Tables = tables!("main.");
/// Those that are to take their place.
pub(super) const NEXT: Tables = tables!("main.next_");
/// Tables beside them, of one connection alone.
pub(super) const BESIDE: Tables = tables!("temp.");

/// What an event met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    /// Nothing unusual.
    Expected,
    /// A tweet without an author: refused when it is new, and in a replay the trace of somebody
    /// who was forgotten later.
    NoAuthor,
}

/// Projects one event.
pub(super) fn project(
    conn: &Connection,
    tables: &Tables,
    recorded: &Recorded,
) -> Result<Met, StoreError> {
    match (&recorded.event, recorded.stream) {
        (Event::User(event), StreamId::User(id) | StreamId::Logins(id)) => {
            project_user(conn, tables, recorded, id, event)?;
            Ok(Met::Expected)
        }
        (Event::Tweet(event), StreamId::Tweet(id)) => {
            project_tweet(conn, tables, recorded, id, event)
        }
        (Event::Moderation(event), StreamId::Moderation(id)) => {
            project_moderation(conn, tables, id, event)?;
            Ok(Met::Expected)
        }
        (Event::Report(event), StreamId::Report(id)) => {
            project_report(conn, tables, recorded, id, event)?;
            Ok(Met::Expected)
        }
        (event, stream) => {
            Err(StoreError::Corrupt(format!("a {} in the stream {stream}", event.kind())))
        }
    }
}

fn project_user(
    conn: &Connection,
    tables: &Tables,
    recorded: &Recorded,
    id: UserId,
    event: &UserEvent,
) -> Result<(), StoreError> {
    let id = id.get() as i64;
    let version = recorded.version as i64;
    match event {
        UserEvent::Created { role, profile: Some(profile) } => {
            conn.prepare_cached(tables.add_user)?.execute(params![
                id,
                profile.username.as_str(),
                profile.email.as_str(),
                profile.name.as_str(),
                role.as_str(),
                recorded.at.unix_ms(),
                version,
            ])?;
        }
        UserEvent::Updated { changes: Some(changes) } => {
            let ProfileUpdate { username, email, name, bio } = changes;
            conn.prepare_cached(tables.update_user)?.execute(params![
                id,
                username.as_ref().map(AsRef::<str>::as_ref),
                email.as_ref().map(AsRef::<str>::as_ref),
                name.as_ref().map(AsRef::<str>::as_ref),
                bio.as_ref().map(AsRef::<str>::as_ref),
                version,
            ])?;
        }
        UserEvent::RoleUpdated { role } => {
            conn.prepare_cached(tables.set_role)?.execute(params![id, role.as_str(), version])?;
        }
        UserEvent::PasswordUpdated => {
            conn.prepare_cached(tables.set_version)?.execute(params![id, version])?;
        }
        // Forgotten particulars belong to somebody who is deleted further on: they get no row, and
        // lose the one that they have if the events before were read in time.
        UserEvent::Deleted | UserEvent::Updated { changes: None } => {
            conn.prepare_cached(tables.remove_user)?.execute([id])?;
        }
        UserEvent::Created { profile: None, .. } | UserEvent::LoggedIn => {}
    }
    Ok(())
}

fn project_tweet(
    conn: &Connection,
    tables: &Tables,
    recorded: &Recorded,
    id: TweetId,
    event: &TweetEvent,
) -> Result<Met, StoreError> {
    let id = id.get() as i64;
    match event {
        TweetEvent::Posted { author, body } => {
            let author = author.get() as i64;
            // A forgotten body belongs to a tweet that is deleted further on: it is there, and
            // counts, until then.
            let body = body.as_ref().map_or("", |body| body.as_str());
            let added = conn.prepare_cached(tables.add_tweet)?.execute(params![
                id,
                author,
                body,
                recorded.at.unix_ms()
            ])?;
            if added == 0 {
                return Ok(Met::NoAuthor);
            }
            conn.prepare_cached(tables.count_tweet)?.execute([author, 1])?;
        }
        TweetEvent::Hidden { .. } => {
            conn.prepare_cached(tables.hide_tweet)?.execute([id, 1])?;
        }
        TweetEvent::Unhidden { .. } => {
            conn.prepare_cached(tables.hide_tweet)?.execute([id, 0])?;
        }
        TweetEvent::Deleted { author } => {
            if conn.prepare_cached(tables.remove_tweet)?.execute([id])? > 0 {
                conn.prepare_cached(tables.count_tweet)?.execute([author.get() as i64, -1])?;
            }
        }
    }
    Ok(Met::Expected)
}

fn project_moderation(
    conn: &Connection,
    tables: &Tables,
    id: UserId,
    event: &ModerationEvent,
) -> Result<(), StoreError> {
    let (measure, in_force) = match event {
        ModerationEvent::Imposed { measure, .. } => (*measure, true),
        ModerationEvent::Lifted { measure, .. } => (*measure, false),
        ModerationEvent::WarningDismissed => (Measure::Warning, false),
    };
    let update = match measure {
        Measure::Warning => tables.set_warned,
        Measure::Silence => tables.set_silenced,
        Measure::Suspension => tables.set_suspended,
    };
    conn.prepare_cached(update)?.execute(params![id.get() as i64, in_force])?;
    Ok(())
}

fn project_report(
    conn: &Connection,
    tables: &Tables,
    recorded: &Recorded,
    id: ReportId,
    event: &ReportEvent,
) -> Result<(), StoreError> {
    let (id, at) = (id.get() as i64, recorded.at.unix_ms());
    match event {
        ReportEvent::Filed { filing, .. } => {
            let Filing { by, about, tweet } = *filing;
            let tweet = tweet.map(|tweet| tweet.get() as i64);
            let (by, about) = (by.get() as i64, about.get() as i64);
            conn.prepare_cached(tables.add_report)?.execute(params![id, by, about, tweet, at])?;
        }
        ReportEvent::Resolved { .. } => {
            let by = recorded.actor.map(|by| by.get() as i64);
            conn.prepare_cached(tables.resolve_report)?.execute(params![id, at, by])?;
        }
    }
    Ok(())
}
