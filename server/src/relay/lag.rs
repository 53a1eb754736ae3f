//! What the relay tells operators.

use siskin_domain::Position;

use super::run::Relay;

/// Whether this server relays, and events are acknowledged.
pub(super) fn is_up(up: bool) {
    metrics::gauge!("siskin_relay_up").set(if up { 1.0 } else { 0.0 });
}

/// Everything up to here was acknowledged.
pub(super) fn acknowledged(relay: &Relay, to: Position) {
    let behind = relay.store.position().0.saturating_sub(to.0);
    metrics::gauge!("siskin_relay_lag_events").set(behind as f64);
}

/// Another server relays: how far it is, it tells itself.
pub(super) fn elsewhere() {
    is_up(false);
    metrics::gauge!("siskin_relay_lag_events").set(0.0);
}
