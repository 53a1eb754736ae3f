//! Secrets: from files, and in no log.

use http::Request;
use serde_json::{Value, json};
use siskin_server::application::{Clock as _, SystemClock};
use totp_rs::{Builder, Secret};

use crate::client::{Certificate, send};
use crate::executable::{Server, run};

/// Words that come from nowhere else.
const MONGO_PASSWORD: &str = "canary-mongo-7c1e";
const PASSWORD: &str = "canary-password-5f0a";

#[test]
fn the_stores_address_may_be_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("url"), "sqlite://elsewhere.db\n").unwrap();
    std::fs::write(folder.path().join("password"), format!("{PASSWORD}\n")).unwrap();
    let from_files = [("SISKIN_DATABASE_URL_FILE", "url"), ("SISKIN_PASSWORD_FILE", "password")];
    let (done, said) = run(folder.path(), &["user", "add", "ana", "ana@example.org"], &from_files);
    assert!(done && folder.path().join("elsewhere.db").is_file(), "{said}");
    assert!(!said.contains(PASSWORD), "{said}");
}

#[test]
fn a_secret_that_is_given_twice_or_not_there_is_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bad"), "postgres://ana:canary@x\n").unwrap();
    let twice = [("SISKIN_DATABASE_URL", "sqlite://a.db"), ("SISKIN_DATABASE_URL_FILE", "bad")];
    let password = [("SISKIN_PASSWORD", PASSWORD), ("SISKIN_PASSWORD_FILE", "bad")];
    let add = ["user", "add", "ana", "ana@example.org"];
    let digest = ["projections", "digest"];
    for (arguments, environment, variable) in [
        (&digest[..], &twice[..], "SISKIN_DATABASE_URL "),
        (&digest, &[("SISKIN_DATABASE_URL_FILE", "nowhere")], "SISKIN_DATABASE_URL_FILE: "),
        (&digest, &[("SISKIN_DATABASE_URL_FILE", "bad")], "SISKIN_DATABASE_URL_FILE: "),
        (&add, &password, "SISKIN_PASSWORD "),
        (&add, &[("SISKIN_PASSWORD_FILE", "nowhere")], "SISKIN_PASSWORD_FILE: "),
    ] {
        let (done, said) = run(folder.path(), arguments, environment);
        assert!(!done && said.contains(variable), "{said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(!said.contains("canary"), "{said}");
    }
}

