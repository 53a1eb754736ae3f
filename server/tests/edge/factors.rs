//! `siskin user reset-factors`.

use crate::executable::run;

#[test]
fn the_operator_is_told_what_was_taken_from_whom() {
    let folder = tempfile::tempdir().unwrap();
    let store = ("SISKIN_DATABASE_URL", "sqlite://siskin.db");
    let add = ["user", "add", "ana", "ana@example.org"];
    let password = ("SISKIN_PASSWORD", "correct horse battery");
    let (done, said) = run(folder.path(), &add, &[store, password]);
    assert!(done, "{said}");
    let (done, said) = run(folder.path(), &["user", "reset-factors", "ana"], &[store]);
    assert!(done, "{said}");
    for part in [
        "ana had no authenticator app, 0 recovery codes and 0 passkeys; the password alone",
        "the operator removed all second factors of a user",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let (done, said) = run(folder.path(), &["user", "reset-factors", "nobody"], &[store]);
    assert!(!done && said.contains("there is no such user"), "{said}");
}
