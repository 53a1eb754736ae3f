//! The contract suite finds broken stores: each fault here breaks a promise, and its test fails.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use async_trait::async_trait;
use siskin_domain::moderation::Standing;
use siskin_domain::{
    Position, Recorded, ReportId, StreamId, Timestamp, TweetId, UserId, Username, wire,
};
use siskin_server::storage::contract::{
    appending, beside, concurrency, coordination, erasure, moderation, moving, projections, proofs,
    queries, relays, sessions, subscribing, uniqueness, upkeep,
};
use siskin_server::storage::{
    Answer, AnswerKey, Answers, Append, Appended, Archive, Audience, Bucket, Coordination,
    Credential, Credentials, EventStore, Expected, Holder, Maintenance, Moderation, NodeLease,
    NodeWish, OwnSession, Page, Proof, ProofKey, Proofs, Published, ReadModels, Report, SessionId,
    SessionOwner, Sessions, SqliteStore, Store, StoreError, Token, TokenHash, Verification, Vitals,
};
use tokio::sync::broadcast;

/// One way to be broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    None,
    IgnoresExpectations,
    LosesEffects,
    LosesAllButTheFirstEvent,
    SaysYesToTakenNames,
    LosesDeletionsOfTweets,
    NeverTellsOfChanges,
    TurnsPagesAround,
    LagsBehindItsWrites,
    KeepsSessionsForEver,
    KeepsTheLastAnswer,
    PublishesNothing,
    RebuildsNothing,
    GivesARelayToAnybody,
    SaysYesToOldRelays,
    WritesAfterClose,
    RestoresTheFirstEventOnly,
    LeasesOneNumberToAll,
    LeasesTheSameTimeAgain,
    CountsAllTogether,
    EndsAnybodysSession,
    ListsExpiredSessions,
    BelievesEndedSessions,
    TakesNothingBack,
    ShowsEverythingToEverybody,
    ForgetsActs,
    KeepsReportsOpen,
    FindsExpiredProofs,
    SpendsProofsTwice,
    GivesKeysTwice,
    RestoresNoProofs,
    TellsTheFirstEndOfTheLog,
}

/// A good store behind a fault.
struct Broken {
    store: SqliteStore,
    fault: Fault,
}

#[async_trait]
impl EventStore for Broken {
    async fn append(&self, mut append: Append) -> Result<Appended, StoreError> {
        match self.fault {
            Fault::IgnoresExpectations if append.expected != Expected::Empty => {
                append.expected = Expected::Any;
            }
            Fault::LosesEffects => append.effects.clear(),
            Fault::LosesAllButTheFirstEvent => append.events.truncate(1),
            Fault::LosesDeletionsOfTweets => {
                append.events.retain(|event| event.kind() != "TweetDeleted");
            }
            _ => {}
        }
        match self.store.append(append).await {
            Err(StoreError::Taken(_)) if self.fault == Fault::SaysYesToTakenNames => {
                Ok(Appended { position: self.store.position(), version: 1 })
            }
            answer => answer,
        }
    }
    async fn load(&self, stream: StreamId) -> Result<Vec<Recorded>, StoreError> {
        self.store.load(stream).await
    }
    async fn read_all(&self, after: Position, limit: usize) -> Result<Vec<Recorded>, StoreError> {
        self.store.read_all(after, limit).await
    }
    fn position(&self) -> Position {
        self.store.position()
    }
    fn generation(&self) -> u64 {
        if self.fault == Fault::NeverTellsOfChanges { 1 } else { self.store.generation() }
    }
    fn subscribe(&self) -> broadcast::Receiver<Published> {
        if self.fault == Fault::PublishesNothing {
            return broadcast::Sender::new(1).subscribe();
        }
        self.store.subscribe()
    }
}

