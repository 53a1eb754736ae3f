//! The one place that turns a refusal into a status and the API's error.

mod factors;

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use siskin_domain::moderation::{ModerationError, ReportError};
use siskin_domain::tweet::TweetError;
use siskin_domain::user::UserError;
use siskin_domain::{FieldError, wire};

use crate::application::{MOST_INVITATIONS, Refused, Standing};
use crate::http::csrf::CrossOrigin;
use crate::http::position::NoPosition;
use crate::http::rate_limit;
use crate::storage::{StoreError, UniqueField};

type Text = Cow<'static, str>;

/// An answer that is an error: a status, a code for programs, a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: Text,
    field: Option<Text>,
    retry_after_s: Option<u64>,
    standings: Vec<Standing>,
}

impl ApiError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<Text>) -> Self {
        let message = message.into();
        Self { status, code, message, field: None, retry_after_s: None, standings: Vec::new() }
    }

    pub(in crate::http) fn about(mut self, field: impl Into<Text>) -> Self {
        self.field = Some(field.into());
        self
    }

    fn after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// Says on the answer where the caller stands with the limits that counted them.
    pub(in crate::http) fn standing(mut self, standings: Vec<Standing>) -> Self {
        self.standings = standings;
        self
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// What programs know it by.
    pub(super) const fn code(&self) -> &'static str {
        self.code
    }

    /// The JSON.
    #[must_use]
    pub fn body(&self) -> wire::ErrorBody {
        wire::ErrorBody {
            error: sentence(self.status).to_owned(),
            code: self.code.to_owned(),
            message: self.message.clone().into_owned(),
            field: self.field.clone().map(Cow::into_owned),
        }
    }

    /// 400 with a sentence.
    #[must_use]
    pub fn bad_request(message: impl Into<Text>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }
    pub(super) fn json_invalid() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "json_invalid", "The body is not a JSON object.")
    }
    pub(super) fn key_missing(key: &'static str) -> Self {
        let message = format!("The key \"{key}\" is missing.");
        Self::new(StatusCode::BAD_REQUEST, "key_missing", message).about(key)
    }
    pub(super) fn key_type_wrong(key: &'static str, wanted: &'static str) -> Self {
        let message = format!("The key \"{key}\" is not {wanted}.");
        Self::new(StatusCode::BAD_REQUEST, "key_type_wrong", message).about(key)
    }
    pub(super) fn last_event_id_invalid() -> Self {
        let message = "Last-Event-ID is a number that an event of this stream had.";
        Self::new(StatusCode::BAD_REQUEST, "last_event_id_invalid", message)
    }

    /// 401: nobody is signed in.
    #[must_use]
    pub fn not_signed_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not_signed_in", "Log in first.")
    }
    pub(super) fn token_invalid() -> Self {
        let message = "The token is unknown, has expired, or is not a bearer token.";
        Self::new(StatusCode::UNAUTHORIZED, "token_invalid", message)
    }

    /// 404.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is nothing at this address.")
    }
    /// 405.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        let message = "This address does not know that method; Allow lists those it knows.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
    }
    /// 408.
    #[must_use]
    pub fn too_slow() -> Self {
        let message = "The body arrived too slowly. Nothing was changed.";
        Self::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", message)
    }
    /// 413.
    #[must_use]
    pub fn payload_too_large() -> Self {
        let message = "The body is larger than 1 MiB.";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", message)
    }
    /// 414.
    pub(in crate::http) fn uri_too_long() -> Self {
        let message = "The address is longer than 8 KiB.";
        Self::new(StatusCode::URI_TOO_LONG, "uri_too_long", message)
    }
    /// 431.
    pub(in crate::http) fn headers_too_large() -> Self {
        let message = "There are more than 100 headers, or one is longer than 8 KiB.";
        Self::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "headers_too_large", message)
    }
    /// 415.
    #[must_use]
    pub fn unsupported_media_type() -> Self {
        let message = "The body has to come as Content-Type: application/json.";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message)
    }
    pub(super) fn unprocessable(
        code: &'static str,
        field: impl Into<Text>,
        message: impl Into<Text>,
    ) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message).about(field)
    }
    pub(super) fn too_many_streams() -> Self {
        let message = "There are too many streams open from this address.";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "throttled", message).after(30)
    }

    /// 500. Why is in the log only.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong here.")
    }
    /// 503. Why is in the log only.
    #[must_use]
    pub fn unavailable(retry_after_s: u64) -> Self {
        let message = "The server can't do that now. Nothing was changed; try again soon.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message).after(retry_after_s)
    }
    /// 503: there are more requests than the server can take.
    pub(in crate::http) fn overloaded() -> Self {
        let message = "There are too many requests now. Nothing was changed; try again soon.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", message).after(1)
    }
    /// 503: the store can't. Why is in the log only.
    pub(super) fn store_unavailable() -> Self {
        let message = "The data can't be reached now. Nothing was changed; try again soon.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "store_unavailable", message).after(1)
    }
    /// 503: the store has no room. Reads go on.
    pub(super) fn store_full() -> Self {
        let message = "There is no room to keep that now. Nothing was changed; try again later.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "store_full", message).after(10)
    }
    /// 503: this server takes no changes.
    pub(in crate::http) fn read_only_node() -> Self {
        let message = "This server takes no changes. Nothing was changed.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "read_only_node", message).after(5)
    }
    /// 503: this server answers no reads.
    pub(in crate::http) fn write_only_node() -> Self {
        let message = "This server takes changes only; ask another one for what there is.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "write_only_node", message).after(5)
    }
    pub(super) fn out_of_time() -> Self {
        let message = "That took too long. It may still happen; an Idempotency-Key tells.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "out_of_time", message).after(5)
    }
}

