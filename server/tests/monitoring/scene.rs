//! Servers with visitors, each with a fault of its own to come, and one Prometheus that looks at
//! them all.

use std::time::Duration;

use futures::future::join_all;

use crate::alertmanager::Alertmanager;
use crate::broker::Kafka;
use crate::crowd::Crowd;
use crate::disk::{DB, Disk, Field, WAL};
use crate::mongodb;
use crate::prometheus::Prometheus;
use crate::proxy::{Fault, Proxy};
use crate::server::{Environment, Server};
use crate::visitor::{Habits, Visitor, sign_up};

/// More than one core's places for requests with a body.
const CROWD: usize = 1200;
/// How much longer each flush to a slow disk takes.
const SLOW: Duration = Duration::from_millis(1500);

/// A server, named after what happens to it.
pub(crate) struct Watched {
    pub(crate) name: &'static str,
    /// Those with the same store are one service.
    service: &'static str,
    pub(crate) server: Server,
    _visitor: Visitor,
    folder: tempfile::TempDir,
}

impl Watched {
    async fn start(
        name: &'static str,
        service: &'static str,
        habits: Habits,
        folder: tempfile::TempDir,
        environment: Environment,
    ) -> Self {
        let path = folder.path().to_owned();
        let start = move || Server::start(&path, environment);
        let server = tokio::task::spawn_blocking(start).await.unwrap();
        let visitor = Visitor::to(&server.url, habits).await;
        Self { name, service, server, _visitor: visitor, folder }
    }

    /// On a file, alone.
    async fn on_sqlite(name: &'static str, environment: Environment) -> Self {
        Self::start(name, name, Habits::GUESSES, folder(), environment).await
    }

    /// On a file of a disk that can fail.
    async fn on_disk(name: &'static str, habits: Habits) -> (Self, Disk) {
        let folder = folder();
        let disk = Disk::under(folder.path());
        let environment = with(&disk.environment());
        (Self::start(name, name, habits, folder, environment).await, disk)
    }
}

/// Everything that is there.
pub(crate) struct Scene {
    pub(crate) prometheus: Prometheus,
    pub(crate) servers: Vec<Watched>,
    disks: [Disk; 3],
    away: Proxy,
    behind: Proxy,
    kafka: Kafka,
    crowd: Option<Crowd>,
}

/// Which server gets which alert, and nothing else.
pub(crate) const OWN: [(&str, &str); 9] = [
    ("SiskinDown", "killed"),
    ("SiskinStoreDown", "away"),
    ("SiskinDiskFull", "full"),
    ("SiskinWriteFailures", "broken"),
    ("SiskinProjectionLag", "behind"),
    ("SiskinRelayLag", "relays"),
    ("SiskinOverload", "crowded"),
    ("SiskinErrors", "garbled"),
    ("SiskinSlow", "slow"),
];

impl Scene {
    /// All is well.
    pub(crate) async fn start(alertmanager: &Alertmanager) -> Self {
        let kafka = Kafka::start();
        let databases = [(); 2].map(|()| mongodb::database());
        let host = mongodb::host(&databases[0]);
        let (away, behind) = (Proxy::to(host).await, Proxy::to(host).await);
        let store = |url: &str| with(&[("SISKIN_DATABASE_URL", url)]);
        let wrapper = with(&[("SISKIN_TEST_WRAPPER", "taskset -c 0")]);
        let brokers = with(&[("SISKIN_KAFKA_BROKERS", &kafka.brokers())]);
        // In the server's own folder.
        let backup = with(&[("SISKIN_BACKUP_DIR", "backups"), ("SISKIN_BACKUP_EVERY", "1h")]);
        let on_away = store(&away.url(&databases[0]));
        let on_behind = store(&behind.url(&databases[1]));
        let beside = store(&databases[1]);
        let on_disk =
            [("full", Habits::ALL), ("broken", Habits::ALL), ("slow", Habits::TWEETS_ONLY)];
        let on_disk = join_all(on_disk.map(|(name, habits)| Watched::on_disk(name, habits)));
        let others = join_all([
            Watched::on_sqlite("calm", backup),
            Watched::on_sqlite("killed", with(&[])),
            Watched::on_sqlite("crowded", wrapper),
            Watched::on_sqlite("garbled", with(&[])),
            Watched::on_sqlite("relays", brokers),
        ]);
        let on_mongodb = join_all([
            Watched::start("away", "away", Habits::ALL, folder(), on_away),
            // One reads what the other writes.
            Watched::start("beside", "two", Habits::TWEETS_MUCH, folder(), beside),
            Watched::start("behind", "two", Habits::READS_ONLY, folder(), on_behind),
        ]);
        let (on_disk, others, on_mongodb) = tokio::join!(on_disk, others, on_mongodb);
        let (on_disk, disks): (Vec<_>, Vec<_>) = on_disk.into_iter().unzip();
        let servers: Vec<Watched> = on_disk.into_iter().chain(others).chain(on_mongodb).collect();
        let garbled = servers.iter().find(|watched| watched.name == "garbled").unwrap();
        sign_up(&reqwest::Client::new(), &garbled.server.url, "ben").await;
        // Last, as no server at all would be an alert, too.
        let prometheus = Prometheus::start(alertmanager.port).await;
        prometheus.watch(servers.iter().map(|s| (s.name, s.service, s.server.metrics.clone())));
        let Ok(disks) = <[Disk; 3]>::try_from(disks) else { panic!("three disks") };
        Self { prometheus, servers, disks, away, behind, kafka, crowd: None }
    }

    /// The server of that name.
    pub(crate) fn server(&mut self, name: &str) -> &mut Server {
        &mut self.servers.iter_mut().find(|watched| watched.name == name).unwrap().server
    }

    /// Each gets its fault.
    pub(crate) fn break_all(&mut self) {
        let [full, broken, slow] = &self.disks;
        full.leave(0);
        broken.set(Field::EioWrite, DB | WAL);
        slow.set(Field::FsyncMicros, i64::try_from(SLOW.as_micros()).unwrap());
        self.away.set(Fault::Refuse);
        self.behind.set(Fault::HideLog);
        self.kafka.down();
        self.garble("role = 'one that a later version has'");
        self.server("killed").kill();
        let url = self.server("crowded").url.clone();
        self.crowd = Some(Crowd::of(CROWD, &url));
    }

    /// What is wrong with this server is repaired.
    pub(crate) fn heal(&mut self, name: &str) {
        let [full, broken, slow] = &self.disks;
        match name {
            "full" => full.make_room(),
            "broken" => broken.set(Field::EioWrite, 0),
            "slow" => slow.set(Field::FsyncMicros, 0),
            "away" => self.away.set(Fault::None),
            "behind" => self.behind.set(Fault::None),
            "relays" => self.kafka.up(),
            "garbled" => self.garble("role = 'user'"),
            "crowded" => self.crowd = None,
            "killed" => tokio::task::block_in_place(|| self.server("killed").restart()),
            other => panic!("nothing is wrong with {other}"),
        }
    }

    /// Writes into a server's file behind its back.
    fn garble(&self, change: &str) {
        let garbled = self.servers.iter().find(|watched| watched.name == "garbled").unwrap();
        let file = rusqlite::Connection::open(garbled.folder.path().join("siskin.db")).unwrap();
        file.busy_timeout(Duration::from_secs(60)).unwrap();
        let changed =
            file.execute(&format!("UPDATE users SET {change} WHERE username = 'ben'"), []);
        assert_eq!(changed.unwrap(), 1);
    }
}

fn with(environment: &[(&str, &str)]) -> Environment {
    environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}
