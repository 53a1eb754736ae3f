//! Three partitions, and the order of each key.

use std::collections::BTreeSet;

use siskin_domain::DisplayName;
use siskin_domain::user::ProfileUpdate;

use crate::broker::{Kafka, check_order, counts};
use crate::relay::Site;

#[tokio::test(flavor = "multi_thread")]
async fn one_aggregates_events_keep_their_order_over_three_partitions() {
    let (site, kafka) = (Site::new(), Kafka::start());
    let mut reader = kafka.reader();
    let relay = site.relay(&kafka);
    let mut people = Vec::new();
    for n in 0..12 {
        people.push(site.scene.register(&format!("person{n}")).await);
    }
    let mut tasks = tokio::task::JoinSet::new();
    for person in people {
        let scene = site.scene.clone();
        tasks.spawn(async move {
            for n in 0..40 {
                let name = Some(DisplayName::parse(&format!("Name {n}")).unwrap());
                scene.update(person, ProfileUpdate { name, ..Default::default() }).await.unwrap();
                let tweet = scene.post(person, "hello").await;
                scene.delete_tweet(tweet, person).await;
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(site.end(), 12 + 12 * 40 * 3);
    let seen = reader.all_up_to(site.end()).await;
    relay.stop().await;
    check_order(&seen);
    assert!(counts(&seen).values().all(|count| *count == 1), "without trouble, once");
    for topic in ["users", "tweets"] {
        let of_topic = seen.iter().filter(|message| message.topic == topic);
        let partitions: BTreeSet<i32> = of_topic.map(|message| message.partition).collect();
        assert_eq!(partitions, BTreeSet::from([0, 1, 2]), "{topic}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_of_the_broker_change_no_order() {
    use rdkafka::types::RDKafkaRespErr::{
        RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
        RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
    };
    let (site, kafka) = (Site::new(), Kafka::start());
    let mut reader = kafka.reader();
    let ana = site.scene.register("ana").await;
    for n in 0..300 {
        let name = Some(DisplayName::parse(&format!("Name {n}")).unwrap());
        site.scene.update(ana, ProfileUpdate { name, ..Default::default() }).await.unwrap();
    }
    kafka.refuse(&[
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
        RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
        RD_KAFKA_RESP_ERR__TRANSPORT,
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
    ]);
    let relay = site.relay(&kafka);
    let seen = reader.all_up_to(site.end()).await;
    relay.stop().await;
    check_order(&seen);
}
