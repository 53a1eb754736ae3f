//! What every store promises, as tests that each store runs whole.
//!
//! A store's test module names a function that makes an empty store, and is done:
//!
//! ```ignore
//! siskin_server::store_contract!(empty_store);
//!
//! async fn empty_store() -> siskin_server::storage::contract::Empty { … }
//! ```
//!
//! Each promise is a plain async function that panics if it is broken, so that a deliberately
//! broken store can be shown to fail it.

#![expect(clippy::unwrap_used, reason = "this is a test suite that is compiled into the library")]

pub mod appending;
pub mod beside;
pub mod concurrency;
pub mod coordination;
pub mod erasure;
pub mod moderation;
pub mod moving;
pub mod projections;
pub mod proofs;
pub mod queries;
pub mod relays;
pub mod scene;
pub mod sessions;
pub mod subscribing;
pub mod uniqueness;
pub mod upkeep;

use std::any::Any;
use std::sync::Arc;

use super::Store;

/// An empty store, with what must outlive it: its folder, its database, …
pub struct Empty {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Dropped after the test.
    pub keep: Box<dyn Any + Send>,
}

impl std::fmt::Debug for Empty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Empty")
    }
}

/// Makes a test of each promise, on stores that `$empty` makes.
#[macro_export]
macro_rules! store_contract {
    ($empty:ident) => {
        $crate::store_contract! { @promises $empty
            appending:
                events_are_read_back_as_they_were_appended
                every_kind_of_event_is_read_back
                the_log_is_read_in_parts
                an_append_needs_its_stream_where_it_expects_it
                an_append_without_events_adds_none
                a_conflict_leaves_nothing
                a_tweet_needs_an_author
                a_tweet_is_posted_once
                the_generation_tells_of_changes;
            uniqueness:
                a_taken_value_is_refused_at_registration
                a_taken_value_is_refused_in_a_change
                a_value_that_was_given_up_is_free
                one_of_100_registrations_at_once_wins;
            concurrency:
                one_writer_wins_each_version
                many_writers_keep_the_order
                writes_are_read_at_once;
            queries:
                a_user_is_found_as_they_are_now
                tweets_follow_their_authors_names
                pages_of_tweets_are_exact
                pages_of_users_are_exact;
            beside:
                a_credential_is_found_by_name_and_address
                nothing_is_kept_for_nobody
                what_was_shown_must_still_hold
                a_session_shows_its_owner_as_they_are
                sessions_end
                the_first_answer_is_kept
                work_with_an_answer_is_done_once
                a_sweep_forgets_what_expired;
            sessions:
                a_session_tells_of_itself
                sessions_come_by_their_last_use
                the_list_of_sessions_has_an_end
                a_session_is_ended_by_its_owner_alone
                living_sessions_are_told_from_ended_ones;
            proofs:
                a_proof_is_found_until_it_expires
                a_key_is_given_to_one_at_a_time
                one_of_many_spends_a_proof
                one_of_many_replaces_a_proof
                a_spent_proof_and_its_work_are_one
                proofs_go_with_their_user_or_their_time
                lasting_proofs_move_house;
            erasure:
                a_deleted_tweet_is_forgotten
                a_refused_deletion_forgets_nothing
                a_deleted_user_is_forgotten;
            projections:
                a_rebuild_equals_the_live_projections
                a_rebuild_keeps_what_is_beside_the_log
                a_rebuild_and_writers_do_not_disturb_each_other;
            coordination:
                two_askers_at_once_never_share_a_number
                ranges_of_one_number_never_overlap
                a_lapsed_number_may_be_taken
                the_holder_keeps_its_number
                all_sixteen_held_is_none
                a_released_number_is_free_early
                a_released_number_is_for_clocks_that_are_behind_too
                a_bucket_gives_its_burst_and_then_says_how_long
                a_bucket_fills_up_again
                a_bucket_says_when_it_will_be_full
                a_bucket_outlives_a_clock_that_goes_back
                a_returned_token_is_there_again
                buckets_do_not_mix;
            subscribing:
                a_live_reader_sees_what_the_log_gets
                a_live_reader_sees_the_cascade
                a_lagging_reader_catches_up;
            moving:
                restored_events_are_read_back_as_they_were
                a_restored_projection_is_what_the_log_says
                events_that_do_not_follow_are_refused_whole
                forgotten_events_are_restored_as_forgotten
                names_that_change_hands_are_restored
                credentials_come_in_order_and_in_parts
                credentials_are_restored_for_those_who_are_there
                live_readers_see_what_is_restored
                a_restored_store_goes_on
                a_thousand_at_once_are_no_trouble;
            relays:
                one_holder_relays_at_a_time
                a_lapsed_relay_may_be_taken
                a_relay_outlives_a_clock_that_goes_back
                a_checkpoint_never_goes_back
                an_old_holder_moves_no_checkpoint
                relays_are_told_apart_by_name;
            moderation:
                a_lifted_suspension_restores_everything
                a_silenced_person_is_missing_in_the_timeline_only
                a_hidden_tweet_is_for_its_author_and_moderators
                pages_pass_over_what_is_not_shown
                measures_show_with_sessions_and_change_no_version
                reports_are_listed_by_their_state
                acts_are_read_from_the_log
                nothing_is_said_of_who_is_gone
                reasons_go_with_the_person
                moderation_is_restored;
            upkeep:
                a_ping_changes_nothing
                a_verification_counts
                vitals_tell_how_it_is
                a_closed_store_refuses_writes;
        }
    };
    (@promises $empty:ident $($group:ident: $($promise:ident)+;)*) => { $(
        mod $group {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $promise() {
                    let empty = super::$empty().await;
                    let store = ::std::sync::Arc::clone(&empty.store);
                    $crate::storage::contract::$group::$promise(store).await;
                    drop(empty);
                }
            )+
        }
    )* };
}

#[cfg(test)]
mod tests {
    /// A promise that no store's test runs would be none.
    #[test]
    fn every_promise_is_in_the_list() {
        let list = include_str!("mod.rs");
        let mut promises = 0;
        for group in [
            include_str!("appending.rs"),
            include_str!("uniqueness.rs"),
            include_str!("concurrency.rs"),
            include_str!("queries.rs"),
            include_str!("beside.rs"),
            include_str!("sessions.rs"),
            include_str!("proofs.rs"),
            include_str!("erasure.rs"),
            include_str!("projections.rs"),
            include_str!("coordination.rs"),
            include_str!("subscribing.rs"),
            include_str!("moderation.rs"),
            include_str!("moving.rs"),
            include_str!("relays.rs"),
            include_str!("upkeep.rs"),
        ] {
            for line in group.lines() {
                let Some(rest) = line.strip_prefix("pub async fn ") else { continue };
                let name = rest.split('(').next().unwrap();
                let listed = list.lines().any(|line| line.trim().trim_end_matches(';') == name);
                assert!(listed, "{name} is not in store_contract!");
                promises += 1;
            }
        }
        assert!(promises > 30);
    }
}
