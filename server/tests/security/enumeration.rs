//! Logging in does not tell whether there is an account.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::app::App;

/// How many failed log-ins of each kind are timed.
const TIMES: usize = 1000;
/// The greatest difference of the medians, as a part of the time of a log-in.
const GREATEST: f64 = 0.03;

fn attempt(username: &str) -> serde_json::Value {
    json!({"username": username, "password": "wrong password"})
}

#[tokio::test]
async fn an_unknown_account_is_refused_in_the_same_words() {
    let app = App::start().await;
    app.sign_up("ana").await;
    let known = app.post("/api/v1/tokens", &attempt("ana")).await;
    for unknown in ["nobody", "nobody@example.org", "no account can have this name"] {
        let answer = app.post("/api/v1/tokens", &attempt(unknown)).await;
        assert_eq!((answer.status, &answer.text), (known.status, &known.text), "{unknown}");
    }
}

#[tokio::test]
#[ignore = "it measures time: make security"]
async fn an_unknown_account_is_refused_in_the_same_time() {
    let app = App::start().await;
    app.sign_up("ana").await;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    // In turns, so that whatever else the machine does meets both alike.
    for _ in 0..TIMES {
        for (username, times) in [("ana", &mut known), ("nobody", &mut unknown)] {
            let body = attempt(username);
            let begun = Instant::now();
            let answer = app.post("/api/v1/tokens", &body).await;
            times.push(begun.elapsed());
            assert_eq!(answer.status, 401);
        }
    }
    let (known, unknown) = (median(known), median(unknown));
    let difference = (known.as_secs_f64() / unknown.as_secs_f64() - 1.0).abs();
    let measured = format!("known {known:?}, unknown {unknown:?}, {:.2} %", difference * 100.0);
    assert!(difference <= GREATEST, "{measured}");
    eprintln!("medians of {TIMES} failed log-ins: {measured}");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
