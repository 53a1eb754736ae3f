//! A deleted account is erased everywhere: none of its words is left in what the store keeps.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use siskin_domain::Role;
use siskin_server::application::Registration;
use siskin_server::application::accounts::Identity;

use crate::app::{App, Person, send};
use crate::factors::authenticator::{Authenticator, ORIGIN};

/// Words that are nowhere else, for each thing that a person can type, that is told of them, or that
/// is said about them.
const WORDS: [&str; 21] = [
    "zyxusername",
    "zyxmail",
    "zyxname",
    "zyxbio",
    "zyxtweet",
    "zyxtoken",
    "zyxoldname",
    "zyxpasskey",
    "zyxlabel",
    "zyxsubject",
    "zyxinvitation",
    "zyxreportby",
    "zyxreportof",
    "zyxresolved",
    "zyxwarning",
    "zyxsilence",
    "zyxlifted",
    "zyxhiding",
    "zyxshown",
    // They need not be there before: one is a change's, the other was deleted.
    "zyxoldmail",
    "zyxdeleted",
];
/// What is typed and kept by its hash, or told in other words.
const NEVER_KEPT: [&str; 3] = ["zyxkey", "zyxagent", "zyxpassword"];
/// How many of them the store has for sure before the account is deleted.
const SEEN: usize = WORDS.len() - 2;
/// What she said about somebody else, as a moderator: it stays with whom it is about.
const OF_BEN: &str = "said of benjamin by a moderator";
const PASSWORD: &str = "zyxpassword of hers";

async fn start() -> App {
    // With a name, as passkeys are for names.
    App::start_with(|rules| rules.public_url = ORIGIN.to_owned()).await
}

/// Somebody who leaves a word of each kind, and whose account has a history.
async fn leave_words(app: &App) -> Person {
    let me = json!({"username": "zyxusername", "email": "zyxoldmail@example.org",
        "password": PASSWORD, "name": "zyxoldname"});
    let user = app.post("/api/v1/users", &me).await.expect(201);
    let id = user["user"]["id"].as_u64().unwrap();
    let log_in = json!({"username": "zyxusername", "password": PASSWORD, "name": "zyxtoken"});
    let request = app.request(Method::POST, "/api/v1/tokens").json(&log_in);
    let request = request.header("user-agent", "zyxagent").header("idempotency-key", "zyxkey");
    let token = send(request).await.expect(201)["token"].as_str().unwrap().to_owned();
    let person = Person { id, username: "zyxusername".to_owned(), token };
    let change = json!({"email": "zyxmail@example.org", "name": "zyxname", "bio": "zyxbio"});
    app.put_as(&person, &format!("/api/v1/users/{id}"), &change).await.expect(200);
    let tweet = app.tweet(&person, "zyxtweet that stays until the end").await;
    let gone = app.tweet(&person, "zyxdeleted before").await;
    app.delete_as(&person, &format!("/api/v2/tweets/{gone}"), None).await.expect(200);
    leave_ways_in(app, &person).await;
    leave_reasons(app, &person, tweet).await;
    person
}

/// A passkey, an account elsewhere and an invitation.
async fn leave_ways_in(app: &App, who: &Person) {
    let password = json!({"password": PASSWORD});
    let asked = app.post_as(who, "/api/v1/passkeys/registration", &password).await.expect(200);
    let credential = Authenticator::es256().create(&asked["options"]);
    let passkey = json!({"name": "zyxpasskey", "credential": credential});
    app.post_as(who, "/api/v1/passkeys", &passkey).await.expect(201);
    let identity =
        Identity { issuer: "https://acme.example".to_owned(), subject: "zyxsubject".to_owned() };
    let caller = app.caller(who).await;
    app.services.accounts.link(&caller, &identity, "zyxlabel@acme.example").await.unwrap();
    let inviting = app.beside(|rules| rules.community.registration = Registration::Invite).await;
    let invitation = json!({"name": "zyxinvitation"});
    inviting.post_as(who, "/api/v1/invitations", &invitation).await.expect(201);
}