/// The book's sentence for a status.
const fn sentence(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "Bad Request",
        StatusCode::UNAUTHORIZED => "Unauthorized",
        StatusCode::FORBIDDEN => "Forbidden",
        StatusCode::NOT_FOUND => "Resource not found!",
        StatusCode::METHOD_NOT_ALLOWED => "Method not allowed",
        StatusCode::REQUEST_TIMEOUT => "Request timeout",
        StatusCode::CONFLICT => "Conflict! Record exist",
        StatusCode::PAYLOAD_TOO_LARGE => "Payload too large",
        StatusCode::URI_TOO_LONG => "URI too long",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "Unsupported media type",
        StatusCode::UNPROCESSABLE_ENTITY => "Unprocessable",
        StatusCode::TOO_MANY_REQUESTS => "Too many requests",
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => "Request header fields too large",
        StatusCode::SERVICE_UNAVAILABLE => "Service unavailable",
        _ => "Internal error",
    }
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Field(error) => error.into(),
            Refused::Taken(UniqueField::Username) => taken("username_taken", "username"),
            Refused::Taken(UniqueField::Email) => taken("email_taken", "email"),
            Refused::User(error) => error.into(),
            Refused::Tweet(error) => error.into(),
            Refused::Moderation(error) => error.into(),
            Refused::Report(error) => error.into(),
            Refused::Suspended => {
                let message = "A moderator has suspended this account: until that is lifted, \
                               nothing can be changed with it.";
                Self::new(StatusCode::FORBIDDEN, "suspended", message)
            }
            Refused::BadCredentials => {
                let message = "The username or the password is wrong.";
                Self::new(StatusCode::UNAUTHORIZED, "bad_credentials", message)
            }
            Refused::SecondFactorRequired => {
                let message = "This account needs a code as well.";
                Self::new(StatusCode::UNAUTHORIZED, "second_factor_required", message).about("code")
            }
            Refused::Factor(error) => error.into(),
            Refused::CurrentPasswordRequired => Self::unprocessable(
                "current_password_required",
                "current_password",
                "A new password needs the current one with it.",
            ),
            Refused::WrongCurrentPassword => Self::unprocessable(
                "current_password_wrong",
                "current_password",
                "That is not the current password.",
            ),
            Refused::NotSignedIn => Self::not_signed_in(),
            Refused::ScopeMissing(scope) => {
                let message = format!("This token is not for \"{}\".", scope.as_str());
                Self::new(StatusCode::FORBIDDEN, "scope_missing", message)
            }
            Refused::NoSuchSession => {
                Self::new(StatusCode::NOT_FOUND, "not_found", "You have no such session.")
            }
            Refused::RegistrationClosed => {
                let message = "Nobody can sign up here; ask whoever runs this server.";
                Self::new(StatusCode::FORBIDDEN, "registration_closed", message)
            }
            Refused::InvitationRequired => {
                let message = "Signing up here needs an invitation; ask a member for one.";
                Self::new(StatusCode::FORBIDDEN, "invitation_required", message)
            }
            Refused::InvitationInvalid => Self::unprocessable(
                "invitation_invalid",
                "invite",
                "This invitation has ended, is used up, or never was one.",
            ),
            Refused::InvitationsOff => {
                let message = "There are no invitations here.";
                Self::new(StatusCode::FORBIDDEN, "invitations_off", message)
            }
            Refused::NotInviter => {
                let message = "You may not invite people here.";
                Self::new(StatusCode::FORBIDDEN, "not_inviter", message)
            }
            Refused::TooManyInvitations => {
                let message = format!("You have {MOST_INVITATIONS} invitations; revoke one first.");
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invitations_too_many", message)
            }
            Refused::NoSuchInvitation => {
                Self::new(StatusCode::NOT_FOUND, "not_found", "You have no such invitation.")
            }
            Refused::MailOff => {
                let message = "This server sends no mail; its operator can give you a link.";
                Self::new(StatusCode::NOT_FOUND, "mail_off", message)
            }
            Refused::LinkInvalid => Self::unprocessable(
                "link_invalid",
                "token",
                "This link was used, has expired or was replaced by a newer one.",
            ),
            Refused::IdentityTaken => {
                let message = "That account is linked to somebody else here.";
                Self::new(StatusCode::CONFLICT, "identity_taken", message)
            }
            Refused::LastWayIn => {
                let message = "It is your last way to log in. Set a password first.";
                Self::new(StatusCode::CONFLICT, "last_way_in", message)
            }
            Refused::NotYou => not_you(),
            Refused::NotOneself => {
                let message = "Only the person themselves may have that.";
                Self::new(StatusCode::FORBIDDEN, "not_you", message)
            }
            Refused::Throttled { retry_after_s, standings } => {
                let message = "That was too often; wait a little.";
                Self::new(StatusCode::TOO_MANY_REQUESTS, "throttled", message)
                    .after(retry_after_s)
                    .standing(standings)
            }
            Refused::Busy { retry_after_s } => {
                tracing::warn!("too many passwords to hash; a request was turned away");
                Self::unavailable(retry_after_s)
            }
            Refused::Conflict => {
                let message = "Others changed this at the same moment; try again.";
                Self::new(StatusCode::CONFLICT, "conflict", message)
            }
            Refused::KeyReused => Self::unprocessable(
                "idempotency_key_reused",
                "Idempotency-Key",
                "This Idempotency-Key came with another request before.",
            ),
            Refused::Store(error) => error.into(),
        }
    }
}

