//! The list of messages: a folder, newest first, as a page of it without JavaScript, and as one
//! list that is scrolled with it.

use super::browser;
use super::bulk::Bulk;
use super::chunks::{Chunks, Search};
use super::fetch::Awaited;
use super::finding::Notes;
use super::folder_menu::FolderMenu;
use super::icon::Icon;
use super::list_tools::ListTools;
use super::mailbox::{Listed, Mailbox};
use super::problem::Problem;
use super::route::{self, Page};
use super::row::{Row, UnknownRow};
use super::rows::List;
use super::scroll::Scroller;
use super::suggest;
use super::table::Place;
use super::words::folder_label;
use crate::i18n::{Key, Locale};
use crate::model::{FolderRole, Listing, Window};
use leptos::prelude::*;

/// The pane with the list.
#[component]
pub fn ListPane() -> impl IntoView {
    let mailbox = Mailbox::find();
    let chunks = Chunks::find();
    let locale = mailbox.here.locale;
    // The list goes before what shows its name does, so nothing of its own is asked for it.
    let title = move || {
        let name = mailbox.list_key.get().map(|key| key.0).unwrap_or_default();
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
                            // How many hits of all folders there are is said above them.
                            .filter(|(.., found)| found.is_none())
                            .map(|(key, window, _)| {
                                let list = List::of(&window, key.1.clone());
                                let n = u64::from(total(mailbox, &list, window.total));
                                let (one, other) = if key.1.conversations {
                                    (Key::CountConversationsOne, Key::CountConversationsOther)
                                } else {
                                    (Key::CountMessagesOne, Key::CountMessagesOther)
                                };
                                // How a search ended is said.
                                let role = (!key.1.query.is_empty()).then_some("status");
                                view! {
                                    <p class="list-total" role=role>
                                        {locale.count(one, other, n)}
                                    </p>
                                }
                            })
                    }}
                </Awaited>
                <FolderMenu />
                <a class="icon-button middle-only" href="/compose" aria-label=locale.text(Key::NewMessage)>
                    <Icon name="pencil" />
                </a>
                <a
                    class="icon-button reload"
                    href=move || mailbox.list_address()
                    aria-label=locale.text(Key::ListReload)
                    title=locale.text(Key::ListReload)
                    on:click=move |event| {
                        // To follow the link, too, would close the message that is open.
                        if !browser::is_elsewhere(&event) {
                            event.prevent_default();
                            mailbox.reload();
                        }
                    }
                >
                    <Icon name="reload" />
                </a>
            </header>
            <ListTools />
            // Above what is scrolled, which is laid out by itself.
            <Awaited>{move || view! { <Bar mailbox chunks /> }}</Awaited>
            <Scroller>
                <Awaited fallback=move || view! { <Waiting mailbox chunks /> }>
                    {move || {
                        let shown = shown(&mailbox);
                        // What was chosen ends with its list: nobody would see it any more, and
                        // UIDs mean something in their folder only.
                        mailbox.selection.clear();
                        mailbox.chosen_hits.clear();
                        match shown {
                            Some(Ok((_, _, Some(page)))) => {
                                (move || chunks.search(Search::Everything(page.clone()))).into_any()
                            },
                            Some(Ok(((_, listing), window, None))) => {
                                view! { <Messages listing window /> }.into_any()
                            }
                            Some(Err(error)) => view! { <Problem error /> }.into_any(),
                            None => view! { <Waiting mailbox chunks /> }.into_any(),
                        }
                    }}
                </Awaited>
            </Scroller>
        </section>
    }
}

/// The list that the address asks for, unless the one at hand is still another.
fn shown(mailbox: &Mailbox) -> Option<Result<Listed, crate::model::Error>> {
    let key = mailbox.list_key.get()?;
    match mailbox.window.get()?? {
        Ok((known, ..)) if known != key => None,
        window => Some(window),
    }
}

/// What acts on the chosen ones of the list at hand.
#[component]
fn Bar(mailbox: Mailbox, chunks: Chunks) -> impl IntoView {
    move || {
        let key = mailbox.list_key.get()?;
        let (list, there) = mailbox.window.with(|window| match window {
            Some(Some(Ok((known, _, Some(page))))) if *known == key => Some((None, page.found)),
            Some(Some(Ok((known, window, None)))) if *known == key => {
                Some((Some(List::of(window, key.1.clone())), window.total))
            }
            _ => None,
        })?;
        let Some(list) = list else {
            return (there > 0).then(|| (move || chunks.search(Search::Bar)).into_any());
        };
        let role = role_of(mailbox, list.folder.clone());
        let none = Memo::new({
            let list = list.clone();
            move |_| total(mailbox, &list, there) == 0
        });
        let bar = move || {
            let list = list.clone();
            (!none.get()).then(|| view! { <Bulk list role=role.get() /> })
        };
        Some(bar.into_any())
    }
}

/// What shows until the list is there: of a search, what it has found.
#[component]
fn Waiting(mailbox: Mailbox, chunks: Chunks) -> impl IntoView {
    let searched = move || {
        mailbox
            .list_key
            .get()
            .is_some_and(|(_, listing)| !listing.query.is_empty())
    };
    move || {
        if searched() {
            chunks.search(Search::Underway)
        } else {
            view! { <ListSkeleton /> }.into_any()
        }
    }
}

