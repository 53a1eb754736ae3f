//! The topics: made if they are missing, left as they are if not.

use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{FutureProducer, Producer as _};
use rdkafka::types::RDKafkaRespErr;

use super::envelope::{REPORTS, TWEETS, USERS};
use super::publisher::{Ear, Publisher, config};

/// Partitions of a topic that is made here.
const PARTITIONS: i32 = 3;
/// As many replicas as the brokers are set to make.
const REPLICAS: TopicReplication<'_> = TopicReplication::Fixed(-1);
/// How long the brokers may take to say which topics there are.
const ASK: Duration = Duration::from_secs(2);
/// How long they may take to make one.
const MAKE: Duration = Duration::from_secs(5);

/// Makes sure that the topics are there.
///
/// # Errors
/// If no broker answers, or they refuse; as a sentence.
pub(super) async fn ensure(publisher: &Publisher, brokers: &str) -> Result<(), String> {
    let Some(producer) = publisher.producer() else { return Ok(()) };
    let brokers = brokers.to_owned();
    let runtime = tokio::runtime::Handle::current();
    let work = move || {
        let missing = missing(&producer).map_err(|error| error.to_string())?;
        if missing.is_empty() { Ok(()) } else { runtime.block_on(make(&brokers, &missing)) }
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| error.to_string())?
}

fn missing(producer: &FutureProducer<Ear>) -> Result<Vec<&'static str>, KafkaError> {
    let mut missing = Vec::new();
    for name in [USERS, TWEETS, REPORTS] {
        let answer = producer.client().fetch_metadata(Some(name), ASK)?;
        let unknown = Some(RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
        if answer.topics().iter().any(|topic| topic.error() == unknown) {
            missing.push(name);
        }
    }
    Ok(missing)
}

async fn make(brokers: &str, names: &[&'static str]) -> Result<(), String> {
    let trouble = |error: &dyn std::fmt::Display| {
        format!("can't make the topics {} ({error}): make them by hand", names.join(", "))
    };
    let admin: AdminClient<Ear> =
        config(brokers).create_with_context(Ear::default()).map_err(|error| trouble(&error))?;
    let topics: Vec<_> =
        names.iter().map(|name| NewTopic::new(name, PARTITIONS, REPLICAS)).collect();
    let options = AdminOptions::new().request_timeout(Some(MAKE));
    let made = admin.create_topics(&topics, &options).await.map_err(|error| trouble(&error))?;
    for topic in made {
        match topic {
            // Another server was faster.
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((_, code)) => return Err(trouble(&code)),
        }
    }
    tracing::info!(topics = names.join(", "), partitions = PARTITIONS, "made Kafka topics");
    Ok(())
}
