//! The folders, with what stands above and below them: the brand, "New message", the account.

use super::bulk;
use super::changes::Changes;
use super::fetch::{Awaited, derived};
use super::icon::Icon;
use super::mailbox::Mailbox;
use super::problem::Problem;
use super::quota::QuotaBar;
use super::route::{self, Page};
use super::words::folder_label;
use super::{browser, settings};
use crate::i18n::Key;
use crate::model::{Change, Folder, FolderRole, Space};
use leptos::prelude::*;

/// The side of the page. On a small screen a drawer that opens over it, without JavaScript too.
#[component]
pub fn Sidebar() -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let address = move || mailbox.here.account.get().map(|account| account.address);
    view! {
        <div class="sidebar" id="folders" popover="auto" on:click=close_on_link>
            <div class="sidebar-head">
                <a class="brand" href=route::folder("INBOX", 1)>
                    <Icon name="horn" />
                    <span>"Posthorn"</span>
                </a>
                <a class="button primary new-message" href="/compose">
                    <Icon name="pencil" />
                    <span>{locale.text(Key::NewMessage)}</span>
                </a>
            </div>
            <nav aria-label=locale.text(Key::FoldersTitle)>
                <Awaited fallback=move || view! { <FolderSkeleton /> }>
                    {move || {
                        mailbox
                            .folders
                            .get()
                            .map(|folders| match folders {
                                Ok(folders) => view! { <Tree folders /> }.into_any(),
                                Err(error) => view! { <Problem error /> }.into_any(),
                            })
                    }}
                </Awaited>
            </nav>
            <div class="sidebar-foot">
                <QuotaBar />
                <p class="account" title=address>{address}</p>
                <a href="/settings/appearance">{locale.text(Key::SettingsTitle)}</a>
                <settings::SignOut />
            </div>
        </div>
    }
}

/// A drawer that led somewhere has done its work.
fn close_on_link(event: leptos::ev::MouseEvent) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast as _;
        let link = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .and_then(|target| target.closest("a").ok().flatten());
        if link.is_some() {
            browser::close_popover("folders");
        }
    }
    let _ = (event, browser::close_popover);
}

#[component]
fn Tree(folders: Vec<Folder>) -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    // Own folders stand under a heading of their own, below those with a role.
    let (own, foreign): (Vec<_>, Vec<_>) = folders
        .into_iter()
        .partition(|folder| folder.space == Space::Own);
    let (with_role, own): (Vec<_>, Vec<_>) = own
        .into_iter()
        .partition(|folder| folder.role.is_some() && folder.depth == 0);
    let has_own = !own.is_empty();
    view! {
        <ul class="folders">{with_role.into_iter().map(|folder| view! { <Entry folder /> }).collect_view()}</ul>
        {has_own.then(|| view! { <h2 class="folders-title" id="own-folders">{locale.text(Key::FoldersOwn)}</h2> })}
        {has_own
            .then(|| {
                view! {
                    <ul class="folders" aria-labelledby="own-folders">
                        {own.into_iter().map(|folder| view! { <Entry folder /> }).collect_view()}
                    </ul>
                }
            })}
        <p class="folders-manage">
            <a class="folder" href=route::folder_settings(None)>{locale.text(Key::FoldersManage)}</a>
        </p>
        {[(Space::Others, Key::FoldersOthers, "others-folders"), (Space::Shared, Key::FoldersShared, "shared-folders")]
            .into_iter()
            .map(|(space, title, id)| {
                let folders: Vec<_> = foreign.iter().filter(|folder| folder.space == space).cloned().collect();
                (!folders.is_empty())
                    .then(|| {
                        view! {
                            <h2 class="folders-title" id=id>{locale.text(title)}</h2>
                            <ul class="folders" aria-labelledby=id>
                                {folders.into_iter().map(|folder| view! { <Entry folder /> }).collect_view()}
                            </ul>
                        }
                    })
            })
            .collect_view()}
    }
}

/// A folder of the tree.
#[component]
fn Entry(folder: Folder) -> impl IntoView {
    let mailbox = Mailbox::find();
    #[cfg(feature = "ssr")]
    return super::folder_html::entry(mailbox, &folder);
    #[cfg(not(feature = "ssr"))]
    view_of(mailbox, folder)
}

