//! A tweet's body: text, with links for addresses, mentions and hashtags.

use leptos::prelude::*;
use siskin_domain::text::{Segment, segments};

/// The pieces of a body. Every piece is text to Leptos, which escapes it.
pub fn body(text: &str) -> Vec<AnyView> {
    segments(text)
        .into_iter()
        .map(|segment| match segment {
            Segment::Text(text) => text.to_owned().into_any(),
            Segment::Url(url) => outward(url).into_any(),
            Segment::Mention { text, username } => {
                inward(["/@", &username.to_lowercase()].concat(), text).into_any()
            }
            Segment::Hashtag { text, tag } => {
                inward(["/?tag=", &encoded(tag)].concat(), text).into_any()
            }
        })
        .collect()
}

fn outward(url: &str) -> impl IntoView + use<> {
    let (href, text) = (url.to_owned(), url.to_owned());
    view! { <a href=href rel="nofollow noopener noreferrer ugc">{text}</a> }
}

fn inward(href: String, text: &str) -> impl IntoView + use<> {
    view! { <a href=href>{text.to_owned()}</a> }
}

/// A hashtag as a query value: letters of all scripts, percent-encoded.
fn encoded(tag: &str) -> String {
    let mut encoded = String::with_capacity(tag.len());
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

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        body(text).to_html()
    }

    #[test]
    fn text_is_never_html() {
        let html = html("<script>alert(1)</script> & \"q\"");
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("&lt;script&gt;"), "{html}");
        assert!(html.contains("&amp;"), "{html}");
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
