//! A server that only members may read: what they get, and what strangers get instead.

use reqwest::Method;

use crate::app::{Answer, App, PASSWORD, Person, send};

async fn closed() -> App {
    App::start_with(|rules| rules.community.public = false).await
}

/// A browser's request for a page.
async fn visit(app: &App, path: &str, cookies: &str) -> Answer {
    let request = app.request(Method::GET, path).header("sec-fetch-dest", "document");
    send(request.header("cookie", cookies)).await
}

/// The cookies that an answer sets, as a browser sends them back.
fn cookies(answer: &Answer) -> String {
    let lines = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
    lines.filter_map(|line| line.split(';').next()).collect::<Vec<_>>().join("; ")
}

async fn log_in(app: &App, who: &Person, cookies: &str) -> Answer {
    let form = [("username", who.username.as_str()), ("password", PASSWORD)];
    send(app.request(Method::POST, "/login").header("cookie", cookies).form(&form)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn members_read_by_cookie_and_by_token_and_strangers_do_not() {
    let app = closed().await;
    let ana = app.sign_up("ana").await;
    let tweet = app.tweet(&ana, "for members").await;
    let cookie = app.cookie(&ana).await;
    for path in [
        "/api/v1/users".to_owned(),
        format!("/api/v1/users/{}", ana.id),
        "/api/v2/tweets".to_owned(),
        "/api/v2/tweets/".to_owned(),
        format!("/api/v2/tweets/{tweet}"),
        "/api/v2/tweets/ana".to_owned(),
    ] {
        let mine = app.get_as(&ana, &path).await;
        assert_eq!((mine.status, mine.header("cache-control")), (200, "private, no-cache"));
        let request = app.request(Method::GET, &path).header("cookie", &cookie);
        assert_eq!(send(request).await.status, 200, "{path}");
        app.get(&path).await.refused(401, "not_signed_in", None);
        // Whoever knows what it was does not learn whether it still is.
        for etag in [mine.header("etag"), "*"] {
            let request = app.request(Method::GET, &path).header("if-none-match", etag);
            send(request).await.refused(401, "not_signed_in", None);
            let request = app.request(Method::HEAD, &path).header("if-none-match", etag);
            assert_eq!(send(request).await.status, 401, "{path}");
        }
        let request = app.request(Method::GET, &path).bearer_auth("sk_wrong");
        send(request).await.refused(401, "token_invalid", None);
    }
    for path in ["/".to_owned(), "/@ana".to_owned(), format!("/tweet/{tweet}")] {
        let mine = visit(&app, &path, &cookie).await;
        assert!(mine.status == 200 && mine.text.contains("for members"), "{path}");
        // A page that a member has just read is in no cache for visitors.
        let theirs = visit(&app, &path, "").await;
        assert_eq!((theirs.status, theirs.header("location")), (303, "/login"), "{path}");
        assert_eq!((theirs.text.as_str(), theirs.header("cache-control")), ("", "no-store"));
        // A page does not know tokens.
        assert_eq!(app.get_as(&ana, &path).await.status, 303, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_is_for_members_and_ends_with_their_session() {
    let app = closed().await;
    let ana = app.sign_up("ana").await;
    app.get("/api/v2/stream").await.refused(401, "not_signed_in", None);
    app.get("/api/v2/stream?last_event_id=0").await.refused(401, "not_signed_in", None);
    let request = app.request(Method::GET, "/api/v2/stream").bearer_auth(&ana.token);
    let open = request.send().await.unwrap();
    assert_eq!(open.status(), 200);
    app.delete_as(&ana, "/api/v1/tokens/current", None).await.expect(200);
    let text = open.text().await.unwrap();
    assert!(text.starts_with(": open\nid: ") && text.matches("\n\n").count() == 1, "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_for_reading_reads_nothing() {
    use siskin_domain::UserId;
    use siskin_server::application::NewSession;
    use siskin_server::storage::{Client, Scopes};
    let app = closed().await;
    let ana = app.sign_up("ana").await;
    let mut new = NewSession::token(String::new(), Client::default());
    new.scopes = Scopes::named(["write"]).unwrap();
    let id = UserId::new(ana.id).unwrap();
    let token = app.services.accounts.start_session(id, new).await.unwrap().secret;
    let writer = Person { token, ..ana };
    app.get_as(&writer, "/api/v2/tweets").await.refused(403, "scope_missing", None);
    app.get_as(&writer, "/api/v2/stream").await.refused(403, "scope_missing", None);
    app.tweet(&writer, "written blindly").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_comes_back_to_the_page_that_they_wanted() {
    let app = closed().await;
    let ana = app.sign_up("ana").await;
    let wanted = "/@ana?before=9007199254740991";
    let led = visit(&app, wanted, "").await;
    assert_eq!((led.status, led.header("location")), (303, "/login"));
    let brought = cookies(&led);
    let page = visit(&app, "/login", &brought).await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("<script type=\"module\""), "strangers get no app");

    // A wrong password changes nothing about it.
    let wrong = [("username", "ana"), ("password", "not this one")];
    let request = app.request(Method::POST, "/login").header("cookie", &brought).form(&wrong);
    assert_eq!(send(request).await.status, 401);
    let back = log_in(&app, &ana, &brought).await;
    assert_eq!((back.status, back.header("location")), (303, wanted));
    assert_eq!(visit(&app, wanted, &cookies(&back)).await.status, 200);
    assert!(cookies(&back).contains("way_back=;") || cookies(&back).ends_with("way_back="));
    // Without it, the timeline.
    assert_eq!(log_in(&app, &ana, "").await.header("location"), "/");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_never_leads_to_another_site() {
    let app = closed().await;
    let ana = app.sign_up("ana").await;
    // "//evil.example", "https://evil.example" and "/\evil.example", as they would be kept.
    for forged in ["Ly9ldmlsLmV4YW1wbGU", "aHR0cHM6Ly9ldmlsLmV4YW1wbGU", "L1xldmlsLmV4YW1wbGU", "?"]
    {
        let back = log_in(&app, &ana, &format!("way_back={forged}")).await;
        assert_eq!((back.status, back.header("location")), (303, "/"), "{forged}");
    }
    let led = visit(&app, "//evil.example/x", "").await;
    assert_eq!((led.status, cookies(&led).as_str()), (303, ""));
    // Neither what a page loads nor what a script asks for is a page to come back to.
    let request = app.request(Method::GET, "/favicon.ico").header("sec-fetch-dest", "image");
    assert_eq!(cookies(&send(request).await), "");
    let request = app.request(Method::GET, "/@ana").header("accept", "application/json");
    send(request).await.refused(401, "not_signed_in", None);
}

#[tokio::test(flavor = "multi_thread")]
async fn robots_are_told_to_keep_nothing_and_scripts_may_read_why() {
    let app = App::start_with(|rules| {
        rules.community.public = false;
        rules.cors_origins = vec!["https://app.example".to_owned()];
    })
    .await;
    for path in ["/", "/login", "/api/v1/info", "/api/v2/tweets"] {
        assert_eq!(app.get(path).await.header("x-robots-tag"), "noindex, nofollow", "{path}");
    }
    let request = app.request(Method::GET, "/api/v2/tweets");
    let refused = send(request.header("origin", "https://app.example")).await;
    refused.refused(401, "not_signed_in", None);
    assert_eq!(refused.header("access-control-allow-origin"), "https://app.example");
    let request = app.request(Method::OPTIONS, "/api/v2/tweets");
    assert_eq!(send(request.header("origin", "https://app.example")).await.status, 204);
    let open = App::start().await;
    assert!(!open.get("/").await.has("x-robots-tag"));
}

#[tokio::test]
async fn the_server_says_that_it_is_closed() {
    let info = closed().await.get("/api/v1/info").await.expect(200);
    assert_eq!((&info["public"], &info["registration"]), (&false.into(), &"open".into()));
}
