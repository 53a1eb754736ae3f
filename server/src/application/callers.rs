//! Who asks: from a session's secret to a [`Caller`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::sync::Cache;
use siskin_domain::moderation::Standing;
use siskin_domain::{Actor, Role, Timestamp, UserId};

use super::watch::{Watch, Watching};
use super::{Clock, Refused, ServeRole, secret};
use crate::storage::{Scope, Scopes, SessionKind, SessionOwner, Store, StoreError, TokenHash};

/// How long a caller is believed to be who they were, if another process changed them.
const BELIEVED_MS: i64 = 1000;
/// How often the use of a session is noted.
const NOTED_EVERY_MS: i64 = 5 * 60 * 1000;
/// How many callers are remembered.
const REMEMBERED: usize = 10_000;

/// The name of the cookie that carries a session. Under https browsers enforce by the prefix that
/// it is `Secure`, for this host alone and for all paths.
#[must_use]
pub const fn caller_cookie_name(https: bool) -> &'static str {
    if https { "__Host-siskin_session" } else { "siskin_session" }
}

/// Somebody who is signed in: the value that every write needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Their id, and what they may do as far as their token is for it.
    pub actor: Actor,
    /// Their username.
    pub username: String,
    /// Their name.
    pub name: String,
    /// Their session.
    pub token: TokenHash,
    /// What moderators have done about them.
    pub standing: Standing,
    /// How its secret came.
    pub kind: SessionKind,
    /// What it may be used for.
    scopes: Scopes,
    /// What they may do themselves.
    role: Role,
}

impl Caller {
    /// Whoever owns a session. A token that is not for `admin` makes them a user like others, and
    /// so does a suspension.
    #[must_use]
    pub fn new(token: TokenHash, owner: SessionOwner) -> Self {
        let own = if owner.standing.suspended { Role::User } else { owner.role };
        let role = if owner.scopes.has(Scope::Admin) { own } else { Role::User };
        Self {
            actor: Actor { id: owner.user, role },
            username: owner.username,
            name: owner.name,
            token,
            standing: owner.standing,
            kind: owner.kind,
            scopes: owner.scopes,
            role: own,
        }
    }

    /// The caller, if what they came with is for this.
    ///
    /// # Errors
    /// [`Refused::ScopeMissing`].
    pub fn for_scope(self, scope: Scope) -> Result<Self, Refused> {
        if self.scopes.has(scope) { Ok(self) } else { Err(Refused::ScopeMissing(scope)) }
    }

    /// May they change what they log in with? A token for less than all may not: it would make
    /// itself one for more.
    ///
    /// # Errors
    /// [`Refused::ScopeMissing`].
    pub(super) fn may_change_ways_in(&self) -> Result<(), Refused> {
        if self.scopes == Scopes::ALL { Ok(()) } else { Err(Refused::ScopeMissing(Scope::Admin)) }
    }

    /// The caller, unless they are suspended: then they may end their sessions and leave, and
    /// change nothing else.
    ///
    /// # Errors
    /// [`Refused::Suspended`].
    pub fn not_suspended(self) -> Result<Self, Refused> {
        if self.standing.suspended { Err(Refused::Suspended) } else { Ok(self) }
    }

    /// What a rule says to this caller, or that nothing but their token's scopes speaks against
    /// it.
    pub(super) fn decide<T, E: Into<Refused>>(
        &self,
        rule: impl Fn(Actor) -> Result<T, E>,
    ) -> Result<T, Refused> {
        rule(self.actor).map_err(|refused| {
            let whole = Actor { role: self.role, ..self.actor };
            if whole != self.actor && rule(whole).is_ok() {
                Refused::ScopeMissing(Scope::Admin)
            } else {
                refused.into()
            }
        })
    }
}

/// Finds callers. Clones share their memory.
#[derive(Clone)]
pub struct Callers {
    shared: Arc<Shared>,
}

struct Shared {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    role: ServeRole,
    known: Cache<TokenHash, Known>,
    /// Grows when this process changes any account or session: what was known before is void.
    epoch: AtomicU64,
    watch: Watch,
}

#[derive(Clone)]
struct Known {
    caller: Caller,
    until: Timestamp,
    epoch: u64,
}

impl Callers {
    pub(super) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, role: ServeRole) -> Self {
        let known = Cache::new(REMEMBERED);
        let epoch = AtomicU64::new(0);
        let watch = Watch::new(store.clone(), clock.clone());
        Self { shared: Arc::new(Shared { store, clock, role, known, epoch, watch }) }
    }

    /// The caller behind a secret, if there is a session of this kind.
    ///
    /// What this process changed counts at once; what another one changed, after a second.
    ///
    /// # Errors
    /// The store's, if it had to be asked.
    pub async fn by_secret(
        &self,
        secret: &str,
        kind: SessionKind,
    ) -> Result<Option<Caller>, StoreError> {
        let Some(token) = secret::hash(secret, kind) else {
            return Ok(None);
        };
        let now = self.shared.clock.now();
        // Read before the store is: a change in between makes what is learnt here void.
        let epoch = self.shared.epoch.load(Ordering::Acquire);
        if let Some(known) = self.shared.known.get(&token)
            && known.epoch == epoch
            && now < known.until
            // A clock that was set back makes nobody believed for longer.
            && known.until.unix_ms() - now.unix_ms() <= BELIEVED_MS
            && known.caller.kind == kind
        {
            return Ok(Some(known.caller));
        }
        let Some(owner) = self.shared.store.find_session(&token, now).await? else {
            return Ok(None);
        };
        if owner.kind != kind {
            return Ok(None);
        }
        self.note_use(token, owner.last_seen_at, now);
        let until = owner.expires_at.min(now.plus_ms(BELIEVED_MS));
        let caller = Caller::new(token, owner);
        self.shared.known.insert(token, Known { caller: caller.clone(), until, epoch });
        Ok(Some(caller))
    }

    /// Forgets everybody: somebody's session, name or role has just changed.
    pub(super) fn forget(&self) {
        self.shared.epoch.fetch_add(1, Ordering::Release);
    }

    /// Watches a caller's session, to end with it what it has open.
    #[must_use]
    pub fn watch(&self, caller: &Caller) -> Watching {
        self.shared.watch.watch(caller)
    }

    /// Some sessions have just ended: what they have open ends, too.
    pub(super) fn ended(&self, which: impl Fn(&TokenHash, UserId) -> bool) {
        self.forget();
        self.shared.watch.ended(which);
    }

    /// Off the request's path, and seldom: a note that fails is made the next time.
    fn note_use(&self, token: TokenHash, noted: Timestamp, now: Timestamp) {
        let due = now.unix_ms() - noted.unix_ms() >= NOTED_EVERY_MS;
        if due && self.shared.role.writes() {
            let store = self.shared.store.clone();
            tokio::spawn(async move {
                if let Err(error) = store.touch_session(&token, now).await {
                    tracing::debug!(%error, "the use of a session was not noted");
                }
            });
        }
    }
}
