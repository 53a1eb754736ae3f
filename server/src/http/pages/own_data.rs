//! `GET /settings/data` and `GET /settings/account/delete`.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use siskin_app::written::{Frame, Written, delete_account, own_data};

use super::{PageState, render};

/// One's own data.
pub(super) async fn page(State(state): State<PageState>, request: Request) -> Response {
    let caller = match render::caller(&state, request.headers()).await {
        Err(error) => return render::unavailable(&error),
        Ok(None) => return Redirect::to("/login").into_response(),
        Ok(Some(caller)) => caller,
    };
    let page = written(&render::frame(&state, Some(&caller), None));
    let headers = request.into_parts().0.headers;
    render::written(&state, Some(&caller), headers, page, StatusCode::OK).await
}

/// Where one deletes one's account.
pub(super) async fn delete_page(State(state): State<PageState>, request: Request) -> Response {
    let caller = match render::caller(&state, request.headers()).await {
        Err(error) => return render::unavailable(&error),
        Ok(None) => return Redirect::to("/login").into_response(),
        Ok(Some(caller)) => caller,
    };
    let has_password = match state.services.accounts.has_password(&caller).await {
        Ok(has) => has,
        Err(error) => return render::unavailable(&error),
    };
    let frame = render::frame(&state, Some(&caller), None);
    let page = delete_written(&caller.username, has_password, &frame);
    let headers = request.into_parts().0.headers;
    render::written(&state, Some(&caller), headers, page, StatusCode::OK).await
}

/// The page of one's own data.
pub(super) fn written(frame: &Frame) -> Written {
    Written {
        path: own_data::PATH.to_owned(),
        title: "Your data".to_owned(),
        content: own_data::content(frame),
    }
}

/// The page that asks whether the account is to go.
pub(super) fn delete_written(username: &str, has_password: bool, frame: &Frame) -> Written {
    Written {
        path: delete_account::PATH.to_owned(),
        title: "Delete your account".to_owned(),
        content: delete_account::content(username, has_password, frame),
    }
}
