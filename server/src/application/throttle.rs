//! Limits on log-ins and sign-ups, by address and by account, that lock nobody out, and on reports.
//!
//! * An **address** (an IPv6 one with its whole /64) may sign up and fail to log in so often.
//! * An **address at an account** may fail less often: this is what stops guessing.
//! * An **account** as such has no limit that could refuse its owner: after many failures from
//!   anywhere each further attempt waits first, and a right password still passes. A stranger
//!   can therefore cost the owner two seconds, never the account.
//!
//! Only failures count: a log-in that succeeds gives its places back.
//!
//! Each limit is a token bucket of the store, so that several servers can count together. A store
//! that can't count refuses: it could not do the work either.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};
use siskin_domain::UserId;

use super::{Clock, Refused};
use crate::storage::{Bucket, Coordination, Token};

/// Sign-ups per address: 150 at once, then one in 4 seconds.
const SIGN_UPS: Limit = Limit { name: "sign-ups", burst: 150, every_ms: 4_000 };
/// Failed log-ins per address: 100 at once, then one in 2 seconds.
const BY_ADDRESS: Limit = Limit { name: "log-ins", burst: 100, every_ms: 2_000 };
/// Failed log-ins per account and address: 10 at once, then one in 10 seconds.
const BY_ACCOUNT_AND_ADDRESS: Limit =
    Limit { name: "log-ins-at-account", burst: 10, every_ms: 10_000 };
/// Failed log-ins per account from anywhere: 100 at once, then one in 5 seconds; more must wait.
const BY_ACCOUNT: Limit = Limit { name: "log-ins-of-account", burst: 100, every_ms: 5_000 };
/// Wrong codes per account, by whoever knows its password: 20 at once, then one in 5 minutes.
const CODES: Limit = Limit { name: "codes", burst: 20, every_ms: 300_000 };
/// Log-ins by passkey that an address begins: 60 at once, then one in 2 seconds.
const CEREMONIES: Limit = Limit { name: "passkeys", burst: 60, every_ms: 2_000 };
/// Archives of one's own data per account: 5 at once, then one in 10 minutes.
const OWN_DATA: Limit = Limit { name: "own-data", burst: 5, every_ms: 600_000 };
/// Reports per account: 20 at once, then one in a minute.
const REPORTS: Limit = Limit { name: "reports", burst: 20, every_ms: 60_000 };
/// Requests for a new password per address: 30 at once, then one a minute.
const RESETS: Limit = Limit { name: "password-resets", burst: 30, every_ms: 60_000 };
/// Mails with a link to a new password per e-mail address: 3 at once, then one in 10 minutes.
const RESET_MAILS: Limit = Limit { name: "reset-mails", burst: 3, every_ms: 600_000 };
/// Mails that ask a person whether an address is theirs: 5 at once, then one in 10 minutes.
const VERIFICATIONS: Limit = Limit { name: "verifications", burst: 5, every_ms: 600_000 };
/// Mails to an address that nobody has shown to be theirs: 10 at once, then one in 10 minutes.
const MAILS_TO_STRANGERS: Limit =
    Limit { name: "mails-to-unverified", burst: 10, every_ms: 600_000 };
/// Other addresses that an account tries to have: 20 at once, then one in 10 minutes.
const ADDRESSES: Limit = Limit { name: "addresses", burst: 20, every_ms: 600_000 };
/// Ways to OpenID providers that an address begins: 60 at once, then one in 2 seconds.
const WAYS: Limit = Limit { name: "ways-to-providers", burst: 60, every_ms: 2_000 };
/// All of them, for whoever counts what they refuse.
const LIMITS: [Limit; 14] = [
    SIGN_UPS,
    BY_ADDRESS,
    BY_ACCOUNT_AND_ADDRESS,
    BY_ACCOUNT,
    CODES,
    CEREMONIES,
    OWN_DATA,
    REPORTS,
    RESETS,
    RESET_MAILS,
    VERIFICATIONS,
    MAILS_TO_STRANGERS,
    ADDRESSES,
    WAYS,
];
/// What an attempt waits whose account has had too many.
const WAIT: Duration = Duration::from_secs(2);

/// The names of all limits.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    LIMITS.iter().map(|limit| limit.name)
}

/// Limits attempts. Clones share their counts.
#[derive(Clone)]
pub struct Throttle {
    shared: Option<Arc<Shared>>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    store: Arc<dyn Coordination>,
}

