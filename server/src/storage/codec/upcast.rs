//! Old shapes become the shape of today, one step at a time, on the way out of the store.
//!
//! To change the shape of an event: raise its schema number, write the new shape in
//! [`super::shapes`], and add the step from the old one here. Nothing on disk is edited.

use serde_json::Value;

use super::{StoreError, Stored, shapes};

/// An event's two JSON parts while they are being upcast.
pub(super) struct Payload {
    /// The facts.
    pub(super) data: Value,
    /// The personal part, unless it was forgotten; a step must cope with `None`.
    pub(super) personal: Option<Value>,
}

/// One step from a shape to the next one.
pub(super) struct Step {
    /// Of which event.
    pub(super) kind: &'static str,
    /// The schema that it reads.
    pub(super) from: u32,
    /// The schema that it makes.
    pub(super) to: u32,
    /// How.
    pub(super) up: fn(&mut Payload),
}

/// Every step there is; none yet, as every shape is still the first.
pub(super) const STEPS: &[Step] = &[];

/// Applies steps until the parts have the shape of today.
pub(super) fn to_current(
    steps: &[Step],
    stored: Stored<'_>,
) -> Result<(String, Option<String>), StoreError> {
    let kind = stored.kind;
    let unreadable = |_| StoreError::Corrupt(format!("a {kind} that is not JSON"));
    let mut payload = Payload {
        data: serde_json::from_str(stored.data).map_err(unreadable)?,
        personal: stored.personal.map(serde_json::from_str).transpose().map_err(unreadable)?,
    };
    let mut schema = stored.schema;
    while schema != shapes::SCHEMA {
        let step = steps.iter().find(|step| step.kind == kind && step.from == schema);
        let Some(step) = step else {
            return Err(StoreError::Corrupt(format!("a {kind} of schema {schema}")));
        };
        (step.up)(&mut payload);
        schema = step.to;
    }
    Ok((payload.data.to_string(), payload.personal.map(|value| value.to_string())))
}
