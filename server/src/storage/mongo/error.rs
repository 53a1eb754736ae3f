//! What the driver says, as the storage contract's errors.

use mongodb::error::{Error, ErrorKind, WriteFailure};

use crate::storage::StoreError;

/// The server's code for a value that a unique index has already.
const DUPLICATE_KEY: i32 = 11_000;

/// The server's code for a disk without room.
const OUT_OF_DISK_SPACE: i32 = 14_031;

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match *error.kind {
            ErrorKind::BsonDeserialization(_) | ErrorKind::Bson(_) => {
                Self::Corrupt("a document that does not fit its shape".to_owned())
            }
            _ if code(&error) == Some(OUT_OF_DISK_SPACE) => Self::DiskFull(describe(&error)),
            _ => Self::Unavailable(describe(&error)),
        }
    }
}

/// The server's code, if it gave one.
fn code(error: &Error) -> Option<i32> {
    match &*error.kind {
        ErrorKind::Command(command) => Some(command.code),
        ErrorKind::Write(WriteFailure::WriteError(write)) => Some(write.code),
        ErrorKind::Write(WriteFailure::WriteConcernError(concern)) => Some(concern.code),
        _ => None,
    }
}

/// What went wrong, without what a server may quote: that can be somebody's address.
pub(super) fn describe(error: &Error) -> String {
    match &*error.kind {
        ErrorKind::Command(command) => {
            format!("the command failed: {} ({})", command.code_name, command.code)
        }
        ErrorKind::Write(WriteFailure::WriteError(write)) => {
            format!("the write failed: code {}", write.code)
        }
        ErrorKind::Write(WriteFailure::WriteConcernError(concern)) => {
            format!("the write was not confirmed: {} ({})", concern.code_name, concern.code)
        }
        ErrorKind::Io(io) => format!("the connection failed: {io}"),
        ErrorKind::ServerSelection { message, .. } => message.clone(),
        ErrorKind::ConnectionPoolCleared { .. } => "connections were dropped".to_owned(),
        ErrorKind::Authentication { .. } => "the server refused the name or password".to_owned(),
        ErrorKind::DnsResolve { message, .. } | ErrorKind::InvalidTlsConfig { message, .. } => {
            message.clone()
        }
        _ => "the driver failed".to_owned(),
    }
}

/// Did a unique index refuse it?
pub(super) fn is_duplicate(error: &Error) -> bool {
    match &*error.kind {
        ErrorKind::Command(command) => command.code == DUPLICATE_KEY,
        ErrorKind::Write(WriteFailure::WriteError(write)) => write.code == DUPLICATE_KEY,
        ErrorKind::InsertMany(many) => many
            .write_errors
            .as_ref()
            .is_some_and(|errors| errors.iter().any(|error| error.code == DUPLICATE_KEY)),
        _ => false,
    }
}
