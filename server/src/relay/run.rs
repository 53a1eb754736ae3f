//! The relay: takes its turn when no other server has it, for as long as it may.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::envelope::Envelopes;
use super::lag;
use super::lease;
use super::outage::Outage;
use super::turn::{self, Ended};
use crate::application::Clock;
use crate::storage::{Holder, Store};

/// How fast the relay does what it does.
#[derive(Debug, Clone)]
pub struct Pace {
    /// How long this server is the one who relays, without asking again.
    pub lease: Duration,
    /// How often it asks for more time; well before the lease ends.
    pub renew: Duration,
    /// How long acknowledged events may wait for the checkpoint. What was not saved is published
    /// once more after a crash.
    pub save: Duration,
    /// So many events are under way at most: handed over and not yet acknowledged.
    pub window: usize,
    /// How long the end waits for acknowledgements of what is under way. What was not acknowledged is
    /// published once more by the next relay.
    pub drain: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(30),
            renew: Duration::from_secs(5),
            save: Duration::from_millis(100),
            window: 2000,
            drain: Duration::from_secs(1),
        }
    }
}

/// Publishes committed events to Kafka: in order for each aggregate, at least once, none lost.
pub struct Relay {
    /// Where the events and the checkpoint are.
    pub store: Arc<dyn Store>,
    /// The time, for the lease.
    pub clock: Arc<dyn Clock>,
    /// Which server this is.
    pub holder: Holder,
    /// `host:port,host:port`
    pub brokers: String,
    /// How events are written.
    pub envelopes: Envelopes,
    /// How fast.
    pub pace: Pace,
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay").field("brokers", &self.brokers).finish_non_exhaustive()
    }
}

impl Relay {
    /// Relays until `stopping` turns true, then ends within two seconds, if its pace is the usual
    /// one. Brokers that are away, a store that is, and another server that has the relay are
    /// waited for.
    pub async fn run(self, mut stopping: watch::Receiver<bool>) {
        let mut outage = Outage::none();
        loop {
            let pause = match turn::take(&self, &mut outage, stopping.clone()).await {
                Ended::Stopped => return lease::give_back(&self).await,
                Ended::Elsewhere => {
                    lag::elsewhere();
                    self.pace.renew
                }
                Ended::Failed(why) => {
                    outage.notice(&why);
                    // Another server may have more luck meanwhile.
                    lease::give_back(&self).await;
                    outage.pause()
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stopping.wait_for(|stop| *stop) => return,
            }
        }
    }
}
