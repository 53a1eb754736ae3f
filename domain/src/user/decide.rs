//! Every rule about users.

use super::{
    Profile, ProfileChanges, ProfileUpdate, User, UserCommand, UserError, UserEvent, UserState,
};
use crate::event::Actor;
use crate::id::UserId;
use crate::values::Role;

/// What follows from a command in a state: the events, or the rule that refuses it.
///
/// No events means that there is nothing to change. That a username or an e-mail address is
/// taken is not decided here: the store knows, in the same transaction.
///
/// # Errors
/// The [`UserError`] whose rule the command broke.
pub fn decide(
    id: UserId,
    state: &UserState,
    command: UserCommand,
) -> Result<Vec<UserEvent>, UserError> {
    match (state, command) {
        (UserState::Missing, UserCommand::Register(new)) => Ok(vec![UserEvent::Created {
            role: new.role,
            profile: Some(Profile { username: new.username, email: new.email, name: new.name }),
        }]),
        (_, UserCommand::Register(_)) => Err(UserError::AlreadyRegistered),
        (UserState::Missing | UserState::Deleted, _) => Err(UserError::NotFound),
        (UserState::Active(user), command) => decide_active(id, user, command),
    }
}

fn decide_active(
    id: UserId,
    user: &User,
    command: UserCommand,
) -> Result<Vec<UserEvent>, UserError> {
    match command {
        UserCommand::Register(_) => Err(UserError::AlreadyRegistered),
        UserCommand::UpdateProfile { by, changes, expected } => {
            self_or_admin(id, by)?;
            at_version(user, expected)?;
            Ok(difference(user, changes)
                .map(|changes| UserEvent::Updated { changes: Some(changes) })
                .into_iter()
                .collect())
        }
        UserCommand::UpdatePassword { by, expected } => {
            self_or_admin(id, by)?;
            at_version(user, expected)?;
            Ok(vec![UserEvent::PasswordUpdated])
        }
        UserCommand::LogIn => Ok(vec![UserEvent::LoggedIn]),
        UserCommand::ChangeRole { by, role } => {
            if by.is_some_and(|by| by.role < Role::Admin) {
                return Err(UserError::NotAdmin);
            }
            let changes = role != user.role;
            Ok(changes.then_some(UserEvent::RoleUpdated { role }).into_iter().collect())
        }
        UserCommand::Delete { by } => {
            self_or_admin(id, by)?;
            Ok(vec![UserEvent::Deleted])
        }
    }
}

fn self_or_admin(id: UserId, by: Actor) -> Result<(), UserError> {
    if by.id == id || by.role == Role::Admin { Ok(()) } else { Err(UserError::NotYou) }
}

fn at_version(user: &User, expected: Option<u64>) -> Result<(), UserError> {
    match expected {
        Some(version) if version != user.version => {
            Err(UserError::VersionConflict { current: user.version })
        }
        _ => Ok(()),
    }
}

