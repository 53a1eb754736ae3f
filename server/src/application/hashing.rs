//! Password hashing: argon2id, off the async threads, behind permits.

mod pool;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use argon2::password_hash::{Output, ParamsString, PasswordHash, Salt, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use metrics::{Gauge, Histogram};
use siskin_domain::Password;
use tokio::sync::Semaphore;

use self::pool::{Memory, Pool};
use super::passwords::NewPassword;
use super::{Entropy, Refused};
use crate::storage::{StoreError, StoredHash};

/// 19 MiB, two passes, one lane: OWASP's Password Storage Cheat Sheet, first choice for argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How many may wait for each permit. At 25 ms a hash the last of them waits about 6 s.
const QUEUE_PER_PERMIT: usize = 256;

/// A hash with the same parameters that no password has: verifying against it costs the same.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2lza2luLW5vYm9keSE$\
                       AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and verifies passwords. Clones share their permits.
#[derive(Clone)]
pub struct Hasher {
    shared: Arc<Shared>,
}

struct Shared {
    entropy: Arc<dyn Entropy>,
    permits: Arc<Semaphore>,
    pool: Pool,
    waiting: AtomicUsize,
    most_waiting: usize,
    queue: Gauge,
    took: Histogram,
}

impl Hasher {
    /// As many at once as there are cores, on threads that leave the machine to others.
    #[must_use]
    pub fn new(entropy: Arc<dyn Entropy>) -> Self {
        let permits = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            shared: Arc::new(Shared {
                entropy,
                permits: Arc::new(Semaphore::new(permits)),
                pool: Pool::start(permits),
                waiting: AtomicUsize::new(0),
                most_waiting: permits * QUEUE_PER_PERMIT,
                queue: metrics::gauge!("siskin_hashing_queue"),
                took: metrics::histogram!("siskin_hashing_duration_seconds"),
            }),
        }
    }

    /// Is there a place to wait for a hash now? Whoever has to ask a store before hashing asks this
    /// first, so that a flood costs no reads.
    ///
    /// # Errors
    /// [`Refused::Busy`].
    pub fn has_room(&self) -> Result<(), Refused> {
        self.shared.room_beside(self.shared.waiting.load(Ordering::Relaxed))
    }

    /// Hashes a password with a fresh salt.
    ///
    /// # Errors
    /// [`Refused::Busy`] if too many are waiting.
    pub async fn hash(&self, password: &NewPassword) -> Result<StoredHash, Refused> {
        let password = password.clone();
        let mut salt = [0; 16];
        self.shared.entropy.fill(&mut salt);
        self.run(move |memory| {
            let (params, salt) = (params()?, SaltString::encode_b64(&salt).ok()?);
            let hash = PasswordHash {
                algorithm: Algorithm::Argon2id.ident(),
                version: Some(Version::V0x13.into()),
                params: ParamsString::try_from(&params).ok()?,
                salt: Some(salt.as_salt()),
                hash: Some(digest(password.expose(), salt.as_salt(), params, memory)?),
            };
            Some(StoredHash(hash.to_string()))
        })
        .await?
        .ok_or_else(|| broken("a password could not be hashed"))
    }

    /// Is this the password behind the hash? With no hash the answer is no, at the same cost.
    ///
    /// # Errors
    /// [`Refused::Busy`] if too many are waiting.
    pub async fn verify(
        &self,
        password: &Password,
        hash: Option<&StoredHash>,
    ) -> Result<bool, Refused> {
        let password = password.clone();
        let known = hash.is_some();
        let hash = hash.map_or_else(|| NOBODYS.to_owned(), |hash| hash.0.clone());
        self.run(move |memory| {
            let hash = argon2id_hash(&hash)?;
            let params = Params::try_from(&hash).ok()?;
            let theirs = digest(password.expose(), hash.salt?, params, memory)?;
            // Compared in a time that does not depend on where they differ (`Output`).
            Some(theirs == hash.hash? && known)
        })
        .await?
        .ok_or_else(|| broken("a stored password hash cannot be read"))
    }

