//! Every string, number and list that a request may bring has a limit: the description tells it,
//! and the server keeps it. What is looked at here is read from the description itself, so that
//! whatever is added to it is looked at, too.

use futures::StreamExt as _;
use reqwest::{Method, RequestBuilder};
use serde_json::{Map, Value, json};
use siskin_domain::Role;
use siskin_server::application::Registration;

use crate::app::{App, PASSWORD, Person, send};
use crate::factors::authenticator::ORIGIN;

/// Something that a request may bring.
struct Field {
    operation: Operation,
    /// `body`, `path`, `query` or `header`.
    place: String,
    name: String,
    schema: Value,
}

#[derive(Clone)]
struct Operation {
    method: Method,
    path: String,
    described: Value,
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Operation { method, path, .. } = &self.operation;
        write!(f, "{method} {path}: {} in {}", self.name, self.place)
    }
}

/// The schema itself, wherever it stands; of `null` and something, the something.
fn resolve(api: &Value, schema: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return resolve(api, api.pointer(&reference[1..]).unwrap());
    }
    for either in ["oneOf", "anyOf", "allOf"] {
        if let Some(schemas) = schema[either].as_array() {
            let real: Vec<_> = schemas.iter().filter(|schema| schema["type"] != "null").collect();
            assert_eq!(real.len(), 1, "this test knows no choice of several schemas: {schema}");
            return resolve(api, real[0]);
        }
    }
    schema.clone()
}

fn kind(schema: &Value) -> &str {
    let of = |value: &'_ Value| value.as_str().is_some_and(|text| text != "null");
    match &schema["type"] {
        Value::Array(types) => types.iter().find(|t| of(t)).unwrap().as_str().unwrap(),
        one => one.as_str().unwrap_or("none"),
    }
}

/// All that requests may bring.
fn fields(api: &Value) -> Vec<Field> {
    let mut fields = Vec::new();
    for (path, methods) in api["paths"].as_object().unwrap() {
        for (method, described) in methods.as_object().unwrap() {
            let method = method.to_uppercase().parse().unwrap();
            let operation = Operation { method, path: path.clone(), described: described.clone() };
            for parameter in described["parameters"].as_array().into_iter().flatten() {
                fields.push(Field {
                    operation: operation.clone(),
                    place: parameter["in"].as_str().unwrap().to_owned(),
                    name: parameter["name"].as_str().unwrap().to_owned(),
                    schema: resolve(api, &parameter["schema"]),
                });
            }
            let Some(contents) = described["requestBody"]["content"].as_object() else { continue };
            for content in contents.values() {
                let body = resolve(api, &content["schema"]);
                for (name, schema) in body["properties"].as_object().unwrap() {
                    let (place, name) = ("body".to_owned(), name.clone());
                    let (operation, schema) = (operation.clone(), resolve(api, schema));
                    fields.push(Field { operation, place, name, schema });
                }
            }
        }
    }
    fields
}

/// The words that a string may be, if its pattern is nothing but these: utoipa has no choices for
/// parameters that are strings.
fn choices(schema: &Value) -> Option<Vec<String>> {
    if let Some(choices) = schema["enum"].as_array() {
        return choices.iter().map(|choice| choice.as_str().map(str::to_owned)).collect();
    }
    let words = schema["pattern"].as_str()?.strip_prefix("^(")?.strip_suffix(")$")?;
    let plain = words.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'|');
    plain.then(|| words.split('|').map(str::to_owned).collect())
}

/// What lacks a limit, in words.
fn unlimited(api: &Value, schema: &Value) -> Option<String> {
    match kind(schema) {
        "string" if choices(schema).is_some() => None,
        "string" if schema["maxLength"].is_u64() => None,
        "integer" | "number" if schema["maximum"].is_number() => None,
        "boolean" => None,
        "array" if schema["maxItems"].is_u64() => unlimited(api, &resolve(api, &schema["items"])),
        "object" => schema["properties"]
            .as_object()
            .into_iter()
            .flat_map(Map::values)
            .find_map(|property| unlimited(api, &resolve(api, property))),
        _ => Some(schema.to_string()),
    }
}

