//! What is no backup, or is not what it was, is refused in a sentence, and nothing is changed.

use std::path::Path;

use siskin_server::storage::snapshot::{self, Stop};

use crate::place::{Place, refused, said};

/// Fails unless the file is refused, and leaves an empty place empty.
fn is_refused(file: &Path) -> String {
    let copy = Place::empty();
    let text = refused(&copy.run(&["restore", file.to_str().unwrap()]));
    assert_eq!(copy.names(), [""; 0], "nothing is made: {text}");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_backup_is_refused() {
    let place = Place::lively().await;
    std::fs::write(place.file("garbage"), "all work and no play ".repeat(999)).unwrap();
    std::fs::write(place.file("empty"), "").unwrap();
    std::fs::write(place.file("magic"), "SQLite format 3\0 and nothing else").unwrap();
    std::fs::write(place.file("zstd"), zstd::encode_all(&b"{}\n"[..], 1).unwrap()).unwrap();
    for (name, words) in [
        ("garbage", "neither a backup"),
        ("empty", "neither a backup"),
        ("magic", "damaged"),
        ("zstd", "not a siskin archive"),
        ("none", "none"),
        (".", "not a file"),
        ("siskin.db", "not a backup"),
    ] {
        let text = is_refused(&place.file(name));
        assert!(text.contains(words), "{name}: {text}");
    }
    place.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cut_off_is_refused() {
    let place = Place::lively().await;
    said(&place.run(&["backup", "one.db"]));
    said(&place.run(&["export", "one.zst"]));
    for name in ["one.db", "one.zst"] {
        let whole = std::fs::read(place.file(name)).unwrap();
        for part in [whole.len() / 2, whole.len() - 1] {
            std::fs::write(place.file("half"), &whole[..part]).unwrap();
            is_refused(&place.file("half"));
        }
    }
}

/// A byte of the archive, and every thousandth of the database: either SQLite or the SHA-256 of the
/// content finds it, or it is in no row and no definition and so nothing is another.
#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_is_found() {
    let place = Place::lively().await;
    said(&place.run(&["backup", "one.db"]));
    said(&place.run(&["export", "one.zst"]));
    let mut archive = std::fs::read(place.file("one.zst")).unwrap();
    let middle = archive.len() / 2;
    archive[middle] ^= 1;
    std::fs::write(place.file("flipped"), &archive).unwrap();
    is_refused(&place.file("flipped"));

    let whole = std::fs::read(place.file("one.db")).unwrap();
    let flipped = place.file("flipped.db");
    let holds = |words: &str| whole.windows(words.len()).any(|part| part == words.as_bytes());
    for gone in ["hash of ben", "session 1"] {
        assert!(!holds(gone), "{gone} was erased, and is in the backup");
    }
    // What people wrote, and what nothing in a log could find: a password's hash, a session.
    for words in ["hash of cem", "The dan", "京都の朝は静か", "session 2"] {
        // Every copy: SQLite leaves some in the unused space of pages, where nobody reads them.
        let mut bytes = whole.clone();
        let mut copies = 0;
        for at in 0..whole.len() {
            if whole[at..].starts_with(words.as_bytes()) {
                bytes[at] ^= 1;
                copies += 1;
            }
        }
        assert!(copies > 0, "{words}");
        std::fs::write(&flipped, &bytes).unwrap();
        assert!(is_refused(&flipped).contains("damaged"), "{words}");
    }
    let (mut found, mut tried) = (0, 0);
    let good = snapshot::examine(&place.file("one.db"), &Stop::default()).unwrap();
    for at in (100..whole.len()).step_by(997) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        std::fs::write(&flipped, &bytes).unwrap();
        tried += 1;
        match snapshot::examine(&flipped, &Stop::default()) {
            Ok(same) => assert_eq!(same, good),
            Err(_) => found += 1,
        }
    }
    println!("{found} of {tried} flipped bits were in something");
    assert!(found > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_not_replaced_by_its_own_copy() {
    let place = Place::lively().await;
    let before = place.digests().await;
    for name in ["siskin.db", "./siskin.db"] {
        let text = refused(&place.run(&["backup", name, "--force"]));
        assert!(text.contains("the database itself"), "{text}");
    }
    assert_eq!(place.digests().await, before);
}

/// Of a database of an earlier schema, as it is made before an upgrade: as it is, and then restored
/// by the version of today.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_an_earlier_schema_is_backed_up_as_it_is() {
    let place = Place::empty();
    let conn = rusqlite::Connection::open(place.database()).unwrap();
    conn.execute_batch(include_str!("../upgrade/fixtures/schema-4.sql")).unwrap();
    conn.close().unwrap();
    let schema = |path: &Path| {
        let conn = rusqlite::Connection::open(path).unwrap();
        conn.query_row("PRAGMA user_version", (), |row| row.get::<_, i64>(0)).unwrap()
    };
    said(&place.run(&["backup", "old.db"]));
    assert_eq!((schema(&place.database()), schema(&place.file("old.db"))), (4, 4));
    let copy = Place::empty();
    said(&copy.run(&["restore", place.file("old.db").to_str().unwrap()]));
    assert!(schema(&copy.database()) > 4);
    copy.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_store_is_not_backed_up() {
    let place = Place::lively().await;
    let conn = rusqlite::Connection::open(place.database()).unwrap();
    conn.execute("UPDATE tweets SET body = 'forged' WHERE id = (SELECT min(id) FROM tweets)", ())
        .unwrap();
    let text = refused(&place.run(&["backup", "one.db"]));
    assert!(text.contains("damaged") && text.contains("projections rebuild"), "{text}");
    said(&place.run(&["projections", "rebuild"]));
    said(&place.run(&["backup", "one.db"]));
    conn.execute("DELETE FROM events WHERE position = 5", ()).unwrap();
    assert!(refused(&place.run(&["backup", "two.db"])).contains("damaged"));
    assert!(!place.file("two.db").exists() && !place.file("two.db.part").exists());
    let nothing = Place::empty();
    assert!(refused(&nothing.run(&["backup", "one.db"])).contains("SISKIN_DATABASE_URL"));
    assert_eq!(nothing.names(), [""; 0]);
}

/// A mistyped path must not look like a store in which all is well.
#[test]
fn whoever_looks_makes_no_store() {
    let place = Place::empty();
    for command in [
        "events verify",
        "events tail --no-follow",
        "projections verify",
        "projections digest",
        "projections rebuild",
        "user role ana admin",
        "user reset-link ana",
        "user suspend ana --reason spam",
        "export archive.siskin",
    ] {
        let arguments: Vec<&str> = command.split(' ').collect();
        let said = refused(&place.run(&arguments));
        assert!(said.contains("there is no database at"), "{command}: {said}");
        assert!(place.names().is_empty(), "{command}: {:?}", place.names());
    }
}