#[test]
fn the_password_of_the_store_is_in_no_output() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!(
        "mongodb://ana:{MONGO_PASSWORD}@127.0.0.1:1/siskin?serverSelectionTimeoutMS=300\
         &connectTimeoutMS=300"
    );
    std::fs::write(folder.path().join("url"), &url).unwrap();
    for environment in
        [[("SISKIN_DATABASE_URL", url.as_str())], [("SISKIN_DATABASE_URL_FILE", "url")]]
    {
        for arguments in [&["serve"][..], &["events", "tail", "--no-follow"]] {
            let (done, said) = run(folder.path(), arguments, &environment);
            assert!(!done && said.contains("SISKIN_DATABASE_URL"), "{said}");
            assert!(!said.contains(MONGO_PASSWORD), "{said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_send_over_http_is_in_no_output() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    let client =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let account = json!({"username": "ana", "email": "ana@example.org", "password": PASSWORD});
    let url = |path: &str| format!("{}{path}", server.url);
    let made = client.post(url("/api/v1/users")).json(&account).send().await.unwrap();
    assert_eq!(made.status(), 201);
    let token = client.post(url("/api/v1/tokens")).json(&account).send().await.unwrap();
    let token: Value = serde_json::from_str(&token.text().await.unwrap()).unwrap();
    let token = token["token"].as_str().unwrap();
    let tweet = client.post(url("/api/v2/tweets")).bearer_auth(token).json(&json!({"body": "Hi."}));
    assert_eq!(tweet.send().await.unwrap().status(), 201);
    let fields = [("username", "ana"), ("password", PASSWORD)];
    let logged_in = client.post(url("/login")).form(&fields).send().await.unwrap();
    let cookie = session(logged_in.headers());
    let page = client.get(url("/profile")).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let said = server.finish();
    assert!(said.contains("DEBUG"), "it was told to say everything: {said}");
    let cookie = cookie.split_once('=').unwrap().1;
    for secret in [PASSWORD, token, cookie] {
        assert!(!said.contains(secret), "{}", line_with(&said, secret));
    }
}

/// The first text between two others.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split_once(after).unwrap().0
}

/// What an authenticator app shows now.
fn code(secret: &str) -> String {
    let totp = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap());
    let seconds = u64::try_from(SystemClock.now().unix_ms() / 1000).unwrap();
    totp.build_noncompliant().generate(seconds).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_are_second_factors_and_invitations() {
    let folder = tempfile::tempdir().unwrap();
    let add = ["user", "add", "ana", "ana@example.org"];
    let (done, added) = run(folder.path(), &add, &[("SISKIN_PASSWORD", PASSWORD)]);
    assert!(done, "{added}");
    let server = Server::start(folder.path(), &[("SISKIN_REGISTRATION", "invite")]);
    let client =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let send = async |path: &str, cookie: &str, fields: &[(&str, &str)], status: u16| {
        let request = client.post(format!("{}{path}", server.url)).header("cookie", cookie);
        let response = request.form(fields).send().await.unwrap();
        let (headers, answered) = (response.headers().clone(), response.status());
        let text = response.text().await.unwrap();
        assert_eq!(answered, status, "{path}: {text}");
        (headers, text)
    };
    let password = [("username", "ana"), ("password", PASSWORD)];
    let (headers, _) = send("/login", "", &password, 303).await;
    let own = session(&headers);

    let (_, page) = send("/settings/invitations", &own, &[("expires_in_days", "7")], 200).await;
    let invite = between(&page, "/signup?invite=", "<").to_owned();
    assert_eq!(invite.len(), 22, "{page}");
    let shown = client.get(format!("{}/signup?invite={invite}", server.url)).send().await.unwrap();
    assert_eq!(shown.status(), 200);
    let account = [("username", "ben"), ("email", "ben@example.org"), ("password", PASSWORD)];
    let joining: Vec<_> = account.into_iter().chain([("invite", invite.as_str())]).collect();
    send("/signup", "", &joining, 303).await;

    let app = "/settings/security/app";
    let (_, page) = send(app, &own, &[("password", PASSWORD)], 200).await;
    let secret = between(&page, "secret=", "&").to_owned();
    let setup = between(&page, "name=\"setup\" value=\"", "\"").to_owned();
    let fields = [("setup", setup.as_str()), ("code", &code(&secret))];
    let (_, page) = send(&format!("{app}/code"), &own, &fields, 200).await;
    let recovery: Vec<String> = page
        .split("<code dir=\"ltr\">")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap().to_owned())
        .filter(|code| code.len() == 19)
        .collect();
    assert_eq!(recovery.len(), 10, "{page}");

    let (headers, _) = send("/login", "", &password, 303).await;
    let waiting = cookie(&headers, "siskin_code");
    send("/log-in/code", &waiting, &[("code", "000 000")], 422).await;
    let (headers, _) = send("/log-in/code", &waiting, &[("code", &recovery[0])], 303).await;
    let second = session(&headers);
    let log_in = json!({"username": "ana", "password": PASSWORD, "code": recovery[1]});
    let token = client.post(format!("{}/api/v1/tokens", server.url)).json(&log_in).send().await;
    assert_eq!(token.unwrap().status(), 201);

    let said = added + &server.finish();
    assert!(said.contains("DEBUG"), "it was told to say everything");
    // Letters are told apart nowhere that a code is typed into.
    let said = said.to_lowercase();
    let cookies = [&own, &second, &waiting].map(|cookie| cookie.split_once('=').unwrap().1);
    let codes = recovery.iter().flat_map(|code| [code.clone(), code.replace('-', "")]);
    let all = [PASSWORD, &secret, &setup, &invite].into_iter().chain(cookies).map(str::to_owned);
    for secret in all.chain(codes) {
        let secret = secret.to_lowercase();
        assert!(!said.contains(&secret), "{}", line_with(&said, &secret));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_is_what_they_send_by_http_2() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::new();
    certificate.write(folder.path());
    let tls = [("SISKIN_TLS_CERT", "tls.crt"), ("SISKIN_TLS_KEY", "tls.key")];
    let server = Server::start(folder.path(), &tls);
    let port = server.port();
    let url = |path: &str| format!("https://localhost:{port}{path}");
    let json = |path| Request::post(url(path)).header("content-type", "application/json");
    let account = json!({"username": "ana", "email": "ana@example.org", "password": PASSWORD});
    let made = send(port, &certificate, json("/api/v1/users"), account.to_string()).await;
    assert_eq!(made.0, 201, "{}", made.2);
    let token = send(port, &certificate, json("/api/v1/tokens"), account.to_string()).await;
    let token: Value = serde_json::from_str(&token.2).unwrap();
    let token = token["token"].as_str().unwrap();
    let tweet = json("/api/v2/tweets").header("authorization", format!("Bearer {token}"));
    let tweet = send(port, &certificate, tweet, json!({"body": "Hi."}).to_string()).await;
    assert_eq!(tweet.0, 201, "{}", tweet.2);
    let form =
        Request::post(url("/login")).header("content-type", "application/x-www-form-urlencoded");
    let fields = format!("username=ana&password={PASSWORD}");
    let logged_in = send(port, &certificate, form, fields).await;
    let cookie = session(&logged_in.1);
    let profile = Request::get(url("/profile")).header("cookie", &cookie);
    assert_eq!(send(port, &certificate, profile, String::new()).await.0, 200);
    let said = server.finish();
    assert!(said.contains("TRACE"), "it was told to say everything");
    let cookie = cookie.split_once('=').unwrap().1;
    for secret in [PASSWORD, token, cookie] {
        assert!(!said.contains(secret), "{}", line_with(&said, secret));
    }
}

/// The session's cookie, as a browser would send it back.
fn session(headers: &http::HeaderMap) -> String {
    cookie(headers, "siskin_session")
}

/// The same for any cookie.
fn cookie(headers: &http::HeaderMap, name: &str) -> String {
    let lines = headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
    let line = lines.into_iter().find(|line| line.contains(&format!("{name}="))).unwrap();
    line.split(';').next().unwrap().to_owned()
}

fn line_with<'a>(said: &'a str, secret: &str) -> &'a str {
    said.lines().find(|line| line.contains(secret)).unwrap_or_default()
}
