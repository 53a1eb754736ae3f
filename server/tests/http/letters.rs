//! An outbox that keeps what is posted, for facts that have nothing to do with mail servers.

use std::sync::Arc;

use parking_lot::Mutex;
use siskin_server::application::{Letter, Outbox, OutboxFull};

/// What was posted, oldest first.
#[derive(Default)]
pub(crate) struct Letters(Mutex<Vec<Letter>>);

impl Outbox for Letters {
    fn post(&self, letter: Letter) -> Result<(), OutboxFull> {
        self.0.lock().push(letter);
        Ok(())
    }
}

impl Letters {
    /// None yet.
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Those to an address about something.
    pub(crate) fn to(&self, email: &str, about: &str) -> Vec<Letter> {
        let fits = |letter: &&Letter| letter.to.as_str() == email && letter.subject.contains(about);
        self.0.lock().iter().filter(fits).cloned().collect()
    }

    /// The secret in the newest letter to an address about something, once there are so many.
    pub(crate) async fn secret(&self, email: &str, about: &str, count: usize) -> String {
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
        loop {
            let letters = self.to(email, about);
            if letters.len() >= count {
                return secret_in(letters.last().unwrap());
            }
            assert!(tokio::time::Instant::now() < deadline, "no letter about {about}");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
}

fn secret_in(letter: &Letter) -> String {
    let link = letter.text.lines().find(|line| line.starts_with("http")).expect("a link");
    link.split_once("?token=").expect("a secret").1.to_owned()
}