/// Reports by and about them, and what moderators did to them and their tweet; and what they, a
/// moderator themselves, did to somebody else.
async fn leave_reasons(app: &App, who: &Person, tweet: u64) {
    let (ben, cleo) = (app.sign_up("benjamin").await, app.sign_up("cleopatra").await);
    let bens = app.tweet(&ben, "benjamin stays").await;
    app.promote(who, Role::Moderator).await;
    app.promote(&cleo, Role::Admin).await;
    let reports = "/api/v1/reports";
    let by = json!({"tweet": bens, "reason": "zyxreportby"});
    let by = app.post_as(who, reports, &by).await.expect(201)["id"].as_u64().unwrap();
    let of = json!({"username": who.username, "reason": "zyxreportof"});
    app.post_as(&ben, reports, &of).await.expect(201);
    let because = |reason: &str| json!({"reason": reason});
    let resolve = format!("/api/v1/moderation/reports/{by}/resolve");
    app.post_as(&cleo, &resolve, &because("zyxresolved")).await.expect(200);

    let measure = |measure| format!("/api/v1/moderation/users/{}/{measure}", who.id);
    app.put_as(&cleo, &measure("warning"), &because("zyxwarning")).await.expect(200);
    app.put_as(&cleo, &measure("silence"), &because("zyxsilence")).await.expect(200);
    let lifted = because("zyxlifted");
    app.delete_as(&cleo, &measure("silence"), Some(&lifted)).await.expect(200);
    let hiding = |tweet| format!("/api/v1/moderation/tweets/{tweet}/hiding");
    app.put_as(&cleo, &hiding(tweet), &because("zyxhiding")).await.expect(200);
    let shown = because("zyxshown");
    app.delete_as(&cleo, &hiding(tweet), Some(&shown)).await.expect(200);
    app.put_as(who, &hiding(bens), &because(OF_BEN)).await.expect(200);
}

async fn found(app: &App, words: &[&'static str]) -> Vec<&'static str> {
    let bytes = app.bytes_in_store().await;
    let text = String::from_utf8_lossy(&bytes).to_lowercase();
    words.iter().copied().filter(|word| text.contains(word)).collect()
}

/// What the operator's upkeep does within the days after, and until when it must have done it.
async fn days_pass(app: &App) {
    for _ in 0..3 {
        app.clock.forward_ms(25 * 60 * 60 * 1000);
        let now = siskin_server::application::Clock::now(&*app.clock);
        app.services.store.sweep(now).await.unwrap();
    }
}

async fn nothing_is_left(app: &App) {
    days_pass(app).await;
    // A store erases what it can at once, and the rest as soon as nobody reads it: soon, but by no clock.
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let left = found(app, &[&WORDS[..], &NEVER_KEPT].concat()).await;
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "left in the store: {left:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// What others wrote stays, and what was said about them (`docs/adr/0014-moderation.md`).
async fn the_others_stay(app: &App) {
    assert_eq!(found(app, &["benjamin stays", OF_BEN]).await.len(), 2);
    assert!(app.services.store.verify_projections().await.unwrap().differences.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_an_account_that_was_deleted_on_the_page() {
    let app = start().await;
    let person = leave_words(&app).await;
    let cookie = app.cookie(&person).await;
    let form = [("username", "zyxusername"), ("current_password", PASSWORD)];
    let request = app.request(Method::POST, "/settings/account/delete").header("cookie", cookie);
    assert_eq!(send(request.form(&form)).await.status, 303);
    nothing_is_left(&app).await;
    the_others_stay(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_an_account_that_was_deleted() {
    let app = start().await;
    let person = leave_words(&app).await;
    let before = found(&app, &WORDS).await;
    for word in &WORDS[..SEEN] {
        assert!(before.contains(word), "the test would see {word}: {before:?}");
    }
    let body = json!({"username": "zyxusername"});
    app.delete_as(&person, "/api/v1/users", Some(&body)).await.expect(200);
    nothing_is_left(&app).await;
    the_others_stay(&app).await;
}
