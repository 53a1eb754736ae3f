use super::{Action, Effect, State};

/// The session's next state.
pub(super) fn reduce(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Ticked(now) => {
            // A clock that was set back must not send tweets into the future.
            state.now = state.now.max(now);
            Vec::new()
        }
        Action::ThemeChosen(theme) => {
            state.theme = theme;
            vec![Effect::WearTheme(theme)]
        }
        Action::Moved => {
            state.form = None;
            state.flash = None;
            state.moves += 1;
            Vec::new()
        }
    }
}
