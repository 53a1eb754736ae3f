//! Links in mails: showing that an address is one's own, and choosing a new password. How mail
//! travels is in the test program `mail`.

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};
use siskin_domain::Role;

use crate::app::{Answer, App, PASSWORD, Person, send};
use crate::letters::Letters;

const EMAIL: &str = "ana@example.org";
const VERIFY: &str = "Is this address yours?";
const RESET: &str = "Choose a new password";
const NEW: &str = "a much better one";
const HOUR_MS: i64 = 60 * 60 * 1000;

async fn start() -> (App, Arc<Letters>) {
    let letters = Letters::new();
    (App::start_posting(letters.clone()).await, letters)
}

async fn ask(app: &App, email: &str) -> Answer {
    app.post("/api/v1/password-resets", &json!({"email": email})).await
}

async fn confirm(app: &App, token: &str, password: &str) -> Answer {
    let body = json!({"token": token, "password": password});
    app.post("/api/v1/password-resets/confirm", &body).await
}

async fn verify(app: &App, token: &str) -> Answer {
    app.post("/api/v1/email-verifications/confirm", &json!({"token": token})).await
}

async fn log_in(app: &App, password: &str) -> u16 {
    let body = json!({"username": "ana", "password": password});
    app.post("/api/v1/tokens", &body).await.status
}

async fn own_page(app: &App, who: &Person) -> String {
    let cookie = app.cookie(who).await;
    let page = send(app.request(Method::GET, "/settings/mail").header("cookie", cookie)).await;
    assert_eq!(page.status, 200);
    page.text
}

async fn is_verified(app: &App, who: &Person) -> bool {
    let page = own_page(app, who).await;
    assert!(page.contains(" verified"), "{page}");
    page.contains("It is verified")
}

async fn send_form(app: &App, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    send(app.request(Method::POST, path).header("cookie", cookie).form(fields)).await
}

/// Each refusal is kept for its key, so that a stranger could fill the store with them.
#[tokio::test]
async fn strangers_confirm_a_few_times_only() {
    let app = App::start_with(|rules| rules.throttle = true).await;
    for path in ["/api/v1/email-verifications/confirm", "/api/v1/password-resets/confirm"] {
        let mut statuses = Vec::new();
        for n in 0..60 {
            let body = json!({"token": "x", "password": "correct horse battery"});
            let request = app.request(Method::POST, path).json(&body);
            let key = format!("\"{path}{n}\"").replace('/', "-");
            statuses.push(send(request.header("idempotency-key", key)).await.status);
        }
        assert_eq!((statuses[0], statuses[59]), (422, 429), "{path}: {statuses:?}");
        app.clock.forward_ms(3_600_000);
    }
}

#[tokio::test]
async fn links_are_tried_on_pages_as_often_as_over_the_api() {
    let letters = Letters::new();
    let app = App::start_posting_with(letters.clone(), |rules| rules.throttle = true).await;
    app.sign_up("ana").await;
    let token = letters.secret(EMAIL, VERIFY, 1).await;
    for path in ["/account/verify", "/account/reset"] {
        let attempt = async |token: &str| {
            send_form(&app, path, "", &[("token", token), ("password", NEW)]).await
        };
        for left in (0..30).rev() {
            let answer = attempt("x").await;
            assert_eq!(answer.status, 422, "{path}: {}", answer.text);
            let said = answer.header("ratelimit");
            assert!(said.contains(&format!("\"password-resets\";r={left};")), "{path}: {said}");
        }
        // One more is refused even if it is right, and the page still has it.
        let refused = attempt(&token).await;
        assert!(refused.status == 429 && refused.has("retry-after"), "{path}: {}", refused.status);
        assert!(refused.text.contains(&token), "{path}: {}", refused.text);
        let body = json!({"token": "x", "password": NEW});
        let confirm = "/api/v1/email-verifications/confirm";
        app.post(confirm, &body).await.refused(429, "throttled", None);
        app.clock.forward_ms(3_600_000);
    }
    let done = send_form(&app, "/account/verify", "", &[("token", &token)]).await;
    assert_eq!((done.status, done.header("location")), (303, "/"));
    assert!(done.header("ratelimit").contains("r=29;"), "{}", done.header("ratelimit"));
}

