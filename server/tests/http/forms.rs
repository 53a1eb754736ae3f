//! Forms that are refused, as a browser without JavaScript sees them: why is said where one looks,
//! and nothing that was typed is lost.

use reqwest::Method;
use siskin_server::application::ServeRole;

use crate::app::{Answer, App, send};

async fn send_form(app: &App, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    send(app.request(Method::POST, path).header("cookie", cookie).form(fields)).await
}

async fn page(app: &App, cookie: &str, path: &str) -> Answer {
    send(app.request(Method::GET, path).header("cookie", cookie)).await
}

/// What the page shows: its markup without what scripts are told.
fn markup(answer: &Answer) -> String {
    let mut shown = String::new();
    for piece in answer.text.split("<script") {
        shown.push_str(piece.split_once("</script>").map_or(piece, |(_, after)| after));
    }
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ones_own_is_in_no_memory_after_the_log_out() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let cookie = app.cookie(&ana).await;
    let shown = page(&app, &cookie, "/profile").await;
    assert!(shown.text.contains("ana@example.org"));
    let refused = send_form(&app, "/profile", &cookie, &[("name", "")]).await;
    assert_eq!(refused.status, 422);
    for answer in [shown, refused] {
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    assert_eq!(page(&app, &cookie, "/").await.header("cache-control"), "private, no-cache");
}