#[tokio::test]
async fn the_description_tells_a_limit_of_everything_that_comes_in() {
    let app = App::start().await;
    let api = app.get("/api/openapi.json").await.expect(200);
    let fields = fields(&api);
    assert!(fields.len() > 30);
    let without: Vec<_> = fields
        .iter()
        .filter_map(|field| Some(format!("{field}: {}", unlimited(&api, &field.schema)?)))
        .collect();
    assert!(without.is_empty(), "without a limit:\n{}", without.join("\n"));
    let tweet = fields.iter().find(|field| field.name == "body").unwrap();
    assert_eq!(tweet.schema["maxLength"], 280);
    let long = app.beside(|rules| rules.tweet_max_chars = 500).await;
    let api = long.get("/api/openapi.json").await.expect(200);
    assert_eq!(api["components"]["schemas"]["NewTweet"]["properties"]["body"]["maxLength"], 500);
}

/// A value of this size, or of another one than allowed.
fn value(api: &Value, schema: &Value, size: Size) -> Option<Value> {
    let limit = |key: &str| schema[key].as_u64();
    Some(match kind(schema) {
        "string" if choices(schema).is_some() => match size {
            Size::Greatest => json!(choices(schema)?[0]),
            Size::OneMore => json!("no-such-choice"),
            Size::Huge => json!("x".repeat(20_000)),
        },
        "string" => {
            let most = limit("maxLength")? as usize;
            let length = size.of(most as u64, 20_000.max(most as u64 * 2)) as usize;
            let mail = schema["format"] == "email";
            json!(if mail { mail_of(length) } else { "a".repeat(length) })
        }
        "integer" => json!(size.of(limit("maximum")?, u64::MAX)),
        "array" => {
            let item = value(api, &resolve(api, &schema["items"]), Size::Greatest)?;
            let length = size.of(limit("maxItems")?, 10_000);
            Value::Array(vec![item; length as usize])
        }
        _ => return None,
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    Greatest,
    OneMore,
    Huge,
}

impl Size {
    fn of(self, most: u64, huge: u64) -> u64 {
        match self {
            Self::Greatest => most,
            Self::OneMore => most + 1,
            Self::Huge => huge,
        }
    }
}

/// An address of exactly this length, with a name of 60 characters.
pub(super) fn mail_of(length: usize) -> String {
    let host = (0..length - 65).map(|n| if n % 50 == 20 { '.' } else { 'b' });
    format!("{}@{}.org", "a".repeat(60), host.collect::<String>())
}

/// A server with a name, as passkeys are for names, and what is there for requests to be about.
struct Scene {
    app: App,
    /// The same where one is invited, for what there is only there.
    inviting: App,
    /// An admin, who may read everything.
    reader: Person,
    /// Somebody else, whom they report and act on.
    other: Person,
    others_tweet: u64,
    report: u64,
}

impl Scene {
    async fn new() -> Self {
        let app = App::start_with(|rules| rules.public_url = ORIGIN.to_owned()).await;
        let inviting =
            app.beside(|rules| rules.community.registration = Registration::Invite).await;
        let (reader, other) = (app.sign_up("reader").await, app.sign_up("other").await);
        app.promote(&reader, Role::Admin).await;
        let others_tweet = app.tweet(&other, "rude").await;
        let report = json!({"tweet": others_tweet, "reason": "rude"});
        let report = app.post_as(&reader, "/api/v1/reports", &report).await.expect(201);
        let report = report["id"].as_u64().unwrap();
        Self { app, inviting, reader, other, others_tweet, report }
    }

    /// Somebody who may do it. What one request changes must not be seen by the next.
    async fn person_for(&self, operation: &Operation, name: &str) -> Person {
        if operation.method == Method::GET {
            return self.reader.clone();
        }
        let person = self.app.sign_up(name).await;
        if operation.path.contains("/moderation/") || operation.path.ends_with("/role") {
            self.app.promote(&person, Role::Admin).await;
        }
        person
    }

    /// The address, of something that is there unless the address is what is looked at.
    fn path(&self, who: &Person, field: &Field, sent: &str) -> String {
        let template = field.operation.path.as_str();
        let id = match template {
            _ if template.contains("/reports/") => self.report,
            _ if template.contains("/tweets/") => self.others_tweet,
            _ if template.contains("/moderation/") || template.ends_with("/role") => self.other.id,
            _ => who.id,
        };
        let of = |name: &str, usual: String| {
            if field.place == "path" && field.name == name { sent.to_owned() } else { usual }
        };
        let path = template.replace("{id}", &of("id", id.to_string()));
        path.replace("{measure}", &of("measure", "silence".to_owned()))
    }

    /// A request that is right in all but the field that is looked at.
    fn request(&self, who: &Person, api: &Value, field: &Field, sent: &Value) -> RequestBuilder {
        let Operation { method, path, described } = &field.operation;
        let text = sent.as_str().map_or_else(|| sent.to_string(), str::to_owned);
        let app = if path == "/api/v1/invitations" { &self.inviting } else { &self.app };
        let request = app.request(method.clone(), &self.path(who, field, &text));
        let mut request = request.bearer_auth(&who.token);
        if field.place == "query" {
            request = request.query(&[(&field.name, text)]);
        } else if field.place == "header" {
            request = request.header(&field.name, text);
        }
        let content = &described["requestBody"]["content"]["application/json"]["schema"];
        if content.is_null() {
            return request;
        }
        let mut body = Map::new();
        for name in resolve(api, content)["required"].as_array().into_iter().flatten() {
            let name = name.as_str().unwrap();
            let new = format!("new{}", who.username);
            let right = match name {
                "username" if path == "/api/v1/users" && *method == Method::POST => json!(new),
                "username" => json!(who.username),
                "email" => json!(format!("{new}@example.net")),
                "password" | "current_password" => json!(PASSWORD),
                "credential" => json!({}),
                "role" => json!("moderator"),
                _ => json!("x"),
            };
            body.insert(name.to_owned(), right);
        }
        // One of the two is reported.
        if path == "/api/v1/reports" && field.name != "tweet" {
            body.insert("username".to_owned(), json!(self.other.username));
        }
        if field.place == "body" {
            body.insert(field.name.clone(), sent.clone());
            if field.name == "current_password" {
                body.insert("password".to_owned(), json!("another good one"));
            }
        }
        request.json(&body)
    }
}

/// What was answered, as far as it matters here.
#[derive(Debug)]
struct Told {
    status: u16,
    code: String,
    field: Option<String>,
    typed: bool,
}

async fn told(request: RequestBuilder) -> Told {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let json =
        response.headers().get("content-type").is_some_and(|kind| kind == "application/json");
    // A stream has no end that one could wait for.
    let body = if json { response.json().await.unwrap() } else { Value::Null };
    let code = body["code"].as_str().unwrap_or_default().to_owned();
    let typed = !code.is_empty() && body["message"].is_string() && body["error"].is_string();
    Told { status, code, field: body["field"].as_str().map(str::to_owned), typed }
}

/// Passwords that somebody has, rather than wants, are compared only, and names only looked up: there
/// is nothing that is longer, so that it may be answered as any other that is wrong.
const LOOKED_UP: [(&str, &str, &str); 8] = [
    ("POST /api/v1/tokens", "username", "bad_credentials"),
    ("POST /api/v1/tokens", "password", "bad_credentials"),
    ("POST /api/v1/passkeys/registration", "password", "current_password_wrong"),
    ("PUT /api/v1/users/{id}", "current_password", "current_password_wrong"),
    ("DELETE /api/v1/users", "username", "not_found"),
    ("POST /api/v1/reports", "tweet", "not_found"),
    ("POST /api/v1/reports", "username", "not_found"),
    ("POST /api/v2/tweets", "username", "not_found"),
];

impl Told {
    fn is_right(&self, field: &Field, size: Size) -> bool {
        let about = self.field.as_deref() == Some(&field.name);
        let for_length = self.code.ends_with("_too_long") || self.code.ends_with("_too_large");
        if size == Size::Greatest {
            // A link's secret of the right length is unknown all the same.
            let wrong = about && self.code.ends_with("_invalid") && self.code != "link_invalid";
            return self.status < 500 && !for_length && !wrong;
        }
        let Operation { method, path, .. } = &field.operation;
        let operation = format!("{method} {path}");
        // What can't be there is not there.
        let wrong = match field.place.as_str() {
            "path" => self.status == 404,
            _ => LOOKED_UP.contains(&(&operation, &field.name, &self.code)),
        };
        let refused = about || for_length || wrong || self.code == field.invalid();
        (400..500).contains(&self.status) && self.typed && refused
    }
}

impl Field {
    /// The code that is its own, for what has no field in an answer.
    fn invalid(&self) -> String {
        let name = self.name.to_lowercase().replace('-', "_");
        format!("{}_invalid", name.trim_start_matches("x_siskin_"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_more_than_the_limit_is_refused_and_the_limit_is_not() {
    let scene = Scene::new().await;
    let api = scene.app.get("/api/openapi.json").await.expect(200);
    let fields = fields(&api);
    let sizes = [Size::Greatest, Size::OneMore, Size::Huge];
    let all = fields.iter().enumerate().flat_map(|one| sizes.map(|size| (one, size)));
    let checked = all.map(async |((n, field), size)| {
        let sent = value(&api, &field.schema, size)?;
        let name = format!("p{n}{size:?}").to_lowercase();
        let who = scene.person_for(&field.operation, &name).await;
        let said = told(scene.request(&who, &api, field, &sent)).await;
        (!said.is_right(field, size)).then(|| format!("{size:?} of {field}: {said:?}"))
    });
    // Several at once: a read of what was never written waits for a while.
    let wrong = futures::stream::iter(checked).buffer_unordered(16).filter_map(async |one| one);
    let wrong: Vec<String> = wrong.collect().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn addresses_and_headers_have_a_length_and_headers_a_number() {
    let app = App::start().await;
    let cookie = |length: usize| format!("theme={}", "x".repeat(length - "theme=".len()));
    for path in ["/", "/api/v2/tweets"] {
        let query = |length: usize| format!("{path}?q={}", "x".repeat(length - path.len() - 3));
        assert_eq!(app.get(&query(8192)).await.status, 200);
        app.get(&query(8193)).await.refused(414, "uri_too_long", None);
        let with = |name: &str, value: String| app.request(Method::GET, path).header(name, value);
        assert_eq!(send(with("cookie", cookie(8192))).await.status, 200);
        send(with("cookie", cookie(8193))).await.refused(431, "headers_too_large", None);
        send(with("x-any", "x".repeat(8193))).await.refused(431, "headers_too_large", None);
        let many = |number: usize| {
            let request = app.request(Method::GET, path);
            (0..number).fold(request, |request, n| request.header(format!("x-{n}"), "x"))
        };
        // The client brings host and accept itself.
        assert_eq!(send(many(90)).await.status, 200);
        assert_eq!(send(many(101)).await.status, 431);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_has_so_many_fields() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let cookie = app.cookie(&ana).await;
    let tweet = |number: usize| {
        let others = (1..number).map(|n| (format!("f{n}"), String::new()));
        let form: Vec<_> = others.chain([("body".to_owned(), "said".to_owned())]).collect();
        send(app.request(Method::POST, "/tweets").header("cookie", &cookie).form(&form))
    };
    assert_eq!(tweet(64).await.status, 303);
    tweet(65).await.refused(400, "bad_request", None);
}