#[tokio::test]
async fn the_link_of_a_sign_up_verifies_its_address_once() {
    let (app, letters) = start().await;
    let ana = app.sign_up("ana").await;
    assert!(!is_verified(&app, &ana).await);
    let token = letters.secret(EMAIL, VERIFY, 1).await;
    // A mail server that looks at links spends nothing.
    for _ in 0..3 {
        let page = app.get(&format!("/account/verify?token={token}")).await;
        assert!(page.status == 200 && page.text.contains("Yes, it is mine"), "{}", page.text);
    }
    assert!(!is_verified(&app, &ana).await);
    verify(&app, &token).await.expect(200);
    assert!(is_verified(&app, &ana).await);
    verify(&app, &token).await.refused(422, "link_invalid", Some("token"));
    let page = app.get(&format!("/account/verify?token={token}")).await;
    assert!(page.text.contains("was used") && !page.text.contains("Yes, it is mine"));
    // There is nothing to send again.
    app.post_as(&ana, "/api/v1/email-verifications", &json!({})).await.expect(202);
    assert_eq!(letters.to(EMAIL, VERIFY).len(), 1);
}

#[tokio::test]
async fn another_address_is_not_verified_and_the_old_ones_links_are_void() {
    let (app, letters) = start().await;
    let ana = app.sign_up("ana").await;
    let old = letters.secret(EMAIL, VERIFY, 1).await;
    verify(&app, &old).await.expect(200);
    ask(&app, EMAIL).await.expect(202);
    let reset = letters.secret(EMAIL, RESET, 1).await;
    let path = format!("/api/v1/users/{}", ana.id);
    app.put_as(&ana, &path, &json!({"email": "anna@example.org"})).await.expect(200);
    assert!(!is_verified(&app, &ana).await);
    assert_eq!(letters.to(EMAIL, "address was changed").len(), 1);
    confirm(&app, &reset, NEW).await.refused(422, "link_invalid", Some("token"));
    let new = letters.secret("anna@example.org", VERIFY, 1).await;
    // Back again: what was shown before counts no more, nor does the link to the other address.
    app.put_as(&ana, &path, &json!({"email": EMAIL})).await.expect(200);
    assert!(!is_verified(&app, &ana).await);
    verify(&app, &new).await.refused(422, "link_invalid", Some("token"));
}

/// A session that somebody got hold of must not become their account.
#[tokio::test]
async fn an_address_that_was_just_changed_gets_no_link() {
    let (app, letters) = start().await;
    let (ana, admin) = (app.sign_up("ana").await, app.sign_up("admin").await);
    let change = async |by: &Person, of: &Person, email: &str| {
        let path = format!("/api/v1/users/{}", of.id);
        app.put_as(by, &path, &json!({"email": email})).await.expect(200);
    };
    change(&ana, &ana, "evil@example.org").await;
    let told = letters.to(EMAIL, "address was changed").pop().unwrap();
    assert!(told.text.contains("for three days"), "{}", told.text);
    ask(&app, "evil@example.org").await.expect(202);
    // Both are asked for at the same time; what is mailed to others comes, so that this would have.
    ask(&app, "admin@example.org").await.expect(202);
    letters.secret("admin@example.org", RESET, 1).await;
    assert!(letters.to("evil@example.org", RESET).is_empty());
    // Whom an admin helps need not wait.
    app.promote(&admin, Role::Admin).await;
    change(&admin, &ana, "anna@example.org").await;
    ask(&app, "anna@example.org").await.expect(202);
    letters.secret("anna@example.org", RESET, 1).await;
    assert!(letters.to("evil@example.org", RESET).is_empty());

    let ben = app.sign_up("ben").await;
    change(&ben, &ben, "benny@example.org").await;
    app.clock.forward_ms(3 * 24 * 60 * 60 * 1000 + 1);
    ask(&app, "benny@example.org").await.expect(202);
    letters.secret("benny@example.org", RESET, 1).await;
}

