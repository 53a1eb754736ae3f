//! `DELETE /api/v1/users`

use reqwest::Method;
use serde_json::json;
use siskin_domain::Role;

use crate::app::{App, send};

const PATH: &str = "/api/v1/users";

#[tokio::test]
async fn who_deletes_themselves_is_gone_with_all_they_said() {
    let app = App::start().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let tweet = app.tweet(&ana, "a very particular sentence").await;
    app.tweet(&ben, "bens").await;
    let gone = app.delete_as(&ana, PATH, Some(&json!({"username": "ana"}))).await;
    assert_eq!(gone.expect(200), json!({"status": "Success"}));
    app.get(&format!("{PATH}/{}", ana.id)).await.refused(404, "not_found", None);
    app.get(&format!("/api/v2/tweets/{tweet}")).await.refused(404, "not_found", None);
    app.get("/api/v2/tweets/ana").await.refused(404, "not_found", None);
    let list = app.get("/api/v2/tweets").await.expect(200);
    assert_eq!(list["tweets_list"].as_array().unwrap().len(), 1);
    let body = json!({"body": "from the grave"});
    app.post_as(&ana, "/api/v2/tweets", &body).await.refused(401, "token_invalid", None);
    // The name is free again.
    app.sign_up("ana").await;
}

#[tokio::test]
async fn others_accounts_are_for_admins() {
    let app = App::start().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let body = json!({"username": "ana"});
    send(app.request(Method::DELETE, PATH).json(&body)).await.refused(401, "not_signed_in", None);
    app.delete_as(&ben, PATH, Some(&body)).await.refused(403, "not_you", None);
    app.get_as(&ana, PATH).await.expect(200);
    app.promote(&ben, Role::Admin).await;
    app.delete_as(&ben, PATH, Some(&body)).await.expect(200);
}

#[tokio::test]
async fn nobody_is_404_and_a_body_without_a_name_400() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    for name in ["eve", "!", ""] {
        let answer = app.delete_as(&ana, PATH, Some(&json!({"username": name}))).await;
        answer.refused(404, "not_found", None);
    }
    let answer = app.delete_as(&ana, PATH, Some(&json!({}))).await;
    answer.refused(400, "key_missing", Some("username"));
    app.delete_as(&ana, PATH, None).await.refused(400, "json_invalid", None);
}
