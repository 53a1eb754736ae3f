//! W3C Trace Context: which trace a request belongs to.
//! <https://www.w3.org/TR/trace-context/#traceparent-header>

use http::HeaderMap;

/// A valid `traceparent`, its ids as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parent {
    /// The trace: 32 hexadecimal digits.
    pub(crate) trace: [u8; 32],
    /// Who asked us: 16 hexadecimal digits.
    pub(crate) span: [u8; 16],
    /// Does the one who asked keep the trace?
    pub(crate) sampled: bool,
}

/// The `traceparent` of a request, if there is exactly one and it is valid.
pub(crate) fn parent(headers: &HeaderMap) -> Option<Parent> {
    let mut all = headers.get_all("traceparent").iter();
    let only = all.next()?;
    if all.next().is_some() {
        return None;
    }
    parse(only.as_bytes())
}

/// Reads `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`. A later version may have more
/// after a dash, which is left alone.
fn parse(text: &[u8]) -> Option<Parent> {
    let (head, rest) = text.split_at_checked(55)?;
    let version = &head[..2];
    let dashes = head[2] == b'-' && head[35] == b'-' && head[52] == b'-';
    let (trace, span, flags) = (&head[3..35], &head[36..52], &head[53..55]);
    let hex = [version, trace, span, flags].iter().all(|part| part.iter().all(is_hex));
    let whole =
        if version == b"00" { rest.is_empty() } else { rest.first().is_none_or(|&b| b == b'-') };
    let zero = |id: &[u8]| id.iter().all(|&digit| digit == b'0');
    if !dashes || !hex || !whole || version == b"ff" || zero(trace) || zero(span) {
        return None;
    }
    let last = flags[1];
    let bits = if last.is_ascii_digit() { last - b'0' } else { last - b'a' + 10 };
    Some(Parent {
        trace: trace.try_into().ok()?,
        span: span.try_into().ok()?,
        sampled: bits & 1 == 1,
    })
}

/// Capitals are not allowed.
fn is_hex(byte: &u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_valid_one_is_read() {
        let parent = parse(GOOD.as_bytes()).unwrap();
        assert_eq!(&parent.trace, b"0af7651916cd43dd8448eb211c80319c");
        assert_eq!(&parent.span, b"b7ad6b7169203331");
        assert!(parent.sampled);
        for (flags, sampled) in
            [("00", false), ("02", false), ("03", true), ("0b", true), ("0e", false)]
        {
            let text = format!("{}{flags}", &GOOD[..53]);
            assert_eq!(parse(text.as_bytes()).unwrap().sampled, sampled, "{text}");
        }
    }

    #[test]
    fn a_later_version_may_have_more_after_a_dash() {
        let later = GOOD.replacen("00", "cc", 1);
        assert_eq!(parse(later.as_bytes()), parse(GOOD.as_bytes()));
        assert_eq!(parse(format!("{later}-what-comes").as_bytes()), parse(GOOD.as_bytes()));
        assert_eq!(parse(format!("{later}.what").as_bytes()), None);
    }

    #[test]
    fn all_else_counts_as_none() {
        for text in [
            "",
            "00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 ",
            " 0-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "0x-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333G-01",
            "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0é",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn two_headers_count_as_none() {
        let mut headers = HeaderMap::new();
        headers.append("traceparent", GOOD.parse().unwrap());
        assert!(parent(&headers).is_some());
        headers.append("traceparent", GOOD.parse().unwrap());
        assert_eq!(parent(&headers), None);
    }
}
