//! Joining where not everybody may: by invitation, or not at all.

use reqwest::Method;
use serde_json::{Value, json};
use siskin_domain::Role;
use siskin_server::application::{Inviters, Registration};

use crate::app::{Answer, App, PASSWORD, Person, send};

const PATH: &str = "/api/v1/invitations";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

async fn app(registration: Registration) -> App {
    App::start_with(|rules| rules.community.registration = registration).await
}

/// Somebody whom the operator added.
async fn added(app: &App, username: &str) -> Person {
    let open = app.beside(|rules| rules.community.registration = Registration::Open).await;
    let person = open.sign_up(username).await;
    Person { token: app.log_in(username).await, ..person }
}

async fn invite(app: &App, who: &Person, uses: u64) -> Value {
    app.post_as(who, PATH, &json!({"uses": uses})).await.expect(201)
}

fn code(made: &Value) -> String {
    made["code"].as_str().unwrap().to_owned()
}

fn newcomer(name: &str, invite: Option<&str>) -> Value {
    let email = format!("{name}@example.org");
    json!({"username": name, "email": email, "password": PASSWORD, "invite": invite})
}

async fn join(app: &App, name: &str, invite: &str) -> Answer {
    app.post("/api/v1/users", &newcomer(name, Some(invite))).await
}

fn links_to_sign_up(page: &str) -> Vec<&str> {
    page.split('<').filter(|tag| tag.contains("href=\"/signup\"")).collect()
}

