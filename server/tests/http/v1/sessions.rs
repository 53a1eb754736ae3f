//! `/api/v1/sessions`

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{App, PASSWORD, Person, send};

const PATH: &str = "/api/v1/sessions";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

async fn sessions(app: &App, who: &Person) -> Vec<Value> {
    let list = app.get_as(who, PATH).await.expect(200);
    list["session_list"].as_array().unwrap().clone()
}

/// The `Cookie` header of a browser that logs in with the page's form.
async fn browser(app: &App, username: &str, agent: &str) -> String {
    let form = [("username", username), ("password", PASSWORD)];
    let request = app.request(Method::POST, "/login").header("user-agent", agent).form(&form);
    let answer = send(request).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn one_sees_ones_own_browsers_and_tokens() {
    let app = App::start().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let cookie = browser(&app, "ana", FIREFOX).await;
    let body = json!({"username": "ana", "password": PASSWORD, "name": "my phone",
        "scopes": ["write", "read", "read"], "expires_in_days": 7});
    app.post("/api/v1/tokens", &body).await.expect(201);

    let listed = sessions(&app, &ana).await;
    assert_eq!(listed.len(), 3);
    for session in &listed {
        assert_eq!(session.as_object().unwrap().len(), 10, "{session}");
        assert!(session["id"].as_u64().unwrap() < 1 << 53);
        assert_eq!(session["place"], "this computer");
        assert!(session["last_seen_at"].as_str().unwrap().ends_with('Z'));
    }
    let one = |key: &str, value: Value| listed.iter().find(|one| one[key] == value).unwrap();
    let own = one("current", json!(true));
    assert_eq!((&own["kind"], &own["name"]), (&json!("bearer"), &json!("")));
    assert_eq!(own["scopes"], json!(["read", "write", "admin"]));
    let phone = one("name", json!("my phone"));
    assert_eq!((&phone["kind"], &phone["scopes"]), (&json!("bearer"), &json!(["read", "write"])));
    let firefox = one("device", json!("Firefox on Linux"));
    assert_eq!((&firefox["kind"], &firefox["current"]), (&json!("cookie"), &json!(false)));

    // The browser sees the same, with another one as its own.
    let list = send(app.request(Method::GET, PATH).header("cookie", &cookie)).await.expect(200);
    let of_browser = list["session_list"].as_array().unwrap().clone();
    let own = of_browser.iter().find(|one| one["current"] == true).unwrap();
    assert_eq!(own["id"], firefox["id"]);
    assert_eq!(sessions(&app, &ben).await.len(), 1);
    app.get(PATH).await.refused(401, "not_signed_in", None);
}

#[tokio::test]
async fn neither_the_address_nor_the_browsers_own_words_are_kept() {
    let app = App::start().await;
    app.sign_up("ana").await;
    browser(&app, "ana", FIREFOX).await;
    let disk = app.bytes_in_store().await;
    let holds = |text: &str| disk.windows(text.len()).any(|w| w == text.as_bytes());
    assert!(holds("Firefox on Linux") && holds("this computer"));
    assert!(!holds("127.0.0.1") && !holds("Gecko"));
}

#[tokio::test]
async fn one_ends_one_of_ones_own_and_nobody_elses() {
    let app = App::start().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let cookie = browser(&app, "ana", FIREFOX).await;
    let listed = sessions(&app, &ana).await;
    let id = listed.iter().find(|one| one["kind"] == "cookie").unwrap()["id"].as_u64().unwrap();
    let path = format!("{PATH}/{id}");
    app.delete_as(&ben, &path, None).await.refused(404, "not_found", None);
    assert_eq!(sessions(&app, &ana).await.len(), 2);
    let ended = app.delete_as(&ana, &path, None).await.expect(200);
    assert_eq!(ended, json!({"status": "Success"}));
    let asked = send(app.request(Method::GET, PATH).header("cookie", &cookie)).await;
    asked.refused(401, "not_signed_in", None);
    app.delete_as(&ana, &path, None).await.refused(404, "not_found", None);
    for id in ["x", "-1", "1.0", "99999999999999999999999"] {
        app.delete_as(&ana, &format!("{PATH}/{id}"), None).await.refused(404, "not_found", None);
    }
    let path = format!("{PATH}/{}", sessions(&app, &ana).await[0]["id"]);
    app.delete_as(&ana, &path, None).await.expect(200);
    app.get_as(&ana, PATH).await.refused(401, "token_invalid", None);
}

#[tokio::test]
async fn one_ends_all_but_the_one_that_asks() {
    let app = App::start().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let other = Person { token: app.log_in("ana").await, ..ana.clone() };
    let cookie = browser(&app, "ana", FIREFOX).await;
    let request = app.request(Method::DELETE, PATH).header("cookie", &cookie);
    send(request.header("origin", "https://evil.example")).await.refused(403, "cross_origin", None);
    let request = app.request(Method::DELETE, PATH).header("cookie", &cookie);
    send(request).await.expect(200);
    for gone in [&ana, &other] {
        app.get_as(gone, PATH).await.refused(401, "token_invalid", None);
    }
    let list = send(app.request(Method::GET, PATH).header("cookie", &cookie)).await.expect(200);
    assert_eq!(list["session_list"].as_array().unwrap().len(), 1);
    assert_eq!(sessions(&app, &ben).await.len(), 1);
}
