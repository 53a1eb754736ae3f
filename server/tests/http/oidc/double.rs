//! A test double of an OpenID provider, which lies when it is told to: for the faults that a real
//! one does not have. The real one, npm's `oidc-provider`, is asked by `end2end/tests/oidc.spec.ts`.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use openidconnect::url::Url;
use openidconnect::{ClientId, ClientSecret};
use parking_lot::Mutex;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use siskin_server::application::{Clock, SystemClock};
use siskin_server::oidc::ProviderConfig;

pub(crate) const CLIENT_ID: &str = "siskin at the double";
pub(crate) const CLIENT_SECRET: &str = "a secret of: the double";

/// A provider that does what its script says.
pub(crate) struct Double {
    pub(crate) issuer: String,
    script: Arc<Mutex<Script>>,
    server: tokio::task::JoinHandle<()>,
}

/// What it does. At first everything is as it should be.
pub(crate) struct Script {
    /// The keys that it shows, and the number of the one that it signs with.
    pub(crate) keys: Vec<Key>,
    pub(crate) signs_with: usize,
    /// What it says of itself, and of the person.
    pub(crate) description: Value,
    pub(crate) person: Value,
    /// Changes the header and the claims of an ID token before it is signed.
    pub(crate) forge: Forgery,
    pub(crate) signature: Signature,
    pub(crate) discovery: Discovery,
    /// Does it give an ID token at all, and the person's claims in it?
    pub(crate) id_token: bool,
    pub(crate) claims_in_token: bool,
    /// What it says of the person when it is asked with the access token.
    pub(crate) userinfo: Option<Value>,
    /// How often each of its addresses was asked.
    pub(crate) asked: HashMap<&'static str, usize>,
    codes: HashMap<String, Grant>,
}

/// Changes the header and the claims of an ID token.
pub(crate) type Forgery = fn(&mut Value, &mut Value);

/// How it signs.
#[derive(Clone, Copy)]
pub(crate) enum Signature {
    /// As it should.
    Own,
    /// Not at all.
    Nothing,
    /// By a code that whoever reads its keys can make.
    WithPublicKey,
    /// By a code that whoever knows our secret can make.
    WithClientSecret,
    /// With a key that it does not show.
    Strange,
}

/// How it answers to who asks what it is.
#[derive(Clone, Copy)]
pub(crate) enum Discovery {
    Well,
    Failing,
    Silent,
    Endless,
    Elsewhere,
    NotJson,
}

/// A code that was given to a person.
struct Grant {
    challenge: String,
    nonce: String,
    redirect: String,
}

/// A key with its name.
pub(crate) struct Key {
    id: String,
    pair: EcdsaKeyPair,
}

