//! `/api/v1/tokens`

use reqwest::Method;
use serde_json::json;

use crate::app::{App, PASSWORD, Person, send};

const PATH: &str = "/api/v1/tokens";

#[tokio::test]
async fn a_password_gets_a_token_by_username_or_email() {
    let app = App::start().await;
    app.sign_up("ana").await;
    for name in ["ana", " Ana ", "ANA@example.org"] {
        let body = json!({"username": name, "password": PASSWORD, "name": "my phone"});
        let answer = app.post(PATH, &body).await;
        assert_eq!(answer.header("cache-control"), "no-store");
        let token = answer.expect(201);
        assert!(token["token"].as_str().unwrap().starts_with("sk_"));
        assert_eq!(token["token_type"], "Bearer");
        assert!(token["created_at"].as_str().unwrap().ends_with('Z'));
        assert_eq!(token.as_object().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_read_the_same() {
    let app = App::start().await;
    app.sign_up("ana").await;
    let mut texts = Vec::new();
    for (name, password) in
        [("ana", "wrong password"), ("eve", PASSWORD), ("eve@example.org", "x"), ("!", "")]
    {
        let answer = app.post(PATH, &json!({"username": name, "password": password})).await;
        answer.refused(401, "bad_credentials", None);
        texts.push(answer.text);
    }
    texts.dedup();
    assert_eq!(texts.len(), 1);
}

/// Without the work for nobody's sake, an unknown user would always take a tenth of the time. Other
/// work on the machine only ever makes an answer late, so the quickest of some is compared, and
/// as often as it takes. `make security` measures it.
#[tokio::test]
async fn an_unknown_user_costs_the_work_of_a_wrong_password() {
    let app = App::start().await;
    app.sign_up("ana").await;
    let mut quickest = [f64::INFINITY; 2];
    for _ in 0..50 {
        for (quickest, name) in quickest.iter_mut().zip(["ana", "eve"]) {
            let body = json!({"username": name, "password": "wrong password"});
            let begun = std::time::Instant::now();
            app.post(PATH, &body).await.refused(401, "bad_credentials", None);
            *quickest = quickest.min(begun.elapsed().as_secs_f64());
        }
        let [known, unknown] = quickest;
        if unknown > known / 2.0 && unknown < known * 2.0 {
            return;
        }
    }
    panic!("known and unknown users take {quickest:?} seconds");
}

#[tokio::test]
async fn keys_are_checked() {
    let app = App::start().await;
    app.post(PATH, &json!({"username": "ana"})).await.refused(400, "key_missing", Some("password"));
    app.post(PATH, &json!({"password": "x"})).await.refused(400, "key_missing", Some("username"));
    let body = json!({"username": 1, "password": "x"});
    app.post(PATH, &body).await.refused(400, "key_type_wrong", Some("username"));
}

#[tokio::test]
async fn a_token_ends_when_its_owner_says_so_and_others_do_not() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let other = Person { token: app.log_in("ana").await, ..ana.clone() };
    app.get_as(&ana, "/api/v1/users").await.expect(200);
    let ended = app.delete_as(&ana, "/api/v1/tokens/current", None).await.expect(200);
    assert_eq!(ended, json!({"status": "Success"}));
    app.get_as(&ana, "/api/v1/users").await.refused(401, "token_invalid", None);
    let again = app.delete_as(&ana, "/api/v1/tokens/current", None).await;
    again.refused(401, "token_invalid", None);
    app.get_as(&other, "/api/v1/users").await.expect(200);
}

#[tokio::test]
async fn a_cookie_is_no_token() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let cookie = app.cookie(&ana).await;
    let request = app.request(Method::DELETE, "/api/v1/tokens/current").header("cookie", &cookie);
    send(request).await.refused(401, "not_signed_in", None);
    let secret = cookie.rsplit('=').next().unwrap().to_owned();
    let as_bearer = Person { token: secret, ..ana.clone() };
    app.get_as(&as_bearer, "/api/v1/users").await.refused(401, "token_invalid", None);
    let as_cookie = app
        .request(Method::POST, "/api/v2/tweets")
        .header("cookie", format!("siskin_session={}", ana.token))
        .json(&json!({"body": "x"}));
    send(as_cookie).await.refused(401, "not_signed_in", None);
}

#[tokio::test]
async fn a_token_lasts_a_year() {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    app.clock.forward_ms(364 * DAY_MS);
    app.get_as(&ana, "/api/v1/users").await.expect(200);
    app.clock.forward_ms(2 * DAY_MS);
    app.get_as(&ana, "/api/v1/users").await.refused(401, "token_invalid", None);
}

#[tokio::test]
async fn tokens_survive_a_restart_and_are_kept_as_hashes_only() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let app = app.restart().await;
    app.get_as(&ana, "/api/v1/users").await.expect(200);
    let disk = app.bytes_in_store().await;
    assert!(disk.windows(15).any(|w| w == b"ana@example.org"));
    assert!(!disk.windows(ana.token.len()).any(|w| w == ana.token.as_bytes()));
    assert!(!disk.windows(PASSWORD.len()).any(|w| w == PASSWORD.as_bytes()));
}
