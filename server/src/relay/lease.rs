//! Being the only one of several servers who relays.

use std::time::Duration;

use siskin_domain::{Position, Timestamp};
use tokio::time::Instant;

use super::run::Relay;
use crate::storage::StoreError;

/// The relay's name in the store.
const NAME: &str = "kafka";

/// The right to relay, for a while.
pub(super) struct Lease<'a> {
    relay: &'a Relay,
    /// When it was last renewed, before the store was asked.
    renewed: Instant,
}

/// Another server has the relay, or may have it soon.
#[derive(Debug)]
pub(super) struct Lost;

impl<'a> Lease<'a> {
    /// Takes the relay with its checkpoint, unless another server has it.
    pub(super) async fn take(relay: &'a Relay) -> Result<Option<(Self, Position)>, StoreError> {
        let lease = Self { relay, renewed: Instant::now() };
        let now = relay.clock.now();
        Ok(lease.ask(now, lease.until(now)).await?.map(|checkpoint| (lease, checkpoint)))
    }

    /// Asks for more time. A store that does not answer is asked again, while there is time.
    pub(super) async fn renew(&mut self) -> Result<(), Lost> {
        let (asked, now) = (Instant::now(), self.relay.clock.now());
        match self.ask(now, self.until(now)).await {
            Ok(Some(_)) => {
                self.renewed = asked;
                Ok(())
            }
            Ok(None) => Err(Lost),
            // Half of the time is left for what is under way.
            Err(_) if self.renewed.elapsed() >= self.relay.pace.lease / 2 => Err(Lost),
            Err(error) => {
                tracing::debug!(%error, "could not renew the right to relay; it is tried again");
                Ok(())
            }
        }
    }

    /// Moves the checkpoint: everything up to here was acknowledged. `false` if it is too late.
    pub(super) async fn advance(&self, to: Position) -> Result<bool, StoreError> {
        self.relay.store.advance_relay(NAME, self.relay.holder, to).await
    }

    /// Gives the relay back, so that the next server need not wait.
    pub(super) async fn release(self) {
        let now = self.relay.clock.now();
        if let Err(error) = self.ask(now, now).await {
            tracing::debug!(%error, "could not give the right to relay back; it lapses by itself");
        }
    }

    async fn ask(&self, now: Timestamp, until: Timestamp) -> Result<Option<Position>, StoreError> {
        self.relay.store.take_relay(NAME, self.relay.holder, now, until).await
    }

    fn until(&self, now: Timestamp) -> Timestamp {
        now.plus_ms(millis(self.relay.pace.lease))
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
