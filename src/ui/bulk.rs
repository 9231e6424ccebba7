//! The bar with what can be done to the chosen messages: one form, whose boxes stand in the rows.
//! Without JavaScript it shows as soon as a box is ticked (by the style sheet), and sends them.

use super::browser;
use super::changes::{Changes, Uids, Wish};
use super::icon::Icon;
use super::mailbox::Mailbox;
use super::move_form::FolderChoice;
use super::rows::List;
use super::selection::Chosen;
use crate::i18n::Key;
use crate::model::{Change, FolderRole};
use leptos::prelude::*;

/// The form's id, by which the boxes in the rows belong to it.
pub const FORM: &str = "bulk";

/// The bar for `list`. Only moving wants a folder, so the other buttons do not ask for one.
#[component]
pub fn Bulk(list: List, role: Option<FolderRole>) -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let selection = mailbox.selection;
    let changes = Changes::find();
    let target = NodeRef::<leptos::html::Select>::new();
    let count = move || selection.count(mailbox.rows.total());
    let any = Memo::new(move |_| count() > 0);
    let submit = {
        let list = list.clone();
        move |event: leptos::ev::SubmitEvent| {
            event.prevent_default();
            let Some(change) =
                browser::submitter(&event).and_then(|value| Change::from_value(&value))
            else {
                return;
            };
            browser::close_menus();
            browser::close_popover("delete-many");
            let destination = target
                .get_untracked()
                .filter(|_| change == Change::Move)
                .map(|select| select.value())
                .unwrap_or_default();
            if let Some(wish) = wish(mailbox, &list, change, destination) {
                changes.run_chosen(wish);
            }
        }
    };
    let tool = move |change: Change, icon, key| {
        view! {
            <button
                type="submit"
                formnovalidate
                class="tool"
                name="change"
                value=change.value()
                aria-label=locale.text(key)
                title=locale.text(key)
            >
                <Icon name=icon />
            </button>
        }
    };
    let for_ever = matches!(role, Some(FolderRole::Trash | FolderRole::Junk));
    let delete = if for_ever {
        view! {
            <button
                type="button"
                class="tool"
                popovertarget="delete-many"
                on:click=move |_| selection.ask(None)
                aria-label=locale.text(Key::ActionDelete)
                title=locale.text(Key::ActionDelete)
            >
                <Icon name="trash" />
            </button>
        }
        .into_any()
    } else {
        tool(Change::Trash, "trash", Key::ActionDelete).into_any()
    };
    let archive = (!matches!(role, Some(FolderRole::Archive | FolderRole::Drafts)))
        .then(|| tool(Change::Archive, "archive", Key::ActionArchive));
    let spam = match role {
        Some(FolderRole::Junk) => Some(tool(Change::NotSpam, "inbox", Key::ActionNotSpam)),
        Some(FolderRole::Sent | FolderRole::Drafts) => None,
        _ => Some(tool(Change::Spam, "spam", Key::ActionSpam)),
    };
    let item = move |change: Change, key| {
        view! {
            <button type="submit" formnovalidate class="menu-item" name="change" value=change.value()>
                {locale.text(key)}
            </button>
        }
    };
    let from = list.folder.clone();
    let back = move || mailbox.list_address();
    view! {
        <form
            id=FORM
            method="post"
            action="/api/change_many"
            class="bulk"
            class:open=move || any.get()
            aria-label=locale.text(Key::BulkTitle)
            on:submit=submit
        >
            <input type="hidden" name="folder" value=list.folder.clone() />
            <input type="hidden" name="uid_validity" value=list.uid_validity />
            <input type="hidden" name="back" value=back />
            <button
                type="button"
                class="icon-button needs-script"
                on:click=move |_| {
                    browser::focus_row(selection.first().or_else(|| mailbox.rows.first_seen()));
                    selection.clear();
                }
                aria-label=locale.text(Key::BulkClear)
                title=locale.text(Key::BulkClear)
            >
                <Icon name="close" />
            </button>
            <span class="bulk-count" aria-live="polite">
                {move || {
                    if any.get() {
                        locale.count(Key::BulkCountOne, Key::BulkCountOther, u64::from(count()))
                    } else {
                        locale.text(Key::BulkChosen).to_owned()
                    }
                }}
            </span>
            {archive} {spam} {delete}
            <details class="menu">
                <summary class="tool" aria-label=locale.text(Key::ActionMore) title=locale.text(Key::ActionMore)>
                    <Icon name="more" />
                </summary>
                <div class="menu-panel">
                    <button type="button" class="menu-item needs-script" on:click=move |_| selection.all()>
                        {move || {
                            let n = locale.number(u64::from(mailbox.rows.total()));
                            locale.fill(Key::BulkAll, &[("n", &n)])
                        }}
                    </button>
                    {item(Change::Read, Key::BulkRead)} {item(Change::Unread, Key::ActionUnread)}
                    {item(Change::Star, Key::ActionStar)} {item(Change::Unstar, Key::ActionUnstar)}
                    <div class="move">
                        <label for="bulk-target">{locale.text(Key::MoveTo)}</label>
                        <div class="move-row">
                            <FolderChoice id="bulk-target" from choice=target />
                            <button type="submit" class="button" name="change" value=Change::Move.value()>
                                {locale.text(Key::MoveSubmit)}
                            </button>
                        </div>
                    </div>
                </div>
            </details>
        </form>
        {for_ever.then(|| view! { <Confirm /> })}
    }
}

/// What the choice and a button mean; where something is deleted for ever, it is what was asked
/// about.
pub fn wish(mailbox: Mailbox, list: &List, change: Change, destination: String) -> Option<Wish> {
    let asked = mailbox.selection.asked();
    let row = asked.filter(|_| change == Change::Delete);
    wish_for(mailbox, list, row, change, destination)
}

/// The same for one row, else for what is chosen.
pub fn wish_for(
    mailbox: Mailbox,
    list: &List,
    row: Option<u32>,
    change: Change,
    destination: String,
) -> Option<Wish> {
    let rows = mailbox.rows;
    let chosen = match row {
        Some(uid) => Chosen::These(vec![uid]),
        None => mailbox.selection.get(),
    };
    let uids = match chosen {
        Chosen::Nothing => return None,
        Chosen::These(uids) => Uids::These(rows.with_others(uids)),
        Chosen::AllBut(uids) => Uids::AllBut(list.listing.clone(), rows.with_others(uids)),
    };
    Some(Wish {
        folder: list.folder.clone(),
        uid_validity: list.uid_validity,
        uids,
        change,
        destination,
    })
}

/// Asks before something is gone for ever.
#[component]
fn Confirm() -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    // A row may stand for several messages.
    let texts = move || match mailbox.selection.asked_alone() {
        Some(uid) if mailbox.rows.with_others([uid]).len() == 1 => {
            (Key::DeleteTitle, Key::DeleteText)
        }
        _ => (Key::BulkDeleteTitle, Key::BulkDeleteText),
    };
    view! {
        <div class="dialog" id="delete-many" popover="auto" role="dialog" aria-labelledby="delete-many-title">
            <h2 id="delete-many-title">{move || locale.text(texts().0)}</h2>
            <p>{move || locale.text(texts().1)}</p>
            <div class="dialog-buttons">
                <button type="button" class="button" autofocus popovertarget="delete-many" popovertargetaction="hide">
                    {locale.text(Key::Cancel)}
                </button>
                <button
                    type="submit"
                    form=FORM
                    formnovalidate
                    class="button danger"
                    name="change"
                    value=Change::Delete.value()
                >
                    {locale.text(Key::DeleteConfirm)}
                </button>
            </div>
        </div>
    }
}
