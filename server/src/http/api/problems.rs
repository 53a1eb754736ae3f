//! The errors that operations declare, as responses of the OpenAPI description.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::PartialSchema;
use utoipa::openapi::{
    Content, HeaderBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Type,
};

/// Declares a set of errors.
macro_rules! problems {
    ($(#[doc = $doc:literal])* $name:ident: $($status:literal),+) => {
        $(#[doc = $doc])*
        pub(super) struct $name;
        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                [$($status),+].into_iter().map(problem).collect()
            }
        }
    };
}

problems! {
    /// Of reads that nothing can be wrong with but the server.
    Reading: 500, 503
}
problems! {
    /// Of lists.
    Listing: 400, 422, 500, 503
}
problems! {
    /// Of lists that depend on the caller.
    ListingAs: 400, 401, 403, 422, 500, 503
}
problems! {
    /// Of a user.
    FindingAs: 401, 403, 404, 500, 503
}
problems! {
    /// Of a tweet, or of the list of a user's tweets.
    FindingOrListing: 400, 404, 422, 500, 503
}
problems! {
    /// Of sign-up.
    SigningUp: 400, 403, 408, 409, 413, 415, 422, 429, 500, 503
}
problems! {
    /// Of log-in.
    LoggingIn: 400, 401, 408, 413, 415, 422, 429, 500, 503
}
problems! {
    /// Of a passkey that is registered.
    Registering: 400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 503
}
problems! {
    /// Of a passkey that is shown.
    LoggingInByPasskey: 400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 503
}
problems! {
    /// Of mail to somebody.
    Mailing: 400, 404, 408, 409, 413, 415, 422, 429, 500, 503
}
problems! {
    /// Of mail to oneself.
    MailingOneself: 401, 403, 404, 409, 422, 429, 500, 503
}
problems! {
    /// Of what was mailed.
    Confirming: 400, 408, 409, 413, 415, 422, 429, 500, 503
}
problems! {
    /// Of changes to a user.
    Changing: 400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 503
}
problems! {
    /// Of the deletion of a user, which has a body.
    DeletingNamed: 400, 401, 403, 404, 408, 409, 413, 415, 500, 503
}
problems! {
    /// Of posting.
    Posting: 400, 401, 403, 404, 408, 409, 413, 415, 422, 500, 503
}
problems! {
    /// Of deletions.
    Deleting: 401, 403, 404, 409, 500, 503
}
problems! {
    /// Of the end of a token.
    Ending: 401, 500, 503
}
problems! {
    /// Of what is one's own.
    Owning: 401, 403, 500, 503
}
problems! {
    /// Of the end of one thing that is one's own.
    EndingOne: 401, 403, 404, 500, 503
}
problems! {
    /// Of the archive of one's own data.
    Archiving: 401, 403, 404, 409, 429, 500, 503
}
problems! {
    /// Of the stream.
    Streaming: 400, 401, 403, 429, 500, 503
}

problems! {
    /// Of reports.
    Reporting: 400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 503
}
problems! {
    /// Of what moderators and admins do.
    Moderating: 400, 401, 403, 404, 408, 409, 413, 415, 422, 500, 503
}
problems! {
    /// Of what moderators look at.
    ModeratorsListing: 400, 401, 403, 422, 500, 503
}

/// Of every operation: what is too large before anybody looks at what it asks for.
pub(super) fn of_all() -> [(String, RefOr<Response>); 2] {
    [414, 431].map(problem)
}

/// Of every read: a position that is none.
pub(super) fn of_reads() -> (String, RefOr<Response>) {
    problem(400)
}

fn problem(status: u16) -> (String, RefOr<Response>) {
    let schema = RefOr::Ref(Ref::from_schema_name("ErrorBody"));
    let mut response = ResponseBuilder::new()
        .description(meaning(status))
        .content("application/json", Content::new(Some(schema)));
    if status == 429 || status == 503 {
        response = response.header("Retry-After", seconds());
    }
    if status == 503 {
        let address = ObjectBuilder::new().schema_type(Type::String).build();
        let what = Some("Which server to ask, if it is not this one.");
        let header = HeaderBuilder::new().schema(address).description(what).build();
        response = response.header("Location", header);
    }
    if status == 401 {
        let bearer = ObjectBuilder::new().schema_type(Type::String).build();
        response = response.header("WWW-Authenticate", HeaderBuilder::new().schema(bearer).build());
    }
    (status.to_string(), response.build().into())
}

fn seconds() -> utoipa::openapi::Header {
    HeaderBuilder::new().schema(u64::schema()).description(Some("Seconds to wait.")).build()
}

const fn meaning(status: u16) -> &'static str {
    match status {
        400 => "Not JSON, a required key is missing, or a key has the wrong type.",
        401 => "Nobody is signed in, or the token or the password is wrong.",
        403 => "Not allowed to this caller or their token, or a cookie from another origin.",
        404 => "There is no such thing.",
        408 => "The body arrived too slowly.",
        409 => "Taken, or changed by somebody else in the meantime.",
        413 => "The body is larger than 1 MiB.",
        414 => "The address is longer than 8 KiB.",
        415 => "The body is not JSON.",
        422 => "Well-formed, but a rule refuses it; `code` and `field` say which.",
        429 => "Too often.",
        431 => "More than 100 headers, or one longer than 8 KiB.",
        500 => "Something went wrong here.",
        _ => {
            "Not possible now, or too many requests at once (`overloaded`); try again. With `read_only_node` or `write_only_node`, another \
             server is to be asked: `Location`, if there is one, says which."
        }
    }
}
