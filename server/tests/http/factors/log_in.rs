//! Logging in with a code.

use reqwest::Method;
use serde_json::{Value, json};

use super::{code, cookie, page, send_form, with_app};
use crate::app::{App, PASSWORD, send};

const PATH: &str = "/log-in/code";

fn log_in(code: Option<&str>) -> Value {
    match code {
        Some(code) => json!({"username": "ana", "password": PASSWORD, "code": code}),
        None => json!({"username": "ana", "password": PASSWORD}),
    }
}

/// The cookie of somebody whose password was right.
async fn half_way(app: &App) -> String {
    let form = [("username", "ana"), ("password", PASSWORD)];
    let answer = send_form(app, "/login", "", &form).await;
    assert_eq!((answer.status, answer.header("location")), (303, PATH));
    assert_eq!(cookie(&answer, "siskin_session"), None);
    cookie(&answer, "siskin_code").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_asked_for_the_code_after_the_password() {
    let app = App::start().await;
    let ana = with_app(&app, "ana").await;
    let waiting = half_way(&app).await;
    assert_eq!(page(&app, &waiting, PATH).await.status, 200);
    let wrong = send_form(&app, PATH, &waiting, &[("code", "000000")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("That code is wrong"), "{}", wrong.text);
    let right = code(&app, &ana.secret);
    let right = format!("{} {}", &right[..3], &right[3..]);
    let entered = send_form(&app, PATH, &waiting, &[("code", &right)]).await;
    assert_eq!((entered.status, entered.header("location")), (303, "/"), "{}", entered.text);
    let session = cookie(&entered, "siskin_session").unwrap();
    assert_eq!(page(&app, &session, "/profile").await.status, 200);
    assert_eq!(cookie(&entered, "siskin_code").as_deref(), Some("siskin_code="));
    // What was half a log-in is none any more.
    assert_eq!(page(&app, &waiting, PATH).await.header("location"), "/login");
    let again = send_form(&app, PATH, &waiting, &[("code", &ana.recovery[0])]).await;
    assert_eq!(again.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_code_is_told_where_to_go() {
    let app = App::start().await;
    with_app(&app, "ana").await;
    let form = [("username", "ana"), ("password", PASSWORD)];
    let request = app.request(Method::POST, "/login").header("accept", "application/json");
    let answer = send(request.form(&form)).await;
    assert_eq!(answer.expect(200)["location"], PATH);
    let set = answer.header("set-cookie");
    for part in ["siskin_code=", "HttpOnly", "SameSite=Lax", "Max-Age=300"] {
        assert!(set.contains(part), "{set}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_password_nothing_tells_of_the_app() {
    let app = App::start().await;
    with_app(&app, "ana").await;
    app.sign_up("ben").await;
    let mut answers = Vec::new();
    for username in ["ana", "ben", "nobody"] {
        for code in [None, Some("000000")] {
            let mut body = json!({"username": username, "password": "wrong password"});
            if let Some(code) = code {
                body["code"] = json!(code);
            }
            let answer = app.post("/api/v1/tokens", &body).await;
            answers.push((answer.status, answer.text));
        }
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    // Who has no app needs no code, and one that came with the password changes nothing.
    let body = json!({"username": "ben", "password": PASSWORD, "code": "000000"});
    app.post("/api/v1/tokens", &body).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_brings_the_code_with_the_password() {
    let app = App::start().await;
    let ana = with_app(&app, "ana").await;
    let path = "/api/v1/tokens";
    app.post(path, &log_in(None)).await.refused(401, "second_factor_required", Some("code"));
    for wrong in ["000000", "", "aaaa-aaaa-aaaa-aaaa", &"1".repeat(32)] {
        app.post(path, &log_in(Some(wrong))).await.refused(401, "bad_credentials", None);
    }
    let long = log_in(Some(&"1".repeat(33)));
    app.post(path, &long).await.refused(422, "code_too_long", Some("code"));
    app.post(path, &log_in(Some(&code(&app, &ana.secret)))).await.expect(201);
    let number = json!({"username": "ana", "password": PASSWORD, "code": 123_456});
    app.post(path, &number).await.refused(400, "key_type_wrong", Some("code"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_and_those_before_it_count_once() {
    let app = App::start().await;
    let ana = with_app(&app, "ana").await;
    let early = code(&app, &ana.secret);
    app.clock.forward_ms(30_000);
    let late = code(&app, &ana.secret);
    let path = "/api/v1/tokens";
    app.post(path, &log_in(Some(&late))).await.expect(201);
    for used in [&late, &early] {
        app.post(path, &log_in(Some(used))).await.refused(401, "bad_credentials", None);
    }
    app.clock.forward_ms(30_000);
    app.post(path, &log_in(Some(&code(&app, &ana.secret)))).await.expect(201);
    let recovery = &ana.recovery[3];
    app.post(path, &log_in(Some(recovery))).await.expect(201);
    app.post(path, &log_in(Some(recovery))).await.refused(401, "bad_credentials", None);
    let own = app.get_as(&ana.person, "/api/v1/factors").await.expect(200);
    assert_eq!(own["recovery_codes_left"], 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_at_once_one_gets_in() {
    let app = App::start().await;
    let ana = with_app(&app, "ana").await;
    for typed in [code(&app, &ana.secret), ana.recovery[0].clone()] {
        let body = log_in(Some(&typed));
        let at_once = (0..50).map(|_| app.post("/api/v1/tokens", &body));
        let answers = futures::future::join_all(at_once).await;
        let entered = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(entered, 1, "{typed}");
        assert!(answers.iter().all(|a| [201, 401, 409].contains(&a.status)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_five_wrong_codes_the_password_is_asked_for_again() {
    let app = App::start().await;
    let ana = with_app(&app, "ana").await;
    let waiting = half_way(&app).await;
    for _ in 0..5 {
        let wrong = send_form(&app, PATH, &waiting, &[("code", "000000")]).await;
        assert!(wrong.text.contains("That code is wrong"), "{}", wrong.text);
    }
    let right = code(&app, &ana.secret);
    let over = send_form(&app, PATH, &waiting, &[("code", &right)]).await;
    assert_eq!((over.status, cookie(&over, "siskin_session")), (422, None));
    assert!(over.text.contains("Begin again"), "{}", over.text);
    // At once, too, no more than five are looked at.
    let waiting = half_way(&app).await;
    let fields = [("code", "000000")];
    let at_once = (0..20).map(|_| send_form(&app, PATH, &waiting, &fields));
    let answers = futures::future::join_all(at_once).await;
    let tried = answers.iter().filter(|a| a.text.contains("That code is wrong")).count();
    assert!(tried <= 5, "{tried}");
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_log_in_ends_after_five_minutes_and_with_the_password() {
    let app = App::start().await;
    let ana = with_app(&app, "ana").await;
    let waiting = half_way(&app).await;
    app.clock.forward_ms(5 * 60 * 1000);
    let late = send_form(&app, PATH, &waiting, &[("code", &code(&app, &ana.secret))]).await;
    assert_eq!((late.status, cookie(&late, "siskin_session")), (422, None));

    let waiting = half_way(&app).await;
    let change = json!({"password": "another password", "current_password": PASSWORD});
    let path = format!("/api/v1/users/{}", ana.person.id);
    app.put_as(&ana.person, &path, &change).await.expect(200);
    let late = send_form(&app, PATH, &waiting, &[("code", &code(&app, &ana.secret))]).await;
    assert_eq!((late.status, cookie(&late, "siskin_session")), (422, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_codes_is_429_after_a_while_and_recovery_codes_still_count() {
    let app = App::start_with(|rules| rules.throttle = true).await;
    let ana = with_app(&app, "ana").await;
    for round in 0..5 {
        let waiting = half_way(&app).await;
        for _ in 0..4 {
            let wrong = send_form(&app, PATH, &waiting, &[("code", "000000")]).await;
            assert_eq!(wrong.status, 422, "{round}: {}", wrong.text);
        }
    }
    let waiting = half_way(&app).await;
    let right = code(&app, &ana.secret);
    let refused = send_form(&app, PATH, &waiting, &[("code", &right)]).await;
    assert_eq!(refused.status, 429);
    assert!(refused.has("retry-after"));
    let entered = send_form(&app, PATH, &waiting, &[("code", &ana.recovery[0])]).await;
    assert_eq!(entered.status, 303);
}
