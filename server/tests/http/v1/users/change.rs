//! `PUT /api/v1/users/{id}`

use reqwest::Method;
use serde_json::json;
use siskin_domain::Role;

use crate::app::{App, PASSWORD, send};

#[tokio::test]
async fn a_profile_is_changed_and_answered_as_it_is_now() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    app.tweet(&ana, "hello").await;
    let path = format!("/api/v1/users/{}", ana.id);
    let changes = json!({"username": "Anna", "email": "anna@example.org", "name": "Anna B.",
                         "bio": "Hello.", "version": 1});
    let body = app.put_as(&ana, &path, &changes).await.expect(200);
    assert_eq!(body["status"], "Success");
    let user = &body["user"];
    assert_eq!(
        [&user["username"], &user["email"], &user["name"], &user["bio"], &user["role"]],
        ["anna", "anna@example.org", "Anna B.", "Hello.", "user"]
    );
    assert_eq!((user["version"].as_u64(), user["tweets_count"].as_u64()), (Some(2), Some(1)));
    // The new name is everywhere at once, and the old one nowhere.
    let list = app.get("/api/v2/tweets").await.expect(200);
    assert_eq!(list["tweets_list"][0]["tweetedby"], "anna");
    assert_eq!(list["tweets_list"][0]["name"], "Anna B.");
    app.get("/api/v2/tweets/ana").await.refused(404, "not_found", None);
    let tweet = app.post_as(&ana, "/api/v2/tweets", &json!({"body": "as anna"})).await.expect(201);
    assert_eq!(tweet["tweet"]["tweetedby"], "anna");
}

#[tokio::test]
async fn a_change_of_nothing_changes_nothing() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let path = format!("/api/v1/users/{}", ana.id);
    for body in [json!({}), json!({"username": "ana"}), json!({"bio": ""})] {
        let answer = app.put_as(&ana, &path, &body).await.expect(200);
        assert_eq!(answer["user"]["version"], 1);
    }
}

#[tokio::test]
async fn of_bob_and_alice_the_second_is_409_and_overwrites_nothing() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let path = format!("/api/v1/users/{}", ana.id);
    let bobs = json!({"bio": "Bob's", "version": 1});
    app.put_as(&ana, &path, &bobs).await.expect(200);
    let alices = json!({"bio": "Alice's", "name": "Alice", "version": 1});
    app.put_as(&ana, &path, &alices).await.refused(409, "version_conflict", Some("version"));
    let now = app.get(&path).await.expect(200);
    assert_eq!(now["user_details"][0]["bio"], "Bob's");
    assert_eq!(now["user_details"][0]["name"], "ana");
}

#[tokio::test]
async fn of_many_edits_at_one_version_one_counts() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let path = format!("/api/v1/users/{}", ana.id);
    let edits = (0..20).map(|n| {
        let (app, ana, path) = (&app, &ana, &path);
        async move { app.put_as(ana, path, &json!({"bio": n.to_string(), "version": 1})).await }
    });
    let answers = futures::future::join_all(edits).await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1);
    for lost in answers.iter().filter(|a| a.status != 200) {
        lost.refused(409, "version_conflict", Some("version"));
    }
}

#[tokio::test]
async fn edits_at_once_without_a_version_all_count() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let path = format!("/api/v1/users/{}", ana.id);
    let edits = (0..5).map(|n| {
        let (app, ana, path) = (&app, &ana, &path);
        async move { app.put_as(ana, path, &json!({"bio": n.to_string()})).await.expect(200) }
    });
    futures::future::join_all(edits).await;
    let now = app.get(&path).await.expect(200);
    assert_eq!(now["user_details"][0]["version"], 6);
}

#[tokio::test]
async fn unknown_keys_are_422_and_nothing_is_changed() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let path = format!("/api/v1/users/{}", ana.id);
    for key in ["role", "id", "created_at", "tweets_count", "hash", ""] {
        let answer = app.put_as(&ana, &path, &json!({"bio": "new", key: 1})).await;
        answer.refused(422, "field_unknown", Some(key));
    }
    let now = app.get(&path).await.expect(200);
    assert_eq!(now["user_details"][0]["bio"], "");
}

#[tokio::test]
async fn wrong_types_are_400_and_broken_rules_422() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let path = format!("/api/v1/users/{}", ana.id);
    for (key, value) in [
        ("username", json!(1)),
        ("email", json!(null)),
        ("name", json!([])),
        ("bio", json!({})),
        ("password", json!(true)),
        ("current_password", json!(1)),
        ("version", json!("1")),
        ("version", json!(-1)),
        ("version", json!(1.5)),
    ] {
        let answer = app.put_as(&ana, &path, &json!({key: value})).await;
        answer.refused(400, "key_type_wrong", Some(key));
    }
    for (key, value, code) in [
        ("username", "a", "username_too_short"),
        ("email", "a", "email_invalid"),
        ("name", "", "name_empty"),
        ("bio", &"x".repeat(161), "bio_too_long"),
        ("password", "short", "password_too_short"),
    ] {
        app.put_as(&ana, &path, &json!({key: value})).await.refused(422, code, Some(key));
    }
}

