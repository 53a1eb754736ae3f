//! `siskin serve`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use siskin_server::application::{OsEntropy, Rules, Services, SystemClock};
use siskin_server::config::{ServeConfig, Switch};
use siskin_server::http::{self, serve};
use siskin_server::storage::Store;
use siskin_server::telemetry;
use tokio::net::TcpListener;
use tokio::sync::watch;

#[cfg(feature = "kafka")]
use super::relay;
use super::{demo, open_store, print_line};

/// How often expired sessions and kept answers are forgotten.
const SWEEP: Duration = Duration::from_secs(600);

/// Serves until SIGTERM or SIGINT, then drains.
pub(crate) async fn run(config: ServeConfig) -> Result<(), String> {
    if config.demo && !config.role.writes() {
        return Err(
            "SISKIN_DEMO fills the store, which SISKIN_ROLE=query must not; leave one away"
                .to_owned(),
        );
    }
    telemetry::init_logs(&config.log, config.log_format);
    let (stop, stopping) = watch::channel(false);
    if let Some(addr) = config.metrics_addr {
        let handle = telemetry::init_metrics()?;
        let bound = telemetry::serve_metrics(addr, handle, stopping.clone()).await?;
        tracing::info!("metrics at http://{bound}/metrics");
    }
    let listener = TcpListener::bind(config.addr)
        .await
        .map_err(|error| format!("SISKIN_ADDR: can't listen on {}: {error}", config.addr))?;
    let bound = listener.local_addr().map_err(|error| error.to_string())?;
    let rules = rules(&config, bound);
    let public_url = rules.public_url.clone();
    let store = open_store(&config.store).await?;
    let services =
        Services::new(Arc::clone(&store), rules, Arc::new(SystemClock), Arc::new(OsEntropy));
    if config.demo {
        demo::fill(&store).await?;
    }
    if config.throttle == Switch::Off {
        tracing::warn!("SISKIN_THROTTLE is off: nothing slows a guesser of passwords down");
    }
    let sweeper = config
        .role
        .writes()
        .then(|| tokio::spawn(sweep(Arc::clone(&store), services.clone(), stopping.clone())));
    #[cfg(feature = "kafka")]
    let relaying = relay::start(&config, &public_url, &store, stopping.clone());
    let router = http::router(services.clone(), stopping.clone());
    let limits = serve::Limits {
        connections_per_address: (config.throttle == Switch::On)
            .then_some(serve::Limits::PER_ADDRESS),
        ..serve::Limits::default()
    };
    let serving = tokio::spawn(serve::serve(listener, router, stopping, limits));
    print_line(&format!("Siskin is ready at {}", ready_address(&public_url, bound)))?;
    wait_for_signal().await?;
    tracing::info!("stopping: requests in progress may end");
    let _ = stop.send(true);
    let _ = serving.await;
    #[cfg(feature = "kafka")]
    relay::stopped(relaying).await;
    if let Some(sweeper) = sweeper {
        sweeper.abort();
    }
    services.stop().await;
    store.close().await;
    tracing::info!("stopped");
    Ok(())
}

fn rules(config: &ServeConfig, bound: SocketAddr) -> Rules {
    let public_url = match &config.public_url {
        Some(url) => url.as_str().to_owned(),
        None => format!("http://{bound}"),
    };
    Rules {
        tweet_max_chars: usize::from(config.tweet_max_chars),
        throttle: config.throttle == Switch::On,
        secure_cookies: public_url.starts_with("https://"),
        public_url,
        cors_origins: config.cors_origins.iter().map(|url| url.as_str().to_owned()).collect(),
        role: config.role,
        command_url: config.command_url.as_ref().map(|url| url.as_str().to_owned()),
        query_url: config.query_url.as_ref().map(|url| url.as_str().to_owned()),
    }
}

/// The address to open, and where we really listen if that is another.
fn ready_address(public_url: &str, bound: SocketAddr) -> String {
    let local = format!("http://{bound}");
    if public_url == local { local } else { format!("{public_url} (listening at {local})") }
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

#[cfg(unix)]
async fn wait_for_signal() -> Result<(), String> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).map_err(|error| format!("can't listen for signals: {error}"));
    let mut term = listen(SignalKind::terminate())?;
    let mut int = listen(SignalKind::interrupt())?;
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn wait_for_signal() -> Result<(), String> {
    tokio::signal::ctrl_c().await.map_err(|error| error.to_string())
}
