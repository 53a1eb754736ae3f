use super::{Action, Effect, State};

/// The form's next state.
pub(super) fn reduce(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Left { field, value } => {
            // Passing through an empty field is no mistake yet.
            if !value.is_empty() {
                set(state, field, |kind, field| kind.check(field, &value));
            }
            Vec::new()
        }
        Action::Typed { field } => {
            state.errors.retain(|(name, _)| *name != field);
            Vec::new()
        }
        Action::Submitted(fields) => submitted(state, fields),
        Action::Taken { location } => {
            state.sending = false;
            vec![Effect::Go(location)]
        }
        Action::Refused(errors) => {
            state.sending = false;
            state.refuse(errors);
            focus_first(state)
        }
        Action::Outdated { version, reason } => {
            state.sending = false;
            state.version = Some(version);
            state.failure = Some(reason);
            Vec::new()
        }
        Action::CameBack => {
            state.sending = false;
            Vec::new()
        }
    }
}

fn submitted(state: &mut State, fields: Vec<(String, String)>) -> Vec<Effect> {
    if state.sending {
        return Vec::new();
    }
    state.failure = None;
    state.errors = state.kind.check_all(&fields);
    if !state.errors.is_empty() {
        return focus_first(state);
    }
    state.sending = true;
    vec![Effect::Send { path: state.kind.path(), fields }]
}

fn focus_first(state: &State) -> Vec<Effect> {
    state.errors.first().map(|(field, _)| Effect::Focus(field.clone())).into_iter().collect()
}

fn set(state: &mut State, field: String, check: impl FnOnce(super::Kind, &str) -> Option<String>) {
    let message = check(state.kind, &field);
    state.errors.retain(|(name, _)| *name != field);
    if let Some(message) = message {
        state.errors.push((field, message));
        let order = state.kind.fields();
        let place = |name: &str| order.iter().position(|field| *field == name);
        state.errors.sort_by_key(|(name, _)| place(name));
    }
}
