//! A TCP proxy between a store and its MongoDB server, with faults to be switched on and off.
//!
//! It knows as much of the wire protocol as it needs: messages begin with their length, a number
//! of their own and the number that they answer; a command is the first key of an `OP_MSG`'s body.
//! The store must be given `directConnection=true`: otherwise its driver asks the server for its
//! name, and goes there past the proxy.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ::mongodb::bson::{self, Document, doc};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What is wrong with the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// Connections are closed as soon as they are made.
    Refuse,
    /// Connections are made, and nothing goes through.
    Stall,
    /// Every answer comes so much later.
    Slow(Duration),
    /// The log can't be read; all else goes through.
    HideLog,
    /// The same, but for transactions: it can be written.
    HideNews,
}

/// A proxy that ends when it is dropped.
pub(crate) struct Proxy {
    addr: SocketAddr,
    line: Arc<Line>,
    accepting: tokio::task::JoinHandle<()>,
}

/// What all connections share.
struct Line {
    server: SocketAddr,
    fault: watch::Sender<Fault>,
    /// Grows when all connections are cut.
    cuts: watch::Sender<u64>,
    /// So many writes are answered as by a primary that is none any more.
    stale: AtomicUsize,
    /// The answers of so many commits are lost.
    lose_commits: AtomicUsize,
    /// So many commits do not come through, and from then on nothing does.
    hold_commits: AtomicUsize,
}

