//! One message of the list: one link, three lines.

use super::bulk::FORM;
use super::direction::isolated;
use super::fetch::derived;
use super::icon::Icon;
use super::mailbox::{Mailbox, Target};
use super::marked::Marked;
use super::route;
use super::rows::List;
use crate::i18n::Key;
use crate::model::{Address, Envelope, FolderRole};
use leptos::prelude::*;

/// The row of `envelope` in `list`. `page` is where a page without JavaScript stands.
#[component]
pub fn Row(
    envelope: Envelope,
    list: List,
    page: u32,
    role: Option<FolderRole>,
    words: StoredValue<Vec<String>>,
) -> impl IntoView {
    let words = words.get_value();
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let rows = mailbox.rows;
    let here = list.clone();
    let conversations = list.listing.conversations;
    let List {
        folder,
        uid_validity,
        listing,
    } = list;
    let Envelope {
        uid,
        flags,
        from,
        to,
        subject,
        date,
        size,
        attachment,
        snippet,
        ..
    } = envelope;
    let target = Target {
        folder: folder.clone(),
        uid_validity,
        uid,
    };
    let gone = {
        let target = target.clone();
        derived(move || mailbox.patched(&target).gone)
    };
    let flags = derived(move || mailbox.flags(&target, rows.flags(uid).unwrap_or(flags)));
    let selected = {
        let folder = folder.clone();
        derived(move || {
            mailbox
                .message_key
                .get()
                .is_some_and(|key| key.0 == folder && key.1 == uid)
        })
    };
    // A conversation says how many messages it has, without those that have just gone.
    let count = conversations.then(|| {
        let others = derived(move || {
            let mut others = rows.others(uid);
            others.retain(|uid| !mailbox.patched(&here.target(*uid)).gone);
            u64::try_from(others.len()).unwrap_or(0)
        });
        move || {
            let n = others.get();
            (n > 0).then(|| {
                let n = locale.number(n + 1);
                view! {
                    <span class="row-count" aria-hidden="true">{n.clone()}</span>
                    <span class="visually-hidden">{locale.fill(Key::RowCount, &[("n", &n)])} ", "</span>
                }
            })
        }
    });
    // What one wrote oneself is told by whom it went to.
    let outgoing = matches!(role, Some(FolderRole::Sent | FolderRole::Drafts));
    let who = names(if outgoing { &to } else { &from });
    let who = match (who.is_empty(), outgoing) {
        (true, true) => locale.text(Key::RowNoRecipient).to_owned(),
        (true, false) => locale.text(Key::RowNoSender).to_owned(),
        (false, true) => locale.fill(Key::RowTo, &[("names", &who)]),
        (false, false) => who,
    };
    let bare = subject.trim().is_empty();
    let subject = if bare {
        locale.text(Key::NoSubject).to_owned()
    } else {
        subject
    };
    let choose = locale.fill(Key::BulkChoose, &[("subject", &subject)]);
    let selection = mailbox.selection;
    let pick = move |event: leptos::ev::MouseEvent| {
        selection.toggle(mailbox, uid, event.shift_key());
    };
    // Dragged onto a folder it goes there, and with it all that is chosen if it is.
    let drag = move |_| {
        mailbox.dragged.set(Some(uid));
    };
    let href = if role == Some(FolderRole::Drafts) {
        route::compose_draft(Some((uid, uid_validity)))
    } else {
        route::message(
            &folder,
            uid,
            uid_validity,
            &listing,
            rows.page_of(uid).unwrap_or(page),
        )
    };
    let marks = move || {
        let flags = flags.get();
        [
            (flags.flagged, "star", Key::MarkStarred),
            (flags.answered, "reply", Key::MarkAnswered),
            (flags.forwarded, "forward", Key::MarkForwarded),
            (attachment, "clip", Key::MarkAttachment),
        ]
        .into_iter()
        .filter(|(on, ..)| *on)
        .map(|(_, icon, key)| {
            view! {
                <span class=format!("mark mark-{icon}")>
                    <Icon name=icon />
                    <span class="visually-hidden">{locale.text(key)} ", "</span>
                </span>
            }
        })
        .collect_view()
    };
    view! {
        <li
            class="row-item"
            hidden=move || gone.get()
            aria-setsize=move || rows.total()
            aria-posinset=move || rows.position(uid)
            class:chosen=move || selection.has(uid)
        >
            <label class="pick">
                <input
                    type="checkbox"
                    name="uids[]"
                    value=uid
                    form=FORM
                    aria-label=choose
                    prop:checked=move || selection.has(uid)
                    on:click=pick
                />
            </label>
            <a
                class="row"
                id=format!("row-{uid}")
                on:dragstart=drag
                on:dragend=move |_| mailbox.dragged.set(None)
                class:unread=move || !flags.get().seen
                href=href
                rel=route::rel(&folder)
                aria-current=move || selected.get().then_some("true")
                title=locale.fill(Key::RowTitle, &[("date", &date.long), ("size", &locale.size(u64::from(size)))])
            >
                <span class="row-top">
                    <span class="row-who">
                        <span class="visually-hidden">
                            {move || (!flags.get().seen).then(|| format!("{}, ", locale.text(Key::MarkUnread)))}
                        </span>
                        <bdi>{who}</bdi>
                    </span>
                    {count}
                    <time class="row-date" datetime=date.iso>{date.short}</time>
                </span>
                <span class="row-subject">
                    <span class="row-text" class:none=bare dir="auto">
                        <Marked text=subject words=words.clone() />
                    </span>
                    <span class="marks">{marks}</span>
                </span>
                <span class="row-snippet" dir="auto">
                    <Marked text=snippet words />
                </span>
            </a>
        </li>
    }
}

/// A place of the list whose message is not known yet.
#[component]
pub fn UnknownRow() -> impl IntoView {
    view! {
        <li class="row-item" aria-hidden="true">
            <span class="row">
                <span class="row-top"><span class="bone"></span></span>
                <span class="row-subject"><span class="bone wide"></span></span>
                <span class="row-snippet"><span class="bone wider"></span></span>
            </span>
        </li>
    }
}

/// Names as a list has room for: all of them, short.
fn names(list: &[Address]) -> String {
    match list {
        [one] => one.label().to_owned(),
        list => list
            .iter()
            .take(4)
            .map(first_name)
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// The first word of a name, where several stand side by side.
fn first_name(address: &Address) -> String {
    let label = address.label();
    isolated(match label.split_once('@') {
        Some((local, _)) => local,
        None => label
            .split_whitespace()
            .next()
            .unwrap_or(label)
            .trim_end_matches(','),
    })
}
