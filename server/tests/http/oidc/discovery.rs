//! Asking a provider what it is: when, how often, and what is not taken for an answer.

use openidconnect::url::Url;
use serde_json::json;
use siskin_server::oidc::OidcError;

use super::double::Discovery;
use super::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_is_asked_when_it_is_needed_and_then_once_an_hour() {
    let stage = Stage::new().await;
    assert_eq!(stage.double.asked("description"), 0);
    for _ in 0..3 {
        stage.begin().await.unwrap();
    }
    assert_eq!(stage.double.asked("description"), 1);
    stage.clock.forward_ms(3_600_001);
    stage.begin().await.unwrap();
    assert_eq!(stage.double.asked("description"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_description_is_not_taken_for_one() {
    for (how, why) in [
        (Discovery::Failing, "500"),
        (Discovery::Silent, "took too long"),
        (Discovery::Endless, "longer than 262144 bytes"),
        (Discovery::Elsewhere, "307"),
        (Discovery::NotJson, "text/plain"),
    ] {
        let stage = match how {
            Discovery::Silent => Stage::impatient().await,
            _ => Stage::new().await,
        };
        stage.double.now(|script| script.discovery = how);
        let error = stage.begin().await.unwrap_err();
        assert!(matches!(&error, OidcError::Unreachable(text) if text.contains(why)), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_description_of_somebody_else_or_of_an_unsafe_place_is_refused() {
    for (part, value, why) in [
        ("issuer", "https://accounts.google.com", "unexpected issuer"),
        ("jwks_uri", "http://10.0.0.1/keys", "neither https nor on this machine"),
        ("jwks_uri", "file:///etc/passwd", "can't be used now"),
        ("authorization_endpoint", "javascript:alert(1)", "not https"),
    ] {
        let stage = Stage::new().await;
        stage.double.now(|script| script.description[part] = json!(value));
        let error = stage.begin().await.unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
    let stage = Stage::new().await;
    stage.double.now(|script| script.description["token_endpoint"] = json!("http://10.0.0.1/t"));
    let error = stage.refused().await;
    assert!(error.to_string().contains("neither https nor"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_in_trouble_is_left_in_peace_and_an_old_description_serves_meanwhile() {
    let stage = Stage::new().await;
    stage.double.now(|script| script.discovery = Discovery::Failing);
    for _ in 0..3 {
        stage.begin().await.unwrap_err();
    }
    assert_eq!(stage.double.asked("description"), 1);
    stage.double.now(|script| script.discovery = Discovery::Well);
    stage.clock.forward_ms(10_001);
    stage.begin().await.unwrap();
    stage.double.now(|script| script.discovery = Discovery::Failing);
    stage.clock.forward_ms(3_600_001);
    stage.begin().await.unwrap();
    stage.begin().await.unwrap();
    assert_eq!(stage.double.asked("description"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_sent_with_what_ties_the_way_back_to_them() {
    let stage = Stage::new().await;
    let (one, other) = (stage.begin().await.unwrap(), stage.begin().await.unwrap());
    let part = |url: &str, name: &str| {
        let url = Url::parse(url).unwrap();
        url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned()
    };
    let back = "https://siskin.example/log-in/with/double/callback";
    assert_eq!(part(&one, "redirect_uri"), back);
    for name in ["state", "nonce", "code_challenge"] {
        assert_eq!(part(&one, name).len(), 43);
        assert_ne!(part(&one, name), part(&other, name));
    }
}
