//! `siskin user reset-link` and `siskin user add`, beside a server that sends no mail.

use serde_json::json;

use crate::app::PASSWORD;
use crate::executable::{Server, run};

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_makes_a_link_that_the_running_server_takes_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    let client = reqwest::Client::new();
    let post = async |path: &str, body: serde_json::Value| {
        let answer = client.post(format!("{}{path}", server.url)).json(&body).send().await;
        answer.unwrap().status().as_u16()
    };
    let ana = json!({"username": "ana", "email": "ana@example.org", "password": PASSWORD});
    assert_eq!(post("/api/v1/users", ana).await, 201);
    assert_eq!(post("/api/v1/password-resets", json!({"email": "ana@example.org"})).await, 404);
    let page = reqwest::get(format!("{}/account/forgot", server.url)).await.unwrap();
    assert!(page.text().await.unwrap().contains("sends no mail"));

    let public = [("SISKIN_PUBLIC_URL", "https://tweets.example")];
    let (done, said) = run(folder.path(), &["user", "reset-link", "ana"], &public);
    let token = said.trim().strip_prefix("https://tweets.example/account/reset?token=");
    assert!(done, "{said}");
    let token = token.unwrap();
    let reset = json!({"token": token, "password": "a better one"});
    assert_eq!(post("/api/v1/password-resets/confirm", reset.clone()).await, 200);
    assert_eq!(post("/api/v1/password-resets/confirm", reset).await, 422);
    let log_in = |password: &str| json!({"username": "ana", "password": password});
    assert_eq!(post("/api/v1/tokens", log_in(PASSWORD)).await, 401);
    assert_eq!(post("/api/v1/tokens", log_in("a better one")).await, 201);

    let (done, said) = run(folder.path(), &["user", "reset-link", "nobody"], &public);
    assert!(!done && said.contains("user"), "{said}");
    assert!(!server.finish().contains(token));
}

#[test]
fn the_operator_is_refused_the_most_common_passwords_too() {
    let folder = tempfile::tempdir().unwrap();
    for (password, why) in [("Password123", "most common"), ("ana.costa", "name")] {
        let add = ["user", "add", "ana.costa", "ana@example.org"];
        let (done, said) = run(folder.path(), &add, &[("SISKIN_PASSWORD", password)]);
        assert!(!done && said.contains(why) && !said.contains(password), "{said}");
    }
}
