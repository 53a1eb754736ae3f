//! `DELETE /api/v2/tweets/{id}`

use reqwest::Method;
use serde_json::json;
use siskin_domain::Role;

use crate::app::{App, send};

#[tokio::test]
async fn an_author_takes_a_tweet_back_once() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let path = format!("/api/v2/tweets/{}", app.tweet(&ana, "x").await);
    app.get("/api/v2/tweets").await.expect(200);
    let gone = app.delete_as(&ana, &path, None).await.expect(200);
    assert_eq!(gone, json!({"status": "Success"}));
    app.get(&path).await.refused(404, "not_found", None);
    app.delete_as(&ana, &path, None).await.refused(404, "not_found", None);
    assert_eq!(app.get("/api/v2/tweets").await.expect(200), json!({"tweets_list": []}));
    assert_eq!(app.get("/api/v2/tweets/ana").await.expect(200), json!({"tweets_list": []}));
}

#[tokio::test]
async fn others_tweets_are_for_moderators() {
    let app = App::start().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let path = format!("/api/v2/tweets/{}", app.tweet(&ana, "x").await);
    send(app.request(Method::DELETE, &path)).await.refused(401, "not_signed_in", None);
    app.delete_as(&ben, &path, None).await.refused(403, "not_yours", None);
    app.get(&path).await.expect(200);
    app.promote(&ben, Role::Moderator).await;
    app.delete_as(&ben, &path, None).await.expect(200);
}

#[tokio::test]
async fn what_is_no_tweet_is_404() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    for id in ["1", "0", "ana", "x", "9007199254740992"] {
        let answer = app.delete_as(&ana, &format!("/api/v2/tweets/{id}"), None).await;
        answer.refused(404, "not_found", None);
    }
}
