//! People: who is there, under which names, and whether their histories can be so.

use std::collections::HashMap;

use siskin_domain::moderation::{ModerationEvent, Standing};
use siskin_domain::user::{UserEvent, UserState};
use siskin_domain::{Email, UserId, Username};

/// Everybody who is or was there.
#[derive(Default)]
pub(super) struct People {
    all: HashMap<UserId, Person>,
    usernames: HashMap<Username, UserId>,
    emails: HashMap<Email, UserId>,
}

#[derive(Default)]
struct Person {
    state: UserState,
    standing: Standing,
    deleted: bool,
}

impl People {
    /// Was this one ever there?
    pub(super) fn known(&self, id: UserId) -> bool {
        self.all.contains_key(&id)
    }

    /// Is this one there now?
    pub(super) fn there(&self, id: UserId) -> bool {
        self.all.get(&id).is_some_and(|person| !person.deleted)
    }

    /// Was this one there, and is gone?
    pub(super) fn deleted(&self, id: UserId) -> bool {
        self.all.get(&id).is_some_and(|person| person.deleted)
    }

    pub(super) fn count(&self) -> u64 {
        self.all.len() as u64
    }

    /// Folds an event of somebody's; says in words why it can't be.
    pub(super) fn event(&mut self, id: UserId, event: &UserEvent) -> Option<String> {
        let created = matches!(event, UserEvent::Created { .. });
        let wrong = match self.all.get(&id) {
            Some(_) if created => Some("somebody is created twice".to_owned()),
            None if !created => Some(format!("a {} of somebody who was never there", event.kind())),
            Some(person) if person.deleted => {
                Some(format!("a {} of somebody who is deleted", event.kind()))
            }
            _ => None,
        };
        self.give_up_names(id);
        let person = self.all.entry(id).or_default();
        person.state = std::mem::take(&mut person.state).evolve(event);
        person.deleted |= *event == UserEvent::Deleted;
        wrong.or(self.take_names(id))
    }

    /// Folds what moderators did about somebody; says in words why it can't be.
    pub(super) fn moderated(&mut self, id: UserId, event: &ModerationEvent) -> Option<String> {
        match self.all.get_mut(&id) {
            Some(person) => {
                person.standing = person.standing.evolve(event);
                person.deleted.then(|| format!("a {} of somebody who is deleted", event.kind()))
            }
            None => Some(format!("a {} of somebody who was never there", event.kind())),
        }
    }

    fn give_up_names(&mut self, id: UserId) {
        if let Some(Person { state: UserState::Active(user), .. }) = self.all.get(&id) {
            if self.usernames.get(&user.username) == Some(&id) {
                self.usernames.remove(&user.username);
            }
            if self.emails.get(&user.email) == Some(&id) {
                self.emails.remove(&user.email);
            }
        }
    }

    fn take_names(&mut self, id: UserId) -> Option<String> {
        let Some(Person { state: UserState::Active(user), .. }) = self.all.get(&id) else {
            return None;
        };
        // Whose it is, but not what it is: a finding names nobody.
        let username = self.usernames.insert(user.username.clone(), id);
        let email = self.emails.insert(user.email.clone(), id);
        let taken = |what: &str, by: UserId| format!("{id} takes the {what} of {by}");
        username.map(|by| taken("username", by)).or(email.map(|by| taken("e-mail address", by)))
    }
}
