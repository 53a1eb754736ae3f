//! Every parser of what comes from outside, as functions that take any bytes and must not panic.
//!
//! `fuzz/` feeds them with inputs that libFuzzer invents, `tests/corpus.rs` with those that it
//! found worth keeping. Not part of what the crate promises.

use siskin_domain::text::{Segment, segments};
use siskin_domain::{
    Bio, DisplayName, Email, Password, Reason, StreamId, Timestamp, TweetBody, TweetId, Username,
};

use crate::storage::codec::{self, Stored};
use crate::storage::{Scopes, StoreError};
use crate::{application, archive, http};

/// A parser's name, and the parser.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 7] = [
    ("archive", archive::fuzzing::archive),
    ("event", event),
    ("form", http::fuzzing::form),
    ("head", http::fuzzing::head),
    ("json_body", http::api::fuzzing::json_body),
    ("passkey", application::factors::fuzzing::passkey),
    ("text", text),
];

/// Feeds the parser of this name.
///
/// # Panics
/// If there is none of this name, or if there is something to be mended.
pub fn feed(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    target.expect("a target that there is").1(data);
}

/// Names, addresses and tweets: what is taken is taken again as it is, and stays within limits.
fn text(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(name) = Username::parse(text) {
        assert_eq!(Username::parse(name.as_str()).as_ref(), Ok(&name));
        assert!((Username::MIN..=Username::MAX).contains(&name.as_str().len()));
    }
    if let Ok(email) = Email::parse(text) {
        assert_eq!(Email::parse(email.as_str()).as_ref(), Ok(&email));
        assert!(email.as_str().len() <= Email::MAX);
    }
    if let Ok(name) = DisplayName::parse(text) {
        assert_eq!(DisplayName::parse(name.as_str()).as_ref(), Ok(&name));
    }
    if let Ok(bio) = Bio::parse(text) {
        assert_eq!(Bio::parse(bio.as_str()).as_ref(), Ok(&bio));
    }
    if let Ok(reason) = Reason::parse(text) {
        assert_eq!(Reason::parse(reason.as_str()).as_ref(), Ok(&reason));
    }
    if let Ok(body) = TweetBody::parse(text, TweetBody::DEFAULT_MAX) {
        assert_eq!(TweetBody::parse(body.as_str(), TweetBody::DEFAULT_MAX).as_ref(), Ok(&body));
        assert!(TweetBody::count(text) <= TweetBody::DEFAULT_MAX);
    }
    let pieces: String = segments(text)
        .iter()
        .map(|segment| match segment {
            Segment::Text(text)
            | Segment::Url(text)
            | Segment::Mention { text, .. }
            | Segment::Hashtag { text, .. } => *text,
        })
        .collect();
    assert_eq!(pieces, text, "the pieces are the whole body");
    let _ = Password::parse(text);
    let _ = text.parse::<TweetId>();
    let _ = Scopes::named(text.split_whitespace());
    if let Ok(stream) = text.parse::<StreamId>() {
        assert_eq!(stream.to_string().parse(), Ok(stream));
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        assert_eq!(at.to_string().parse(), Ok(at));
    }
}

/// An event as a store holds it: kind, schema, facts and the personal part, a line each.
fn event(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.splitn(4, '\n');
    let (Some(kind), Some(schema), Some(data)) = (lines.next(), lines.next(), lines.next()) else {
        return;
    };
    let Ok(schema) = schema.parse() else { return };
    match codec::decode(Stored { kind, schema, data, personal: lines.next() }) {
        Ok(event) => {
            let written = codec::encode(&event);
            let again = Stored {
                kind: written.kind,
                schema: written.schema,
                data: &written.data,
                personal: written.personal.as_deref(),
            };
            assert_eq!(codec::decode(again).ok(), Some(event), "written as it was read");
        }
        Err(error) => assert!(matches!(error, StoreError::Corrupt(_)), "{error}"),
    }
}