impl From<FieldError> for ApiError {
    fn from(error: FieldError) -> Self {
        Self::unprocessable(error.code, error.field, error.message)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict | StoreError::Taken(_) | StoreError::AuthorGone => {
                Refused::from(error).into()
            }
            StoreError::Unavailable(_) | StoreError::DiskFailed(_) | StoreError::Damaged(_) => {
                tracing::error!(%error, "a request failed");
                Self::store_unavailable()
            }
            StoreError::DiskFull(_) => {
                tracing::error!(%error, "a request failed");
                Self::store_full()
            }
            StoreError::Corrupt(_) => {
                tracing::error!(%error, "a request failed");
                Self::internal()
            }
        }
    }
}

impl From<UserError> for ApiError {
    fn from(error: UserError) -> Self {
        match error {
            UserError::NotFound => {
                Self::new(StatusCode::NOT_FOUND, "not_found", "There is no such user.")
            }
            UserError::AlreadyRegistered => {
                let message = "This user is registered already.";
                Self::new(StatusCode::CONFLICT, "conflict", message)
            }
            UserError::NotYou => not_you(),
            UserError::NotAdmin => {
                Self::new(StatusCode::FORBIDDEN, "not_admin", "Only an admin may do that.")
            }
            UserError::VersionConflict { current } => {
                let message = format!("Somebody was faster: it is at version {current} now.");
                Self::new(StatusCode::CONFLICT, "version_conflict", message).about("version")
            }
        }
    }
}

impl From<TweetError> for ApiError {
    fn from(error: TweetError) -> Self {
        match error {
            TweetError::NotFound => {
                Self::new(StatusCode::NOT_FOUND, "not_found", "There is no such tweet.")
            }
            TweetError::AlreadyPosted => {
                Self::new(StatusCode::CONFLICT, "conflict", "This tweet is posted already.")
            }
            TweetError::NotYours => {
                let message = "Only its author or a moderator may delete a tweet.";
                Self::new(StatusCode::FORBIDDEN, "not_yours", message)
            }
            TweetError::Moderation(error) => error.into(),
        }
    }
}

impl From<ModerationError> for ApiError {
    fn from(error: ModerationError) -> Self {
        match error {
            ModerationError::NotModerator => {
                let message = "Only a moderator or an admin may do that.";
                Self::new(StatusCode::FORBIDDEN, "not_moderator", message)
            }
            ModerationError::Yourself => {
                let message = "Nobody does that about themselves.";
                Self::new(StatusCode::FORBIDDEN, "on_yourself", message)
            }
            ModerationError::OutOfReach => {
                let message = "Moderators act on users, admins on moderators, too.";
                Self::new(StatusCode::FORBIDDEN, "out_of_reach", message)
            }
        }
    }
}

impl From<ReportError> for ApiError {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::NotFound => {
                Self::new(StatusCode::NOT_FOUND, "not_found", "There is no such report.")
            }
            ReportError::AlreadyFiled => {
                Self::new(StatusCode::CONFLICT, "conflict", "This report is filed already.")
            }
            ReportError::Yourself => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "report_of_oneself",
                "Nobody reports themselves or their own tweets.",
            ),
            ReportError::Moderation(error) => error.into(),
        }
    }
}

impl From<NoPosition> for ApiError {
    fn from(_: NoPosition) -> Self {
        let message = "X-Siskin-Position is the number that the answer to a write had.";
        Self::new(StatusCode::BAD_REQUEST, "position_invalid", message)
    }
}

impl From<CrossOrigin> for ApiError {
    fn from(_: CrossOrigin) -> Self {
        let message = "A cookie counts for requests from this site's own pages only.";
        Self::new(StatusCode::FORBIDDEN, "cross_origin", message)
    }
}

fn taken(code: &'static str, field: &'static str) -> ApiError {
    let message = format!("This {field} belongs to somebody already.");
    ApiError::new(StatusCode::CONFLICT, code, message).about(field)
}

fn not_you() -> ApiError {
    let message = "Only the person themselves or an admin may do that.";
    ApiError::new(StatusCode::FORBIDDEN, "not_you", message)
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, axum::Json(self.body())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        rate_limit::tell(headers, &self.standings);
        response
    }
}
