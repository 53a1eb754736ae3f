//! One log line: a JSON object, or text for people.

use std::cell::RefCell;
use std::fmt::Write as _;

use tracing::Level;

use super::request::{Ids, Seen};
use super::stamp;
use crate::config::LogFormat;

/// Names that a line gives a meaning of its own; a field that an event calls so is renamed.
const OURS: [&str; 12] = [
    "timestamp",
    "level",
    "target",
    "message",
    "request_id",
    "trace_id",
    "span_id",
    "method",
    "route",
    "status",
    "duration",
    "lost",
];

/// A line that is being written.
pub(super) struct Line<'a> {
    format: LogFormat,
    text: &'a mut Vec<u8>,
}

thread_local! {
    /// What lines are written into, so that each of them needs no memory of its own.
    static LINE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Has a line written, and gives it to somebody. A line that is written while another one is (by a
/// value that logs when it is printed) has memory of its own.
pub(super) fn with(write: impl FnOnce(&mut Vec<u8>), take: impl FnOnce(&[u8])) {
    LINE.with(|line| match line.try_borrow_mut() {
        Ok(mut line) => {
            line.clear();
            write(&mut line);
            take(&line);
        }
        Err(_) => {
            let mut line = Vec::new();
            write(&mut line);
            take(&line);
        }
    });
}

impl<'a> Line<'a> {
    /// Begins a line: when, how bad, where in the program, and what.
    pub(super) fn begin(
        format: LogFormat,
        text: &'a mut Vec<u8>,
        level: Level,
        target: &str,
    ) -> Self {
        let mut line = Self { format, text };
        match format {
            LogFormat::Json => {
                line.raw("{\"timestamp\":\"");
                stamp::now(line.text);
                line.raw("\",\"level\":\"");
                line.raw(level.as_str());
                line.raw("\",\"target\":\"");
                line.escaped(target);
                line.raw("\"");
            }
            LogFormat::Text => {
                stamp::now(line.text);
                line.raw(if level.as_str().len() == 4 { "  " } else { " " });
                line.raw(level.as_str());
            }
        }
        line
    }

    /// What happened.
    pub(super) fn message(&mut self, what: std::fmt::Arguments<'_>) {
        match self.format {
            LogFormat::Json => {
                self.raw(",\"message\":\"");
                let _ = write!(Escaping(self.text), "{what}");
                self.raw("\"");
            }
            LogFormat::Text => {
                self.raw(" ");
                let _ = write!(OneLine(self.text), "{what}");
            }
        }
    }

    /// A field of an event.
    pub(super) fn field(&mut self, name: &str, value: std::fmt::Arguments<'_>, quoted: bool) {
        self.name(name);
        match (self.format, quoted) {
            (LogFormat::Json, true) => {
                self.raw("\"");
                let _ = write!(Escaping(self.text), "{value}");
                self.raw("\"");
            }
            (LogFormat::Json, false) | (LogFormat::Text, _) => {
                let _ = write!(OneLine(self.text), "{value}");
            }
        }
    }

    /// The request during which it is written.
    pub(super) fn ids(&mut self, ids: &Ids) {
        // Of characters that need no escape.
        self.plain("request_id", ids.request_id());
        self.plain("trace_id", ids.trace_id());
        self.plain("span_id", ids.span_id());
    }

    /// The method and the template of the address.
    pub(super) fn place(&mut self, method: &str, route: &str) {
        self.plain("method", method);
        self.own("route");
        let quote = if self.format == LogFormat::Json { "\"" } else { "" };
        self.raw(quote);
        self.escaped(route);
        self.raw(quote);
    }

    /// The answer and how long it took.
    pub(super) fn answer(&mut self, seen: &Seen) {
        self.own("status");
        self.number(u64::from(seen.status));
        self.own("duration");
        let micros = u64::try_from(seen.took.as_micros()).unwrap_or(u64::MAX);
        self.number(micros / 1_000_000);
        self.raw(".");
        let mut digits = [b'0'; 6];
        let mut rest = micros % 1_000_000;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        self.text.extend_from_slice(&digits);
    }

    /// Ends the line.
    pub(super) fn end(self) {
        self.text.extend_from_slice(match self.format {
            LogFormat::Json => b"}\n",
            LogFormat::Text => b"\n",
        });
    }

    fn plain(&mut self, name: &str, value: &str) {
        self.own(name);
        match self.format {
            LogFormat::Json => {
                self.raw("\"");
                self.raw(value);
                self.raw("\"");
            }
            LogFormat::Text => self.raw(value),
        }
    }

    fn own(&mut self, name: &str) {
        match self.format {
            LogFormat::Json => {
                self.raw(",\"");
                self.raw(name);
                self.raw("\":");
            }
            LogFormat::Text => {
                self.raw(" ");
                self.raw(name);
                self.raw("=");
            }
        }
    }

    fn name(&mut self, name: &str) {
        if !OURS.contains(&name) {
            return self.own(name);
        }
        let renamed = format!("field_{name}");
        self.own(&renamed);
    }

    fn raw(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    fn escaped(&mut self, text: &str) {
        let _ = match self.format {
            LogFormat::Json => Escaping(self.text).write_str(text),
            LogFormat::Text => OneLine(self.text).write_str(text),
        };
    }

    fn number(&mut self, number: u64) {
        let mut digits = [0; 20];
        let mut at = digits.len();
        let mut rest = number;
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.text.extend_from_slice(&digits[at..]);
    }
}

/// Writes the inside of a JSON string.
struct Escaping<'a>(&'a mut Vec<u8>);

impl std::fmt::Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.bytes().position(|b| b < 0x20 || b == b'"' || b == b'\\') {
            let (before, after) = rest.split_at(at);
            self.0.extend_from_slice(before.as_bytes());
            let byte = after.as_bytes()[0];
            match byte {
                b'"' => self.0.extend_from_slice(b"\\\""),
                b'\\' => self.0.extend_from_slice(b"\\\\"),
                b'\n' => self.0.extend_from_slice(b"\\n"),
                b'\r' => self.0.extend_from_slice(b"\\r"),
                b'\t' => self.0.extend_from_slice(b"\\t"),
                other => {
                    const HEX: &[u8; 16] = b"0123456789abcdef";
                    self.0.extend_from_slice(b"\\u00");
                    self.0.push(HEX[usize::from(other >> 4)]);
                    self.0.push(HEX[usize::from(other & 15)]);
                }
            }
            rest = &after[1..];
        }
        self.0.extend_from_slice(rest.as_bytes());
        Ok(())
    }
}