#[tokio::test]
async fn a_new_link_takes_the_place_of_the_old_one() {
    let (app, letters) = start().await;
    let ana = app.sign_up("ana").await;
    let old = letters.secret(EMAIL, VERIFY, 1).await;
    app.post_as(&ana, "/api/v1/email-verifications", &json!({})).await.expect(202);
    let new = letters.secret(EMAIL, VERIFY, 2).await;
    verify(&app, &old).await.refused(422, "link_invalid", Some("token"));
    verify(&app, &new).await.expect(200);

    ask(&app, EMAIL).await.expect(202);
    let old = letters.secret(EMAIL, RESET, 1).await;
    ask(&app, EMAIL).await.expect(202);
    let new = letters.secret(EMAIL, RESET, 2).await;
    confirm(&app, &old, NEW).await.refused(422, "link_invalid", Some("token"));
    confirm(&app, &new, NEW).await.expect(200);
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_once_and_all_sessions_end() {
    let (app, letters) = start().await;
    let ana = app.sign_up("ana").await;
    let cookie = app.cookie(&ana).await;
    let answer = ask(&app, "ANA@example.org").await;
    assert_eq!(answer.expect(202), json!({"status": "Success"}));
    let token = letters.secret(EMAIL, RESET, 1).await;
    assert_eq!(log_in(&app, PASSWORD).await, 201, "the old one works until then");
    confirm(&app, &token, NEW).await.expect(200);
    assert_eq!((log_in(&app, PASSWORD).await, log_in(&app, NEW).await), (401, 201));
    app.get_as(&ana, "/api/v1/sessions").await.refused(401, "token_invalid", None);
    let page = send(app.request(Method::GET, "/profile").header("cookie", cookie)).await;
    assert_eq!(page.header("location"), "/login");
    assert_eq!(letters.to(EMAIL, "password was changed").len(), 1);
    confirm(&app, &token, "yet another one").await.refused(422, "link_invalid", Some("token"));
    assert_eq!(log_in(&app, NEW).await, 201);
}

#[tokio::test]
async fn of_many_who_use_a_link_at_once_one_succeeds() {
    let (app, letters) = start().await;
    app.sign_up("ana").await;
    ask(&app, EMAIL).await.expect(202);
    let token = letters.secret(EMAIL, RESET, 1).await;
    let passwords: Vec<String> = (0..6).map(|n| format!("{NEW} {n}")).collect();
    let answers =
        futures::future::join_all(passwords.iter().map(|new| confirm(&app, &token, new))).await;
    let done: Vec<usize> = (0..6).filter(|n| answers[*n].status == 200).collect();
    assert_eq!(done.len(), 1, "{answers:?}");
    assert_eq!(log_in(&app, &passwords[done[0]]).await, 201);
}

#[tokio::test]
async fn links_expire() {
    let (app, letters) = start().await;
    let ana = app.sign_up("ana").await;
    ask(&app, EMAIL).await.expect(202);
    let reset = letters.secret(EMAIL, RESET, 1).await;
    app.clock.forward_ms(HOUR_MS);
    confirm(&app, &reset, NEW).await.refused(422, "link_invalid", Some("token"));
    let token = letters.secret(EMAIL, VERIFY, 1).await;
    app.clock.forward_ms(23 * HOUR_MS);
    verify(&app, &token).await.refused(422, "link_invalid", Some("token"));
    assert!(!is_verified(&app, &ana).await);
}

#[tokio::test]
async fn a_changed_password_voids_the_link_and_its_owner_is_told() {
    let (app, letters) = start().await;
    let ana = app.sign_up("ana").await;
    ask(&app, EMAIL).await.expect(202);
    let token = letters.secret(EMAIL, RESET, 1).await;
    let change = json!({"password": NEW, "current_password": PASSWORD});
    app.put_as(&ana, &format!("/api/v1/users/{}", ana.id), &change).await.expect(200);
    assert_eq!(letters.to(EMAIL, "password was changed").len(), 1);
    confirm(&app, &token, "yet another one").await.refused(422, "link_invalid", Some("token"));
    assert_eq!(log_in(&app, NEW).await, 201);
}

#[tokio::test]
async fn a_password_that_is_refused_leaves_the_link_as_it_was() {
    let (app, letters) = start().await;
    app.sign_up("ana").await;
    ask(&app, EMAIL).await.expect(202);
    let token = letters.secret(EMAIL, RESET, 1).await;
    confirm(&app, &token, "short").await.refused(422, "password_too_short", Some("password"));
    confirm(&app, &token, "Password1").await.refused(422, "password_common", Some("password"));
    confirm(&app, &token, EMAIL).await.refused(422, "password_is_name", Some("password"));
    confirm(&app, &token, NEW).await.expect(200);
}

#[tokio::test]
async fn one_kind_of_link_is_not_taken_for_another() {
    let (app, letters) = start().await;
    app.sign_up("ana").await;
    let token = letters.secret(EMAIL, VERIFY, 1).await;
    confirm(&app, &token, NEW).await.refused(422, "link_invalid", Some("token"));
    ask(&app, EMAIL).await.expect(202);
    let token = letters.secret(EMAIL, RESET, 1).await;
    verify(&app, &token).await.refused(422, "link_invalid", Some("token"));
    for wrong in ["", "x", &"x".repeat(43), &"x".repeat(10_000), "\u{0}"] {
        confirm(&app, wrong, NEW).await.refused(422, "link_invalid", Some("token"));
        verify(&app, wrong).await.refused(422, "link_invalid", Some("token"));
    }
}

#[tokio::test]
async fn an_unknown_address_gets_the_same_answer_and_no_mail() {
    let (app, letters) = start().await;
    app.sign_up("ana").await;
    let (known, unknown) = (ask(&app, EMAIL).await, ask(&app, "nobody@example.org").await);
    assert_eq!((known.status, &known.text), (unknown.status, &unknown.text));
    let form = async |email| send_form(&app, "/account/forgot", "", &[("email", email)]).await;
    let (known, unknown) = (form(EMAIL).await, form("nobody@example.org").await);
    let told = |answer: &Answer| {
        let [location, cookie] =
            ["location", "set-cookie"].map(|name| answer.header(name).to_owned());
        (answer.status, location, cookie, answer.text.clone())
    };
    assert_eq!(told(&known), told(&unknown));
    assert_eq!((known.status, known.header("location")), (303, "/account/forgot"));
    letters.secret(EMAIL, RESET, 2).await;
    assert!(letters.to("nobody@example.org", "").is_empty());
}

#[tokio::test]
async fn links_lead_to_the_public_address_whatever_a_request_says() {
    let letters = Letters::new();
    let public = |rules: &mut siskin_server::application::Rules| {
        rules.public_url = "https://tweets.example".to_owned();
    };
    let app = App::start_posting_with(letters.clone(), public).await;
    app.sign_up("ana").await;
    let poisoned = app
        .request(Method::POST, "/api/v1/password-resets")
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("forwarded", "host=evil.example");
    send(poisoned.json(&json!({"email": EMAIL}))).await.expect(202);
    letters.secret(EMAIL, RESET, 1).await;
    for letter in letters.to(EMAIL, "") {
        let all = format!("{}{}{}", letter.subject, letter.text, letter.html);
        assert!(!all.contains("evil.example"), "{all}");
        assert!(letter.text.contains("https://tweets.example/account/"), "{}", letter.text);
    }
}

#[tokio::test]
async fn pages_of_links_tell_nobody_their_secret() {
    let (app, letters) = start().await;
    app.sign_up("ana").await;
    let token = letters.secret(EMAIL, VERIFY, 1).await;
    let refused = [("token", token.as_str()), ("password", "short")];
    for answer in [
        app.get(&format!("/account/verify?token={token}")).await,
        app.get(&format!("/account/reset?token={token}")).await,
        send_form(&app, "/account/reset", "", &refused).await,
    ] {
        assert_eq!(answer.header("cache-control"), "no-store");
        // Only the origin, so that the address stays here; not `no-referrer`, with which a
        // browser would send the form as a foreign one.
        assert_eq!(answer.header("referrer-policy"), "strict-origin");
        assert!(!answer.text.contains(&format!("token={token}")), "no link repeats it");
    }
}

#[tokio::test]
async fn a_person_does_it_all_by_forms_alone() {
    let (app, letters) = start().await;
    let ana = app.sign_up("ana").await;
    let cookie = app.cookie(&ana).await;
    let again = send_form(&app, "/settings/mail/verify", &cookie, &[]).await;
    assert_eq!((again.status, again.header("location")), (303, "/settings/mail"));
    let token = letters.secret(EMAIL, VERIFY, 2).await;
    let done = send_form(&app, "/account/verify", &cookie, &[("token", &token)]).await;
    assert_eq!((done.status, done.header("location")), (303, "/settings/mail"));
    assert!(is_verified(&app, &ana).await);
    let used = send_form(&app, "/account/verify", &cookie, &[("token", &token)]).await;
    assert!(used.status == 422 && used.text.contains("was used"), "{}", used.text);

    let wrong = send_form(&app, "/account/forgot", "", &[("email", "nonsense")]).await;
    assert!(wrong.status == 422 && wrong.text.contains("nonsense"), "{}", wrong.text);
    ask(&app, EMAIL).await.expect(202);
    let token = letters.secret(EMAIL, RESET, 1).await;
    let page = app.get(&format!("/account/reset?token={token}")).await;
    assert!(page.text.contains("autocomplete=\"new-password\""), "{}", page.text);
    let reset = async |password| {
        let fields = [("token", token.as_str()), ("password", password)];
        send_form(&app, "/account/reset", "", &fields).await
    };
    let refused = reset("password123").await;
    assert!(refused.status == 422 && refused.text.contains("one of the most common"));
    assert!(refused.text.contains(&token) && !refused.text.contains("password123"));
    let done = reset(NEW).await;
    assert_eq!((done.status, done.header("location")), (303, "/login"));
    assert_eq!(log_in(&app, NEW).await, 201);
}

#[tokio::test]
async fn a_server_without_mail_says_who_can_help() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    ask(&app, EMAIL).await.refused(404, "mail_off", None);
    let again = app.post_as(&ana, "/api/v1/email-verifications", &json!({})).await;
    again.refused(404, "mail_off", None);
    let page = app.get("/account/forgot").await;
    assert!(page.status == 200 && page.text.contains("sends no mail"), "{}", page.text);
    assert!(!page.text.contains("name=\"email\""), "there is nothing to send");
    let form = send_form(&app, "/account/forgot", "", &[("email", EMAIL)]).await;
    assert_eq!(form.status, 404);
    assert!(own_page(&app, &ana).await.contains("sends no mail"));
}

