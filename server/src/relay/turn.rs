//! One server's turn at relaying: from taking the relay to losing it, to trouble, or to the end.
//!
//! `checkpoint ≤ acknowledged ≤ read`: events are read and handed over ahead, their
//! acknowledgements are awaited in the log's order, and the checkpoint follows those.

use std::collections::VecDeque;
use std::time::Duration;

use futures::FutureExt as _;
use rdkafka::error::KafkaError;
use rdkafka::producer::future_producer::DeliveryFuture;
use siskin_domain::Position;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior};

use super::lag;
use super::lease::{Lease, Lost};
use super::outage::Outage;
use super::publisher::Publisher;
use super::run::Relay;
use super::topics;

/// Events read from the log at once.
const CHUNK: usize = 500;
/// How long nothing may be acknowledged before it counts as an outage.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a turn ended.
pub(super) enum Ended {
    /// The server stops.
    Stopped,
    /// Another server has the relay.
    Elsewhere,
    /// It must be tried again; as a sentence.
    Failed(String),
}

impl From<Lost> for Ended {
    fn from(_: Lost) -> Self {
        Self::Elsewhere
    }
}

/// Takes the relay and keeps it for as long as possible.
pub(super) async fn take(
    relay: &Relay,
    outage: &mut Outage,
    mut stopping: watch::Receiver<bool>,
) -> Ended {
    let begun = tokio::select! {
        begun = begin(relay) => begun,
        _ = stopping.wait_for(|stop| *stop) => return Ended::Stopped,
    };
    let (lease, mut turn) = match begun {
        Ok(begun) => begun,
        Err(ended) => return ended,
    };
    turn.keep(lease, outage, stopping).await
}

async fn begin(relay: &Relay) -> Result<(Lease<'_>, Turn<'_>), Ended> {
    let failed = |error: &dyn std::fmt::Display| Ended::Failed(error.to_string());
    let taken = Lease::take(relay).await.map_err(|error| failed(&error))?;
    let (lease, from) = taken.ok_or(Ended::Elsewhere)?;
    lag::acknowledged(relay, from);
    let publisher = Publisher::start(&relay.brokers).map_err(|error| failed(&error))?;
    let ready = topics::ensure(&publisher, &relay.brokers).await;
    ready.map_err(|why| Ended::Failed(publisher.explain(&why)))?;
    tracing::info!(after = from.0, "relaying events to Kafka");
    let turn = Turn {
        relay,
        publisher,
        read: from,
        acknowledged: from,
        saved: from,
        waiting: VecDeque::new(),
        since: Instant::now(),
    };
    Ok((lease, turn))
}

struct Turn<'a> {
    relay: &'a Relay,
    publisher: Publisher,
    /// Handed over up to here.
    read: Position,
    /// Everything up to here was acknowledged.
    acknowledged: Position,
    /// The checkpoint.
    saved: Position,
    /// What is under way, in the log's order.
    waiting: VecDeque<(Position, DeliveryFuture)>,
    /// When something was acknowledged last, or began to wait.
    since: Instant,
}

