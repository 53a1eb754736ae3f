//! A table of addresses that can be listed: axum's router does not tell what it knows, and who
//! checks every address must not forget one.

use axum::Router;
use axum::handler::Handler;
use axum::routing::MethodRouter;

/// Addresses and who answers them.
pub struct Routes<S = ()> {
    router: Router<S>,
    paths: Vec<String>,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// An empty table.
    pub(super) fn new() -> Self {
        Self { router: Router::new(), paths: Vec::new() }
    }

    /// An address and who answers it.
    pub(super) fn route(mut self, path: &str, methods: MethodRouter<S>) -> Self {
        self.paths.push(path.to_owned());
        self.router = self.router.route(path, methods);
        self
    }

    /// Who answers everything else; `paths` are those that they know.
    pub(super) fn fallback<T: 'static>(
        mut self,
        paths: &[&str],
        handler: impl Handler<T, S>,
    ) -> Self {
        self.paths.extend(paths.iter().map(|&path| path.to_owned()));
        self.router = self.router.fallback(handler);
        self
    }

    /// Changes what lies around the addresses, or what answers them, and leaves the list.
    pub(super) fn map<T>(self, change: impl FnOnce(Router<S>) -> Router<T>) -> Routes<T> {
        Routes { router: change(self.router), paths: self.paths }
    }

    /// All addresses of both.
    pub(super) fn merge(mut self, other: Self) -> Self {
        self.paths.extend(other.paths);
        self.router = self.router.merge(other.router);
        self
    }

    /// Adds addresses to the list that another table answers.
    pub(super) fn and_paths(mut self, paths: impl IntoIterator<Item = String>) -> Self {
        self.paths.extend(paths);
        self
    }

    /// The templates of all addresses, `/tweet/{id}` for example.
    #[must_use]
    pub fn paths(&self) -> &[String] {
        &self.paths
    }

    /// What answers them.
    pub fn into_router(self) -> Router<S> {
        self.router
    }
}
