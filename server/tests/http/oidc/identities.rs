//! Linking and unlinking accounts somewhere else, and living without a password.

use serde_json::json;

use super::browser::{Browser, Site, way_back};
use crate::app::PASSWORD;
use crate::factors::authenticator::Authenticator;

const PATH: &str = "/settings/identities";
const LINK_ONE: &str = "/settings/identities/link/one";
const LINK_TWO: &str = "/settings/identities/link/two";
const MINE: [(&str, &str); 1] = [("current_password", PASSWORD)];

/// The addresses that unlink what the page shows, oldest first.
async fn unlinkers(browser: &Browser) -> Vec<String> {
    let page = browser.open(PATH).await.text;
    let actions = page.split("action=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    actions.filter(|action| action.ends_with("/unlink")).map(ToOwned::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_linked_by_who_is_signed_in_and_unlinked_again() {
    let site = Site::open().await;
    let (_, browser) = site.signed_in("ana").await;
    let back = browser.to_and_back(&site.one, LINK_ONE, &MINE).await;
    assert_eq!((back.status, back.header("location")), (303, PATH));
    let page = browser.open(PATH).await;
    for text in ["is linked: you can log in", "The one", "ana@double.example", "not used yet"] {
        assert!(page.text.contains(text), "{text} in {}", page.text);
    }
    // Once more is no trouble.
    let back = browser.to_and_back(&site.one, LINK_ONE, &MINE).await;
    assert_eq!((back.header("location"), unlinkers(&browser).await.len()), (PATH, 1));
    let elsewhere = site.browser();
    elsewhere.to_and_back(&site.one, "/log-in/with/one", &[]).await;
    assert_eq!(elsewhere.whose().await, "ana");
    assert!(browser.open(PATH).await.text.contains("last used"));

    let unlink = unlinkers(&browser).await.remove(0);
    for _ in 0..2 {
        let done = browser.send(&unlink, &[]).await;
        assert_eq!((done.status, done.header("location")), (303, PATH));
    }
    assert!(unlinkers(&browser).await.is_empty());
    let back = elsewhere.to_and_back(&site.one, "/log-in/with/one", &[]).await;
    assert_eq!(back.header("location"), "/log-in/finish");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_alone_links_nothing_to_an_account_with_a_password() {
    let site = Site::open().await;
    let (_, browser) = site.signed_in("ana").await;
    for form in [&[][..], &[("current_password", "")], &[("current_password", "a guess or two")]] {
        let refused = browser.send(LINK_ONE, form).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert!(refused.text.contains("current_password-error"), "{}", refused.text);
    }
    assert_eq!(site.one.asked("description"), 0);
    let visitor = site.browser().send(LINK_ONE, &MINE).await;
    assert_eq!(visitor.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_somebody_elses_is_not_linked() {
    let site = Site::open().await;
    site.made_with_one("ana").await;
    let (_, browser) = site.signed_in("ben").await;
    let refused = browser.to_and_back(&site.one, LINK_ONE, &MINE).await;
    assert!(refused.status == 409 && refused.text.contains("linked to another account"));
    assert!(unlinkers(&browser).await.is_empty());
    // Nor does one person unlink what is another's.
    let ana = site.browser();
    ana.to_and_back(&site.one, "/log-in/with/one", &[]).await;
    let unlink = unlinkers(&ana).await.remove(0);
    assert_eq!(browser.send(&unlink, &[]).await.status, 303);
    assert_eq!(unlinkers(&ana).await, [unlink]);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_linked_for_who_began_it_or_for_nobody() {
    let site = Site::open().await;
    let (_, browser) = site.signed_in("ana").await;
    site.app.sign_up("ben").await;
    let url = browser.to(LINK_ONE, &MINE).await;
    let path = way_back(&url, &site.one.agree(&url));
    browser.send("/login", &[("username", "ben"), ("password", PASSWORD)]).await;
    let refused = browser.open(&path).await;
    assert!(refused.status == 400 && refused.text.contains("Please begin again"));
    assert!(unlinkers(&browser).await.is_empty());
    browser.send("/login", &[("username", "ana"), ("password", PASSWORD)]).await;
    assert!(unlinkers(&browser).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_password_logs_in_with_none_and_sets_one_later() {
    let site = Site::open().await;
    let browser = site.made_with_one("ana").await;
    for password in [PASSWORD, ""] {
        let form = [("username", "ana"), ("password", password)];
        let refused = site.browser().send("/login", &form).await;
        assert!(refused.status == 401 && refused.text.contains("username or the password"));
    }
    let unlink = unlinkers(&browser).await.remove(0);
    let refused = browser.send(&unlink, &[]).await;
    assert!(refused.status == 409 && refused.text.contains("your last way to log in"));

    let short = browser.send("/settings/identities/password", &[("password", "short")]).await;
    assert!(short.status == 422 && short.text.contains("password-error"));
    let set = browser.send("/settings/identities/password", &[("password", PASSWORD)]).await;
    assert_eq!((set.status, set.header("location")), (303, PATH));
    let page = browser.open(PATH).await.text;
    assert!(page.contains("You have a password") && page.contains("current_password"), "{page}");
    // A second one is changed where the first is asked for.
    let again = browser.send("/settings/identities/password", &[("password", "another one")]).await;
    assert_eq!(again.status, 422);
    let token = site.app.log_in("ana").await;
    let who = crate::app::Person { id: 0, username: "ana".to_owned(), token };
    let own = site.app.get_as(&who, "/api/v1/users").await.expect(200);
    assert!(own.to_string().contains("ana@example.org"));
    assert_eq!(browser.send(&unlink, &[]).await.status, 303);
    assert!(unlinkers(&browser).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_password_may_be_set_in_the_profile_and_over_the_api_without_another() {
    let site = Site::open().await;
    let browser = site.made_with_one("ana").await;
    let form = [("password", PASSWORD), ("current_password", "")];
    let saved = browser.send("/profile", &form).await;
    assert_eq!((saved.status, saved.header("location")), (303, "/profile"));
    assert!(!site.app.log_in("ana").await.is_empty());
    let refused = browser.send("/profile", &form).await;
    assert_eq!(refused.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_last_ways_in_one_stays_even_if_both_are_unlinked_at_once() {
    let site = Site::open().await;
    let browser = site.made_with_one("ana").await;
    site.two.now(|script| script.person["email"] = json!("another@double.example"));
    let back = browser.to_and_back(&site.two, LINK_TWO, &[]).await;
    assert_eq!(back.header("location"), PATH);
    let both = unlinkers(&browser).await;
    assert_eq!(both.len(), 2);
    let (a, b) = tokio::join!(browser.send(&both[0], &[]), browser.send(&both[1], &[]));
    let mut answers = [a.status, b.status];
    answers.sort_unstable();
    assert_eq!(answers, [303, 409]);
    assert_eq!(unlinkers(&browser).await.len(), 1);
}

/// A passkey of somebody without a password, and the path that removes it.
async fn with_passkey(browser: &Browser) -> String {
    let asked = browser.ask("/api/v1/passkeys/registration", &json!({"password": "none"})).await;
    let mut device = Authenticator::es256();
    let credential = device.create(&asked.expect(200)["options"]);
    let body = json!({"name": "my phone", "credential": credential});
    let kept = browser.ask("/api/v1/passkeys", &body).await.expect(201);
    format!("/settings/security/passkeys/{}/remove", kept["passkey"]["id"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_that_is_the_last_way_in_stays() {
    let site = Site::named().await;
    let browser = site.made_with_one("ana").await;
    let remove = with_passkey(&browser).await;
    let unlink = unlinkers(&browser).await.remove(0);
    assert_eq!(browser.send(&unlink, &[]).await.status, 303);
    let refused = browser.send(&remove, &[("password", "none")]).await;
    assert!(refused.status == 409 && refused.text.contains("your last way to log in"));
    browser.send("/settings/identities/password", &[("password", PASSWORD)]).await;
    assert_eq!(browser.send(&remove, &[("password", PASSWORD)]).await.status, 303);
    assert_eq!(browser.open(&remove).await.status, 303, "it is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_password_is_asked_for_none() {
    let site = Site::named().await;
    let browser = site.made_with_one("ana").await;
    let remove = with_passkey(&browser).await;
    let below = ["app", "app/remove", "codes", "passkeys/new"].map(security);
    let pages = async || {
        let mut asking = Vec::new();
        for path in below.iter().chain([&remove]) {
            let page = browser.open(path).await;
            assert_eq!(page.status, 200, "{path}");
            asking.push(page.text.contains("name=\"password\""));
        }
        asking
    };
    assert_eq!(pages().await, [false; 5]);
    let shown = browser.send(&security("app"), &[]).await;
    assert!(shown.status == 200 && shown.text.contains("Scan this"), "{}", shown.text);
    let wrong = browser.send(&security("app/remove"), &[("code", "000000")]).await;
    assert!(wrong.status == 404 && !wrong.text.contains("name=\"password\""), "{}", wrong.text);
    browser.send("/settings/identities/password", &[("password", PASSWORD)]).await;
    assert_eq!(pages().await, [true; 5]);
    let refused = browser.send(&security("app"), &[]).await;
    assert!(refused.status == 422 && refused.text.contains("name=\"password\""));
}

fn security(page: &str) -> String {
    format!("/settings/security/{page}")
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_identity_and_a_passkey_one_stays_even_if_both_go_at_once() {
    let site = Site::named().await;
    for name in ["ana", "ben", "eve"] {
        site.one.now(|script| script.person["sub"] = json!(name));
        let browser = site.made_with_one(name).await;
        let remove = with_passkey(&browser).await;
        let unlink = unlinkers(&browser).await.remove(0);
        let none = [("password", "none")];
        let (a, b) = tokio::join!(browser.send(&unlink, &[]), browser.send(&remove, &none));
        let mut answers = [a.status, b.status];
        answers.sort_unstable();
        assert_eq!(answers, [303, 409]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_of_a_provider_that_is_gone_is_no_way_in() {
    let site = Site::open().await;
    let browser = site.made_with_one("ana").await;
    browser.to_and_back(&site.two, LINK_TWO, &[]).await;
    let providers = vec![site.one.config("one")];
    let now = site.app.beside(|rules| rules.providers = providers).await;
    let there = Browser::at(&now);
    there.to_and_back(&site.one, "/log-in/with/one", &[]).await;
    assert_eq!(there.whose().await, "ana");
    let both = unlinkers(&there).await;
    assert_eq!(there.send(&both[0], &[]).await.status, 409);
    assert_eq!(there.send(&both[1], &[]).await.status, 303);
    assert!(there.open(PATH).await.text.contains("The one"));
}
