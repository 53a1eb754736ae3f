//! `POST /theme`: the choice of colours, for browsers without JavaScript.

use axum::extract::State;
use axum::response::Response;
use http::header;
use siskin_app::context::Theme;

use super::Form;
use crate::http::pages::{PageState, cookies, way_back};

/// Keeps the choice and goes back to the page it was made on.
pub(crate) async fn post(State(state): State<PageState>, form: Form) -> Response {
    let theme = Theme::from_cookie(form.field("theme"));
    let back = page_before(&form);
    form.done(&back, [cookies::set_theme(theme, state.services.rules.secure_cookies)])
}

/// The path of the page that sent the form: never another site, whatever the header says.
fn page_before(form: &Form) -> String {
    let referer = form.headers.get(header::REFERER).and_then(|value| value.to_str().ok());
    referer
        .and_then(|text| text.parse::<http::Uri>().ok())
        .and_then(|uri| uri.path_and_query().map(|path| path.as_str().to_owned()))
        .filter(|path| way_back::is_ours(path))
        .unwrap_or_else(|| "/".to_owned())
}
