//! What [`crate::fuzzing`] feeds to the API's parsers.

use axum::extract::{FromRequestParts, Request};
use bytes::Bytes;
use futures::FutureExt as _;
use http::request::Parts;

use super::address::{ListQuery, SessionPath, TweetOrUser, TweetPath, UserPath};
use super::body::{self, JsonBody};
use super::once::IdempotencyKey;
use super::rendered::IfNoneMatch;
use super::stream::LastEventId;
use super::{auth, invitations, moderation, passkeys, password_resets, reports, tokens, users};
use crate::storage::Client;

/// A JSON body, as each operation reads it.
pub(crate) fn json_body(data: &[u8]) {
    let Ok(json) = JsonBody::parse(Bytes::copy_from_slice(data)) else { return };
    let _ = users::post::read(&json);
    let _ = users::put::read(&json);
    let _ = tokens::post::wanted(&json, Client::default());
    let _ = (reports::post::read(&json), invitations::post::read(&json));
    let _ = (moderation::reason(&json), moderation::resolve::read(&json));
    let _ = password_resets::confirm::read(&json);
    let _ = passkeys::credential(&json);
    // Links' secrets and addresses, names, passwords, codes, roles: texts, where they must be there
    // and where they need not.
    for key in ["body", "username", "token", "email", "name", "password", "code", "role"] {
        let _ = (json.text(key), json.optional_text(key));
    }
}

/// What extractors make of a request's head.
pub(crate) fn head(request: Request) {
    let (mut parts, _) = request.into_parts();
    let _ = extract::<ListQuery>(&mut parts);
    let _ = extract::<LastEventId>(&mut parts);
    let _ = extract::<IdempotencyKey>(&mut parts);
    let _ = extract::<IfNoneMatch>(&mut parts);
    let _ = extract::<UserPath>(&mut parts);
    let _ = extract::<SessionPath>(&mut parts);
    let _ = extract::<TweetPath>(&mut parts);
    let _ = extract::<TweetOrUser>(&mut parts);
    let _ = auth::bearer(&parts.headers);
    let _ = body::media_kind(&parts.headers);
}

/// None of these waits for anything.
fn extract<T: FromRequestParts<()>>(parts: &mut Parts) -> Option<T> {
    T::from_request_parts(parts, &()).now_or_never()?.ok()
}
