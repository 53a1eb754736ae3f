//! Text as people see it: one normal form, one way to count, and the links inside a body.

mod entities;

pub use entities::{Segment, segments};

/// Unicode normal form C, so that text that looks the same is the same.
#[cfg(not(target_arch = "wasm32"))]
#[must_use]
pub fn nfc(text: &str) -> String {
    use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return text.to_owned();
    }
    text.nfc().collect()
}

/// Unicode normal form C by the browser's own tables.
#[cfg(target_arch = "wasm32")]
#[must_use]
pub fn nfc(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    js_sys::JsString::from(text).normalize("NFC").into()
}

/// The text in lower case, as Unicode maps it.
#[cfg(not(target_arch = "wasm32"))]
#[must_use]
pub fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// The text in lower case by the browser's own tables: ours would be a tenth of the download.
#[cfg(target_arch = "wasm32")]
#[must_use]
pub fn lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    js_sys::JsString::from(text).to_lower_case().into()
}

/// The text in upper case, as Unicode maps it.
#[cfg(not(target_arch = "wasm32"))]
#[must_use]
pub fn upper(text: &str) -> String {
    text.to_uppercase()
}

/// The text in upper case by the browser's own tables.
#[cfg(target_arch = "wasm32")]
#[must_use]
pub fn upper(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_uppercase();
    }
    js_sys::JsString::from(text).to_upper_case().into()
}

/// The length that limits are stated in: Unicode scalar values.
#[must_use]
pub fn length(text: &str) -> usize {
    text.chars().count()
}

/// Control characters other than line feed and tab: never part of a text.
#[must_use]
pub fn is_forbidden(c: char) -> bool {
    c.is_control() && c != '\n' && c != '\t'
}

/// Characters that show nothing: a text of these alone counts as empty.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}'
        )
}

/// Characters that reorder the text around them: not in names, where they could impersonate.
#[must_use]
pub fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Turns CR LF and lone CR into LF, as browsers and other clients disagree about them.
#[must_use]
pub fn unix_lines(text: &str) -> String {
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text.to_owned()
    }
}
