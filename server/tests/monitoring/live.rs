//! Real servers, a real Prometheus, real faults: each fires its own alert within a minute, and no
//! other; when it is over, the alert is too.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::alertmanager::Alertmanager;
use crate::dashboard;
use crate::prometheus::{Firing, Prometheus};
use crate::rules;
use crate::scene::{OWN, Scene};
use crate::wait::eventually;
use crate::{files, lines};

/// What wakes people; the others are mailed.
const CRITICAL: [&str; 5] =
    ["SiskinDown", "SiskinStoreDown", "SiskinDiskFull", "SiskinWriteFailures", "SiskinErrors"];
/// A fault has its alert within this time.
const FIRES_WITHIN: Duration = Duration::from_secs(60);
/// And loses it within this one: windows are of a minute, and two for what explains another.
const RESOLVES_WITHIN: Duration = Duration::from_secs(120);
/// How long all is well before anything is broken: long enough for a false alarm.
const CALM: Duration = Duration::from_secs(8);
const LOOK: Duration = Duration::from_millis(500);

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_fires_its_own_alert_and_no_other_and_it_resolves() {
    files::allow_many();
    let alertmanager = Alertmanager::start().await;
    let mut scene = Scene::start(Prometheus::start(alertmanager.port).await).await;
    let expected: BTreeSet<Firing> =
        OWN.iter().map(|(alert, of)| ((*alert).to_owned(), (*of).to_owned())).collect();
    let begun = Instant::now();
    while begun.elapsed() < CALM {
        assert_eq!(scene.prometheus.firing().await, BTreeSet::new(), "nothing is wrong yet");
        tokio::time::sleep(LOOK).await;
    }
    rules::metrics_exist(&scene.prometheus).await;
    for watched in &scene.servers {
        rules::check_metrics(watched.name, &watched.server.metrics).await;
    }

    scene.break_all();
    let took = until(&scene.prometheus, FIRES_WITHIN, |firing| firing.is_superset(&expected)).await;
    println!("fired after {took:#?}");
    assert_eq!(scene.prometheus.firing().await, expected, "its own alert, and no other");
    let critical: BTreeSet<Firing> =
        expected.iter().filter(|(alert, _)| CRITICAL.contains(&alert.as_str())).cloned().collect();
    eventually("whoever is on call is called", async || alertmanager.called() == critical).await;
    for alert in CRITICAL {
        let mailed = |(to, subject): &(String, String)| {
            to == "on-call@example.org" && subject.contains("FIRING") && subject.contains(alert)
        };
        eventually("and gets a mail", async || alertmanager.mails().iter().any(mailed)).await;
    }
    // Now there is something to see in every panel.
    dashboard::has_data(&scene.prometheus).await;

    scene.heal_all();
    let took = until(&scene.prometheus, RESOLVES_WITHIN, BTreeSet::is_empty).await;
    println!("resolved after {took:#?}");
    assert_eq!(scene.prometheus.ever_fired().await, expected, "no other in all this time");
    assert!(!scene.prometheus.log().contains("level=error"), "{}", scene.prometheus.log());
    let said: Vec<String> =
        scene.servers.iter().flat_map(|watched| watched.server.said()).collect();
    lines::as_in_the_test_input(&said);
}

/// Waits until what fires is enough; says when each alert came or went.
async fn until(
    prometheus: &Prometheus,
    patience: Duration,
    enough: impl Fn(&BTreeSet<Firing>) -> bool,
) -> BTreeMap<Firing, Duration> {
    let begun = Instant::now();
    let mut before = prometheus.firing().await;
    let mut changes = BTreeMap::new();
    loop {
        let firing = prometheus.firing().await;
        for alert in firing.symmetric_difference(&before) {
            changes.insert(alert.clone(), begun.elapsed());
        }
        if enough(&firing) {
            return changes;
        }
        assert!(
            begun.elapsed() < patience,
            "after {patience:?} this fires: {firing:#?}, and came or went: {changes:#?}"
        );
        before = firing;
        tokio::time::sleep(LOOK).await;
    }
}
