//! What a server of one role does not answer: `siskin serve --role query|command`.

use axum::response::Response;
use http::{HeaderValue, Method, Uri, header};

use super::api::error::ApiError;
use super::is_read;
use crate::application::Rules;

/// Addresses that neither read nor write the store: every server answers them, and so it does
/// with what never comes here: its health and the front end's files.
const EVERYWHERE: [&str; 4] = ["/api/v1/info", "/api/openapi.json", "/api/docs", "/theme"];

/// Another server is to be asked.
#[derive(Debug)]
pub(super) struct Elsewhere {
    error: ApiError,
    location: Option<HeaderValue>,
}

/// Is it where an OpenID provider sends people back to? Browsers read that address, and it signs
/// them in.
fn is_way_back(path: &str) -> bool {
    path.starts_with("/log-in/with/") && path.ends_with("/callback")
}

impl Elsewhere {
    /// Whether a request is not for a server of this role.
    pub(super) fn of(rules: &Rules, method: &Method, uri: &Uri) -> Option<Self> {
        let reads = is_read(method) && !is_way_back(uri.path());
        let (error, there): (fn() -> ApiError, _) = match reads {
            true if !rules.role.reads() => (ApiError::write_only_node, &rules.query_url),
            false if !rules.role.writes() => (ApiError::read_only_node, &rules.command_url),
            _ => return None,
        };
        if *method == Method::OPTIONS || EVERYWHERE.contains(&uri.path()) {
            return None;
        }
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let location = there.as_ref().and_then(|there| format!("{there}{path}").parse().ok());
        Some(Self { error: error(), location })
    }

    /// What is to be answered.
    pub(super) const fn error(&self) -> &ApiError {
        &self.error
    }

    /// Adds to an answer where to ask, if the operator has said so.
    pub(super) fn locate(self, mut response: Response) -> Response {
        if let Some(location) = self.location {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::ServeRole;

    fn elsewhere(role: ServeRole, method: &Method, path: &str) -> Option<(u16, Option<String>)> {
        let rules = Rules {
            role,
            command_url: Some("https://write.example".to_owned()),
            query_url: None,
            ..Rules::default()
        };
        let found = Elsewhere::of(&rules, method, &path.parse().unwrap())?;
        let location = found.location.map(|value| value.to_str().unwrap().to_owned());
        Some((found.error.status().as_u16(), location))
    }

    #[test]
    fn a_query_node_sends_writes_to_the_command_side() {
        let there = "https://write.example/api/v2/tweets?x=1".to_owned();
        let answer = elsewhere(ServeRole::Query, &Method::POST, "/api/v2/tweets?x=1");
        assert_eq!(answer, Some((503, Some(there))));
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            assert_eq!(elsewhere(ServeRole::Query, &method, "/api/v2/tweets"), None);
        }
        assert_eq!(elsewhere(ServeRole::Query, &Method::POST, "/theme"), None);
    }

    #[test]
    fn the_way_back_from_a_provider_is_for_the_command_side() {
        let back = "/log-in/with/google/callback?code=1";
        let there = format!("https://write.example{back}");
        assert_eq!(elsewhere(ServeRole::Query, &Method::GET, back), Some((503, Some(there))));
        assert_eq!(elsewhere(ServeRole::Command, &Method::GET, back), None);
        assert_eq!(elsewhere(ServeRole::Query, &Method::GET, "/log-in/finish"), None);
    }

    #[test]
    fn a_command_node_answers_no_reads() {
        for path in ["/", "/@ana", "/api/v2/tweets", "/api/v2/stream"] {
            assert_eq!(elsewhere(ServeRole::Command, &Method::GET, path), Some((503, None)));
            assert_eq!(elsewhere(ServeRole::Command, &Method::HEAD, path), Some((503, None)));
            assert_eq!(elsewhere(ServeRole::Command, &Method::OPTIONS, path), None);
            assert_eq!(elsewhere(ServeRole::Command, &Method::DELETE, path), None);
        }
        for path in EVERYWHERE {
            assert_eq!(elsewhere(ServeRole::Command, &Method::GET, path), None);
        }
    }

    #[test]
    fn a_server_of_both_roles_answers_everything() {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
            assert_eq!(elsewhere(ServeRole::All, &method, "/api/v2/tweets"), None);
        }
    }
}
