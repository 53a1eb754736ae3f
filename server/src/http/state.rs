//! stub
use crate::application::Services;
use tokio::sync::watch;
/// stub
#[derive(Clone)]
pub struct HttpState {
    /// s
    pub services: Services,
}
impl HttpState {
    /// s
    pub fn new(services: Services, _: watch::Receiver<bool>) -> Self {
        Self { services }
    }
}
