//! stub
use crate::application::Refused;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use siskin_domain::wire::ErrorBody;
/// s
pub struct ApiError {
    status: StatusCode,
    body: ErrorBody,
}
impl From<Refused> for ApiError {
    fn from(r: Refused) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            body: ErrorBody {
                error: "x".into(),
                code: "x".into(),
                message: r.to_string(),
                field: None,
            },
        }
    }
}
impl ApiError {
    /// s
    pub fn body(&self) -> &ErrorBody {
        &self.body
    }
    /// s
    pub fn status(&self) -> StatusCode {
        self.status
    }
    /// s
    pub fn unsupported_media_type() -> Self {
        todo!()
    }
    /// s
    pub fn payload_too_large() -> Self {
        todo!()
    }
    /// s
    pub fn bad_request(_: &str) -> Self {
        todo!()
    }
    /// s
    pub fn internal() -> Self {
        todo!()
    }
}
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, axum::Json(self.body)).into_response()
    }
}