impl Turn<'_> {
    async fn keep(
        &mut self,
        mut lease: Lease<'_>,
        outage: &mut Outage,
        mut stopping: watch::Receiver<bool>,
    ) -> Ended {
        let ended = tokio::select! {
            ended = self.relay_all(&mut lease, outage) => ended,
            _ = stopping.wait_for(|stop| *stop) => Ended::Stopped,
        };
        if matches!(ended, Ended::Stopped) {
            self.drain().await;
        }
        // Whatever the reason: what was acknowledged need not be published again.
        let saved = self.save(&lease, outage).await;
        saved.map_or_else(Ended::from, |()| ended)
    }

    /// Relays until it can't. Dropping the future loses nothing: all that counts is in `self`.
    async fn relay_all(&mut self, lease: &mut Lease<'_>, outage: &mut Outage) -> Ended {
        // First subscribe, then read: what is committed in between shows in both.
        let mut live = self.relay.store.subscribe();
        let mut renew = every(self.relay.pace.renew);
        let mut save = every(self.relay.pace.save);
        let mut behind = true;
        loop {
            if behind && self.has_room() {
                behind = match self.read_some(outage).await {
                    Ok(more) => more,
                    Err(error) => return Ended::Failed(error.to_string()),
                };
            }
            let more = behind && self.has_room();
            let done = tokio::select! {
                biased;
                _ = renew.tick() => {
                    // The log is looked at even if its news were missed.
                    behind = true;
                    self.look_at_the_time(outage);
                    lag::acknowledged(self.relay, self.acknowledged);
                    lease.renew().await.map_err(Ended::from)
                }
                _ = save.tick(), if self.saved < self.acknowledged => {
                    self.save(lease, outage).await.map_err(Ended::from)
                }
                done = first(&mut self.waiting), if !self.waiting.is_empty() => {
                    self.acknowledge(done, outage)
                }
                () = std::future::ready(()), if more => Ok(()),
                news = live.recv(), if !behind => match news {
                    Err(RecvError::Closed) => Err(Ended::Failed("the store has stopped".into())),
                    Ok(_) | Err(RecvError::Lagged(_)) => {
                        behind = true;
                        Ok(())
                    }
                },
            };
            if let Err(ended) = done {
                return ended;
            }
        }
    }

    /// Is there room for so many more events that reading them is worth it?
    fn has_room(&self) -> bool {
        self.waiting.len() <= self.relay.pace.window / 2
    }

    /// Reads and hands over some events; `false` if the log has no more now, or can't be read:
    /// then what is under way stays so, and the log is read again at the next tick.
    async fn read_some(&mut self, outage: &mut Outage) -> Result<bool, KafkaError> {
        let limit = CHUNK.min(self.relay.pace.window - self.waiting.len());
        let events = match self.relay.store.read_all(self.read, limit).await {
            Ok(events) => events,
            Err(error) => {
                outage.notice(&error.to_string());
                return Ok(false);
            }
        };
        if self.waiting.is_empty() {
            self.since = Instant::now();
            if events.is_empty() {
                // Nothing waits any more.
                outage.over();
            }
        }
        for recorded in &events {
            let message = self.relay.envelopes.message(recorded);
            let sent = self.publisher.send(&message)?;
            self.waiting.push_back((recorded.position, sent));
            self.read = recorded.position;
        }
        Ok(events.len() == limit)
    }

    /// Notes the acknowledgement of the first that waits, and of those behind it that are there.
    fn acknowledge(&mut self, done: Result<(), String>, outage: &mut Outage) -> Result<(), Ended> {
        let mut next = Some(done);
        while let Some(done) = next {
            let Some((position, _)) = self.waiting.pop_front() else { break };
            done.map_err(|why| Ended::Failed(format!("event {position}: {why}")))?;
            self.acknowledged = position;
            next = first(&mut self.waiting).now_or_never();
        }
        self.since = Instant::now();
        outage.over();
        lag::acknowledged(self.relay, self.acknowledged);
        Ok(())
    }

    /// Brokers that do not answer are an outage, though each event still has time.
    fn look_at_the_time(&self, outage: &mut Outage) {
        if !self.waiting.is_empty() && self.since.elapsed() >= PATIENCE {
            outage.notice(&self.publisher.explain("no event is acknowledged"));
        }
    }

    /// Moves the checkpoint to what was acknowledged. A store that can't is asked again later.
    async fn save(&mut self, lease: &Lease<'_>, outage: &mut Outage) -> Result<(), Lost> {
        if self.saved < self.acknowledged {
            match lease.advance(self.acknowledged).await {
                Ok(true) => self.saved = self.acknowledged,
                Ok(false) => return Err(Lost),
                Err(error) => drop(outage.notice(&error.to_string())),
            }
        }
        Ok(())
    }

    /// Waits a little for what is under way, so that less is published twice.
    async fn drain(&mut self) {
        let until = Instant::now() + self.relay.pace.drain;
        while !self.waiting.is_empty() {
            match tokio::time::timeout_at(until, first(&mut self.waiting)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return,
            }
            if let Some((position, _)) = self.waiting.pop_front() {
                self.acknowledged = position;
            }
        }
    }
}

/// A tick after each period, the first one included. Ticks that were missed are one.
fn every(period: Duration) -> Interval {
    let mut interval = tokio::time::interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

/// Waits for the acknowledgement of the first that waits; for ever if none does. Dropping the
/// future leaves it in its place.
async fn first(waiting: &mut VecDeque<(Position, DeliveryFuture)>) -> Result<(), String> {
    match waiting.front_mut() {
        Some((_, delivery)) => match delivery.await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err((error, _))) => Err(error.to_string()),
            Err(_) => Err("the producer has stopped".to_owned()),
        },
        None => std::future::pending().await,
    }
}
