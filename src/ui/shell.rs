//! The document around the application: its head, and the script that starts the browser's half.

use super::App;
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
    let (script, module) = start(&options);
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
                <link rel="modulepreload" href=module nonce=nonce.clone() />
                <MetaTags />
            </head>
            <body>
                <App />
                <script type="module" nonce=nonce inner_html=script></script>
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

/// The script that starts the browser's half, and the module it loads. Written here since the
/// preload link of Leptos's own carries the nonce in `crossorigin`, which some browsers refuse.
fn start(options: &LeptosOptions) -> (String, String) {
    let (mut script_hash, mut wasm_hash) = (String::new(), "_bg".to_owned());
    if options.hash_files {
        for line in hashes(options).lines() {
            match line.split_once(':') {
                Some(("js", hash)) => script_hash = format!(".{}", hash.trim()),
                Some(("wasm", hash)) => wasm_hash = format!(".{}", hash.trim()),
                _ => {}
            }
        }
    }
    let base = format!("/{}/{}", options.site_pkg_dir, options.output_name);
    let module = format!("{base}{script_hash}.js");
    let script = format!(
        "import start,{{hydrate}} from \"{module}\";\
         await start({{module_or_path:\"{base}{wasm_hash}.wasm\"}});\
         hydrate();document.documentElement.dataset.hydrated=\"true\";"
    );
    (script, module)
}

/// The hashes in the files' names, as cargo-leptos wrote them beside the server.
#[cfg(feature = "ssr")]
fn hashes(options: &LeptosOptions) -> &'static str {
    use std::sync::OnceLock;
    static HASHES: OnceLock<String> = OnceLock::new();
    HASHES.get_or_init(|| {
        let file = std::env::current_exe()
            .ok()
            .and_then(|exe| Some(exe.parent()?.join(options.hash_file.as_ref())));
        file.and_then(|file| std::fs::read_to_string(file).ok())
            .unwrap_or_else(|| {
                tracing::error!(
                    "the file with the hashes is missing: build with cargo leptos build"
                );
                String::new()
            })
    })
}

#[cfg(not(feature = "ssr"))]
fn hashes(_: &LeptosOptions) -> &'static str {
    ""
}
