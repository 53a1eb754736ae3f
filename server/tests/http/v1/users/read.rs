//! `GET /api/v1/users` and `GET /api/v1/users/{id}`

use serde_json::{Value, json};
use siskin_domain::Role;

use crate::app::App;

fn keys(user: &Value) -> Vec<&str> {
    user.as_object().unwrap().keys().map(String::as_str).collect()
}

const PUBLIC: [&str; 7] =
    ["bio", "created_at", "id", "name", "tweets_count", "username", "version"];

#[tokio::test]
async fn strangers_see_neither_email_nor_role() {
    let app = App::start().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let path = format!("/api/v1/users/{}", ana.id);
    for answer in [app.get(&path).await, app.get_as(&ben, &path).await] {
        let body = answer.expect(200);
        assert_eq!(body["user_details"].as_array().unwrap().len(), 1);
        let mut seen = keys(&body["user_details"][0]);
        seen.sort_unstable();
        assert_eq!(seen, PUBLIC);
    }
}

#[tokio::test]
async fn people_see_their_own_and_admins_everybodys() {
    let app = App::start().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let list = app.get_as(&ana, "/api/v1/users").await.expect(200);
    assert_eq!(list["user_list"][0]["username"], "ben");
    assert_eq!(list["user_list"][0].get("email"), None);
    assert_eq!(list["user_list"][1]["email"], "ana@example.org");
    assert_eq!(list["user_list"][1]["role"], "user");
    app.promote(&ben, Role::Admin).await;
    let list = app.get_as(&ben, "/api/v1/users").await.expect(200);
    assert_eq!(list["user_list"][1]["email"], "ana@example.org");
}

#[tokio::test]
async fn a_cookie_is_as_good_as_a_token_for_reading() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let path = format!("/api/v1/users/{}", ana.id);
    let request = app.request(reqwest::Method::GET, &path);
    let request = request.header("cookie", app.cookie(&ana).await);
    let body = crate::app::send(request).await.expect(200);
    assert_eq!(body["user_details"][0]["email"], "ana@example.org");
}

#[tokio::test]
async fn what_is_nobodys_id_is_404() {
    let app = App::start().await;
    for id in
        ["1", "0", "-1", "abc", "9007199254740992", "99999999999999999999999", "1.5", "%00", "%ff"]
    {
        app.get(&format!("/api/v1/users/{id}")).await.refused(404, "not_found", None);
    }
}

#[tokio::test]
async fn one_is_found_by_username() {
    let app = App::start().await;
    app.sign_up("ana").await;
    app.sign_up("ben").await;
    let found = app.get("/api/v1/users?username=ANA").await.expect(200);
    assert_eq!(found["user_list"].as_array().unwrap().len(), 1);
    assert_eq!(found["user_list"][0]["username"], "ana");
    for name in ["eve", "!", "", "%F0%9F%98%80"] {
        let found = app.get(&format!("/api/v1/users?username={name}")).await.expect(200);
        assert_eq!(found, json!({"user_list": []}), "{name}");
    }
}

#[tokio::test]
async fn tweets_are_counted() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let path = format!("/api/v1/users/{}", ana.id);
    let id = app.tweet(&ana, "one").await;
    app.tweet(&ana, "two").await;
    let count = |body: Value| body["user_details"][0]["tweets_count"].as_u64().unwrap();
    assert_eq!(count(app.get(&path).await.expect(200)), 2);
    app.delete_as(&ana, &format!("/api/v2/tweets/{id}"), None).await.expect(200);
    assert_eq!(count(app.get(&path).await.expect(200)), 1);
}

#[tokio::test]
async fn a_token_that_does_not_count_is_401_even_where_none_is_needed() {
    let app = App::start().await;
    for value in ["Bearer sk_nobodys", "Bearer", "Bearer ", "Basic YTpi", "nonsense"] {
        let request = app.request(reqwest::Method::GET, "/api/v1/users");
        let answer = crate::app::send(request.header("authorization", value)).await;
        answer.refused(401, "token_invalid", None);
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
}
