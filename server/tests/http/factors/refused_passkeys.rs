//! Passkeys that are not taken, and why.

use reqwest::Method;
use serde_json::{Value, json};

use super::authenticator::{Authenticator, ORIGIN, SITE};
use super::cookie;
use super::passkeys::{add, challenge, enter, keep, named, registration};
use crate::app::{App, send};

const ELSEWHERE: &str = "https://evil.example";

/// What an authenticator may have wrong, and what is said of it.
type Fault = (fn(&mut Authenticator), &'static str);

/// What may be wrong with every answer.
fn faults() -> [Fault; 3] {
    [
        (|wrong| wrong.origin = ELSEWHERE, "passkey_other_origin"),
        (|wrong| wrong.site = "evil.example", "passkey_other_site"),
        (|wrong| wrong.verifies = false, "passkey_unverified"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_registration_is_refused_and_ends_its_ceremony() {
    let app = named().await;
    let ana = app.sign_up("ana").await;
    for (spoil, code) in faults() {
        let (options, mut phone) = (registration(&app, &ana).await, Authenticator::es256());
        spoil(&mut phone);
        keep(&app, &ana, phone.create(&options)).await.refused(422, code, None);
        (phone.origin, phone.site, phone.verifies) = (ORIGIN, SITE, true);
        keep(&app, &ana, phone.create(&options)).await.refused(422, "ceremony_over", None);
    }
    let own = app.get_as(&ana, "/api/v1/factors").await.expect(200);
    assert_eq!(own["passkeys"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_log_in_is_refused_and_ends_its_ceremony() {
    let app = named().await;
    let ana = app.sign_up("ana").await;
    let mut phone = add(&app, &ana, Authenticator::es256()).await;
    let more: [Fault; 3] = [
        (|wrong| wrong.lies = true, "passkey_signature"),
        (|wrong| wrong.counter = 0, "passkey_counter"),
        (|wrong| wrong.handle = super::authenticator::encode(&[7; 64]), "passkey_unknown"),
    ];
    let options = challenge(&app).await;
    enter(&app, phone.get(&options)).await.expect(200);
    let (handle, counter) = (phone.handle.clone(), phone.counter);
    for (spoil, code) in faults().into_iter().chain(more) {
        let options = challenge(&app).await;
        spoil(&mut phone);
        let refused = enter(&app, phone.get(&options)).await;
        refused.refused(422, code, None);
        assert_eq!(cookie(&refused, "siskin_session"), None);
        (phone.origin, phone.site, phone.verifies, phone.lies) = (ORIGIN, SITE, true, false);
        (phone.handle, phone.counter) = (handle.clone(), counter);
        enter(&app, phone.get(&options)).await.refused(422, "ceremony_over", None);
    }
    let options = challenge(&app).await;
    enter(&app, phone.get(&options)).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_counts_once_for_its_own_challenge_within_five_minutes() {
    let app = named().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let mut phone = add(&app, &ana, Authenticator::es256()).await;
    // A replay.
    let credential = phone.get(&challenge(&app).await);
    enter(&app, credential.clone()).await.expect(200);
    enter(&app, credential).await.refused(422, "ceremony_over", None);
    // A challenge that nobody gave.
    let made_up = json!({"challenge": "AAAAAAAAAAAAAAAAAAAAAA"});
    enter(&app, phone.get(&made_up)).await.refused(422, "ceremony_over", None);
    // A registration's challenge, and another person's.
    let options = registration(&app, &ana).await;
    enter(&app, phone.get(&options)).await.refused(422, "ceremony_over", None);
    let options = registration(&app, &ben).await;
    let credential = Authenticator::es256().create(&options);
    keep(&app, &ana, credential).await.refused(422, "ceremony_over", None);
    // Too late.
    let (log_in, register) = (challenge(&app).await, registration(&app, &ana).await);
    app.clock.forward_ms(5 * 60 * 1000);
    enter(&app, phone.get(&log_in)).await.refused(422, "ceremony_over", None);
    let credential = Authenticator::es256().create(&register);
    keep(&app, &ana, credential).await.refused(422, "ceremony_over", None);
    // Many at once.
    let credential = phone.get(&challenge(&app).await);
    let at_once = (0..20).map(|_| enter(&app, credential.clone()));
    let answers = futures::future::join_all(at_once).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_belongs_to_one_account() {
    let app = named().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let mut phone = add(&app, &ana, Authenticator::es256()).await;
    let (options, handle) = (registration(&app, &ben).await, phone.handle.clone());
    keep(&app, &ben, phone.create(&options)).await.refused(422, "passkey_taken", None);
    phone.handle = handle;
    let options = challenge(&app).await;
    enter(&app, phone.get(&options)).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_answer_is_refused() {
    let app = named().await;
    let ana = app.sign_up("ana").await;
    for credential in
        [json!({}), json!({"id": "x", "rawId": "x"}), json!({"x": "y".repeat(20_000)})]
    {
        enter(&app, credential.clone()).await.refused(422, "passkey_unreadable", None);
        keep(&app, &ana, credential).await.refused(422, "passkey_unreadable", None);
    }
    for credential in [json!("text"), Value::Null, json!([])] {
        enter(&app, credential).await.refused(400, "key_type_wrong", Some("credential"));
    }
    app.post("/api/v1/passkeys/session", &json!({})).await.refused(
        400,
        "key_missing",
        Some("credential"),
    );
    let (options, name) = (registration(&app, &ana).await, "x".repeat(51));
    let body = json!({"name": name, "credential": Authenticator::es256().create(&options)});
    app.post_as(&ana, "/api/v1/passkeys", &body).await.refused(422, "name_too_long", Some("name"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sites_page_signs_nobody_in() {
    let app = named().await;
    let ana = app.sign_up("ana").await;
    let mut phone = add(&app, &ana, Authenticator::es256()).await;
    let body = json!({"credential": phone.get(&challenge(&app).await)});
    for path in ["/api/v1/passkeys/challenge", "/api/v1/passkeys/session"] {
        let request = app.request(Method::POST, path).header("origin", ELSEWHERE).json(&body);
        send(request).await.refused(403, "cross_origin", None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn challenges_of_one_address_are_limited() {
    let app = App::start_with(|rules| {
        rules.throttle = true;
        rules.public_url = ORIGIN.to_owned();
    })
    .await;
    for _ in 0..60 {
        challenge(&app).await;
    }
    let refused = app.post("/api/v1/passkeys/challenge", &json!({})).await;
    refused.refused(429, "throttled", None);
    assert!(refused.has("retry-after"));
}
