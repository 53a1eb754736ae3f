//! Finds links, mentions and hashtags in a body. Everything else is plain text, never HTML.

use crate::values::Username;

/// A piece of a body, in reading order; the pieces together are the whole body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment<'a> {
    /// Text without meaning of its own.
    Text(&'a str),
    /// An `http://` or `https://` address, as typed.
    Url(&'a str),
    /// `@username`, with the sign; [`Segment::Mention::username`] is what to link to.
    Mention {
        /// As typed, sign included.
        text: &'a str,
        /// As typed, without the sign; lower-case it for a link.
        username: &'a str,
    },
    /// `#tag`, with the sign.
    Hashtag {
        /// As typed, sign included.
        text: &'a str,
        /// As typed, without the sign.
        tag: &'a str,
    },
}

/// Splits a body into its segments.
///
/// A link, mention or hashtag begins at the start or after a character that is not a letter, a
/// digit or one of `_ @ # / &`, so that `a@b.example` holds no mention and `page#part` no tag.
#[must_use]
pub fn segments(body: &str) -> Vec<Segment<'_>> {
    let mut found = Vec::new();
    let mut text_from = 0;
    let mut at = 0;
    let mut before: Option<char> = None;
    while let Some(c) = body[at..].chars().next() {
        // Most characters begin nothing: that is told before what stands before them is looked up.
        let may_begin = matches!(c, 'h' | 'H' | '@' | '#');
        let hit =
            if may_begin && before.is_none_or(opens) { segment_at(&body[at..]) } else { None };
        if let Some((segment, len)) = hit {
            if text_from < at {
                found.push(Segment::Text(&body[text_from..at]));
            }
            found.push(segment);
            before = body[at..at + len].chars().next_back();
            at += len;
            text_from = at;
        } else {
            before = Some(c);
            at += c.len_utf8();
        }
    }
    if text_from < body.len() {
        found.push(Segment::Text(&body[text_from..]));
    }
    found
}

fn opens(before: char) -> bool {
    // Scripts without spaces between words run straight into a link; letters of such scripts
    // are let through, Latin-like ones are not.
    let joins_words = before.is_alphanumeric() && (before as u32) < 0x2E80;
    !joins_words && !matches!(before, '_' | '@' | '#' | '/' | '&')
}

fn segment_at(rest: &str) -> Option<(Segment<'_>, usize)> {
    match rest.as_bytes()[0] {
        b'h' | b'H' => url(rest),
        b'@' => mention(rest),
        b'#' => hashtag(rest),
        _ => None,
    }
}

fn url(rest: &str) -> Option<(Segment<'_>, usize)> {
    let scheme = ["https://", "http://"]
        .into_iter()
        .find(|s| rest.get(..s.len()).is_some_and(|head| head.eq_ignore_ascii_case(s)))?;
    let end = rest
        .find(|c: char| {
            c.is_whitespace() || c.is_control() || "<>\"`{}|\\^「」『』、。".contains(c)
        })
        .unwrap_or(rest.len());
    let trimmed = trim_trailing(&rest[..end]);
    let host = trimmed.get(scheme.len()..)?;
    let starts_well = host.chars().next().is_some_and(|c| c.is_alphanumeric() || c == '[');
    starts_well.then_some((Segment::Url(trimmed), trimmed.len()))
}

/// Leaves out punctuation that ends the sentence rather than the address, and closing brackets
/// that the address did not open.
fn trim_trailing(mut url: &str) -> &str {
    while let Some(last) = url.chars().next_back() {
        let unopened = |open: char, close: char| {
            last == close && url.matches(close).count() > url.matches(open).count()
        };
        let cut = matches!(last, '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '…')
            || unopened('(', ')')
            || unopened('[', ']');
        if !cut {
            break;
        }
        url = &url[..url.len() - last.len_utf8()];
    }
    url
}

fn mention(rest: &str) -> Option<(Segment<'_>, usize)> {
    let name = &rest[1..];
    let end = name
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'))
        .unwrap_or(name.len());
    // `@ana.` ends a sentence; `@ana@elsewhere` is an address, not one of ours.
    let username = name[..end].trim_end_matches('.');
    if name[username.len()..].starts_with('@') || Username::parse(username).is_err() {
        return None;
    }
    let len = 1 + username.len();
    Some((Segment::Mention { text: &rest[..len], username }, len))
}

fn hashtag(rest: &str) -> Option<(Segment<'_>, usize)> {
    let tag = &rest[1..];
    let end =
        tag.find(|c: char| !(c.is_alphanumeric() || c == '_' || is_mark(c))).unwrap_or(tag.len());
    let tag = &tag[..end];
    // "#1" is a number, not a topic.
    if tag.is_empty() || tag.chars().all(|c| c.is_numeric() || c == '_') {
        return None;
    }
    Some((Segment::Hashtag { text: &rest[..=end], tag }, end + 1))
}

/// Joiners and combining marks that belong inside words of Indic, Arabic and other scripts.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036F}' | '\u{064B}'..='\u{065F}' | '\u{093C}'..='\u{094F}'
        | '\u{0E31}' | '\u{0E34}'..='\u{0E3A}' | '\u{0E47}'..='\u{0E4E}'
        | '\u{200C}' | '\u{200D}' | '\u{3099}' | '\u{309A}' | '\u{30FB}')
}

#[cfg(test)]
mod tests {
    use super::Segment::{Hashtag, Mention, Text, Url};
    use super::*;

    fn links(body: &str) -> Vec<String> {
        segments(body)
            .into_iter()
            .filter_map(|s| match s {
                Text(_) => None,
                Url(text) | Mention { text, .. } | Hashtag { text, .. } => Some(text.to_owned()),
            })
            .collect()
    }

    #[test]
    fn links_mentions_and_tags_are_found_in_order() {
        assert_eq!(
            segments("hi @ana, see https://example.org/a_(b). #Rust!"),
            [
                Text("hi "),
                Mention { text: "@ana", username: "ana" },
                Text(", see "),
                Url("https://example.org/a_(b)"),
                Text(". "),
                Hashtag { text: "#Rust", tag: "Rust" },
                Text("!"),
            ]
        );
    }

    #[test]
    fn what_only_looks_like_a_link_is_text() {
        for body in [
            "mail ana@example.org",
            "@ana@elsewhere.example",
            "page#part",
            "#1 and # and #_",
            "https:// nothing",
            "javascript:alert(1)",
            "xhttps://example.org",
            "@a",
            "<b>bold</b>",
        ] {
            assert_eq!(links(body), [""; 0], "{body}");
        }
    }

    #[test]
    fn other_scripts_have_tags_and_touch_links() {
        assert_eq!(
            links("#東京 から https://example.jp/日本。#سلام"),
            ["#東京", "https://example.jp/日本", "#سلام"]
        );
        assert_eq!(links("こんにちは@ana"), ["@ana"]);
    }

    proptest::proptest! {
        #[test]
        fn the_segments_are_the_whole_body(body in "\\PC{0,80}|[@#a-c:/.h ]{0,40}|(https?://[a-z@#.]{0,9} ?){0,4}") {
            let whole: String = segments(&body)
                .into_iter()
                .map(|s| match s {
                    Text(t) | Url(t) | Mention { text: t, .. } | Hashtag { text: t, .. } => t,
                })
                .collect();
            proptest::prop_assert_eq!(whole, body);
        }
    }
}
