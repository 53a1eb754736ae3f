//! The audit log: what moderators, admins and the operator have done.

use maud::{Markup, html};
use siskin_domain::Timestamp;

use super::{Frame, LOG_PATH, because, links, older, person_link, when};

/// An act of staff, as it is shown.
#[derive(Debug, Clone)]
pub struct Act {
    /// The event's name.
    pub kind: &'static str,
    /// When.
    pub at: Timestamp,
    /// Did the operator do it, at the command line?
    pub by_operator: bool,
    /// Who did it otherwise, unless they are gone.
    pub by: Option<String>,
    /// About whom, unless they are gone.
    pub about: Option<String>,
    /// About which tweet.
    pub tweet: Option<u64>,
    /// The new role, if it was one.
    pub role: Option<&'static str>,
    /// Why; empty if nothing was said, or if it was forgotten.
    pub reason: String,
}

/// A page of the log.
#[derive(Debug, Clone)]
pub struct Log {
    /// The acts, newest first.
    pub acts: Vec<Act>,
    /// The path of the page of older ones, if there are any.
    pub next: Option<String>,
}

/// The page.
#[must_use]
pub fn content(log: &Log, frame: &Frame) -> Markup {
    html! {
        h1 { "Log" }
        (links(LOG_PATH, frame))
        (list(&log.acts, frame.now, "Nothing was done yet."))
        (older(log.next.as_deref()))
    }
}

/// Acts as a list, or a sentence if there are none.
pub(super) fn list(acts: &[Act], now: Timestamp, empty: &str) -> Markup {
    html! {
        @if acts.is_empty() {
            p.note { (empty) }
        } @else {
            ul { @for act in acts { li { div { (line(act, now)) } } } }
        }
    }
}

fn line(act: &Act, now: Timestamp) -> Markup {
    html! {
        p {
            @if act.by_operator { "The operator" } @else { (person_link(act.by.as_deref())) }
            " " strong { (words(act.kind)) } " "
            @match act.tweet {
                // There is nothing to look at any more.
                Some(_) if act.kind == "TweetDeleted" => { "a tweet of " }
                Some(tweet) => {
                    a href={ "/moderation/tweets/" (tweet) } rel="external" { "a tweet" }
                    " of "
                }
                None => {}
            }
            (person_link(act.about.as_deref()))
            @if let Some(role) = act.role {
                @if act.kind == "UserCreated" { " as " } @else { " to " }
                (role)
            }
            (because(&act.reason))
        }
        p.hint { (when(act.at, now)) }
    }
}

/// What was done, in words that a name follows.
fn words(kind: &str) -> &str {
    match kind {
        "UserRoleUpdated" => "changed the role of",
        "UserWarned" => "warned",
        "UserUnwarned" => "took back the warning of",
        "UserWarningDismissed" => "read the warning of",
        "UserSilenced" => "silenced",
        "UserUnsilenced" => "ended the silence of",
        "UserSuspended" => "suspended",
        "UserUnsuspended" => "ended the suspension of",
        "TweetHidden" => "hid",
        "TweetUnhidden" => "showed again",
        "TweetDeleted" => "deleted for good",
        "UserCreated" => "added",
        "UserUpdated" => "changed the profile of",
        "PasswordUpdated" => "changed the password of",
        "UserDeleted" => "deleted the account of",
        "ReportResolved" => "closed a report about",
        other => other,
    }
}
