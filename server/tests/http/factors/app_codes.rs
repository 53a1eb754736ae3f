//! An authenticator app and its recovery codes: set up, renewed, switched off.

use serde_json::json;
use siskin_domain::Username;

use super::{between, code, page, recovery_codes, send_form, with_app};
use crate::app::{App, PASSWORD};

const APP: &str = "/settings/security/app";

#[tokio::test(flavor = "multi_thread")]
async fn an_app_counts_only_after_a_right_code() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let cookie = app.cookie(&ana).await;
    let wrong = send_form(&app, APP, &cookie, &[("password", "wrong password")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("That is not the current password."), "{}", wrong.text);

    let shown = send_form(&app, APP, &cookie, &[("password", PASSWORD)]).await;
    assert_eq!((shown.status, shown.header("cache-control")), (200, "no-store"));
    for part in ["otpauth://totp/Siskin:ana%40", "<svg", "<path d=\"M"] {
        assert!(shown.text.contains(part), "{part} in {}", shown.text);
    }
    assert!(!shown.text.contains("style="), "the policy allows no style attributes");
    let secret = between(&shown.text, "secret=", "&").to_owned();
    let token = between(&shown.text, "name=\"setup\" value=\"", "\"").to_owned();
    let path = format!("{APP}/code");
    let bad = send_form(&app, &path, &cookie, &[("setup", &token), ("code", "000 000")]).await;
    assert_eq!(bad.status, 422);
    assert!(bad.text.contains(&format!("secret={secret}")), "the same secret is shown again");
    app.log_in("ana").await;

    let right = [("setup", token.as_str()), ("code", &code(&app, &secret))];
    // Nobody else finishes it, even with everything right.
    let ben = app.sign_up("ben").await;
    let bens = app.cookie(&ben).await;
    assert_eq!(send_form(&app, &path, &bens, &right).await.status, 422);
    let done = send_form(&app, &path, &cookie, &right).await;
    assert_eq!(done.status, 200);
    assert_eq!(recovery_codes(&done.text).len(), 10);
    let again = send_form(&app, &path, &cookie, &right).await;
    assert_eq!(again.status, 422, "it was finished");
    let log_in = json!({"username": "ana", "password": PASSWORD});
    app.post("/api/v1/tokens", &log_in).await.refused(401, "second_factor_required", Some("code"));
    let own = app.get_as(&ana, "/api/v1/factors").await.expect(200);
    assert_eq!(own["recovery_codes_left"], 10);
    assert!(own["authenticator_app_since"].is_string() && own["passkeys"] == json!([]), "{own}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_is_over_after_five_minutes() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let cookie = app.cookie(&ana).await;
    let shown = send_form(&app, APP, &cookie, &[("password", PASSWORD)]).await;
    let secret = between(&shown.text, "secret=", "&").to_owned();
    let token = between(&shown.text, "name=\"setup\" value=\"", "\"").to_owned();
    app.clock.forward_ms(5 * 60 * 1000);
    let late = [("setup", token.as_str()), ("code", &code(&app, &secret))];
    let late = send_form(&app, &format!("{APP}/code"), &cookie, &late).await;
    assert_eq!(late.status, 422);
    assert!(late.text.contains("Begin again"), "{}", late.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn new_recovery_codes_end_the_old_ones() {
    let app = App::start().await;
    let ana = with_app(&app, "ana").await;
    let path = "/settings/security/codes";
    let form = [("password", PASSWORD), ("code", "123456")];
    assert_eq!(send_form(&app, path, &ana.cookie, &form).await.status, 422);
    let form = [("password", PASSWORD), ("code", ana.recovery[0].as_str())];
    let renewed = send_form(&app, path, &ana.cookie, &form).await;
    assert_eq!(renewed.status, 200, "{}", renewed.text);
    let fresh = recovery_codes(&renewed.text);
    assert_eq!(fresh.len(), 10);
    let mut log_in = json!({"username": "ana", "password": PASSWORD, "code": ana.recovery[1]});
    app.post("/api/v1/tokens", &log_in).await.refused(401, "bad_credentials", None);
    log_in["code"] = json!(fresh[1]);
    app.post("/api/v1/tokens", &log_in).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_switched_off_with_password_and_code() {
    let app = App::start().await;
    let ana = with_app(&app, "ana").await;
    let path = "/settings/security/app/remove";
    let right = code(&app, &ana.secret);
    for (password, code) in [("wrong password", right.as_str()), (PASSWORD, "000000"), ("", "")] {
        let form = [("password", password), ("code", code)];
        assert_eq!(send_form(&app, path, &ana.cookie, &form).await.status, 422);
    }
    let form = [("password", PASSWORD), ("code", right.as_str())];
    let off = send_form(&app, path, &ana.cookie, &form).await;
    assert_eq!((off.status, off.header("location")), (303, "/settings/security"));
    app.log_in("ana").await;
    let own = app.get_as(&ana.person, "/api/v1/factors").await.expect(200);
    assert_eq!(
        (&own["recovery_codes_left"], &own["authenticator_app_since"]),
        (&json!(0), &json!(null))
    );
    let none = send_form(&app, path, &ana.cookie, &form).await;
    assert_eq!(none.status, 404);
    let shown = page(&app, &ana.cookie, "/settings/security").await;
    assert!(shown.text.contains("Set up an authenticator app"), "{}", shown.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_takes_all_factors_away() {
    let app = App::start().await;
    let ana = with_app(&app, "ana").await;
    let name = Username::parse("ana").unwrap();
    let removed = app.services.factors.reset(&name).await.unwrap();
    assert_eq!((removed.app, removed.recovery_codes, removed.passkeys), (true, 10, 0));
    app.log_in("ana").await;
    assert_eq!(page(&app, &ana.cookie, "/settings/security").await.status, 200, "sessions stay");
    let nobody = Username::parse("nobody").unwrap();
    assert!(app.services.factors.reset(&nobody).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_codes_are_not_in_the_store() {
    let app = App::start().await;
    let ana = with_app(&app, "ana").await;
    let bytes = app.bytes_in_store().await;
    for code in &ana.recovery {
        for text in [code.clone(), code.replace('-', "")] {
            assert!(!bytes.windows(text.len()).any(|window| window == text.as_bytes()));
        }
    }
}
