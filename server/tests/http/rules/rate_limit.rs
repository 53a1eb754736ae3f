//! `RateLimit` and `RateLimit-Policy`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Answer, App, PASSWORD, send};

const LOG_INS: &str = r#""log-ins-at-account";q=10;w=100, "log-ins";q=100;w=200"#;
const SIGN_UPS: &str = r#""sign-ups";q=150;w=600"#;

async fn throttled() -> App {
    App::start_with(|rules| rules.throttle = true).await
}

async fn log_in(app: &App, username: &str, password: &str) -> Answer {
    app.post("/api/v1/tokens", &json!({"username": username, "password": password})).await
}

async fn form(app: &App, path: &str, fields: &[(&str, &str)]) -> Answer {
    send(app.request(Method::POST, path).form(fields)).await
}

/// What is left of each limit.
fn left(answer: &Answer) -> Vec<u32> {
    let items = answer.header("ratelimit").split(", ").filter(|item| !item.is_empty());
    items.map(|item| number(item, ";r=")).collect()
}

/// So much is left of both limits. Places come back, one of an address in 2 s and one of an account in
/// 10 s: on a slow machine some of the address's may be there again.
fn assert_left(answer: &Answer, [account, address]: [u32; 2]) {
    let left = left(answer);
    assert_eq!((left.len(), left[0]), (2, account), "{left:?}");
    assert!((address..=100).contains(&left[1]), "{left:?}, not {address}");
}

fn number(item: &str, key: &str) -> u32 {
    let (_, rest) = item.split_once(key).unwrap();
    rest.split(';').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_log_in_says_what_is_left() {
    let app = throttled().await;
    app.sign_up("ana").await;
    let right = log_in(&app, "ana", PASSWORD).await;
    assert_eq!((right.status, right.header("ratelimit-policy")), (201, LOG_INS));
    assert_eq!(left(&right), [10, 100]);
    for n in 1..=10 {
        let wrong = log_in(&app, "ana", "wrong password").await;
        assert_eq!((wrong.status, wrong.header("ratelimit-policy")), (401, LOG_INS));
        assert_left(&wrong, [10 - n, 100 - n]);
    }
    let refused = log_in(&app, "ana", PASSWORD).await;
    refused.refused(429, "throttled", None);
    assert_eq!(left(&refused), [0]);
    let reset = number(refused.header("ratelimit"), ";t=");
    assert!((90..=100).contains(&reset), "{reset}");
    assert!(refused.has("retry-after"));
}

#[tokio::test]
async fn an_account_that_is_not_there_says_the_same() {
    let app = throttled().await;
    app.sign_up("ana").await;
    for _ in 0..11 {
        let known = log_in(&app, "ana", "wrong password").await;
        let unknown = log_in(&app, "nobody", "wrong password").await;
        assert_eq!(known.status, unknown.status);
        assert_eq!(known.header("ratelimit-policy"), unknown.header("ratelimit-policy"));
        assert_eq!(left(&known)[0], left(&unknown)[0]);
    }
}

#[tokio::test]
async fn a_sign_up_says_what_is_left() {
    let app = throttled().await;
    let body = json!({"username": "ana", "email": "ana@example.org", "password": PASSWORD});
    let done = app.post("/api/v1/users", &body).await;
    assert_eq!((done.status, done.header("ratelimit-policy")), (201, SIGN_UPS));
    assert_eq!(left(&done), [149]);
    let taken = app.post("/api/v1/users", &body).await;
    assert_eq!((taken.status, left(&taken)), (409, vec![148]));
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_say_it_too() {
    let app = throttled().await;
    let account = [("username", "ana"), ("email", "ana@example.org"), ("password", PASSWORD)];
    let done = form(&app, "/signup", &account).await;
    assert_eq!((done.status, done.header("ratelimit-policy")), (303, SIGN_UPS));
    let taken = form(&app, "/signup", &account).await;
    assert_eq!((taken.status, left(&taken)), (409, vec![148]));
    let right = form(&app, "/login", &[("username", "ana"), ("password", PASSWORD)]).await;
    assert_eq!((right.status, left(&right)), (303, vec![10, 100]));
    let guess = [("username", "ana"), ("password", "wrong password")];
    for n in 1..=10 {
        let wrong = form(&app, "/login", &guess).await;
        assert_eq!(wrong.status, 401);
        assert_left(&wrong, [10 - n, 100 - n]);
    }
    let refused = form(&app, "/login", &guess).await;
    assert_eq!((refused.status, left(&refused)), (429, vec![0]));
    assert!(refused.has("retry-after"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profiles_form_is_no_way_to_guess_the_password() {
    let app = throttled().await;
    let ana = app.sign_up("ana").await;
    let cookie = app.cookie(&ana).await;
    let fields = [("password", "another password"), ("current_password", "wrong one")];
    let guess =
        || send(app.request(Method::POST, "/profile").header("cookie", &cookie).form(&fields));
    for _ in 0..10 {
        assert_eq!(guess().await.status, 422);
    }
    assert_eq!(guess().await.status, 429);
}

#[tokio::test]
async fn without_throttles_nothing_is_said() {
    let app = App::start().await;
    app.sign_up("ana").await;
    let answer = log_in(&app, "ana", PASSWORD).await;
    assert!(!answer.has("ratelimit") && !answer.has("ratelimit-policy"));
    assert_eq!(answer.expect(201)["token_type"], Value::from("Bearer"));
}
