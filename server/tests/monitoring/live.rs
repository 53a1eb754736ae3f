//! Real servers, a real Prometheus, real faults: each fires its own alert within a minute, and no
//! other; when it is over, the alert is too.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant, UNIX_EPOCH};

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
/// A fault has its alert within this time: the promise of `alerts.yml`, by Prometheus's clock.
const FIRES_WITHIN: Duration = Duration::from_secs(60);
/// So much later we may see that, on a machine that lets us wait.
const SEEN_WITHIN: Duration = Duration::from_secs(30);
/// And loses it once it is repaired: windows are of one minute, the rest is for a slow machine.
const RESOLVES_WITHIN: Duration = Duration::from_secs(180);
/// Whoever is on call is told of it: Alertmanager waits for five seconds.
const TOLD_WITHIN: Duration = Duration::from_secs(60);
/// The alert that a slow machine deserves: no fault of ours if it fires where nothing is broken.
const OF_THE_MACHINE: &str = "SiskinSlow";
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
    fire_and_resolve(&mut scene, &alertmanager, &expected).await;
    let all = scene.prometheus.ever_fired().await;
    assert!(all.is_superset(&expected), "{all:?}");
    assert_eq!(others(&all, &expected), BTreeSet::new(), "no other in all this time");
    assert!(!scene.prometheus.log().contains("level=error"), "{}", scene.prometheus.log());
    is_told(&alertmanager, &expected).await;
    let said: Vec<String> =
        scene.servers.iter().flat_map(|watched| watched.server.said()).collect();
    lines::as_in_the_test_input(&said);
}

async fn stays_calm(scene: &Scene) {
    let begun = Instant::now();
    while begun.elapsed() < CALM {
        let firing = scene.prometheus.firing().await;
        assert_eq!(others(&firing, &BTreeSet::new()), BTreeSet::new(), "nothing is wrong yet");
        tokio::time::sleep(LOOK).await;
    }
}

/// What fires though nothing is wrong there, the machine aside.
fn others(firing: &BTreeSet<Firing>, expected: &BTreeSet<Firing>) -> BTreeSet<Firing> {
    firing.difference(expected).filter(|(alert, _)| alert != OF_THE_MACHINE).cloned().collect()
}

/// Breaks everything, repairs each server once its alert is there and told, and waits until none is
/// left.
async fn fire_and_resolve(
    scene: &mut Scene,
    alertmanager: &Alertmanager,
    expected: &BTreeSet<Firing>,
) {
    scene.break_all();
    let (broken, broken_at) = (Instant::now(), UNIX_EPOCH.elapsed().unwrap());
    // When each alert came, when it was seen, when its fault was repaired, and when it went.
    let (mut came, mut seen) = (Times::new(), Times::new());
    let (mut repaired, mut went) = (Times::new(), Times::new());
    while went.len() < expected.len() {
        let firing = scene.prometheus.firing().await;
        assert_eq!(others(&firing, expected), BTreeSet::new(), "what else fires");
        let called = alertmanager.called();
        for alert in expected {
            let fires = firing.contains(alert);
            let now = broken.elapsed();
            if fires && !seen.contains_key(alert) {
                seen.insert(alert.clone(), now);
                let first = scene.prometheus.first_fired(alert).await;
                // A hundred events must be written first: how fast is the machine's affair.
                let since = match alert.0.as_str() {
                    "SiskinProjectionLag" => scene.prometheus.first_lagged(&alert.1).await,
                    _ => broken_at,
                };
                came.insert(alert.clone(), first.saturating_sub(since));
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
            } else if let Some(at) = seen.get(alert) {
                let told = !CRITICAL.contains(&alert.0.as_str()) || called.contains(alert);
                assert!(told || now - *at < TOLD_WITHIN, "nobody is told of {alert:?}");
                if told && now - *at >= HELD {
                    scene.heal(&alert.1);
                    repaired.insert(alert.clone(), now);
                }
            } else if now > FIRES_WITHIN + SEEN_WITHIN {
                let late = scene.prometheus.missed(&alert.1).await == 0 || now > FIRES_WITHIN * 3;
                assert!(!late, "{alert:?} has not come: {came:#?}");
            }
        }
        tokio::time::sleep(LOOK).await;
    }
    for (alert, at) in &came {
        // A look that the machine made fail begins the wait of every alert about that server anew.
        let missed = alert.1 != "killed" && scene.prometheus.missed(&alert.1).await > 0;
        assert!(*at <= FIRES_WITHIN || missed, "{alert:?} came after {at:?}");
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
