//! The front end's files: inside the executable in release builds, read from `target/site` in
//! development, so that `cargo leptos watch` shows changes at once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use leptos::WasmSplitManifest;
use leptos::prelude::ArcStoredValue;
use rust_embed::{Embed, EmbeddedFile};
use siskin_app::shell::Assets;

#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/../target/site"]
#[allow_missing = true]
#[exclude = "*.ts*"]
struct Site;

/// Hashed names never change their contents.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Plain names may: browsers ask again after an hour.
const FOR_AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// What the page's head must name, found by looking at the files that are there.
#[derive(Clone)]
pub struct FrontEnd {
    /// Hashed names of script, WebAssembly and style sheet.
    pub assets: Assets,
    /// For each lazily loaded page, the chunks it needs; and the script that loads them. Read once
    /// and shared by all renderings.
    pub split: Option<WasmSplitManifest>,
}

impl FrontEnd {
    /// Looks at the files.
    #[must_use]
    pub fn discover() -> Self {
        let names: Vec<Cow<'static, str>> = Site::iter().collect();
        // `siskin.css`, or with a hash: `siskin.Ab-9.css`.
        let ours = |ending: &str| {
            names
                .iter()
                .find(|name| name.starts_with("pkg/siskin") && name.ends_with(ending))
                .map(ToString::to_string)
        };
        let assets = Assets { js: ours(".js"), wasm: ours(".wasm"), css: ours(".css") };
        Self { assets, split: split_manifest(&names) }
    }

    /// The style sheet alone.
    #[must_use]
    pub fn without_app(&self) -> Self {
        let assets = Assets { css: self.assets.css.clone(), ..Assets::default() };
        Self { assets, split: None }
    }
}

fn split_manifest(names: &[Cow<'static, str>]) -> Option<WasmSplitManifest> {
    let named = |start: &str, ending: &str| {
        names.iter().find(|name| name.starts_with(start) && name.ends_with(ending))
    };
    let manifest = named("pkg/__wasm_split_manifest", ".json")?;
    let script = named("pkg/__wasm_split.", ".js")?.strip_prefix("pkg/")?.to_owned();
    let chunks: HashMap<String, Vec<String>> =
        serde_json::from_slice(&Site::get(manifest)?.data).ok()?;
    Some(WasmSplitManifest(ArcStoredValue::new(("/pkg".to_owned(), chunks, script))))
}

/// `GET /pkg/{name}`: script, WebAssembly and style, by their hashed names.
pub async fn pkg(Path(name): Path<String>, headers: HeaderMap) -> Response {
    serve(&format!("pkg/{name}"), &headers, FOR_EVER)
}

/// Is there a file of this name in the root, such as `favicon.svg`?
#[must_use]
pub fn root_files() -> Vec<String> {
    Site::iter()
        .filter(|name| !name.starts_with("pkg/") && !is_compressed(name))
        .map(Cow::into_owned)
        .collect()
}

/// Is this the path of one of [`root_files`]?
pub fn is_root_file(path: &str) -> bool {
    static FILES: OnceLock<Vec<String>> = OnceLock::new();
    let known = |name| FILES.get_or_init(root_files).iter().any(|file| file == name);
    path.strip_prefix('/').is_some_and(known)
}

/// `GET /{name}` of one of [`root_files`].
pub fn root(name: &str, headers: &HeaderMap) -> Response {
    serve(name, headers, FOR_AN_HOUR)
}

fn is_compressed(name: &str) -> bool {
    name.ends_with(".br") || name.ends_with(".gz")
}

fn serve(name: &str, headers: &HeaderMap, keep: HeaderValue) -> Response {
    if is_compressed(name) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Some((file, encoding)) = choose(name, headers) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let etag = etag(&file);
    if headers.get(header::IF_NONE_MATCH).is_some_and(|asked| *asked == etag) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, etag), (header::CACHE_CONTROL, keep)])
            .into_response();
    }
    let mut response = Response::new(Body::from(bytes(file.data)));
    let mut set = |name: HeaderName, value: HeaderValue| response.headers_mut().insert(name, value);
    let mime = mime_guess::from_path(name).first_or_octet_stream();
    if let Ok(mime) = HeaderValue::from_str(&with_charset(mime.as_ref())) {
        set(header::CONTENT_TYPE, mime);
    }
    set(header::VARY, HeaderValue::from_static("accept-encoding"));
    set(header::CACHE_CONTROL, keep);
    set(header::ETAG, etag);
    if let Some(encoding) = encoding {
        set(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// The smallest form that the client takes.
fn choose(name: &str, headers: &HeaderMap) -> Option<(EmbeddedFile, Option<&'static str>)> {
    let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or("");
    for (encoding, ending) in [("br", ".br"), ("gzip", ".gz")] {
        if takes(accepts, encoding)
            && let Some(file) = Site::get(&format!("{name}{ending}"))
        {
            return Some((file, Some(encoding)));
        }
    }
    Site::get(name).map(|file| (file, None))
}

/// Does an `Accept-Encoding` header take this encoding, with a weight above zero?
fn takes(accepts: &str, encoding: &str) -> bool {
    accepts.split(',').any(|item| {
        let mut parts = item.split(';');
        let named = parts.next().unwrap_or("").trim().eq_ignore_ascii_case(encoding);
        let refused = parts.any(|p| {
            p.trim()
                .strip_prefix("q=")
                .and_then(|q| q.parse::<f32>().ok())
                .is_some_and(|q| q <= 0.0)
        });
        named && !refused
    })
}

fn bytes(data: Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    }
}

fn etag(file: &EmbeddedFile) -> HeaderValue {
    use std::fmt::Write as _;
    let mut text = String::from("\"");
    for byte in &file.metadata.sha256_hash()[..12] {
        let _ = write!(text, "{byte:02x}");
    }
    text.push('"');
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("\"\""))
}

fn with_charset(mime: &str) -> String {
    if mime.starts_with("text/") || mime.ends_with("javascript") {
        format!("{mime}; charset=utf-8")
    } else {
        mime.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_taken_only_when_it_is_named_and_not_refused() {
        assert!(takes("gzip, deflate, br", "br"));
        assert!(takes("GZIP;q=0.5", "gzip"));
        assert!(!takes("br;q=0, gzip", "br"));
        assert!(!takes("", "br"));
        assert!(!takes("brotli", "br"));
    }
}
