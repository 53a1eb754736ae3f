//! The page of sessions and tokens, and its forms, as a browser without JavaScript sees them.

use reqwest::Method;
use serde_json::Value;
use siskin_domain::Role;

use crate::app::{Answer, App, PASSWORD, Person, send};

const PATH: &str = "/settings/sessions";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const SAFARI: &str =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) Version/26.0 Safari/604.1";

async fn send_form(app: &App, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    send(app.request(Method::POST, path).header("cookie", cookie).form(fields)).await
}

async fn page(app: &App, cookie: &str) -> Answer {
    send(app.request(Method::GET, PATH).header("cookie", cookie)).await
}

async fn log_in(app: &App, agent: &str) -> String {
    let form = [("username", "ana"), ("password", PASSWORD)];
    let request = app.request(Method::POST, "/login").header("user-agent", agent).form(&form);
    let answer = send(request).await;
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

/// The number of one of somebody's sessions, by its device or name.
async fn number(app: &App, who: &Person, called: &str) -> u64 {
    let list = app.get_as(who, "/api/v1/sessions").await.expect(200);
    let list = list["session_list"].as_array().unwrap();
    let is = |one: &&Value| one["device"] == called || one["name"] == called;
    list.iter().find(is).unwrap()["id"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_ends_another_browser_and_then_all_others() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let (here, there) = (log_in(&app, FIREFOX).await, log_in(&app, SAFARI).await);
    let shown = page(&app, &here).await;
    assert_eq!(shown.status, 200);
    for text in ["Firefox on Linux", "Safari on iPhone", "this browser", "this computer", "ago"] {
        let told = shown.text.contains(text) || text == "ago" && shown.text.contains("now");
        assert!(told, "{text} in {}", shown.text);
    }
    let other = format!("{PATH}/{}/end", number(&app, &ana, "Safari on iPhone").await);
    let own = format!("{PATH}/{}/end", number(&app, &ana, "Firefox on Linux").await);
    assert!(shown.text.contains(&other) && !shown.text.contains(&own));

    for _ in 0..2 {
        let ended = send_form(&app, &other, &here, &[]).await;
        assert_eq!((ended.status, ended.header("location")), (303, PATH));
        assert_eq!(ended.header("set-cookie").split(';').next(), Some("flash=4"));
    }
    assert_eq!(page(&app, &there).await.header("location"), "/login");
    let ended = send_form(&app, &format!("{PATH}/end-others"), &here, &[]).await;
    assert_eq!((ended.status, ended.header("location")), (303, PATH));
    app.get_as(&ana, "/api/v1/users").await.refused(401, "token_invalid", None);
    let alone = page(&app, &here).await;
    assert!(alone.text.contains("You have no tokens") && !alone.text.contains("End all others"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_once_and_is_for_what_was_chosen() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let here = log_in(&app, FIREFOX).await;
    let form = [("name", "مفتاح <b>"), ("scopes", "read"), ("expires_in_days", "30")];
    let made = send_form(&app, "/settings/tokens", &here, &form).await;
    assert_eq!((made.status, made.header("cache-control")), (200, "no-store"));
    let secret = made.text.split("sk_").nth(1).unwrap().split('<').next().unwrap();
    let token = Person { token: format!("sk_{secret}"), ..ana.clone() };
    assert_eq!(made.text.matches(secret).count(), 1);
    let list = app.get_as(&token, "/api/v1/sessions").await.expect(200);
    let own = list["session_list"].as_array().unwrap().iter().find(|one| one["current"] == true);
    assert_eq!(own.unwrap()["scopes"], serde_json::json!(["read"]));
    let tweet = serde_json::json!({"body": "x"});
    app.post_as(&token, "/api/v2/tweets", &tweet).await.refused(403, "scope_missing", None);

    let later = page(&app, &here).await;
    assert!(later.text.contains("<bdi>مفتاح &lt;b&gt;</bdi>") && !later.text.contains(secret));
    let end = format!("{PATH}/{}/end", number(&app, &ana, "مفتاح <b>").await);
    assert_eq!(send_form(&app, &end, &here, &[]).await.status, 303);
    app.get_as(&token, "/api/v1/users").await.refused(401, "token_invalid", None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_form_says_what_is_wrong_and_keeps_what_was_typed() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let here = log_in(&app, FIREFOX).await;
    let moderating = |text: &str| text.to_lowercase().contains("moderate what others write");
    assert!(!moderating(&page(&app, &here).await.text));
    let form = [("name", " "), ("expires_in_days", "365")];
    let refused = send_form(&app, "/settings/tokens", &here, &form).await;
    assert_eq!(refused.status, 422);
    for text in [
        "A name has at least one character",
        "Choose at least one thing",
        r#"<option value="365" selected"#,
        "Firefox on Linux",
    ] {
        assert!(refused.text.contains(text), "{text} in {}", refused.text);
    }
    let form = [("name", "x"), ("scopes", "root"), ("expires_in_days", "0")];
    assert_eq!(send_form(&app, "/settings/tokens", &here, &form).await.status, 422);
    app.promote(&ana, Role::Moderator).await;
    assert!(moderating(&page(&app, &here).await.text));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_is_asked_to_log_in() {
    let app = App::start().await;
    let answer = page(&app, "").await;
    assert_eq!((answer.status, answer.header("location")), (303, "/login"));
    for path in ["/settings/tokens", "/settings/sessions/1/end", "/settings/sessions/end-others"] {
        assert_eq!(send_form(&app, path, "", &[("name", "x")]).await.status, 401, "{path}");
        let answer = send(app.request(Method::GET, path)).await;
        assert_eq!((answer.status, answer.header("location")), (303, PATH), "{path}");
    }
}
