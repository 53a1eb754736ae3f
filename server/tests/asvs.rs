//! What `docs/ASVS.md` names as evidence is there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const DOCUMENT: &str = include_str!("../../docs/ASVS.md");
/// How many requirements of level 1 and 2 the standard has.
const REQUIREMENTS: [(&str, usize); 2] = [("1", 70), ("2", 183)];
const ANSWERS: [&str; 5] = ["yes", "partly", "no", "later", "n/a"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The cells of each requirement's row.
fn rows() -> Vec<Vec<&'static str>> {
    let rows = DOCUMENT.lines().filter(|line| line.starts_with("| v5.0.0-"));
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

/// What stands between backticks and begins like a path of ours.
fn named(text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let quoted = text.split('`').skip(1).step_by(2);
    let paths = quoted.filter(|quoted| {
        ["server/", "domain/", "app/", "end2end/", "docs/", "tools/"]
            .iter()
            .any(|top| quoted.starts_with(top))
    });
    paths.map(|path| match path.split_once("::") {
        Some((file, name)) => (file, Some(name)),
        None => (path, None),
    })
}

#[test]
fn every_requirement_of_levels_1_and_2_has_one_row() {
    let (mut ids, mut levels) = (BTreeSet::new(), BTreeMap::new());
    for row in rows() {
        assert_eq!(row.len(), 5, "{row:?}");
        assert!(ids.insert(row[0]), "twice: {}", row[0]);
        assert!(ANSWERS.contains(&row[3]), "{row:?}");
        assert!(!row[4].is_empty(), "neither a test nor a reason: {row:?}");
        *levels.entry(row[1]).or_insert(0) += 1;
    }
    assert_eq!(levels, BTreeMap::from(REQUIREMENTS));
}

#[test]
fn every_test_and_file_that_is_named_is_there() {
    let mut missing = Vec::new();
    let mut tests = 0;
    for row in rows() {
        for (file, name) in named(row[4]) {
            let text = std::fs::read_to_string(root().join(file));
            let there = match (&text, name) {
                (Ok(text), Some(name)) => text.contains(&format!("fn {name}(")),
                (Ok(_), None) => true,
                (Err(_), _) => false,
            };
            tests += usize::from(name.is_some());
            if !there {
                missing.push(format!("{}: {file}::{}", row[0], name.unwrap_or_default()));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert!(tests > 100, "{tests} tests are named");
}
