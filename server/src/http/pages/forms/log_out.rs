//! `POST /logout`.

use axum::extract::State;
use axum::response::Response;

use super::Form;
use crate::application::caller_cookie_name;
use crate::http::pages::PageState;
use crate::http::pages::cookies::{self, Flash};

/// Ends the session that the form came with; a visitor is simply sent home.
pub(crate) async fn post(State(state): State<PageState>, form: Form) -> Response {
    let https = state.services.rules.secure_cookies;
    if let Some(caller) = &form.caller
        && let Err(refused) = state.services.accounts.log_out(caller).await
    {
        return form.refuse(&state, "/logout", "/", refused).await;
    }
    let name = caller_cookie_name(https);
    let cookies =
        [cookies::clear_session(name, https), cookies::set_flash(Flash::LoggedOut, https)];
    form.done("/", cookies)
}
