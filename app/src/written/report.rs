//! Reporting a tweet or a person to the moderators.

use maud::{Markup, html};

use super::Frame;
use super::moderation::{TweetShown, reason_field, tweet};

/// Where the page is.
pub const PATH: &str = "/report";

/// What is reported.
#[derive(Debug, Clone)]
pub enum Subject {
    /// A tweet.
    Tweet(TweetShown),
    /// A person, by their username.
    User(String),
}

/// The page.
#[must_use]
pub fn content(subject: &Subject, frame: &Frame) -> Markup {
    let back = match subject {
        Subject::Tweet(shown) => format!("/tweet/{}", shown.id),
        Subject::User(name) => format!("/@{name}"),
    };
    html! {
        h1 {
            @match subject {
                Subject::Tweet(_) => { "Report this tweet" }
                Subject::User(name) => { "Report " bdi { "@" (name) } }
            }
        }
        (frame.whole_error())
        @if let Subject::Tweet(shown) = subject { (tweet(shown, frame.now)) }
        p { "Moderators will read what you write. The person will not learn who reported them." }
        form.form method="post" action=(PATH) {
            @match subject {
                Subject::Tweet(shown) => { input type="hidden" name="tweet" value=(shown.id); }
                Subject::User(name) => { input type="hidden" name="user" value=(name); }
            }
            (reason_field(frame, "reason", "What is wrong?"))
            button.button.primary { "Report" }
        }
        p.aside {
            @if frame.moderates() {
                @match subject {
                    Subject::Tweet(shown) => {
                        a href={ "/moderation/tweets/" (shown.id) } rel="external" { "Moderate it instead" }
                    }
                    Subject::User(name) => {
                        a href={ "/moderation/people/" (name) } rel="external" { "Moderate them instead" }
                    }
                }
                " "
            }
            a href=(back) rel="external" { "Back" }
        }
    }
}