#[tokio::test]
async fn a_link_goes_with_its_account() {
    let (app, letters) = start().await;
    let ana = app.sign_up("ana").await;
    ask(&app, EMAIL).await.expect(202);
    let token = letters.secret(EMAIL, RESET, 1).await;
    app.delete_as(&ana, "/api/v1/users", Some(&json!({"username": "ana"}))).await.expect(200);
    confirm(&app, &token, NEW).await.refused(422, "link_invalid", Some("token"));
    // Nor does it come back with somebody else of that name and address.
    app.sign_up("ana").await;
    confirm(&app, &token, NEW).await.refused(422, "link_invalid", Some("token"));
}

#[tokio::test]
async fn a_repeated_request_is_done_once() {
    let (app, letters) = start().await;
    let ana = app.sign_up("ana").await;
    let post = async |path: &str, body: Value| {
        let request = app.request(Method::POST, path).bearer_auth(&ana.token);
        send(request.header("idempotency-key", path).json(&body)).await
    };
    let twice = async |path: &str, body: Value, status: u16| {
        let first = post(path, body.clone()).await;
        let again = post(path, body).await;
        assert_eq!(first.expect(status), again.expect(status));
        assert_eq!(again.header("idempotency-replayed"), "true", "{path}");
    };
    twice("/api/v1/email-verifications", json!({}), 202).await;
    assert_eq!(letters.to(EMAIL, VERIFY).len(), 2);
    let token = letters.secret(EMAIL, VERIFY, 2).await;
    twice("/api/v1/email-verifications/confirm", json!({"token": token}), 200).await;
    twice("/api/v1/password-resets", json!({"email": EMAIL}), 202).await;
    let token = letters.secret(EMAIL, RESET, 1).await;
    assert_eq!(letters.to(EMAIL, RESET).len(), 1);
    let body = json!({"token": token, "password": NEW});
    let path = "/api/v1/password-resets/confirm";
    let bare = |app: &App| app.request(Method::POST, path).header("idempotency-key", "reset");
    let first = send(bare(&app).json(&body)).await;
    let again = send(bare(&app).json(&body)).await;
    assert_eq!(first.expect(200), again.expect(200));
    assert_eq!(letters.to(EMAIL, "password was changed").len(), 1);
}

