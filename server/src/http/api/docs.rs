//! `GET /api/docs`: the OpenAPI description as a page to read, without JavaScript or any file
//! but the site's own style sheet.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Extension;
use axum::response::Response;
use http::{HeaderValue, header};
use serde_json::Value;

use super::openapi::Described;

/// The page.
pub(super) async fn page(Extension(described): Extension<Arc<Described>>) -> Response {
    let mut response = Response::new(described.page.clone().into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'",
        ),
    );
    response
}

/// Writes the page of a description.
pub(super) fn write(api: &Value, stylesheet: Option<&str>) -> String {
    let mut page = String::with_capacity(32 * 1024);
    let _ = write_page(&mut page, api, stylesheet);
    page
}

type Written = Result<(), std::fmt::Error>;

fn write_page(page: &mut String, api: &Value, stylesheet: Option<&str>) -> Written {
    let title = text(&api["info"]["title"]);
    write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}: the REST API</title>"
    )?;
    if let Some(stylesheet) = stylesheet {
        let href = escape(stylesheet);
        write!(page, "<link rel=\"stylesheet\" href=\"{href}\">")?;
    }
    write!(
        page,
        "</head><body><main class=\"api-docs\"><h1>{title}: the REST API</h1><p>{}</p>\
         <p>Version {}. For programs: <a href=\"/api/openapi.json\">openapi.json</a>.</p>\
         <p><a href=\"/\">To the tweets</a></p>",
        prose(&api["info"]["description"]),
        text(&api["info"]["version"]),
    )?;
    for (path, methods) in entries(&api["paths"]) {
        for (method, operation) in entries(methods) {
            write_operation(page, path, method, operation)?;
        }
    }
    page.push_str("<h2 id=\"schemas\">Shapes</h2>");
    for (name, schema) in entries(&api["components"]["schemas"]) {
        write_schema(page, name, schema)?;
    }
    page.push_str("</main></body></html>\n");
    Ok(())
}

fn write_operation(page: &mut String, path: &str, method: &str, operation: &Value) -> Written {
    let method = method.to_ascii_uppercase();
    write!(page, "<section><h2><code>{method} {}</code></h2>", escape(path))?;
    for key in ["summary", "description"] {
        if operation[key].is_string() {
            write!(page, "<p>{}</p>", prose(&operation[key]))?;
        }
    }
    if let Some(parameters) = operation["parameters"].as_array() {
        page.push_str("<h3>Parameters</h3><dl>");
        for parameter in parameters {
            write!(
                page,
                "<dt><code>{}</code> in {}: {}</dt><dd>{}</dd>",
                text(&parameter["name"]),
                text(&parameter["in"]),
                kind(&parameter["schema"]),
                prose(&parameter["description"]),
            )?;
        }
        page.push_str("</dl>");
    }
    for (media, content) in entries(&operation["requestBody"]["content"]) {
        let (media, kind) = (escape(media), kind(&content["schema"]));
        write!(page, "<h3>Body</h3><p><code>{media}</code>: {kind}</p>")?;
    }
    page.push_str("<h3>Answers</h3><dl>");
    for (status, response) in entries(&operation["responses"]) {
        write!(page, "<dt><code>{}</code>", escape(status))?;
        for (_, content) in entries(&response["content"]) {
            write!(page, " {}", kind(&content["schema"]))?;
        }
        write!(page, "</dt><dd>{}</dd>", prose(&response["description"]))?;
    }
    page.push_str("</dl></section>");
    Ok(())
}

fn write_schema(page: &mut String, name: &str, schema: &Value) -> Written {
    let name = escape(name);
    write!(page, "<section><h3 id=\"{name}\"><code>{name}</code></h3>")?;
    write!(page, "<p>{}</p><dl>", prose(&schema["description"]))?;
    for (key, property) in entries(&schema["properties"]) {
        let required = schema["required"].as_array().is_some_and(|r| r.iter().any(|k| k == key));
        write!(
            page,
            "<dt><code>{}</code>: {}{}</dt><dd>{}</dd>",
            escape(key),
            kind(property),
            if required { "" } else { ", optional" },
            prose(&property["description"]),
        )?;
    }
    page.push_str("</dl></section>");
    Ok(())
}

/// A schema in a word, with a link if it has a section of its own.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        let name = escape(name);
        return format!("<a href=\"#{name}\">{name}</a>");
    }
    if !schema["items"].is_null() {
        return format!("list of {}", kind(&schema["items"]));
    }
    let ways = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
    if let Some(ways) = ways {
        return ways.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    match &schema["type"] {
        Value::String(name) => escape(name),
        Value::Array(names) => names.iter().map(text).collect::<Vec<_>>().join(" or "),
        _ => "anything".to_owned(),
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().map(escape).unwrap_or_default()
}

/// A description: what stands between two backticks is code.
fn prose(value: &Value) -> String {
    let escaped = text(value);
    let (mut out, mut rest) = (String::with_capacity(escaped.len()), escaped.as_str());
    while let Some((before, opened)) = rest.split_once('`')
        && let Some((code, after)) = opened.split_once('`')
    {
        out.extend([before, "<code>", code, "</code>"]);
        rest = after;
    }
    out + rest
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_backticks_is_code_and_never_markup() {
        for (written, shown) in [
            ("Always `Success`.", "Always <code>Success</code>."),
            ("`a` or `<b>`", "<code>a</code> or <code>&lt;b&gt;</code>"),
            ("<i>one ` alone", "&lt;i&gt;one ` alone"),
            ("`a` and ` alone", "<code>a</code> and ` alone"),
        ] {
            assert_eq!(prose(&Value::from(written)), shown);
        }
    }
}
