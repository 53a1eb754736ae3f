//! A face for everybody: initials on a colour that comes from the username.

use maud::{Markup, html};

/// How many colours `style/tweets.css` knows.
const HUES: u32 = 12;

/// The avatar of a person. It says nothing that the name beside it doesn't, so it is hidden from
/// screen readers.
pub fn avatar(username: &str, name: &str) -> Markup {
    html! { span class={ "avatar hue-" (hue(username)) } aria-hidden="true" { (initials(name)) } }
}

/// FNV-1a of the username, over the colours.
fn hue(username: &str) -> u32 {
    let hash = username
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash % HUES
}

/// The first letters of the first and the last word.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let first = words.next();
    let letters = first.into_iter().chain(words.next_back());
    siskin_domain::text::upper(&letters.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_those_of_the_first_and_the_last_word() {
        for (name, text) in [
            ("Eric Stromberg", "ES"),
            ("ana", "A"),
            ("Ada de la Cruz", "AC"),
            ("東京 太郎", "東太"),
        ] {
            assert_eq!(initials(name), text);
        }
    }

    #[test]
    fn colours_are_all_used() {
        let mut seen = [false; HUES as usize];
        for n in 0..500 {
            seen[hue(&format!("user{n}")) as usize] = true;
        }
        assert_eq!(seen, [true; HUES as usize]);
    }
}
