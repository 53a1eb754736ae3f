//! One's own invitations, and who has come by them.

use maud::{Markup, html};
use siskin_domain::Timestamp;

use super::{Frame, Input};
use crate::relative_time::exact;

/// Where the page is, and where the form for a new invitation is sent to.
pub const PATH: &str = "/settings/invitations";

/// For how many days an invitation may be asked on the page.
const DAYS: [(&str, &str); 4] =
    [("1", "A day"), ("7", "7 days"), ("14", "14 days"), ("30", "30 days")];
/// The choice unless the person makes another.
const USUAL_DAYS: &str = "7";

/// The signed-in person's invitations.
#[derive(Clone, Default)]
pub struct MyInvitations {
    /// The newest first.
    pub list: Vec<MyInvitation>,
    /// The link of one that was made just now.
    pub made: Option<String>,
    /// Why the person may make none, if so.
    pub refused: Option<String>,
}

/// An invitation, as its owner is shown it.
#[derive(Debug, Clone)]
pub struct MyInvitation {
    /// What it is revoked by.
    pub id: u64,
    /// What its owner calls it; may be empty.
    pub name: String,
    /// How many people may come by it.
    pub uses: u8,
    /// How many have come by it.
    pub used: usize,
    /// The first of them who are still here.
    pub guests: Vec<Guest>,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// Somebody who has come by an invitation.
#[derive(Debug, Clone)]
pub struct Guest {
    /// Their username.
    pub username: String,
    /// Their name.
    pub name: String,
}

/// The page.
#[must_use]
pub fn content(mine: &MyInvitations, frame: &Frame) -> Markup {
    html! {
        h1 { "Invitations" }
        (frame.whole_error())
        @if let Some(link) = &mine.made { (made(link)) }
        @if !mine.list.is_empty() {
            ul { @for invitation in &mine.list { li { (row(invitation)) } } }
        } @else if mine.refused.is_none() {
            p.note { "You have invited nobody." }
        }
        @match &mine.refused {
            Some(why) => p.note { (why) },
            None => {
                h2 { "New invitation" }
                (form(frame))
            }
        }
        p.aside { a href="/profile" rel="external" { "Back to your profile" } }
    }
}

/// Shown this once: the next page does not know it.
fn made(link: &str) -> Markup {
    html! {
        div.secret role="status" {
            p { strong { "Your new invitation." } " Copy the link now: it is not shown again." }
            p { code dir="ltr" tabindex="0" { (link) } }
        }
    }
}

fn row(invitation: &MyInvitation) -> Markup {
    let called = match invitation.name.as_str() {
        "" => "An invitation without a name",
        name => name,
    };
    let more = invitation.used - invitation.guests.len().min(invitation.used);
    html! {
        div {
            p { strong { bdi { (called) } } }
            p.hint {
                (invitation.used) " of " (invitation.uses) " used, ends on "
                (exact(invitation.expires_at)) "."
            }
            @if invitation.used > 0 {
                p.hint {
                    "Came: "
                    @for (n, guest) in invitation.guests.iter().enumerate() {
                        @if n > 0 { ", " }
                        a href={ "/@" (guest.username) } { bdi { (guest.name) } }
                    }
                    @if more > 0 {
                        @if !invitation.guests.is_empty() { " and " }
                        (more) " more"
                    }
                    "."
                }
            }
        }
        form method="post" action={ (PATH) "/" (invitation.id) "/revoke" } {
            button.quiet { "Revoke" span.visually-hidden { " " bdi { (called) } } }
        }
    }
}

fn form(frame: &Frame) -> Markup {
    let days = Some(frame.value("expires_in_days")).filter(|days| !days.is_empty());
    let days = days.unwrap_or_else(|| USUAL_DAYS.to_owned());
    html! {
        form.form method="post" action=(PATH) {
            (frame.input(&Input {
                name: "name",
                label: "Name",
                kind: "text",
                autocomplete: "off",
                hint: "For whom it is, so that you know it again. You may leave it out.",
                required: false,
            }))
            (frame.input(&Input {
                name: "uses",
                label: "For how many people",
                kind: "number",
                autocomplete: "off",
                hint: "1 to 100; for one unless you say so.",
                required: false,
            }))
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
            button.button.primary { "Make an invitation" }
        }
    }
}
