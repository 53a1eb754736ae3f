use super::{Action, Effect, Kind, State, reduce::reduce};
use crate::context::{FormError, SentForm};

fn fields(values: &[(&str, &str)]) -> Vec<(String, String)> {
    values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn error(field: Option<&str>, message: &str) -> FormError {
    FormError { field: field.map(str::to_owned), message: message.to_owned() }
}

impl State {
    fn wrong(&self) -> Vec<&str> {
        self.errors.iter().map(|(field, _)| field.as_str()).collect()
    }
}

#[test]
fn a_form_that_breaks_rules_is_not_sent_and_leads_to_the_first_mistake() {
    let mut state = State::new(Kind::SignUp, None);
    let sent = fields(&[
        ("username", "ab"),
        ("email", "a@b.example"),
        ("password", "short"),
        ("name", ""),
    ]);
    let effects = reduce(&mut state, Action::Submitted(sent));
    assert_eq!(effects, [Effect::Focus("username".to_owned())]);
    assert_eq!(state.wrong(), ["username", "password"]);
    assert!(!state.sending);
}

#[test]
fn a_good_form_is_sent_once() {
    let mut state = State::new(Kind::LogIn, None);
    let sent = fields(&[("username", "ana"), ("password", "x")]);
    let effects = reduce(&mut state, Action::Submitted(sent.clone()));
    assert_eq!(effects, [Effect::Send { path: "/login", fields: sent.clone() }]);
    assert!(state.sending);
    assert_eq!(reduce(&mut state, Action::Submitted(sent)), []);
}

#[test]
fn a_taken_form_leads_on_and_can_be_sent_again() {
    let mut state = State::new(Kind::LogIn, None);
    state.sending = true;
    let effects = reduce(&mut state, Action::Taken { location: "/".to_owned() });
    assert_eq!(effects, [Effect::Go("/".to_owned())]);
    assert!(!state.sending);
}

#[test]
fn a_refused_form_shows_errors_beside_fields_and_above_all() {
    let mut state = State::new(Kind::SignUp, None);
    state.sending = true;
    let errors = vec![error(Some("email"), "Taken."), error(None, "Slow down.")];
    let effects = reduce(&mut state, Action::Refused(errors));
    assert_eq!(effects, [Effect::Focus("email".to_owned())]);
    assert_eq!(state.wrong(), ["email"]);
    assert_eq!(state.failure.as_deref(), Some("Slow down."));
    assert!(!state.sending);
}

#[test]
fn an_error_about_a_field_the_form_lacks_is_about_the_form() {
    let mut state = State::new(Kind::LogIn, None);
    reduce(&mut state, Action::Refused(vec![error(Some("version"), "Changed meanwhile.")]));
    assert_eq!(state.failure.as_deref(), Some("Changed meanwhile."));
}

#[test]
fn a_field_is_checked_when_it_is_left_unless_it_is_empty() {
    let mut state = State::new(Kind::SignUp, None);
    let mut leave = |field: &str, value: &str| {
        let action = Action::Left { field: field.to_owned(), value: value.to_owned() };
        reduce(&mut state, action);
        state.wrong().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(leave("username", ""), [""; 0]);
    assert_eq!(leave("password", "short"), ["password"]);
    assert_eq!(leave("username", "1ab"), ["username", "password"]);
    assert_eq!(leave("password", "long enough"), ["username"]);
}

#[test]
fn typing_in_a_field_takes_its_error_away() {
    let mut state = State::new(Kind::LogIn, None);
    reduce(&mut state, Action::Submitted(Vec::new()));
    assert_eq!(state.wrong(), ["username", "password"]);
    reduce(&mut state, Action::Typed { field: "username".to_owned() });
    assert_eq!(state.wrong(), ["password"]);
}

#[test]
fn a_new_password_needs_the_current_one() {
    let profile = [("name", "Ana"), ("username", "ana"), ("email", "a@b.example"), ("bio", "")];
    let mut state = State::new(Kind::Profile, None);
    let mut sent = fields(&profile);
    sent.push(("password".to_owned(), "correct horse".to_owned()));
    sent.push(("current_password".to_owned(), String::new()));
    reduce(&mut state, Action::Submitted(sent));
    assert_eq!(state.wrong(), ["current_password"]);
    let effects = reduce(&mut state, Action::Submitted(fields(&profile)));
    assert!(matches!(effects[..], [Effect::Send { path: "/profile", .. }]));
}

#[test]
fn a_form_refused_without_javascript_begins_with_its_errors() {
    let sent = SentForm {
        path: "/login".to_owned(),
        values: Vec::new(),
        errors: vec![error(Some("username"), "Who?"), error(None, "No.")],
    };
    let state = State::new(Kind::LogIn, Some(&sent));
    assert_eq!((state.wrong(), state.failure.as_deref()), (vec!["username"], Some("No.")));
}

#[test]
fn a_page_from_the_browsers_memory_waits_for_nothing() {
    let mut state = State::new(Kind::LogIn, None);
    state.sending = true;
    reduce(&mut state, Action::CameBack);
    assert!(!state.sending);
}

#[test]
fn a_form_that_was_changed_elsewhere_is_sent_with_the_new_version() {
    let mut state = State::new(Kind::Profile, None);
    state.sending = true;
    let reason = "Changed elsewhere.".to_owned();
    assert_eq!(reduce(&mut state, Action::Outdated { version: 4, reason: reason.clone() }), []);
    assert_eq!((state.version, state.failure, state.sending), (Some(4), Some(reason), false));
}