/// Writes text for people: control characters are escaped, so that a line is one line, and a
/// terminal is not told what to do by what is logged.
struct OneLine<'a>(&'a mut Vec<u8>);

impl std::fmt::Write for OneLine<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        if !text.chars().any(char::is_control) {
            self.0.extend_from_slice(text.as_bytes());
            return Ok(());
        }
        for character in text.chars() {
            let mut bytes = [0; 4];
            if character.is_control() {
                self.0.extend(character.escape_default().map(|c| c as u8));
            } else {
                self.0.extend_from_slice(character.encode_utf8(&mut bytes).as_bytes());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn written(format: LogFormat, write: impl FnOnce(&mut Line<'_>)) -> String {
        let mut text = Vec::new();
        let mut line = Line::begin(format, &mut text, Level::WARN, "siskin::test");
        write(&mut line);
        line.end();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn whatever_is_logged_is_one_json_object_on_one_line() {
        let nasty = "a\"b\\c\nd\re\tf\u{1}g\u{1b}[31m é 🐦 \u{2028}";
        let text = written(LogFormat::Json, |line| {
            line.message(format_args!("{nasty}"));
            line.field("why", format_args!("{nasty}"), true);
            line.field("count", format_args!("{}", 3), false);
            line.field("status", format_args!("{nasty}"), true);
        });
        assert_eq!(text.lines().count(), 1);
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&read["message"], &read["why"]), (&nasty.into(), &nasty.into()));
        assert_eq!((&read["count"], &read["level"]), (&3.into(), &"WARN".into()));
        assert_eq!(read["field_status"], nasty);
        assert_eq!(read.get("status"), None);
    }

    #[test]
    fn text_is_one_line_and_commands_no_terminal() {
        let text = written(LogFormat::Text, |line| {
            line.message(format_args!("a\nb\u{1b}[31m é"));
            line.field("why", format_args!("c\nd"), true);
        });
        assert!(text.ends_with("  WARN a\\nb\\u{1b}[31m é why=c\\nd\n"), "{text}");
    }

    #[test]
    fn an_answer_has_its_numbers_as_numbers() {
        let seen = Seen { status: 503, took: Duration::from_micros(12_034_567) };
        let text = written(LogFormat::Json, |line| {
            line.place("GET", "/tweet/{id}");
            line.answer(&seen);
        });
        assert!(text.ends_with(",\"status\":503,\"duration\":12.034567}\n"), "{text}");
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&read["method"], &read["route"]), (&"GET".into(), &"/tweet/{id}".into()));
    }
}
