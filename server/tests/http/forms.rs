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
async fn a_tweet_is_not_posted_under_another_account_than_the_page_is_of() {
    let app = App::start().await;
    let (ana, bob) = (app.sign_up("ana").await, app.sign_up("bob").await);
    let home = page(&app, &app.cookie(&ana).await, "/").await.text;
    let hidden = "<input type=\"hidden\" name=\"username\" value=\"ana\" form=\"composer\">";
    assert!(home.contains(hidden) && home.contains("id=\"composer\""), "{home}");

    // Another tab of the same browser lets Bob in.
    let bobs = app.cookie(&bob).await;
    let fields = [("body", "only Ana says this"), ("username", "ana")];
    let refused = send_form(&app, "/tweets", &bobs, &fields).await;
    assert_eq!(refused.status, 403);
    let shown = markup(&refused);
    assert!(shown.contains("You are signed in as @bob here now."), "{shown}");
    assert!(shown.contains(">only Ana says this</textarea>"), "{shown}");
    assert!(!app.get("/api/v2/tweets").await.text.contains("only Ana says this"));

    let fields = [("body", "Bob says so, too"), ("username", "bob")];
    assert_eq!(send_form(&app, "/tweets", &bobs, &fields).await.status, 303);
    assert_eq!(send_form(&app, "/tweets", &bobs, &[("body", "unsaid by whom")]).await.status, 303);
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

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_was_changed_elsewhere_is_saved_on_the_second_try() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let cookie = app.cookie(&ana).await;
    for name in ["Ana B.", "Ana C."] {
        assert_eq!(send_form(&app, "/profile", &cookie, &[("name", name)]).await.status, 303);
    }
    let stale = [("name", "Ana Z."), ("version", "1")];
    let refused = send_form(&app, "/profile", &cookie, &stale).await;
    assert_eq!(refused.status, 409);
    let shown = markup(&refused);
    let sentence = "Your profile was changed elsewhere. Look it over and save again.";
    assert!(shown.contains(sentence) && shown.contains("value=\"Ana Z.\""), "{shown}");
    assert!(shown.contains("name=\"version\" value=\"3\""), "{shown}");

    // Our own code is told the same, beside what the API says.
    let request = app.request(Method::POST, "/profile").header("cookie", &cookie);
    let answer = send(request.header("accept", "application/json").form(&stale)).await;
    answer.refused(409, "version_conflict", Some("version"));
    let body = answer.expect(409);
    assert_eq!((&body["message"], &body["version"]), (&sentence.into(), &3.into()));
    assert_eq!(answer.header("cache-control"), "no-store");

    let again = [("name", "Ana Z."), ("version", "3")];
    assert_eq!(send_form(&app, "/profile", &cookie, &again).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_out_that_is_refused_says_so_on_the_page() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let cookie = app.cookie(&ana).await;
    let node = app.beside(|rules| rules.role = ServeRole::Query).await;
    let refused = send_form(&node, "/logout", &cookie, &[]).await;
    assert_eq!(refused.status, 503);
    let alert = "<p class=\"form-error\" role=\"alert\">This server takes no changes.";
    assert!(markup(&refused).contains(alert), "{}", markup(&refused));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_after_the_session_ended_is_shown_below_the_log_in() {
    let app = App::start().await;
    for (path, field) in [("/tweets", "body"), ("/profile", "bio"), ("/report", "reason")] {
        let fields = [(field, "words <that> matter"), ("username", "ana"), ("version", "7")];
        let refused = send_form(&app, path, "", &fields).await;
        assert_eq!(refused.status, 401, "{path}");
        let shown = markup(&refused);
        assert!(shown.contains("Log in first."), "{path}: {shown}");
        let kept = "<p class=\"note\" dir=\"auto\">words &lt;that&gt; matter</p>";
        assert_eq!(shown.matches(kept).count(), 1, "{path}: {shown}");
    }
    assert!(!page(&app, "", "/login").await.text.contains("What you typed"));
    let wrong = [("username", "ana"), ("password", "words that matter")];
    assert!(!send_form(&app, "/login", "", &wrong).await.text.contains("What you typed"));
}
