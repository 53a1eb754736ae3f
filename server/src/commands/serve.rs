//! `siskin serve`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use siskin_server::application::{
    Community, OsEntropy, Outbox, Registration, Rules, Services, SystemClock,
};
use siskin_server::config::{ServeConfig, Switch};
use siskin_server::http::ending::Ending;
use siskin_server::http::tls::Tls;
use siskin_server::http::{self, serve};
use siskin_server::mail::Queue;
use siskin_server::storage::{Measured, Store};
use siskin_server::telemetry::{self, Metrics, Traces};
use tokio::net::TcpListener;
use tokio::sync::watch;

#[cfg(feature = "kafka")]
use super::relay;
use super::signals::Signals;
use super::{demo, open_store, schedule};

/// How often expired sessions and kept answers are forgotten.
const SWEEP: Duration = Duration::from_secs(600);
/// How soon it is tried again to make projections anew that an earlier version has made.
const RESHAPE_AGAIN: Duration = Duration::from_secs(60);
/// How long a server that has just started serves whoever has waited for it before it looks through its
/// store.
const BEFORE_CHECK: Duration = Duration::from_secs(3);
/// How long the end of the server waits for mail that is on its way.
const LAST_MAIL: Duration = Duration::from_secs(3);

/// Serves until SIGTERM or SIGINT, then drains.
pub(crate) async fn run(config: ServeConfig) -> Result<(), String> {
    if config.demo && !config.role.writes() {
        return Err(
            "SISKIN_DEMO fills the store, which SISKIN_ROLE=query must not; leave one away"
                .to_owned(),
        );
    }
    let logs = telemetry::logs::init(&config.log, config.log_format)?;
    let mut signals = Signals::listen()?;
    let (leave, leaving) = watch::channel(false);
    let (stop, stopping) = watch::channel(false);
    let metrics = match config.metrics_addr {
        Some(addr) => Some(measure(addr, stopping.clone()).await?),
        None => None,
    };
    let traces = config.otlp_endpoint.as_ref().map(Traces::init).transpose()?;
    let tls = open_tls(&config).await?;
    let queue = config.mail.smtp()?.map(|smtp| Arc::new(Queue::new(Arc::new(smtp))));
    let listener = TcpListener::bind(config.addr)
        .await
        .map_err(|error| format!("SISKIN_ADDR: can't listen on {}: {error}", config.addr))?;
    let bound = listener.local_addr().map_err(|error| error.to_string())?;
    let own_url = format!("{}://{bound}", if tls.is_some() { "https" } else { "http" });
    let rules = rules(&config, &own_url);
    let public_url = rules.public_url.clone();
    config.refuse_weak_secrets(&public_url)?;
    let store = open_store(&config.store).await?;
    // Only whoever looks at them pays for measurements.
    let store = if metrics.is_some() || traces.is_some() {
        Arc::new(Measured::new(store)) as Arc<dyn Store>
    } else {
        store
    };
    let services = Services::with_outbox(
        Arc::clone(&store),
        rules,
        Arc::new(SystemClock),
        Arc::new(OsEntropy),
        queue.clone().map(|queue| queue as Arc<dyn Outbox>),
    );
    if config.demo {
        demo::fill(&store).await?;
    }
    if config.throttle == Switch::Off {
        tracing::warn!("SISKIN_THROTTLE is off: nothing slows a guesser of passwords down");
    }
    if !config.community.public && config.community.registration == Registration::Open {
        tracing::warn!(
            "SISKIN_PUBLIC is false, but everybody may sign up and read: \
             SISKIN_REGISTRATION says who may join"
        );
    }
    let sweeper = config
        .role
        .writes()
        .then(|| tokio::spawn(sweep(Arc::clone(&store), services.clone(), stopping.clone())));
    if config.role.writes() {
        tokio::spawn(reshape(Arc::clone(&store), stopping.clone()));
    }
    let backing_up = schedule::start(&config, &services, stopping.clone())?;
    #[cfg(feature = "kafka")]
    let relaying = relay::start(&config, &public_url, &store, stopping.clone());
    if let Some(metrics) = metrics {
        telemetry::probe::start(metrics, services.clone(), stopping.clone());
    }
    let ending = Ending { leaving, stopping: stopping.clone() };
    let router = http::router(services.clone(), ending.clone());
    if let Some(tls) = &tls {
        tokio::spawn(tls.clone().follow(stopping.clone()));
    }
    let limits = serve::Limits {
        connections_per_address: (config.throttle == Switch::On)
            .then_some(serve::Limits::PER_ADDRESS),
        proxies: config.trusted_proxies.iter().map(|network| network.0).collect(),
        ..serve::Limits::default()
    };
    let serving = tokio::spawn(serve::serve(listener, tls, router, ending, limits));
    let checking = tokio::spawn(check(Arc::clone(&store)));
    logs.announce(&format!("Siskin is ready at {}", ready_address(&public_url, &own_url)));
    signals.wait().await;
    let _ = leave.send(true);
    signals.linger(config.drain.wait()).await;
    tracing::info!("stopping: requests in progress may end");
    let _ = stop.send(true);
    let _ = serving.await;
    #[cfg(feature = "kafka")]
    relay::stopped(relaying).await;
    schedule::stopped(backing_up).await;
    if let Some(sweeper) = sweeper {
        sweeper.abort();
    }
    checking.abort();
    services.stop().await;
    if let Some(queue) = queue {
        queue.drain(LAST_MAIL).await;
    }
    store.close().await;
    if let Some(traces) = traces {
        traces.finish().await;
    }
    tracing::info!("stopped");
    Ok(())
}

