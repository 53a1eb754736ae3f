//! What moderators have to say to whoever looks at a page: below the page, and no part of the app,
//! so that it costs the browser nothing and stays when one goes on to another page.

use maud::{Markup, html};

/// Where one says that one has read a warning.
pub const DISMISS_PATH: &str = "/settings/warning";

/// What is said below the page. The server provides it as a Leptos context.
#[derive(Debug, Clone)]
pub struct Notice(pub Markup);

/// What there may be to say. Reasons are empty if they were forgotten.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// Why one was warned.
    pub warned: Option<String>,
    /// Why one is silenced.
    pub silenced: Option<String>,
    /// Why one is suspended.
    pub suspended: Option<String>,
    /// Why the tweet on this page is hidden, and its number for moderators.
    pub hidden: Option<(String, Option<u64>)>,
    /// The username of the person on this page whom moderators see although they are suspended.
    pub suspended_person: Option<String>,
}

impl Said {
    /// The notice, if there is anything to say.
    #[must_use]
    pub fn notice(&self) -> Option<Notice> {
        let Self { warned, silenced, suspended, hidden, suspended_person } = self;
        let nothing = warned.is_none()
            && silenced.is_none()
            && suspended.is_none()
            && hidden.is_none()
            && suspended_person.is_none();
        (!nothing).then(|| Notice(self.content()))
    }

    fn content(&self) -> Markup {
        html! {
            @if let Some(why) = &self.suspended {
                p {
                    strong { "A moderator has suspended your account." } (why_of(why))
                    " Nobody sees you or your tweets, and you can't change anything until it is lifted. "
                    "Nothing is lost."
                }
            }
            @if let Some(why) = &self.silenced {
                p {
                    strong { "A moderator has silenced you." } (why_of(why))
                    " Your tweets are on your own page, and not in everybody's timeline."
                }
            }
            @if let Some(why) = &self.warned {
                form method="post" action=(DISMISS_PATH) {
                    p { strong { "A moderator has warned you." } (why_of(why)) }
                    button.button { "I have read it" }
                }
            }
            @if let Some((why, number)) = &self.hidden {
                p {
                    strong { "A moderator has hidden this tweet." } (why_of(why))
                    @if let Some(number) = number {
                        " " a href={ "/moderation/tweets/" (number) } { "Moderate it" }
                    }
                }
            }
            @if let Some(name) = &self.suspended_person {
                p {
                    strong { "This account is suspended." }
                    " " a href={ "/moderation/people/" (name) } { "See why" }
                }
            }
        }
    }
}

fn why_of(why: &str) -> Markup {
    html! { @if !why.is_empty() { " “" span dir="auto" { (why) } "”" } }
}
