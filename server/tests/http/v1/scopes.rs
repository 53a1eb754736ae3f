//! What a token may be used for.

use serde_json::{Value, json};
use siskin_domain::Role;

use crate::app::{App, PASSWORD, Person};

const PATH: &str = "/api/v1/tokens";

/// Somebody with a token for these scopes only.
async fn with(app: &App, who: &Person, scopes: &[&str]) -> Person {
    let body = json!({"username": who.username, "password": PASSWORD, "scopes": scopes});
    let token = app.post(PATH, &body).await.expect(201);
    Person { token: token["token"].as_str().unwrap().to_owned(), ..who.clone() }
}

#[tokio::test]
async fn reading_and_writing_are_told_apart() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let (reads, writes) = (with(&app, &ana, &["read"]).await, with(&app, &ana, &["write"]).await);
    let own = format!("/api/v1/users/{}", ana.id);
    let seen = app.get_as(&reads, &own).await.expect(200);
    assert_eq!(seen["user_details"][0]["email"], "ana@example.org");
    let tweet = json!({"body": "x"});
    for (path, body) in [("/api/v2/tweets", &tweet), ("/api/v2/tweets", &json!({}))] {
        app.post_as(&reads, path, body).await.refused(403, "scope_missing", None);
    }
    app.put_as(&reads, &own, &json!({"bio": "x"})).await.refused(403, "scope_missing", None);
    app.delete_as(&reads, "/api/v1/sessions", None).await.refused(403, "scope_missing", None);
    let gone = json!({"username": "ana"});
    app.delete_as(&reads, "/api/v1/users", Some(&gone)).await.refused(403, "scope_missing", None);

    app.post_as(&writes, "/api/v2/tweets", &tweet).await.expect(201);
    for path in [&own, "/api/v1/users", "/api/v1/sessions", "/api/v2/stream"] {
        app.get_as(&writes, path).await.refused(403, "scope_missing", None);
    }
    // What is for everybody is not asked for as anybody.
    app.get_as(&writes, "/api/v2/tweets").await.expect(200);
    // A token is always good for its own end.
    app.delete_as(&reads, "/api/v1/tokens/current", None).await.expect(200);
}

#[tokio::test]
async fn a_moderators_token_needs_admin_for_others_tweets() {
    let app = App::start().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let writes = with(&app, &ben, &["read", "write"]).await;
    let path = format!("/api/v2/tweets/{}", app.tweet(&ana, "x").await);
    app.delete_as(&writes, &path, None).await.refused(403, "not_yours", None);
    app.promote(&ben, Role::Moderator).await;
    app.delete_as(&writes, &path, None).await.refused(403, "scope_missing", None);
    let own = format!("/api/v2/tweets/{}", app.tweet(&writes, "mine").await);
    app.delete_as(&writes, &own, None).await.expect(200);
    // A moderator may not do that with any token.
    let user = format!("/api/v1/users/{}", ana.id);
    app.put_as(&writes, &user, &json!({"bio": "x"})).await.refused(403, "not_you", None);
    let all = with(&app, &ben, &["write", "admin"]).await;
    app.delete_as(&all, &path, None).await.expect(200);
}

#[tokio::test]
async fn an_admins_token_without_admin_is_like_a_users() {
    let app = App::start().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    app.promote(&ben, Role::Admin).await;
    let plain = with(&app, &ben, &["read", "write"]).await;
    let others = format!("/api/v1/users/{}", ana.id);
    let seen = app.get_as(&plain, &others).await.expect(200);
    assert_eq!(seen["user_details"][0].get("email"), None);
    app.put_as(&plain, &others, &json!({"bio": "x"})).await.refused(403, "scope_missing", None);
    let gone = json!({"username": "ana"});
    app.delete_as(&plain, "/api/v1/users", Some(&gone)).await.refused(403, "scope_missing", None);
    // No other token sets their own password without the one that they have.
    let own = format!("/api/v1/users/{}", ben.id);
    let password = json!({"password": "another good one"});
    app.put_as(&plain, &own, &password).await.refused(403, "scope_missing", None);
    // Without scopes a token is for everything, as it always was.
    let seen = app.get_as(&ben, &others).await.expect(200);
    assert_eq!(seen["user_details"][0]["email"], "ana@example.org");
    app.delete_as(&ben, "/api/v1/users", Some(&gone)).await.expect(200);
}

#[tokio::test]
async fn what_is_asked_of_a_token_is_checked() {
    let app = App::start().await;
    app.sign_up("ana").await;
    let ask = async |key: &str, value: Value| {
        let mut body = json!({"username": "ana", "password": PASSWORD});
        body[key] = value;
        app.post(PATH, &body).await
    };
    for scopes in [json!([]), json!(["root"]), json!(["read", ""]), json!(["READ"])] {
        ask("scopes", scopes).await.refused(422, "scopes_invalid", Some("scopes"));
    }
    for scopes in [json!("read"), json!([1]), json!({"read": true})] {
        ask("scopes", scopes).await.refused(400, "key_type_wrong", Some("scopes"));
    }
    let code = "expires_in_days_invalid";
    for days in [0_u64, 3651, 65_537, u64::MAX] {
        ask("expires_in_days", json!(days)).await.refused(422, code, Some("expires_in_days"));
    }
    for days in [json!("7"), json!(1.5), json!(-1)] {
        let refused = ask("expires_in_days", days).await;
        refused.refused(400, "key_type_wrong", Some("expires_in_days"));
    }
    for (key, value) in [
        ("scopes", Value::Null),
        ("expires_in_days", Value::Null),
        ("expires_in_days", json!(1)),
        ("expires_in_days", json!(3650)),
    ] {
        assert_eq!(ask(key, value).await.expect(201).as_object().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn a_token_lasts_as_long_as_was_asked_for() {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let body = json!({"username": "ana", "password": PASSWORD, "expires_in_days": 2});
    let token = app.post(PATH, &body).await.expect(201);
    let short = Person { token: token["token"].as_str().unwrap().to_owned(), ..ana.clone() };
    app.clock.forward_ms(DAY_MS);
    app.get_as(&short, "/api/v1/users").await.expect(200);
    app.clock.forward_ms(DAY_MS);
    app.get_as(&short, "/api/v1/users").await.refused(401, "token_invalid", None);
    app.get_as(&ana, "/api/v1/users").await.expect(200);
}

/// A token for less than everything must not make itself one for more: by another address, a reset
/// mailed to it, and a log-in.
#[tokio::test]
async fn a_token_for_less_changes_nothing_that_its_owner_logs_in_with() {
    let app = App::start_with(|rules| rules.public_url = "http://localhost:3000".to_owned()).await;
    let ana = app.sign_up("ana").await;
    let own = format!("/api/v1/users/{}", ana.id);
    let password = json!({"password": "another long one", "current_password": PASSWORD});
    let changes = [json!({"email": "evil@example.org"}), password];
    for scopes in [&["write"][..], &["read", "write"]] {
        let less = with(&app, &ana, scopes).await;
        for change in &changes {
            app.put_as(&less, &own, change).await.refused(403, "scope_missing", None);
        }
        let begin = json!({"password": PASSWORD});
        let begun = app.post_as(&less, "/api/v1/passkeys/registration", &begin).await;
        begun.refused(403, "scope_missing", None);
        app.put_as(&less, &own, &json!({"bio": "x"})).await.expect(200);
    }
    for change in &changes {
        app.put_as(&ana, &own, change).await.expect(200);
    }
}