    /// Makes guessing `bytes` from the result as hard as guessing a password from its hash.
    ///
    /// # Errors
    /// [`Refused::Busy`] if too many are waiting.
    pub async fn stretch(&self, bytes: Vec<u8>, salt: [u8; 32]) -> Result<[u8; 32], Refused> {
        self.run(move |memory| {
            let mut out = [0; 32];
            fill(&bytes, &salt, params()?, memory, &mut out)?;
            Some(out)
        })
        .await?
        .ok_or_else(|| broken("a request could not be fingerprinted"))
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, Refused> {
        let begun = Instant::now();
        let place = Shared::queue(&self.shared)?;
        let closed = |_| broken("hashing was stopped");
        let permit = Arc::clone(&self.shared.permits).acquire_owned().await.map_err(closed)?;
        // Both are the work's own: whoever goes away does not make room for one more before it.
        let work = move |memory: &mut Memory| {
            let _both = (place, permit);
            work(memory)
        };
        let done = self.shared.pool.run(work).await.ok_or_else(|| broken("hashing failed"));
        self.shared.took.record(begun.elapsed().as_secs_f64());
        done
    }
}

/// A place among those who wait or work; given back when dropped.
struct Place(Arc<Shared>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
        self.0.queue.decrement(1);
    }
}

impl Shared {
    fn queue(this: &Arc<Self>) -> Result<Place, Refused> {
        let before = this.waiting.fetch_add(1, Ordering::Relaxed);
        this.queue.increment(1);
        let place = Place(Arc::clone(this));
        this.room_beside(before).map(|()| place)
    }

    /// Is there room for one more beside so many?
    fn room_beside(&self, others: usize) -> Result<(), Refused> {
        if others >= self.most_waiting { Err(Refused::Busy { retry_after_s: 5 }) } else { Ok(()) }
    }
}

fn params() -> Option<Params> {
    Params::new(MEMORY_KIB, PASSES, LANES, None).ok()
}

/// Reads a hash that [`Hasher::hash`] wrote.
fn argon2id_hash(text: &str) -> Option<PasswordHash<'_>> {
    let hash = PasswordHash::new(text).ok()?;
    let ours = hash.algorithm == Algorithm::Argon2id.ident()
        && hash.version == Some(Version::V0x13.into());
    ours.then_some(hash)
}

fn digest(password: &str, salt: Salt<'_>, params: Params, memory: &mut Memory) -> Option<Output> {
    let mut bytes = [0; Salt::MAX_LENGTH];
    let salt = salt.decode_b64(&mut bytes).ok()?;
    let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
    fill(password.as_bytes(), salt, params, memory, &mut out)?;
    Output::new(&out).ok()
}

fn fill(
    bytes: &[u8],
    salt: &[u8],
    params: Params,
    memory: &mut Memory,
    out: &mut [u8],
) -> Option<()> {
    let blocks = memory.blocks(params.block_count());
    let argon2id = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2id.hash_password_into_with_memory(bytes, salt, out, blocks).ok()
}

