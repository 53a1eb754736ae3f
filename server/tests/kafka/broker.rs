//! A Kafka cluster for one test, and who reads from it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{Consumer as _, StreamConsumer};
use rdkafka::message::{Headers as _, Message as _};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};
use serde_json::Value;

const PARTITIONS: i32 = 3;
const ALL: i32 = -1;
const PATIENCE: Duration = Duration::from_secs(60);

/// A cluster with one broker.
pub(crate) struct Kafka(MockCluster<'static, DefaultProducerContext>);

impl Kafka {
    /// With all topics, as its own admin protocol can't make any.
    pub(crate) fn start() -> Self {
        let kafka = Self::without_topics();
        kafka.make_topics();
        kafka
    }

    pub(crate) fn without_topics() -> Self {
        Self(MockCluster::new(1).unwrap())
    }

    pub(crate) fn make_topics(&self) {
        for topic in ["users", "tweets", "reports"] {
            self.0.create_topic(topic, PARTITIONS, 1).unwrap();
        }
    }

    pub(crate) fn brokers(&self) -> String {
        self.0.bootstrap_servers()
    }

    pub(crate) fn down(&self) {
        self.0.broker_down(ALL).unwrap();
    }

    pub(crate) fn up(&self) {
        self.0.broker_up(ALL).unwrap();
    }

    /// The next requests to store something are refused like this.
    pub(crate) fn refuse(&self, errors: &[RDKafkaRespErr]) {
        self.0.request_errors(RDKafkaApiKey::Produce, errors);
    }

    /// Somebody who reads all topics from their beginning.
    pub(crate) fn reader(&self) -> Reader {
        let consumer: StreamConsumer = ClientConfig::new()
            .set("bootstrap.servers", self.brokers())
            .set("group.id", "test")
            .set("enable.auto.commit", "false")
            .set("reconnect.backoff.max.ms", "500")
            .create()
            .unwrap();
        let mut all = TopicPartitionList::new();
        for topic in ["users", "tweets", "reports"] {
            for partition in 0..PARTITIONS {
                all.add_partition_offset(topic, partition, Offset::Beginning).unwrap();
            }
        }
        consumer.assign(&all).unwrap();
        Reader { consumer, seen: Vec::new() }
    }
}

/// A message as it came.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) key: String,
    pub(crate) content_type: String,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Arrived {
    pub(crate) fn position(&self) -> u64 {
        self.json["position"].as_str().unwrap().parse().unwrap()
    }
}

pub(crate) struct Reader {
    consumer: StreamConsumer,
    seen: Vec<Arrived>,
}

impl Reader {
    /// Reads until this holds for everything that came so far.
    pub(crate) async fn until(&mut self, enough: impl Fn(&[Arrived]) -> bool) -> Vec<Arrived> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while !enough(&self.seen) {
            match tokio::time::timeout_at(deadline, self.consumer.recv()).await {
                Ok(Ok(message)) => self.seen.push(arrived(&message)),
                // An outage; the consumer connects again by itself.
                Ok(Err(_)) => {}
                Err(_) => panic!("{} messages came, and no more", self.seen.len()),
            }
        }
        self.seen.clone()
    }

    /// Reads until every event up to this position has come.
    pub(crate) async fn all_up_to(&mut self, position: u64) -> Vec<Arrived> {
        self.until(|seen| {
            let positions: BTreeSet<u64> = seen.iter().map(Arrived::position).collect();
            (1..=position).all(|position| positions.contains(&position))
        })
        .await
    }
}

fn arrived(message: &rdkafka::message::BorrowedMessage<'_>) -> Arrived {
    let text = String::from_utf8(message.payload().unwrap().to_vec()).unwrap();
    let headers = message.headers().unwrap();
    let header = headers.iter().find(|header| header.key == "content-type").unwrap();
    Arrived {
        topic: message.topic().to_owned(),
        partition: message.partition(),
        key: String::from_utf8(message.key().unwrap().to_vec()).unwrap(),
        content_type: String::from_utf8(header.value.unwrap().to_vec()).unwrap(),
        json: serde_json::from_str(&text).unwrap(),
        text,
    }
}

/// How often each position came.
pub(crate) fn counts(seen: &[Arrived]) -> BTreeMap<u64, usize> {
    let mut counts = BTreeMap::new();
    for message in seen {
        *counts.entry(message.position()).or_default() += 1;
    }
    counts
}

/// Fails unless each key has one partition and, repetitions passed over, rising positions.
pub(crate) fn check_order(seen: &[Arrived]) {
    let mut partitions = BTreeMap::new();
    let mut last: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut known = BTreeSet::new();
    for message in seen {
        let key = (message.topic.as_str(), message.key.as_str());
        assert_eq!(*partitions.entry(key).or_insert(message.partition), message.partition);
        if known.insert(message.position()) {
            let before = last.insert(key, message.position()).unwrap_or_default();
            assert!(before < message.position(), "{key:?}: {before} before {}", message.position());
        }
    }
}
