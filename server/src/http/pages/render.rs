//! Renders a page: who asks, what they see, with which status and policy.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, OnceLock};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use leptos::prelude::*;
use siskin_app::context::{Me, MyDetails, PageContext, SentForm, Settings, StatusHandle};
use siskin_app::pages::written::FIRST_SEGMENTS;
use siskin_app::shell::shell;
use siskin_app::written::{Frame, Written};
use siskin_domain::Role;
use tokio::sync::Semaphore;

use super::cache::{Key, Rendered};
use super::{PageState, backend, cookies, notice};
use crate::application::Caller;
use crate::http::headers::page_policy;
use crate::http::{assets, cookie};
use crate::storage::{Store, StoreError};

/// The longest page that is collected before it is sent, in bytes.
const LARGEST: usize = 4 * 1024 * 1024;

/// How many pages are rendered at once for each core. With a store on this machine rendering is
/// all computing: more at once are not ready sooner, and each finds the caches full of the others.
/// Two, since one may wait for a read.
const TURNS_PER_CORE: usize = 2;
/// The same with a store behind a network, which renderings wait for.
const TURNS_PER_CORE_AFAR: usize = 64;

/// The turns of this machine.
pub(super) fn turns(store: &dyn Store) -> Arc<Semaphore> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let per_core = if store.is_on_this_machine() { TURNS_PER_CORE } else { TURNS_PER_CORE_AFAR };
    Arc::new(Semaphore::new(cores * per_core))
}

/// `GET` of any page.
pub(super) async fn page(State(state): State<PageState>, request: Request) -> Response {
    if let Some(name) = root_file(&request) {
        return assets::root(&name, request.headers());
    }
    let caller = match caller(&state, request.headers()).await {
        Ok(caller) => caller,
        Err(error) => return unavailable(&error),
    };
    match caller {
        None => visitor_page(&state, request).await,
        Some(caller) => {
            let context = context(&state, request.headers(), Some(&caller), None);
            render(&state, request, context, Some(&caller), None, StatusCode::OK).await.finish()
        }
    }
}

/// `GET` of a page that only a signed-in person has: `/profile`.
pub(super) async fn own_page(State(state): State<PageState>, request: Request) -> Response {
    match caller(&state, request.headers()).await {
        Err(error) => unavailable(&error),
        Ok(None) => Redirect::to("/login").into_response(),
        Ok(Some(caller)) => {
            let mut context = context(&state, request.headers(), Some(&caller), None);
            if let Err(error) = add_details(&state, &caller, &mut context).await {
                return unavailable(&error);
            }
            let page = render(&state, request, context, Some(&caller), None, StatusCode::OK).await;
            not_kept(page.finish())
        }
    }
}

/// Nobody keeps the page, a browser's memory of pages included: it shows what is somebody's alone,
/// who may have logged out since.
fn not_kept(mut page: Response) -> Response {
    page.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    page
}

/// Shows a page again with what is wrong with its form.
pub(super) async fn refused_form(
    state: &PageState,
    headers: HeaderMap,
    caller: Option<&Caller>,
    show: &str,
    form: SentForm,
    status: StatusCode,
) -> Response {
    let mut context = context(state, &headers, caller, Some(form));
    if show == "/profile"
        && let Some(caller) = caller
        && let Err(error) = add_details(state, caller, &mut context).await
    {
        return unavailable(&error);
    }
    let request = request_for(show, headers);
    let page = render(state, request, context, caller, None, status).await.finish();
    if show == "/profile" { not_kept(page) } else { page }
}

/// What every page that the server writes knows of a request.
pub(super) fn frame(state: &PageState, caller: Option<&Caller>, sent: Option<SentForm>) -> Frame {
    let admin = caller.is_some_and(|caller| caller.actor.role >= Role::Admin);
    Frame { now: state.services.clock.now(), me: caller.map(me), admin, sent }
}

/// A page that the server alone writes, in the frame that all pages have. It is somebody's own, or
/// tells a secret: nobody keeps it.
pub(super) async fn written(
    state: &PageState,
    caller: Option<&Caller>,
    headers: HeaderMap,
    written: Written,
    status: StatusCode,
) -> Response {
    let context = context(state, &headers, caller, None);
    let request = request_for(&written.path, headers);
    not_kept(render(state, request, context, caller, Some(written), status).await.finish())
}

