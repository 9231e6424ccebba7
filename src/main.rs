//! The server: read the configuration, build the state, serve.

use posthorn::server::config::Config;
use posthorn::server::http::{leptos_options, router};
use posthorn::server::state::AppState;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

/// A page is made of thousands of small pieces: a third of its time was in the allocator of the C
/// library.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Stack of a worker: pages nest deeply, and so do the structures that mails claim to have.
const STACK: usize = 16 << 20;

/// How long the end waits for mails that are on their way.
const LAST_DELIVERIES: Duration = Duration::from_mins(1);

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")),
        )
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK)
        .build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(serve()),
        Err(error) => Err(error.to_string()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            tracing::error!("{problem}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), String> {
    let path = std::env::var("POSTHORN_CONFIG").unwrap_or_else(|_| "Leptos.toml".to_owned());
    let text = std::fs::read_to_string(&path).map_err(|error| {
        format!("{path}: {error}; start Posthorn where the file is, or name it in POSTHORN_CONFIG")
    })?;
    let config =
        Config::parse(&text, &|key| std::env::var(key).ok()).map_err(|error| error.to_string())?;
    let options = leptos_options(&path)?;
    let address = options.site_addr;
    let state = AppState::new(config, options).map_err(|error| error.to_string())?;
    state
        .storage
        .prepare()
        .await
        .map_err(|error| error.to_string())?;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| format!("LEPTOS_SITE_ADDR: {address} cannot be listened on: {error}"))?;
    tracing::info!("Posthorn listens on http://{address}");
    tokio::spawn(state.clone().keep_tidy());
    let deliveries = state.clone();
    let ending = state.clone();
    axum::serve(
        listener,
        router(state).into_make_service_with_connect_info::<SocketAddr>(),
    )
    .with_graceful_shutdown(async move {
        asked_to_end().await;
        // Open streams would be waited for.
        ending.events.close();
    })
    .await
    .map_err(|error| error.to_string())?;
    // A mail whose browser has gone is sent and filed all the same.
    if tokio::time::timeout(LAST_DELIVERIES, deliveries.sent.finished())
        .await
        .is_err()
    {
        tracing::warn!("a mail was still being delivered");
    }
    Ok(())
}

/// Waits for Ctrl-C, or for the operator's SIGTERM.
async fn asked_to_end() {
    let interrupt = tokio::signal::ctrl_c();
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = interrupt => {}
        () = terminate => {}
    }
}
