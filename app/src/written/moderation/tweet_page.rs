//! A tweet, as moderators see it: hidden or not, and what can be done about it.

use maud::{Markup, html};

use super::{Frame, TweetShown, act, links, person_link, reason_field, tweet, whole_error};

/// The page.
#[must_use]
pub fn content(shown: &TweetShown, frame: &Frame) -> Markup {
    html! {
        h1 { "A tweet by " (person_link(Some(&shown.author))) }
        (links("", frame))
        (whole_error(frame))
        (tweet(shown, frame.now))
        form.form method="post" action={ "/moderation/tweets/" (shown.id) } {
            (reason_field(frame, "reason", "Why: its author will read it"))
            p {
                @match &shown.hidden {
                    None => { (act("hide", "Hide it", true)) }
                    Some(_) => { (act("unhide", "Show it again", false)) }
                }
            }
        }
    }
}