/// Only what is really different, or `None` if nothing is.
fn difference(user: &User, changes: ProfileChanges) -> Option<ProfileUpdate> {
    let update = ProfileUpdate {
        username: changes.username.filter(|new| *new != user.username),
        email: changes.email.filter(|new| *new != user.email),
        name: changes.name.filter(|new| *new != user.name),
        bio: changes.bio.filter(|new| *new != user.bio),
    };
    (update != ProfileUpdate::default()).then_some(update)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user::Registration;
    use crate::values::{Bio, DisplayName, Email, Username};

    const ANA: u64 = 1;
    const BEN: u64 = 2;

    struct Given(UserState);
    struct Decided(Result<Vec<UserEvent>, UserError>);

    fn given<const N: usize>(history: [UserEvent; N]) -> Given {
        Given(UserState::replay(&history))
    }
    impl Given {
        fn when(&self, command: UserCommand) -> Decided {
            Decided(decide(UserId::new(ANA).unwrap(), &self.0, command))
        }
    }
    impl Decided {
        fn then<const N: usize>(self, events: [UserEvent; N]) {
            assert_eq!(self.0, Ok(events.to_vec()));
        }
        fn refused(self, error: UserError) {
            assert_eq!(self.0, Err(error));
        }
    }

    fn actor(id: u64, role: Role) -> Actor {
        Actor { id: UserId::new(id).unwrap(), role }
    }
    fn ana() -> Actor {
        actor(ANA, Role::User)
    }
    fn registration() -> Registration {
        Registration {
            username: Username::parse("ana").unwrap(),
            email: Email::parse("ana@example.org").unwrap(),
            name: DisplayName::parse("Ana").unwrap(),
            role: Role::User,
        }
    }
    fn created() -> UserEvent {
        let new = registration();
        UserEvent::Created {
            role: new.role,
            profile: Some(Profile { username: new.username, email: new.email, name: new.name }),
        }
    }
    fn named(name: &str) -> UserEvent {
        let name = Some(DisplayName::parse(name).unwrap());
        UserEvent::Updated { changes: Some(ProfileUpdate { name, ..Default::default() }) }
    }
    fn rename(by: Actor, name: &str, expected: Option<u64>) -> UserCommand {
        let name = Some(DisplayName::parse(name).unwrap());
        UserCommand::UpdateProfile {
            by,
            changes: ProfileChanges { name, ..Default::default() },
            expected,
        }
    }

    #[test]
    fn a_new_person_registers_once() {
        given([]).when(UserCommand::Register(registration())).then([created()]);
        given([created()])
            .when(UserCommand::Register(registration()))
            .refused(UserError::AlreadyRegistered);
    }

    #[test]
    fn the_second_of_two_edits_at_once_is_refused() {
        given([created()]).when(rename(ana(), "Bob's edit", Some(1))).then([named("Bob's edit")]);
        given([created(), named("Bob's edit")])
            .when(rename(ana(), "Alice's edit", Some(1)))
            .refused(UserError::VersionConflict { current: 2 });
    }

    #[test]
    fn an_edit_that_changes_nothing_is_no_event() {
        given([created()]).when(rename(ana(), "Ana", None)).then([]);
    }

    #[test]
    fn a_profile_is_changed_by_its_owner_or_an_admin() {
        given([created()])
            .when(rename(actor(BEN, Role::Moderator), "x", None))
            .refused(UserError::NotYou);
        given([created()]).when(rename(actor(BEN, Role::Admin), "x", None)).then([named("x")]);
    }

    #[test]
    fn a_password_changes_at_the_expected_version_only() {
        let command =
            |expected| UserCommand::UpdatePassword { by: ana(), expected: Some(expected) };
        given([created()]).when(command(1)).then([UserEvent::PasswordUpdated]);
        given([created(), UserEvent::PasswordUpdated])
            .when(command(1))
            .refused(UserError::VersionConflict { current: 2 });
    }

    #[test]
    fn log_ins_do_not_count_as_versions() {
        given([created(), UserEvent::LoggedIn, UserEvent::LoggedIn])
            .when(rename(ana(), "x", Some(1)))
            .then([named("x")]);
    }

    #[test]
    fn only_an_admin_or_the_operator_changes_roles() {
        let command = |by| UserCommand::ChangeRole { by, role: Role::Moderator };
        given([created()]).when(command(Some(ana()))).refused(UserError::NotAdmin);
        let promoted = UserEvent::RoleUpdated { role: Role::Moderator };
        given([created()]).when(command(None)).then([promoted.clone()]);
        given([created(), promoted]).when(command(None)).then([]);
    }

    #[test]
    fn a_deleted_user_is_no_user() {
        given([created()]).when(UserCommand::Delete { by: ana() }).then([UserEvent::Deleted]);
        let forgotten = UserEvent::Created { role: Role::User, profile: None };
        let gone = given([forgotten, UserEvent::Updated { changes: None }, UserEvent::Deleted]);
        gone.when(UserCommand::LogIn).refused(UserError::NotFound);
        gone.when(UserCommand::Delete { by: ana() }).refused(UserError::NotFound);
    }

    #[test]
    fn a_bio_is_kept() {
        let bio = Some(Bio::parse("hello").unwrap());
        let changes = ProfileChanges { bio: bio.clone(), ..Default::default() };
        given([created()])
            .when(UserCommand::UpdateProfile { by: ana(), changes, expected: None })
            .then([UserEvent::Updated {
                changes: Some(ProfileUpdate { bio, ..Default::default() }),
            }]);
    }
}
