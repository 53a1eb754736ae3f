//! Copies of a store that is in use, and stores made of them (`docs/BACKUP.md`).
//!
//! * [`make()`]: a copy in a file that appears whole: of a database as a database, of a shared store
//!   as an archive.
//! * [`recognise`]: which of them a file is.
//! * [`Cut`], [`bring`]: a store as it was after some event.
//! * [`schedule`]: copies made by the server itself, and how long they are kept.
//! * [`Backups`]: what is known of them, for operators.

pub mod schedule;

mod cut;
mod error;
mod ids;
mod kind;
mod last;
mod make;

pub use cut::{Brought, Cut, Until, bring};
pub use error::BackupError;
pub use ids::reserve_ids;
pub use kind::{Kind, recognise};
pub use last::{Backups, Last};
pub use make::{Made, Source, make};
