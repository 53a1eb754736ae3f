//! A disk that refuses to read, to write or to flush for a while.

use crate::disk::{DB, Field, WAL};
use crate::load::{Load, sign_up};
use crate::place::{Place, check, get, post, ready, tweet, well};
use crate::wait::eventually;

#[tokio::test(flavor = "multi_thread")]
async fn writes_that_fail_are_refused_and_it_passes() {
    let place = Place::new();
    let server = place.start();
    let (_, token) = sign_up(&server.url, "ana").await;
    let load = Load::begin(std::slice::from_ref(&server.url), &token);
    eventually("all write", async || load.acknowledged() >= 20).await;
    place.disk.set(Field::EioWrite, DB | WAL);
    let before = load.refused();
    eventually("writes are refused", async || load.refused() >= before + 20).await;
    let refused = post(&server, &token, "not written").await;
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["retry-after"]),
        (503, &"1".parse().unwrap())
    );
    assert!(refused.text().await.unwrap().contains("\"store_unavailable\""));
    assert_eq!(get(&server, "/api/v2/tweets").await.status(), 200);
    assert_eq!(ready(&server).await, (200, "ok\nthe disk does not work\n".to_owned()));
    place.disk.set(Field::EioWrite, 0);
    eventually("it is well again", async || ready(&server).await == well()).await;
    let before = load.acknowledged();
    eventually("all write again", async || load.acknowledged() >= before + 20).await;
    let told = load.end().await;
    server.terminate();
    place.check(&told).await;
}

/// A flush that fails is the last that is heard of what it should have written: the system drops
/// it, and the next flush succeeds without it. Nothing that is acknowledged afterwards may build on
/// that, and nothing that was refused may come back.
#[tokio::test(flavor = "multi_thread")]
async fn a_flush_that_failed_loses_nothing_and_brings_nothing_back() {
    let place = Place::shadowed();
    let mut server = place.start();
    let (_, token) = sign_up(&server.url, "ana").await;
    let load = Load::begin(std::slice::from_ref(&server.url), &token);
    eventually("all write", async || load.acknowledged() >= 20).await;
    for _ in 0..10 {
        let (refused, acknowledged) = (load.refused(), load.acknowledged());
        place.disk.set(Field::EioLeft, 1);
        place.disk.set(Field::EioFsync, DB | WAL);
        eventually("a flush fails", async || load.refused() > refused).await;
        eventually("the others write", async || load.acknowledged() >= acknowledged + 10).await;
    }
    let told = load.end().await;
    tweet(&server, &token, "the last").await;
    let mut told = told;
    told.sent.insert("the last".to_owned());
    assert!(!told.refused.is_empty());
    // What is on the disk now, and what a kill leaves in the files: both have it all.
    place.disk.lose_power(1, 0, 0);
    let mut n = 0;
    eventually("the power is lost", async || {
        n += 1;
        let body = format!("later {n}");
        post(&server, &token, &body).await;
        told.sent.insert(body);
        place.disk.lost(1).is_some()
    })
    .await;
    server.kill();
    let (lost, _) = place.disk.lost(1).unwrap();
    check(&lost.join("siskin.db"), &told).await;
    place.check(&told).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_that_fail_are_503_and_it_passes() {
    let place = Place::new();
    let server = place.start();
    let (ana, token) = sign_up(&server.url, "ana").await;
    for n in 0..50 {
        tweet(&server, &token, &format!("{n}: {}", "words ".repeat(40))).await;
    }
    place.disk.set(Field::EioRead, DB | WAL);
    let mut failed = 0;
    for n in 0..20 {
        // What is asked for in another way each time is in no cache.
        let paths = [
            format!("/api/v2/tweets?limit={}", 1 + n),
            format!("/api/v1/users/{ana}"),
            format!("/api/v2/tweets?before={}", u64::MAX >> (11 + n)),
        ];
        post(&server, &token, "perhaps").await;
        for path in paths {
            let status = get(&server, &path).await.status().as_u16();
            assert!([200, 503].contains(&status), "{path}: {status}");
            failed += usize::from(status == 503);
        }
    }
    assert!(failed > 0, "every answer came from memory");
    place.disk.set(Field::EioRead, 0);
    eventually("it is well again", async || ready(&server).await == well()).await;
    assert_eq!(get(&server, "/api/v2/tweets?limit=50").await.status(), 200);
    tweet(&server, &token, "after").await;
    server.terminate();
    crate::place::whole(&place.database());
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_that_are_cut_short_are_finished() {
    let place = Place::new();
    place.disk.set(Field::ShortEvery, 2);
    let server = place.start();
    let (_, token) = sign_up(&server.url, "ana").await;
    let load = Load::begin(std::slice::from_ref(&server.url), &token);
    eventually("all write", async || load.acknowledged() >= 50).await;
    assert_eq!(load.refused(), 0);
    let told = load.end().await;
    server.terminate();
    assert!(place.disk.get(Field::Faults) > 50);
    place.check(&told).await;
}
