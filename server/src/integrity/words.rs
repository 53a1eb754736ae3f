//! What people wrote, and who they are: there unless it was erased, and erased if it was to be.

use std::collections::HashMap;

use siskin_domain::moderation::{ModerationEvent, ReportEvent};
use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::UserEvent;
use siskin_domain::{Event, Position, Recorded, StreamId};

use super::Report;
use super::people::People;
use super::things::Things;
use crate::storage::{Store, StoreError};

/// For each stream that has personal parts, where one was seen first.
#[derive(Default)]
pub(super) struct Words(HashMap<StreamId, Seen>);

#[derive(Default)]
struct Seen {
    /// A part that is there.
    kept: Option<Position>,
    /// A part that should be there unless it was erased, and is not.
    lost: Option<Position>,
}

/// Has the event a personal part? `None` if it need not have one.
fn personal(event: &Event) -> Option<bool> {
    match event {
        Event::User(UserEvent::Created { profile, .. }) => Some(profile.is_some()),
        Event::User(UserEvent::Updated { changes }) => Some(changes.is_some()),
        Event::Tweet(TweetEvent::Posted { body, .. }) => Some(body.is_some()),
        Event::Moderation(
            ModerationEvent::Imposed { reason, .. } | ModerationEvent::Lifted { reason, .. },
        )
        | Event::Report(ReportEvent::Filed { reason, .. }) => Some(reason.is_some()),
        // Moderators may say nothing.
        Event::Tweet(TweetEvent::Hidden { reason, .. } | TweetEvent::Unhidden { reason, .. })
        | Event::Report(ReportEvent::Resolved { reason, .. }) => reason.as_ref().map(|_| true),
        Event::User(_) | Event::Tweet(_) | Event::Moderation(_) => None,
    }
}

impl Words {
    /// Takes an event.
    pub(super) fn note(&mut self, recorded: &Recorded) {
        let Some(there) = personal(&recorded.event) else { return };
        let seen = self.0.entry(recorded.stream).or_default();
        let which = if there { &mut seen.kept } else { &mut seen.lost };
        which.get_or_insert(recorded.position);
    }

    /// Compares with what was deleted, when the whole log was read.
    pub(super) async fn verify(
        self,
        store: &dyn Store,
        people: &People,
        things: &Things,
        report: &mut Report,
    ) -> Result<(), StoreError> {
        let mut found = Vec::new();
        for (stream, seen) in self.0 {
            let erased = match stream {
                StreamId::User(id) | StreamId::Logins(id) | StreamId::Moderation(id) => {
                    people.deleted(id)
                }
                StreamId::Tweet(id) => things.deleted(id),
                StreamId::Report(id) => things.filing(id).is_some_and(|filing| {
                    people.deleted(filing.by) || people.deleted(filing.about)
                }),
            };
            match (erased, seen) {
                // It may have been read before it was erased, so it is looked at again.
                (true, Seen { kept: Some(at), .. }) if still_there(store, stream).await? => {
                    found.push((at, "should be forgotten, and is not"));
                }
                (false, Seen { lost: Some(at), .. }) => {
                    found.push((at, "is forgotten, and nothing says why"));
                }
                _ => {}
            }
        }
        found.sort_unstable();
        for (at, what) in found {
            report.find(format!("position {at}: its personal part {what}"));
        }
        Ok(())
    }
}

async fn still_there(store: &dyn Store, stream: StreamId) -> Result<bool, StoreError> {
    match store.load(stream).await {
        Ok(events) => Ok(events.iter().any(|one| personal(&one.event) == Some(true))),
        // That is a finding already.
        Err(StoreError::Corrupt(_)) => Ok(true),
        Err(error) => Err(error),
    }
}
