//! The pages, scored by the rules of MDN's HTTP Observatory.
//!
//! The rules and their points are those that MDN publishes as "HTTP Observatory Scoring
//! Methodology", <https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring>: start at
//! 100, take the penalties, and add the bonuses if 90 are left. 100 and more is A+. The worse of
//! two results is taken where it depends on what is outside of this server (no preload list).

use reqwest::Method;

use crate::app::{Answer, App, PASSWORD, send};

/// A rule: its name there, and the points for an answer.
type Rule = (&'static str, fn(&Answer) -> i32);

/// The whole table. Redirection is the proxy's or, with TLS in the server, not needed, as the port
/// speaks no HTTP (`redirection-not-needed-no-http`, 0 points).
const RULES: [Rule; 9] = [
    ("cookies", |answer| {
        let lines: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
        let all = |part: &str| {
            lines.iter().all(|line| line.to_str().unwrap().split("; ").any(|have| have == part))
        };
        match () {
            () if lines.is_empty() => 0,
            () if !all("Secure") => -40,
            () if !all("HttpOnly") => -30,
            () if all("SameSite=Lax") || all("SameSite=Strict") => 5,
            () => 0,
        }
    }),
    ("cross-origin-resource-sharing", |answer| {
        if answer.header("access-control-allow-origin") == "*" { -50 } else { 0 }
    }),
    ("content-security-policy", |answer| {
        let policy = answer.header("content-security-policy");
        let scripts = directive(policy, "script-src").or_else(|| directive(policy, "default-src"));
        let objects = directive(policy, "object-src").or_else(|| directive(policy, "default-src"));
        let styles = directive(policy, "style-src").unwrap_or_default();
        let broad = |sources: &str| {
            ["'unsafe-inline'", "data:", "https:", "http:", "*"]
                .iter()
                .any(|unsafe_source| sources.split(' ').any(|have| have == *unsafe_source))
        };
        match () {
            () if policy.is_empty() => -25,
            () if scripts.is_none_or(broad) || objects.is_none_or(broad) => -20,
            () if policy.contains("http:") => -20,
            () if policy.contains("'unsafe-eval'") => -10,
            () if broad(styles) => 0,
            () if directive(policy, "default-src") == Some("'none'") => 10,
            () => 5,
        }
    }),
    ("strict-transport-security", |answer| {
        let age = answer.header("strict-transport-security").split(';').next().unwrap();
        match age.strip_prefix("max-age=").and_then(|age| age.parse::<u64>().ok()) {
            None => -20,
            Some(0..15_768_000) => -10,
            Some(_) => 0,
        }
    }),
    ("referrer-policy", |answer| match answer.header("referrer-policy") {
        "no-referrer" | "same-origin" | "strict-origin" | "strict-origin-when-cross-origin" => 5,
        "" => 0,
        _ => -5,
    }),
    ("subresource-integrity", |answer| {
        // Scripts of our own origin need none.
        let scripts = answer.text.split("<script").skip(1);
        let own = |script: &str| {
            let tag = script.split('>').next().unwrap();
            let source = tag.split_once("src=\"").map(|(_, source)| source);
            source.is_none_or(|source| source.starts_with('/') && !source.starts_with("//"))
        };
        if scripts.into_iter().all(own) { 0 } else { -50 }
    }),
    ("x-content-type-options", |answer| {
        if answer.header("x-content-type-options") == "nosniff" { 0 } else { -5 }
    }),
    ("x-frame-options", |answer| {
        let policy = answer.header("content-security-policy");
        match (directive(policy, "frame-ancestors"), answer.header("x-frame-options")) {
            (Some("'none'" | "'self'"), _) => 5,
            (_, "DENY" | "SAMEORIGIN") => 0,
            _ => -20,
        }
    }),
    ("cross-origin-resource-policy", |answer| {
        match answer.header("cross-origin-resource-policy") {
            // Its page gives 5 points for leaving it away and 0 for this; we count the 0.
            "same-origin" | "same-site" | "" => 0,
            _ => -20,
        }
    }),
];

/// The sources of a directive.
fn directive<'a>(policy: &'a str, name: &str) -> Option<&'a str> {
    let directives = policy.split(';').map(str::trim);
    directives
        .filter_map(|one| one.split_once(' '))
        .find_map(|(have, value)| (have == name).then_some(value))
}

fn score(answer: &Answer) -> (i32, Vec<(&'static str, i32)>) {
    let points: Vec<_> = RULES.iter().map(|(name, rule)| (*name, rule(answer))).collect();
    let sum = |keep: fn(i32) -> bool| -> i32 {
        points.iter().map(|(_, points)| *points).filter(|points| keep(*points)).sum()
    };
    let base = 100 + sum(|points| points < 0);
    (if base >= 90 { base + sum(|points| points > 0) } else { base }, points)
}

async fn https() -> App {
    App::start_with(|rules| {
        rules.secure_cookies = true;
        rules.public_url = "https://tweets.example.org".to_owned();
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_a_plus_under_https() {
    let app = https().await;
    let ana = app.sign_up("ana").await;
    let id = app.tweet(&ana, "Hello.").await;
    let tweet = format!("/tweet/{id}");
    for path in ["/", "/login", "/signup", "/@ana", &tweet, "/nothing", "/api/docs"] {
        let (score, points) = score(&app.get(path).await);
        assert!(score >= 100, "{path}: {score} {points:?}");
        assert!(points.iter().all(|(_, points)| *points >= 0), "{path}: {points:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn so_is_what_sets_the_sessions_cookie() {
    let app = https().await;
    app.sign_up("ana").await;
    let fields = [("username", "ana"), ("password", PASSWORD)];
    let answer = send(app.request(Method::POST, "/login").form(&fields)).await;
    assert_eq!(answer.status, 303);
    let (score, points) = score(&answer);
    assert!(answer.has("set-cookie") && points.contains(&("cookies", 5)), "{points:?}");
    assert!(score >= 100, "{score} {points:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_see_what_is_missing() {
    let mut answer = https().await.get("/").await;
    let full = score(&answer).0;
    for (name, worse) in
        [("strict-transport-security", ""), ("content-security-policy", "script-src *")]
    {
        let kept = answer.headers.insert(name, worse.parse().unwrap()).unwrap();
        assert!(score(&answer).0 < 100.min(full), "{name}");
        answer.headers.insert(name, kept);
    }
    assert_eq!(score(&answer).0, full);
}