/// After a crash: is what is stored whole? The store itself says it, and what to do.
async fn check(store: Arc<dyn Store>) {
    tokio::time::sleep(BEFORE_CHECK).await;
    if let Err(error) = store.check().await {
        tracing::error!(%error, "the store was looked through after an end that was none");
    }
}

/// Collects metrics, and shows them there.
async fn measure(addr: SocketAddr, stopping: watch::Receiver<bool>) -> Result<Metrics, String> {
    let metrics = Metrics::init()?;
    metrics.look_at_runtime();
    let bound = metrics.serve(addr, stopping).await?;
    tracing::info!("metrics at http://{bound}/metrics");
    Ok(metrics)
}

async fn open_tls(config: &ServeConfig) -> Result<Option<Tls>, String> {
    match (&config.tls_cert, &config.tls_key) {
        (Some(cert), Some(key)) => {
            Tls::open(cert.clone(), key.clone()).await.map(Some).map_err(|error| error.to_string())
        }
        (None, None) => Ok(None),
        _ => Err("SISKIN_TLS_CERT and SISKIN_TLS_KEY go together: set both or neither".to_owned()),
    }
}

fn rules(config: &ServeConfig, own_url: &str) -> Rules {
    let public_url = match &config.public_url {
        Some(url) => url.as_str().to_owned(),
        None => own_url.to_owned(),
    };
    Rules {
        tweet_max_chars: usize::from(config.tweet_max_chars),
        throttle: config.throttle == Switch::On,
        secure_cookies: public_url.starts_with("https://"),
        public_url,
        cors_origins: config.cors_origins.iter().map(|url| url.as_str().to_owned()).collect(),
        trusted_proxies: config.trusted_proxies.iter().map(|network| network.0).collect(),
        role: config.role,
        command_url: config.command_url.as_ref().map(|url| url.as_str().to_owned()),
        query_url: config.query_url.as_ref().map(|url| url.as_str().to_owned()),
        community: Community::from(&config.community),
        providers: config.oidc.clone(),
    }
}

/// The address to open, and where we really listen if that is another.
fn ready_address(public_url: &str, own_url: &str) -> String {
    if public_url == own_url {
        own_url.to_owned()
    } else {
        format!("{public_url} (listening at {own_url})")
    }
}

async fn sweep(store: Arc<dyn Store>, services: Services, mut stopping: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(SWEEP) => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        if let Err(error) = store.sweep(services.clock.now()).await {
            tracing::warn!(%error, "could not forget what has expired");
        }
    }
}

/// After an upgrade that changed what the projections hold. What is left when the server stops is
/// done by the next one.
async fn reshape(store: Arc<dyn Store>, mut stopping: watch::Receiver<bool>) {
    loop {
        match store.reshape_projections().await {
            Ok(0) => return,
            Ok(events) => {
                tracing::info!(events, "made the projections anew, as this version wants them");
                return;
            }
            Err(error) => tracing::warn!(%error, "could not make the projections anew yet"),
        }
        tokio::select! {
            () = tokio::time::sleep(RESHAPE_AGAIN) => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
    }
}