impl Proxy {
    /// A proxy to a server.
    pub(crate) async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let line = Arc::new(Line {
            server,
            fault: watch::Sender::new(Fault::None),
            cuts: watch::Sender::new(0),
            stale: AtomicUsize::new(0),
            lose_commits: AtomicUsize::new(0),
            hold_commits: AtomicUsize::new(0),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&line)));
        Self { addr, line, accepting }
    }

    /// The address of a database as it is reached through the proxy.
    pub(crate) fn url(&self, database: &str) -> String {
        let name = database.rsplit_once('/').unwrap().1;
        // A server that loses its rank says so at once; this proxy does not, so it is asked often.
        let options = "directConnection=true&heartbeatFrequencyMS=500";
        format!("mongodb://{}/{name}?{options}", self.addr)
    }

    /// From now on this is wrong.
    pub(crate) fn set(&self, fault: Fault) {
        self.line.fault.send_replace(fault);
        if fault == Fault::Refuse {
            self.cut();
        }
    }

    /// Closes all connections, once.
    pub(crate) fn cut(&self) {
        self.line.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// The next writes are refused as by a server that was the primary.
    pub(crate) fn stale_primary_for(&self, writes: usize) {
        self.line.stale.store(writes, Ordering::SeqCst);
    }

    /// The next commits are done, and nobody is told.
    pub(crate) fn lose_answers_of_commits(&self, commits: usize) {
        self.line.lose_commits.store(commits, Ordering::SeqCst);
    }

    /// Stalls with the next commit, which is not done.
    pub(crate) fn stall_at_commit(&self) {
        self.line.hold_commits.store(1, Ordering::SeqCst);
    }

    /// How many of the losses that were asked for are still to come.
    pub(crate) fn to_come(&self) -> usize {
        let Line { stale, lose_commits, hold_commits, .. } = &*self.line;
        [stale, lose_commits, hold_commits].map(|left| left.load(Ordering::SeqCst)).iter().sum()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

async fn accept(listener: TcpListener, line: Arc<Line>) {
    loop {
        let (client, _) = listener.accept().await.unwrap();
        let line = Arc::clone(&line);
        tokio::spawn(async move {
            let mut cuts = line.cuts.subscribe();
            let refused = *line.fault.borrow() == Fault::Refuse;
            if !refused {
                tokio::select! {
                    _ = carry(client, &line) => {}
                    _ = cuts.changed() => {}
                }
            }
        });
    }
}

/// A connection: what is asked, and what is answered, until one side closes.
async fn carry(client: TcpStream, line: &Line) -> std::io::Result<()> {
    let server = TcpStream::connect(line.server).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut asked, answer) = client.into_split();
    let (mut answered, mut ask) = server.into_split();
    let answer = tokio::sync::Mutex::new(answer);
    let lost = Mutex::new(HashSet::new());
    let up = async {
        loop {
            let message = Message::read(&mut asked).await?;
            let command = message.command().unwrap_or_default();
            if command == "commitTransaction" && take(&line.hold_commits) {
                line.fault.send_replace(Fault::Stall);
            }
            line.ready().await;
            if message.reads_log() {
                line.without(Fault::HideLog).await;
                if !message.is_in_transaction() {
                    line.without(Fault::HideNews).await;
                }
            }
            if is_write(&command) && take(&line.stale) {
                answer.lock().await.write_all(&message.refusal()).await?;
                continue;
            }
            if command == "commitTransaction" && take(&line.lose_commits) {
                lost.lock().insert(message.number());
            }
            ask.write_all(&message.0).await?;
        }
    };
    let down = async {
        loop {
            let message = Message::read(&mut answered).await?;
            line.ready().await;
            if lost.lock().contains(&message.answers()) {
                return Err(std::io::ErrorKind::ConnectionAborted.into());
            }
            let fault = *line.fault.borrow();
            if let Fault::Slow(by) = fault {
                tokio::time::sleep(by).await;
            }
            send(&answer, &message).await?;
        }
    };
    let done: std::io::Result<std::convert::Infallible> = tokio::select! {
        done = up => done,
        done = down => done,
    };
    done.map(drop)
}

async fn send(to: &tokio::sync::Mutex<OwnedWriteHalf>, message: &Message) -> std::io::Result<()> {
    to.lock().await.write_all(&message.0).await
}

impl Line {
    /// Waits until nothing stalls.
    async fn ready(&self) {
        self.without(Fault::Stall).await;
    }

    /// Waits until this is not wrong.
    async fn without(&self, wrong: Fault) {
        let _ = self.fault.subscribe().wait_for(|fault| *fault != wrong).await;
    }
}

/// One less, if there is one.
fn take(left: &AtomicUsize) -> bool {
    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok()
}

fn is_write(command: &str) -> bool {
    matches!(command, "insert" | "update" | "delete" | "findAndModify" | "commitTransaction")
}

/// A message with its header.
struct Message(Vec<u8>);

impl Message {
    const HEADER: usize = 16;
    const OP_MSG: i32 = 2013;

    async fn read(from: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Self> {
        let mut bytes = vec![0; Self::HEADER];
        from.read_exact(&mut bytes).await?;
        let length = usize::try_from(Self(bytes.clone()).int(0)).unwrap_or(0);
        bytes.resize(length.max(Self::HEADER), 0);
        from.read_exact(&mut bytes[Self::HEADER..]).await?;
        Ok(Self(bytes))
    }

    fn int(&self, at: usize) -> i32 {
        i32::from_le_bytes(self.0[at..at + 4].try_into().unwrap())
    }

    fn number(&self) -> i32 {
        self.int(4)
    }

    fn answers(&self) -> i32 {
        self.int(8)
    }

    /// The body of a command: after the flags and the kind of the first section.
    fn body(&self) -> Option<Document> {
        let first = Self::HEADER + 5;
        if self.int(12) != Self::OP_MSG || self.0.get(first - 1) != Some(&0) {
            return None;
        }
        let length = usize::try_from(self.int(first)).ok()?;
        bson::deserialize_from_slice(&self.0[first..first + length]).ok()
    }

    fn command(&self) -> Option<String> {
        self.body()?.keys().next().cloned()
    }

    /// Does it ask for events, or for news of them?
    fn reads_log(&self) -> bool {
        let Some(body) = self.body() else { return false };
        let names = ["find", "aggregate", "collection"];
        names.iter().any(|name| body.get_str(name).is_ok_and(|of| of == "events"))
    }

    fn is_in_transaction(&self) -> bool {
        self.body().is_some_and(|body| body.contains_key("autocommit"))
    }

    /// The answer of a server that was the primary, as MongoDB words and labels it.
    fn refusal(&self) -> Vec<u8> {
        let body = self.body().unwrap_or_default();
        let in_transaction = body.contains_key("autocommit");
        let commits = body.contains_key("commitTransaction");
        let label = if in_transaction && !commits {
            "TransientTransactionError"
        } else {
            "RetryableWriteError"
        };
        let error = doc! {
            "ok": 0.0, "errmsg": "not primary", "code": 10107, "codeName": "NotWritablePrimary",
            "errorLabels": [label],
        };
        let error = bson::serialize_to_vec(&error).unwrap();
        let length = Self::HEADER + 5 + error.len();
        let mut message = Vec::with_capacity(length);
        for int in [length as i32, 0, self.number(), Self::OP_MSG, 0] {
            message.extend(int.to_le_bytes());
        }
        message.push(0);
        message.extend(error);
        message
    }
}
