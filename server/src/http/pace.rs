//! Bodies that arrive too slowly: a client may be slow, but not hold what it takes for nothing.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::BoxError;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

/// How fast the body of a request must arrive.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How long it may take whatever its size.
    pub grace: Duration,
    /// How many bytes a second must come in the mean, the grace left aside.
    pub bytes_per_second: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { grace: Duration::from_secs(10), bytes_per_second: 1024 }
    }
}

impl Pace {
    /// How long after its beginning a body of which so much has come may still be going on.
    fn allows(self, received: u64) -> Duration {
        self.grace + Duration::from_secs(received) / self.bytes_per_second.max(1)
    }
}

/// The body arrived too slowly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body arrived too slowly")]
pub struct TooSlow;

impl TooSlow {
    /// Is this why a body could not be read? Errors of bodies are wrapped many times.
    #[must_use]
    pub fn is_cause_of(error: &(dyn std::error::Error + 'static)) -> bool {
        std::iter::successors(Some(error), |error| error.source()).any(|e| e.is::<Self>())
    }
}

/// A body that ends with [`TooSlow`] if it does not keep the pace.
pub(super) struct Paced<B> {
    body: B,
    pace: Pace,
    received: u64,
    waiting: Waiting,
}

/// Every body is waited for once, as hyper reads it only when it is asked for, and almost every
/// one is there when it is asked for again. So the alarm, which costs more than all else here, is
/// set at the second wait.
enum Waiting {
    NotYet,
    Once,
    /// Since when, and the alarm.
    Since(Instant, Pin<Box<Sleep>>),
}

impl<B> Paced<B> {
    pub(super) fn new(body: B, pace: Pace) -> Self {
        Self { body, pace, received: 0, waiting: Waiting::NotYet }
    }

    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        let allowed = self.pace.allows(self.received);
        match &mut self.waiting {
            waiting @ Waiting::NotYet => {
                *waiting = Waiting::Once;
                // Asked again at once; hyper has woken the task to read, so this costs nothing.
                context.waker().wake_by_ref();
                false
            }
            waiting @ Waiting::Once => {
                let now = Instant::now();
                let mut alarm = Box::pin(tokio::time::sleep_until(now + allowed));
                let late = alarm.as_mut().poll(context).is_ready();
                *waiting = Waiting::Since(now, alarm);
                late
            }
            Waiting::Since(begun, alarm) => {
                let deadline = *begun + allowed;
                if alarm.deadline() != deadline {
                    alarm.as_mut().reset(deadline);
                }
                alarm.as_mut().poll(context).is_ready()
            }
        }
    }
}

impl<B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin> Body for Paced<B> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                this.received += frame.data_ref().map_or(0, |data| data.len() as u64);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending if this.is_late(context) => Poll::Ready(Some(Err(TooSlow.into()))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body as AnyBody, to_bytes};
    use futures::stream;

    /// So many bytes a second, for so many seconds.
    async fn read(bytes: usize, seconds: u64) -> Result<usize, bool> {
        let parts = stream::unfold(0, move |second| async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let part = Ok::<_, std::convert::Infallible>(Bytes::from(vec![b'x'; bytes]));
            (second < seconds).then_some((part, second + 1))
        });
        let body = AnyBody::new(Paced::new(AnyBody::from_stream(parts), Pace::default()));
        let read = to_bytes(body, usize::MAX).await;
        read.map(|all| all.len()).map_err(|error| TooSlow::is_cause_of(&error))
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_keeps_the_pace_or_is_broken_off() {
        assert_eq!(read(1, 5).await, Ok(5), "within the grace anything goes");
        assert_eq!(read(2048, 60).await, Ok(2048 * 60), "fast enough, for as long as it takes");
        let begun = Instant::now();
        assert_eq!(read(1, 60).await, Err(true));
        assert_eq!(begun.elapsed().as_secs(), 10);
    }
}