/// A log-in that may be tried. Say [`Attempt::succeeded`] if it did; dropped, it has failed.
#[must_use]
pub struct Attempt {
    counted: Option<(Arc<Shared>, Vec<Bucket>)>,
    standings: Vec<Standing>,
}

/// Where somebody stands with a limit that they were counted by. Nothing in it depends on whether
/// an account exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// What the limit is called.
    pub name: &'static str,
    /// So many are allowed
    pub quota: u32,
    /// in so many seconds.
    pub window_s: u64,
    /// So many are left.
    pub remaining: u32,
    /// All are there again in so many seconds.
    pub reset_s: u64,
}

impl Throttle {
    pub(super) fn new(on: bool, store: Arc<dyn Coordination>, clock: Arc<dyn Clock>) -> Self {
        Self { shared: on.then(|| Arc::new(Shared { clock, store })) }
    }

    /// Are there limits at all?
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.shared.is_some()
    }

    /// Counts a sign-up.
    ///
    /// # Errors
    /// [`Refused::Throttled`]; the store's.
    pub async fn sign_up(&self, from: IpAddr) -> Result<Vec<Standing>, Refused> {
        let mut standings = Vec::new();
        if let Some(shared) = &self.shared {
            let bucket = SIGN_UPS.bucket(&[&octets(from)]);
            shared.count(SIGN_UPS, bucket, &mut standings).await?;
        }
        Ok(standings)
    }

    /// Counts an archive of somebody's own data.
    ///
    /// # Errors
    /// [`Refused::Throttled`]; the store's.
    pub async fn own_data(&self, of: UserId) -> Result<(), Refused> {
        if let Some(shared) = &self.shared {
            let bucket = OWN_DATA.bucket(&[&of.get().to_be_bytes()]);
            shared.count(OWN_DATA, bucket, &mut Vec::new()).await?;
        }
        Ok(())
    }

    /// Counts a report.
    ///
    /// # Errors
    /// [`Refused::Throttled`]; the store's.
    pub async fn report(&self, by: UserId) -> Result<Vec<Standing>, Refused> {
        let mut standings = Vec::new();
        if let Some(shared) = &self.shared {
            let bucket = REPORTS.bucket(&[&by.get().to_be_bytes()]);
            shared.count(REPORTS, bucket, &mut standings).await?;
        }
        Ok(standings)
    }

    /// Counts a request for a new password by where it comes from.
    ///
    /// # Errors
    /// [`Refused::Throttled`]; the store's.
    pub async fn reset(&self, from: IpAddr) -> Result<Vec<Standing>, Refused> {
        let mut standings = Vec::new();
        if let Some(shared) = &self.shared {
            shared.count(RESETS, RESETS.bucket(&[&octets(from)]), &mut standings).await?;
        }
        Ok(standings)
    }

    /// Counts a mail with a link to a new password; `false` if there were too many. Nobody is told
    /// of it, since a stranger may have asked for them: the mails have arrived.
    ///
    /// # Errors
    /// The store's.
    pub async fn reset_mail(&self, email: &str) -> Result<bool, Refused> {
        self.mail(RESET_MAILS, email).await
    }

    /// Counts any other mail to an address that nobody has shown to be theirs; `false` if there
    /// were too many. Whoever signs up with it, or sets it, may be anybody.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn mail_to_stranger(&self, email: &str) -> Result<bool, Refused> {
        self.mail(MAILS_TO_STRANGERS, email).await
    }

    async fn mail(&self, limit: Limit, email: &str) -> Result<bool, Refused> {
        let Some(shared) = &self.shared else { return Ok(true) };
        let bucket = limit.bucket(&[account_key(email).as_bytes()]);
        let taken = matches!(shared.take(bucket).await?, Token::Taken { .. });
        if !taken {
            limit.refused();
        }
        Ok(taken)
    }

    /// Counts another e-mail address that an account wants to have: whether somebody has it is
    /// seen in the answer.
    ///
    /// # Errors
    /// [`Refused::Throttled`]; the store's.
    pub async fn address(&self, by: UserId) -> Result<(), Refused> {
        if let Some(shared) = &self.shared {
            let bucket = ADDRESSES.bucket(&[&by.get().to_be_bytes()]);
            shared.count(ADDRESSES, bucket, &mut Vec::new()).await?;
        }
        Ok(())
    }

    /// Counts a mail that asks a person whether an address is theirs.
    ///
    /// # Errors
    /// [`Refused::Throttled`]; the store's.
    pub async fn verification(&self, user: u64) -> Result<(), Refused> {
        let Some(shared) = &self.shared else { return Ok(()) };
        let bucket = VERIFICATIONS.bucket(&[&user.to_be_bytes()]);
        shared.count(VERIFICATIONS, bucket, &mut Vec::new()).await
    }

    /// Counts a way to a provider that begins: the store has to remember it.
    ///
    /// # Errors
    /// [`Refused::Throttled`]; the store's.
    pub async fn way(&self, from: IpAddr) -> Result<(), Refused> {
        if let Some(shared) = &self.shared {
            shared.count(WAYS, WAYS.bucket(&[&octets(from)]), &mut Vec::new()).await?;
        }
        Ok(())
    }

    /// Counts a log-in as failed until it is said to have succeeded; may wait.
    ///
    /// # Errors
    /// [`Refused::Throttled`]; the store's.
    pub async fn log_in(&self, from: IpAddr, login: &str) -> Result<Attempt, Refused> {
        let mut standings = Vec::new();
        let Some(shared) = &self.shared else { return Ok(Attempt { counted: None, standings }) };
        let (account, from) = (account_key(login), octets(from));
        let by_both = BY_ACCOUNT_AND_ADDRESS.bucket(&[&from, account.as_bytes()]);
        let by_address = BY_ADDRESS.bucket(&[&from]);
        let by_account = BY_ACCOUNT.bucket(&[account.as_bytes()]);
        shared.count(BY_ACCOUNT_AND_ADDRESS, by_both, &mut standings).await?;
        shared.count(BY_ADDRESS, by_address, &mut standings).await?;
        // It refuses nobody, so nobody is told of it.
        if let Token::Missing { .. } = shared.take(by_account).await? {
            BY_ACCOUNT.refused();
            tokio::time::sleep(WAIT).await;
        }
        let counted = Some((shared.clone(), vec![by_both, by_address, by_account]));
        Ok(Attempt { counted, standings })
    }

    /// Counts a code at an account as wrong until it is said to be right. Only who knows the
    /// account's password gets here, so a stranger can't use the limit up.
    ///
    /// # Errors
    /// [`Refused::Throttled`]; the store's.
    pub(super) async fn code(&self, user: UserId) -> Result<Attempt, Refused> {
        let mut standings = Vec::new();
        let Some(shared) = &self.shared else { return Ok(Attempt { counted: None, standings }) };
        let bucket = CODES.bucket(&[&user.get().to_be_bytes()]);
        shared.count(CODES, bucket, &mut standings).await?;
        Ok(Attempt { counted: Some((shared.clone(), vec![bucket])), standings })
    }

    /// Counts a log-in by passkey that begins: each is a row in the store for some minutes.
    ///
    /// # Errors
    /// [`Refused::Throttled`]; the store's.
    pub async fn ceremony(&self, from: IpAddr) -> Result<Vec<Standing>, Refused> {
        let mut standings = Vec::new();
        if let Some(shared) = &self.shared {
            let bucket = CEREMONIES.bucket(&[&octets(from)]);
            shared.count(CEREMONIES, bucket, &mut standings).await?;
        }
        Ok(standings)
    }
}