#[async_trait]
impl ReadModels for Broken {
    async fn find_user(
        &self,
        id: UserId,
        audience: Audience,
    ) -> Result<Option<wire::User>, StoreError> {
        self.store.find_user(id, self.seen_by(audience)).await
    }
    async fn find_user_by_name(
        &self,
        name: &Username,
        audience: Audience,
    ) -> Result<Option<wire::User>, StoreError> {
        self.store.find_user_by_name(name, self.seen_by(audience)).await
    }
    async fn list_users(
        &self,
        page: Page,
        audience: Audience,
    ) -> Result<Vec<wire::User>, StoreError> {
        self.store.list_users(page, self.seen_by(audience)).await
    }
    async fn find_tweet(
        &self,
        id: TweetId,
        audience: Audience,
    ) -> Result<Option<wire::Tweet>, StoreError> {
        if self.fault == Fault::LagsBehindItsWrites {
            return Ok(None);
        }
        self.store.find_tweet(id, self.seen_by(audience)).await
    }
    async fn find_tweets(
        &self,
        ids: &[TweetId],
        audience: Audience,
    ) -> Result<Vec<wire::Tweet>, StoreError> {
        self.store.find_tweets(ids, self.seen_by(audience)).await
    }
    async fn list_tweets(
        &self,
        page: Page,
        audience: Audience,
    ) -> Result<Vec<wire::Tweet>, StoreError> {
        let mut tweets = self.store.list_tweets(page, self.seen_by(audience)).await?;
        if self.fault == Fault::TurnsPagesAround && page.after.is_some() {
            tweets.reverse();
        }
        Ok(tweets)
    }
    async fn list_tweets_of(
        &self,
        author: UserId,
        page: Page,
        audience: Audience,
    ) -> Result<Vec<wire::Tweet>, StoreError> {
        self.store.list_tweets_of(author, page, self.seen_by(audience)).await
    }
}

impl Broken {
    fn seen_by(&self, audience: Audience) -> Audience {
        if self.fault == Fault::ShowsEverythingToEverybody { Audience::All } else { audience }
    }
}

#[async_trait]
impl Moderation for Broken {
    async fn acts(&self, page: Page) -> Result<Vec<Recorded>, StoreError> {
        let mut acts = self.store.acts(page).await?;
        if self.fault == Fault::ForgetsActs {
            acts.retain(|act| act.event.kind() != "UserSuspended");
        }
        Ok(acts)
    }
    async fn list_reports(&self, open: bool, page: Page) -> Result<Vec<Report>, StoreError> {
        let open = open || self.fault == Fault::KeepsReportsOpen;
        self.store.list_reports(open, page).await
    }
    async fn find_report(&self, id: ReportId) -> Result<Option<Report>, StoreError> {
        self.store.find_report(id).await
    }
    async fn list_standings(&self, page: Page) -> Result<Vec<(UserId, Standing)>, StoreError> {
        self.store.list_standings(page).await
    }
    async fn list_hidden(&self, page: Page) -> Result<Vec<TweetId>, StoreError> {
        self.store.list_hidden(page).await
    }
    async fn reports_by(&self, reporter: UserId, page: Page) -> Result<Vec<Report>, StoreError> {
        self.store.reports_by(reporter, page).await
    }
    async fn hidden_of(&self, author: UserId, page: Page) -> Result<Vec<TweetId>, StoreError> {
        self.store.hidden_of(author, page).await
    }
}

#[async_trait]
impl Credentials for Broken {
    async fn find_credential(&self, login: &str) -> Result<Option<Credential>, StoreError> {
        self.store.find_credential(login).await
    }
    async fn credential_of(&self, user: UserId) -> Result<Option<Credential>, StoreError> {
        self.store.credential_of(user).await
    }
}

