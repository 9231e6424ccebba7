//! Posthorn, a webmail for any IMAP mailbox.
//!
//! The way of the data, in one direction: a form or link in [`ui`] → a server function in [`api`]
//! → `server` (one session, one IMAP engine) → `mail` (pure) → [`model`] → [`ui`].
//!
//! * [`model`]: what both halves say to each other.
//! * [`api`]: the server functions.
//! * [`ui`]: the components, rendered by the server and taken over by the browser.
//! * `mail` (server only): what mail means; no I/O.
//! * `server` (server only): configuration, HTTP, sessions, IMAP, SMTP.

// view! nests types deeply.
#![recursion_limit = "512"]

#[cfg(all(feature = "ssr", feature = "hydrate"))]
compile_error!(
    "the features `ssr` (the server) and `hydrate` (the browser) exclude each other: \
     build one at a time, never with --all-features"
);
#[cfg(not(any(feature = "ssr", feature = "hydrate")))]
compile_error!(
    "choose a half: --features ssr for the server, \
     or --features hydrate --target wasm32-unknown-unknown for the browser"
);
#[cfg(all(feature = "hydrate", not(target_arch = "wasm32")))]
compile_error!(
    "the feature `hydrate` is the browser's half: build it with --target wasm32-unknown-unknown"
);

pub mod api;
pub mod model;

#[cfg(feature = "ssr")]
pub mod mail;

pub mod i18n;

#[cfg(feature = "ssr")]
pub mod server;

pub mod ui;

/// The browser's entry: takes over the page that the server sent; `false` if what it shows could not
/// be loaded, and it stays as it is.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub async fn hydrate() -> bool {
    use leptos::prelude::{provide_context, window};
    use ui::chunks::{self, Chunks};
    // A stack of functions without names would say no more.
    std::panic::set_hook(Box::new(|panic| {
        leptos::logging::error!("{panic}");
    }));
    let location = window().location();
    let path = location.pathname().unwrap_or_default();
    let query = location.search().unwrap_or_default();
    let needed = chunks::needed(&path, query.trim_start_matches('?'));
    for chunk in &needed {
        if !chunks::load(*chunk).await {
            return false;
        }
    }
    leptos::mount::hydrate_body(move || {
        let chunks = Chunks::new(&needed);
        provide_context(chunks);
        chunks.fetch_when_idle();
        leptos::prelude::IntoView::into_view(ui::App())
    });
    true
}
