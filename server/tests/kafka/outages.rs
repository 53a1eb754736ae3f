//! Kafka goes away and comes back; the service does not notice.

use crate::broker::{Kafka, check_order, counts};
use crate::relay::Site;

#[tokio::test(flavor = "multi_thread")]
async fn brokers_that_are_away_at_the_start_get_everything_later() {
    let (site, kafka) = (Site::new(), Kafka::start());
    kafka.down();
    let relay = site.relay(&kafka);
    site.scene.register("ana").await;
    site.post(100).await;
    kafka.up();
    let seen = kafka.reader().all_up_to(site.end()).await;
    relay.stop().await;
    check_order(&seen);
}

#[tokio::test(flavor = "multi_thread")]
async fn brokers_that_go_away_in_between_get_everything_later() {
    let (site, kafka) = (Site::new(), Kafka::start());
    let relay = site.relay(&kafka);
    site.scene.register("ana").await;
    for _ in 0..3 {
        site.post(50).await;
        kafka.down();
        site.post(200).await;
        kafka.up();
    }
    let seen = kafka.reader().all_up_to(site.end()).await;
    relay.stop().await;
    check_order(&seen);
    assert_eq!(counts(&seen).len() as u64, site.end());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_stops_while_brokers_are_away_and_the_next_one_goes_on() {
    let (site, kafka) = (Site::new(), Kafka::start());
    let mut reader = kafka.reader();
    let relay = site.relay(&kafka);
    site.scene.register("ana").await;
    reader.all_up_to(1).await;
    kafka.down();
    site.post(100).await;
    relay.stop().await;
    // One that never saw a broker stops as well.
    site.relay(&kafka).stop().await;
    kafka.up();
    let relay = site.relay(&kafka);
    let seen = reader.all_up_to(site.end()).await;
    relay.stop().await;
    check_order(&seen);
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_that_are_made_by_hand_are_waited_for() {
    let (site, kafka) = (Site::new(), Kafka::without_topics());
    let relay = site.relay(&kafka);
    site.scene.register("ana").await;
    site.post(10).await;
    kafka.make_topics();
    let seen = kafka.reader().all_up_to(site.end()).await;
    relay.stop().await;
    assert!(seen.iter().all(|message| message.partition < 3));
}
