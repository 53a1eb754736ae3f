//! What the server does, with no HTTP in sight: commands and queries over the storage contract.
//!
//! * [`accounts`], [`tweets`]: commands. Load a stream, fold it, let the domain decide, append.
//! * [`factors`]: authenticator apps, recovery codes and passkeys.
//! * [`moderation`]: reports, what moderators do, and what they look at.
//! * [`queries`]: answers from the projections, cached while nothing has changed.
//! * [`callers`]: who asks. A [`Caller`] is the value that a write needs, so that forgetting to
//!   authenticate does not compile.
//! * [`watch`]: what ends with a session.
//! * [`community`]: who may read and who may join.
//! * [`mail`]: what is written to people.
//! * [`passwords`]: which may be had.
//! * [`readiness`], [`status`]: what operators are told.
//! * [`role`]: a server may run one side alone.
//! * [`own_data`]: everything of one's own, as an archive.
//! * [`live`]: committed events for everybody who listens.
//! * [`idempotency`], [`throttle`], [`hashing`]: what keeps repeated, hostile and costly requests
//!   in bounds.
//! * [`clock`], [`entropy`], [`ids`]: time, randomness and ids, as parameters.

pub mod accounts;
pub mod callers;
pub mod clock;
pub mod community;
pub mod entropy;
pub mod factors;
pub mod hashing;
pub mod idempotency;
pub mod ids;
pub mod live;
pub mod mail;
pub mod moderation;
pub mod own_data;
pub mod passwords;
pub mod queries;
pub mod readiness;
pub mod role;
pub mod secret;
pub mod status;
pub mod throttle;
pub mod tweets;
pub mod watch;

#[cfg(test)]
mod by_hand;
mod refused;
mod retry;
mod to_the_end;
mod ways_in;

use std::sync::Arc;

pub use accounts::{
    Accounts, Changes, Entered, INVITATION_DAYS, INVITATION_USES, Invitation, InvitationId, Link,
    LoggedIn, MOST_INVITATIONS, NewAccount, NewInvitation, NewSession, OwnAddress, TOKEN_DAYS,
    WayIn,
};
pub use callers::{Caller, Callers, caller_cookie_name};
pub use clock::{Clock, SystemClock};
pub use community::{Community, Inviters, Registration};
pub use entropy::{Entropy, OsEntropy};
pub use factors::Factors;
pub use idempotency::{Idempotency, IdempotencyScope, Once};
pub use ids::Ids;
use ipnet::IpNet;
pub use live::Live;
pub use mail::{Letter, Outbox, OutboxFull};
pub use moderation::Moderation;
pub use own_data::OwnData;
pub use queries::Queries;
pub use refused::Refused;
pub use role::ServeRole;
use siskin_domain::Timestamp;
pub use throttle::{Standing, Throttle};
use tokio::sync::Semaphore;
pub use tweets::Tweets;
pub use watch::Watching;

use crate::backup::Backups;
use crate::oidc::ProviderConfig;
use crate::storage::Store;

/// What the operator decided.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The greatest length of a tweet, in Unicode scalar values.
    pub tweet_max_chars: usize,
    /// Are log-ins, sign-ups and streams limited per address and account?
    pub throttle: bool,
    /// Scheme, host and port, without a slash at the end: for absolute links.
    pub public_url: String,
    /// Origins whose pages may call the API with a token; none unless listed.
    pub cors_origins: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is believed; none unless listed.
    pub trusted_proxies: Vec<IpNet>,
    /// Is the site served under https, so that cookies are `Secure` and `__Host-`?
    pub secure_cookies: bool,
    /// Does this server read, write, or both?
    pub role: ServeRole,
    /// Scheme, host and port of the servers that write, for those that don't.
    pub command_url: Option<String>,
    /// The same of the servers that read.
    pub query_url: Option<String>,
    /// Who may read and who may join.
    pub community: Community,
    /// OpenID providers that people may sign in with; none unless named.
    pub providers: Vec<ProviderConfig>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            tweet_max_chars: siskin_domain::TweetBody::DEFAULT_MAX,
            throttle: true,
            public_url: "http://127.0.0.1:3000".to_owned(),
            cors_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            secure_cookies: false,
            role: ServeRole::All,
            command_url: None,
            query_url: None,
            community: Community::default(),
            providers: Vec::new(),
        }
    }
}

