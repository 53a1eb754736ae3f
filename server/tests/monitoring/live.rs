//! Real servers, a real Prometheus, real faults: each fires its own alert within a minute, and no
//! other; when it is over, the alert is too.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::alertmanager::Alertmanager;
use crate::dashboard;
use crate::prometheus::Firing;
use crate::rules;
use crate::scene::{OWN, Scene};
use crate::wait::eventually;
use crate::{files, lines};

/// What wakes people; the others are mailed.
const CRITICAL: [&str; 5] =
    ["SiskinDown", "SiskinStoreDown", "SiskinDiskFull", "SiskinWriteFailures", "SiskinErrors"];
/// A fault has its alert within this time.
const FIRES_WITHIN: Duration = Duration::from_secs(60);
/// And loses it within this one, once it is repaired: windows are of one minute.
const RESOLVES_WITHIN: Duration = Duration::from_secs(90);
/// How long all is well before anything is broken: long enough for a false alarm.
const CALM: Duration = Duration::from_secs(8);
/// How long an alert is left alone: longer than Alertmanager waits before it calls.
const HELD: Duration = Duration::from_secs(6);
const LOOK: Duration = Duration::from_millis(500);

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_fires_its_own_alert_and_no_other_and_it_resolves() {
    files::allow_many();
    let alertmanager = Alertmanager::start().await;
    let mut scene = Scene::start(&alertmanager).await;
    stays_calm(&scene).await;
    rules::metrics_exist(&scene.prometheus).await;
    for watched in &scene.servers {
        rules::check_metrics(watched.name, &watched.server.metrics).await;
    }
    let expected: BTreeSet<Firing> =
        OWN.iter().map(|(alert, of)| ((*alert).to_owned(), (*of).to_owned())).collect();
    fire_and_resolve(&mut scene, &expected).await;
    assert_eq!(scene.prometheus.ever_fired().await, expected, "no other in all this time");
    assert!(!scene.prometheus.log().contains("level=error"), "{}", scene.prometheus.log());
    is_told(&alertmanager, &expected).await;
    let said: Vec<String> =
        scene.servers.iter().flat_map(|watched| watched.server.said()).collect();
    lines::as_in_the_test_input(&said);
}

async fn stays_calm(scene: &Scene) {
    let begun = Instant::now();
    while begun.elapsed() < CALM {
        assert_eq!(scene.prometheus.firing().await, BTreeSet::new(), "nothing is wrong yet");
        tokio::time::sleep(LOOK).await;
    }
}

/// Breaks everything, repairs each server once its alert is there, and waits until none is left.
async fn fire_and_resolve(scene: &mut Scene, expected: &BTreeSet<Firing>) {
    scene.break_all();
    let broken = Instant::now();
    // When each alert came, when its fault was repaired, and when it went.
    let (mut came, mut repaired, mut went) = (Times::new(), Times::new(), Times::new());
    while went.len() < expected.len() {
        let firing = scene.prometheus.firing().await;
        assert!(firing.is_subset(expected), "what else fires: {:?}", firing.difference(expected));
        for alert in expected {
            let fires = firing.contains(alert);
            let now = broken.elapsed();
            if fires && !came.contains_key(alert) {
                came.insert(alert.clone(), now);
                if came.len() == expected.len() {
                    // Now there is something to see in every panel.
                    dashboard::has_data(&scene.prometheus).await;
                }
            }
            if let Some(at) = repaired.get(alert) {
                if !fires {
                    went.entry(alert.clone()).or_insert(now - *at);
                }
                let late = now - *at > RESOLVES_WITHIN && !went.contains_key(alert);
                assert!(!late, "{alert:?} still fires: {came:#?} {went:#?}");
            } else if came.get(alert).is_some_and(|at| now - *at >= HELD) {
                scene.heal(&alert.1);
                repaired.insert(alert.clone(), now);
            }
        }
        let all_came = came.len() == expected.len() || broken.elapsed() < FIRES_WITHIN;
        assert!(all_came, "these have come: {came:#?}");
        tokio::time::sleep(LOOK).await;
    }
    for (alert, of) in expected {
        let key = &(alert.clone(), of.clone());
        let [fired, resolved] = [came[key], went[key]].map(|time| time.as_secs_f64());
        println!(
            "{alert} fired {fired:.1} s after the fault, resolved {resolved:.1} s after its end"
        );
    }
}

type Times = BTreeMap<Firing, Duration>;

/// Whoever is on call was called for what is critical, and got a mail.
async fn is_told(alertmanager: &Alertmanager, expected: &BTreeSet<Firing>) {
    let critical: BTreeSet<Firing> =
        expected.iter().filter(|(alert, _)| CRITICAL.contains(&alert.as_str())).cloned().collect();
    eventually("they are called", async || alertmanager.called() == critical).await;
    for alert in CRITICAL {
        let mailed = |(to, subject): &(String, String)| {
            to == "on-call@example.org" && subject.contains("FIRING") && subject.contains(alert)
        };
        eventually("they get a mail", async || alertmanager.mails().iter().any(mailed)).await;
    }
}
