//! Neither logging in nor asking for a new password tells whether there is an account.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::app::{Answer, App};
use crate::letters::Letters;

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

fn asks(email: &str) -> serde_json::Value {
    json!({"email": email})
}

#[tokio::test]
async fn a_new_password_is_asked_for_in_the_same_words_by_everybody() {
    let app = App::start_posting(Letters::new()).await;
    app.sign_up("ana").await;
    let known = app.post("/api/v1/password-resets", &asks("ana@example.org")).await;
    assert_eq!(known.status, 202);
    for unknown in ["nobody@example.org", "ana@example.net", "ana+x@example.org"] {
        let answer = app.post("/api/v1/password-resets", &asks(unknown)).await;
        assert_eq!((answer.status, &answer.text), (known.status, &known.text), "{unknown}");
        let names = |answer: &Answer| answer.headers.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&answer), names(&known), "{unknown}");
    }
}

#[tokio::test]
#[ignore = "it measures time: make security"]
async fn a_new_password_is_asked_for_in_the_same_time_by_everybody() {
    let app = App::start_posting(Letters::new()).await;
    app.sign_up("ana").await;
    // No hash is made here, but its time is what the difference is compared with.
    let (mut known, mut unknown, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..TIMES {
        if n % 20 == 0 {
            let begun = Instant::now();
            app.post("/api/v1/tokens", &attempt("nobody")).await;
            hashes.push(begun.elapsed());
        }
        // In changing order: what one request has left to do in the background meets the next.
        let mut pair = [("ana@example.org", &mut known), ("nobody@example.org", &mut unknown)];
        if n % 2 == 1 {
            pair.reverse();
        }
        for (email, times) in pair {
            let body = asks(email);
            let begun = Instant::now();
            let answer = app.post("/api/v1/password-resets", &body).await;
            times.push(begun.elapsed());
            assert_eq!(answer.status, 202);
        }
    }
    let (known, unknown, hash) = (median(known), median(unknown), median(hashes));
    let difference = known.abs_diff(unknown).as_secs_f64() / hash.as_secs_f64();
    let of_hash = difference * 100.0;
    let measured = format!("known {known:?}, unknown {unknown:?}, {of_hash:.2} % of {hash:?}");
    assert!(difference <= GREATEST, "{measured}");
    eprintln!("medians of {TIMES} requests for a new password: {measured}");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
