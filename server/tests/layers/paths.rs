//! Finds the paths that a source file mentions, well enough to know whom it imports: `use` trees and
//! inline paths, with `self`, `super` and groups resolved. Comments and literals don't count.

use std::iter::Peekable;
use std::vec::IntoIter;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    /// `::`
    Into,
    Other(char),
}

/// All paths in `source`, as segments: `use crate::{a, b::c as d}` in module `m` of a crate gives
/// `crate::a` and `crate::b::c`; `super::x` is resolved by `module`, the path of the file's module.
pub(crate) fn paths(source: &str, module: &[&str]) -> Vec<Vec<String>> {
    let mut tokens = tokens(source).into_iter().peekable();
    let mut found = Vec::new();
    while let Some(token) = tokens.next() {
        match token {
            Token::Word(word) if word == "use" => tree(&mut tokens, Vec::new(), &mut found),
            Token::Word(word) => inline(&mut tokens, word, &mut found),
            // `::leptos::view!` begins at the root, as a path of one crate does anyway.
            Token::Into | Token::Other(_) => {}
        }
    }
    found.into_iter().map(|path| resolve(path, module)).collect()
}

/// One `use` tree after its prefix: a path, a group, or a star.
fn tree(tokens: &mut Peekable<IntoIter<Token>>, prefix: Vec<String>, found: &mut Vec<Vec<String>>) {
    let mut path = prefix;
    loop {
        match tokens.next() {
            Some(Token::Word(word)) if word == "as" => {
                tokens.next();
            }
            Some(Token::Word(word)) => path.push(word),
            Some(Token::Into | Token::Other('*')) => {}
            Some(Token::Other('{')) => {
                loop {
                    tree(tokens, path.clone(), found);
                    // The subtree ended at its comma or at the brace that closes the group.
                    match tokens.next() {
                        Some(Token::Other(',')) if tokens.peek() != Some(&Token::Other('}')) => {}
                        Some(Token::Other(',')) => {
                            tokens.next();
                            return;
                        }
                        _ => return,
                    }
                }
            }
            Some(Token::Other(_)) | None => break,
        }
        if matches!(tokens.peek(), None | Some(Token::Other(',' | '}' | ';'))) {
            break;
        }
    }
    found.push(path);
}

fn inline(tokens: &mut Peekable<IntoIter<Token>>, first: String, found: &mut Vec<Vec<String>>) {
    let mut path = vec![first];
    while tokens.peek() == Some(&Token::Into) {
        tokens.next();
        match tokens.peek() {
            Some(Token::Word(word)) => {
                path.push(word.clone());
                tokens.next();
            }
            _ => break,
        }
    }
    found.push(path);
}

fn resolve(path: Vec<String>, module: &[&str]) -> Vec<String> {
    let mut base: Vec<String> = module.iter().map(ToString::to_string).collect();
    match path.first().map(String::as_str) {
        Some("self") => base.extend(path.into_iter().skip(1)),
        Some("super") => {
            let ups = path.iter().take_while(|segment| *segment == "super").count();
            base.truncate(base.len().saturating_sub(ups).max(1));
            base.extend(path.into_iter().skip(ups));
        }
        _ => return path,
    }
    base
}

/// Words, `::` and single characters; no comments, no strings, no characters, no lifetimes.
fn tokens(source: &str) -> Vec<Token> {
    let text: Vec<char> = source.chars().collect();
    let at = |i: usize| text.get(i).copied().unwrap_or('\0');
    let mut found = Vec::new();
    let mut i = 0;
    while i < text.len() {
        match (text[i], at(i + 1)) {
            ('/', '/') => i += text[i..].iter().take_while(|c| **c != '\n').count(),
            ('/', '*') => i = after_comment(&text, i),
            ('r', '"' | '#') if raw_string(&text, i).is_some() => {
                i = raw_string(&text, i).unwrap_or(text.len());
            }
            ('"', _) => i = after_string(&text, i),
            // 'x' and '\n' are characters; 'static is a lifetime.
            ('\'', '\\') => i += 2 + text[i + 2..].iter().take_while(|c| **c != '\'').count() + 1,
            ('\'', _) => i += if at(i + 2) == '\'' { 3 } else { 1 },
            (':', ':') => {
                found.push(Token::Into);
                i += 2;
            }
            (c, _) if c.is_alphabetic() || c == '_' => {
                let word: String =
                    text[i..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').collect();
                i += word.chars().count();
                found.push(Token::Word(word));
            }
            (c, _) => {
                if !c.is_whitespace() {
                    found.push(Token::Other(c));
                }
                i += 1;
            }
        }
    }
    found
}

fn after_string(text: &[char], start: usize) -> usize {
    let mut i = start + 1;
    while i < text.len() && text[i] != '"' {
        i += if text[i] == '\\' { 2 } else { 1 };
    }
    i + 1
}

/// The end of a raw string that begins at `start`, if one does.
fn raw_string(text: &[char], start: usize) -> Option<usize> {
    let hashes = text[start + 1..].iter().take_while(|c| **c == '#').count();
    let open = start + 1 + hashes;
    if text.get(open) != Some(&'"') {
        return None;
    }
    let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let inside = text[open + 1..].windows(close.len()).position(|window| window == close)?;
    Some(open + 1 + inside + close.len())
}

fn after_comment(text: &[char], start: usize) -> usize {
    let mut depth = 0;
    let mut i = start;
    while i < text.len() {
        match (text[i], text.get(i + 1)) {
            ('/', Some('*')) => {
                depth += 1;
                i += 2;
            }
            ('*', Some('/')) => {
                depth -= 1;
                i += 2;
                if depth == 0 {
                    break;
                }
            }
            _ => i += 1,
        }
    }
    i
}

#[cfg(test)]
mod tests {
    use super::paths;

    fn found(source: &str) -> Vec<String> {
        paths(source, &["crate", "flux", "timeline"])
            .into_iter()
            .map(|path| path.join("::"))
            .collect()
    }

    #[test]
    fn groups_aliases_and_stars_are_followed() {
        let source = "pub use crate::{api::{client, self as remote}, pages::*, context};";
        let found = found(source);
        for path in ["crate::api::client", "crate::api::self", "crate::pages", "crate::context"] {
            assert!(found.contains(&path.to_owned()), "{path} in {found:?}");
        }
    }

    #[test]
    fn relative_paths_are_resolved() {
        assert!(found("use super::super::api::client;").contains(&"crate::api::client".to_owned()));
        assert!(found("use self::state;").contains(&"crate::flux::timeline::state".to_owned()));
        assert!(found("super::reduce()").contains(&"crate::flux::reduce".to_owned()));
    }

    #[test]
    fn inline_paths_are_seen_and_what_follows_a_group_too() {
        let source = "use a::{b, c}; fn f() { let x = gloo_net::http::Request::get(\"u\"); }";
        assert!(found(source).contains(&"gloo_net::http::Request::get".to_owned()));
    }

    #[test]
    fn comments_and_literals_are_not_code() {
        let source = r##"
            // use axum::Router;
            /* use axum::{a, /* b */ c}; */
            const A: &str = "use axum::Router \" axum::x";
            const B: &str = r#"axum::"y"#;
            const C: char = '"';
            fn f<'a>(x: &'a str) -> char { '\'' }
            use tokio::spawn;
        "##;
        let found = found(source);
        assert!(found.iter().all(|path| !path.contains("axum")), "{found:?}");
        assert!(found.contains(&"tokio::spawn".to_owned()), "{found:?}");
    }
}
