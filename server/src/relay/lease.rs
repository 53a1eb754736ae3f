//! Being the only one of several servers who relays.

use std::time::Duration;

use siskin_domain::Position;
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
        Ok(ask(relay, relay.pace.lease).await?.map(|checkpoint| (lease, checkpoint)))
    }

    /// Asks for more time. A store that does not answer is asked again, while there is time.
    pub(super) async fn renew(&mut self) -> Result<(), Lost> {
        let asked = Instant::now();
        match ask(self.relay, self.relay.pace.lease).await {
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
}

/// Gives the relay back, so that the next server need not wait. Harmless if another one has it.
pub(super) async fn give_back(relay: &Relay) {
    if let Err(error) = ask(relay, Duration::ZERO).await {
        tracing::debug!(%error, "could not give the right to relay back; it lapses by itself");
    }
}

async fn ask(relay: &Relay, how_long: Duration) -> Result<Option<Position>, StoreError> {
    let now = relay.clock.now();
    let until = now.plus_ms(i64::try_from(how_long.as_millis()).unwrap_or(i64::MAX));
    relay.store.take_relay(NAME, relay.holder, now, until).await
}
