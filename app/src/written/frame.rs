//! What all pages that the server writes know of a request, and the parts that they share.

use maud::{Markup, html};
use siskin_domain::Timestamp;

use crate::context::{Me, SentForm};

/// What every page knows of the request that it answers.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The time that relative times are told from.
    pub now: Timestamp,
    /// Who is signed in.
    pub me: Option<Me>,
    /// Are they an admin?
    pub admin: bool,
    /// The form that was refused, if the page is shown because of it.
    pub sent: Option<SentForm>,
}

impl Frame {
    /// Do they look after what others write?
    #[must_use]
    pub fn moderates(&self) -> bool {
        self.me.as_ref().is_some_and(|me| me.moderates)
    }

    /// What was typed into a field of the refused form; empty if there is none.
    #[must_use]
    pub fn value(&self, field: &str) -> String {
        crate::pages::typed(self.sent.as_ref(), field)
    }

    /// Was this one of the values of a field, as with check boxes? `None` if no form was refused.
    #[must_use]
    pub fn chose(&self, field: &str, value: &str) -> Option<bool> {
        let sent = self.sent.as_ref()?;
        Some(sent.values.iter().any(|(name, typed)| name == field && typed == value))
    }

    /// What is wrong with a field; empty if nothing is.
    #[must_use]
    pub fn error(&self, field: &str) -> String {
        let errors = self.sent.iter().flat_map(|sent| &sent.errors);
        let mut found = errors.filter(|error| error.field.as_deref() == Some(field));
        found.next().map(|error| error.message.clone()).unwrap_or_default()
    }

    /// What is wrong with the form as a whole, said at once by a screen reader.
    #[must_use]
    pub fn whole_error(&self) -> Markup {
        let mut errors = self.sent.iter().flat_map(|sent| &sent.errors);
        let whole = errors.find(|error| error.field.is_none());
        html! {
            @if let Some(error) = whole { p.form-error role="alert" { (error.message) } }
        }
    }

    /// A labelled input with its hint and what is wrong with it. A refused form's values are kept,
    /// never a password.
    #[must_use]
    pub fn input(&self, input: &Input<'_>) -> Markup {
        let Input { name, label, kind, autocomplete, hint, required } = *input;
        let error = self.error(name);
        let value = Some(self.value(name)).filter(|value| !value.is_empty() && kind != "password");
        let (error_id, hint_id) = (format!("{name}-error"), format!("{name}-hint"));
        html! {
            div.field {
                label for=(name) { (label) }
                div.input {
                    input id=(name) name=(name) type=(kind) dir="auto" autocomplete=(autocomplete)
                        value=[value] aria-required=[required.then_some("true")]
                        aria-describedby={ (error_id) " " (hint_id) }
                        aria-invalid=[(!error.is_empty()).then_some("true")];
                }
                p.field-error id=(error_id) { (error) }
                @if !hint.is_empty() { p.hint id=(hint_id) { (hint) } }
            }
        }
    }

    /// The input for one's own password, of that name in the form. Whoever found a browser open
    /// does not know it; who has none is not asked for one.
    #[must_use]
    pub fn own_password(&self, name: &str, has_password: bool) -> Markup {
        html! {
            @if has_password {
                (self.input(&Input {
                    name,
                    label: "Your password",
                    kind: "password",
                    autocomplete: "current-password",
                    hint: "",
                    required: true,
                }))
            }
        }
    }
}

/// An input of a form.
#[derive(Debug, Clone, Copy, Default)]
pub struct Input<'a> {
    /// Its name in the form, and its id.
    pub name: &'a str,
    /// What people see.
    pub label: &'a str,
    /// HTML's type: `text`, `email`, `password`, …
    pub kind: &'a str,
    /// HTML's `autocomplete`.
    pub autocomplete: &'a str,
    /// One sentence more; may be empty.
    pub hint: &'a str,
    /// Must it be filled in?
    pub required: bool,
}
