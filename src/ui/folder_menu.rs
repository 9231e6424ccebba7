//! What can be done with the folder that is shown: marking all as read, emptying, changing it.

use super::browser;
use super::doing::Doing;
use super::fetch::Awaited;
use super::icon::Icon;
use super::mailbox::Mailbox;
use super::route;
use crate::api;
use crate::i18n::Key;
use crate::model::{Folder, FolderRole, Notice};
use leptos::prelude::*;

/// The question's id.
const EMPTYING: &str = "empty-folder";

/// The menu for the head of the list.
#[component]
pub fn FolderMenu() -> impl IntoView {
    view! {
        <Awaited>
            <Menu />
        </Awaited>
    }
}

/// All that is asked of a folder's messages as a whole is bounded by what the person can know of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    name: String,
    role: Option<FolderRole>,
    uid_validity: u32,
}

#[component]
fn Menu() -> impl IntoView {
    let mailbox = Mailbox::find();
    let folder = move || {
        let (name, ..) = mailbox.list_key.get()?;
        mailbox.folder(&name)
    };
    // The menu is made anew for another folder only: a count must not close it.
    let known = Memo::new(move |_| {
        folder()
            .filter(|folder| folder.selectable)
            .map(|folder| Known {
                name: folder.name,
                role: folder.role,
                uid_validity: folder.uid_validity,
            })
    });
    move || known.get().map(|known| view! { <Actions known /> })
}

#[component]
fn Actions(known: Known) -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let empty = match known.role {
        Some(FolderRole::Trash) => Some((Key::FolderMenuEmptyTrash, Key::EmptyingTitleTrash)),
        Some(FolderRole::Junk) => Some((Key::FolderMenuEmptyJunk, Key::EmptyingTitleJunk)),
        _ => None,
    };
    let counted = known.uid_validity > 0;
    let edit = route::folder_settings(Some(&known.name));
    let rel = route::rel(&known.name);
    let title = locale.text(Key::FolderMenuTitle);
    view! {
        <details class="menu folder-menu">
            <summary class="icon-button" aria-label=title title=title>
                <Icon name="more" />
            </summary>
            <div class="menu-panel">
                {counted.then(|| view! { <MarkAllRead known=known.clone() /> })}
                {empty
                    .filter(|_| counted)
                    .map(|(label, _)| {
                        view! {
                            <button type="button" class="menu-item" popovertarget=EMPTYING>
                                {locale.text(label)}
                            </button>
                        }
                    })}
                <a class="menu-item" href=edit rel=rel>{locale.text(Key::FolderMenuEdit)}</a>
            </div>
        </details>
        {empty.filter(|_| counted).map(move |(_, title)| view! { <Emptying known title /> })}
    }
}

/// The folder as it is known now, and the UID below which all its messages are that are known.
fn now(mailbox: &Mailbox, known: &Known) -> Option<(Folder, u32)> {
    let folder = mailbox.folder(&known.name)?;
    let shown = mailbox.window.get().flatten().and_then(Result::ok);
    // A message that came since the folders were counted may be shown already.
    let first = shown
        .filter(|(_, window, _)| {
            window.folder == known.name && window.uid_validity == known.uid_validity
        })
        .and_then(|(_, window, _)| window.envelopes.iter().map(|envelope| envelope.uid).max())
        .unwrap_or_default();
    let since = mailbox
        .rows
        .list()
        .filter(|list| list.folder == known.name && list.uid_validity == known.uid_validity)
        .and_then(|_| mailbox.rows.newest())
        .unwrap_or_default();
    let newest = first.max(since);
    let uid_next = folder.uid_next.max(newest.saturating_add(1));
    Some((folder, uid_next))
}

/// The fields that both forms have.
fn fields(mailbox: &Mailbox, known: &Known) -> impl IntoView + use<> {
    let back = route::folder(&known.name, 1);
    let uid_next = {
        let (mailbox, known) = (*mailbox, known.clone());
        move || now(&mailbox, &known).map_or(0, |(_, uid_next)| uid_next)
    };
    view! {
        <input type="hidden" name="folder" value=known.name.clone() />
        <input type="hidden" name="uid_validity" value=known.uid_validity />
        <input type="hidden" name="uid_next" value=uid_next />
        <input type="hidden" name="back" value=back />
    }
}

#[component]
fn MarkAllRead(known: Known) -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let doing = Doing::find();
    let fields = fields(&mailbox, &known);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        browser::close_menus();
        let Some((folder, uid_next)) = untrack(|| now(&mailbox, &known)) else {
            return;
        };
        let drift = mailbox.show_all_read(&folder);
        let call = api::folders::mark_all_read(
            folder.name.clone(),
            known.uid_validity,
            uid_next,
            String::new(),
        );
        let put_right = move || mailbox.drift(&folder.name, -drift);
        doing.run_or(call, Notice::AllRead, None, put_right);
    };
    view! {
        <form method="post" action="/api/mark_all_read" class="change" on:submit=submit>
            {fields}
            <button type="submit" class="menu-item">
                {locale.text(Key::FolderMenuRead)}
            </button>
        </form>
    }
}

/// Asks before all of it is gone for ever.
#[component]
fn Emptying(known: Known, title: Key) -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let doing = Doing::find();
    let back = route::folder(&known.name, 1);
    let fields = fields(&mailbox, &known);
    let text = {
        let known = known.clone();
        move || {
            let total = now(&mailbox, &known).map_or(0, |(folder, _)| mailbox.total(&folder));
            let messages = locale.count(
                Key::CountMessagesOne,
                Key::CountMessagesOther,
                u64::from(total),
            );
            locale.fill(Key::FoldersDeleteMessages, &[("messages", &messages)])
        }
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        browser::close_menus();
        browser::close_popover(EMPTYING);
        let Some((folder, uid_next)) = untrack(|| now(&mailbox, &known)) else {
            return;
        };
        let call =
            api::folders::empty_folder(folder.name, known.uid_validity, uid_next, String::new());
        doing.run(call, Notice::Emptied, Some(back.clone()));
    };
    view! {
        <div class="dialog" id=EMPTYING popover="auto" role="dialog" aria-labelledby="empty-title">
            <h2 id="empty-title">{locale.text(title)}</h2>
            <p>{text}</p>
            <div class="dialog-buttons">
                <button type="button" class="button" autofocus popovertarget=EMPTYING popovertargetaction="hide">
                    {locale.text(Key::Cancel)}
                </button>
                <form method="post" action="/api/empty_folder" class="change" on:submit=submit>
                    {fields}
                    <button type="submit" class="button danger">
                        {locale.text(Key::DeleteConfirm)}
                    </button>
                </form>
            </div>
        </div>
    }
}
