//! A wrong archive is refused before a store is touched, and says why in one sentence.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use siskin_server::archive::ArchiveError;
use siskin_server::archive::format::MAX_LINE;

use super::history::lively;
use super::stores::{File, empty, pairs};

async fn archive() -> File {
    let store = empty(pairs()[0].0).await;
    lively(Arc::clone(&store.store)).await;
    File::of(store.store.as_ref()).await
}

/// Why a file is refused, as the operator reads it.
async fn why(file: &File) -> ArchiveError {
    let refused = file.check().await.expect_err("refused");
    let text = refused.to_string();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(!text.contains("hash of") && !text.contains("example.org"), "{text}");
    refused
}

/// The lines with a checksum that is right again.
fn resealed(mut lines: Vec<String>) -> Vec<String> {
    let last = lines.pop().unwrap();
    let mut end: serde_json::Value = serde_json::from_str(&last).unwrap();
    let hash = Sha256::digest(lines.concat());
    end["end"]["sha256"] = format!("{hash:x}").into();
    // Not the order of keys that is written, and just as good.
    lines.push(format!("{end}\n"));
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resealed_archive_is_what_it_says() {
    let lines = archive().await.lines();
    File::with(&resealed(lines)).check().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_off_archive_is_refused() {
    let file = archive().await;
    let bytes = std::fs::read(&file.path).unwrap();
    for length in [bytes.len() - 1, bytes.len() - 5, bytes.len() / 2, 200] {
        let refused = why(&File::holding(&bytes[..length])).await;
        assert!(matches!(refused, ArchiveError::CutOff(_)), "{length}: {refused:?}");
    }
    let lines = file.lines();
    for kept in [1, 2, lines.len() - 1] {
        let refused = why(&File::with(&lines[..kept])).await;
        assert!(matches!(refused, ArchiveError::CutOff(_)), "{kept}: {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_is_refused() {
    let file = archive().await;
    let (bytes, lines) = (std::fs::read(&file.path).unwrap(), file.lines());
    let mut refused = 0;
    let places: Vec<_> = (0..bytes.len()).step_by(41).collect();
    for place in &places {
        let mut bytes = bytes.clone();
        bytes[*place] ^= 1 << (place % 8);
        let flipped = File::holding(&bytes);
        match flipped.check().await {
            Err(_) => refused += 1,
            // A bit that changes nothing, in the frame's own header.
            Ok(_) => assert_eq!(flipped.lines(), lines, "byte {place}"),
        }
    }
    assert!(refused + 1 >= places.len(), "{refused} of {}", places.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_line_is_refused() {
    let lines = archive().await.lines();
    for (old, new) in [("京都の朝は静か", "京都の夜は静か"), ("hash of ana", "hash of eve")]
    {
        let changed: Vec<_> = lines.iter().map(|line| line.replace(old, new)).collect();
        assert!(changed != lines);
        assert!(matches!(why(&File::with(&changed)).await, ArchiveError::Changed));
    }
    // A checksum is no signature, but what the events make is not what the last line says.
    let changed: Vec<_> = lines.iter().map(|line| line.replace("京都の朝", "京都の夜")).collect();
    let refused = why(&File::with(&resealed(changed))).await;
    assert!(matches!(refused, ArchiveError::Contradiction("tweets")), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_last_line_that_says_something_else_is_refused() {
    let lines = archive().await.lines();
    let (last, before) = lines.split_last().unwrap();
    let end: serde_json::Value = serde_json::from_str(last).unwrap();
    for (pointer, what) in [
        ("/end/events", "events"),
        ("/end/position", "events"),
        ("/end/credentials", "credentials"),
        ("/end/proofs", "proofs"),
        ("/end/projections/users/rows", "users"),
        ("/end/projections/tweets/rows", "tweets"),
    ] {
        let mut other = end.clone();
        *other.pointer_mut(pointer).unwrap() = 9999.into();
        let mut lines = before.to_vec();
        lines.push(format!("{other}\n"));
        let refused = why(&File::with(&lines)).await;
        assert!(matches!(refused, ArchiveError::Contradiction(it) if it == what), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_version_is_refused() {
    let mut lines = archive().await.lines();
    lines[0] = lines[0].replace("\"version\":2", "\"version\":3");
    assert!(matches!(why(&File::with(&lines)).await, ArchiveError::Version(3)));
    // Whatever else its header holds.
    lines[0] = r#"{"header":{"later":[],"format":"siskin-archive","version":7}}"#.to_owned() + "\n";
    assert!(matches!(why(&File::with(&lines)).await, ArchiveError::Version(7)));
    lines[0] = lines[0].replace("siskin-archive", "other-archive");
    assert!(matches!(why(&File::with(&lines)).await, ArchiveError::NotAnArchive));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_archive_is_refused() {
    let lines = archive().await.lines();
    let bomb = zstd::encode_all(&*vec![b'x'; 4 * MAX_LINE], 1).unwrap();
    for bytes in [&b""[..], b"hello\n", lines.concat().as_bytes(), &bomb] {
        assert!(matches!(why(&File::holding(bytes)).await, ArchiveError::NotAnArchive));
    }
    let refused = why(&File::with(&lines[1..])).await;
    assert!(matches!(refused, ArchiveError::NotAnArchive), "{refused:?}");
    let folder = tempfile::tempdir().unwrap();
    let refused = siskin_server::archive::check(folder.path(), &mut ()).await;
    assert!(matches!(refused, Err(ArchiveError::NotAFile(_))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_out_of_order_are_refused() {
    let lines = archive().await.lines();
    let last = lines.len() - 1;
    let swapped = |a: usize, b: usize| {
        let mut lines = lines.clone();
        lines.swap(a, b);
        lines
    };
    let doubled = |n: usize| [&lines[..=n], &lines[n..]].concat();
    let without = |n: usize| [&lines[..n], &lines[n + 1..]].concat();
    let renamed: Vec<_> =
        lines.iter().map(|line| line.replace("UserCreated", "UserImagined")).collect();
    let unknown: Vec<_> =
        lines.iter().map(|line| line.replace("\"schema\"", "\"later\":1,\"schema\"")).collect();
    let misplaced: Vec<_> =
        lines.iter().map(|line| line.replace("\"user-1001\"", "\"tweet-1001\"")).collect();
    let long = [&lines[..1], &["x".repeat(2 * MAX_LINE)], &lines[1..]].concat();
    for wrong in [
        swapped(3, 4),
        swapped(last - 1, last - 2),
        swapped(last - 5, last - 1),
        doubled(0),
        doubled(5),
        doubled(last),
        without(7),
        renamed,
        unknown,
        misplaced,
        long,
    ] {
        let refused = why(&File::with(&resealed_if_possible(wrong))).await;
        assert!(matches!(refused, ArchiveError::Damaged { .. }), "{refused:?}");
    }
}

fn resealed_if_possible(lines: Vec<String>) -> Vec<String> {
    let ends = lines.iter().filter(|line| line.starts_with("{\"end\"")).count();
    if ends == 1 && lines[lines.len() - 1].starts_with("{\"end\"") {
        resealed(lines)
    } else {
        lines
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_needs_much_memory_is_refused() {
    let lines = archive().await.lines();
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(27).unwrap();
    std::io::Write::write_all(&mut encoder, lines.concat().as_bytes()).unwrap();
    why(&File::holding(&encoder.finish().unwrap())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_version_has_no_proofs() {
    let mut lines = archive().await.lines();
    lines[0] = lines[0].replace("\"version\":2", "\"version\":1");
    let refused = why(&File::with(&lines)).await;
    assert!(
        matches!(&refused, ArchiveError::Damaged { what, .. } if what.contains("proof")),
        "{refused:?}"
    );
    lines.retain(|line| !line.starts_with("{\"proof\""));
    let end = lines.len() - 1;
    lines[end] = lines[end].replace(",\"proofs\":8", "");
    File::with(&resealed(lines)).check().await.unwrap();
}
