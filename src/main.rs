//! The server: read the configuration, serve.

use axum::Router;
use axum::routing::get;
use leptos::prelude::get_configuration;
use leptos_axum::{LeptosRoutes, generate_route_list};
use posthorn::server::config::Config;
use posthorn::ui::{App, shell};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            tracing::error!("{problem}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), String> {
    let text = std::fs::read_to_string("Leptos.toml").map_err(|e| format!("Leptos.toml: {e}"))?;
    let _config =
        Config::parse(&text, &|key| std::env::var(key).ok()).map_err(|e| e.to_string())?;
    let options = get_configuration(Some("Leptos.toml"))
        .map_err(|e| e.to_string())?
        .leptos_options;
    let address = options.site_addr;
    let routes = generate_route_list(App);
    let app = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .leptos_routes(&options, routes, {
            let options = options.clone();
            move || shell(options.clone())
        })
        .fallback(leptos_axum::file_and_error_handler::<
            leptos::config::LeptosOptions,
            _,
        >(shell))
        .with_state(options);
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .map_err(|e| format!("LEPTOS_SITE_ADDR: {address} cannot be listened on: {e}"))?;
    axum::serve(listener, app).await.map_err(|e| e.to_string())
}
