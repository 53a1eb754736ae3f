//! Second factors and passkeys.

mod app_codes;
pub(crate) mod authenticator;
mod log_in;
mod passkeys;
mod refused_passkeys;

use reqwest::Method;
use siskin_server::application::Clock as _;
use totp_rs::{Builder, Secret};

use crate::app::{Answer, App, PASSWORD, Person, send};

/// Somebody with an authenticator app.
pub(crate) struct WithApp {
    pub(crate) person: Person,
    pub(crate) cookie: String,
    pub(crate) secret: String,
    pub(crate) recovery: Vec<String>,
}

pub(crate) async fn send_form(
    app: &App,
    path: &str,
    cookie: &str,
    fields: &[(&str, &str)],
) -> Answer {
    send(app.request(Method::POST, path).header("cookie", cookie).form(fields)).await
}

pub(crate) async fn page(app: &App, cookie: &str, path: &str) -> Answer {
    send(app.request(Method::GET, path).header("cookie", cookie)).await
}

/// What an authenticator app shows now.
pub(crate) fn code(app: &App, secret: &str) -> String {
    let totp = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap());
    let seconds = u64::try_from(app.clock.now().unix_ms() / 1000).unwrap();
    totp.build_noncompliant().generate(seconds).to_string()
}

/// The first text between two others.
pub(crate) fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split_once(after).unwrap().0
}

/// A cookie of an answer as a browser sends it back.
pub(crate) fn cookie(answer: &Answer, name: &str) -> Option<String> {
    let lines = answer.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap());
    let mut of_name = lines.filter_map(|line| line.split(';').next());
    of_name.find(|pair| pair.starts_with(&format!("{name}="))).map(str::to_owned)
}

/// The recovery codes on a page.
pub(crate) fn recovery_codes(text: &str) -> Vec<String> {
    let codes =
        text.split("<code dir=\"ltr\">").skip(1).map(|rest| rest.split('<').next().unwrap());
    codes.filter(|code| code.len() == 19).map(str::to_owned).collect()
}

/// Signs somebody up and sets an app up for them, as a browser does.
pub(crate) async fn with_app(app: &App, name: &str) -> WithApp {
    let person = app.sign_up(name).await;
    let cookie = app.cookie(&person).await;
    let shown = send_form(app, "/settings/security/app", &cookie, &[("password", PASSWORD)]).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    let secret = between(&shown.text, "secret=", "&").to_owned();
    let token = between(&shown.text, "name=\"setup\" value=\"", "\"").to_owned();
    let form = [("setup", token.as_str()), ("code", &code(app, &secret))];
    let done = send_form(app, "/settings/security/app/code", &cookie, &form).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let recovery = recovery_codes(&done.text);
    // The code that was shown then counts no more: the next one does.
    app.clock.forward_ms(30_000);
    WithApp { person, cookie, secret, recovery }
}
