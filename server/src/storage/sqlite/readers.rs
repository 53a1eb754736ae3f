//! Readers: a few read-only connections, used off the async threads.

use std::sync::Arc;

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::SqliteOptions;
use crate::storage::StoreError;
use crate::storage::failures::Trouble;

/// So many reads run at once; more wait their turn.
const CONNECTIONS: usize = 4;

/// The pool. Connections are opened when they are first needed.
#[derive(Debug)]
pub(super) struct Readers {
    options: SqliteOptions,
    idle: Mutex<Vec<Connection>>,
    trouble: Arc<Trouble>,
    turns: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(options: SqliteOptions, trouble: Arc<Trouble>) -> Arc<Self> {
        let turns = Arc::new(Semaphore::new(CONNECTIONS));
        Arc::new(Self { options, idle: Mutex::new(Vec::new()), trouble, turns })
    }

    /// Runs a read on a connection that sees everything committed before this call.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let closed = |_| StoreError::Unavailable("the readers have stopped".to_owned());
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(closed)?;
        let readers = Arc::clone(self);
        let answer = tokio::task::spawn_blocking(move || {
            let idle = readers.idle.lock().pop();
            let conn = match idle {
                Some(conn) => conn,
                None => readers.options.reader()?,
            };
            let answer = read(&conn);
            match &answer {
                // The next read opens the file anew: the disk may have been away.
                Err(StoreError::DiskFailed(_)) => drop(conn),
                Err(error @ StoreError::Damaged(_)) => {
                    readers.trouble.met(error);
                    drop(conn);
                }
                _ => readers.idle.lock().push(conn),
            }
            // Held until here even if the caller went away.
            drop(turn);
            answer
        });
        answer.await.map_err(|error| StoreError::Unavailable(error.to_string()))?
    }
}
