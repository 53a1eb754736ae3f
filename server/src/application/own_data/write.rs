//! Writing an archive while it is sent.

use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use futures::stream::unfold;
use parking_lot::Mutex;
use siskin_domain::{TweetId, UserId, wire};
use tokio::sync::mpsc;
use tokio::time::timeout;
use zip::ZipWriter;
use zip::write::{SimpleFileOptions, StreamWriter};

use super::facts::TweetFacts;
use super::snapshot::Snapshot;
use super::{Place, page};
use crate::storage::{Audience, Store, StoreError};

/// How many tweets are read, written and sent at once.
const AT_ONCE: usize = 500;
/// How long an archive may take its reader.
const LONGEST: Duration = Duration::from_secs(60 * 60);
/// How many pieces wait for the reader at most.
const WAITING: usize = 2;

/// The bytes of an archive, as they are written.
pub type Chunks = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// Begins to write. A reader who goes away, or reads nothing for too long, ends it.
pub(super) fn begin(store: Arc<dyn Store>, snapshot: Snapshot, place: Place) -> Chunks {
    let (sender, receiver) = mpsc::channel(WAITING + 1);
    // Whatever the reader does, there is room to say that it is not whole.
    let last = sender.clone().try_reserve_owned().ok();
    tokio::spawn(async move {
        let mut writing = Writing::new(sender);
        let written = timeout(LONGEST, writing.write(&*store, snapshot)).await;
        match written.unwrap_or(Err(Broken::TooSlow)) {
            Err(error) => break_off(&error, last),
            Ok(()) => writing.end(place).await,
        }
    });
    Box::pin(unfold(receiver, |mut receiver| async move {
        let piece = receiver.recv().await?;
        Some((piece, receiver))
    }))
}

/// Why an archive ends early.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Zip(#[from] zip::result::ZipError),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("the reader went away")]
    NobodyReads,
    #[error("the reader is too slow")]
    TooSlow,
}

/// What was written and not sent yet.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Writing {
    zip: ZipWriter<StreamWriter<Written>>,
    written: Written,
    sender: mpsc::Sender<io::Result<Bytes>>,
}

impl Writing {
    fn new(sender: mpsc::Sender<io::Result<Bytes>>) -> Self {
        let written = Written::default();
        Self { zip: ZipWriter::new_stream(written.clone()), written, sender }
    }

    async fn write(&mut self, store: &dyn Store, snapshot: Snapshot) -> Result<(), Broken> {
        let Snapshot { me, facts, tweets, hidden } = snapshot;
        self.zip.start_file("data.json", SimpleFileOptions::default())?;
        let json = serde_json::to_string_pretty(&facts)?;
        // The tweets are the object's last key.
        let open = json.strip_suffix("\n}").unwrap_or(&json);
        write!(self.zip, "{open},\n  \"tweets\": [")?;
        let mut comma = "";
        for ids in tweets.chunks(AT_ONCE) {
            for tweet in &found(store, me, ids).await? {
                let json = serde_json::to_string(&TweetFacts::new(tweet, hidden.get(&tweet.id)))?;
                write!(self.zip, "{comma}\n    {json}")?;
                comma = ",";
            }
            self.send().await?;
        }
        self.zip.write_all(b"\n  ]\n}\n")?;

        self.zip.start_file("index.html", SimpleFileOptions::default())?;
        self.zip.write_all(page::head(&facts).as_bytes())?;
        drop(facts);
        let mut day = String::new();
        for ids in tweets.chunks(AT_ONCE) {
            let some = page::tweets(&found(store, me, ids).await?, &hidden, &mut day);
            self.zip.write_all(some.as_bytes())?;
            self.send().await?;
        }
        Ok(())
    }

    /// Sends what there is, and waits while the reader has enough.
    async fn send(&mut self) -> Result<(), Broken> {
        let piece = std::mem::take(&mut *self.written.0.lock());
        if piece.is_empty() {
            return Ok(());
        }
        self.sender.send(Ok(piece.into())).await.map_err(|_| Broken::NobodyReads)
    }

    /// The table of contents, and that was it.
    ///
    /// The place is given back before that is sent, so that who has it may ask again.
    async fn end(self, place: Place) {
        let Self { zip, written, sender } = self;
        let last = match zip.finish() {
            Ok(_) => Ok(std::mem::take(&mut *written.0.lock()).into()),
            Err(error) => Err(io::Error::other(error)),
        };
        drop(place);
        // Whoever went away misses nothing.
        let _ = sender.send(last).await;
    }
}

fn break_off(error: &Broken, last: Option<mpsc::OwnedPermit<io::Result<Bytes>>>) {
    if !matches!(error, Broken::NobodyReads | Broken::TooSlow) {
        tracing::error!(%error, "an archive of somebody's own data broke off");
    }
    if let Some(last) = last {
        last.send(Err(io::Error::other("the archive broke off")));
    }
}

/// Those of the tweets that are still there, newest first: what was deleted since is gone.
async fn found(
    store: &dyn Store,
    me: UserId,
    ids: &[TweetId],
) -> Result<Vec<wire::Tweet>, StoreError> {
    let mut tweets = store.find_tweets(ids, Audience::Person(me)).await?;
    tweets.sort_unstable_by_key(|tweet| std::cmp::Reverse(tweet.id));
    Ok(tweets)
}
