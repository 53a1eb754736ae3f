//! `POST /api/v1/users`

use serde_json::{Value, json};

use crate::app::{App, PASSWORD};

fn ana() -> Value {
    json!({"username": "ana", "email": "ana@example.org", "password": PASSWORD, "name": "Ana"})
}
fn ana_but(key: &str, value: impl Into<Value>) -> Value {
    let mut body = ana();
    body[key] = value.into();
    body
}

#[tokio::test]
async fn a_new_person_gets_201_their_own_view_and_an_address() {
    let app = App::start().await;
    let answer = app.post("/api/v1/users", &ana()).await;
    let body = answer.expect(201);
    assert_eq!(body["status"], "Success");
    let user = &body["user"];
    let id = user["id"].as_u64().unwrap();
    assert!(id < 1 << 53);
    assert_eq!(answer.header("location"), format!("/api/v1/users/{id}"));
    let created = user["created_at"].as_str().unwrap();
    assert!(created.len() == 24 && created.ends_with('Z'), "{created}");
    assert_eq!(
        *user,
        json!({"id": id, "username": "ana", "name": "Ana", "bio": "", "created_at": created,
               "tweets_count": 0, "version": 1, "email": "ana@example.org", "role": "user"})
    );
    let seen = app.get(&format!("/api/v1/users/{id}")).await.expect(200);
    assert_eq!(seen["user_details"][0]["created_at"], created);
}

#[tokio::test]
async fn a_person_without_a_name_is_called_by_their_username() {
    let app = App::start().await;
    let body = json!({"username": "Ana", "email": "ANA@example.org", "password": PASSWORD});
    let user = app.post("/api/v1/users", &body).await.expect(201);
    assert_eq!(user["user"]["name"], "ana");
    assert_eq!(user["user"]["username"], "ana");
    assert_eq!(user["user"]["email"], "ana@example.org");
}

#[tokio::test]
async fn what_is_taken_is_409_by_its_field() {
    let app = App::start().await;
    app.post("/api/v1/users", &ana()).await.expect(201);
    let again = ana_but("email", "other@example.org");
    app.post("/api/v1/users", &again).await.refused(409, "username_taken", Some("username"));
    let again = ana_but("username", "ANA");
    app.post("/api/v1/users", &again).await.refused(409, "username_taken", Some("username"));
    let again = ana_but("username", "other");
    app.post("/api/v1/users", &again).await.refused(409, "email_taken", Some("email"));
}

#[tokio::test]
async fn a_password_that_is_guessed_first_is_422_in_any_case() {
    let app = App::start().await;
    for password in ["password", "PASSWORD", "Password123", "qwertyuiop", "1q2w3e4r", "12345678"] {
        let body = ana_but("password", password);
        app.post("/api/v1/users", &body).await.refused(422, "password_common", Some("password"));
    }
    let named = |password: &str| json!({"username": "ana.costa", "email": "ana@example.org", "password": password});
    for password in ["ana.costa", "Ana.Costa", "ana@example.org"] {
        let answer = app.post("/api/v1/users", &named(password)).await;
        answer.refused(422, "password_is_name", Some("password"));
    }
}

#[tokio::test]
async fn any_other_password_of_8_characters_is_taken_as_it_is() {
    let app = App::start().await;
    let passwords = [
        "eric@123",
        "correct horse battery",
        "        ",
        " password",
        "🔑🔑🔑🔑🔑🔑🔑🔑",
        "パスワード一二三",
    ];
    for (n, password) in passwords.into_iter().enumerate() {
        let username = format!("person{n}");
        let email = format!("{username}@example.org");
        let body = json!({"username": username, "email": email, "password": password});
        app.post("/api/v1/users", &body).await.expect(201);
        let body = |password: &str| json!({"username": username, "password": password});
        app.post("/api/v1/tokens", &body(password)).await.expect(201);
        let trimmed = password.trim();
        if trimmed != password {
            app.post("/api/v1/tokens", &body(trimmed)).await.refused(401, "bad_credentials", None);
        }
    }
}

#[tokio::test]
async fn a_missing_or_mistyped_key_is_400() {
    let app = App::start().await;
    for key in ["username", "email", "password"] {
        let mut body = ana();
        body.as_object_mut().unwrap().remove(key);
        app.post("/api/v1/users", &body).await.refused(400, "key_missing", Some(key));
        for wrong in [json!(5), json!(null), json!([]), json!({})] {
            let answer = app.post("/api/v1/users", &ana_but(key, wrong)).await;
            answer.refused(400, "key_type_wrong", Some(key));
        }
    }
    app.post("/api/v1/users", &ana_but("name", 5)).await.refused(
        400,
        "key_type_wrong",
        Some("name"),
    );
    // A wrong type is looked at before any rule.
    let body = json!({"username": "!", "email": 5, "password": "x"});
    app.post("/api/v1/users", &body).await.refused(400, "key_type_wrong", Some("email"));
}

#[tokio::test]
async fn a_broken_rule_is_422_by_its_field() {
    let app = App::start().await;
    for (key, value, code) in [
        ("username", "ab", "username_too_short"),
        ("username", &"a".repeat(31), "username_too_long"),
        ("username", "123", "username_invalid"),
        ("username", "a b c", "username_invalid"),
        ("email", "ana", "email_invalid"),
        ("password", "1234567", "password_too_short"),
        ("password", &"x".repeat(129), "password_too_long"),
        ("name", " ", "name_empty"),
        ("name", &"x".repeat(51), "name_too_long"),
    ] {
        app.post("/api/v1/users", &ana_but(key, value)).await.refused(422, code, Some(key));
    }
    assert_eq!(app.get("/api/v1/users").await.expect(200), json!({"user_list": []}));
}

#[tokio::test]
async fn unknown_keys_are_ignored_and_nobody_makes_themselves_an_admin() {
    let app = App::start().await;
    let mut body = ana_but("role", "admin");
    body["id"] = 7.into();
    body["favourite"] = json!({"colour": "green"});
    let user = app.post("/api/v1/users", &body).await.expect(201);
    assert_eq!(user["user"]["role"], "user");
    assert_ne!(user["user"]["id"], 7);
}

#[tokio::test]
async fn one_username_registered_100_times_at_once_is_one_user() {
    let app = App::start().await;
    let attempts = (0..100).map(|n| {
        let body = ana_but("email", format!("ana{n}@example.org"));
        let app = &app;
        async move { app.post("/api/v1/users", &body).await }
    });
    let answers = futures::future::join_all(attempts).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        refused.refused(409, "username_taken", Some("username"));
    }
    let list = app.get("/api/v1/users").await.expect(200);
    assert_eq!(list["user_list"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn no_password_and_no_hash_is_ever_answered() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let again = json!({"username": "ana", "email": "ana@example.org", "password": PASSWORD});
    let new = json!({"password": "another password", "current_password": PASSWORD});
    let path = format!("/api/v1/users/{}", ana.id);
    for answer in [
        app.get("/api/v1/users").await,
        app.get_as(&ana, &path).await,
        app.post("/api/v1/users", &again).await,
        app.put_as(&ana, &path, &json!({"password": "short"})).await,
        app.put_as(&ana, &path, &new).await,
        app.get_as(&ana, &path).await,
    ] {
        for secret in [PASSWORD, "another password", "argon2", "$argon", "hash"] {
            assert!(!answer.text.contains(secret), "{}", answer.text);
        }
    }
}
