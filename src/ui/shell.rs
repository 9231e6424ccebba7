//! The document around the application: its head, and the script that starts the browser's half.

use super::App;
use super::icon::sprite;
use super::site_files::Files;
use crate::model::{Theme, Visit};
use leptos::prelude::*;
use leptos_meta::MetaTags;

/// The document, rendered by the server only.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let Visit {
        locale,
        compact,
        theme,
        ..
    } = begin();
    // The first that applies counts: by choice, else as the browser says.
    let chosen = match theme {
        Theme::System => None,
        Theme::Light => Some("#f4f3f0"),
        Theme::Dark => Some("#1b1a18"),
    };
    let chosen = chosen.map(|ground| view! { <meta name="theme-color" content=ground /> });
    let nonce = leptos::nonce::use_nonce();
    let files = Files::of(&options);
    // What the script would find out one after the other.
    let loader = files.loader.as_ref().map(|loader| {
        view! { <link rel="modulepreload" href=loader.clone() nonce=nonce.clone() /> }
    });
    let (path, query) = address();
    let chunks = files
        .chunks(&path, &query)
        .into_iter()
        .map(|file| {
            view! { <link rel="preload" r#as="fetch" r#type="application/wasm" crossorigin="anonymous" href=file /> }
        })
        .collect_view();
    view! {
        <!DOCTYPE html>
        <html lang=locale.tag() data-density=compact.then_some("compact") data-theme=theme.chosen()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta name="color-scheme" content=theme.scheme() />
                {chosen}
                <meta name="theme-color" content="#f4f3f0" media="(prefers-color-scheme: light)" />
                <meta name="theme-color" content="#1b1a18" media="(prefers-color-scheme: dark)" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="manifest" href="/manifest.webmanifest" />
                <leptos_meta::HashedStylesheet id="style" options=options />
                <link rel="modulepreload" href=files.module.clone() nonce=nonce.clone() />
                {loader}
                {chunks}
                <MetaTags />
            </head>
            <body>
                <App />
                {sprite()}
                <script type="module" nonce=nonce inner_html=start(files)></script>
            </body>
        </html>
    }
}

/// Sets the page's policy, and tells whose page it is.
#[cfg(feature = "ssr")]
fn begin() -> Visit {
    use crate::server::guard::page_policy;
    use axum::http::{HeaderValue, header};
    if let (Some(nonce), Some(options)) = (
        leptos::nonce::use_nonce(),
        use_context::<leptos_axum::ResponseOptions>(),
    ) && let Ok(value) = HeaderValue::from_str(&page_policy(&nonce))
    {
        options.insert_header(header::CONTENT_SECURITY_POLICY, value);
    }
    crate::server::pages::visit()
}

#[cfg(not(feature = "ssr"))]
fn begin() -> Visit {
    Visit::default()
}

/// Path and query of the page that is rendered.
#[cfg(feature = "ssr")]
fn address() -> (String, String) {
    use_context::<axum::http::request::Parts>()
        .map(|parts| {
            let query = parts.uri.query().unwrap_or_default();
            (parts.uri.path().to_owned(), query.to_owned())
        })
        .unwrap_or_default()
}

#[cfg(not(feature = "ssr"))]
fn address() -> (String, String) {
    (String::new(), String::new())
}

/// The script that starts the browser's half. Written here since the preload link of Leptos's own
/// carries the nonce in `crossorigin`, which some browsers refuse.
fn start(files: &Files) -> String {
    let Files { module, wasm, .. } = files;
    format!(
        "import start,{{hydrate}} from \"{module}\";\
         await start({{module_or_path:\"{wasm}\"}});\
         if(await hydrate())document.documentElement.dataset.hydrated=\"true\";"
    )
}
