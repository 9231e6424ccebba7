//! The list of messages: a page of a folder, newest first.

use super::fetch::Awaited;
use super::icon::Icon;
use super::mailbox::Mailbox;
use super::problem::Problem;
use super::route::{self, Page};
use super::row::Row;
use super::words::folder_label;
use crate::i18n::Key;
use crate::model::{FolderRole, Window};
use leptos::prelude::*;

/// The pane with the list.
#[component]
pub fn ListPane() -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let name = Memo::new(move |_| mailbox.list_key.get().map(|key| key.0).unwrap_or_default());
    let title = move || {
        let name = name.get();
        mailbox.folder(&name).map_or_else(
            || {
                if name.eq_ignore_ascii_case("INBOX") {
                    locale.text(Key::FolderInbox).to_owned()
                } else {
                    name.clone()
                }
            },
            |folder| folder_label(locale, &folder),
        )
    };
    // The message's subject is the page's heading where there is a message.
    let heading = move || {
        if matches!(mailbox.page.get(), Page::Message(..)) {
            view! { <h2 class="list-title" dir="auto">{title()}</h2> }.into_any()
        } else {
            view! { <h1 class="list-title" dir="auto">{title()}</h1> }.into_any()
        }
    };
    view! {
        <section class="list-pane" aria-label=locale.text(Key::ListTitle)>
            <header class="list-head">
                <button
                    type="button"
                    class="icon-button drawer-button"
                    popovertarget="folders"
                    aria-label=locale.text(Key::FoldersTitle)
                >
                    <Icon name="menu" />
                </button>
                <Awaited>{heading}</Awaited>
                <Awaited>
                    {move || {
                        shown(&mailbox)
                            .and_then(Result::ok)
                            .map(|window| {
                                let n = u64::from(window.total);
                                view! {
                                    <p class="list-total">
                                        {locale.count(Key::CountMessagesOne, Key::CountMessagesOther, n)}
                                    </p>
                                }
                            })
                    }}
                </Awaited>
                <a class="icon-button middle-only" href="/compose" aria-label=locale.text(Key::NewMessage)>
                    <Icon name="pencil" />
                </a>
                <a
                    class="icon-button reload"
                    href=move || route::folder(&name.get(), 1)
                    aria-label=locale.text(Key::ListReload)
                    title=locale.text(Key::ListReload)
                    on:click=move |_| mailbox.reload()
                >
                    <Icon name="reload" />
                </a>
            </header>
            <div class="list-body">
                <Awaited fallback=move || view! { <ListSkeleton /> }>
                    {move || match shown(&mailbox) {
                        Some(Ok(window)) if window.total == 0 => view! { <Empty window /> }.into_any(),
                        Some(Ok(window)) => view! { <Rows window /> }.into_any(),
                        Some(Err(error)) => view! { <Problem error /> }.into_any(),
                        None => view! { <ListSkeleton /> }.into_any(),
                    }}
                </Awaited>
            </div>
        </section>
    }
}

/// The list that the address asks for, unless the one at hand is still another.
fn shown(mailbox: &Mailbox) -> Option<Result<Window, crate::model::Error>> {
    let (folder, page) = mailbox.list_key.get()?;
    let window = mailbox.window.get()??;
    match window {
        // A page beyond the last is shown as the last.
        Ok(window) if window.folder != folder || (window.page != page && page <= window.pages) => {
            None
        }
        window => Some(window),
    }
}

#[component]
fn Rows(window: Window) -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let Window {
        folder,
        uid_validity,
        page,
        pages,
        envelopes,
        ..
    } = window;
    let role = mailbox.folder(&folder).and_then(|folder| folder.role);
    let name = folder.clone();
    view! {
        <ol class="messages" aria-label=locale.text(Key::ListTitle)>
            {envelopes
                .into_iter()
                .map(|envelope| {
                    let folder = folder.clone();
                    view! { <Row envelope folder uid_validity page role /> }
                })
                .collect_view()}
        </ol>
        {(pages > 1).then(move || view! { <Pager folder=name page pages /> })}
    }
}

#[component]
fn Pager(folder: String, page: u32, pages: u32) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let position = locale.fill(
        Key::PagerPosition,
        &[
            ("page", &locale.number(u64::from(page))),
            ("pages", &locale.number(u64::from(pages))),
        ],
    );
    let newer = (page > 1).then(|| {
        view! { <a class="button" rel="prev" href=route::folder(&folder, page - 1)>{locale.text(Key::PagerNewer)}</a> }
    });
    let older = (page < pages).then(|| {
        view! { <a class="button" rel="next" href=route::folder(&folder, page + 1)>{locale.text(Key::PagerOlder)}</a> }
    });
    view! {
        <nav class="pager" aria-label=locale.text(Key::PagerTitle)>
            {newer} <span>{position}</span> {older}
        </nav>
    }
}

/// An empty folder, said kindly.
#[component]
fn Empty(window: Window) -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let role = mailbox
        .folder(&window.folder)
        .and_then(|folder| folder.role);
    let (title, text) = match role {
        Some(FolderRole::Inbox) => (Key::EmptyInbox, Key::EmptyInboxText),
        Some(FolderRole::Trash) => (Key::EmptyTrash, Key::EmptyTrashText),
        Some(FolderRole::Junk) => (Key::EmptyJunk, Key::EmptyJunkText),
        Some(FolderRole::Drafts) => (Key::EmptyDrafts, Key::EmptyDraftsText),
        _ => (Key::EmptyFolder, Key::EmptyFolderText),
    };
    view! {
        <div class="empty">
            <Icon name="horn" />
            <p class="empty-title">{locale.text(title)}</p>
            <p>{locale.text(text)}</p>
        </div>
    }
}

#[component]
fn ListSkeleton() -> impl IntoView {
    view! {
        <ol class="messages" aria-hidden="true">
            {(0..9)
                .map(|_| {
                    view! {
                        <li class="row-item">
                            <span class="row">
                                <span class="row-top"><span class="bone"></span></span>
                                <span class="row-subject"><span class="bone wide"></span></span>
                                <span class="row-snippet"><span class="bone wider"></span></span>
                            </span>
                        </li>
                    }
                })
                .collect_view()}
        </ol>
    }
}
