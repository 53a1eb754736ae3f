//! OpenID providers at the real executable: how they are named, and that it says nothing of what
//! passes between them.

use openidconnect::url::Url;

use crate::double::{CLIENT_ID, CLIENT_SECRET, Double};
use crate::executable::{Server, run};

#[test]
fn half_a_provider_stops_the_start_with_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let half = [
        ("SISKIN_OIDC_ACME_ISSUER", "https://acme.example"),
        ("SISKIN_OIDC_ACME_CLIENT_SECRET", "canary"),
    ];
    let (done, said) = run(folder.path(), &["serve"], &half);
    assert!(!done && said.starts_with("siskin: SISKIN_OIDC_ACME_CLIENT_ID is missing"), "{said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    assert!(!said.contains("canary"), "{said}");
    let (done, help) = run(folder.path(), &["serve", "--help"], &[]);
    assert!(done && help.contains("SISKIN_OIDC_<NAME>_ISSUER"), "{help}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_between_provider_and_server_is_in_no_output() {
    let folder = tempfile::tempdir().unwrap();
    let double = Double::start().await;
    std::fs::write(folder.path().join("secret"), CLIENT_SECRET).unwrap();
    let server = Server::start(
        folder.path(),
        &[
            ("SISKIN_OIDC_ACME_ISSUER", &double.issuer),
            ("SISKIN_OIDC_ACME_CLIENT_ID", CLIENT_ID),
            ("SISKIN_OIDC_ACME_CLIENT_SECRET_FILE", "secret"),
        ],
    );
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .cookie_store(true)
        .build()
        .unwrap();
    let start = client.post(format!("{}/log-in/with/acme", server.url));
    let start = start.header("accept", "application/json").form(&[("a", "b")]);
    let start = start.send().await.unwrap();
    let cookie = start.headers()["set-cookie"].to_str().unwrap().to_owned();
    let cookie = cookie.split(['=', ';']).nth(1).unwrap().to_owned();
    let text = start.text().await.unwrap();
    let start: serde_json::Value = serde_json::from_str(&text).unwrap();
    let back = double.agree(start["location"].as_str().unwrap());
    let url = Url::parse_with_params(
        &format!("{}/log-in/with/acme/callback", server.url),
        back.iter().map(|(name, value)| (*name, value.as_str())),
    );
    let arrived = client.get(url.unwrap().as_str()).send().await.unwrap();
    assert_eq!(arrived.headers()["location"], "/log-in/finish");
    let page = client.get(format!("{}/log-in/finish", server.url)).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("ana@double.example"));
    let said = server.finish();
    assert!(said.contains("TRACE"), "it was told to say everything");
    let secrets =
        [CLIENT_SECRET, &cookie, &back[0].1, &back[1].1, "an access token", "ana@double.example"];
    for secret in secrets {
        assert!(!said.contains(secret), "{secret}: {said}");
    }
}
