//! The user aggregate: registering, profile, password, log-ins, role, deletion.

mod command;
mod decide;
mod error;
mod event;
mod state;

pub use command::{ProfileChanges, Registration, UserCommand};
pub use decide::decide;
pub use error::UserError;
pub use event::{Profile, ProfileUpdate, UserEvent};
pub use state::{User, UserState};