#[tokio::test]
async fn requests_for_mail_are_limited_by_address_by_account_and_by_person() {
    let letters = Letters::new();
    let app = App::start_posting_with(letters.clone(), |rules| rules.throttle = true).await;
    let ana = app.sign_up("ana").await;
    for left in (0..30).rev() {
        let answer = ask(&app, EMAIL).await;
        answer.expect(202);
        assert!(answer.header("ratelimit").contains(&format!("\"password-resets\";r={left};")));
    }
    let refused = ask(&app, EMAIL).await;
    refused.refused(429, "throttled", None);
    assert!(refused.has("retry-after"));
    let form = send_form(&app, "/account/forgot", "", &[("email", "nobody@example.org")]).await;
    assert_eq!(form.status, 429);
    // A stranger may ask as often as that: the mailbox gets three, and the newest link works.
    let token = letters.secret(EMAIL, RESET, 3).await;
    assert_eq!(letters.to(EMAIL, RESET).len(), 3);
    assert!(app.get(&format!("/account/reset?token={token}")).await.text.contains("New password"));

    for _ in 0..5 {
        app.post_as(&ana, "/api/v1/email-verifications", &json!({})).await.expect(202);
    }
    let refused = app.post_as(&ana, "/api/v1/email-verifications", &json!({})).await;
    refused.refused(429, "throttled", None);
    let cookie = app.cookie(&ana).await;
    let form = send_form(&app, "/settings/mail/verify", &cookie, &[]).await;
    assert!(form.status == 429 && form.text.contains("too often"), "{}", form.text);
    // Changing the address over and over writes to no stranger, but the change itself is done.
    let path = format!("/api/v1/users/{}", ana.id);
    app.put_as(&ana, &path, &json!({"email": "anna@example.org"})).await.expect(200);
    assert!(letters.to("anna@example.org", VERIFY).is_empty());
}

