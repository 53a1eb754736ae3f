//! Watches sessions that have something open, such as a stream, so that it ends with them.
//!
//! What this server ends is told at once. What another one ends, and what expires, is seen by one
//! question to the store about all of them together, twice a second, asked while there are any.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use siskin_domain::UserId;
use tokio::sync::watch;

use super::{Caller, Clock};
use crate::storage::{Store, TokenHash};

/// How often the store is asked.
const ASK_EVERY: Duration = Duration::from_millis(500);
/// How many sessions one question is about.
const AT_ONCE: usize = 500;

/// The sessions that have something open. Clones share them.
#[derive(Clone)]
pub(super) struct Watch {
    shared: Arc<Shared>,
}

struct Shared {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    sessions: HashMap<TokenHash, Watched>,
    asking: bool,
}

struct Watched {
    user: UserId,
    ended: watch::Sender<bool>,
}

/// A session that is watched for as long as this is kept.
pub struct Watching {
    shared: Arc<Shared>,
    token: TokenHash,
    ended: watch::Receiver<bool>,
}

impl Watch {
    pub(super) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { shared: Arc::new(Shared { store, clock, open: Mutex::default() }) }
    }

    /// Watches a caller's session from now on.
    pub(super) fn watch(&self, caller: &Caller) -> Watching {
        let (token, user) = (caller.token, caller.actor.id);
        let mut open = self.shared.open.lock();
        let watched = open.sessions.entry(token);
        let watched = watched.or_insert_with(|| Watched { user, ended: watch::Sender::new(false) });
        let ended = watched.ended.subscribe();
        if !std::mem::replace(&mut open.asking, true) {
            tokio::spawn(ask(self.shared.clone()));
        }
        Watching { shared: self.shared.clone(), token, ended }
    }

    /// Tells whom it concerns that their session has ended.
    pub(super) fn ended(&self, which: impl Fn(&TokenHash, UserId) -> bool) {
        let open = self.shared.open.lock();
        for (_, watched) in open.sessions.iter().filter(|(token, w)| which(token, w.user)) {
            watched.ended.send_replace(true);
        }
    }
}

impl Watching {
    /// Waits until the session has ended. Dropping the future loses nothing.
    pub async fn ended(&mut self) {
        // The sender is kept for as long as there is a receiver.
        let _ = self.ended.wait_for(|ended| *ended).await;
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let mut open = self.shared.open.lock();
        let last = open.sessions.get(&self.token).is_some_and(|w| w.ended.receiver_count() == 1);
        if last {
            open.sessions.remove(&self.token);
        }
    }
}

/// Asks for as long as there is something to ask about.
async fn ask(shared: Arc<Shared>) {
    loop {
        tokio::time::sleep(ASK_EVERY).await;
        let tokens: Vec<TokenHash> = {
            let mut open = shared.open.lock();
            open.asking = !open.sessions.is_empty();
            if !open.asking {
                return;
            }
            open.sessions.keys().copied().collect()
        };
        for tokens in tokens.chunks(AT_ONCE) {
            shared.ask_about(tokens).await;
        }
    }
}

impl Shared {
    /// A store that can't answer ends nothing.
    async fn ask_about(&self, tokens: &[TokenHash]) {
        let living = match self.store.living_sessions(tokens, self.clock.now()).await {
            Ok(living) => living,
            Err(error) => {
                tracing::debug!(%error, "open streams' sessions could not be looked at");
                return;
            }
        };
        let living: std::collections::HashSet<_> = living.into_iter().collect();
        let open = self.open.lock();
        for token in tokens.iter().filter(|token| !living.contains(*token)) {
            if let Some(watched) = open.sessions.get(token) {
                watched.ended.send_replace(true);
            }
        }
    }
}
