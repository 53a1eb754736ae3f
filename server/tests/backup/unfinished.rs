//! Tables that a rebuild has left unfinished are of no use in a backup, and may hold what was erased.

use rusqlite::Connection;

use crate::place::{Place, said};

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_has_none_of_what_a_rebuild_left_unfinished() {
    let place = Place::lively().await;
    let conn = Connection::open(place.database()).unwrap();
    conn.execute_batch(
        "CREATE TABLE next_users AS SELECT * FROM users;
         UPDATE next_users SET name = 'unmistakable words';
         CREATE TABLE next_tweets AS SELECT * FROM tweets;
         CREATE TABLE next_reports AS SELECT * FROM reports;
         CREATE TABLE old_tweets AS SELECT * FROM tweets;
         UPDATE old_tweets SET body = 'unmistakable words';
         UPDATE projected SET shape = 0, building = 1, position = 7;",
    )
    .unwrap();
    conn.close().unwrap();
    let before = place.digests().await;
    said(&place.run(&["backup", "one.db"]));
    let bytes = std::fs::read(place.file("one.db")).unwrap();
    let words = b"unmistakable words";
    assert!(!bytes.windows(words.len()).any(|window| window == words), "erased words are in it");
    let copy = Connection::open(place.file("one.db")).unwrap();
    let left = "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'next%' OR name LIKE 'old%'";
    assert_eq!(copy.query_row(left, (), |row| row.get::<_, u64>(0)).unwrap(), 0);
    let state = "SELECT shape, building, position FROM projected";
    let state = copy.query_row(state, (), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    assert_eq!(state.unwrap(), (0_i64, None::<i64>, 0_i64));
    copy.close().unwrap();
    let restored = Place::empty();
    said(&restored.run(&["restore", place.file("one.db").to_str().unwrap()]));
    restored.is_sound();
    assert_eq!(restored.digests().await, before);
}