/// How many rows the list has by now; before it has been begun with, what its window says.
fn total(mailbox: Mailbox, list: &List, begun: u32) -> u32 {
    if mailbox.rows.list().as_ref() == Some(list) {
        mailbox.rows.total()
    } else {
        begun
    }
}

/// What the folder is for.
fn role_of(mailbox: Mailbox, folder: String) -> Memo<Option<FolderRole>> {
    Memo::new(move |_| mailbox.folder(&folder).and_then(|folder| folder.role))
}

/// The rows. Rendered once a list: what comes and goes changes single rows.
#[component]
fn Messages(listing: Listing, window: Window) -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let rows = mailbox.rows;
    rows.begin(listing.clone(), &window);
    let list = List::of(&window, listing.clone());
    let Window {
        folder,
        page,
        pages,
        notes,
        ..
    } = window;
    let words = notes
        .as_ref()
        .map(|notes| notes.words.clone())
        .unwrap_or_default();
    let words = StoredValue::new(words);
    let role = role_of(mailbox, folder.clone());
    let searched = !listing.is_plain();
    let elsewhere = everywhere(mailbox.here.locale, &folder, &listing);
    let is_empty = Memo::new(move |_| rows.total() == 0);
    let pager = (pages > 1).then_some((folder, listing));
    move || {
        let notes = notes
            .clone()
            .map(|notes| view! { <Notes problems=notes.problems whole=notes.whole /> });
        if is_empty.get() {
            let elsewhere = elsewhere.clone();
            return view! {
                {notes}
                <Empty role=role.get() searched elsewhere />
            }
            .into_any();
        }
        let list = list.clone();
        let pager = pager.clone();
        view! {
            {notes}
            <ol class="messages" aria-label=locale.text(Key::ListTitle)>
                <For
                    each=move || rows.places()
                    key=|place| *place
                    children=move |place| match place {
                        Place::Row(uid) => {
                            rows.row_untracked(uid)
                                .map(|envelope| {
                                    let list = list.clone();
                                    view! { <Row envelope list page role=role.get_untracked() words /> }
                                })
                                .into_any()
                        }
                        Place::Unknown(_) => view! { <UnknownRow /> }.into_any(),
                    }
                />
            </ol>
            {pager.map(|(folder, listing)| view! { <Pager folder listing page pages /> })}
        }
        .into_any()
    }
}

#[component]
fn Pager(folder: String, listing: Listing, page: u32, pages: u32) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let position = locale.fill(
        Key::PagerPosition,
        &[
            ("page", &locale.number(u64::from(page))),
            ("pages", &locale.number(u64::from(pages))),
        ],
    );
    let newer = (page > 1).then(|| {
        view! { <a class="button" rel="prev" href=route::listed(&folder, &listing, page - 1)>{locale.text(Key::PagerNewer)}</a> }
    });
    let older = (page < pages).then(|| {
        view! { <a class="button" rel="next" href=route::listed(&folder, &listing, page + 1)>{locale.text(Key::PagerOlder)}</a> }
    });
    view! {
        <nav class="pager" aria-label=locale.text(Key::PagerTitle)>
            {newer} <span>{position}</span> {older}
        </nav>
    }
}

/// The `rel` of a link.
type Rel = Option<&'static str>;

/// The same search in all folders; nothing where it says itself where to look.
fn everywhere(locale: Locale, folder: &str, listing: &Listing) -> Option<(String, Rel)> {
    let query = listing.query.as_str();
    if query.is_empty() || suggest::says_where(query) {
        return None;
    }
    let place = suggest::everywhere(locale);
    let listing = Listing {
        query: format!("{query} {place}"),
        ..listing.clone()
    };
    Some((route::listed(folder, &listing, 1), route::rel(folder)))
}

/// An empty folder, said kindly. `elsewhere`: where there may be more.
#[component]
fn Empty(
    role: Option<FolderRole>,
    searched: bool,
    elsewhere: Option<(String, Rel)>,
) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let (title, text) = match role {
        _ if searched => (Key::SearchNothing, Key::SearchNothingText),
        Some(FolderRole::Inbox) => (Key::EmptyInbox, Key::EmptyInboxText),
        Some(FolderRole::Trash) => (Key::EmptyTrash, Key::EmptyTrashText),
        Some(FolderRole::Junk) => (Key::EmptyJunk, Key::EmptyJunkText),
        Some(FolderRole::Drafts) => (Key::EmptyDrafts, Key::EmptyDraftsText),
        _ => (Key::EmptyFolder, Key::EmptyFolderText),
    };
    view! {
        <div class="empty" role=searched.then_some("status")>
            <Icon name="horn" />
            <p class="empty-title">{locale.text(title)}</p>
            <p>{locale.text(text)}</p>
            {elsewhere
                .map(|(address, rel)| {
                    view! { <a class="button" href=address rel=rel>{locale.text(Key::SearchEverywhere)}</a> }
                })}
        </div>
    }
}

#[component]
fn ListSkeleton() -> impl IntoView {
    view! {
        <ol class="messages" aria-hidden="true">
            {(0..9).map(|_| view! { <UnknownRow /> }).collect_view()}
        </ol>
    }
}
