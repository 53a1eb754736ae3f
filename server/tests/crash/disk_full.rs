//! A disk without room: reads go on, writes answer 503 and say why, and it passes by itself.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::disk::{Disk, Field};
use crate::load::{Load, client, sign_up};
use crate::place::{Place, check, get, post, ready, tweet, well};
use crate::server::{self, Server};
use crate::stream::Reader;
use crate::wait::eventually;

/// What people and operators meet on a server whose disk is filled up and has room again.
async fn fills_up_and_passes(
    server: Server,
    metrics: Option<&str>,
    fill: impl FnOnce(),
    make_room: impl FnOnce(),
) -> crate::load::Told {
    let (_, token) = sign_up(&server.url, "ana").await;
    let reader = Reader::begin(&server.url, None).await;
    let load = Load::begin(std::slice::from_ref(&server.url), &token);
    eventually("all write", async || load.acknowledged() >= 20).await;

    fill();
    let before = load.refused();
    eventually("writes are refused", async || load.refused() >= before + 20).await;
    // A small commit may still fit into what a larger one had got before it failed.
    let (mut tried, mut refused) = (Vec::new(), None);
    eventually("a tweet is refused", async || {
        let body = format!("no room for this, {}", tried.len());
        let answer = post(&server, &token, &body).await;
        let done = answer.status() == 503;
        tried.push((body, done));
        refused = Some(answer);
        done
    })
    .await;
    let refused = refused.unwrap();
    assert_eq!(refused.headers()["retry-after"], "10");
    let refused: serde_json::Value = refused.json().await.unwrap();
    assert_eq!(refused["code"], "store_full");
    assert!(refused["message"].as_str().unwrap().contains("no room"), "{refused}");
    for path in ["/", "/livez", "/api/v2/tweets", "/api/v1/users?limit=1"] {
        assert_eq!(get(&server, path).await.status(), 200, "{path}");
    }
    // Who is signed in stays so.
    let me = client().get(format!("{}/api/v1/sessions", server.url)).bearer_auth(&token);
    assert_eq!(me.send().await.unwrap().status(), 200);
    // Where people can read is better than nowhere: no balancer takes it away.
    let full = (200, "ok\nthe disk is full\n".to_owned());
    eventually("it says why", async || ready(&server).await == full).await;
    let folder = tempfile::tempdir().unwrap();
    let healthy =
        server::siskin(folder.path(), &["health", "--url", &server.url]).output().unwrap();
    let said = String::from_utf8(healthy.stdout).unwrap();
    assert!(
        healthy.status.success() && said.ends_with(" is ready, but the disk is full\n"),
        "{said}"
    );
    assert!(server.has_said("nothing can be written now"), "the log says it");
    if let Some(metrics) = metrics {
        let text = client().get(metrics).send().await.unwrap().text().await.unwrap();
        let counted = "siskin_store_write_failures_total{reason=\"disk_full\"}";
        assert!(text.contains(counted), "{text}");
    }

    make_room();
    eventually("it is well again", async || ready(&server).await == well()).await;
    let before = load.acknowledged();
    eventually("all write again", async || load.acknowledged() >= before + 20).await;
    let told = load.end().await;
    let newest = tweet(&server, &token, "there is room again").await;
    let shown = get(&server, "/api/v2/tweets").await.text().await.unwrap();
    assert!(shown.contains(&newest.to_string()));
    // The stream has told each tweet, and none that was not kept.
    let small = tried.iter().filter(|(_, refused)| !refused).count();
    let all = told.acknowledged.len() + small + 1;
    eventually("the stream tells them", async || reader.seen().len() >= all).await;
    server.terminate();
    let mut told = told;
    told.sent.insert("there is room again".to_owned());
    told.acknowledged.insert(newest, "there is room again".to_owned());
    for (body, refused) in tried {
        let known = if refused { &mut told.refused } else { &mut told.sent };
        known.insert(body);
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writes_only_and_passes() {
    let place = Place::new();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = place.start_with(&[("SISKIN_METRICS_ADDR", &port.to_string())]);
    let metrics = format!("http://{port}/metrics");
    let disk = &place.disk;
    let told =
        fills_up_and_passes(server, Some(&metrics), || disk.leave(5000), || disk.make_room()).await;
    assert!(disk.get(Field::Faults) > 0);
    place.check(&told).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_really_full_does_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_mounted) = Mounted::at(folder.path()) else {
        println!("skipped: only root may mount a file system, and not everywhere");
        return;
    };
    let server = Server::start(folder.path());
    let filler = folder.path().join("filler");
    let fill = || {
        let mut filler = File::create(&filler).unwrap();
        while filler.write_all(&[1; 512]).is_ok() {}
    };
    let make_room = || std::fs::remove_file(&filler).unwrap();
    let told = fills_up_and_passes(server, None, fill, make_room).await;
    check(&folder.path().join("siskin.db"), &told).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_starts_on_a_full_disk_and_reads() {
    let place = Place::new();
    let mut server = place.start();
    let (_, token) = sign_up(&server.url, "ana").await;
    tweet(&server, &token, "before").await;
    server.kill();
    place.disk.leave(0);
    // What was allocated for the index of the log is not needed by anybody else meanwhile.
    place.disk.leave(32 * 1024);
    let server = place.start();
    let shown = get(&server, "/api/v2/tweets").await.text().await.unwrap();
    assert!(shown.contains("before"), "{shown}");
    place.disk.leave(0);
    eventually("a tweet is refused", async || post(&server, &token, "x").await.status() == 503)
        .await;
    place.disk.make_room();
    eventually("it is well again", async || ready(&server).await == well()).await;
    tweet(&server, &token, "after").await;
    server.terminate();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_finds_no_room_leaves_nothing_and_hurts_nobody() {
    let place = Place::new();
    let server = place.start();
    let (_, token) = sign_up(&server.url, "ana").await;
    for n in 0..20 {
        tweet(&server, &token, &format!("{n}: {}", "words ".repeat(40))).await;
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let full = Disk::under(elsewhere.path());
    full.leave(200);
    let file = elsewhere.path().join("siskin.jsonl.zst");
    let done = server::siskin(place.path(), &["export", file.to_str().unwrap()])
        .envs(full.environment())
        .output()
        .unwrap();
    assert!(!done.status.success());
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(said.contains("No space left on device"), "{said}");
    let left: Vec<_> = std::fs::read_dir(elsewhere.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(ready(&server).await, well());
    tweet(&server, &token, "after").await;
    server.terminate();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_file_on_a_full_disk_stops_nobody() {
    let place = Place::new();
    let addr = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    let child = server::siskin(place.path(), &["serve"])
        .env("SISKIN_ADDR", addr.to_string())
        .env("SISKIN_LOG", "debug")
        .stdout(full())
        .stderr(full())
        .spawn()
        .unwrap();
    let url = format!("http://{addr}");
    let up = async || client().get(format!("{url}/readyz")).send().await.is_ok();
    eventually("it serves", up).await;
    let (_, token) = sign_up(&url, "ana").await;
    let load = Load::begin(&[url], &token);
    eventually("all write", async || load.acknowledged() >= 50).await;
    let told = load.end().await;
    let told_to_end = Command::new("kill").arg(child.id().to_string()).status();
    assert!(told_to_end.unwrap().success());
    let mut child = child;
    assert!(child.wait().unwrap().success(), "it ends as ever");
    place.check(&told).await;
}

/// A small file system in memory.
struct Mounted<'a>(&'a Path);

impl<'a> Mounted<'a> {
    fn at(folder: &'a Path) -> Option<Self> {
        let options = ["-t", "tmpfs", "-o", "size=64m", "tmpfs"];
        let done = Command::new("mount").args(options).arg(folder).stderr(Stdio::null()).status();
        done.is_ok_and(|status| status.success()).then_some(Self(folder))
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}
