//! What ends while a request is on its way: it is as if the request had come after the end.

use std::time::Duration;

use bytes::Bytes;
use futures::SinkExt as _;
use futures::channel::mpsc;
use reqwest::{Body, Method, RequestBuilder};
use serde_json::json;
use siskin_domain::{Event, Role, StreamId, UserId, user::UserEvent};
use siskin_server::storage::{Append, Effect, Expected, StoredHash};

use crate::app::{Answer, App, PASSWORD, Person, send};

/// Sends a request whose last byte comes only after `meanwhile`.
async fn late(
    request: RequestBuilder,
    body: &str,
    wait: Duration,
    meanwhile: impl Future<Output = ()>,
) -> Answer {
    let (mut pieces, rest) = mpsc::channel::<std::io::Result<Bytes>>(1);
    let (first, last) = body.split_at(body.len() - 1);
    let (first, last) = (Bytes::from(first.to_owned()), Bytes::from(last.to_owned()));
    let asking = tokio::spawn(send(request.body(Body::wrap_stream(rest))));
    pieces.send(Ok(first)).await.unwrap();
    tokio::time::sleep(wait).await;
    meanwhile.await;
    pieces.send(Ok(last)).await.unwrap();
    drop(pieces);
    asking.await.unwrap()
}

async fn end_all(app: &App, who: &Person) {
    let id = UserId::new(who.id).unwrap();
    append(app, id, Vec::new(), vec![Effect::EndSessions { user: id, except: None }]).await;
}

async fn append(app: &App, user: UserId, events: Vec<Event>, effects: Vec<Effect>) {
    let append = Append {
        stream: if events.is_empty() { StreamId::Logins(user) } else { StreamId::User(user) },
        expected: Expected::Any,
        events,
        at: siskin_server::application::Clock::now(&*app.clock),
        actor: Some(user),
        effects,
    };
    app.services.store.append(append).await.unwrap();
    // As the process that has done it forgets whom it knew.
    app.clock.forward_ms(2_000);
}

const A_MOMENT: Duration = Duration::from_millis(300);
/// Longer than anybody is believed to be who they were.
const LONG: Duration = Duration::from_millis(1_200);

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_ends_after_its_session_makes_no_token() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let request = app
        .request(Method::POST, "/settings/tokens")
        .header("cookie", app.cookie(&ana).await)
        .header("content-type", "application/x-www-form-urlencoded");
    let body = "name=x&scopes=read&scopes=write&expires_in_days=3650";
    let answer = late(request, body, A_MOMENT, end_all(&app, &ana)).await;
    assert_ne!(answer.status, 200, "{}", answer.text);
    let id = UserId::new(ana.id).unwrap();
    let now = siskin_server::application::Clock::now(&*app.clock);
    assert_eq!(app.services.store.sessions_of(id, now, 100).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_ends_after_its_token_changes_nothing() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    for (method, path, body) in [
        (Method::POST, "/api/v2/tweets".to_owned(), json!({"body": "late"})),
        (Method::PUT, format!("/api/v1/users/{}", ana.id), json!({"email": "evil@example.org"})),
    ] {
        let who = Person { token: app.log_in("ana").await, ..ana.clone() };
        let request = app.request(method, &path).bearer_auth(&who.token);
        let request = request.header("content-type", "application/json");
        let answer = late(request, &body.to_string(), LONG, end_all(&app, &who)).await;
        answer.refused(401, "token_invalid", None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_admin_any_more_makes_nobody_one() {
    let app = App::start().await;
    let (eve, ben) = (app.sign_up("eve").await, app.sign_up("ben").await);
    for whose in [&eve, &ben] {
        app.promote(&eve, Role::Admin).await;
        let path = format!("/api/v1/users/{}/role", whose.id);
        let request = app.request(Method::PUT, &path).bearer_auth(&eve.token);
        let request = request.header("content-type", "application/json");
        let demoted = app.promote(&eve, Role::User);
        let answer = late(request, r#"{"role":"admin"}"#, LONG, demoted).await;
        assert!(matches!(answer.status, 403 | 409), "{}", answer.text);
    }
    let own = app.get_as(&eve, &format!("/api/v1/users/{}", eve.id)).await.expect(200);
    assert_eq!(own["user_details"][0]["role"], "user");
    let own = app.get_as(&ben, &format!("/api/v1/users/{}", ben.id)).await.expect(200);
    assert_eq!(own["user_details"][0]["role"], "user");
}

/// The password is right when it is looked up, and was changed when the hash of it is done.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_by_a_password_that_is_changed_meanwhile_is_none() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let id = UserId::new(ana.id).unwrap();
    let before = async |path: &'static str| {
        // Others' log-ins are before it in the queue.
        let mut busy = tokio::task::JoinSet::new();
        for _ in 0..24 {
            let body = json!({"username": "nobody", "password": PASSWORD});
            busy.spawn(send(app.request(Method::POST, "/api/v1/tokens").json(&body)));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        let fields = [("username", "ana"), ("password", PASSWORD)];
        let request = app.request(Method::POST, path);
        let request = match path {
            "/login" => request.form(&fields),
            _ => request.json(&json!({"username": "ana", "password": PASSWORD})),
        };
        let entering = tokio::spawn(send(request));
        tokio::time::sleep(Duration::from_millis(100)).await;
        let void = StoredHash("$argon2id$of another password".to_owned());
        let effects = vec![
            Effect::SetCredential { user: id, hash: void },
            Effect::EndSessions { user: id, except: None },
        ];
        append(&app, id, vec![UserEvent::PasswordUpdated.into()], effects).await;
        let answer = entering.await.unwrap();
        busy.join_all().await;
        answer
    };
    let was = app.services.store.credential_of(id).await.unwrap().unwrap().hash;
    for path in ["/api/v1/tokens", "/login"] {
        before(path).await;
        let now = siskin_server::application::Clock::now(&*app.clock);
        let left = app.services.store.sessions_of(id, now, 100).await.unwrap();
        assert_eq!(left, [], "{path}: whoever knew the old password is out");
        let again = vec![Effect::SetCredential { user: id, hash: was.clone() }];
        append(&app, id, vec![UserEvent::PasswordUpdated.into()], again).await;
    }
}