impl Key {
    pub(crate) fn new(id: &str) -> Self {
        let (how, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(how, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(how, pkcs8.as_ref(), &random).unwrap();
        Self { id: id.to_owned(), pair }
    }

    fn shown(&self) -> Value {
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        json!({"kty": "EC", "crv": "P-256", "use": "sig", "kid": self.id, "x": x, "y": y})
    }
}

type Shared = Arc<Mutex<Script>>;

impl Double {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Mutex::new(Script::new(&issuer)));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discover))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(script.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { issuer, script, server }
    }

    /// As the operator would name it.
    pub(crate) fn config(&self, name: &str) -> ProviderConfig {
        ProviderConfig {
            name: name.to_owned(),
            label: format!("The {name}"),
            issuer: ProviderConfig::issuer(&self.issuer).unwrap(),
            client_id: ClientId::new(CLIENT_ID.to_owned()),
            client_secret: ClientSecret::new(CLIENT_SECRET.to_owned()),
        }
    }

    pub(crate) fn now(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.script.lock());
    }

    pub(crate) fn asked(&self, what: &str) -> usize {
        self.script.lock().asked.get(what).copied().unwrap_or_default()
    }

    /// The person agrees: what comes back in the address.
    pub(crate) fn agree(&self, url: &str) -> Vec<(&'static str, String)> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let url = Url::parse(url).unwrap();
        let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
        assert!(url.as_str().starts_with(&format!("{}/authorize?", self.issuer)), "{url}");
        assert_eq!(
            (query["response_type"].as_str(), query["client_id"].as_str()),
            ("code", CLIENT_ID)
        );
        assert_eq!(query["scope"], "openid email profile");
        assert_eq!(query["code_challenge_method"], "S256");
        let code = format!("code/{}+", NUMBER.fetch_add(1, Ordering::Relaxed));
        let grant = Grant {
            challenge: query["code_challenge"].clone(),
            nonce: query["nonce"].clone(),
            redirect: query["redirect_uri"].clone(),
        };
        self.script.lock().codes.insert(code.clone(), grant);
        let state = query["state"].clone();
        vec![("code", code), ("state", state), ("iss", self.issuer.clone())]
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Script {
    fn new(issuer: &str) -> Self {
        let description = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "jwks_uri": format!("{issuer}/keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
            "authorization_response_iss_parameter_supported": true,
        });
        let person = json!({
            "sub": "248289761001", "name": "Ana of the double", "preferred_username": "ana",
            "email": "ana@double.example", "email_verified": true,
        });
        Self {
            keys: vec![Key::new("first")],
            signs_with: 0,
            description,
            person,
            forge: |_, _| {},
            signature: Signature::Own,
            discovery: Discovery::Well,
            id_token: true,
            claims_in_token: true,
            userinfo: None,
            asked: HashMap::new(),
            codes: HashMap::new(),
        }
    }

    fn ask(&mut self, what: &'static str) {
        *self.asked.entry(what).or_default() += 1;
    }

    /// An ID token for whoever logs in with this nonce.
    fn id_token(&self, nonce: &str) -> String {
        let now = SystemClock.now().unix_ms() / 1000;
        let key = &self.keys[self.signs_with];
        let mut header = json!({"alg": "ES256", "kid": key.id});
        let mut claims = json!({
            "iss": self.description["issuer"], "aud": CLIENT_ID, "nonce": nonce,
            "iat": now, "exp": now + 300, "sub": self.person["sub"],
        });
        if self.claims_in_token {
            let all = self.person.as_object().unwrap().clone();
            claims.as_object_mut().unwrap().extend(all);
        }
        (self.forge)(&mut header, &mut claims);
        if matches!(self.signature, Signature::Nothing) {
            header["alg"] = json!("none");
        } else if !matches!(self.signature, Signature::Own | Signature::Strange) {
            header["alg"] = json!("HS256");
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&header), part(&claims));
        let signature = match self.signature {
            Signature::Own => signed(key, text.as_bytes()),
            Signature::Nothing => Vec::new(),
            Signature::WithPublicKey => code(key.pair.public_key().as_ref(), text.as_bytes()),
            Signature::WithClientSecret => code(CLIENT_SECRET.as_bytes(), text.as_bytes()),
            Signature::Strange => signed(&Key::new("first"), text.as_bytes()),
        };
        let signature = URL_SAFE_NO_PAD.encode(signature);
        format!("{text}.{signature}")
    }
}

fn signed(key: &Key, text: &[u8]) -> Vec<u8> {
    key.pair.sign(&SystemRandom::new(), text).unwrap().as_ref().to_vec()
}

fn code(key: &[u8], text: &[u8]) -> Vec<u8> {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key);
    ring::hmac::sign(&key, text).as_ref().to_vec()
}

async fn discover(State(script): State<Shared>) -> Response {
    let (how, description) = {
        let mut script = script.lock();
        script.ask("description");
        (script.discovery, script.description.clone())
    };
    match how {
        Discovery::Well => Json(description).into_response(),
        Discovery::Failing => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Discovery::Silent => std::future::pending().await,
        Discovery::Endless => {
            ([(header::CONTENT_TYPE, "application/json")], " ".repeat(300_000)).into_response()
        }
        Discovery::Elsewhere => Redirect::temporary("/elsewhere").into_response(),
        Discovery::NotJson => description.to_string().into_response(),
    }
}

async fn keys(State(script): State<Shared>) -> Json<Value> {
    let mut script = script.lock();
    script.ask("keys");
    Json(json!({"keys": script.keys.iter().map(Key::shown).collect::<Vec<_>>()}))
}

/// Codes for tokens: each once, and only for who asked for it.
async fn token(
    State(script): State<Shared>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let mut script = script.lock();
    script.ask("token");
    let refused = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({"error": error})));
    let encode = |text: &str| {
        openidconnect::url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>()
    };
    let who = STANDARD.encode(format!("{}:{}", encode(CLIENT_ID), encode(CLIENT_SECRET)));
    if headers.get("authorization").is_none_or(|given| *given != format!("Basic {who}")) {
        return refused("invalid_client").into_response();
    }
    let verifier = form.get("code_verifier").map_or("", String::as_str);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    let grant = form.get("code").and_then(|code| script.codes.remove(code));
    let grant = grant.filter(|grant| {
        grant.challenge == challenge && form.get("redirect_uri") == Some(&grant.redirect)
    });
    let Some(grant) = grant else { return refused("invalid_grant").into_response() };
    let mut answer = json!({"access_token": "an access token", "token_type": "Bearer"});
    if script.id_token {
        answer["id_token"] = json!(script.id_token(&grant.nonce));
    }
    Json(answer).into_response()
}

async fn userinfo(State(script): State<Shared>, headers: HeaderMap) -> Response {
    let mut script = script.lock();
    script.ask("userinfo");
    match &script.userinfo {
        Some(told) if headers["authorization"] == "Bearer an access token" => {
            Json(told.clone()).into_response()
        }
        _ => StatusCode::UNAUTHORIZED.into_response(),
    }
}