/// So many requests for new passwords may be under way.
const MOST_ASKING: usize = 2048;

/// Everything that a handler may ask for. Clones are cheap and share their state.
#[derive(Clone)]
pub struct Services {
    /// Commands about users.
    pub accounts: Accounts,
    /// Second factors and passkeys.
    pub factors: Factors,
    /// Commands about tweets.
    pub tweets: Tweets,
    /// Reports, and what moderators do.
    pub moderation: Moderation,
    /// Ids for all of them.
    ids: Ids,
    /// Reads.
    pub queries: Queries,
    /// Who asks.
    pub callers: Callers,
    /// Committed events, as they come.
    pub live: Live,
    /// Limits on log-ins, sign-ups and streams.
    pub throttle: Throttle,
    /// Archives of one's own data.
    pub own_data: OwnData,
    /// Answers to repeated requests.
    pub idempotency: Idempotency,
    /// What is known of the backups that this server makes.
    pub backups: Backups,
    /// What the operator decided.
    pub rules: Arc<Rules>,
    /// When this process began to serve.
    pub since: Timestamp,
    /// The store itself, for health checks and maintenance.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl Services {
    /// Wires the services over a store, without mail. Say [`Services::stop`] at the end.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        rules: Rules,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self::with_outbox(store, rules, clock, entropy, None)
    }

    /// The same with an outbox for mail.
    #[must_use]
    pub fn with_outbox(
        store: Arc<dyn Store>,
        rules: Rules,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        outbox: Option<Arc<dyn Outbox>>,
    ) -> Self {
        let rules = Arc::new(rules);
        let ids = Ids::new(store.clone(), clock.clone(), &*entropy);
        let hasher = hashing::Hasher::new(entropy.clone());
        let callers = Callers::new(store.clone(), clock.clone(), rules.role);
        let throttle = Throttle::new(rules.throttle, store.clone(), clock.clone());
        let codes = factors::codes::Codes::new(store.clone(), clock.clone(), throttle.clone());
        let accounts = Accounts::new(accounts::Parts {
            store: store.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
            ids: ids.clone(),
            hasher: hasher.clone(),
            callers: callers.clone(),
            codes: codes.clone(),
            rules: rules.clone(),
            throttle: throttle.clone(),
            writer: mail::Writer::new(&rules.public_url),
            outbox,
            asking: Arc::new(Semaphore::new(MOST_ASKING)),
        });
        let factors = factors::Parts {
            store: store.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
            throttle: throttle.clone(),
            accounts: accounts.clone(),
            codes,
        };
        Self {
            factors: Factors::new(factors, &rules.public_url),
            accounts,
            tweets: Tweets::new(store.clone(), clock.clone(), ids.clone()),
            moderation: Moderation::new(moderation::Parts {
                store: store.clone(),
                clock: clock.clone(),
                ids: ids.clone(),
                callers: callers.clone(),
            }),
            ids,
            queries: Queries::new(store.clone()),
            live: Live::new(store.clone()),
            own_data: OwnData::new(store.clone(), clock.clone(), throttle.clone(), &rules),
            throttle,
            idempotency: Idempotency::new(store.clone(), clock.clone(), entropy.clone(), hasher),
            callers,
            backups: Backups::default(),
            rules,
            since: clock.now(),
            store,
            clock,
            entropy,
        }
    }
    /// Gives back what other servers may wait for. The store stays open.
    pub async fn stop(&self) {
        if let Err(error) = self.ids.release().await {
            tracing::warn!(%error, "the node number for ids is not given back; its lease runs out");
        }
    }
}
