//! A person, as moderators see them: what is in force, what can be done, and all that was.

use maud::{Markup, html};

use super::log::{Act, list};
use super::{Frame, InForce, act, in_force, links, reason_field, whole_error};

/// A person, as moderators are shown them.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their username.
    pub username: String,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub role: &'static str,
    /// How many tweets of theirs there are, hidden ones included.
    pub tweets: u64,
    /// What is in force.
    pub measures: InForce,
    /// All that was done about them, newest first.
    pub history: Vec<Act>,
}

/// The page.
#[must_use]
pub fn content(person: &Person, frame: &Frame) -> Markup {
    let measures = &person.measures;
    let path = format!("/moderation/people/{}", person.username);
    html! {
        h1 { bdi { (person.name) } }
        (links("", frame))
        p {
            a href={ "/@" (person.username) } rel="external" { bdi { "@" (person.username) } }
            ", " (person.role) ", tweets: " (person.tweets)
        }
        (whole_error(frame))
        (in_force(measures))
        form.form method="post" action=(path) {
            (reason_field(frame, "reason", "What you do, and why: they will read it"))
            p {
                (act("warn", "Warn", true))
                @match &measures.silenced {
                    None => { (act("silence", "Silence", true)) }
                    Some(_) => { (act("unsilence", "End the silence", false)) }
                }
                @match &measures.suspended {
                    None => { (act("suspend", "Suspend", true)) }
                    Some(_) => { (act("unsuspend", "End the suspension", false)) }
                }
                @if measures.warned.is_some() { (act("unwarn", "Take back the warning", false)) }
            }
        }
        h2 { "What was done about them" }
        (list(&person.history, frame.now, "Nothing was ever done about them."))
    }
}