/// A request for a page, as if the browser had asked for it.
fn request_for(path: &str, headers: HeaderMap) -> Request {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = path.parse().unwrap_or_else(|_| http::Uri::from_static("/"));
    *request.headers_mut() = headers;
    request
}

/// The signed-in person, by the session cookie.
pub(super) async fn caller(
    state: &PageState,
    headers: &HeaderMap,
) -> Result<Option<Caller>, StoreError> {
    cookie::caller(headers, &state.services).await
}

fn context(
    state: &PageState,
    headers: &HeaderMap,
    caller: Option<&Caller>,
    form: Option<SentForm>,
) -> PageContext {
    PageContext {
        me: caller.map(me),
        now: state.services.clock.now(),
        settings: Settings {
            tweet_max_chars: state.services.rules.tweet_max_chars,
            public_url: state.services.rules.public_url.clone(),
        },
        theme: cookies::theme(headers),
        form,
        flash: cookies::flash(headers).map(str::to_owned),
    }
}

fn me(caller: &Caller) -> Me {
    Me {
        id: caller.actor.id,
        username: caller.username.clone(),
        name: caller.name.clone(),
        moderates: caller.actor.role >= Role::Moderator,
        suspended: caller.standing.suspended,
        details: None,
    }
}

async fn add_details(
    state: &PageState,
    caller: &Caller,
    context: &mut PageContext,
) -> Result<(), StoreError> {
    let Some(me) = &mut context.me else { return Ok(()) };
    if let Some(user) = state.services.queries.user(me.id, Some(caller)).await? {
        // Another server may have changed them a moment ago, which a session learns a second later.
        (me.username, me.name) = (user.username, user.name);
        me.details = Some(MyDetails {
            email: user.email.unwrap_or_default(),
            bio: user.bio,
            version: user.version,
            invites: state.services.accounts.may_invite(caller).is_ok(),
        });
    }
    Ok(())
}

/// A visitor's page, from the cache while it is true.
async fn visitor_page(state: &PageState, request: Request) -> Response {
    let context = context(state, request.headers(), None, None);
    if context.flash.is_some() {
        return render(state, request, context, None, None, StatusCode::OK).await.finish();
    }
    let path_and_query = request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned();
    let key = Key { path_and_query, theme: context.theme };
    let (generation, now) = (state.services.store.generation(), context.now);
    if let Some(page) = state.cache.get(&key, generation, now) {
        let nonce = new_nonce(state);
        let (status, headers, html) = page.with_nonce(&nonce);
        return Page { status, headers, html, nonce }.finish();
    }
    let page = render(state, request, context, None, None, StatusCode::OK).await;
    if !page.status.is_server_error() {
        let (headers, html) = (page.headers.clone(), &page.html);
        let kept = Rendered::new(page.status, headers, html, &page.nonce, generation, now);
        state.cache.put(key, kept);
    }
    page.finish()
}

/// A nonce of our own for a page from the cache: 128 random bits.
fn new_nonce(state: &PageState) -> String {
    use base64::Engine as _;
    let mut bytes = [0; 16];
    state.services.entropy.fill(&mut bytes);
    base64::engine::general_purpose::STANDARD_NO_PAD.encode(bytes)
}

/// A page that is ready to be sent.
struct Page {
    status: StatusCode,
    headers: HeaderMap,
    html: Bytes,
    nonce: String,
}

impl Page {
    fn finish(self) -> Response {
        let mut response = Response::new(Body::from(self.html));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, page_policy(&self.nonce, watched().is_some()));
        response
    }
}

