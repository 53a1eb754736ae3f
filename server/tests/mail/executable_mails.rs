//! The executable: TLS, authentication, and what it says meanwhile.

use serde_json::json;

use crate::app::PASSWORD;
use crate::executable::{Server, run};
use crate::mailbox::Mailbox;
use crate::wait::eventually;

/// A word that comes from nowhere else.
const SMTP_PASSWORD: &str = "canary-smtp-3d9b";
const FROM: (&str, &str) = ("SISKIN_MAIL_FROM", "siskin@example.org");

/// A certificate for `localhost` in `tls.crt` and `tls.key`.
fn certificate(folder: &std::path::Path) -> [String; 2] {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let paths = ["tls.crt", "tls.key"].map(|name| folder.join(name).display().to_string());
    std::fs::write(&paths[0], certified.cert.pem()).unwrap();
    std::fs::write(&paths[1], certified.signing_key.serialize_pem()).unwrap();
    paths
}

async fn post(server: &Server, path: &str, body: serde_json::Value) -> u16 {
    let client = reqwest::Client::new();
    let request = client.post(format!("{}{path}", server.url)).json(&body);
    request.send().await.unwrap().status().as_u16()
}

async fn sign_up(server: &Server) {
    let body = json!({"username": "ana", "email": "ana@canary.example", "password": PASSWORD});
    assert_eq!(post(server, "/api/v1/users", body).await, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_goes_by_starttls_or_tls_with_a_password_and_nothing_of_it_is_logged() {
    let folder = tempfile::tempdir().unwrap();
    let [cert, key] = certificate(folder.path());
    for wrapped in [false, true] {
        let mut options = vec!["--auth", "siskin", SMTP_PASSWORD, "--tls", &cert, &key];
        options.extend(wrapped.then_some("--wrapped"));
        let mailbox = Mailbox::start_with(&options);
        let (scheme, query) = if wrapped { ("smtps", "") } else { ("smtp", "?tls=required") };
        let port = mailbox.port;
        let url = format!("{scheme}://siskin:{SMTP_PASSWORD}@localhost:{port}{query}");
        std::fs::write(folder.path().join("url"), url).unwrap();
        let database = format!("sqlite://{scheme}.db");
        let environment = [
            FROM,
            ("SISKIN_SMTP_URL_FILE", "url"),
            ("SISKIN_SMTP_CA", &cert),
            ("SISKIN_DATABASE_URL", &database),
            ("SISKIN_PUBLIC_URL", "https://tweets.example"),
        ];
        let server = Server::start(folder.path(), &environment);
        sign_up(&server).await;
        let mail = mailbox.wait_for(1).await;
        assert!(mail.tls && mail.authenticated == Some(true), "{mail:?}");
        let token = mail.link().strip_prefix("https://tweets.example/account/verify?token=");
        let token = token.unwrap().to_owned();
        let page =
            reqwest::get(format!("{}/account/verify?token={token}", server.url)).await.unwrap();
        assert_eq!(page.status(), 200);
        let confirm = "/api/v1/email-verifications/confirm";
        assert_eq!(post(&server, confirm, json!({"token": token})).await, 200);
        let said = server.finish();
        assert!(said.contains("TRACE"), "it was told to say everything");
        for secret in [SMTP_PASSWORD, &token, "ana@canary.example", PASSWORD] {
            let line = said.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{secret} is in the log");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_nobody_vouches_for_gets_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let [cert, key] = certificate(folder.path());
    let mailbox = Mailbox::start_with(&["--tls", &cert, &key]);
    let url = format!("smtp://localhost:{}?tls=required", mailbox.port);
    let server = Server::start(folder.path(), &[FROM, ("SISKIN_SMTP_URL", &url)]);
    sign_up(&server).await;
    let failed = "a mail is tried again later";
    eventually("the mail fails", async || server.said().contains(failed)).await;
    let said = server.finish();
    assert!(said.contains("UnknownIssuer") && !said.contains("ana@canary.example"), "{said}");
    assert!(mailbox.mails().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_refused_says_so_without_the_address() {
    let folder = tempfile::tempdir().unwrap();
    let mailbox = Mailbox::start();
    mailbox.answer(&["550 ana@canary.example is nobody here"]);
    let url = format!("smtp://127.0.0.1:{}", mailbox.port);
    let server = Server::start(folder.path(), &[FROM, ("SISKIN_SMTP_URL", &url)]);
    sign_up(&server).await;
    let lost = "a mail could not be delivered";
    eventually("the mail is refused", async || server.said().contains(lost)).await;
    let said = server.finish();
    assert!(said.contains("for good (550)") && !said.contains("ana@canary.example"), "{said}");
}

#[test]
fn what_is_wrong_with_the_mail_server_is_one_sentence_without_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("smtps://siskin:{SMTP_PASSWORD}@mail.example");
    std::fs::write(folder.path().join("url"), &url).unwrap();
    std::fs::write(folder.path().join("bad"), format!("http://siskin:{SMTP_PASSWORD}@x")).unwrap();
    let url = url.as_str();
    let plain = format!("smtp://siskin:{SMTP_PASSWORD}@mail.example");
    for (environment, variable) in [
        (vec![("SISKIN_SMTP_URL", url)], "SISKIN_MAIL_FROM"),
        (vec![("SISKIN_SMTP_URL", url), ("SISKIN_MAIL_FROM", "nobody")], "SISKIN_MAIL_FROM"),
        (vec![FROM, ("SISKIN_SMTP_URL", &plain)], "SISKIN_SMTP_URL"),
        (vec![FROM, ("SISKIN_SMTP_URL", url), ("SISKIN_SMTP_URL_FILE", "url")], "SISKIN_SMTP_URL"),
        (vec![FROM, ("SISKIN_SMTP_URL_FILE", "nowhere")], "SISKIN_SMTP_URL_FILE"),
        (vec![FROM, ("SISKIN_SMTP_URL_FILE", "bad")], "SISKIN_SMTP_URL_FILE"),
        (vec![FROM, ("SISKIN_SMTP_URL", url), ("SISKIN_SMTP_CA", "nowhere")], "SISKIN_SMTP_CA"),
        (vec![FROM, ("SISKIN_SMTP_URL", url), ("SISKIN_SMTP_CA", "url")], "SISKIN_SMTP_CA"),
    ] {
        let (done, said) = run(folder.path(), &["serve"], &environment);
        assert!(!done && said.contains(variable), "{variable}: {said}");
        assert!(!said.contains(SMTP_PASSWORD), "{said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    }
}
