//! What can be done with the open message.

use super::body_frame::BodyWish;
use super::browser;
use super::change_form::ChangeForm;
use super::icon::Icon;
use super::late::Late;
use super::mailbox::{Mailbox, Target};
use super::move_form::MoveForm;
use super::route;
use crate::i18n::Key;
use crate::model::{Change, FolderRole, Message};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The buttons above a message.
#[component]
pub fn Toolbar(
    message: Message,
    target: Target,
    wish: BodyWish,
    as_text: Memo<bool>,
) -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let role = mailbox
        .folder(&message.folder)
        .and_then(|folder| folder.role);
    let Message {
        folder,
        uid,
        uid_validity,
        flags,
        ..
    } = message.clone();
    let back = mailbox.list_address_now();
    let here = mailbox.message_address(&folder, uid, uid_validity);
    let answer = |how| route::answer(how, &folder, uid, uid_validity);
    let label = move |icon, key| {
        view! {
            <Icon name=icon />
            <span class="label">{locale.text(key)}</span>
        }
    };
    let form = {
        let (target, back) = (target.clone(), back.clone());
        move |change, icon, key| {
            view! {
                <ChangeForm target=target.clone() flags change back=back.clone() class="tool">
                    {label(icon, key)}
                </ChangeForm>
            }
        }
    };
    let for_ever = matches!(role, Some(FolderRole::Trash | FolderRole::Junk));
    let archive = !matches!(role, Some(FolderRole::Archive | FolderRole::Drafts));
    let delete = if for_ever {
        view! {
            <button type="button" class="tool" popovertarget="delete-for-ever">
                {label("trash", Key::ActionDelete)}
            </button>
        }
        .into_any()
    } else {
        form(Change::Trash, "trash", Key::ActionDelete).into_any()
    };
    let spam = match role {
        Some(FolderRole::Junk) => Some(form(Change::NotSpam, "inbox", Key::ActionNotSpam)),
        Some(FolderRole::Sent | FolderRole::Drafts) => None,
        _ => Some(form(Change::Spam, "spam", Key::ActionSpam)),
    };
    let star = view! { <Star target=target.clone() message=message.clone() back=here /> };
    let late = Late::new();
    let panel = {
        let (target, back) = (target.clone(), back.clone());
        let inside = move || {
            view! {
                <div class="menu-panel">
                    <ChangeForm target=target.clone() flags change=Change::Unread back=back.clone() class="menu-item">
                        {locale.text(Key::ActionUnread)}
                    </ChangeForm>
                    <Step target=target.clone() by=-1 class="menu-item step" />
                    <Step target=target.clone() by=1 class="menu-item step" />
                    <More message=message.clone() wish as_text />
                    <MoveForm target=target.clone() flags back=back.clone() />
                </div>
            }
        };
        move || late.inside(&inside)
    };
    view! {
        <div class="toolbar" role="group" aria-label=locale.text(Key::ToolbarTitle)>
            <a class="tool" href=answer("reply")>{label("reply", Key::ActionReply)}</a>
            <a class="tool" href=answer("reply-all")>{label("reply-all", Key::ActionReplyAll)}</a>
            <a class="tool" href=answer("forward")>{label("forward", Key::ActionForward)}</a>
            <span class="toolbar-gap"></span>
            <Step target=target.clone() by=-1 class="tool step" />
            <Step target=target.clone() by=1 class="tool step" />
            {star}
            {archive.then(|| form(Change::Archive, "archive", Key::ActionArchive))} {spam} {delete}
            <details class="menu" on:toggle=move |_| late.toggled()>
                <summary class="tool" aria-label=locale.text(Key::ActionMore)>
                    {label("more", Key::ActionMore)}
                </summary>
                {panel}
            </details>
        </div>
        {for_ever.then(move || view! { <Confirm target flags back /> })}
    }
}

