//! The relay of events to Kafka, as `siskin serve` runs it.

use std::sync::Arc;
use std::time::Duration;

use siskin_server::application::{Entropy as _, OsEntropy, SystemClock};
use siskin_server::config::{ServeConfig, Switch};
use siskin_server::relay::{Envelopes, Pace, Relay};
use siskin_server::storage::{Holder, Store};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// It ends by itself within this time; if it does not, the server goes without it.
const PATIENCE: Duration = Duration::from_secs(2);

/// Starts relaying, if the operator named brokers.
pub(crate) fn start(
    config: &ServeConfig,
    source: &str,
    store: &Arc<dyn Store>,
    stopping: watch::Receiver<bool>,
) -> Option<JoinHandle<()>> {
    // A query node changes nothing in the store, a checkpoint included.
    let brokers = config.kafka_brokers.as_ref().filter(|_| config.role.writes())?;
    let mut holder = Holder([0; 16]);
    OsEntropy.fill(&mut holder.0);
    let relay = Relay {
        store: Arc::clone(store),
        clock: Arc::new(SystemClock),
        holder,
        brokers: brokers.as_str().to_owned(),
        envelopes: Envelopes::new(source, config.kafka_email == Switch::On),
        pace: Pace::default(),
    };
    Some(tokio::spawn(relay.run(stopping)))
}

/// Waits until a relay that was told to stop has stopped.
pub(crate) async fn stopped(relay: Option<JoinHandle<()>>) {
    if let Some(relay) = relay
        && tokio::time::timeout(PATIENCE, relay).await.is_err()
    {
        tracing::debug!("the relay did not stop in time; it goes on where its checkpoint is");
    }
}