/// Whoever has an account could set a stranger's address and another one in turn: the stranger is
/// told of each, as owners are. And whether somebody has an address is seen in the answer.
#[tokio::test]
async fn nobody_fills_a_strangers_mailbox_or_asks_for_all_addresses() {
    const VICTIM: &str = "victim@example.org";
    let letters = Letters::new();
    let app = App::start_posting_with(letters.clone(), |rules| rules.throttle = true).await;
    for (name, other) in [("ana", "a"), ("ben", "b")] {
        let who = app.sign_up(name).await;
        let path = format!("/api/v1/users/{}", who.id);
        for n in 0..10 {
            let away = format!("{other}{n}@example.org");
            for email in [VICTIM, &away] {
                app.put_as(&who, &path, &json!({"email": email})).await.expect(200);
            }
        }
        let taken = json!({"email": EMAIL});
        app.put_as(&who, &path, &taken).await.refused(429, "throttled", None);
        // What changes nothing is not counted, as a profile's form sends all of it.
        let same = json!({"email": format!("{other}9@example.org"), "bio": "x"});
        app.put_as(&who, &path, &same).await.expect(200);
    }
    assert_eq!(letters.to(VICTIM, "").len(), 10, "of 40 and more");
    // Who has shown that an address is theirs is told whenever it changes: all ten are used up.
    let eve = app.sign_up("eve").await;
    let path = format!("/api/v1/users/{}", eve.id);
    for _ in 0..5 {
        app.post_as(&eve, "/api/v1/email-verifications", &json!({})).await.expect(202);
    }
    let token = letters.secret("eve@example.org", VERIFY, 6).await;
    let same = json!({"password": PASSWORD, "current_password": PASSWORD});
    for _ in 0..6 {
        app.put_as(&eve, &path, &same).await.expect(200);
    }
    assert_eq!(letters.to("eve@example.org", "").len(), 10);
    verify(&app, &token).await.expect(200);
    app.put_as(&eve, &path, &json!({"email": "evelyn@example.org"})).await.expect(200);
    assert_eq!(letters.to("eve@example.org", "address was changed").len(), 1);
}
