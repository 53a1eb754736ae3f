//! Which ID tokens are believed, told by a provider's double.

use serde_json::json;
use siskin_server::application::OsEntropy;
use siskin_server::oidc::{Ceremony, Claims, OidcError};

use super::double::{Forgery, Key, Signature};
use super::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_right_tells_who_has_come() {
    let stage = Stage::new().await;
    let arrival = stage.arrive().await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(arrival.identity.issuer, stage.double.issuer);
    assert_eq!(arrival.identity.subject, "248289761001");
    let told = Claims {
        email: Some("ana@double.example".to_owned()),
        name: Some("Ana of the double".to_owned()),
        username: Some("ana".to_owned()),
    };
    assert_eq!(stage.provider().describe(&arrival).await, told);
    assert_eq!(stage.double.asked("userinfo"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_with_a_wrong_claim_is_not_believed() {
    let stage = Stage::new().await;
    let forgeries: [(&str, Forgery); 18] = [
        ("another nonce", |_, claims| claims["nonce"] = json!("another")),
        ("no nonce", |_, claims| drop(claims.as_object_mut().unwrap().remove("nonce"))),
        ("another audience", |_, claims| claims["aud"] = json!("another client")),
        ("no audience", |_, claims| drop(claims.as_object_mut().unwrap().remove("aud"))),
        ("one audience more", |_, claims| claims["aud"] = json!([claims["aud"], "another"])),
        ("made for another party", |_, claims| claims["azp"] = json!("another client")),
        ("another issuer", |_, claims| claims["iss"] = json!("http://127.0.0.1:1")),
        ("no issuer", |_, claims| drop(claims.as_object_mut().unwrap().remove("iss"))),
        ("expired", |_, claims| claims["exp"] = json!(claims["iat"].as_i64().unwrap() - 90)),
        ("no end", |_, claims| drop(claims.as_object_mut().unwrap().remove("exp"))),
        ("of yesterday", |_, claims| {
            claims["iat"] = json!(claims["iat"].as_i64().unwrap() - 86_400)
        }),
        ("of tomorrow", |_, claims| {
            claims["iat"] = json!(claims["iat"].as_i64().unwrap() + 86_400)
        }),
        ("an empty subject", |_, claims| claims["sub"] = json!("")),
        ("a long subject", |_, claims| claims["sub"] = json!("1".repeat(256))),
        ("no subject", |_, claims| drop(claims.as_object_mut().unwrap().remove("sub"))),
        ("another access token", |_, claims| claims["at_hash"] = json!("AAAAAAAAAAAAAAAAAAAAAA")),
        ("an unknown rule", |header, _| header["crit"] = json!(["exp"])),
        ("a token in a token", |header, _| header["cty"] = json!("JWT")),
    ];
    for (what, forge) in forgeries {
        stage.double.now(|script| script.forge = forge);
        let error = stage.refused().await;
        assert!(!matches!(error, OidcError::CodeRefused(_)), "{what}: {error}");
        assert!(!error.to_string().contains("248289761001"), "{what}: {error}");
    }
    stage.double.now(|script| script.forge = |_, _| {});
    assert!(stage.arrive().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_may_differ_a_little() {
    let stage = Stage::new().await;
    stage.double.now(|script| {
        script.forge = |_, claims| claims["exp"] = json!(claims["iat"].as_i64().unwrap() - 30);
    });
    assert!(stage.arrive().await.is_ok());
    stage.double.now(|script| {
        script.forge = |_, claims| claims["iat"] = json!(claims["iat"].as_i64().unwrap() + 30);
    });
    assert!(stage.arrive().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_that_others_can_make_is_none() {
    let stage = Stage::new().await;
    for signature in [
        Signature::Nothing,
        Signature::WithPublicKey,
        Signature::WithClientSecret,
        Signature::Strange,
    ] {
        stage.double.now(|script| script.signature = signature);
        let error = stage.refused().await;
        // An unsigned token can't even be read, so the whole answer can't.
        let unsigned = matches!(signature, Signature::Nothing);
        assert!(matches!(error, OidcError::Untrusted(_)) || unsigned, "{error}");
    }
    stage.double.now(|script| script.id_token = false);
    assert_eq!(stage.refused().await, OidcError::Untrusted("there is none"));
}

#[tokio::test(flavor = "multi_thread")]
async fn new_keys_are_looked_for_once_a_minute() {
    let stage = Stage::new().await;
    assert!(stage.arrive().await.is_ok());
    stage.double.now(|script| {
        script.keys = vec![Key::new("second")];
    });
    assert!(stage.arrive().await.is_ok(), "the first change is seen at once");
    assert_eq!(stage.double.asked("keys"), 2);

    // A key that is nowhere: one look, and then peace for a minute.
    stage.double.now(|script| script.forge = |header, _| header["kid"] = json!("nowhere"));
    for _ in 0..3 {
        assert!(matches!(stage.refused().await, OidcError::Untrusted(_)));
    }
    assert_eq!(stage.double.asked("keys"), 2);
    stage.clock.forward_ms(61_000);
    for _ in 0..3 {
        stage.refused().await;
    }
    assert_eq!(stage.double.asked("keys"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_under_an_old_name_is_seen_too() {
    let stage = Stage::new().await;
    assert!(stage.arrive().await.is_ok());
    stage.double.now(|script| script.keys = vec![Key::new("first")]);
    assert!(stage.arrive().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_taken_once_and_from_who_asked_for_it() {
    let stage = Stage::new().await;
    let (ceremony, provider) = (Ceremony::new(&OsEntropy), stage.provider());
    let agree = || async {
        let back = stage.double.agree(&provider.begin(&ceremony).await.unwrap());
        back.into_iter().find(|(name, _)| *name == "code").unwrap().1
    };
    let code = agree().await;
    assert!(provider.arrive(&ceremony, code.clone()).await.is_ok());
    let refused = OidcError::CodeRefused("invalid_grant".to_owned());
    assert_eq!(provider.arrive(&ceremony, code).await.err(), Some(refused.clone()));
    let stolen = agree().await;
    assert_eq!(provider.arrive(&Ceremony::new(&OsEntropy), stolen).await.err(), Some(refused));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sent_the_person_must_be_the_one_they_went_to() {
    let stage = Stage::new().await;
    let (provider, issuer) = (stage.provider(), stage.double.issuer.clone());
    assert!(provider.check_sender(Some(&issuer)).await.is_ok());
    for iss in [None, Some(""), Some("https://other.example")] {
        assert!(matches!(provider.check_sender(iss).await, Err(OidcError::Untrusted(_))));
    }
    stage.double.now(|script| {
        script.description["authorization_response_iss_parameter_supported"] = json!(false);
    });
    stage.clock.forward_ms(3_600_001);
    assert!(provider.check_sender(None).await.is_ok());
    assert!(provider.check_sender(Some("https://other.example")).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_token_leaves_out_is_asked_for_and_an_unverified_address_is_not_told() {
    let stage = Stage::new().await;
    stage.double.now(|script| {
        script.claims_in_token = false;
        script.userinfo = Some(script.person.clone());
    });
    let arrival = stage.arrive().await.unwrap_or_else(|error| panic!("{error}"));
    let claims = stage.provider().describe(&arrival).await;
    assert_eq!(claims.email.as_deref(), Some("ana@double.example"));
    for (key, value) in [("email_verified", json!(false)), ("sub", json!("another"))] {
        stage.double.now(|script| {
            let mut told = script.person.clone();
            told[key] = value;
            script.userinfo = Some(told);
        });
        assert_eq!(stage.provider().describe(&arrival).await.email, None);
    }
    stage.double.now(|script| script.userinfo = None);
    assert_eq!(stage.provider().describe(&arrival).await, Claims::default());
}
