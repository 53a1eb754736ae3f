//! Restarts: nothing is lost, and what comes twice is what may.

use std::time::Duration;

use crate::broker::{Kafka, check_order, counts};
use crate::relay::Site;

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_goes_on_where_it_stopped() {
    let (mut site, kafka) = (Site::new(), Kafka::start());
    // What came is acknowledged soon, but on a slow machine not within the usual second.
    site.pace.drain = Duration::from_secs(60);
    let mut reader = kafka.reader();
    site.scene.register("ana").await;
    for _ in 0..3 {
        let relay = site.relay(&kafka);
        site.post(50).await;
        reader.all_up_to(site.end()).await;
        relay.stop().await;
        site.post(50).await;
    }
    let relay = site.relay(&kafka);
    let seen = reader.all_up_to(site.end()).await;
    relay.stop().await;
    assert_eq!(site.end(), 301);
    assert!(counts(&seen).values().all(|count| *count == 1), "an orderly stop repeats nothing");
    check_order(&seen);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_killed_before_its_checkpoint_repeats_and_loses_nothing() {
    let (mut site, kafka) = (Site::new(), Kafka::start());
    // The acknowledgements come, and the checkpoint never does.
    site.pace.save = Duration::from_secs(3600);
    let mut reader = kafka.reader();
    site.scene.register("ana").await;
    site.post(99).await;
    let relay = site.relay(&kafka);
    reader.all_up_to(100).await;
    relay.kill().await;
    site.post(100).await;
    // Nobody else may relay until the dead one's time is over.
    site.clock.forward(site.pace.lease * 2);
    let relay = site.relay(&kafka);
    let seen = reader.until(|seen| seen.len() >= 300).await;
    relay.stop().await;
    let counts = counts(&seen);
    assert_eq!(counts.len(), 200);
    for (position, count) in counts {
        assert_eq!(count, if position <= 100 { 2 } else { 1 }, "event {position}");
    }
    check_order(&seen);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_killed_again_and_again_loses_nothing() {
    let (mut site, kafka) = (Site::new(), Kafka::start());
    site.pace.window = 20;
    site.pace.save = Duration::from_millis(1);
    let mut reader = kafka.reader();
    site.scene.register("ana").await;
    site.post(500).await;
    for round in 1..=5 {
        let relay = site.relay(&kafka);
        reader.all_up_to(round * 80).await;
        relay.kill().await;
        site.clock.forward(site.pace.lease * 2);
    }
    let relay = site.relay(&kafka);
    let seen = reader.all_up_to(site.end()).await;
    relay.stop().await;
    check_order(&seen);
    assert!(seen.len() < 2 * 501, "checkpoints save most of the work: {}", seen.len());
}
