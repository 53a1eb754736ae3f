//! Passkeys: registered, shown, removed.

use reqwest::Method;
use serde_json::{Value, json};

use super::authenticator::{Authenticator, ORIGIN, SITE};
use super::{cookie, page, send_form, with_app};
use crate::app::{Answer, App, PASSWORD, Person, send};

/// A server with a name, as passkeys are for names.
pub(super) async fn named() -> App {
    App::start_with(|rules| rules.public_url = ORIGIN.to_owned()).await
}

pub(super) async fn registration(app: &App, who: &Person) -> Value {
    let body = json!({"password": PASSWORD});
    let asked = app.post_as(who, "/api/v1/passkeys/registration", &body).await.expect(200);
    asked["options"].clone()
}

pub(super) async fn challenge(app: &App) -> Value {
    app.post("/api/v1/passkeys/challenge", &json!({})).await.expect(200)["options"].clone()
}

pub(super) async fn keep(app: &App, who: &Person, credential: Value) -> Answer {
    let body = json!({"name": "my phone", "credential": credential});
    app.post_as(who, "/api/v1/passkeys", &body).await
}

pub(super) async fn enter(app: &App, credential: Value) -> Answer {
    app.post("/api/v1/passkeys/session", &json!({"credential": credential})).await
}

/// Gives somebody a passkey.
pub(super) async fn add(
    app: &App,
    who: &Person,
    mut authenticator: Authenticator,
) -> Authenticator {
    let credential = authenticator.create(&registration(app, who).await);
    keep(app, who, credential).await.expect(201);
    authenticator
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_registered_and_signs_in_without_password_and_code() {
    let app = named().await;
    let ana = with_app(&app, "ana").await;
    for authenticator in [Authenticator::es256(), Authenticator::ed25519()] {
        let options = registration(&app, &ana.person).await;
        assert_eq!(options["rp"]["id"], SITE);
        let selection = &options["authenticatorSelection"];
        assert_eq!(selection["userVerification"], "required", "{options}");
        assert_eq!(selection["residentKey"], "required", "{options}");
        let mut authenticator = authenticator;
        let kept = keep(&app, &ana.person, authenticator.create(&options)).await.expect(201);
        assert_eq!(kept["passkey"]["name"], "my phone");
        assert_eq!(kept["passkey"]["last_used_at"], Value::Null);
        for _ in 0..2 {
            let options = challenge(&app).await;
            assert_eq!(options["userVerification"], "required", "{options}");
            let entered = enter(&app, authenticator.get(&options)).await;
            entered.expect(200);
            let session = cookie(&entered, "siskin_session").unwrap();
            assert_eq!(page(&app, &session, "/profile").await.status, 200);
        }
    }
    let own = app.get_as(&ana.person, "/api/v1/factors").await.expect(200);
    let passkeys = own["passkeys"].as_array().unwrap();
    assert_eq!(passkeys.len(), 2);
    assert!(passkeys.iter().all(|passkey| passkey["last_used_at"].is_string()), "{own}");
    let shown = page(&app, &ana.cookie, "/settings/security").await;
    assert_eq!(shown.text.matches("my phone</bdi></strong>").count(), 2, "{}", shown.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_repeated_with_its_key_is_answered_again_and_done_once() {
    let app = named().await;
    let ana = app.sign_up("ana").await;
    let twice = async |path: &str, body: Value, who: Option<&Person>| {
        let mut answers = Vec::new();
        for _ in 0..2 {
            let request = app.request(Method::POST, path).header("idempotency-key", path);
            let request = match who {
                Some(who) => request.bearer_auth(&who.token),
                None => request,
            };
            answers.push(send(request.json(&body)).await);
        }
        let (again, first) = (answers.pop().unwrap(), answers.pop().unwrap());
        assert_eq!((again.status, &again.text), (first.status, &first.text), "{path}");
        assert_eq!(again.header("set-cookie"), first.header("set-cookie"), "{path}");
        assert_eq!(again.header("idempotency-replayed"), "true", "{path}");
        first
    };
    let (mut phone, own) = (Authenticator::es256(), Some(&ana));
    let password = json!({"password": PASSWORD});
    let asked = twice("/api/v1/passkeys/registration", password, own).await.expect(200);
    let made = json!({"name": "my phone", "credential": phone.create(&asked["options"])});
    twice("/api/v1/passkeys", made, own).await.expect(201);
    let asked = twice("/api/v1/passkeys/challenge", json!({}), None).await.expect(200);
    let shown = json!({"credential": phone.get(&asked["options"])});
    let entered = twice("/api/v1/passkeys/session", shown, None).await;
    entered.expect(200);
    let session = cookie(&entered, "siskin_session").unwrap();
    assert_eq!(page(&app, &session, "/profile").await.status, 200);
    let own = app.get_as(&ana, "/api/v1/factors").await.expect(200);
    assert_eq!(own["passkeys"].as_array().unwrap().len(), 1);
    let sessions = app.get_as(&ana, "/api/v1/sessions").await.expect(200);
    let browsers = sessions["session_list"].as_array().unwrap().iter();
    assert_eq!(browsers.filter(|session| session["kind"] == "cookie").count(), 1, "{sessions}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_let_no_stranger_write_without_end() {
    let app = App::start_with(|rules| {
        rules.public_url = ORIGIN.to_owned();
        rules.throttle = true;
    })
    .await;
    let mut last = 0;
    for n in 0..100 {
        let request = app.request(Method::POST, "/api/v1/passkeys/session");
        let request = request.header("idempotency-key", n.to_string());
        let body = json!({"credential": Authenticator::es256().get(&json!({"challenge": "AAAA"}))});
        last = send(request.json(&body)).await.status;
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_replaces_the_session_it_came_with() {
    let app = named().await;
    let ana = app.sign_up("ana").await;
    let mut phone = add(&app, &ana, Authenticator::es256()).await;
    let before = app.cookie(&ana).await;
    let body = json!({"credential": phone.get(&challenge(&app).await)});
    let request = app.request(Method::POST, "/api/v1/passkeys/session").json(&body);
    send(request.header("cookie", &before)).await.expect(200);
    assert_eq!(page(&app, &before, "/profile").await.header("location"), "/login");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_passkeys_of_an_account_have_one_name_that_says_nothing() {
    let app = named().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let phone = add(&app, &ana, Authenticator::es256()).await;
    let second = registration(&app, &ana).await;
    assert_eq!(second["user"]["id"], json!(phone.handle));
    assert_eq!(phone.handle.len(), 86, "64 random bytes");
    assert_ne!(registration(&app, &ben).await["user"]["id"], json!(phone.handle));
    let known = second["excludeCredentials"].as_array().unwrap();
    assert_eq!(known[0]["id"], json!(super::authenticator::encode(&phone.id)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_needs_the_password_to_be_added_and_removed() {
    let app = named().await;
    let ana = app.sign_up("ana").await;
    let begin = "/api/v1/passkeys/registration";
    let wrong = json!({"password": "wrong password"});
    let refused = app.post_as(&ana, begin, &wrong).await;
    refused.refused(422, "current_password_wrong", Some("current_password"));
    app.post(begin, &wrong).await.refused(401, "not_signed_in", None);
    // A device is not asked for a key that would be refused afterwards.
    let long = json!({"password": PASSWORD, "name": "x".repeat(51)});
    app.post_as(&ana, begin, &long).await.refused(422, "name_too_long", Some("name"));

    let mut phone = add(&app, &ana, Authenticator::es256()).await;
    let own = app.get_as(&ana, "/api/v1/factors").await.expect(200);
    let id = own["passkeys"][0]["id"].as_str().unwrap();
    let path = format!("/settings/security/passkeys/{id}/remove");
    let cookie = app.cookie(&ana).await;
    assert!(page(&app, &cookie, &path).await.text.contains("my phone"));
    let wrong = send_form(&app, &path, &cookie, &[("password", "wrong password")]).await;
    assert_eq!(wrong.status, 422);
    // Nobody removes another person's.
    let ben = app.sign_up("ben").await;
    let bens = app.cookie(&ben).await;
    assert_eq!(send_form(&app, &path, &bens, &[("password", PASSWORD)]).await.status, 303);
    let options = challenge(&app).await;
    enter(&app, phone.get(&options)).await.expect(200);

    let removed = send_form(&app, &path, &cookie, &[("password", PASSWORD)]).await;
    assert_eq!((removed.status, removed.header("location")), (303, "/settings/security"));
    let options = challenge(&app).await;
    enter(&app, phone.get(&options)).await.refused(422, "passkey_unknown", None);
    assert_eq!(page(&app, &cookie, &path).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_twenty_passkeys_at_most() {
    let app = named().await;
    let ana = app.sign_up("ana").await;
    let late = registration(&app, &ana).await;
    for _ in 0..20 {
        add(&app, &ana, Authenticator::es256()).await;
    }
    let begin = "/api/v1/passkeys/registration";
    let refused = app.post_as(&ana, begin, &json!({"password": PASSWORD})).await;
    refused.refused(422, "too_many_passkeys", None);
    let credential = Authenticator::es256().create(&late);
    keep(&app, &ana, credential).await.refused(422, "too_many_passkeys", None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_a_name_has_no_passkeys() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    app.post("/api/v1/passkeys/challenge", &json!({})).await.refused(
        404,
        "passkeys_unavailable",
        None,
    );
    let body = json!({"password": PASSWORD});
    app.post_as(&ana, "/api/v1/passkeys/registration", &body).await.refused(
        404,
        "passkeys_unavailable",
        None,
    );
    let cookie = app.cookie(&ana).await;
    let shown = page(&app, &cookie, "/settings/security").await;
    assert!(shown.text.contains("There are no passkeys here"), "{}", shown.text);
    assert!(!page(&app, "", "/log-in/passkey").await.text.contains("<form class=\"form\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_load_the_script_under_their_policy() {
    let app = named().await;
    let ana = app.sign_up("ana").await;
    let cookie = app.cookie(&ana).await;
    for path in ["/log-in/passkey", "/settings/security/passkeys/new"] {
        let shown = page(&app, &cookie, path).await;
        assert!(shown.text.contains("src=\"/passkeys.js\""), "{}", shown.text);
        assert!(shown.header("content-security-policy").contains("script-src 'self'"));
    }
    assert!(page(&app, "", "/login").await.text.contains("href=\"/log-in/passkey\""));
}
