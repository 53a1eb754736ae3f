//! Optimistic concurrency: a lost race is decided again on what is there now.

use std::future::Future;

use super::Refused;

/// How often a command is decided before its caller is told of the conflict.
const ATTEMPTS: usize = 8;

/// Runs `attempt` until it does not end in a conflict, a few times at most.
pub(super) async fn retrying<T, F>(mut attempt: impl FnMut() -> F) -> Result<T, Refused>
where
    F: Future<Output = Result<T, Refused>>,
{
    for _ in 1..ATTEMPTS {
        match attempt().await {
            Err(Refused::Conflict) => {}
            done => return done,
        }
    }
    attempt().await
}
