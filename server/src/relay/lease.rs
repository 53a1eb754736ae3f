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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use siskin_domain::Timestamp;

    use super::*;
    use crate::application::Clock;
    use crate::relay::{Envelopes, Pace};
    use crate::storage::{Holder, SqliteStore, Store};

    /// A clock that stands.
    struct At(i64);

    impl Clock for At {
        fn now(&self) -> Timestamp {
            Timestamp::from_unix_ms(self.0)
        }
    }

    fn store() -> (tempfile::TempDir, Arc<dyn Store>) {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("siskin.db")).unwrap();
        (folder, Arc::new(store))
    }

    /// A server's relay that never runs, `seconds` after the first one's.
    fn server(store: &Arc<dyn Store>, number: u8, seconds: i64) -> Relay {
        Relay {
            store: Arc::clone(store),
            clock: Arc::new(At(seconds * 1000)),
            holder: Holder([number; 16]),
            brokers: String::new(),
            envelopes: Envelopes::new("test", false),
            pace: Pace { lease: Duration::from_secs(30), ..Pace::default() },
        }
    }

    #[tokio::test]
    async fn a_lost_lease_ends_the_relaying() {
        let (_folder, store) = store();
        let (first, early, late) =
            (server(&store, 1, 0), server(&store, 2, 29), server(&store, 2, 31));
        let (mut lease, at) = Lease::take(&first).await.unwrap().unwrap();
        assert_eq!(at, Position(0));
        assert!(lease.advance(Position(7)).await.unwrap());
        assert!(Lease::take(&early).await.unwrap().is_none(), "the first one has it");
        assert!(lease.renew().await.is_ok());
        let (_, at) = Lease::take(&late).await.unwrap().unwrap();
        assert_eq!(at, Position(7));
        assert!(lease.renew().await.is_err());
        assert!(!lease.advance(Position(9)).await.unwrap());
        // Who has lost it takes nothing away by giving it back.
        give_back(&first).await;
        assert!(Lease::take(&server(&store, 3, 32)).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_lease_that_is_given_back_is_free() {
        let (_folder, store) = store();
        let first = server(&store, 1, 0);
        let (lease, _) = Lease::take(&first).await.unwrap().unwrap();
        assert!(lease.advance(Position(7)).await.unwrap());
        give_back(&first).await;
        let second = server(&store, 2, 1);
        let (_, at) = Lease::take(&second).await.unwrap().unwrap();
        assert_eq!(at, Position(7));
    }

    #[tokio::test]
    async fn without_its_store_a_lease_is_given_up_in_time() {
        let (_folder, store) = store();
        let mut relay = server(&store, 1, 0);
        let (_, at) = Lease::take(&relay).await.unwrap().unwrap();
        assert_eq!(at, Position(0));
        store.close().await;
        let mut lease = Lease { relay: &relay, renewed: Instant::now() };
        assert!(lease.renew().await.is_ok(), "there is time to ask again");
        relay.pace.lease = Duration::ZERO;
        let mut lease = Lease { relay: &relay, renewed: Instant::now() };
        assert!(lease.renew().await.is_err(), "the time is over");
    }
}