fn broken(what: &str) -> Refused {
    Refused::Store(StoreError::Corrupt(what.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::OsEntropy;
    use siskin_domain::{Email, Username};

    fn chosen(text: &str) -> NewPassword {
        let username = Username::parse("ana").unwrap();
        let email = Email::parse("ana@example.org").unwrap();
        NewPassword::choose(Password::parse(text).unwrap(), &username, &email).unwrap()
    }

    fn hasher() -> Hasher {
        Hasher::new(Arc::new(OsEntropy))
    }

    #[tokio::test]
    async fn a_password_is_recognised_and_another_is_not() {
        let (hasher, right) = (hasher(), Password::claimed("correct horse"));
        let hash = hasher.hash(&chosen("correct horse")).await.unwrap();
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(hasher.verify(&right, Some(&hash)).await.unwrap());
        assert!(!hasher.verify(&Password::claimed("battery"), Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn hashes_are_the_same_as_those_of_the_crate_whatever_was_in_the_memory() {
        use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
        let (hasher, right) = (hasher(), Password::claimed("correct horse"));
        let plain = Argon2::new(Algorithm::Argon2id, Version::V0x13, params().unwrap());
        let salt = SaltString::encode_b64(b"sixteen bytes ok").unwrap();
        let theirs = plain.hash_password(b"correct horse", &salt).unwrap().to_string();
        for _ in 0..4 {
            let ours = hasher.hash(&chosen("correct horse")).await.unwrap();
            let read = PasswordHash::new(&ours.0).unwrap();
            plain.verify_password(b"correct horse", &read).unwrap();
            let theirs = StoredHash(theirs.clone());
            assert!(hasher.verify(&right, Some(&theirs)).await.unwrap());
        }
    }

    #[tokio::test]
    async fn a_hash_of_another_kind_is_said_to_be_unreadable() {
        let password = Password::claimed("correct horse");
        for other in ["", "argon2", &NOBODYS.replace("2id", "2i"), &NOBODYS.replace("v=19", "v=16")]
        {
            let hash = StoredHash(other.to_owned());
            let answer = hasher().verify(&password, Some(&hash)).await;
            assert!(matches!(answer, Err(Refused::Store(StoreError::Corrupt(_)))), "{other}");
        }
    }

    #[tokio::test]
    async fn the_same_password_has_another_hash_each_time() {
        let (hasher, password) = (hasher(), chosen("correct horse"));
        assert_ne!(hasher.hash(&password).await.unwrap(), hasher.hash(&password).await.unwrap());
    }

    #[tokio::test]
    async fn nobody_has_no_password_but_costs_a_whole_verification() {
        let password = Password::claimed("correct horse");
        assert!(!hasher().verify(&password, None).await.unwrap());
        let params = Params::try_from(&PasswordHash::new(NOBODYS).unwrap()).unwrap();
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), (19_456, 2, 1));
        assert_eq!(params.output_len(), Some(32));
    }

    /// Whoever sends log-ins and goes away makes no room for more of them.
    #[tokio::test]
    async fn what_was_given_up_counts_until_it_is_done_and_what_was_not_begun_is_not_done() {
        let hasher = hasher();
        let permits = hasher.shared.permits.available_permits();
        let (go, wait) = crossbeam_channel::unbounded::<()>();
        let mut given_up = Vec::new();
        for _ in 0..permits {
            let wait = wait.clone();
            let mut work = Box::pin(hasher.run(move |_| wait.recv().ok()));
            assert!(futures::poll!(&mut work).is_pending());
            given_up.push(work);
        }
        drop(given_up);
        assert_eq!(hasher.shared.waiting.load(Ordering::Relaxed), permits);
        assert_eq!(hasher.shared.permits.available_permits(), 0);
        let mut next = Box::pin(hasher.run(|_| ()));
        assert!(futures::poll!(&mut next).is_pending(), "no thread is free for it");
        drop(go);
        next.await.unwrap();
        while hasher.shared.waiting.load(Ordering::Relaxed) > 0 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_full_queue_says_so_and_empties_again() {
        let hasher = hasher();
        let full = hasher.shared.most_waiting;
        let places: Vec<_> = (0..full).map(|_| Shared::queue(&hasher.shared).unwrap()).collect();
        let password = chosen("correct horse");
        assert!(matches!(hasher.hash(&password).await, Err(Refused::Busy { .. })));
        assert!(matches!(hasher.has_room(), Err(Refused::Busy { .. })));
        drop(places);
        hasher.has_room().unwrap();
        assert!(hasher.hash(&password).await.is_ok());
    }
}
