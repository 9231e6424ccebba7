//! The routes and what every request passes on its way to them.

use super::state::AppState;
use super::{
    archive, body, download, event_stream, guard, operators, pages, preview, print, submit, visitor,
};
use crate::ui::{App, shell};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use leptos::config::LeptosOptions;
use leptos::prelude::provide_context;
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list};
use std::any::Any;
use std::path::Path;
use std::sync::OnceLock;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::services::{ServeDir, ServeFile};

/// Octets of a body but for the composer's, which bounds its own.
const BODY_LIMIT: usize = 256 << 10;

/// What `public/` holds.
const PUBLIC: [&str; 2] = ["favicon.svg", "manifest.webmanifest"];

/// The whole server.
pub fn router(state: AppState) -> Router {
    // Once a process: while Leptos collects the routes it keeps all pages from their data, those of
    // another router too, and they would wait for ever.
    static ROUTES: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();
    let routes = ROUTES.get_or_init(|| generate_route_list(App)).clone();
    let options = state.leptos.clone();
    let context = {
        let state = state.clone();
        move || provide_context(state.clone())
    };
    Router::new()
        .route("/mail/{folder}/{uid}/body", get(body::body))
        .route(crate::ui::body_frame::WAITING, get(body::waiting))
        .route(
            "/mail/{folder}/{uid}/attachment/{part}",
            get(download::attachment),
        )
        .route(
            "/mail/{folder}/{uid}/attachments.zip",
            get(archive::archive),
        )
        .route("/mail/{folder}/{uid}/preview/{part}", get(preview::preview))
        .route("/mail/{folder}/{uid}/print", get(print::print))
        .route(
            "/mail/{folder}/{uid}/tnef/{part}/{index}",
            get(super::wrapped::wrapped_file),
        )
        .route(
            "/mail/{folder}/{uid}/unsubscribe",
            get(super::leaving::unsubscribe_page),
        )
        .route("/mail/{folder}/{uid}/source", get(download::source))
        .route("/api/search", post(super::searching::search))
        .leptos_routes_with_context(&state, routes, context.clone(), {
            let options = options.clone();
            move || shell(options.clone())
        })
        .fallback(leptos_axum::render_app_async_with_context(context, {
            let options = options.clone();
            move || shell(options.clone())
        }))
        .merge(assets(&options))
        .layer(from_fn(super::apart::own_arena))
        .layer(from_fn_with_state(state.clone(), super::load::load))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn(super::route::tell_status))
        .layer(from_fn(super::finishing::finish_changes))
        .layer(from_fn(|request, next| {
            guard::bound_body(BODY_LIMIT, request, next)
        }))
        .route(
            "/api/submit/{intent}",
            post(submit::submit).layer(DefaultBodyLimit::disable()),
        )
        .route(event_stream::PATH, get(event_stream::events))
        .route("/remote/{token}", get(super::remote::image))
        .route("/placed/{token}", get(super::placed::placed))
        .layer(from_fn_with_state(state.clone(), pages::lead_to_sign_in))
        .layer(from_fn_with_state(state.clone(), visitor::find))
        .layer(from_fn(guard::refuse_cross_site))
        // Operators ask this often; it needs none of the above.
        .route("/healthz", get(operators::healthz))
        .route("/readyz", get(operators::readyz))
        .route("/metrics", get(operators::metrics))
        .layer(from_fn_with_state(state.clone(), operators::count))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(guard::add_headers))
        .with_state(state)
}

/// The files of the site. Leptos's own handler for them finds the answer of whatever page the
/// thread has in hand, and takes its headers and its status.
fn assets(options: &LeptosOptions) -> Router<AppState> {
    let root = Path::new(&*options.site_root);
    let package = ServeDir::new(root.join(&*options.site_pkg_dir))
        .precompressed_br()
        .precompressed_gzip();
    let router = Router::new().nest_service(&format!("/{}", options.site_pkg_dir), package);
    PUBLIC.iter().fold(router, |router, name| {
        let file = ServeFile::new(root.join(name))
            .precompressed_br()
            .precompressed_gzip();
        router.route_service(&format!("/{name}"), file)
    })
}

/// A panic is a bug of ours: logged by its hook, and told without its words.
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a request panicked");
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        "Something went wrong. Please try again.\n",
    )
        .into_response()
}

/// Reads Leptos's options from the configuration file's text and the environment.
pub fn leptos_options(path: &str) -> Result<LeptosOptions, String> {
    leptos::prelude::get_configuration(Some(path))
        .map(|file| file.leptos_options)
        .map_err(|error| format!("{path}: {error}"))
}
