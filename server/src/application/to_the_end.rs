//! Work that is done to its end, also when whoever asked goes away in the middle of it.

use std::future::Future;

use tracing::Instrument as _;

/// Does the work in a task of its own and waits for it. What follows a change (letters, what is
/// forgotten) follows although the request was given up while the change was being made.
pub(super) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> T {
    match tokio::spawn(work.in_current_span()).await {
        Ok(done) => done,
        // Nobody aborts it, so it panicked: as it would have here.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn work_goes_on_when_nobody_waits_any_more() {
        let (go, wait) = oneshot::channel::<()>();
        let (done, seen) = oneshot::channel();
        let work = to_the_end(async move {
            wait.await.unwrap();
            done.send("done").unwrap();
        });
        // Given up while it waits.
        tokio::time::timeout(Duration::from_millis(20), work).await.unwrap_err();
        go.send(()).unwrap();
        assert_eq!(seen.await, Ok("done"));
    }
}
