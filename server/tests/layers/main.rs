//! Who may import whom. The architecture is a rule that fails, not a picture that fades.

mod paths;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What the files of one layer may not mention.
struct Rule {
    name: &'static str,
    /// Which files: a path from the workspace's root, and whether it belongs.
    covers: fn(&str) -> bool,
    /// The only foreign crates they may use; `None` leaves that to `forbids`.
    crates: Option<&'static [&'static str]>,
    /// Is this path forbidden?
    forbids: fn(&[String]) -> bool,
}

/// Foreign crates that are always there.
const LANGUAGE: [&str; 3] = ["std", "core", "alloc"];

const RULES: [Rule; 9] = [
    Rule {
        name: "domain is pure: no I/O, no clock, no randomness, no async, no framework",
        covers: |file| file.starts_with("domain/src/"),
        crates: Some(&["serde", "thiserror", "utoipa", "unicode_normalization", "js_sys"]),
        forbids: |path| {
            let outside = ["fs", "net", "env", "process", "thread", "io"];
            begins(path, &["std", "time"])
                || outside.iter().any(|module| begins(path, &["std", module]))
                || path.iter().any(|word| word == "async" || word == "await")
        },
    },
    Rule {
        name: "actions, states, reducers and effects know the domain only",
        covers: |file| {
            file.starts_with("app/src/flux/")
                && ["action", "state", "reduce", "effect"].iter().any(|part| {
                    file.ends_with(&format!("/{part}.rs")) || file.contains(&format!("/{part}/"))
                })
        },
        crates: Some(&["siskin_domain", "serde", "thiserror"]),
        // The seeds that come with the page are plain data, too.
        forbids: |path| {
            path[0] == "crate"
                && path.len() > 1
                && !begins(path, &["crate", "flux"])
                && !begins(path, &["crate", "context"])
        },
    },
    Rule {
        name: "what comes with the page is plain data",
        covers: |file| file == "app/src/context.rs",
        crates: Some(&["siskin_domain", "serde", "thiserror"]),
        forbids: |_| false,
    },
    Rule {
        name: "components see selectors and the dispatcher, never the network",
        covers: |file| file.starts_with("app/src/components"),
        crates: None,
        forbids: |path| begins(path, &["crate", "api"]) || uses(path, &["gloo_net"]),
    },
    Rule {
        name: "the app knows no server, and nothing that is too big for a browser",
        covers: |file| file.starts_with("app/src/"),
        crates: None,
        forbids: |path| {
            uses(path, &["siskin_server", "axum", "tokio", "hyper", "rusqlite"])
                || uses(path, &["reqwest", "url", "regex", "uuid"])
        },
    },
    Rule {
        name: "the front end only starts the app",
        covers: |file| file.starts_with("frontend/src/"),
        crates: Some(&["siskin_app", "leptos", "wasm_bindgen", "console_error_panic_hook"]),
        forbids: |_| false,
    },
    Rule {
        name: "only main and its commands name a concrete store",
        covers: |file| {
            file.starts_with("server/src/")
                && !file.starts_with("server/src/commands/")
                && !file.starts_with("server/src/storage/")
                && file != "server/src/main.rs"
        },
        crates: None,
        forbids: |path| {
            ["sqlite", "rusqlite", "mongodb"].iter().any(|store| path.iter().any(|s| s == store))
        },
    },
    Rule {
        name: "the application knows no HTTP and no page",
        covers: |file| file.starts_with("server/src/application/"),
        crates: None,
        forbids: |path| {
            begins(path, &["crate", "http"])
                || uses(path, &["axum", "hyper", "http", "siskin_app", "leptos"])
        },
    },
    Rule {
        name: "the stores know neither the application nor HTTP nor a page",
        covers: |file| file.starts_with("server/src/storage/"),
        crates: None,
        forbids: |path| {
            begins(path, &["crate", "http"])
                || begins(path, &["crate", "application"])
                || uses(path, &["axum", "hyper", "http", "siskin_app", "leptos"])
        },
    },
];

fn begins(path: &[String], start: &[&str]) -> bool {
    path.len() >= start.len() && path.iter().zip(start).all(|(a, b)| a == b)
}

/// Does the path lead into one of these crates? A lone word is a name of the file's own.
fn uses(path: &[String], crates: &[&str]) -> bool {
    path.len() > 1 && crates.contains(&path[0].as_str())
}

/// What a file mentions against the rule, one sentence each.
fn violations(rule: &Rule, file: &str, source: &str, foreign: &BTreeSet<String>) -> Vec<String> {
    let module = module_of(file);
    let module: Vec<&str> = module.iter().map(String::as_str).collect();
    let forbidden = |path: &Vec<String>| {
        let stranger = |allowed: &[&str]| {
            path.len() > 1
                && foreign.contains(&path[0])
                && !LANGUAGE.contains(&path[0].as_str())
                && !allowed.contains(&path[0].as_str())
        };
        (rule.forbids)(path) || rule.crates.is_some_and(stranger)
    };
    // Tests may use more than what they test.
    let code = source.split_once("#[cfg(test)]\nmod tests {").map_or(source, |(code, _)| code);
    paths::paths(code, &module)
        .iter()
        .filter(|path| !path.is_empty() && forbidden(path))
        .map(|path| format!("{file} mentions {}: {}", path.join("::"), rule.name))
        .collect()
}

