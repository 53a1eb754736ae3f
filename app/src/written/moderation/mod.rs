//! What moderators see: the queue of reports, a person, a tweet, and the audit log.

pub mod log;
pub mod person;
pub mod queue;
pub mod tweet_page;

use maud::{Markup, html};
use siskin_domain::{Reason, Timestamp};

use super::{Frame, status};
use crate::relative_time::{ago, exact};

/// Where the queue is.
pub const PATH: &str = "/moderation";
/// Where the audit log is.
pub const LOG_PATH: &str = "/moderation/log";

/// A tweet, as moderators are shown it.
#[derive(Debug, Clone)]
pub struct TweetShown {
    /// Its number.
    pub id: u64,
    /// Its author's username.
    pub author: String,
    /// What it says.
    pub body: String,
    /// When it was posted.
    pub at: Timestamp,
    /// Why it is hidden, if it is; empty if why was forgotten.
    pub hidden: Option<String>,
}

/// Which measures are in force about a person, and why; empty if why was forgotten.
#[derive(Debug, Clone, Default)]
pub struct InForce {
    /// Why they were warned, if they have not read it yet.
    pub warned: Option<String>,
    /// Why they are silenced, if they are.
    pub silenced: Option<String>,
    /// Why they are suspended, if they are.
    pub suspended: Option<String>,
}

/// The links between the pages of moderators, and for admins to how the server is.
fn links(here: &str, frame: &Frame) -> Markup {
    let current = |path| (path == here).then_some("page");
    html! {
        nav.aside aria-label="Moderation" {
            a href=(PATH) rel="external" aria-current=[current(PATH)] { "Reports" } " "
            a href={ (PATH) "?state=resolved" } rel="external" aria-current=[current("resolved")] {
                "Closed reports"
            }
            " "
            a href=(LOG_PATH) rel="external" aria-current=[current(LOG_PATH)] { "Log" }
            @if frame.admin { " " a href=(status::PATH) rel="external" { "Status" } }
        }
    }
}

/// What is wrong with a form as a whole, or with its buttons.
fn whole_error(frame: &Frame) -> Markup {
    let act = frame.error("act");
    html! {
        (frame.whole_error())
        @if !act.is_empty() { p.form-error role="alert" { (act) } }
    }
}

/// The text field for a reason, with what is wrong with it.
pub(super) fn reason_field(frame: &Frame, id: &str, label: &str) -> Markup {
    field(id, label, &frame.value("reason"), &frame.error("reason"))
}

/// The same, with what is given; for pages with more than one.
fn field(id: &str, label: &str, value: &str, error: &str) -> Markup {
    let error_id = format!("{id}-error");
    html! {
        div.field {
            label for=(id) { (label) }
            div.input {
                // Browsers count in other units than we do: twice as many are sure to be enough.
                textarea id=(id) name="reason" rows="3" dir="auto" maxlength=(2 * Reason::MAX)
                    aria-required="true" aria-describedby=(error_id)
                    aria-invalid=[(!error.is_empty()).then_some("true")] { (value) }
            }
            p.field-error id=(error_id) { (error) }
        }
    }
}

/// A button that says what is to be done.
fn act(value: &str, words: &str, danger: bool) -> Markup {
    html! {
        button.button.danger[danger] name="act" value=(value) { (words) } " "
    }
}

/// Who somebody is, as a link to what moderators see of them.
fn person_link(name: Option<&str>) -> Markup {
    html! {
        @match name {
            Some(name) => {
                a href={ "/moderation/people/" (name) } rel="external" { bdi { "@" (name) } }
            }
            None => { "somebody whose account is gone" }
        }
    }
}

/// When something was.
fn when(at: Timestamp, now: Timestamp) -> Markup {
    html! { time datetime=(at.to_string()) title=(exact(at)) { (ago(at, now)) } }
}

/// A tweet, quoted.
pub(super) fn tweet(shown: &TweetShown, now: Timestamp) -> Markup {
    html! {
        blockquote.secret {
            p dir="auto" { (shown.body) }
            p.hint {
                bdi { "@" (shown.author) } ", "
                a href={ "/tweet/" (shown.id) } rel="external" { (when(shown.at, now)) }
            }
            @if let Some(why) = &shown.hidden { p { strong { "Hidden" } (because(why)) } }
        }
    }
}

/// Why, if it is known.
fn because(why: &str) -> Markup {
    html! { @if !why.is_empty() { ": " span dir="auto" { (why) } } }
}

/// What is in force about a person, in words.
fn in_force(measures: &InForce) -> Markup {
    let all = [
        ("Warned, and has not read it", &measures.warned),
        ("Silenced", &measures.silenced),
        ("Suspended", &measures.suspended),
    ];
    html! {
        @for (words, why) in all {
            @if let Some(why) = why { p { strong { (words) } (because(why)) } }
        }
    }
}

/// The link to older entries, if there are any.
fn older(next: Option<&str>) -> Markup {
    html! {
        @if let Some(next) = next { p { a.button href=(next) rel="external" { "Older" } } }
    }
}

/// What those see who are no moderators.
#[must_use]
pub fn not_for_you() -> Markup {
    html! {
        h1 { "For moderators" }
        p { "This page is for moderators and admins." }
        p { a href="/" { "To the newest tweets" } }
    }
}

/// What is shown instead of somebody or something that is not there.
#[must_use]
pub fn nothing_here() -> Markup {
    html! {
        h1 { "Nothing here" }
        p { "It is gone, or was never there." }
        p { a href=(PATH) rel="external" { "To the reports" } }
    }
}