/// The way to the message before or after this one in the list, as far as the list is known.
#[component]
fn Step(target: Target, by: i32, class: &'static str) -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let rel = route::rel(&target.folder);
    let href = Memo::new(move |_| {
        let next = mailbox.message_beside(&target, by)?;
        Some(mailbox.message_address(&next.folder, next.uid, next.uid_validity))
    });
    let (icon, key) = if by < 0 {
        ("up", Key::CommandPrevious)
    } else {
        ("down", Key::CommandNext)
    };
    move || {
        href.get().map(|href| {
            view! {
                <a class=class href=href rel=rel title=locale.text(key)>
                    <Icon name=icon />
                    <span class="label">{locale.text(key)}</span>
                </a>
            }
        })
    }
}

/// The star: the one change that stays on the page.
#[component]
fn Star(target: Target, message: Message, back: String) -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let flags = message.flags;
    let starred = {
        let target = target.clone();
        Memo::new(move |_| mailbox.flags_of_open(&target, flags).flagged)
    };
    move || {
        let (change, icon, key) = if starred.get() {
            (Change::Unstar, "star-full", Key::ActionUnstar)
        } else {
            (Change::Star, "star", Key::ActionStar)
        };
        view! {
            <ChangeForm target=target.clone() flags change back=back.clone() class="tool star">
                <Icon name=icon />
                <span class="label">{locale.text(key)}</span>
            </ChangeForm>
        }
    }
}

/// Other ways to look at the message.
#[component]
fn More(message: Message, wish: BodyWish, as_text: Memo<bool>) -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let Message {
        folder,
        uid,
        uid_validity,
        has_html,
        has_text,
        headers,
        ..
    } = message;
    let here = mailbox.message_address(&folder, uid, uid_validity);
    let other_body = {
        let here = here.clone();
        move || {
            (has_html && has_text).then(|| {
                let (href, key) = if as_text.get() {
                    (here.clone(), Key::ActionShowHtml)
                } else {
                    (format!("{here}&view=text"), Key::ActionShowText)
                };
                view! {
                    <a class="menu-item" href=href on:click=|_| { browser::close_menus(); }>
                        {locale.text(key)}
                    </a>
                }
            })
        }
    };
    let (all, key) = if headers.is_empty() {
        (format!("{here}&headers=all"), Key::ActionShowHeaders)
    } else {
        (here, Key::ActionHideHeaders)
    };
    let source = route::document(&folder, uid, uid_validity, "source");
    let search = use_location().search;
    let print = move || {
        let mut address = route::document(&folder, uid, uid_validity, "print");
        if as_text.get() {
            address.push_str("&view=text");
        }
        // What is seen is printed.
        let images = wish.word(&folder, uid);
        if let Some(word) = images.or_else(|| route::query_value(&search.get(), "images")) {
            address.push_str("&images=");
            address.push_str(&route::encode(&word));
        }
        address
    };
    view! {
        {other_body}
        <a class="menu-item" href=all>{locale.text(key)}</a>
        <a class="menu-item" href=print target="_blank" rel="external noopener">
            {locale.text(Key::ActionPrint)}
        </a>
        <a class="menu-item" href=source download=format!("message-{uid}.eml") rel="external">
            {locale.text(Key::ActionSource)}
        </a>
    }
}

/// Asks before something is gone for ever.
#[component]
fn Confirm(target: Target, flags: crate::model::Flags, back: String) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    view! {
        <div class="dialog" id="delete-for-ever" popover="auto" role="dialog" aria-labelledby="delete-title">
            <h2 id="delete-title">{locale.text(Key::DeleteTitle)}</h2>
            <p>{locale.text(Key::DeleteText)}</p>
            <div class="dialog-buttons">
                <button type="button" class="button" autofocus popovertarget="delete-for-ever" popovertargetaction="hide">
                    {locale.text(Key::Cancel)}
                </button>
                <ChangeForm target flags change=Change::Delete back class="button danger">
                    {locale.text(Key::DeleteConfirm)}
                </ChangeForm>
            </div>
        </div>
    }
}
