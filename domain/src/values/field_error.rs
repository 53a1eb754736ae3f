//! Why a field was refused.

use std::borrow::Cow;

/// One field's refusal: which, a stable code for programs, a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FieldError {
    /// The JSON key or form field.
    pub field: &'static str,
    /// Stable, for programs: `username_invalid`.
    pub code: &'static str,
    /// For people: one sentence that says what to do.
    pub message: Cow<'static, str>,
}

impl FieldError {
    pub(crate) fn new(
        field: &'static str,
        code: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { field, code, message: message.into() }
    }
}
