//! Sessions from before they told of themselves.

use siskin_server::storage::contract::scene::{time, token};
use siskin_server::storage::{Client, Scopes, SessionKind};

use crate::place::{place, scene, sql};

#[tokio::test(flavor = "multi_thread")]
async fn a_session_from_before_scopes_may_do_everything_and_can_be_ended() {
    let place = place();
    let first = scene(&place.path, 1);
    let ana = first.register("ana").await;
    first.start(ana, 1, SessionKind::Bearer, 100).await;
    drop(first);
    sql(
        &place.path,
        // What came with later migrations goes first, the last of them first.
        "DROP INDEX events_acts; DROP TABLE reports;
         DROP INDEX tweets_hidden; ALTER TABLE tweets DROP COLUMN hidden;
         DROP INDEX users_moderated; ALTER TABLE users DROP COLUMN warned;
         ALTER TABLE users DROP COLUMN silenced; ALTER TABLE users DROP COLUMN suspended;
         DROP TABLE proofs;
         ALTER TABLE sessions DROP COLUMN device; ALTER TABLE sessions DROP COLUMN place;
         ALTER TABLE sessions DROP COLUMN scopes; PRAGMA user_version = 3;",
    );
    let again = scene(&place.path, 100);
    let found = again.store.find_session(&token(1), time(1)).await.unwrap().unwrap();
    assert_eq!(found.scopes, Scopes::ALL);
    let listed = again.store.sessions_of(ana, time(1)).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].scopes, &listed[0].client), (Scopes::ALL, &Client::default()));
    assert!(again.store.end_session_of(ana, listed[0].id).await.unwrap());
}
