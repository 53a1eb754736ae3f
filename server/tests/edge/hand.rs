//! What the executable says of itself: version, health, completions, manual.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::client::Certificate;
use crate::executable::{Server, run};

#[test]
fn the_version_names_the_commit() {
    let folder = tempfile::tempdir().unwrap();
    let (done, said) = run(folder.path(), &["--version"], &[]);
    let version = concat!("siskin ", env!("CARGO_PKG_VERSION"), " (");
    let commit = said.strip_prefix(version).and_then(|rest| rest.strip_suffix(")\n"));
    assert!(done && commit.is_some_and(|commit| !commit.is_empty()), "{said}");
}

#[test]
fn health_is_asked_of_the_server_of_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    let addr = format!("0.0.0.0:{}", server.port());
    let here = [("SISKIN_ADDR", addr.as_str()), ("HTTP_PROXY", "http://127.0.0.1:9")];
    let ready = format!("http://127.0.0.1:{}/readyz is ready\n", server.port());
    assert_eq!(run(folder.path(), &["health"], &here), (true, ready.clone()));
    assert_eq!(run(folder.path(), &["health", "--url", &server.url], &[]), (true, ready));

    // Somebody answers there, but not as a server that is ready does.
    let page = format!("{}/nowhere", server.url);
    let (done, said) = run(folder.path(), &["health", "--url", &page], &[]);
    assert!(!done && said.contains("is not ready: 404"), "{said}");

    server.finish();
    let (done, said) = run(folder.path(), &["health"], &here);
    assert!(!done && said.contains("does not answer") && said.contains("refused"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn health_is_asked_over_https_where_the_server_speaks_it() {
    let folder = tempfile::tempdir().unwrap();
    Certificate::new().write(folder.path());
    let files = [("SISKIN_TLS_CERT", "tls.crt"), ("SISKIN_TLS_KEY", "tls.key")];
    let server = Server::start(folder.path(), &files);
    let addr = format!("127.0.0.1:{}", server.port());
    let here = [("SISKIN_ADDR", addr.as_str()), ("SISKIN_TLS_CERT", "tls.crt")];
    let (done, said) = run(folder.path(), &["health"], &here);
    assert!(done && said.contains("https://127.0.0.1"), "{said}");

    // Another server must prove its name, and this one can't.
    let (done, said) = run(folder.path(), &["health", "--url", &server.url], &[]);
    assert!(!done && said.contains("certificate"), "{said}");
}

#[test]
fn completions_are_scripts_that_know_our_commands() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let (done, script) = run(folder.path(), &["completions", shell], &[]);
        assert!(done && script.contains("projections") && script.contains("database-url"));
        if shell == "bash" {
            let mut bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
            bash.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
            assert!(bash.wait().unwrap().success());
        }
    }
}

#[test]
fn every_command_has_a_manual_page_with_its_variables() {
    let folder = tempfile::tempdir().unwrap();
    let (done, main) = run(folder.path(), &["man"], &[]);
    assert!(done && main.contains("\n.SH EXAMPLES") && main.contains("siskin\\-serve(1)"));
    let (done, said) = run(folder.path(), &["man", "--out", "pages"], &[]);
    assert!(done && said.is_empty(), "{said}");
    let read = |page| std::fs::read_to_string(folder.path().join("pages").join(page)).unwrap();
    assert_eq!(read("siskin.1"), main);
    assert!(read("siskin-serve.1").contains("SISKIN_OIDC_<NAME>_ISSUER"));
    assert!(read("siskin-user-add.1").contains("\\-\\-name"));
    // What is explained in the help is explained in the manual.
    let (_, help) = run(folder.path(), &["serve", "--help"], &[]);
    let manual = read("siskin-serve.1");
    for variable in variables(&help) {
        assert!(manual.contains(variable), "{variable}");
    }
}

#[test]
fn the_package_explains_every_setting_in_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let (_, help) = run(folder.path(), &["serve", "--help"], &[]);
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let file = std::fs::read_to_string(root.join("deploy/systemd/siskin.env")).unwrap();
    let missing: Vec<&str> = variables(&help)
        .filter(|variable| !file.lines().any(|line| line.starts_with(&format!("#{variable}="))))
        .collect();
    assert!(missing.is_empty(), "deploy/systemd/siskin.env lacks {missing:?}");
    // It changes nothing until somebody takes a # away.
    assert!(file.lines().all(|line| line.is_empty() || line.starts_with('#')));
}

/// The variables that a help names.
fn variables(help: &str) -> impl Iterator<Item = &str> {
    help.split("[env: ").skip(1).map(|rest| &rest[..rest.find([']', '=']).unwrap()])
}
