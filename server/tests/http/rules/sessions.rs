//! Sessions: remembered for a moment, noted seldom, ended at once.

use std::time::{Duration, Instant};

use serde_json::json;
use sha2::{Digest, Sha256};
use siskin_domain::Role;
use siskin_server::application::Clock;
use siskin_server::storage::{SessionKind, TokenHash};

use crate::app::{App, Person};

fn hash(who: &Person) -> TokenHash {
    TokenHash(Sha256::digest(who.token.as_bytes()).into())
}

#[tokio::test]
async fn what_another_process_ended_is_believed_for_a_second_at_most() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    app.get_as(&ana, "/api/v1/users").await.expect(200);
    let other = app.another_process().await;
    let caller = other.callers.by_secret(&ana.token, SessionKind::Bearer).await.unwrap().unwrap();
    other.accounts.log_out(&caller).await.unwrap();
    app.clock.forward_ms(1000);
    app.get_as(&ana, "/api/v1/users").await.refused(401, "token_invalid", None);
}

#[tokio::test]
async fn a_new_role_counts_at_once() {
    let app = App::start().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let path = format!("/api/v2/tweets/{}", app.tweet(&ana, "x").await);
    app.delete_as(&ben, &path, None).await.refused(403, "not_yours", None);
    app.promote(&ben, Role::Moderator).await;
    app.promote(&ben, Role::User).await;
    app.delete_as(&ben, &path, None).await.refused(403, "not_yours", None);
    app.promote(&ben, Role::Moderator).await;
    app.delete_as(&ben, &path, None).await.expect(200);
}

#[tokio::test]
async fn the_use_of_a_session_is_noted_every_five_minutes() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let seen = async || {
        let found = app.services.store.find_session(&hash(&ana), app.clock.now()).await.unwrap();
        found.unwrap().last_seen_at
    };
    let begun = seen().await;
    app.clock.forward_ms(4 * 60 * 1000);
    app.get_as(&ana, "/api/v1/users").await.expect(200);
    app.clock.forward_ms(2 * 60 * 1000);
    app.get_as(&ana, "/api/v1/users").await.expect(200);
    let deadline = Instant::now() + Duration::from_secs(10);
    while seen().await == begun {
        assert!(Instant::now() < deadline, "the use was not noted");
        tokio::task::yield_now().await;
    }
    let noted_after = seen().await.unix_ms() - begun.unix_ms();
    assert!(noted_after >= 6 * 60 * 1000, "{noted_after}");
}

#[tokio::test]
async fn who_was_deleted_elsewhere_does_not_tweet() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    app.tweet(&ana, "remembered").await;
    let other = app.another_process().await;
    let caller = other.callers.by_secret(&ana.token, SessionKind::Bearer).await.unwrap().unwrap();
    let username = siskin_domain::Username::parse("ana").unwrap();
    other.accounts.delete(&caller, &username).await.unwrap();
    // The session may be remembered still; the store knows better.
    let answer = app.post_as(&ana, "/api/v2/tweets", &json!({"body": "x"})).await;
    assert_eq!(answer.status, 401, "{}", answer.text);
}
