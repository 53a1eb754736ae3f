//! The producer: idempotent, acknowledged by all in-sync replicas, in order for each key.

use std::sync::Arc;

use parking_lot::Mutex;
use rdkafka::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::future_producer::DeliveryFuture;
use rdkafka::producer::{FutureProducer, FutureRecord};

use super::envelope::{CONTENT_TYPE, Message};

/// What librdkafka tells. Its own log would repeat an outage with every attempt.
#[derive(Debug, Clone, Default)]
pub(super) struct Ear {
    trouble: Arc<Mutex<Option<String>>>,
}

impl ClientContext for Ear {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, text: &str) {
        tracing::debug!(?level, facility, text, "librdkafka");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "librdkafka");
        *self.trouble.lock() = Some(reason.to_owned());
    }
}

/// The configuration of every client of these brokers.
pub(super) fn config(brokers: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", brokers)
        .set("client.id", "siskin")
        .set("allow.auto.create.topics", "false")
        .set("socket.keepalive.enable", "true")
        .set("reconnect.backoff.max.ms", "5000");
    config
}

/// A connected producer.
pub(super) struct Publisher {
    /// There until it is dropped.
    producer: Option<FutureProducer<Ear>>,
    ear: Ear,
}

impl Publisher {
    /// Starts a producer. It connects by itself, so this does not wait for any broker.
    pub(super) fn start(brokers: &str) -> Result<Self, KafkaError> {
        let ear = Ear::default();
        let producer = config(brokers)
            .set("enable.idempotence", "true")
            .set("acks", "all")
            // Never given up: an event that is, would let later ones overtake it.
            .set("message.timeout.ms", "0")
            .set("linger.ms", "5")
            .set("compression.type", "lz4")
            // The Java clients' partitioner, so that others find a key where they expect it.
            .set("partitioner", "murmur2_random")
            .create_with_context(ear.clone())?;
        Ok(Self { producer: Some(producer), ear })
    }

    /// Hands a message over; the future is its acknowledgement.
    pub(super) fn send(&self, message: &Message) -> Result<DeliveryFuture, KafkaError> {
        let headers =
            OwnedHeaders::new().insert(Header { key: "content-type", value: Some(CONTENT_TYPE) });
        let record = FutureRecord::to(message.topic)
            .key(&message.key)
            .payload(&message.payload)
            .headers(headers);
        let producer = self.producer.as_ref().ok_or(KafkaError::Canceled)?;
        producer.send_result(record).map_err(|(error, _)| error)
    }

    /// The producer itself, for questions that wait for an answer.
    pub(super) fn producer(&self) -> Option<FutureProducer<Ear>> {
        self.producer.clone()
    }

    /// What is wrong, with the last trouble that was heard of.
    pub(super) fn explain(&self, what: &str) -> String {
        match &*self.ear.trouble.lock() {
            Some(trouble) => format!("{what}: {trouble}"),
            None => what.to_owned(),
        }
    }
}

impl Drop for Publisher {
    /// Ending a producer waits for its threads, which must not hold those of the server.
    fn drop(&mut self) {
        let Some(producer) = self.producer.take() else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn_blocking(move || drop(producer));
        }
    }
}
