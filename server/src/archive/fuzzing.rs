//! What [`crate::fuzzing`] feeds to the reader of archives.

use std::path::PathBuf;

use super::fold::Fold;
use super::reader::Reader;

/// What a frame of zstd begins with.
const MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// An archive: a frame of zstd as it is, anything else as the lines in one.
pub(crate) fn archive(data: &[u8]) {
    let frame =
        if data.starts_with(&MAGIC) { Ok(data.to_vec()) } else { zstd::encode_all(data, 1) };
    let file = File::new();
    if frame.and_then(|frame| std::fs::write(&file.0, frame)).is_err() {
        return;
    }
    let Ok((mut reader, _)) = Reader::open(&file.0) else { return };
    let mut fold = Fold::default();
    while let Ok(batch) = reader.batch() {
        if batch.events.iter().any(|recorded| fold.apply(recorded).is_err()) || batch.end.is_some()
        {
            break;
        }
    }
    let _ = fold.digests();
}

/// A file of this thread's, which goes with it.
struct File(PathBuf);

impl File {
    fn new() -> Self {
        let name = format!("siskin-fuzz-{}-{:?}", std::process::id(), std::thread::current().id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
