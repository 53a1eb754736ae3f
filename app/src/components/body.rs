//! A tweet's body: text, with links for addresses, mentions and hashtags.

use maud::{Markup, html};
use siskin_domain::text::{Segment, segments};

/// A body as HTML: every piece of it is escaped.
pub fn body(text: &str) -> Markup {
    html! {
        @for segment in segments(text) {
            @match segment {
                Segment::Text(text) => (text),
                Segment::Url(url) => {
                    a href=(url) rel="nofollow noopener noreferrer ugc" { (url) }
                }
                Segment::Mention { text, username } => {
                    a href={ "/@" (username.to_ascii_lowercase()) } { (text) }
                }
                Segment::Hashtag { text, tag } => a href=(tag_path(tag)) { (text) },
            }
        }
    }
}

/// Where a hashtag leads: letters of all scripts, percent-encoded.
#[must_use]
pub fn tag_path(tag: &str) -> String {
    let mut encoded = String::from("/?tag=");
    for byte in tag.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'_' {
            encoded.push(char::from(byte));
        } else {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            encoded.push('%');
            encoded.push(char::from(HEX[usize::from(byte >> 4)]));
            encoded.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        body(text).into_string()
    }

    #[test]
    fn text_is_never_html() {
        let html = html("<script>alert(1)</script> & \"q\"");
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("&lt;script&gt;"), "{html}");
        assert!(html.contains("&amp;"), "{html}");
    }

    #[test]
    fn a_body_is_its_text_and_nothing_else() {
        assert_eq!(html("two\n lines  👍"), "two\n lines  👍");
    }

    #[test]
    fn addresses_cannot_leave_their_attribute() {
        let html = html("https://example.org/\"onmouseover=\"alert(1)");
        let link = html.split_once("</a>").unwrap().0;
        assert!(link.starts_with("<a href=\"https://example.org/\" rel="), "{html}");
        assert!(!link.contains("onmouseover"), "{html}");
    }

    #[test]
    fn mentions_and_tags_are_links() {
        let html = html("@Ana likes #日本 and https://example.org/x");
        assert!(html.contains("href=\"/@ana\""), "{html}");
        assert!(html.contains("href=\"/?tag=%E6%97%A5%E6%9C%AC\""), "{html}");
        assert!(html.contains("rel=\"nofollow noopener noreferrer ugc\""), "{html}");
        assert!(html.contains(">https://example.org/x</a>"), "{html}");
    }
}