#[async_trait]
impl Sessions for Broken {
    async fn find_session(
        &self,
        token: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<SessionOwner>, StoreError> {
        let for_ever = self.fault == Fault::KeepsSessionsForEver;
        let now = if for_ever { Timestamp::from_unix_ms(0) } else { now };
        self.store.find_session(token, now).await
    }
    async fn touch_session(&self, token: &TokenHash, now: Timestamp) -> Result<(), StoreError> {
        self.store.touch_session(token, now).await
    }
    async fn end_session(&self, token: &TokenHash) -> Result<bool, StoreError> {
        self.store.end_session(token).await
    }
    async fn living_sessions(
        &self,
        tokens: &[TokenHash],
        now: Timestamp,
    ) -> Result<Vec<TokenHash>, StoreError> {
        if self.fault == Fault::BelievesEndedSessions {
            return Ok(tokens.to_vec());
        }
        self.store.living_sessions(tokens, now).await
    }
    async fn sessions_of(
        &self,
        user: UserId,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<OwnSession>, StoreError> {
        let expired = self.fault == Fault::ListsExpiredSessions;
        let now = if expired { Timestamp::from_unix_ms(0) } else { now };
        self.store.sessions_of(user, now, limit).await
    }
    async fn end_session_of(&self, user: UserId, id: SessionId) -> Result<bool, StoreError> {
        let ended = self.store.end_session_of(user, id).await?;
        Ok(ended || self.fault == Fault::EndsAnybodysSession)
    }
}

#[async_trait]
impl Answers for Broken {
    async fn find_answer(
        &self,
        key: &AnswerKey,
        now: Timestamp,
    ) -> Result<Option<Answer>, StoreError> {
        self.store.find_answer(key, now).await
    }
    async fn remember_answer(&self, answer: Answer) -> Result<(), StoreError> {
        if self.fault == Fault::KeepsTheLastAnswer {
            self.store.sweep(answer.expires_at).await?;
        }
        self.store.remember_answer(answer).await
    }
}

#[async_trait]
impl Proofs for Broken {
    async fn find_proof(
        &self,
        key: &ProofKey,
        now: Timestamp,
    ) -> Result<Option<Proof>, StoreError> {
        let expired = self.fault == Fault::FindsExpiredProofs;
        let now = if expired { Timestamp::from_unix_ms(0) } else { now };
        self.store.find_proof(key, now).await
    }
    async fn proofs_of(&self, user: UserId, now: Timestamp) -> Result<Vec<Proof>, StoreError> {
        self.store.proofs_of(user, now).await
    }
    async fn keep_proof(&self, proof: Proof, now: Timestamp) -> Result<(), StoreError> {
        match self.store.keep_proof(proof, now).await {
            Err(StoreError::Conflict) if self.fault == Fault::GivesKeysTwice => Ok(()),
            kept => kept,
        }
    }
    async fn spend_proof(
        &self,
        key: &ProofKey,
        now: Timestamp,
    ) -> Result<Option<Proof>, StoreError> {
        if self.fault == Fault::SpendsProofsTwice {
            return self.store.find_proof(key, now).await;
        }
        self.store.spend_proof(key, now).await
    }
}

#[async_trait]
impl Archive for Broken {
    async fn credentials_after(
        &self,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Credential>, StoreError> {
        self.store.credentials_after(after, limit).await
    }
    async fn restore_events(&self, mut events: Vec<Recorded>) -> Result<(), StoreError> {
        if self.fault == Fault::RestoresTheFirstEventOnly {
            events.truncate(1);
        }
        self.store.restore_events(events).await
    }
    async fn restore_credentials(&self, credentials: Vec<Credential>) -> Result<(), StoreError> {
        self.store.restore_credentials(credentials).await
    }
    async fn proofs_after(
        &self,
        after: Option<ProofKey>,
        limit: usize,
    ) -> Result<Vec<Proof>, StoreError> {
        self.store.proofs_after(after, limit).await
    }
    async fn restore_proofs(&self, proofs: Vec<Proof>) -> Result<(), StoreError> {
        if self.fault == Fault::RestoresNoProofs {
            return Ok(());
        }
        self.store.restore_proofs(proofs).await
    }
}

#[async_trait]
impl Coordination for Broken {
    async fn lease_node(&self, wish: NodeWish) -> Result<Option<NodeLease>, StoreError> {
        let lease = self.store.lease_node(wish).await?;
        Ok(lease.map(|lease| match self.fault {
            Fault::LeasesOneNumberToAll => NodeLease { node: 0, ..lease },
            Fault::LeasesTheSameTimeAgain => NodeLease { after: lease.after.plus_ms(-1), ..lease },
            _ => lease,
        }))
    }
    async fn release_node(&self, holder: Holder, used: Timestamp) -> Result<(), StoreError> {
        self.store.release_node(holder, used).await
    }
    async fn take_token(&self, bucket: Bucket, now: Timestamp) -> Result<Token, StoreError> {
        let mixed = self.fault == Fault::CountsAllTogether;
        let key = if mixed { [0; 32] } else { bucket.key };
        self.store.take_token(Bucket { key, ..bucket }, now).await
    }
    async fn return_token(&self, bucket: Bucket) -> Result<(), StoreError> {
        if self.fault == Fault::TakesNothingBack {
            return Ok(());
        }
        self.store.return_token(bucket).await
    }
    async fn take_relay(
        &self,
        name: &str,
        holder: Holder,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Position>, StoreError> {
        let anybody = self.fault == Fault::GivesARelayToAnybody;
        let now = if anybody { Timestamp::from_unix_ms(i64::MAX) } else { now };
        self.store.take_relay(name, holder, now, until).await
    }
    async fn advance_relay(
        &self,
        name: &str,
        holder: Holder,
        to: Position,
    ) -> Result<bool, StoreError> {
        let moved = self.store.advance_relay(name, holder, to).await?;
        Ok(moved || self.fault == Fault::SaysYesToOldRelays)
    }
}

#[async_trait]
impl Maintenance for Broken {
    async fn ping(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }
    async fn rebuild_projections(&self) -> Result<u64, StoreError> {
        if self.fault == Fault::RebuildsNothing {
            return Ok(0);
        }
        self.store.rebuild_projections().await
    }
    async fn reshape_projections(&self) -> Result<u64, StoreError> {
        self.store.reshape_projections().await
    }
    async fn check(&self) -> Result<(), StoreError> {
        self.store.check().await
    }
    async fn verify_projections(&self) -> Result<Verification, StoreError> {
        self.store.verify_projections().await
    }
    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.store.sweep(now).await
    }
    fn is_on_this_machine(&self) -> bool {
        self.store.is_on_this_machine()
    }
    async fn vitals(&self) -> Result<Vitals, StoreError> {
        let vitals = self.store.vitals().await?;
        Ok(match self.fault {
            Fault::TellsTheFirstEndOfTheLog => Vitals { end: Position(0), ..vitals },
            _ => vitals,
        })
    }
    async fn close(&self) {
        if self.fault != Fault::WritesAfterClose {
            self.store.close().await;
        }
    }
}

/// Whether a promise is kept by a store with this fault.
async fn is_kept<F>(fault: Fault, promise: fn(Arc<dyn Store>) -> F) -> bool
where
    F: Future<Output = ()> + Send + 'static,
{
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("siskin.db")).unwrap();
    let store = Arc::new(Broken { store, fault });
    tokio::spawn(promise(store)).await.is_ok()
}

macro_rules! faults {
    ($($fault:ident breaks $group:ident::$promise:ident;)*) => { $(
        #[tokio::test(flavor = "multi_thread")]
        #[expect(non_snake_case, reason = "named as the fault")]
        async fn $fault() {
            assert!(is_kept(Fault::None, $group::$promise).await, "without the fault it is kept");
            assert!(!is_kept(Fault::$fault, $group::$promise).await, "the fault is not found");
        }
    )* };
}

faults! {
    IgnoresExpectations breaks concurrency::one_writer_wins_each_version;
    LosesEffects breaks beside::sessions_end;
    LosesAllButTheFirstEvent breaks appending::events_are_read_back_as_they_were_appended;
    SaysYesToTakenNames breaks uniqueness::one_of_100_registrations_at_once_wins;
    LosesDeletionsOfTweets breaks erasure::a_deleted_tweet_is_forgotten;
    NeverTellsOfChanges breaks appending::the_generation_tells_of_changes;
    TurnsPagesAround breaks queries::pages_of_tweets_are_exact;
    LagsBehindItsWrites breaks concurrency::writes_are_read_at_once;
    KeepsSessionsForEver breaks beside::a_session_shows_its_owner_as_they_are;
    KeepsTheLastAnswer breaks beside::the_first_answer_is_kept;
    PublishesNothing breaks subscribing::a_live_reader_sees_what_the_log_gets;
    RebuildsNothing breaks projections::a_rebuild_equals_the_live_projections;
    RestoresTheFirstEventOnly breaks moving::a_restored_projection_is_what_the_log_says;
    GivesARelayToAnybody breaks relays::one_holder_relays_at_a_time;
    SaysYesToOldRelays breaks relays::an_old_holder_moves_no_checkpoint;
    LeasesOneNumberToAll breaks coordination::two_askers_at_once_never_share_a_number;
    LeasesTheSameTimeAgain breaks coordination::ranges_of_one_number_never_overlap;
    EndsAnybodysSession breaks sessions::a_session_is_ended_by_its_owner_alone;
    ListsExpiredSessions breaks sessions::sessions_come_by_their_last_use;
    BelievesEndedSessions breaks sessions::living_sessions_are_told_from_ended_ones;
    CountsAllTogether breaks coordination::buckets_do_not_mix;
    TakesNothingBack breaks coordination::a_returned_token_is_there_again;
    FindsExpiredProofs breaks proofs::a_proof_is_found_until_it_expires;
    SpendsProofsTwice breaks proofs::one_of_many_spends_a_proof;
    GivesKeysTwice breaks proofs::a_key_is_given_to_one_at_a_time;
    RestoresNoProofs breaks proofs::lasting_proofs_move_house;
    ShowsEverythingToEverybody breaks moderation::a_lifted_suspension_restores_everything;
    ForgetsActs breaks moderation::acts_are_read_from_the_log;
    KeepsReportsOpen breaks moderation::reports_are_listed_by_their_state;
    TellsTheFirstEndOfTheLog breaks upkeep::vitals_tell_how_it_is;
    WritesAfterClose breaks upkeep::a_closed_store_refuses_writes;
}
