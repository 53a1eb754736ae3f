//! QR codes as SVG paths.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};
use siskin_app::written::security::app::Qr;

/// The light margin that scanners want, in squares.
const MARGIN: usize = 4;

/// Draws a text; `None` if it is too long for any code.
pub(super) fn draw(text: &str) -> Option<Qr> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let (width, squares) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (y, row) in squares.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|one, next| one == next) {
            if run[0] == Color::Dark {
                let _ =
                    write!(path, "M{} {}h{}v1h-{}z", x + MARGIN, y + MARGIN, run.len(), run.len());
            }
            x += run.len();
        }
    }
    Some(Qr { size: width + 2 * MARGIN, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_begins_with_the_upper_edge_of_its_corner() {
        let qr = draw("otpauth://totp/Siskin:ana?secret=GEZDGNBVGY3TQOJQ").unwrap();
        assert!(qr.path.starts_with("M4 4h7v1h-7z"), "{}", &qr.path[..40]);
        assert_eq!((qr.size - 2 * MARGIN - 17) % 4, 0);
    }

    #[test]
    fn what_is_too_long_has_none() {
        assert!(draw(&"a".repeat(5000)).is_none());
    }
}
