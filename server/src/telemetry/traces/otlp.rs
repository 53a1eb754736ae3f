//! Spans as OpenTelemetry's SDK takes them: it keeps up to 2,048, sends them in batches from a
//! thread of its own, and drops what is more than that.

use std::borrow::Cow;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanData, SpanProcessor as _};

use crate::telemetry::logs::HEALTH;
use crate::telemetry::request::{self, Ids, Seen};
use crate::version;

/// How long the end waits for the collector.
const LAST_SPANS: Duration = Duration::from_secs(2);

/// What sends spans, once traces have begun.
static PROCESSOR: OnceLock<BatchSpanProcessor> = OnceLock::new();

/// Begins to send spans to `{collector}/v1/traces`.
pub(super) fn init(collector: &str) -> Result<(), String> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{collector}/v1/traces"))
        .build()
        .map_err(|error| error.to_string())?;
    let mut processor = BatchSpanProcessor::builder(exporter).build();
    let resource = Resource::builder()
        .with_service_name("siskin")
        .with_attribute(KeyValue::new("service.version", version::VERSION))
        .build();
    processor.set_resource(&resource);
    PROCESSOR.set(processor).map_err(|_| "traces have begun already".to_owned())
}

/// Sends what waits.
pub(super) fn finish() {
    if let Some(processor) = PROCESSOR.get()
        && let Err(error) = processor.shutdown_with_timeout(LAST_SPANS)
    {
        tracing::warn!(%error, "the last spans did not reach the collector");
    }
}

/// A request, as a span.
pub(super) fn answered(ids: &Ids, method: &'static str, route: &str, seen: &Seen) {
    let Some(processor) = PROCESSOR.get() else { return };
    let parent = ids.parent;
    // What load balancers ask every few seconds is nobody's trace, unless they say so.
    if !is_sampled(ids) || (parent.is_none() && HEALTH.contains(&route)) {
        return;
    }
    let Some(context) = context(ids, ids.span_id()) else { return };
    let attributes = vec![
        KeyValue::new("http.request.method", method),
        KeyValue::new("http.route", route.to_owned()),
        KeyValue::new("http.response.status_code", i64::from(seen.status)),
        KeyValue::new("siskin.request_id", ids.request_id().to_owned()),
    ];
    let status = if seen.status >= 500 { Status::error("") } else { Status::Unset };
    processor.on_end(SpanData {
        parent_span_id: parent.and_then(|parent| span_id(&parent.span)).unwrap_or(SpanId::INVALID),
        parent_span_is_remote: parent.is_some(),
        span_kind: SpanKind::Server,
        name: format!("{method} {route}").into(),
        attributes,
        status,
        ..span(context, seen.took)
    });
}

/// An operation of the store within a request, as a span.
pub(super) fn store(operation: &'static str, outcome: &'static str, begun: Instant) {
    let Some(processor) = PROCESSOR.get() else { return };
    request::current(|current, _| {
        let ids = &current.ids;
        if !is_sampled(ids) {
            return;
        }
        let own = format!("{:016x}", request::random());
        let (Some(context), Some(parent)) = (context(ids, &own), span_id(ids.span_id().as_bytes()))
        else {
            return;
        };
        let status = if outcome == "ok" { Status::Unset } else { Status::error(outcome) };
        processor.on_end(SpanData {
            parent_span_id: parent,
            span_kind: SpanKind::Internal,
            name: format!("store {operation}").into(),
            attributes: vec![KeyValue::new("siskin.store.outcome", outcome)],
            status,
            ..span(context, begun.elapsed())
        });
    });
}

/// A span that has just ended.
#[expect(
    clippy::disallowed_methods,
    reason = "a span says when it was, whatever the application's clock says"
)]
fn span(span_context: SpanContext, took: Duration) -> SpanData {
    let end_time = SystemTime::now();
    SpanData {
        span_context,
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: Cow::Borrowed(""),
        start_time: end_time.checked_sub(took).unwrap_or(end_time),
        end_time,
        attributes: Vec::new(),
        dropped_attributes_count: 0,
        events: Default::default(),
        links: Default::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::builder("siskin").build(),
    }
}

/// Whoever asked decides; who says nothing gets a trace.
fn is_sampled(ids: &Ids) -> bool {
    ids.parent.is_none_or(|parent| parent.sampled)
}

fn context(ids: &Ids, span: &str) -> Option<SpanContext> {
    let trace = TraceId::from_hex(ids.trace_id()).ok()?;
    let span = SpanId::from_hex(span).ok()?;
    Some(SpanContext::new(trace, span, TraceFlags::SAMPLED, false, TraceState::NONE))
}

fn span_id(hex: &[u8]) -> Option<SpanId> {
    SpanId::from_hex(std::str::from_utf8(hex).ok()?).ok()
}
