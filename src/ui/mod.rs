//! The components. The server renders them to HTML; the browser takes the same ones over.
//!
//! Every action is a link or a form that works by itself. Where the browser's half runs, it takes
//! the click or the submission and does the same without loading a page.

mod assurance;
mod at_hand;
mod attachments;
mod beside;
pub mod body_frame;
pub mod browser;
mod bulk;
mod by_folder;
mod cards;
mod change_form;
mod changes;
mod choice;
pub(crate) mod chunks;
pub mod colours;
mod commands;
mod composer;
mod composer_form;
mod connection;
pub mod conversation;
mod direction;
mod doing;
mod fetch;
mod file_kind;
mod finding;
mod folder_editor;
#[cfg(feature = "ssr")]
mod folder_html;
pub mod folder_menu;
mod folder_settings;
mod folders;
pub mod highlight;
mod hits;
mod hits_bar;
#[cfg(feature = "ssr")]
mod html;
mod icon;
mod invitation;
mod late;
mod letters;
mod list;
mod list_tools;
mod live;
mod login;
mod mailbox;
mod marked;
mod move_form;
mod nested;
mod one_press;
mod palette;
mod previews;
mod problem;
pub mod query_words;
mod quota;
mod reader;
mod recent;
mod remote;
pub mod route;
mod row;
#[cfg(feature = "ssr")]
mod row_html;
mod rows;
mod scroll;
mod search_box;
mod selection;
mod settings;
mod shell;
mod site_files;
mod stream;
mod submission;
mod suggest;
mod swipe;
mod table;
mod textarea;
mod title;
mod toasts;
mod toolbar;
mod upload;
mod visit;
pub mod words;
mod workspace;

pub use shell::shell;

use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};
use visit::Here;

/// The application and its routes.
#[component]
pub fn App() -> impl IntoView {
    #[cfg(feature = "ssr")]
    leptos_meta::provide_meta_context();
    #[cfg(feature = "ssr")]
    title::tell(|| "Posthorn".to_owned());
    Here::provide();
    chunks::Chunks::provide();
    browser::tell_time_zone();
    // The workspace reads the address itself and stays mounted from route to route.
    let nothing = || ();
    let login = || {
        let chunks = chunks::Chunks::find();
        move || chunks.entry()
    };
    view! {
        <Router>
            <Routes fallback=problem::NoPage>
                <Route path=path!("/login") view=login ssr=SsrMode::Async />
                <ParentRoute path=path!("") view=workspace::Workspace ssr=SsrMode::Async>
                    <Route path=path!("/mail/:folder") view=nothing ssr=SsrMode::Async />
                    <Route path=path!("/mail/:folder/:uid") view=nothing ssr=SsrMode::Async />
                    <Route path=path!("/compose") view=nothing ssr=SsrMode::Async />
                    <Route path=path!("/settings") view=nothing ssr=SsrMode::Async />
                    <Route path=path!("/settings/appearance") view=nothing ssr=SsrMode::Async />
                    <Route path=path!("/settings/folders") view=nothing ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
