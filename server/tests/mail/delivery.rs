//! What arrives, and what happens to mail that does not.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use siskin_server::mail::{Queue, Smtp};

use crate::app::{App, PASSWORD};
use crate::mailbox::Mailbox;
use crate::wait::eventually;

/// So short that no test waits, and so many that none ends too early.
const WAITS: [Duration; 400] = [Duration::from_millis(25); 400];

async fn app(port: u16) -> App {
    let url = format!("smtp://127.0.0.1:{port}").parse().unwrap();
    let smtp = Smtp::new(&url, "Siskin <siskin@example.org>".parse().unwrap(), None).unwrap();
    App::start_posting(Arc::new(Queue::with_waits(Arc::new(smtp), &WAITS))).await
}

#[tokio::test]
async fn a_mail_arrives_in_both_forms() {
    let mailbox = Mailbox::start();
    let app = app(mailbox.port).await;
    app.sign_up("ana").await;
    let mail = mailbox.wait_for(1).await;
    assert_eq!(mail.sender, "siskin@example.org");
    assert_eq!(mail.recipients, ["ana@example.org"]);
    assert_eq!(mail.subject, "Is this address yours? (127.0.0.1:3000)");
    let header = |name: &str| {
        let named = mail.headers.iter().find(|(key, _)| key == name);
        named.map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    assert_eq!(header("From"), "Siskin <siskin@example.org>");
    assert_eq!(header("Auto-Submitted"), "auto-generated");
    assert!(header("Message-ID").len() > 10 && header("Date").len() > 10, "{mail:?}");
    assert!(mail.link().starts_with("http://127.0.0.1:3000/account/verify?token="));
    assert!(mail.html.contains(&format!("<a href=\"{}\">", mail.link())), "{}", mail.html);
    assert!(!mail.tls && mail.authenticated.is_none_or(|authenticated| !authenticated));
}

#[tokio::test]
async fn names_that_people_choose_are_in_no_mail() {
    let mailbox = Mailbox::start();
    let app = app(mailbox.port).await;
    let name = "ليلى <b>evil.example</b>";
    let body =
        json!({"username": "ana", "email": "ana@example.org", "password": PASSWORD, "name": name});
    app.post("/api/v1/users", &body).await.expect(201);
    let mail = mailbox.wait_for(1).await;
    let all = format!("{mail:?}");
    assert!(!all.contains("evil.example") && !all.contains('ل'), "{all}");
    assert!(mail.text.contains("Hello @ana,"), "{}", mail.text);
}

#[tokio::test]
async fn an_address_cannot_bring_headers_of_its_own() {
    let mailbox = Mailbox::start();
    let app = app(mailbox.port).await;
    for email in
        ["a@b.example\r\nBcc: eve@evil.example", "a@b.example\nSubject: x", "a@b.example\0"]
    {
        let body = json!({"username": "eve", "email": email, "password": PASSWORD});
        app.post("/api/v1/users", &body).await.refused(422, "email_invalid", Some("email"));
        let body = json!({"email": email});
        app.post("/api/v1/password-resets", &body).await.refused(
            422,
            "email_invalid",
            Some("email"),
        );
    }
    app.sign_up("ana").await;
    mailbox.wait_for(1).await;
    assert_eq!(mailbox.mails().len(), 1);
}

#[tokio::test]
async fn a_mail_that_is_refused_for_now_arrives_later() {
    let mailbox = Mailbox::start();
    mailbox.answer(&["451 greylisted", "421 too busy"]);
    let app = app(mailbox.port).await;
    app.sign_up("ana").await;
    assert_eq!(mailbox.wait_for(1).await.recipients, ["ana@example.org"]);
    assert!(mailbox.has_answered());
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_is_given_up_and_others_arrive() {
    let mailbox = Mailbox::start();
    mailbox.answer(&["550 no such person"]);
    let app = app(mailbox.port).await;
    app.sign_up("ana").await;
    eventually("ana's mail is refused", async || mailbox.has_answered()).await;
    app.sign_up("ben").await;
    assert_eq!(mailbox.wait_for(1).await.recipients, ["ben@example.org"]);
    app.sign_up("cleo").await;
    mailbox.wait_for(2).await;
    assert_eq!(mailbox.mails().len(), 2, "nobody tried ana's again");
}

#[tokio::test]
async fn while_the_mail_server_is_down_people_sign_up_and_get_their_mail_later() {
    let mailbox = Mailbox::start();
    let port = mailbox.port;
    drop(mailbox);
    let app = app(port).await;
    app.sign_up("ana").await;
    let mailbox = Mailbox::start_with(&["--port", &port.to_string()]);
    assert_eq!(mailbox.wait_for(1).await.recipients, ["ana@example.org"]);
}
