//! A new version is rolled out: three servers behind HAProxy end and start again, one after the
//! other, and nobody notices.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::haproxy::{HaProxy, free};
use crate::load::{Load, WRITERS, client, sign_up};
use crate::server::Server;
use crate::stream::Reader;
use crate::wait::eventually;
use crate::{log, mongodb};

/// Longer than HAProxy takes to notice, which is two failed checks of at most 0.7 s: by so much that a
/// machine may stop for some seconds at the wrong moment.
const DRAIN: &str = "8";

/// What each writer leaves to others: without it three servers want the log's lock all the time, and on a
/// busy machine one of them waits for it longer than a request does.
const REST: Duration = Duration::from_millis(300);

/// A tenth of a request's patience: whose writes take longer while nobody leaves has too slow a machine to
/// say that none is ever refused.
const SLOW: Duration = Duration::from_millis(350);

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_restart_fails_no_request_and_loses_no_event() {
    let database = mongodb::database();
    let addresses = free::<3>();
    let start = |addr| tokio::task::block_in_place(|| Server::at(addr, &database, DRAIN));
    let mut servers = addresses.map(start);
    let proxy = HaProxy::before(&addresses);
    eventually("all are up", async || proxy.up().await == 3).await;
    let (_, token) = sign_up(&proxy.url, "ana").await;
    let streams = [
        Reader::begin(&proxy.url, None).await,
        Reader::begin(&proxy.url, None).await,
        Reader::begin(&proxy.url, None).await,
    ];
    let load = Load::at_leisure(std::slice::from_ref(&proxy.url), &token, REST);
    let visitors = Visitors::begin(&proxy.url);
    eventually("all write", async || load.acknowledged() >= 20).await;
    let begun = Instant::now();
    let mut slowest = calm(&load).await;
    for attempt in 1.. {
        let before = load.refused();
        for (n, addr) in addresses.into_iter().enumerate() {
            let now = load.acknowledged();
            tokio::task::block_in_place(|| servers[n].terminate());
            eventually("the others write", async || load.acknowledged() >= now + 20).await;
            servers[n] = start(addr);
            eventually("it is back", async || proxy.up().await == 3).await;
        }
        let refused = load.refused() - before;
        slowest = slowest.max(calm(&load).await);
        let reasons = load.reasons();
        println!("{refused} refused in attempt {attempt}, in all {reasons:?}; calmly {slowest:?}");
        // Three servers take turns at the log, and on a machine with too much to do one may wait for its
        // turn longer than a request does: not for the restart's sake, if it does not happen always, or
        // if it happens to those whom nobody leaves.
        assert!(
            reasons.keys().all(|why| why == "store_unavailable"),
            "a write failed: {reasons:?}"
        );
        if refused == 0 || slowest > SLOW {
            break;
        }
        assert!(attempt < 3, "writes fail with each restart: {reasons:?}");
    }
    let told = load.end().await;
    let (answered, failed) = visitors.end().await;
    println!(
        "{} writes and {answered} reads during {:?}",
        told.acknowledged.len(),
        begun.elapsed()
    );
    assert_eq!(failed, BTreeMap::new(), "of {answered} reads");
    assert!(answered > 100, "{answered}");
    let there: Vec<u64> = log::check(&database, &told).await.into_iter().map(|p| p.0).collect();
    assert_eq!(there.len(), told.acknowledged.len());
    for stream in &streams {
        eventually("the stream has all", async || stream.seen().len() >= there.len()).await;
        assert_eq!(stream.seen(), there, "all once, and in order");
    }
}

/// How long a write takes while nobody leaves, from many; a refusal is as slow as can be.
async fn calm(load: &Load) -> Duration {
    let (begun, now, refused) = (Instant::now(), load.acknowledged(), load.refused());
    eventually("all write calmly", async || load.acknowledged() >= now + 40).await;
    if load.refused() > refused {
        return Duration::MAX;
    }
    (begun.elapsed() * WRITERS as u32 / 40).saturating_sub(REST)
}

/// People who read pages and lists, over connections that they keep and over new ones.
struct Visitors {
    tasks: tokio::task::JoinSet<(usize, BTreeMap<String, usize>)>,
    stop: Arc<AtomicBool>,
}

impl Visitors {
    fn begin(url: &str) -> Self {
        let (mut tasks, stop) = (tokio::task::JoinSet::new(), Arc::<AtomicBool>::default());
        for path in ["/", "/api/v2/tweets", "/api/v1/users?limit=5"] {
            for keeps in [true, false] {
                let (url, stop) = (format!("{url}{path}"), stop.clone());
                tasks.spawn(async move {
                    let kept = client();
                    let (mut answered, mut failed) = (0, BTreeMap::new());
                    while !stop.load(Ordering::SeqCst) {
                        let visitor = if keeps { kept.clone() } else { client() };
                        let outcome = match visitor.get(&url).send().await {
                            Ok(answer) if answer.status() == 200 => {
                                answer.bytes().await.map(drop).map_err(|e| format!("{e:?}"))
                            }
                            Ok(answer) => Err(answer.status().to_string()),
                            Err(error) => Err(format!("{error:?}")),
                        };
                        match outcome {
                            Ok(()) => answered += 1,
                            Err(why) => *failed.entry(why).or_default() += 1,
                        }
                        // The machine has others to serve, too.
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    (answered, failed)
                });
            }
        }
        Self { tasks, stop }
    }

    /// How many were answered, and why the others were not.
    async fn end(self) -> (usize, BTreeMap<String, usize>) {
        self.stop.store(true, Ordering::SeqCst);
        let (mut answered, mut failed) = (0, BTreeMap::new());
        for (some, why) in self.tasks.join_all().await {
            answered += some;
            failed.extend(why);
        }
        (answered, failed)
    }
}
