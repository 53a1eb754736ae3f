//! Logging in and signing up with an account somewhere else, told by a provider's double.

use reqwest::Method;
use serde_json::json;
use siskin_domain::user::UserEvent;
use siskin_domain::{Email, Event, Password, Position, Role, Username};
use siskin_server::application::{NewAccount, Registration, ServeRole, WayIn};
use siskin_server::storage::Audience;

use super::browser::{Browser, Site, set_cookie, way_back};
use super::double::{Discovery, Double};
use crate::app::{Answer, App, PASSWORD, send};

fn ended(answer: &Answer) {
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert!(answer.text.contains("Please begin again"), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_new_makes_an_account_and_logs_in_again() {
    let site = Site::open().await;
    let (first, second) = (site.browser(), site.browser());
    let login = first.open("/login").await;
    for text in ["/log-in/with/one", "/log-in/with/two", "Log in with <bdi>The two</bdi>"] {
        assert!(login.text.contains(text), "{text} in {}", login.text);
    }
    let back = first.to_and_back(&site.one, "/log-in/with/one", &[]).await;
    assert_eq!((back.status, back.header("location")), (303, "/log-in/finish"));
    let page = first.open("/log-in/finish").await;
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
    for value in ["ana", "ana@double.example", "Ana of the double"] {
        assert!(page.text.contains(&format!("value=\"{value}\"")), "{value} in {}", page.text);
    }
    let wrong = first.send("/log-in/finish", &[("username", "1"), ("email", "x")]).await;
    assert!(wrong.status == 422 && wrong.text.contains("username-error"), "{}", wrong.text);
    let form = [("username", "ana"), ("email", "ana@double.example"), ("name", "Ana")];
    let made = first.send("/log-in/finish", &form).await;
    assert_eq!((made.status, made.header("location")), (303, "/"));
    assert_eq!(first.whose().await, "ana");
    ended(&first.send("/log-in/finish", &form).await);
    ended(&first.open("/log-in/finish").await);

    let back = second.to_and_back(&site.one, "/log-in/with/one", &[]).await;
    assert_eq!((back.status, back.header("location")), (303, "/"));
    assert_eq!(second.whose().await, "ana");
    // The same word for another person, from another provider, is another person.
    let third = site.browser();
    let back = third.to_and_back(&site.two, "/log-in/with/two", &[]).await;
    assert_eq!(back.header("location"), "/log-in/finish");
    let events = site.app.services.store.read_all(Position(0), 100).await.unwrap();
    let log_ins = events.iter().filter(|one| one.event == Event::User(UserEvent::LoggedIn));
    assert_eq!(log_ins.count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_never_found_by_its_address() {
    let site = Site::open().await;
    let (_, owner) = site.signed_in("ana").await;
    site.one.now(|script| script.person["email"] = json!("ana@example.org"));
    let stranger = site.browser();
    let back = stranger.to_and_back(&site.one, "/log-in/with/one", &[]).await;
    assert_eq!(back.header("location"), "/log-in/finish");
    assert_eq!(set_cookie(&back, "siskin_session"), None);
    let page = stranger.open("/log-in/finish").await;
    assert!(page.text.contains("Log in to it as you always do"), "{}", page.text);
    let form = [("username", "another"), ("email", "ana@example.org")];
    let refused = stranger.send("/log-in/finish", &form).await;
    assert!(refused.text.contains("used for a new account"), "{}", refused.text);
    assert_eq!((refused.status, stranger.whose().await.as_str()), (409, ""));
    assert!(owner.open("/settings/identities").await.text.contains("No account somewhere else"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_the_provider_has_not_verified_is_not_filled_in() {
    let site = Site::open().await;
    site.one.now(|script| script.person["email_verified"] = json!(false));
    let browser = site.browser();
    browser.to_and_back(&site.one, "/log-in/with/one", &[]).await;
    let page = browser.open("/log-in/finish").await;
    assert!(!page.text.contains("ana@double.example"), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_back_counts_once_and_for_the_browser_that_went() {
    let site = Site::open().await;
    let (browser, thief) = (site.browser(), site.browser());
    let url = browser.to("/log-in/with/one", &[]).await;
    let back = site.one.agree(&url);
    let path = way_back(&url, &back);
    // Another browser, without and with a way of its own.
    ended(&thief.open(&path).await);
    thief.to("/log-in/with/one", &[]).await;
    ended(&thief.open(&path).await);
    // Another state, another provider, no query, a strange one.
    let mut strange = back.clone();
    strange[1].1.push('A');
    ended(&browser.open(&way_back(&url, &strange)).await);
    for query in ["", "?state=1&state=2", "?code=x"] {
        ended(&browser.open(&format!("/log-in/with/one/callback{query}")).await);
    }
    assert_eq!(site.one.asked("token"), 0);
    assert_eq!(browser.open(&path).await.status, 303);
    ended(&browser.open(&path).await);
    assert_eq!(site.one.asked("token"), 1);

    let late = browser.to("/log-in/with/one", &[]).await;
    let late = way_back(&late, &site.one.agree(&late));
    site.app.clock.forward_ms(5 * 60 * 1000 + 1);
    ended(&browser.open(&late).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_went_to_one_provider_does_not_come_back_from_another() {
    let site = Site::open().await;
    let browser = site.browser();
    let url = browser.to("/log-in/with/one", &[]).await;
    let back = site.one.agree(&url);
    let path = way_back(&url, &back).replace("/with/one/", "/with/two/");
    ended(&browser.open(&path).await);
    // The first provider's own way back, with the second one's name.
    let url = browser.to("/log-in/with/one", &[]).await;
    let mut back = site.one.agree(&url);
    back[2].1.clone_from(&site.two.issuer);
    let refused = browser.open(&way_back(&url, &back)).await;
    assert!(refused.status == 400 && refused.text.contains("That did not work"));
    assert_eq!((site.one.asked("token"), site.two.asked("token")), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_changes_their_mind_is_back_where_they_were() {
    let site = Site::open().await;
    let browser = site.browser();
    let back = |url: &str, error: &str| {
        let mut back = site.one.agree(url);
        back[0] = ("error", error.to_owned());
        way_back(url, &back)
    };
    let url = browser.to("/log-in/with/one", &[]).await;
    let answer = browser.open(&back(&url, "access_denied")).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/login"));
    assert!(browser.open("/login").await.text.contains("You did not log in there"));
    let url = browser.to("/log-in/with/one", &[]).await;
    let answer = browser.open(&back(&url, "<b>server_error")).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("That did not work") && !answer.text.contains("<b>server"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_session_replaces_the_one_that_the_browser_had() {
    let site = Site::open().await;
    site.made_with_one("ana").await;
    let (_, browser) = site.signed_in("ben").await;
    let before = browser.send("/log-in/with/one", &[]).await;
    assert_eq!(before.status, 200);
    let sessions = site.app.services.store.clone();
    let back = browser.to_and_back(&site.one, "/log-in/with/one", &[]).await;
    assert_eq!(back.header("location"), "/");
    assert_eq!(browser.whose().await, "ana");
    let ben = siskin_domain::Username::parse("ben").unwrap();
    let ben = sessions.find_user_by_name(&ben, Audience::All).await.unwrap().unwrap().id;
    let now = site.app.services.clock.now();
    // The token that signing up over the API gave, and no browser.
    assert_eq!(sessions.sessions_of(ben, now, 100).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_there_is_a_page_that_leads_on_and_its_cookie_is_out_of_reach() {
    let site = Site::open().await;
    let page = site.browser().send("/log-in/with/one", &[]).await;
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; style-src"));
    let cookie = set_cookie(&page, "siskin_oidc").unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=900"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let https = site.app.beside(|rules| rules.secure_cookies = true).await;
    let page = Browser::at(&https).send("/log-in/with/one", &[]).await;
    let cookie = set_cookie(&page, "__Host-siskin_oidc").unwrap();
    assert!(cookie.contains("Secure") && !cookie.contains("Domain"), "{cookie}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_site_begins_a_log_in() {
    let site = Site::open().await;
    let request = site.app.request(Method::POST, "/log-in/with/one").form(&[("a", "b")]);
    let answer = send(request.header("sec-fetch-site", "cross-site")).await;
    answer.refused(403, "cross_origin", None);
    let answer = site.browser().open("/log-in/with/one").await;
    assert_eq!((answer.status, answer.header("location")), (303, "/login"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_in_trouble_is_no_trouble_for_the_others() {
    let site = Site::open().await;
    site.one.now(|script| script.discovery = Discovery::Failing);
    let browser = site.browser();
    let answer = browser.send("/log-in/with/one", &[]).await;
    assert!(answer.status == 503 && answer.text.contains("try again in a minute"));
    let answer = browser.send("/log-in/with/three", &[]).await;
    assert!(answer.status == 404 && answer.text.contains("does not know that way"));
    let back = browser.to_and_back(&site.two, "/log-in/with/two", &[]).await;
    assert_eq!(back.header("location"), "/log-in/finish");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_to_be_believed_signs_nobody_in() {
    let site = Site::open().await;
    site.made_with_one("ana").await;
    site.one.now(|script| script.forge = |_, claims| claims["aud"] = json!("another"));
    let browser = site.browser();
    let back = browser.to_and_back(&site.one, "/log-in/with/one", &[]).await;
    assert!(back.status == 400 && back.text.contains("That did not work"));
    assert_eq!(browser.whose().await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_providers_nothing_is_shown_and_nothing_answers() {
    let app = App::start().await;
    let browser = Browser::at(&app);
    let page = browser.open("/login").await.text;
    assert!(!page.contains("log-in/with") && !page.contains("data-more-ways"), "{page}");
    assert_eq!(browser.send("/log-in/with/google", &[]).await.status, 404);
    ended(&browser.open("/log-in/with/google/callback?code=1&state=2").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_gone_is_nobody_to_the_provider() {
    let site = Site::open().await;
    let browser = site.made_with_one("ana").await;
    let password = [("password", PASSWORD)];
    assert_eq!(browser.send("/settings/identities/password", &password).await.status, 303);
    let token = site.app.log_in("ana").await;
    let ana = crate::app::Person { id: 0, username: "ana".to_owned(), token };
    let body = json!({"username": "ana"});
    site.app.delete_as(&ana, "/api/v1/users", Some(&body)).await.expect(200);
    let back = browser.to_and_back(&site.one, "/log-in/with/one", &[]).await;
    assert_eq!(back.header("location"), "/log-in/finish");
}

#[tokio::test(flavor = "multi_thread")]
async fn ways_that_one_address_begins_are_counted() {
    let double = Double::start().await;
    let app = App::start_with(|rules| {
        rules.throttle = true;
        rules.providers = vec![double.config("one")];
    })
    .await;
    let browser = Browser::at(&app);
    for _ in 0..60 {
        assert_eq!(browser.send("/log-in/with/one", &[]).await.status, 200);
    }
    let refused = browser.send("/log-in/with/one", &[]).await;
    assert!(refused.status == 429 && refused.has("retry-after"), "{}", refused.status);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_no_changes_takes_nobody_back() {
    let site = Site::open().await;
    let query = site.app.beside(|rules| rules.role = ServeRole::Query).await;
    let answer = Browser::at(&query).open("/log-in/with/one/callback?code=1&state=2").await;
    assert_eq!(answer.status, 503);
    assert!(answer.text.contains("takes no changes"), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_on_the_way_is_written_where_it_could_be_read() {
    let site = Site::open().await;
    let browser = site.browser();
    let page = browser.send("/log-in/with/one", &[]).await;
    let cookie = set_cookie(&page, "siskin_oidc").unwrap();
    let secret = cookie.split(['=', ';']).nth(1).unwrap().to_owned();
    let bytes = site.app.bytes_in_store().await;
    let holds = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("\"step\":\"away\"") && !holds(&secret));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_join_is_the_operators_word_for_these_accounts_too() {
    let double = Double::start().await;
    let start = async |registration| {
        let app = App::start_with(|rules| {
            rules.providers = vec![double.config("one")];
            rules.community.registration = registration;
        })
        .await;
        let browser = Browser::at(&app);
        browser.to_and_back(&double, "/log-in/with/one", &[]).await;
        (browser, app)
    };
    let form = [("username", "ana"), ("email", "ana@example.org")];
    let (browser, _app) = start(Registration::Closed).await;
    assert!(browser.open("/log-in/finish").await.text.contains("Nobody can sign up here"));
    assert_eq!(browser.send("/log-in/finish", &form).await.status, 403);

    let (browser, app) = start(Registration::Invite).await;
    let page = browser.open("/log-in/finish").await.text;
    assert!(page.contains("Joining needs one here"), "{page}");
    assert_eq!(browser.send("/log-in/finish", &form).await.status, 403);
    let ben = NewAccount {
        username: Username::parse("ben").unwrap(),
        email: Email::parse("ben@example.org").unwrap(),
        way_in: WayIn::Password(Password::parse(PASSWORD).unwrap()),
        name: None,
        role: Role::User,
    };
    app.services.accounts.add(ben).await.unwrap();
    let member = Browser::at(&app);
    member.send("/login", &[("username", "ben"), ("password", PASSWORD)]).await;
    let made =
        member.send("/settings/invitations", &[("uses", "1"), ("expires_in_days", "7")]).await;
    let link = made.text.split("/signup?invite=").nth(1).unwrap_or_else(|| panic!("{}", made.text));
    let code: String =
        link.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    let link = format!("https://siskin.example/signup?invite={code}");
    let invited = [form[0], form[1], ("invite", &link)];
    assert_eq!(browser.send("/log-in/finish", &invited).await.status, 303);
    assert_eq!(browser.whose().await, "ana");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_server_lets_people_in_by_a_provider_and_to_where_they_wanted() {
    let double = Double::start().await;
    let app = App::start_with(|rules| {
        rules.providers = vec![double.config("one")];
        rules.community.public = false;
    })
    .await;
    let browser = Browser::at(&app);
    browser.to_and_back(&double, "/log-in/with/one", &[]).await;
    let form = [("username", "ana"), ("email", "ana@example.org")];
    assert_eq!(browser.send("/log-in/finish", &form).await.header("location"), "/");
    let other = Browser::at(&app);
    let kept = send(app.request(Method::GET, "/@ana").header("accept", "text/html")).await;
    assert_eq!(kept.header("location"), "/login");
    other.open("/@ana").await;
    let back = other.to_and_back(&double, "/log-in/with/one", &[]).await;
    assert_eq!((back.status, back.header("location")), (303, "/@ana"));
}