impl Attempt {
    /// It has failed: where that leaves whoever tried.
    #[must_use]
    pub fn failed(self) -> Vec<Standing> {
        self.standings
    }

    /// Gives the places back; says where that leaves whoever tried.
    pub async fn succeeded(mut self) -> Vec<Standing> {
        let Some((shared, buckets)) = self.counted else { return self.standings };
        for bucket in buckets {
            if let Err(error) = shared.store.return_token(bucket).await {
                tracing::debug!(%error, "a log-in that succeeded counts as failed");
            }
        }
        self.standings.iter_mut().for_each(Standing::give_back);
        self.standings
    }
}

impl Standing {
    fn give_back(&mut self) {
        self.remaining = self.quota.min(self.remaining + 1);
        let every_s = self.window_s / u64::from(self.quota.max(1));
        self.reset_s = self.reset_s.saturating_sub(every_s);
    }
}

impl Shared {
    async fn take(&self, bucket: Bucket) -> Result<Token, Refused> {
        Ok(self.store.take_token(bucket, self.clock.now()).await?)
    }

    /// Takes a token and notes what is left, or refuses.
    async fn count(
        &self,
        limit: Limit,
        bucket: Bucket,
        standings: &mut Vec<Standing>,
    ) -> Result<(), Refused> {
        let token = self.take(bucket).await?;
        standings.push(limit.standing(token));
        match token {
            Token::Taken { .. } => Ok(()),
            Token::Missing { for_ms } => {
                limit.refused();
                Err(Refused::Throttled {
                    retry_after_s: for_ms.div_ceil(1000).max(1),
                    standings: std::mem::take(standings),
                })
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Limit {
    name: &'static str,
    burst: u32,
    every_ms: u32,
}

impl Limit {
    /// The bucket for what is counted. Neither names nor addresses can be read from its key's
    /// place in a store.
    fn bucket(&self, counted: &[&[u8]]) -> Bucket {
        let mut hash = Sha256::new();
        for part in std::iter::once(self.name.as_bytes()).chain(counted.iter().copied()) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Bucket { key: hash.finalize().into(), burst: self.burst, every_ms: self.every_ms }
    }

    /// Counts a refusal, for operators.
    fn refused(&self) {
        metrics::counter!("siskin_throttle_refusals_total", "limit" => self.name).increment(1);
    }

    fn standing(&self, token: Token) -> Standing {
        let every_ms = u64::from(self.every_ms);
        let window_ms = u64::from(self.burst) * every_ms;
        let full_in_ms = match token {
            Token::Taken { full_in_ms } => full_in_ms,
            Token::Missing { for_ms } => window_ms - every_ms + for_ms,
        };
        let taken = u32::try_from(full_in_ms.div_ceil(every_ms)).unwrap_or(u32::MAX);
        Standing {
            name: self.name,
            quota: self.burst,
            window_s: window_ms.div_ceil(1000),
            remaining: self.burst.saturating_sub(taken),
            reset_s: full_in_ms.div_ceil(1000),
        }
    }
}

/// Names that log in to one account count as one; what is too long for a name is cut.
fn account_key(login: &str) -> String {
    login.trim().chars().take(254).collect::<String>().to_lowercase()
}

/// An IPv6 customer has a /64 at least, so that is what an address is.
#[must_use]
pub fn customer(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

fn octets(from: IpAddr) -> [u8; 16] {
    match customer(from) {
        IpAddr::V6(v6) => v6.octets(),
        IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::by_hand::{Few, Hand};

    fn throttle() -> (Throttle, Arc<Hand>) {
        let clock = Hand::at(0);
        (Throttle::new(true, Few::new(0), clock.clone()), clock)
    }
    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }
    async fn fail(throttle: &Throttle, login: &str, from: &str) -> Result<(), Refused> {
        throttle.log_in(address(from), login).await.map(drop)
    }

    #[tokio::test]
    async fn guessing_at_an_account_stops_and_starts_again_later() {
        let (throttle, clock) = throttle();
        for _ in 0..10 {
            fail(&throttle, "ana", "192.0.2.1").await.unwrap();
        }
        let refused = fail(&throttle, " ANA", "192.0.2.1").await.unwrap_err();
        assert!(matches!(refused, Refused::Throttled { retry_after_s: 10, .. }), "{refused}");
        clock.set(10_000);
        fail(&throttle, "ana", "192.0.2.1").await.unwrap();
    }

    #[tokio::test]
    async fn a_stranger_does_not_lock_the_owner_out() {
        let (throttle, _) = throttle();
        while fail(&throttle, "ana", "192.0.2.1").await.is_ok() {}
        throttle.log_in(address("192.0.2.2"), "ana").await.unwrap().succeeded().await;
    }

    #[tokio::test(start_paused = true)]
    async fn an_account_under_attack_from_everywhere_waits_but_is_never_refused() {
        let (throttle, _) = throttle();
        for n in 0..200 {
            fail(&throttle, "ana", &format!("10.0.0.{n}")).await.unwrap();
        }
        let before = tokio::time::Instant::now();
        throttle.log_in(address("192.0.2.2"), "ana").await.unwrap().succeeded().await;
        assert_eq!(before.elapsed(), WAIT);
    }

    #[tokio::test]
    async fn log_ins_that_succeed_do_not_count() {
        let (throttle, _) = throttle();
        for _ in 0..1000 {
            throttle.log_in(address("192.0.2.1"), "ana").await.unwrap().succeeded().await;
        }
    }

    #[tokio::test]
    async fn whoever_is_counted_learns_what_is_left() {
        let (throttle, _) = throttle();
        let from = address("192.0.2.1");
        let left =
            |standings: &[Standing]| standings.iter().map(|s| s.remaining).collect::<Vec<_>>();
        let first = throttle.log_in(from, "ana").await.unwrap();
        assert_eq!(left(&first.succeeded().await), [10, 100]);
        let failed = throttle.log_in(from, "nobody").await.unwrap().failed();
        assert_eq!(left(&failed), [9, 99]);
        assert_eq!(failed[0].reset_s, 10);
        while fail(&throttle, "ana", "192.0.2.1").await.is_ok() {}
        let refused = throttle.log_in(from, "ana").await.err().unwrap();
        let Refused::Throttled { retry_after_s: 10, standings } = refused else {
            panic!("{refused}")
        };
        assert_eq!((left(&standings), standings[0].reset_s), (vec![0], 100));
        assert_eq!(left(&throttle.sign_up(from).await.unwrap()), [149]);
    }

    #[tokio::test]
    async fn sign_ups_are_counted_by_address_and_by_ipv6_network() {
        let (throttle, _) = throttle();
        for n in 0..150 {
            throttle.sign_up(address(&format!("2001:db8::{n:x}"))).await.unwrap();
        }
        assert!(throttle.sign_up(address("2001:db8::ffff")).await.is_err());
        assert!(throttle.sign_up(address("2001:db8:0:1::1")).await.is_ok());
    }

    #[tokio::test]
    async fn ways_to_providers_are_counted_by_address() {
        let (throttle, clock) = throttle();
        for _ in 0..60 {
            throttle.way(address("192.0.2.1")).await.unwrap();
        }
        assert!(throttle.way(address("192.0.2.1")).await.is_err());
        throttle.way(address("192.0.2.2")).await.unwrap();
        clock.set(2_000);
        throttle.way(address("192.0.2.1")).await.unwrap();
    }

    #[tokio::test]
    async fn wrong_codes_are_counted_by_account_and_right_ones_are_not() {
        let (throttle, clock) = throttle();
        let [ana, ben] = ["1", "2"].map(|id| id.parse::<UserId>().unwrap());
        for _ in 0..100 {
            throttle.code(ana).await.unwrap().succeeded().await;
        }
        for _ in 0..20 {
            drop(throttle.code(ana).await.unwrap());
        }
        let refused = throttle.code(ana).await.map(drop).unwrap_err();
        assert!(matches!(refused, Refused::Throttled { retry_after_s: 300, .. }), "{refused}");
        drop(throttle.code(ben).await.unwrap());
        clock.set(300_000);
        drop(throttle.code(ana).await.unwrap());
    }

    #[tokio::test]
    async fn reports_are_counted_by_account() {
        let (throttle, clock) = throttle();
        let (ana, ben) = (UserId::new(1).unwrap(), UserId::new(2).unwrap());
        for _ in 0..20 {
            throttle.report(ana).await.unwrap();
        }
        assert!(throttle.report(ana).await.is_err());
        throttle.report(ben).await.unwrap();
        clock.set(60_000);
        throttle.report(ana).await.unwrap();
    }

    #[tokio::test]
    async fn off_is_off() {
        let throttle = Throttle::new(false, Few::new(0), Hand::at(0));
        for _ in 0..1000 {
            fail(&throttle, "ana", "192.0.2.1").await.unwrap();
            throttle.sign_up(address("192.0.2.1")).await.unwrap();
        }
    }

    #[tokio::test]
    async fn several_servers_count_together() {
        let (store, clock) = (Few::new(0), Hand::at(0));
        let servers = [0; 2].map(|_| Throttle::new(true, store.clone(), clock.clone()));
        for n in 0..10 {
            fail(&servers[n % 2], "ana", "192.0.2.1").await.unwrap();
        }
        for server in &servers {
            fail(server, "ana", "192.0.2.1").await.unwrap_err();
        }
    }

    #[tokio::test]
    async fn a_store_that_cannot_count_refuses() {
        let (store, clock) = (Few::new(0), Hand::at(0));
        store.goes_away(true);
        let throttle = Throttle::new(true, store, clock);
        let refused = fail(&throttle, "ana", "192.0.2.1").await.unwrap_err();
        assert!(matches!(refused, Refused::Store(_)), "{refused}");
    }
}
