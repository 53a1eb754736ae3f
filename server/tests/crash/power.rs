//! Power loss: what has not been flushed is gone, or half of it is there. At any moment, under load,
//! everything that was acknowledged is found afterwards.
//!
//! It is simulated (`support/disk.c`): the disk is what fsync was successful for, and a power loss is a
//! copy of it, made at a random operation on a file: between two writes, before a flush or after it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use siskin_domain::tweet::TweetEvent;
use siskin_domain::{Event, Position};
use siskin_server::storage::SqliteStore;
use siskin_server::storage::contract::scene::Scene;

use crate::disk::{Disk, Field};
use crate::load::{client, sign_up};
use crate::place::{Place, tweet, whole};
use crate::server::{self, Server};
use crate::wait::eventually;

/// So many servers are started, one after the other, each on what the one before has left.
const SERVERS: usize = 4;
/// So often each loses its power.
const TIMES: i64 = 16;
const WRITERS: usize = 8;

/// What was acknowledged, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// A tweet that stays.
    Posted(u64),
    /// It is gone for good.
    Deleted(u64),
}

/// Everything that was acknowledged. The disk is told how much it is, before and not after.
struct Acks {
    told: Mutex<Vec<Told>>,
    disk: Arc<Disk>,
}

impl Acks {
    fn add(&self, what: Told) {
        let mut told = self.told.lock();
        told.push(what);
        self.disk.set(Field::Acks, told.len() as i64);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_write_survives_a_power_loss_at_any_moment() {
    let place = Place::new();
    let mut dice = Dice(0x0051_5125);
    let mut lost = 0;
    let first = place.start();
    let (_, token) = sign_up(&first.url, "ana").await;
    first.terminate();
    let told = Arc::new(Mutex::new(Vec::new()));
    for _ in 0..SERVERS {
        let disk = Arc::new(Disk::shadowed(place.path()));
        let acks = Arc::new(Acks { told: Mutex::new(told.lock().clone()), disk: disk.clone() });
        disk.set(Field::Acks, acks.told.lock().len() as i64);
        // The first one may come while the server starts.
        let torn = |dice: &mut Dice| (dice.throw(2) * (1 + dice.throw(1 << 30))) as i64;
        disk.lose_power(1, dice.throw(8) as i64, torn(&mut dice));
        let mut server = Server::start_with(place.path(), &disk.environment());
        let writers = Writers::begin(&server, &token, &acks);
        for n in 1..=TIMES {
            let mut there = None;
            eventually("the power is lost", async || {
                there = disk.lost(n);
                there.is_some()
            })
            .await;
            let (folder, known) = there.unwrap();
            // The next one is on its way while this one is looked at.
            disk.lose_power(n + 1, dice.throw(60) as i64, torn(&mut dice));
            let told = acks.told.lock()[..known].to_vec();
            check(&folder, &told).await;
            if n % 8 == 0 {
                let verified = server::run(&folder, &["projections", "verify"]);
                assert!(verified.status.success(), "projections verify: {verified:?}");
            }
            lost += 1;
        }
        server.kill();
        writers.end().await;
        *told.lock() = acks.told.lock().clone();
    }
    let told = told.lock().clone();
    let deleted = told.iter().filter(|told| matches!(told, Told::Deleted(_))).count();
    println!("{lost} power losses; {} acknowledgements, {deleted} of deletions", told.len());
    assert!(deleted > 0 && told.len() > 200, "too little happened");
    check(place.path(), &told).await;
}

/// A store that nobody has finished making can be made again.
#[tokio::test(flavor = "multi_thread")]
async fn a_power_loss_while_the_database_is_made_leaves_one_that_starts() {
    for after in 0..24 {
        let place = Place::shadowed();
        place.disk.lose_power(1, after, i64::from(after % 2 == 1) * (1 + after));
        let server = place.start();
        let mut there = place.disk.lost(1);
        if there.is_none() {
            // It was made in fewer steps.
            let (_, token) = sign_up(&server.url, "ana").await;
            eventually("the power is lost", async || {
                tweet(&server, &token, "more").await;
                there = place.disk.lost(1);
                there.is_some()
            })
            .await;
        }
        let (folder, _) = there.unwrap();
        let store = SqliteStore::open(&folder.join("siskin.db")).unwrap();
        let scene = Scene::new(Arc::new(store));
        scene.sound().await;
        if after > 12 {
            break;
        }
    }
}

/// Fails unless the store opens, is sound, and has what was told.
async fn check(folder: &Path, told: &[Told]) {
    let database = folder.join("siskin.db");
    let store = Arc::new(SqliteStore::open(&database).unwrap());
    let scene = Scene::new(store);
    scene.sound().await;
    let mut tweets = HashMap::new();
    for (recorded, position) in scene.log().await.iter().zip(1..) {
        assert_eq!(recorded.position, Position(position), "positions have no gap");
        match (&recorded.event, recorded.stream) {
            (Event::Tweet(TweetEvent::Posted { .. }), siskin_domain::StreamId::Tweet(id)) => {
                assert_eq!(tweets.insert(id.get(), true), None, "{id} is there twice");
            }
            (Event::Tweet(TweetEvent::Deleted { .. }), siskin_domain::StreamId::Tweet(id)) => {
                assert_eq!(tweets.insert(id.get(), false), Some(true), "{id} is deleted twice");
            }
            _ => {}
        }
    }
    for told in told {
        match told {
            Told::Posted(id) => assert_eq!(tweets.get(id), Some(&true), "{told:?} is lost"),
            Told::Deleted(id) => assert_eq!(tweets.get(id), Some(&false), "{told:?} is lost"),
        }
    }
    drop(scene);
    whole(&database);
}

/// People who tweet; every fourth deletes what they tweet, so that the log is emptied again and again.
struct Writers {
    tasks: tokio::task::JoinSet<()>,
    stop: Arc<AtomicBool>,
}

impl Writers {
    fn begin(server: &Server, token: &str, acks: &Arc<Acks>) -> Self {
        let (mut tasks, stop) = (tokio::task::JoinSet::new(), Arc::<AtomicBool>::default());
        for n in 0..WRITERS {
            let (url, token) = (format!("{}/api/v2/tweets", server.url), token.to_owned());
            let (acks, stop) = (acks.clone(), stop.clone());
            tasks.spawn(async move {
                let client = client();
                let body = serde_json::json!({ "body": "acknowledged ".repeat(n + 1) });
                while !stop.load(Ordering::SeqCst) {
                    let post = client.post(&url).bearer_auth(&token).json(&body).send().await;
                    let Ok(answer) = post else { return };
                    assert_eq!(answer.status(), 201);
                    let Ok(answer) = answer.json::<serde_json::Value>().await else { return };
                    let id = answer["tweet"]["id"].as_u64().unwrap();
                    if n % 4 != 0 {
                        acks.add(Told::Posted(id));
                        continue;
                    }
                    let this = client.delete(format!("{url}/{id}")).bearer_auth(&token);
                    let Ok(answer) = this.send().await else { return };
                    assert!(answer.status().is_success(), "{}", answer.status());
                    acks.add(Told::Deleted(id));
                }
            });
        }
        Self { tasks, stop }
    }

    async fn end(self) {
        self.stop.store(true, Ordering::SeqCst);
        self.tasks.join_all().await;
    }
}

/// xorshift64*: any scatter will do, and the same each time.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 20) % sides
    }
}
