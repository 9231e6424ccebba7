//! Errors inside the application: what happened, what to do, and a way on.

use super::icon::Icon;
use super::route::{self, Page};
use super::title;
use super::visit::Here;
use super::words::error_text;
use crate::i18n::Key;
use crate::model::Error;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// An error in the place of what could not be shown. `heading` where the page has no other.
#[component]
pub fn Problem(error: Error, #[prop(optional)] heading: bool) -> impl IntoView {
    let locale = Here::find().locale;
    let location = use_location();
    let (what, mend) = error_text(locale, &error);
    let address = {
        let path = location.pathname.get_untracked();
        let search = location.search.get_untracked();
        if search.is_empty() {
            path
        } else {
            format!("{path}?{search}")
        }
    };
    let (href, label) = match error {
        Error::NotSignedIn | Error::PasswordRefused => (route::login(&address), Key::ProblemSignIn),
        Error::NoFolder | Error::NoMessage | Error::BadRequest => {
            (route::folder("INBOX", 1), Key::ProblemInbox)
        }
        Error::FolderChanged => {
            let folder = match route::page(&location.pathname.get_untracked()) {
                Page::Message(folder, _) | Page::Folder(folder) => folder,
                _ => route::query_value(&location.search.get_untracked(), "folder")
                    .filter(|folder| !folder.is_empty())
                    .unwrap_or_else(|| "INBOX".to_owned()),
            };
            (route::folder(&folder, 1), Key::ProblemReload)
        }
        _ => (address, Key::ProblemRetry),
    };
    view! {
        <div class="problem" role="alert">
            <Icon name="alert" />
            {if heading {
                view! { <h1>{what}</h1> }.into_any()
            } else {
                view! { <p class="problem-what">{what}</p> }.into_any()
            }}
            <p>{mend}</p>
            // A page of its own: the new start is the point.
            <a class="button" href=href rel="external">{locale.text(label)}</a>
        </div>
    }
}

/// No route fits.
#[component]
pub fn NoPage() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(options) = use_context::<leptos_axum::ResponseOptions>() {
        options.set_status(axum::http::StatusCode::NOT_FOUND);
    }
    let locale = Here::find().locale;
    title::tell_key(locale, Key::NoPageTitle);
    view! {
        <main class="lone">
            <div class="problem">
                <Icon name="alert" />
                <h1>{locale.text(Key::NoPageTitle)}</h1>
                <p>{locale.text(Key::NoPageText)}</p>
                <a class="button" href="/" rel="external">{locale.text(Key::ProblemInbox)}</a>
            </div>
        </main>
    }
}
