//! Logs: one line for each event and each answered request, on standard output.

use std::fmt::Debug;
use std::sync::OnceLock;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, registry};

use super::line::{self, Line};
use super::request::{self, Ids, Seen};
use super::sink::Sink;
use crate::config::{LogFilter, LogFormat};

/// What lines of answered requests come from, for `SISKIN_LOG`.
const ACCESS: &str = "siskin::access";
/// What load balancers ask every few seconds is not worth a line.
pub(super) const HEALTH: [&str; 2] = ["/livez", "/readyz"];

/// The logs of this process, once they have begun.
static LOGS: OnceLock<(Sink, LogFormat)> = OnceLock::new();

/// Whoever keeps this has logs. Dropped, it waits until all lines are written, for a second.
#[must_use]
pub struct Logs {
    sink: Sink,
    format: LogFormat,
}

/// Sends log lines to standard output from now on. A panic is a line, too.
///
/// # Errors
/// If that was done already, or there can be no thread for it.
pub fn init(filter: &LogFilter, format: LogFormat) -> Result<Logs, String> {
    let lost = match format {
        LogFormat::Json => |count, text: &mut Vec<u8>| lost(LogFormat::Json, count, text),
        LogFormat::Text => |count, text: &mut Vec<u8>| lost(LogFormat::Text, count, text),
    };
    let (sink, _thread) = Sink::start(std::io::stdout(), lost)
        .map_err(|error| format!("can't write logs: {error}"))?;
    LOGS.set((sink.clone(), format)).map_err(|_| "logs have begun already".to_owned())?;
    let lines = Lines { sink: sink.clone(), format };
    registry()
        .with(EnvFilter::new(&filter.0))
        .with(lines)
        .try_init()
        .map_err(|error| error.to_string())?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        // Words that were put together at run time may quote what somebody wrote.
        let words = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or_default();
        tracing::error!(place, words, "a thread panicked");
    }));
    Ok(Logs { sink, format })
}

impl Logs {
    /// Says something to whoever waits for it at standard output, whatever is filtered: the bare
    /// sentence as text, a line like all others as JSON.
    pub fn announce(&self, sentence: &str) {
        let write = |text: &mut Vec<u8>| match self.format {
            LogFormat::Text => {
                text.extend_from_slice(sentence.as_bytes());
                text.push(b'\n');
            }
            LogFormat::Json => {
                let mut line = Line::begin(self.format, text, Level::INFO, "siskin");
                line.message(format_args!("{sentence}"));
                line.end();
            }
        };
        line::with(write, |line| self.sink.push(line));
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        self.sink.finish();
    }
}

/// Logs that a request was answered.
pub(crate) fn answered(ids: &Ids, method: &str, route: &str, seen: &Seen) {
    let Some((sink, format)) = LOGS.get() else { return };
    let (level, wanted) = if HEALTH.contains(&route) {
        (Level::DEBUG, tracing::enabled!(target: ACCESS, Level::DEBUG))
    } else {
        (Level::INFO, tracing::enabled!(target: ACCESS, Level::INFO))
    };
    if !wanted {
        return;
    }
    // Not through an event and its visitor: this line is written for every request.
    let write = |text: &mut Vec<u8>| {
        let mut line = Line::begin(*format, text, level, ACCESS);
        line.message(format_args!("answered"));
        line.place(method, route);
        line.answer(seen);
        line.ids(ids);
        line.end();
    };
    line::with(write, |line| sink.push(line));
}

fn lost(format: LogFormat, count: u64, text: &mut Vec<u8>) {
    let mut line = Line::begin(format, text, Level::WARN, "siskin");
    line.message(format_args!("log lines were lost: standard output is read too slowly"));
    line.field("lines", format_args!("{count}"), false);
    line.end();
}

/// Writes events.
struct Lines {
    sink: Sink,
    format: LogFormat,
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let meta = event.metadata();
        let write = |text: &mut Vec<u8>| {
            let mut line = Line::begin(self.format, text, *meta.level(), meta.target());
            event.record(&mut Message(&mut line));
            event.record(&mut Fields(&mut line));
            request::current(|current, route| {
                line.place(current.method, route);
                line.ids(&current.ids);
            });
            line.end();
        };
        line::with(write, |line| self.sink.push(line));
    }
}

const MESSAGE: &str = "message";
/// Where crates that use `log` instead of `tracing` say what those say in other ways.
const OF_LOG: &str = "log.";

/// Writes what happened.
struct Message<'a, 'b>(&'a mut Line<'b>);

impl Visit for Message<'_, '_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == MESSAGE {
            self.0.message(format_args!("{value:?}"));
        }
    }
}

/// Writes everything else.
struct Fields<'a, 'b>(&'a mut Line<'b>);

impl Fields<'_, '_> {
    fn add(&mut self, field: &Field, value: std::fmt::Arguments<'_>, quoted: bool) {
        if field.name() != MESSAGE && !field.name().starts_with(OF_LOG) {
            self.0.field(field.name(), value, quoted);
        }
    }
}

impl Visit for Fields<'_, '_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field, format_args!("{value:?}"), true);
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, format_args!("{value}"), true);
    }
    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.add(field, format_args!("{value}"), true);
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, format_args!("{value}"), false);
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, format_args!("{value}"), false);
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, format_args!("{value}"), false);
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        // Neither infinity nor its kind is a number in JSON.
        self.add(field, format_args!("{value}"), !value.is_finite());
    }
}