/// Runs the app for one request and collects the page.
async fn render(
    state: &PageState,
    request: Request,
    context: PageContext,
    caller: Option<&Caller>,
    written: Option<Written>,
    status: StatusCode,
) -> Page {
    let notice = match caller {
        Some(caller) => notice::of(state, caller, request.uri().path()).await,
        None => Ok(None),
    };
    let notice = notice.unwrap_or_else(|error| {
        tracing::error!(%error, "a page could not read what moderators say");
        None
    });
    let nonce = Arc::new(OnceLock::new());
    let said = Arc::new(AtomicU16::new(status.as_u16()));
    let clear_flash = context.flash.is_some();
    let provide = {
        let (nonce, said) = (Arc::clone(&nonce), Arc::clone(&said));
        let backend = match caller {
            Some(caller) => backend::in_process(state.services.queries.clone(), Some(caller)),
            None => state.backend.clone(),
        };
        let front = if is_plain(state, &context, written.as_ref()) {
            &state.plain_front
        } else {
            &state.front
        };
        let front = Arc::clone(front);
        let ways = state.ways.clone();
        move || {
            let said = Arc::clone(&said);
            provide_context(context.clone());
            if let Some(written) = &written {
                provide_context(written.clone());
            }
            if let Some(notice) = &notice {
                provide_context(notice.clone());
            }
            provide_context(backend.clone());
            provide_context(ways.clone());
            provide_context(front.assets.clone());
            provide_context(StatusHandle(Arc::new(move |status| {
                said.store(status, Ordering::Relaxed);
            })));
            if let Some(manifest) = &front.split {
                provide_context(manifest.clone());
            }
            if let Some(options) = watched() {
                provide_context(options.clone());
            }
            if let Some(own) = leptos::nonce::use_nonce() {
                let _ = nonce.set(own.to_string());
            }
        }
    };
    let rendering = leptos_axum::render_app_async_with_context(provide, shell);
    // Whoever waits has little in their hands yet.
    let turn = Arc::clone(&state.renderings).acquire_owned().await;
    // A task of its own: Leptos does not expect a rendering to be dropped halfway, as that of a
    // request is when the browser goes away, and would panic.
    let rendered = tokio::spawn(async move {
        // Goes on without the request, too, and so does its turn.
        let _turn = turn;
        let (parts, body) = rendering(request).await.into_parts();
        (parts, to_bytes(body, LARGEST).await.unwrap_or_default())
    });
    let (parts, html) = match rendered.await {
        Ok(rendered) => rendered,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is being shut down, and this task with it.
            Err(_) => std::future::pending().await,
        },
    };
    let status = StatusCode::from_u16(said.load(Ordering::Relaxed)).unwrap_or(parts.status);
    let mut headers = parts.headers;
    // A person's page is theirs alone, and a visitor's changes with every tweet.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("cookie, accept-encoding"));
    if clear_flash && let Some(line) = cookies::clear_flash(state.services.rules.secure_cookies) {
        headers.append(header::SET_COOKIE, line);
    }
    Page { status, headers, html, nonce: nonce.get().cloned().unwrap_or_default() }
}

/// Does the page come without the app? It would ask for what visitors of a closed server may not
/// read, and put a page of its own in the place of one that was written instead.
fn is_plain(state: &PageState, context: &PageContext, written: Option<&Written>) -> bool {
    let closed = !state.services.rules.community.public && context.me.is_none();
    closed || written.is_some_and(|written| !has_route(&written.path))
}

/// Has the app a route for pages that the server alone writes at this path?
fn has_route(path: &str) -> bool {
    FIRST_SEGMENTS.contains(&path.split('/').nth(1).unwrap_or_default())
}

/// What `cargo leptos watch` tells of itself, so that the page reloads after a change. Nothing in
/// a server that was started otherwise.
fn watched() -> Option<&'static LeptosOptions> {
    static OPTIONS: OnceLock<Option<LeptosOptions>> = OnceLock::new();
    let read = || {
        std::env::var_os("LEPTOS_WATCH")?;
        let port = std::env::var("LEPTOS_RELOAD_PORT").ok().and_then(|port| port.parse().ok());
        let options = LeptosOptions::builder().output_name("siskin").site_pkg_dir("pkg");
        Some(options.reload_port(port.unwrap_or(3001)).build())
    };
    OPTIONS.get_or_init(read).as_ref()
}

/// The name of a file in the front end's root that a request asks for.
pub(super) fn root_file(request: &Request) -> Option<String> {
    let path = request.uri().path();
    assets::is_root_file(path).then(|| path[1..].to_owned())
}

/// The store can't be read: a plain sentence, since a page would need it too.
pub(in crate::http) fn unavailable(error: &StoreError) -> Response {
    tracing::error!(%error, "a page could not read who asks");
    plain("Siskin can't reach its data at the moment. Please try again in a minute.")
}

/// 503 as a plain sentence.
pub(super) fn plain(text: &'static str) -> Response {
    (
        StatusCode::SERVICE_UNAVAILABLE,
        [(header::RETRY_AFTER, "5"), (header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        text,
    )
        .into_response()
}
