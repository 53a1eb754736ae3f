//! What admins see of the server.

use reqwest::Method;
use siskin_domain::Role;

use crate::app::{App, send};

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_sees_how_it_is_and_nobody_else_does() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    app.promote(&ana, Role::Admin).await;
    app.tweet(&ana, "one").await;
    let status = app.get_as(&ana, "/api/v1/admin/status").await.expect(200);
    assert_eq!(status["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!((&status["ready"], &status["reasons"]), (&true.into(), &serde_json::json!([])));
    assert_eq!(status["streams"], 0);
    assert_eq!(status["mails_waiting"], serde_json::Value::Null);
    let store = &status["store"];
    assert!(["sqlite", "mongodb"].contains(&store["kind"].as_str().unwrap()), "{store}");
    assert_eq!(store["position"], status["position"]);
    assert!(status["position"].as_u64().unwrap() >= 4, "{status}");
    let projections = store["projections"].as_array().unwrap();
    assert_eq!(projections[0], serde_json::json!({"name": "live", "behind": 0}));
    assert!(projections.iter().all(|one| one["behind"] == 0), "{store}");
    let backups = &status["backups"];
    assert_eq!((&backups["scheduled"], &backups["failing"]), (&false.into(), &false.into()));
    let since = status["since"].as_str().unwrap();
    assert_eq!(since, app.services.since.to_string());

    let cookie = app.cookie(&ana).await;
    for path in ["/moderation", "/moderation/log", "/moderation/people/ana"] {
        let page = send(app.request(Method::GET, path).header("cookie", &cookie)).await;
        assert!(page.text.contains("href=\"/admin/status\""), "{path}: {}", page.text);
    }
    let page = send(app.request(Method::GET, "/admin/status").header("cookie", cookie)).await;
    assert_eq!(page.status, 200);
    let kind = if store["kind"] == "sqlite" { "SQLite" } else { "MongoDB" };
    for text in
        ["<h1>Status</h1>", "Everything works.", env!("CARGO_PKG_VERSION"), kind, "/moderation"]
    {
        assert!(page.text.contains(text), "{text} is not in {}", page.text);
    }

    let ben = app.sign_up("ben").await;
    app.promote(&ben, Role::Moderator).await;
    app.get_as(&ben, "/api/v1/admin/status").await.refused(403, "not_admin", None);
    let cookie = app.cookie(&ben).await;
    let reports = send(app.request(Method::GET, "/moderation").header("cookie", &cookie)).await;
    assert!(!reports.text.contains("/admin/status"), "{}", reports.text);
    let page = send(app.request(Method::GET, "/admin/status").header("cookie", cookie)).await;
    assert_eq!(page.status, 403);
    assert!(!page.text.contains("Everything works."));
    assert!(page.text.contains("To the newest tweets"), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn open_streams_are_counted_while_they_are_open() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    app.promote(&ana, Role::Admin).await;
    let open = app.request(Method::GET, "/api/v2/stream").send().await.unwrap();
    let streams =
        async || app.get_as(&ana, "/api/v1/admin/status").await.expect(200)["streams"].clone();
    assert_eq!(streams().await, 1);
    drop(open);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while streams().await != 0 {
        assert!(std::time::Instant::now() < deadline, "a closed stream still counts");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_says_so() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    app.promote(&ana, Role::Admin).await;
    app.stop.send(true).unwrap();
    let answer = app.get("/readyz").await;
    assert_eq!((answer.status, answer.text.as_str()), (503, "stopping\n"));
    let status = app.get_as(&ana, "/api/v1/admin/status").await.expect(200);
    assert_eq!(
        (&status["ready"], &status["reasons"]),
        (&false.into(), &serde_json::json!(["stopping"]))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_without_its_store_says_both() {
    let app = App::start().await;
    app.stop.send(true).unwrap();
    app.services.store.close().await;
    let answer = app.get("/readyz").await;
    assert_eq!(
        (answer.status, answer.text.as_str()),
        (503, "stopping\nthe store is unavailable\n")
    );
}
