//! What [`crate::fuzzing`] feeds to the parsers of pages.

use http::{HeaderMap, Uri};
use openidconnect::url::Url;

use super::{account, cookies, forms, moderation, oidc, way_back};
use crate::oidc::Ceremony;

/// Cookies, where a form came from and where to go back to, and what an address asks for.
pub(in crate::http) fn head(uri: &Uri, headers: &HeaderMap) {
    let _ = (cookies::theme(headers), cookies::flash(headers));
    let _ = forms::wants_json(headers);
    stays_here(&forms::theme::page_before(headers));
    if let Some(back) = way_back::of(headers) {
        assert!(way_back::is_ours(&back), "not ours: {back}");
        stays_here(&back);
    }
    for https in [true, false] {
        let _ = cookies::code(headers, https);
        let ceremony = cookies::ceremony(headers, https).and_then(Ceremony::from_cookie);
        if let Some(ceremony) = ceremony {
            let again = Ceremony::from_cookie(&ceremony.cookie());
            assert_eq!(again.map(|again| again.state()), Some(ceremony.state()));
        }
    }
    oidc::callback::read(uri);
    account::read(uri);
    for key in ["before", "tweet", "user", "invite"] {
        let _ = moderation::value(uri.query(), key);
    }
}

/// A field of a form, as those read it that have no type for it.
pub(in crate::http) fn field(text: &str) {
    let _ = moderation::Wish::named(text);
    let _ = oidc::finish::code(text);
}

/// A redirect there stays on this site, as browsers understand it.
fn stays_here(path: &str) {
    let here = Url::parse("https://siskin.example/log-in/with/one/callback").expect("an address");
    let there = here.join(path);
    assert!(path.starts_with('/'), "another site: {path}");
    assert!(there.is_ok_and(|there| there.origin() == here.origin()), "another site: {path}");
}
