//! The pages. Each is a lazy route: its code is loaded when it is first wanted.

pub mod home;
pub mod login;
pub mod not_found;
pub mod person;
pub mod profile;
pub mod signup;
pub mod tweet;
pub mod written;

mod data;

use crate::context::SentForm;
use crate::flux::forms::{Form, State};

/// Begins a page's form, with the world that sends it.
fn begin_form(state: State) -> Form {
    #[cfg(feature = "hydrate")]
    crate::api::provide_forms();
    Form::begin(state)
}

/// What was typed into a field of a refused form.
pub(crate) fn typed(sent: Option<&SentForm>, name: &str) -> String {
    let find = |sent: &SentForm| {
        sent.values.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone())
    };
    sent.and_then(find).unwrap_or_default()
}