#[tokio::test]
async fn a_taken_name_is_409() {
    let app = App::start().await;
    let (ana, _) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let path = format!("/api/v1/users/{}", ana.id);
    let answer = app.put_as(&ana, &path, &json!({"username": "Ben"})).await;
    answer.refused(409, "username_taken", Some("username"));
    let answer = app.put_as(&ana, &path, &json!({"email": "BEN@example.org"})).await;
    answer.refused(409, "email_taken", Some("email"));
}

#[tokio::test]
async fn only_oneself_and_admins_change_a_profile() {
    let app = App::start().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let path = format!("/api/v1/users/{}", ana.id);
    let change = json!({"bio": "Ben was here."});
    let anonymous = app.request(Method::PUT, &path).json(&change);
    send(anonymous).await.refused(401, "not_signed_in", None);
    app.put_as(&ben, &path, &change).await.refused(403, "not_you", None);
    app.promote(&ben, Role::Moderator).await;
    app.put_as(&ben, &path, &change).await.refused(403, "not_you", None);
    app.promote(&ben, Role::Admin).await;
    let seen = app.put_as(&ben, &path, &change).await.expect(200);
    assert_eq!(seen["user"]["email"], "ana@example.org");
    app.put_as(&ben, "/api/v1/users/77", &change).await.refused(404, "not_found", None);
}

#[tokio::test]
async fn a_new_password_needs_the_current_one() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let path = format!("/api/v1/users/{}", ana.id);
    let without = json!({"password": "another password"});
    let answer = app.put_as(&ana, &path, &without).await;
    answer.refused(422, "current_password_required", Some("current_password"));
    let wrong =
        json!({"password": "another password", "current_password": "wrong one", "bio": "x"});
    let answer = app.put_as(&ana, &path, &wrong).await;
    answer.refused(422, "current_password_wrong", Some("current_password"));
    let now = app.get(&path).await.expect(200);
    assert_eq!(
        (&now["user_details"][0]["bio"], &now["user_details"][0]["version"]),
        (&json!(""), &json!(1))
    );
    app.log_in("ana").await;
}

#[tokio::test]
async fn a_new_password_ends_all_other_sessions_at_once() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let (other, cookie) = (app.log_in("ana").await, app.cookie(&ana).await);
    let path = format!("/api/v1/users/{}", ana.id);
    let elsewhere = crate::app::Person { token: other, ..ana.clone() };
    app.get_as(&elsewhere, &path).await.expect(200);
    let new = json!({"password": "another password", "current_password": PASSWORD});
    let changed = app.put_as(&ana, &path, &new).await.expect(200);
    assert_eq!(changed["user"]["version"], 2);
    app.get_as(&ana, &path).await.expect(200);
    app.get_as(&elsewhere, &path).await.refused(401, "token_invalid", None);
    let by_cookie = app.request(Method::POST, "/api/v2/tweets").header("cookie", cookie);
    send(by_cookie.json(&json!({"body": "x"}))).await.refused(401, "not_signed_in", None);
    let old = json!({"username": "ana", "password": PASSWORD});
    app.post("/api/v1/tokens", &old).await.refused(401, "bad_credentials", None);
    let new = json!({"username": "ana", "password": "another password"});
    app.post("/api/v1/tokens", &new).await.expect(201);
}

#[tokio::test]
async fn an_admin_gives_a_new_password_without_the_old_one_and_ends_all_sessions() {
    let app = App::start().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    app.promote(&ben, Role::Admin).await;
    let path = format!("/api/v1/users/{}", ana.id);
    app.put_as(&ben, &path, &json!({"password": "another password"})).await.expect(200);
    app.get_as(&ana, &path).await.refused(401, "token_invalid", None);
}

#[tokio::test]
async fn a_password_that_is_guessed_first_is_422_and_changes_nothing() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let path = format!("/api/v1/users/{}", ana.id);
    let to =
        |password: &str| json!({"password": password, "current_password": PASSWORD, "bio": "x"});
    let refused = app.put_as(&ana, &path, &to("Password1")).await;
    refused.refused(422, "password_common", Some("password"));
    // Also the name that they will have by the same change.
    let mut renamed = to("anna.costa");
    renamed["username"] = json!("anna.costa");
    let refused = app.put_as(&ana, &path, &renamed).await;
    refused.refused(422, "password_is_name", Some("password"));
    let now = app.get_as(&ana, &path).await.expect(200);
    assert_eq!(now["user_details"][0]["version"], 1);
    app.log_in("ana").await;
    // An admin may set one without the current one, but no such.
    let admin = app.sign_up("admin").await;
    app.promote(&admin, Role::Admin).await;
    let refused = app.put_as(&admin, &path, &json!({"password": "12345678"})).await;
    refused.refused(422, "password_common", Some("password"));
}