/// What beside a folder's name says how many messages it has.
pub(super) fn counted(role: Option<FolderRole>) -> Counted {
    match role {
        // In Drafts and in Trash "unread" says nothing; drafts are counted as such.
        Some(FolderRole::Drafts) => Counted::All,
        Some(FolderRole::Trash | FolderRole::Sent) => Counted::Nothing,
        _ => Counted::Unseen,
    }
}

/// See [`counted`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    Nothing,
    All,
    Unseen,
}

/// The folder as it lives in the browser. What is shown of it first, `folder_html` writes for the
/// server.
#[cfg_attr(
    feature = "ssr",
    allow(
        dead_code,
        reason = "the server writes it by hand, and a test compares"
    )
)]
pub(super) fn view_of(mailbox: Mailbox, folder: Folder) -> AnyView {
    let locale = mailbox.here.locale;
    let label = folder_label(locale, &folder);
    let class = format!("depth-{}", folder.depth.min(8));
    if !folder.selectable {
        return view! { <li class=class><span class="folder">{label}</span></li> }.into_any();
    }
    let name = folder.name.clone();
    let current = derived(move || match mailbox.page.get() {
        Page::Folder(folder) | Page::Message(folder, _) => folder == name,
        _ => false,
    });
    let counted = counted(folder.role);
    let drafts = counted == Counted::All;
    // What is dragged here goes here.
    let over = RwSignal::new(false);
    let takes = {
        let name = folder.name.clone();
        move || {
            let from = mailbox.list_now().map(|list| list.folder);
            mailbox.dragged.get_untracked().is_some() && from.as_ref() != Some(&name)
        }
    };
    let changes = Changes::find();
    let drop_here = {
        let (name, takes) = (folder.name.clone(), takes.clone());
        move |event: leptos::ev::DragEvent| {
            over.set(false);
            if !takes() {
                return;
            }
            event.prevent_default();
            let dragged = mailbox.dragged.get_untracked();
            mailbox.dragged.set(None);
            if let Some((list, uid)) = mailbox.list_now().zip(dragged) {
                let destination = name.clone();
                // Chosen rows go together.
                let alone = !untrack(|| mailbox.selection.has(uid));
                let row = alone.then_some(uid);
                let wish = bulk::wish_for(mailbox, &list, row, Change::Move, destination);
                if let Some(wish) = wish {
                    changes.run_chosen(wish);
                }
            }
        }
    };
    let drag_over = move |event: leptos::ev::DragEvent| {
        if takes() {
            event.prevent_default();
            over.set(true);
        }
    };
    let href = route::folder(&folder.name, 1);
    let rel = route::rel(&folder.name);
    let count = derived(move || match counted {
        Counted::All => mailbox.total(&folder),
        Counted::Nothing => 0,
        Counted::Unseen => mailbox.unseen(&folder),
    });
    let spoken = move || {
        let n = u64::from(count.get());
        if drafts {
            locale.count(Key::CountDraftsOne, Key::CountDraftsOther, n)
        } else {
            locale.count(Key::CountUnreadOne, Key::CountUnreadOther, n)
        }
    };
    view! {
        <li class=class>
            <a
                class="folder"
                class:over=move || over.get()
                on:dragover=drag_over
                on:dragleave=move |_| over.set(false)
                on:drop=drop_here
                class:quiet=drafts href=href rel=rel aria-current=move || current.get().then_some("page")>
                <span class="name">{label}</span>
                {move || {
                    (count.get() > 0)
                        .then(|| {
                            view! {
                                <span class="count" aria-hidden="true">{locale.number(u64::from(count.get()))}</span>
                                <span class="visually-hidden">", " {spoken()}</span>
                            }
                        })
                }}
            </a>
        </li>
    }
    .into_any()
}

#[component]
fn FolderSkeleton() -> impl IntoView {
    view! {
        <ul class="folders" aria-hidden="true">
            {(0..7).map(|_| view! { <li><span class="folder"><span class="bone"></span></span></li> }).collect_view()}
        </ul>
    }
}
