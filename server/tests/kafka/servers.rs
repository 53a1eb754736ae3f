//! Several servers on one store: one of them publishes.

use std::time::Duration;

use crate::broker::{Kafka, check_order, counts};
use crate::relay::Site;

#[tokio::test(flavor = "multi_thread")]
async fn one_of_three_relays_publishes() {
    let (site, kafka) = (Site::new(), Kafka::start());
    let mut reader = kafka.reader();
    site.scene.register("ana").await;
    let relays: Vec<_> = (0..3).map(|_| site.relay(&kafka)).collect();
    site.post(200).await;
    let seen = reader.all_up_to(site.end()).await;
    for relay in relays {
        relay.stop().await;
    }
    assert!(counts(&seen).values().all(|count| *count == 1), "nothing comes twice");
    check_order(&seen);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_server_goes_on_when_one_stops() {
    let (mut site, kafka) = (Site::new(), Kafka::start());
    // What came is acknowledged soon, but on a slow machine not within the usual second.
    site.pace.drain = Duration::from_secs(60);
    let mut reader = kafka.reader();
    let first = site.relay(&kafka);
    site.scene.register("ana").await;
    reader.all_up_to(1).await;
    let second = site.relay(&kafka);
    site.post(100).await;
    reader.all_up_to(site.end()).await;
    first.stop().await;
    site.post(100).await;
    let seen = reader.all_up_to(site.end()).await;
    second.stop().await;
    assert!(counts(&seen).values().all(|count| *count == 1), "nothing comes twice");
    check_order(&seen);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_server_goes_on_when_one_dies() {
    let (site, kafka) = (Site::new(), Kafka::start());
    let mut reader = kafka.reader();
    let first = site.relay(&kafka);
    site.scene.register("ana").await;
    reader.all_up_to(1).await;
    let second = site.relay(&kafka);
    first.kill().await;
    site.post(100).await;
    site.clock.forward(site.pace.lease * 2);
    let seen = reader.all_up_to(site.end()).await;
    second.stop().await;
    check_order(&seen);
}
