//! One's own sessions and API tokens.

use maud::{Markup, html};
use siskin_domain::Timestamp;

use super::{Frame, Input, invitations, own_data};
use crate::relative_time::{ago, exact};

/// Where the page is.
pub const PATH: &str = "/settings/sessions";
/// Where the form for a new token is sent to.
pub const TOKENS_PATH: &str = "/settings/tokens";

/// For how many days a token may be asked on the page.
const DAYS: [(&str, &str); 4] =
    [("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("365", "A year")];
/// The choice unless the person makes another.
const USUAL_DAYS: &str = "90";

/// What a token may be for, and in words.
const SCOPES: [(&str, &str); 3] = [
    ("read", "Read what only you see"),
    ("write", "Tweet, and change what is yours"),
    ("admin", "Moderate what others write"),
];

/// The signed-in person's sessions and tokens.
#[derive(Clone, Default)]
pub struct MySessions {
    /// Those that were used last first.
    pub list: Vec<MySession>,
    /// Are there more than these?
    pub more: bool,
    /// The secret of a token that was made just now.
    pub made: Option<String>,
    /// May the person invite others?
    pub invites: bool,
}

/// A session or token, as its owner is shown it.
#[derive(Debug, Clone)]
pub struct MySession {
    /// What it is ended by.
    pub id: u64,
    /// An API token, rather than a browser's session.
    pub is_token: bool,
    /// What its owner calls it; empty for browsers.
    pub name: String,
    /// The browser and the system that began it; empty if unknown.
    pub device: String,
    /// From which network, in words; empty if unknown.
    pub place: String,
    /// What it may be used for.
    pub scopes: Vec<&'static str>,
    /// When it was last used.
    pub last_seen_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// Is it this browser's?
    pub current: bool,
}

/// The page.
#[must_use]
pub fn content(mine: &MySessions, frame: &Frame) -> Markup {
    let (tokens, browsers): (Vec<_>, Vec<_>) = mine.list.iter().partition(|one| one.is_token);
    html! {
        h1 { "Sessions and tokens" }
        (frame.whole_error())
        @if let Some(secret) = &mine.made { (made(secret)) }
        @if mine.more {
            p.note {
                "You have more than can be shown: these are the " (mine.list.len()) " that were used \
                 last. “End all others” ends those that are not shown, too. All are listed in "
                a href=(own_data::PATH) rel="external" { "your data" } "."
            }
        }
        h2 { "Where you are logged in" }
        (list(&browsers, frame, "You are logged in nowhere."))
        @if mine.list.len() > 1 {
            form method="post" action={ (PATH) "/end-others" } {
                button.button.danger aria-describedby="end-others-hint" { "End all others" }
                p #end-others-hint.hint { "Logs out your other browsers and ends all tokens." }
            }
        }
        h2 { "API tokens" }
        (list(&tokens, frame, "You have no tokens. Programs need one to act for you."))
        h2 { "New token" }
        (form(frame))
        p.aside {
            a href=(super::identities::PATH) rel="external" { "Ways to log in" }
            " "
            a href=(own_data::PATH) rel="external" { "Your data" }
            " "
            @if mine.invites {
                a href=(invitations::PATH) rel="external" { "Invitations" }
                " "
            }
            a href="/profile" rel="external" { "Back to your profile" }
        }
    }
}

/// Shown this once: the next page does not know it.
fn made(secret: &str) -> Markup {
    html! {
        div.secret role="status" {
            p { strong { "Your new token." } " Copy it now: it is not shown again." }
            p { code dir="ltr" tabindex="0" { (secret) } }
        }
    }
}

fn list(sessions: &[&MySession], frame: &Frame, empty: &str) -> Markup {
    html! {
        @if sessions.is_empty() {
            p.note { (empty) }
        } @else {
            ul { @for session in sessions { li { (row(session, frame)) } } }
        }
    }
}

fn row(session: &MySession, frame: &Frame) -> Markup {
    let now = frame.now;
    let called = if session.is_token { &session.name } else { &session.device };
    let called = match (called.as_str(), session.is_token) {
        ("", true) => "A token without a name",
        ("", false) => "An unknown browser",
        (called, _) => called,
    };
    let seen = session.last_seen_at;
    html! {
        div {
            p {
                strong { bdi { (called) } }
                @if session.current { " · this browser" }
            }
            p.hint {
                @if session.is_token {
                    "It may: " (in_words(&session.scopes, frame.moderates())) ". "
                    @if !session.device.is_empty() { "Made with " bdi { (session.device) } ". " }
                }
                @if !session.place.is_empty() { "From " bdi { (session.place) } ". " }
                "Last seen "
                time datetime=(seen.to_string()) title=(exact(seen)) { (ago(seen, now)) }
                ", ends on " (exact(session.expires_at)) "."
            }
        }
        @if !session.current {
            form method="post" action={ (PATH) "/" (session.id) "/end" } {
                button.quiet {
                    "End" span.visually-hidden { " " bdi { (called) } ", last seen " (exact(seen)) }
                }
            }
        }
    }
}

/// What a token may be used for, as the form says it. Nobody is told of what they can't do anyway.
fn in_words(scopes: &[&str], moderates: bool) -> String {
    let words = |scope: &&str| match SCOPES.iter().find(|(name, _)| name == scope) {
        Some((_, words)) => words[..1].to_lowercase() + &words[1..],
        None => (*scope).to_owned(),
    };
    let there = scopes.iter().filter(|scope| **scope != "admin" || moderates);
    there.map(words).collect::<Vec<_>>().join("; ")
}

fn form(frame: &Frame) -> Markup {
    let moderates = frame.moderates();
    let checked = |scope| frame.chose("scopes", scope).unwrap_or(scope != "admin");
    let days = Some(frame.value("expires_in_days")).filter(|days| !days.is_empty());
    let days = days.unwrap_or_else(|| USUAL_DAYS.to_owned());
    html! {
        form.form method="post" action=(TOKENS_PATH) {
            (frame.input(&Input {
                name: "name",
                label: "Name",
                kind: "text",
                autocomplete: "off",
                hint: "What it is for, so that you know it again.",
                required: true,
            }))
            fieldset aria-describedby="scopes-error" {
                legend { "What it may do" }
                @for (scope, words) in SCOPES {
                    @if scope != "admin" || moderates {
                        label.choice {
                            input type="checkbox" name="scopes" value=(scope) checked[checked(scope)];
                            " " (words)
                            @if scope == "admin" { ", with the one above" }
                        }
                    }
                }
                p #scopes-error.field-error { (frame.error("scopes")) }
            }
            div.field {
                label for="expires_in_days" { "It ends after" }
                div.input {
                    select #expires_in_days name="expires_in_days"
                        aria-describedby="expires_in_days-error" {
                        @for (number, words) in DAYS {
                            option value=(number) selected[days == number] { (words) }
                        }
                    }
                }
                p #expires_in_days-error.field-error { (frame.error("expires_in_days")) }
            }
            button.button.primary { "Make a token" }
        }
    }
}