/// `app/src/flux/timeline/reduce.rs` is `crate::flux::timeline::reduce`.
fn module_of(file: &str) -> Vec<String> {
    let inside = file.split_once("/src/").map_or(file, |(_, inside)| inside);
    let inside = inside.trim_end_matches(".rs").trim_end_matches("/mod");
    std::iter::once("crate")
        .chain(inside.split('/').filter(|part| !["lib", "main", "mod"].contains(part)))
        .map(ToOwned::to_owned)
        .collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("server/ is in the workspace").into()
}

/// Every Rust source of the workspace with its path from the root, `/` between folders.
fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, root: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("the entry can be read").path();
            if path.is_dir() {
                walk(&path, root, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path.strip_prefix(root).expect("below the root").to_string_lossy();
                let text = fs::read_to_string(&path).expect("the source can be read");
                found.push((name.replace('\\', "/"), text));
            }
        }
    }
    let mut found = Vec::new();
    for package in ["domain", "app", "frontend", "server"] {
        walk(&root().join(package).join("src"), &root(), &mut found);
    }
    found
}

/// All crates that the workspace names, as Rust writes them, and the language's own.
fn foreign_crates() -> BTreeSet<String> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml can be read");
    manifest
        .lines()
        .skip_while(|line| *line != "[workspace.dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" ="))
        .map(|(name, _)| name.trim().replace('-', "_"))
        .chain(LANGUAGE.map(ToOwned::to_owned))
        .chain(["siskin_server".to_owned(), "siskin_frontend".to_owned()])
        .collect()
}

#[test]
fn no_layer_imports_what_it_must_not_know() {
    let (sources, foreign) = (sources(), foreign_crates());
    assert!(foreign.contains("leptos") && foreign.contains("siskin_domain"), "{foreign:?}");
    let mut wrong = Vec::new();
    for rule in &RULES {
        let covered: Vec<_> = sources.iter().filter(|(file, _)| (rule.covers)(file)).collect();
        if covered.is_empty() {
            wrong.push(format!("no file is left for the rule: {}", rule.name));
        }
        for (file, source) in covered {
            wrong.extend(violations(rule, file, source, &foreign));
        }
    }
    assert!(wrong.is_empty(), "forbidden imports:\n{}", wrong.join("\n"));
}

#[test]
fn the_front_end_has_at_most_20_lines() {
    let lines: usize = sources()
        .iter()
        .filter(|(file, _)| file.starts_with("frontend/"))
        .map(|(_, source)| source.lines().count())
        .sum();
    assert!((1..=20).contains(&lines), "{lines} lines");
}

#[test]
fn every_rule_catches_what_it_forbids() {
    let planted = [
        ("domain/src/id.rs", "let now = std::time::SystemTime::now();"),
        ("domain/src/id.rs", "use tokio::sync::Mutex;"),
        ("domain/src/id.rs", "pub async fn load() {}"),
        ("app/src/flux/timeline/reduce.rs", "use leptos::prelude::*;"),
        ("app/src/flux/timeline/state.rs", "use super::super::super::api::client;"),
        ("app/src/context.rs", "use leptos::prelude::*;"),
        ("app/src/components/tweet.rs", "use crate::{api, flux};"),
        ("app/src/components/tweet.rs", "fn f() { super::super::api::send() }"),
        ("app/src/pages/home.rs", "use siskin_server::storage::Store;"),
        ("frontend/src/lib.rs", "use siskin_domain::Id;"),
        ("server/src/application/tweets.rs", "use crate::storage::{Page, sqlite::Sqlite};"),
        ("server/src/application/tweets.rs", "use axum::extract::State;"),
        ("server/src/http/mod.rs", "use crate::storage::sqlite;"),
        ("server/src/storage/mod.rs", "use super::http::router;"),
        ("server/src/storage/sqlite/mod.rs", "use crate::application::Services;"),
    ];
    let foreign = foreign_crates();
    let mut caught = BTreeSet::new();
    for (file, source) in planted {
        let by: Vec<_> = RULES
            .iter()
            .filter(|rule| (rule.covers)(file))
            .filter(|rule| !violations(rule, file, source, &foreign).is_empty())
            .map(|rule| rule.name)
            .collect();
        assert!(!by.is_empty(), "nobody objects to {file}: {source}");
        caught.extend(by);
    }
    assert_eq!(
        caught.len(),
        RULES.len(),
        "a rule without a planted violation; caught: {caught:#?}"
    );
}

#[test]
fn innocent_code_is_left_alone() {
    let innocent = [
        ("domain/src/id.rs", "use std::fmt; use serde::Serialize; // no tokio::spawn here"),
        ("app/src/flux/timeline/reduce.rs", "use super::{Action, Effect}; use siskin_domain::Id;"),
        ("app/src/components/tweet.rs", "use crate::flux::store::Dispatcher; use leptos::html;"),
        ("server/src/application/tweets.rs", "use crate::storage::{EventStore, Append};"),
        ("server/src/commands/mod.rs", "use siskin_server::storage::sqlite::SqliteStore;"),
    ];
    let foreign = foreign_crates();
    for (file, source) in innocent {
        for rule in RULES.iter().filter(|rule| (rule.covers)(file)) {
            assert_eq!(violations(rule, file, source, &foreign), Vec::<String>::new());
        }
    }
}
