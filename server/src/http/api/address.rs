//! What an address says: ids, usernames, pages of lists, and who is at the other end.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::{FromRequestParts, Query, RawPathParams};
use http::request::Parts;
use siskin_domain::moderation::Measure;
use siskin_domain::{ReportId, TweetId, UserId, Username, id};
use utoipa::IntoParams;

use super::error::ApiError;
use crate::application::InvitationId;
use crate::http::client;
use crate::http::device::client_of;
use crate::http::state::HttpState;
use crate::storage::{Client, Page, SessionId};

/// How many entries a list has unless told otherwise.
const DEFAULT_LIMIT: u16 = 20;
/// How many it has at most.
const GREATEST_LIMIT: u16 = 100;

/// `/api/v1/users/{id}`; what can't be an id is not found.
pub(super) struct UserPath(pub(super) UserId);

/// `/api/v1/sessions/{id}`.
pub(super) struct SessionPath(pub(super) SessionId);

/// `/api/v1/moderation/reports/{id}/resolve`.
pub(super) struct ReportPath(pub(super) ReportId);

/// `/api/v1/moderation/users/{id}/{measure}`.
pub(super) struct MeasurePath(pub(super) UserId, pub(super) Measure);

/// `/api/v1/invitations/{id}`.
pub(super) struct InvitationPath(pub(super) InvitationId);

/// `/api/v2/tweets/{id}` where it must be a tweet's.
pub(super) struct TweetPath(pub(super) TweetId);

/// `/api/v2/tweets/{id}` where it may be a tweet's id or a username, told apart by the digits.
pub(super) enum TweetOrUser {
    Tweet(TweetId),
    User(Username),
}

impl<S: Send + Sync> FromRequestParts<S> for UserPath {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        last_segment(parts, state, |text| text.parse().ok().map(Self)).await
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SessionPath {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        last_segment(parts, state, |text| digits(text).map(|id| Self(SessionId(id)))).await
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ReportPath {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        last_segment(parts, state, |text| text.parse().ok().map(Self)).await
    }
}

impl<S: Send + Sync> FromRequestParts<S> for MeasurePath {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let UserPath(user) = UserPath::from_request_parts(parts, state).await?;
        let measure = segment(parts, state, "measure", Measure::named).await?;
        Ok(Self(user, measure))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for InvitationPath {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        last_segment(parts, state, |text| digits(text).map(|id| Self(InvitationId(id)))).await
    }
}

impl<S: Send + Sync> FromRequestParts<S> for TweetPath {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        last_segment(parts, state, |text| text.parse().ok().map(Self)).await
    }
}

impl<S: Send + Sync> FromRequestParts<S> for TweetOrUser {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        last_segment(parts, state, |text| {
            if text.bytes().all(|b| b.is_ascii_digit()) {
                text.parse().ok().map(Self::Tweet)
            } else {
                Username::parse(text).ok().map(Self::User)
            }
        })
        .await
    }
}

async fn last_segment<S: Send + Sync, T>(
    parts: &mut Parts,
    state: &S,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<T, ApiError> {
    segment(parts, state, "id", read).await
}

async fn segment<S: Send + Sync, T>(
    parts: &mut Parts,
    state: &S,
    wanted: &str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<T, ApiError> {
    let params = RawPathParams::from_request_parts(parts, state).await;
    let params = params.map_err(|_| ApiError::not_found())?;
    let id = params.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value);
    id.and_then(read).ok_or_else(ApiError::not_found)
}

/// `?limit=&before=&after=`, for people `?username=`, and for reports `?state=`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ListQuery {
    pub(super) page: Page,
    pub(super) username: Option<String>,
    pub(super) state: Option<String>,
}

/// The same, for the description.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes the query; ListQuery reads it")]
pub(super) struct PageParams {
    /// At most so many entries; 20 unless given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u16>,
    /// Only entries with ids below this.
    #[param(maximum = 9007199254740991u64)]
    before: Option<u64>,
    /// Only entries with ids above this.
    #[param(maximum = 9007199254740991u64)]
    after: Option<u64>,
}

impl<S: Send + Sync> FromRequestParts<S> for ListQuery {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut list = Self { page: Page::newest(DEFAULT_LIMIT), username: None, state: None };
        if parts.uri.query().is_none_or(str::is_empty) {
            return Ok(list);
        }
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|_| ApiError::bad_request("The query can't be read."))?;
        for (key, value) in pairs.0 {
            match key.as_str() {
                "limit" => list.page.limit = limit(&value)?,
                "before" => list.page.before = Some(bound("before", "before_invalid", &value)?),
                "after" => list.page.after = Some(bound("after", "after_invalid", &value)?),
                "username" => list.username = Some(value),
                "state" => list.state = Some(value),
                _ => {}
            }
        }
        Ok(list)
    }
}

fn limit(text: &str) -> Result<u16, ApiError> {
    let number = digits(text).filter(|n| (1..=u64::from(GREATEST_LIMIT)).contains(n));
    number.and_then(|n| u16::try_from(n).ok()).ok_or_else(|| {
        ApiError::unprocessable("limit_invalid", "limit", "limit is a number from 1 to 100.")
    })
}

fn bound(name: &'static str, code: &'static str, text: &str) -> Result<u64, ApiError> {
    digits(text).filter(|n| *n < id::LIMIT).ok_or_else(|| {
        ApiError::unprocessable(code, name, format!("{name} is the id of an entry."))
    })
}

/// Decimal digits only: no sign, no space.
fn digits(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// The address of whoever asks.
pub(super) struct Peer(pub(super) IpAddr);

impl FromRequestParts<HttpState> for Peer {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, state: &HttpState) -> Result<Self, Infallible> {
        Ok(Self(client::address(parts, &state.services.rules)))
    }
}

/// What is kept in words of whoever begins a session.
pub(super) struct Origin(pub(super) Client);

impl FromRequestParts<HttpState> for Origin {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, state: &HttpState) -> Result<Self, Infallible> {
        let Peer(peer) = Peer::from_request_parts(parts, state).await?;
        Ok(Self(client_of(&parts.headers, peer)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(query: &str) -> Result<ListQuery, ApiError> {
        let request = http::Request::builder().uri(format!("/api/v2/tweets{query}"));
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        ListQuery::from_request_parts(&mut parts, &()).await
    }

    #[tokio::test]
    async fn a_list_is_asked_for_by_limit_and_bounds() {
        assert_eq!(read("").await.unwrap().page, Page::newest(20));
        let page = read("?limit=100&before=9&after=3&x=y").await.unwrap().page;
        assert_eq!(page, Page { limit: 100, before: Some(9), after: Some(3) });
    }

    #[tokio::test]
    async fn other_numbers_are_refused_by_name() {
        for (query, field) in [
            ("?limit=0", "limit"),
            ("?limit=101", "limit"),
            ("?limit=", "limit"),
            ("?limit=+5", "limit"),
            ("?limit=5.0", "limit"),
            ("?limit=99999999999999999999999", "limit"),
            ("?before=-1", "before"),
            ("?before=9007199254740992", "before"),
            ("?after=x", "after"),
        ] {
            let error = read(query).await.unwrap_err();
            assert_eq!(error.status(), 422, "{query}");
            assert_eq!(error.body().field.as_deref(), Some(field), "{query}");
        }
    }
}
