//! Everything behind the sign-in: the folders at the side, and what the address asks for. Mounted
//! once; going from page to page changes only what differs.

use super::browser;
use super::chunks::{Chunks, Desk};
use super::fetch::Awaited;
use super::folders::Sidebar;
use super::icon::Icon;
use super::list::ListPane;
use super::mailbox::Mailbox;
use super::palette::Keyboard;
use super::problem::NoPage;
use super::reader::ReaderPane;
use super::route::{self, Page, SettingsPage};
use super::title;
use super::toasts::Toasts;
use super::words::folder_label;
use crate::i18n::Key;
use leptos::prelude::*;
use leptos_router::components::Outlet;

/// What the main part of the page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Main {
    Mail,
    Compose,
    Settings,
    Other,
}

/// The frame of the application.
#[component]
pub fn Workspace() -> impl IntoView {
    let mailbox = Mailbox::provide();
    let locale = mailbox.here.locale;
    let chunks = Chunks::find();
    browser::watch_menus();
    keep_history();
    let main = Memo::new(move |_| match mailbox.page.get() {
        Page::Folder(_) | Page::Message(..) => Main::Mail,
        Page::Compose => Main::Compose,
        Page::Settings(_) => Main::Settings,
        Page::Other => Main::Other,
    });
    let kind = move || match mailbox.page.get() {
        Page::Folder(_) => "folder",
        Page::Message(..) => "message",
        Page::Compose => "compose",
        Page::Settings(_) => "settings",
        Page::Other => "other",
    };
    view! {
        <Awaited>
            <PageTitle />
        </Awaited>
        <a class="skip" href="#main" rel="external">{locale.text(Key::SkipToMain)}</a>
        <div class="app" data-page=kind>
            <Sidebar />
            <main id="main" tabindex="-1">
                {move || match main.get() {
                    Main::Mail => {
                        view! {
                            <ListPane />
                            <ReaderPane />
                        }
                            .into_any()
                    }
                    Main::Compose => chunks.desk(Desk::Composer),
                    Main::Settings => chunks.desk(Desk::Settings),
                    Main::Other => view! { <NoPage /> }.into_any(),
                }}
            </main>
            <Tabs />
        </div>
        <Toasts />
        <Keyboard />
        // Empty, but its being there tells the router that a page has arrived.
        <Outlet />
    }
}

/// The title: how many are unread, then what is shown.
#[component]
fn PageTitle() -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let title = Memo::new(move |_| {
        let unseen = mailbox
            .folders
            .get()
            .and_then(Result::ok)
            .and_then(|folders| {
                folders
                    .iter()
                    .find(|folder| folder.role == Some(crate::model::FolderRole::Inbox))
                    .map(|inbox| mailbox.unseen(inbox))
            })
            .unwrap_or_default();
        let what = match mailbox.page.get() {
            Page::Folder(name) => mailbox
                .folder(&name)
                .map_or(name, |folder| folder_label(locale, &folder)),
            Page::Message(..) => match mailbox.message.get() {
                Some(Some(Err(_))) => locale.text(Key::NoPageTitle).to_owned(),
                message => {
                    let subject = match message {
                        Some(Some(Ok(message))) => Some(message.subject),
                        _ => mailbox.subject_at_hand(),
                    };
                    match subject {
                        Some(subject) if subject.trim().is_empty() => {
                            locale.text(Key::NoSubject).to_owned()
                        }
                        subject => subject.unwrap_or_default(),
                    }
                }
            },
            Page::Compose => locale.text(Key::NewMessage).to_owned(),
            Page::Settings(SettingsPage::Folders) => locale.text(Key::FoldersTitle).to_owned(),
            Page::Settings(_) => locale.text(Key::SettingsTitle).to_owned(),
            Page::Other => locale.text(Key::NoPageTitle).to_owned(),
        };
        let count = if unseen > 0 {
            format!("({}) ", locale.number(u64::from(unseen)))
        } else {
            String::new()
        };
        format!("{count}{what} – Posthorn")
    });
    title::tell(move || title.get());
}

/// The bar at the foot of a small screen.
#[component]
fn Tabs() -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let mail =
        move || matches!(mailbox.page.get(), Page::Folder(_) | Page::Message(..)).then_some("page");
    let settings = move || matches!(mailbox.page.get(), Page::Settings(_)).then_some("page");
    view! {
        <a class="float-button" href="/compose" aria-label=locale.text(Key::NewMessage)>
            <Icon name="pencil" />
        </a>
        <nav class="tabs" aria-label=locale.text(Key::TabsTitle)>
            <a href=route::folder("INBOX", 1) aria-current=mail>
                <Icon name="inbox" />
                <span>{locale.text(Key::TabMail)}</span>
            </a>
            <button type="button" popovertarget="folders">
                <Icon name="folder" />
                <span>{locale.text(Key::FoldersTitle)}</span>
            </button>
            <a href="/settings/appearance" aria-current=settings>
                <Icon name="settings" />
                <span>{locale.text(Key::SettingsTitle)}</span>
            </a>
        </nav>
    }
}

/// leptos_router keeps what was pushed to the history, and does not push what is on top there; but of
/// a way forward it does not learn. Told where one is by replacing it, it does, or the next page that
/// was open before would not get its address.
#[cfg(feature = "hydrate")]
fn keep_history() {
    use leptos_router::NavigateOptions;
    let navigate = leptos_router::hooks::use_navigate();
    let moved = window_event_listener(leptos::ev::popstate, move |_| {
        let location = location();
        let part = |part: Result<String, _>| part.unwrap_or_default();
        let address = part(location.pathname()) + &part(location.search()) + &part(location.hash());
        let options = NavigateOptions {
            resolve: false,
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate(&address, options);
    });
    on_cleanup(move || moved.remove());
}

#[cfg(not(feature = "hydrate"))]
fn keep_history() {}
