//! Pages and their forms, as a browser without JavaScript and as our own code sees them.

use reqwest::Method;
use siskin_app::backend::PAGE_SIZE;
use siskin_domain::Role;

use crate::app::{Answer, App, PASSWORD, Person, send};

type Fields<'a> = &'a [(&'a str, &'a str)];

async fn send_form(app: &App, path: &str, cookie: &str, fields: Fields<'_>) -> Answer {
    send(app.request(Method::POST, path).header("cookie", cookie).form(fields)).await
}

async fn send_by_code(app: &App, path: &str, cookie: &str, fields: Fields<'_>) -> Answer {
    let request = app.request(Method::POST, path).header("cookie", cookie);
    send(request.header("accept", "application/json").form(fields)).await
}

async fn page(app: &App, cookie: &str, path: &str) -> Answer {
    send(app.request(Method::GET, path).header("cookie", cookie)).await
}

/// The session's cookie, as a browser would send it back.
fn session(answer: &Answer) -> String {
    let lines = answer.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap());
    let line = lines.into_iter().find(|line| line.starts_with("siskin_session=")).unwrap();
    line.split(';').next().unwrap().to_owned()
}

fn new_account<'a>() -> [(&'a str, &'a str); 4] {
    [
        ("username", "eric.strom"),
        ("email", "eric@example.org"),
        ("password", PASSWORD),
        ("name", "Eric Stromberg"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_up_tweets_and_logs_out_by_forms_alone() {
    let app = App::start().await;
    let joined = send_form(&app, "/signup", "", &new_account()).await;
    assert_eq!((joined.status, joined.header("location")), (303, "/"));
    let cookie = session(&joined);

    let tweeted = send_form(&app, "/tweets", &cookie, &[("body", "How you doing?")]).await;
    assert_eq!((tweeted.status, tweeted.header("location")), (303, "/"));
    let home = page(&app, &cookie, "/").await;
    assert_eq!(home.status, 200);
    assert!(home.text.contains("Eric Stromberg") && home.text.contains("How you doing?"));

    let left = send_form(&app, "/logout", &cookie, &[]).await;
    assert_eq!(left.status, 303);
    assert!(session(&left).ends_with('='), "the cookie is emptied");
    let after = send_form(&app, "/tweets", &cookie, &[("body", "still here?")]).await;
    assert_eq!(after.status, 401, "the session itself has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_replaces_the_session_it_came_with() {
    let app = App::start().await;
    let first = session(&send_form(&app, "/signup", "", &new_account()).await);
    let fields = [("username", "eric@example.org"), ("password", PASSWORD)];
    let second = session(&send_form(&app, "/login", &first, &fields).await);
    assert_ne!(first, second);
    assert_eq!(page(&app, &first, "/profile").await.status, 303);
    assert_eq!(page(&app, &second, "/profile").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_form_keeps_what_was_typed_but_never_a_password() {
    let app = App::start().await;
    let fields = [
        ("username", "no spaces allowed"),
        ("email", "nowhere"),
        ("password", "s3cret!"),
        ("name", "Kept <Name>"),
    ];
    let answer = send_form(&app, "/signup", "", &fields).await;
    assert_eq!(answer.status, 422);
    assert!(answer.header("content-type").starts_with("text/html"));
    for text in
        ["no spaces allowed", "nowhere", "Kept &lt;Name&gt;", "username-error", "email-error"]
    {
        assert!(answer.text.contains(text), "{text} in {}", answer.text);
    }
    assert!(answer.text.contains("password-error") && !answer.text.contains("s3cret!"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_username_is_said_beside_its_field() {
    let app = App::start().await;
    app.sign_up("eric.strom").await;
    let answer = send_form(&app, "/signup", "", &new_account()).await;
    assert_eq!(answer.status, 409);
    assert!(answer.text.contains("username-error"), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_code_gets_json() {
    let app = App::start().await;
    send_by_code(&app, "/login", "", &[("username", "ghost"), ("password", "x")]).await.refused(
        401,
        "bad_credentials",
        None,
    );
    send_by_code(&app, "/signup", "", &[("username", "x")]).await.refused(
        422,
        "username_too_short",
        Some("username"),
    );
    let done = send_by_code(&app, "/signup", "", &new_account()).await;
    assert_eq!(done.expect(200)["location"], "/");
    assert!(session(&done).len() > 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_does_not_tell_who_exists() {
    let app = App::start().await;
    app.sign_up("ana").await;
    let known = send_form(&app, "/login", "", &[("username", "ana"), ("password", "wrong one")]);
    let unknown = send_form(&app, "/login", "", &[("username", "bob"), ("password", "wrong one")]);
    let (known, unknown) = (known.await, unknown.await);
    assert_eq!((known.status, unknown.status), (401, 401));
    let message = "The username or the password is wrong.";
    assert!(known.text.contains(message) && unknown.text.contains(message));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_another_origin_is_403() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let cookie = app.cookie(&ana).await;
    for path in [
        "/login",
        "/signup",
        "/logout",
        "/tweets",
        "/profile",
        "/theme",
        "/tweet/1/delete",
        "/settings/tokens",
        "/settings/sessions/1/end",
        "/settings/sessions/end-others",
    ] {
        for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")]
        {
            let request = app.request(Method::POST, path).header("cookie", &cookie);
            let answer = send(request.header(name, value).form(&[("body", "x")])).await;
            assert_eq!(answer.status, 403, "{path} with {name}");
        }
    }
    assert_eq!(page(&app, &cookie, "/profile").await.status, 200, "still signed in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_form_is_415_and_a_large_one_413() {
    let app = App::start().await;
    let json = app.request(Method::POST, "/login").json(&serde_json::json!({"username": "x"}));
    assert_eq!(send(json).await.status, 415);
    let large = "x".repeat(1024 * 1024 + 1);
    assert_eq!(send_form(&app, "/login", "", &[("username", &large)]).await.status, 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_changed_and_a_stale_one_refused() {
    let app = App::start().await;
    let cookie = session(&send_form(&app, "/signup", "", &new_account()).await);
    let fields = [("name", "Eric S."), ("bio", "Hello"), ("version", "1")];
    let saved = send_form(&app, "/profile", &cookie, &fields).await;
    assert_eq!((saved.status, saved.header("location")), (303, "/profile"));
    let stale =
        send_form(&app, "/profile", &cookie, &[("name", "Alice's"), ("version", "1")]).await;
    assert_eq!(stale.status, 409);
    let shown = page(&app, &cookie, "/profile").await;
    assert!(shown.text.contains("Eric S.") && !shown.text.contains("Alice&#x27;s"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_the_other_sessions() {
    let app = App::start().await;
    let here = session(&send_form(&app, "/signup", "", &new_account()).await);
    let fields = [("username", "eric.strom"), ("password", PASSWORD)];
    let there = session(&send_form(&app, "/login", "", &fields).await);
    let wrong = [("password", "another good one"), ("current_password", "not it at all")];
    assert_eq!(send_form(&app, "/profile", &here, &wrong).await.status, 422);
    let right = [("password", "another good one"), ("current_password", PASSWORD)];
    assert_eq!(send_form(&app, "/profile", &here, &right).await.status, 303);
    assert_eq!(page(&app, &here, "/profile").await.status, 200);
    assert_eq!(page(&app, &there, "/profile").await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tweet_is_deleted_by_its_author_or_a_moderator() {
    let app = App::start().await;
    let (ana, ben, mod_) =
        (app.sign_up("ana").await, app.sign_up("ben").await, app.sign_up("mod").await);
    app.promote(&mod_, Role::Moderator).await;
    let delete = async |who: &Person, id: u64| {
        let cookie = app.cookie(who).await;
        send_form(&app, &format!("/tweet/{id}/delete"), &cookie, &[]).await.status
    };
    let (first, second) = (app.tweet(&ana, "one").await, app.tweet(&ana, "two").await);
    assert_eq!(delete(&ben, first).await, 403);
    assert_eq!(delete(&ana, first).await, 303);
    assert_eq!(delete(&mod_, second).await, 303);
    assert_eq!(delete(&mod_, second).await, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_404_as_a_page() {
    let app = App::start().await;
    for path in ["/nothing", "/tweet/1", "/tweet/x", "/@nobody", "/@!", "/pkg/nothing.js"] {
        assert_eq!(page(&app, "", path).await.status, 404, "{path}");
    }
    assert!(page(&app, "", "/nothing").await.text.contains("<h1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_tweets_says_why() {
    let app = App::start().await;
    let first = "The first word is the hardest";
    assert!(app.get("/").await.text.contains(first));
    let page = app.get("/?tag=bird").await.text;
    assert!(page.contains("No tweet here has it.") && !page.contains(first), "{page}");
    let ana = app.sign_up("ana").await;
    app.tweet(&ana, "about a #bird").await;
    for _ in 0..PAGE_SIZE {
        app.tweet(&ana, "about nothing").await;
    }
    for path in ["/?before=1", "/@ana?before=1"] {
        let page = app.get(path).await.text;
        assert!(page.contains("There is nothing older.") && !page.contains(first), "{page}");
    }
    let page = app.get("/?tag=bird").await.text;
    assert!(page.contains("None of these tweets has it. Look further back."), "{page}");
    assert!(page.contains(">Older</a>") && !page.contains(first), "{page}");
    let page = app.get("/?tag=bird&before=1").await.text;
    assert!(page.contains("Nothing older has it.") && !page.contains(first), "{page}");
    let page = app.get("/").await.text;
    assert!(!page.contains("None of these tweets has it."), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_books_index_is_home() {
    let app = App::start().await;
    let answer = page(&app, "", "/index").await;
    assert_eq!((answer.status, answer.header("location")), (308, "/"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forms_address_opened_as_a_page_leads_home_and_does_nothing() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let cookie = app.cookie(&ana).await;
    for path in ["/logout", "/tweets", "/theme"] {
        let answer = page(&app, &cookie, path).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/"), "{path}");
        assert!(!answer.has("set-cookie"), "{path}");
    }
    assert_eq!(page(&app, &cookie, "/profile").await.status, 200, "still signed in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitors_page_shows_a_new_tweet_at_once_under_a_new_nonce() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let before = page(&app, "", "/").await;
    let again = page(&app, "", "/").await;
    assert_ne!(before.header("content-security-policy"), again.header("content-security-policy"));
    let nonce = |answer: &Answer| {
        let policy = answer.header("content-security-policy");
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
        assert!(answer.text.contains(&format!(" nonce=\"{nonce}\"")), "{policy}");
        nonce.to_owned()
    };
    let (old, new) = (nonce(&before), nonce(&again));
    assert!(!again.text.contains(&old), "{old} is used again beside {new}");
    app.tweet(&ana, "brand new").await;
    assert!(page(&app, "", "/").await.text.contains("brand new"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_of_colours_is_kept_and_goes_back_to_its_page_only() {
    let app = App::start().await;
    let choose = async |referer: &str| {
        let request = app.request(Method::POST, "/theme").header("referer", referer);
        send(request.form(&[("theme", "dark")])).await
    };
    let answer = choose("http://anywhere.example/@ana?before=7").await;
    assert_eq!((answer.status, answer.header("location")), (303, "/@ana?before=7"));
    assert!(answer.header("set-cookie").starts_with("theme=dark"));
    assert_eq!(choose("//evil.example//").await.header("location"), "/");
    assert!(page(&app, "theme=dark", "/").await.text.contains("data-theme=\"dark\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_security_headers() {
    let app = App::start().await;
    for path in ["/", "/login", "/nothing", "/livez", "/api/v1/info", "/api/nothing", "/pkg/x.js"] {
        let answer = page(&app, "", path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{path}");
        assert!(answer.has("referrer-policy"), "{path}");
        let is_data = answer.header("content-type").starts_with("application/json");
        assert_eq!(answer.has("permissions-policy"), !is_data, "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cross-origin-embedder-policy"), "require-corp", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert!(!answer.has("strict-transport-security"), "{path}: not over http");
    }
    let https = App::start_with(|rules| rules.secure_cookies = true).await;
    assert!(page(&https, "", "/").await.has("strict-transport-security"));
}

#[tokio::test]
async fn a_password_that_is_guessed_first_is_refused_beside_its_field() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let cookie = app.cookie(&ana).await;
    let mut account = new_account();
    account
        .iter_mut()
        .filter(|(name, _)| *name == "password")
        .for_each(|(_, value)| *value = "Password1");
    let change = [("password", "12345678"), ("current_password", PASSWORD)];
    for answer in [
        send_form(&app, "/signup", "", &account).await,
        send_form(&app, "/profile", &cookie, &change).await,
    ] {
        assert_eq!(answer.status, 422);
        assert!(answer.text.contains("one of the most common"), "{}", answer.text);
        assert!(!answer.text.contains("Password1") && !answer.text.contains("12345678"));
    }
    app.log_in("ana").await;
}
