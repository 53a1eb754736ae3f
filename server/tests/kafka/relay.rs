//! A relay on a store, for one test.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};
use std::time::Duration;

use siskin_domain::Timestamp;
use siskin_server::application::Clock;
use siskin_server::relay::{Envelopes, Pace, Relay};
use siskin_server::storage::contract::scene::Scene;
use siskin_server::storage::{Audience, Holder, SqliteStore, Store};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::broker::Kafka;

/// A clock that is moved by hand.
#[derive(Default)]
pub(crate) struct Hand(AtomicI64);

impl Hand {
    pub(crate) fn forward(&self, duration: Duration) {
        self.0.fetch_add(duration.as_millis() as i64, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_ms(1_764_015_096_042 + self.0.load(Ordering::SeqCst))
    }
}

/// A store in a folder of its own, a clock, and what starts relays.
pub(crate) struct Site {
    pub(crate) scene: Scene,
    pub(crate) clock: Arc<Hand>,
    pub(crate) pace: Pace,
    pub(crate) email: bool,
    next: AtomicU8,
    _folder: tempfile::TempDir,
}

/// A relay that runs.
pub(crate) struct Running {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Site {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("siskin.db")).unwrap();
        Self {
            scene: Scene::new(Arc::new(store)),
            clock: Arc::default(),
            pace: Pace { renew: Duration::from_millis(100), ..Pace::default() },
            email: false,
            next: AtomicU8::new(1),
            _folder: folder,
        }
    }

    /// Starts a relay as another server would.
    pub(crate) fn relay(&self, kafka: &Kafka) -> Running {
        let relay = Relay {
            store: Arc::clone(&self.scene.store) as Arc<dyn Store>,
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            holder: Holder([self.next.fetch_add(1, Ordering::SeqCst); 16]),
            brokers: kafka.brokers(),
            envelopes: Envelopes::new("https://tweets.example.org", self.email),
            pace: self.pace.clone(),
        };
        let (stop, stopping) = watch::channel(false);
        Running { stop, task: tokio::spawn(relay.run(stopping)) }
    }

    /// The end of the log.
    pub(crate) fn end(&self) -> u64 {
        self.scene.store.position().0
    }

    /// Posts so many tweets, each of two people in turn.
    pub(crate) async fn post(&self, tweets: usize) {
        let people = self
            .scene
            .store
            .list_users(siskin_server::storage::Page::newest(2), Audience::All)
            .await;
        let people = people.unwrap();
        for n in 0..tweets {
            let author = people[n % people.len()].id;
            self.scene.post(author, &format!("tweet {n}")).await;
        }
    }
}

impl Running {
    /// As SIGTERM does it.
    pub(crate) async fn stop(self) {
        self.stop.send_replace(true);
        let ended = tokio::time::timeout(Duration::from_secs(120), self.task).await;
        ended.expect("it stops").unwrap();
    }

    /// As SIGKILL does it: nothing is saved, nothing is given back.
    pub(crate) async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}
