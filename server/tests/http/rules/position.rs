//! `X-Siskin-Position`: reading one's own writes at another server. Here `a` and `b` are two
//! servers on one file, which see each other's writes a moment later.

use reqwest::Method;
use serde_json::json;

use crate::app::{Answer, App, PASSWORD, send};

const POSITION: &str = "x-siskin-position";

#[track_caller]
fn position(answer: &Answer) -> u64 {
    answer.header(POSITION).parse().unwrap_or_else(|_| panic!("no position: {answer:?}"))
}

async fn get_at(app: &App, path: &str, position: impl ToString) -> Answer {
    send(app.request(Method::GET, path).header(POSITION, position.to_string())).await
}

/// The cookies of an answer, as a browser would send them back.
fn cookies(answer: &Answer) -> String {
    let lines = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
    let pairs: Vec<_> = lines.map(|line| line.split(';').next().unwrap()).collect();
    pairs.join("; ")
}

async fn page(app: &App, cookie: &str) -> Answer {
    send(app.request(Method::GET, "/").header("cookie", cookie)).await
}

async fn form(app: &App, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    send(app.request(Method::POST, path).header("cookie", cookie).form(fields)).await
}

#[tokio::test]
async fn every_write_tells_the_position_and_nothing_else_does() {
    let app = App::start().await;
    let new = json!({"username": "ana", "email": "ana@example.org", "password": PASSWORD});
    let registered = app.post("/api/v1/users", &new).await;
    assert_eq!((registered.status, position(&registered)), (201, 1));
    let refused = app.post("/api/v1/users", &new).await;
    assert_eq!((refused.status, refused.has(POSITION)), (409, false));
    let log_in = json!({"username": "ana", "password": PASSWORD});
    let token = app.post("/api/v1/tokens", &log_in).await;
    assert_eq!(position(&token), 2);
    let ana = crate::app::Person {
        id: registered.expect(201)["user"]["id"].as_u64().unwrap(),
        username: "ana".to_owned(),
        token: token.expect(201)["token"].as_str().unwrap().to_owned(),
    };
    let tweeted = app.post_as(&ana, "/api/v2/tweets", &json!({"body": "x"})).await;
    assert_eq!((position(&tweeted), tweeted.has("set-cookie")), (3, false));
    let path = tweeted.header("location").to_owned();
    assert!(!app.get(&path).await.has(POSITION));
    assert_eq!(position(&app.delete_as(&ana, &path, None).await), 4);
    let changes = json!({"bio": "b"});
    let changed = app.put_as(&ana, &format!("/api/v1/users/{}", ana.id), &changes).await;
    assert_eq!(position(&changed), 5);
    let ended = app.delete_as(&ana, "/api/v1/tokens/current", None).await;
    assert_eq!(position(&ended), 5);
}

#[tokio::test]
async fn a_read_at_another_server_waits_for_the_write() {
    let a = App::start().await;
    let b = a.beside(|_| {}).await;
    let ana = a.sign_up("ana").await;
    for n in 0..5 {
        // What the other server keeps is of before.
        b.get("/api/v2/tweets").await.expect(200);
        let said = format!("tweet {n}");
        let tweeted = a.post_as(&ana, "/api/v2/tweets", &json!({"body": said})).await;
        let list = get_at(&b, "/api/v2/tweets", position(&tweeted)).await;
        assert!(position(&list) >= position(&tweeted));
        assert_eq!(list.expect(200)["tweets_list"][0]["body"], said);
    }
}

#[tokio::test]
async fn a_position_that_does_not_come_is_answered_with_what_there_is() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    app.tweet(&ana, "there").await;
    let list = get_at(&app, "/api/v2/tweets", 1000).await;
    assert_eq!(position(&list), 3);
    assert_eq!(list.expect(200)["tweets_list"][0]["body"], "there");
}

#[tokio::test]
async fn what_is_no_position_is_400_for_programs_and_nothing_for_pages() {
    let app = App::start().await;
    for text in ["x", "-1", "1.0", "99999999999999999999"] {
        get_at(&app, "/api/v2/tweets", text).await.refused(400, "position_invalid", None);
        assert_eq!(get_at(&app, "/", text).await.status, 200);
    }
    let list =
        send(app.request(Method::GET, "/api/v2/tweets").header("cookie", "siskin_position=x"));
    list.await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_form_the_page_of_another_server_shows_it() {
    let a = App::start().await;
    let b = a.beside(|_| {}).await;
    let joined = [("username", "ana"), ("email", "ana@example.org"), ("password", PASSWORD)];
    let joined = form(&a, "/signup", "", &joined).await;
    assert_eq!(joined.status, 303);
    let session = cookies(&joined);
    assert!(session.contains("siskin_session=") && session.contains("siskin_position="));
    for n in 0..5 {
        // The visitors' page is kept by the other server.
        page(&b, "").await;
        let said = format!("tweet no. {n}");
        let tweeted = form(&a, "/tweets", &session, &[("body", &said)]).await;
        assert_eq!(tweeted.status, 303);
        let cookie = cookies(&tweeted);
        let position = cookie.split("; ").find(|c| c.starts_with("siskin_position=")).unwrap();
        assert!(page(&b, position).await.text.contains(&said), "for a visitor");
        assert!(page(&b, &format!("{session}; {cookie}")).await.text.contains(&said));
    }
}

#[tokio::test]
async fn the_cookie_is_for_browsers_and_short_lived() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let cookie = app.cookie(&ana).await;
    let request = app.request(Method::POST, "/api/v2/tweets").header("cookie", cookie);
    let answer = send(request.json(&json!({"body": "x"}))).await;
    let line = answer.header("set-cookie");
    assert!(line.starts_with(&format!("siskin_position={};", position(&answer))), "{line}");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=5"] {
        assert!(line.contains(part), "{line}");
    }
    assert!(!line.contains("Secure"), "{line}");
    let https = app.beside(|rules| rules.secure_cookies = true).await;
    let cookie = app.cookie(&ana).await.replace("siskin_session", "__Host-siskin_session");
    let request = https.request(Method::POST, "/api/v2/tweets").header("cookie", cookie);
    let answer = send(request.json(&json!({"body": "x"}))).await;
    assert!(answer.header("set-cookie").contains("Secure"), "{answer:?}");
}
