//! stub
pub mod error;
/// s
pub fn router(_: super::state::HttpState) -> axum::Router {
    axum::Router::new()
}
