use super::Kind;
use crate::context::{FormError, SentForm};

/// A form. What was typed stays in its inputs; passwords are never here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Which form.
    pub kind: Kind,
    /// What is wrong, by field, in order of the fields.
    pub errors: Vec<(String, String)>,
    /// What is wrong with the whole form.
    pub failure: Option<String>,
    /// On its way.
    pub sending: bool,
    /// What optimistic concurrency compares, if it is another than the form came with.
    pub version: Option<u64>,
}

impl State {
    /// A form as it was refused without JavaScript, or an untouched one.
    #[must_use]
    pub fn new(kind: Kind, sent: Option<&SentForm>) -> Self {
        let mut state =
            Self { kind, errors: Vec::new(), failure: None, sending: false, version: None };
        if let Some(sent) = sent {
            state.refuse(sent.errors.clone());
        }
        state
    }

    pub(super) fn refuse(&mut self, errors: Vec<FormError>) {
        self.errors.clear();
        self.failure = None;
        for error in errors {
            match error.field {
                Some(field) if self.kind.fields().contains(&field.as_str()) => {
                    self.errors.push((field, error.message));
                }
                _ => self.failure = Some(error.message),
            }
        }
    }
}
