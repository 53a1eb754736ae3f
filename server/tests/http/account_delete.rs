//! Deleting one's account on the page: `/settings/account/delete`.

use reqwest::Method;

use crate::app::{Answer, App, PASSWORD, send};

const PATH: &str = "/settings/account/delete";

async fn delete(app: &App, cookie: &str, username: &str, password: &str) -> Answer {
    let form = [("username", username), ("current_password", password)];
    send(app.request(Method::POST, PATH).header("cookie", cookie).form(&form)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_needs_the_password_and_the_name() {
    let app = App::start().await;
    let (ana, _ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let cookie = app.cookie(&ana).await;
    let page = send(app.request(Method::GET, PATH).header("cookie", &cookie)).await;
    assert_eq!(page.status, 200);
    for text in
        ["can't be undone", "all your tweets", "Type “ana”", "type=\"password\"", "/settings/data"]
    {
        assert!(page.text.contains(text), "{text} in {}", page.text);
    }
    for (username, password, said) in [
        ("ben", PASSWORD, "That is not your username."),
        ("", PASSWORD, "That is not your username."),
        ("ana", "a wrong password", "That is not the current password."),
        ("ana", "", "That is not the current password."),
    ] {
        let refused = delete(&app, &cookie, username, password).await;
        assert_eq!(refused.status, 422, "{username} {password}");
        assert!(refused.text.contains(said), "{said} in {}", refused.text);
        assert!(!refused.text.contains("a wrong password"));
    }
    assert_eq!(app.get("/api/v2/tweets/ana").await.status, 200);

    let gone = delete(&app, &cookie, " Ana ", PASSWORD).await;
    assert_eq!((gone.status, gone.header("location")), (303, "/"));
    let cookies: Vec<_> = gone.headers.get_all("set-cookie").iter().collect();
    assert!(cookies.iter().any(|line| line.to_str().unwrap().starts_with("siskin_session=;")));
    assert_eq!(app.get("/api/v2/tweets/ana").await.status, 404);
    assert_eq!(app.get("/api/v2/tweets/ben").await.status, 200);
    let after = send(app.request(Method::GET, PATH).header("cookie", &cookie)).await;
    assert_eq!((after.status, after.header("location")), (303, "/login"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_session_is_no_way_to_guess_the_password() {
    let app = App::start_with(|rules| rules.throttle = true).await;
    let ana = app.sign_up("ana").await;
    let cookie = app.cookie(&ana).await;
    for _ in 0..10 {
        assert_eq!(delete(&app, &cookie, "ana", "wrong").await.status, 422);
    }
    let refused = delete(&app, &cookie, "ana", PASSWORD).await;
    assert_eq!((refused.status, refused.has("retry-after")), (429, true));
    assert!(refused.text.contains("too often"), "{}", refused.text);
    assert_eq!(app.get("/api/v2/tweets/ana").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_ones_data_sends_the_archive() {
    let app = App::start_with(|rules| rules.throttle = true).await;
    let ana = app.sign_up("ana").await;
    let cookie = app.cookie(&ana).await;
    let path = "/settings/data";
    let page = send(app.request(Method::GET, path).header("cookie", &cookie)).await;
    assert!(
        page.status == 200 && page.text.contains("Download my data") && page.text.contains(PATH)
    );
    for _ in 0..5 {
        let request = app.request(Method::POST, path).header("cookie", &cookie);
        let sent =
            request.header("accept-encoding", "gzip").form(&[("", "")]).send().await.unwrap();
        assert_eq!(sent.status(), 200);
        assert_eq!(sent.headers()["content-type"], "application/zip");
        assert!(!sent.headers().contains_key("content-encoding"), "it is compressed already");
        assert!(sent.bytes().await.unwrap().starts_with(b"PK"));
    }
    let request = app.request(Method::POST, path).header("cookie", &cookie).form(&[("", "")]);
    let refused = send(request).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "600"));
    assert!(refused.text.contains("too often") && refused.text.contains("Download my data"));
    let visitor = send(app.request(Method::GET, path)).await;
    assert_eq!((visitor.status, visitor.header("location")), (303, "/login"));
}