async fn form(app: &App, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    send(app.request(Method::POST, path).header("cookie", cookie).form(fields)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn by_an_invitation_one_joins_once() {
    let app = app(Registration::Invite).await;
    let ana = added(&app, "ana").await;
    let made = app.post_as(&ana, PATH, &json!({"name": "For Ben"})).await.expect(201);
    let code = code(&made);
    assert_eq!(made["link"], format!("http://127.0.0.1:3000/signup?invite={code}"));
    let user = join(&app, "ben", &code).await.expect(201);
    join(&app, "cleo", &code).await.refused(422, "invitation_invalid", Some("invite"));

    let list = app.get_as(&ana, PATH).await.expect(200);
    let one = &list["invitation_list"][0];
    assert_eq!((&one["name"], &one["uses"]), (&json!("For Ben"), &json!(1)));
    assert_eq!(one["came"], json!([user["user"]["id"]]));
    assert_eq!(one["id"], made["invitation"]["id"]);
    assert!(!list.to_string().contains(&code), "the code is shown once");
    assert!(!String::from_utf8_lossy(&app.bytes_in_store().await).contains(&code));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_invitation_nobody_joins_and_nobody_learns_who_is_there() {
    let app = app(Registration::Invite).await;
    added(&app, "ana").await;
    for name in ["ana", "ben"] {
        let refused = app.post("/api/v1/users", &newcomer(name, None)).await;
        refused.refused(403, "invitation_required", None);
        for wrong in ["", "x", "AAAAAAAAAAAAAAAAAAAAAA", &"x".repeat(65)] {
            let refused = join(&app, name, wrong).await;
            refused.refused(422, "invitation_invalid", Some("invite"));
        }
    }
    let mistyped = json!({"username": "ben", "email": "b@example.org", "password": PASSWORD,
                          "invite": 1});
    app.post("/api/v1/users", &mistyped).await.refused(400, "key_type_wrong", Some("invite"));
    let info = app.get("/api/v1/info").await.expect(200);
    assert_eq!((&info["public"], &info["registration"]), (&json!(true), &json!("invite")));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_at_once_as_many_get_in_as_the_invitation_is_for() {
    let app = app(Registration::Invite).await;
    let ana = added(&app, "ana").await;
    let code = code(&invite(&app, &ana, 1).await);
    let all = (0..100).map(|n| {
        let (app, code) = (&app, &code);
        async move { join(app, &format!("guest{n}"), code).await.status }
    });
    let mut statuses = futures::future::join_all(all).await;
    statuses.sort_unstable();
    assert_eq!(statuses[0], 201);
    assert!(statuses[1..].iter().all(|status| *status == 422), "{statuses:?}");
    let people = app.get("/api/v1/users").await.expect(200);
    assert_eq!(people["user_list"].as_array().unwrap().len(), 2);

    let code = self::code(&invite(&app, &ana, 10).await);
    let all = (0..12).map(|n| {
        let (app, code) = (&app, &code);
        async move { join(app, &format!("friend{n}"), code).await.status }
    });
    let statuses = futures::future::join_all(all).await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 10, "{statuses:?}");
    let list = app.get_as(&ana, PATH).await.expect(200);
    assert_eq!(list["invitation_list"][0]["came"].as_array().unwrap().len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_up_that_fails_uses_nothing_up_and_a_repeated_one_once() {
    let app = app(Registration::Invite).await;
    let ana = added(&app, "ana").await;
    let code = code(&invite(&app, &ana, 2).await);
    join(&app, "ana", &code).await.refused(409, "username_taken", Some("username"));
    for _ in 0..2 {
        let request = app.request(Method::POST, "/api/v1/users");
        let body = newcomer("ben", Some(&code));
        let answer = send(request.header("idempotency-key", "k").json(&body)).await;
        assert_eq!(answer.expect(201)["user"]["username"], "ben");
    }
    join(&app, "cleo", &code).await.expect(201);
    join(&app, "dana", &code).await.refused(422, "invitation_invalid", Some("invite"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_ends_when_it_is_revoked_expires_or_its_owner_may_invite_no_more() {
    let app = app(Registration::Invite).await;
    let (ana, ben) = (added(&app, "ana").await, added(&app, "ben").await);
    let made = invite(&app, &ana, 5).await;
    let path = format!("{PATH}/{}", made["invitation"]["id"]);
    app.delete_as(&ben, &path, None).await.refused(404, "not_found", None);
    app.delete_as(&ana, &path, None).await.expect(200);
    app.delete_as(&ana, &path, None).await.refused(404, "not_found", None);
    let refused = join(&app, "cleo", &code(&made)).await;
    refused.refused(422, "invitation_invalid", Some("invite"));

    let code = code(&invite(&app, &ana, 5).await);
    let strict = app.beside(|rules| rules.community.inviters = Inviters::Moderators).await;
    let refused = join(&strict, "cleo", &code).await;
    refused.refused(422, "invitation_invalid", Some("invite"));
    app.promote(&ana, Role::Moderator).await;
    join(&strict, "cleo", &code).await.expect(201);
    app.clock.forward_ms(7 * DAY_MS + 1000);
    let refused = join(&app, "dana", &code).await;
    refused.refused(422, "invitation_invalid", Some("invite"));

    let code = self::code(&invite(&app, &ben, 5).await);
    app.delete_as(&ben, "/api/v1/users", Some(&json!({"username": "ben"}))).await.expect(200);
    let refused = join(&app, "dana", &code).await;
    refused.refused(422, "invitation_invalid", Some("invite"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_invite_is_for_the_operator_to_say() {
    let app = App::start_with(|rules| {
        rules.community.registration = Registration::Invite;
        rules.community.inviters = Inviters::Admins;
    })
    .await;
    let ana = added(&app, "ana").await;
    for role in [Role::User, Role::Moderator] {
        app.promote(&ana, role).await;
        app.post_as(&ana, PATH, &json!({})).await.refused(403, "not_inviter", None);
    }
    app.promote(&ana, Role::Admin).await;
    app.post_as(&ana, PATH, &json!({})).await.expect(201);
    for registration in [Registration::Open, Registration::Closed] {
        let other = app.beside(|rules| rules.community.registration = registration).await;
        other.post_as(&ana, PATH, &json!({})).await.refused(403, "invitations_off", None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_have_limits() {
    let app = app(Registration::Invite).await;
    let ana = added(&app, "ana").await;
    for (key, value, code) in [
        ("uses", json!(0), "uses_invalid"),
        ("uses", json!(101), "uses_invalid"),
        ("uses", json!(257), "uses_invalid"),
        ("expires_in_days", json!(0), "expires_in_days_invalid"),
        ("expires_in_days", json!(31), "expires_in_days_invalid"),
        ("name", json!("x".repeat(51)), "name_too_long"),
    ] {
        app.post_as(&ana, PATH, &json!({key: value})).await.refused(422, code, Some(key));
    }
    let body = json!({"uses": "1"});
    app.post_as(&ana, PATH, &body).await.refused(400, "key_type_wrong", Some("uses"));
    let most = json!({"uses": 100, "expires_in_days": 30, "name": "x".repeat(50)});
    for _ in 0..20 {
        app.post_as(&ana, PATH, &most).await.expect(201);
    }
    app.post_as(&ana, PATH, &most).await.refused(422, "invitations_too_many", None);
    let list = app.get_as(&ana, PATH).await.expect(200);
    assert_eq!(list["invitation_list"].as_array().unwrap().len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_wish_makes_one_invitation() {
    let app = app(Registration::Invite).await;
    let ana = added(&app, "ana").await;
    let mut codes = Vec::new();
    for _ in 0..2 {
        let request = app.request(Method::POST, PATH).bearer_auth(&ana.token);
        let answer = send(request.header("idempotency-key", "k").json(&json!({}))).await;
        codes.push(code(&answer.expect(201)));
    }
    assert_eq!(codes[0], codes[1]);
    let list = app.get_as(&ana, PATH).await.expect(200);
    assert_eq!(list["invitation_list"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_comes_by_a_link_on_pages_alone() {
    let app = app(Registration::Invite).await;
    let ana = added(&app, "ana").await;
    let cookie = app.cookie(&ana).await;
    let made = form(&app, "/settings/invitations", &cookie, &[("expires_in_days", "7")]).await;
    assert_eq!((made.status, made.header("cache-control")), (200, "no-store"));
    let at = made.text.find("/signup?invite=").unwrap();
    let link: String = made.text[at..].chars().take_while(|c| *c != '<').collect();
    let page = app.get(&link).await;
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
    let code = link.split_once('=').unwrap().1;
    assert!(page.text.contains(&format!("name=\"invite\" value=\"{code}\"")), "{}", page.text);
    assert!(!page.text.contains("<script type=\"module\""), "the app has another form there");

    // What is wrong is said on the page, with what was typed and the invitation.
    let wrong = [("invite", code), ("username", "ben"), ("email", "nowhere"), ("password", "x")];
    let again = form(&app, "/signup", "", &wrong).await;
    assert_eq!(again.status, 422);
    for kept in ["value=\"ben\"", "value=\"nowhere\"", &format!("value=\"{code}\"")] {
        assert!(again.text.contains(kept), "{kept}: {}", again.text);
    }
    // Links lead there past the app, which has another form; also from pages that have it.
    for path in ["/", "/login"] {
        let page = app.get(path).await.text;
        let links = links_to_sign_up(&page);
        assert!(!links.is_empty(), "{path}");
        assert!(links.iter().all(|tag| tag.contains("rel=\"external\"")), "{path}: {links:?}");
    }
    let right = [
        ("invite", code),
        ("username", "ben"),
        ("email", "ben@example.org"),
        ("password", PASSWORD),
    ];
    let joined = form(&app, "/signup", "", &right).await;
    assert_eq!((joined.status, joined.header("location")), (303, "/"));
    assert!(joined.header("set-cookie").contains("siskin_session="));

    let right = right.map(|(name, value)| (name, if value == "ben" { "cleo" } else { value }));
    let second = form(&app, "/signup", "", &right).await;
    assert!(second.status == 422 && second.text.contains("is used up"), "{}", second.text);
    let page = app.get(&link).await;
    assert!(page.status == 404 && page.text.contains("is used up"), "{}", page.text);
    let mine = app.request(Method::GET, "/settings/invitations").header("cookie", &cookie);
    let mine = send(mine).await;
    assert!(mine.text.contains("1 of 1 used") && mine.text.contains("/@ben"), "{}", mine.text);

    let list = app.get_as(&ana, PATH).await.expect(200);
    let path = format!("/settings/invitations/{}/revoke", list["invitation_list"][0]["id"]);
    for _ in 0..2 {
        let revoked = form(&app, &path, &cookie, &[]).await;
        assert_eq!((revoked.status, revoked.header("location")), (303, "/settings/invitations"));
    }
    assert_eq!(app.get_as(&ana, PATH).await.expect(200)["invitation_list"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_keeps_what_was_typed_and_says_who_may_not_invite() {
    let app = app(Registration::Invite).await;
    let ana = added(&app, "ana").await;
    let cookie = app.cookie(&ana).await;
    let wrong = [("name", "Choir"), ("uses", "1000"), ("expires_in_days", "30")];
    let again = form(&app, "/settings/invitations", &cookie, &wrong).await;
    assert_eq!(again.status, 422);
    for kept in ["value=\"Choir\"", "value=\"1000\"", "value=\"30\" selected", "1 to 100 people"] {
        assert!(again.text.contains(kept), "{kept}: {}", again.text);
    }
    for path in ["/profile", "/settings/sessions"] {
        let settings = app.request(Method::GET, path).header("cookie", &cookie);
        assert!(send(settings).await.text.contains("href=\"/settings/invitations\""), "{path}");
    }
    let strict = app.beside(|rules| rules.community.inviters = Inviters::Admins).await;
    for path in ["/profile", "/settings/sessions"] {
        let settings = strict.request(Method::GET, path).header("cookie", &cookie);
        assert!(!send(settings).await.text.contains("/settings/invitations"), "{path}");
    }
    let request = strict.request(Method::GET, "/settings/invitations").header("cookie", &cookie);
    let page = send(request).await;
    assert!(page.text.contains("You may not invite people here."), "{}", page.text);
    assert!(!page.text.contains("action=\"/settings/invitations\""));
    assert!(!page.text.contains("You have invited nobody."), "one reason is enough");
    let made = form(&strict, "/settings/invitations", &cookie, &[("expires_in_days", "7")]).await;
    assert_eq!(made.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_joining_is_closed_only_the_operator_adds_people() {
    let app = app(Registration::Closed).await;
    let refused = app.post("/api/v1/users", &newcomer("ben", Some("x"))).await;
    refused.refused(403, "registration_closed", None);
    let page = app.get("/signup").await;
    assert!(page.status == 200 && page.text.contains("Nobody can sign up here"), "{}", page.text);
    assert!(!page.text.contains("name=\"username\""));
    let fields = [("username", "ben"), ("email", "ben@example.org"), ("password", PASSWORD)];
    let sent = form(&app, "/signup", "", &fields).await;
    assert!(sent.status == 403 && sent.text.contains("Nobody can sign up here"), "{}", sent.text);
    added(&app, "ana").await;
    let invited = app.get("/signup?invite=x").await;
    assert!(invited.text.contains("Nobody can sign up here"), "{}", invited.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_everybody_may_join_an_invitation_is_not_looked_at() {
    let app = app(Registration::Open).await;
    join(&app, "ana", "whatever").await.expect(201);
    let page = app.get("/signup?invite=whatever").await;
    assert!(page.status == 200 && page.text.contains("name=\"username\""));
    let long = "x".repeat(65);
    join(&app, "ben", &long).await.refused(422, "invitation_invalid", Some("invite"));
}
