//! Mail over SMTP: letters wait in a bounded queue and are tried again in the background.

mod queue;
mod smtp;
mod url;

pub use queue::{Carrier, Failure, Queue};
pub use smtp::{MailFrom, Smtp};
pub use url::SmtpUrl;
