//! One message of the list: one link, three lines.

use super::bulk::FORM;
use super::direction::isolated;
use super::fetch::derived;
use super::icon::Icon;
use super::mailbox::{Mailbox, Target, flags_of_all};
use super::marked::Marked;
use super::route;
use super::rows::List;
use crate::i18n::Key;
use crate::model::{Address, Envelope, Flags, FolderRole};
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
    let mailbox = Mailbox::find();
    let words = words.get_value();
    let said = Said::of(mailbox, &envelope, &list, page, role);
    // A page has fifty, and nothing of them changes while it is made.
    #[cfg(feature = "ssr")]
    return super::row_html::row(mailbox, &envelope, &list, &said, &words);
    #[cfg(not(feature = "ssr"))]
    view_of(mailbox, envelope, list, said, words)
}

/// What a row says, and where it leads.
pub(super) struct Said {
    pub who: String,
    pub subject: String,
    /// Whether that is only a word for there being none.
    pub bare: bool,
    /// What its box is called.
    pub choose: String,
    pub href: String,
    pub rel: Option<&'static str>,
    pub title: String,
}

impl Said {
    pub(super) fn of(
        mailbox: Mailbox,
        envelope: &Envelope,
        list: &List,
        page: u32,
        role: Option<FolderRole>,
    ) -> Self {
        let locale = mailbox.here.locale;
        // What one wrote oneself is told by whom it went to.
        let outgoing = matches!(role, Some(FolderRole::Sent | FolderRole::Drafts));
        let who = names(if outgoing {
            &envelope.to
        } else {
            &envelope.from
        });
        let who = match (who.is_empty(), outgoing) {
            (true, true) => locale.text(Key::RowNoRecipient).to_owned(),
            (true, false) => locale.text(Key::RowNoSender).to_owned(),
            (false, true) => locale.fill(Key::RowTo, &[("names", &who)]),
            (false, false) => who,
        };
        let bare = envelope.subject.trim().is_empty();
        let subject = if bare {
            locale.text(Key::NoSubject).to_owned()
        } else {
            envelope.subject.clone()
        };
        let uid = envelope.uid;
        let href = if role == Some(FolderRole::Drafts) {
            route::compose_draft(Some((uid, list.uid_validity)))
        } else {
            route::message(
                &list.folder,
                uid,
                list.uid_validity,
                &list.listing,
                mailbox.rows.page_of(uid).unwrap_or(page),
            )
        };
        let size = locale.size(u64::from(envelope.size));
        Self {
            who,
            choose: locale.fill(Key::BulkChoose, &[("subject", &subject)]),
            subject,
            bare,
            href,
            rel: route::rel(&list.folder),
            title: locale.fill(
                Key::RowTitle,
                &[("date", &envelope.date.long), ("size", &size)],
            ),
        }
    }
}

/// The marks that a row of these flags bears.
pub(super) fn marks(flags: Flags, attachment: bool) -> impl Iterator<Item = (&'static str, Key)> {
    [
        (flags.flagged, "star", Key::MarkStarred),
        (flags.answered, "reply", Key::MarkAnswered),
        (flags.forwarded, "forward", Key::MarkForwarded),
        (attachment, "clip", Key::MarkAttachment),
    ]
    .into_iter()
    .filter_map(|(on, icon, key)| on.then_some((icon, key)))
}

/// The row as it lives in the browser. What is shown of it first, `row_html` writes for the server.
#[cfg_attr(
    feature = "ssr",
    allow(
        dead_code,
        reason = "the server writes it by hand, and a test compares"
    )
)]
pub(super) fn view_of(
    mailbox: Mailbox,
    envelope: Envelope,
    list: List,
    said: Said,
    words: Vec<String>,
) -> impl IntoView {
    let locale = mailbox.here.locale;
    let rows = mailbox.rows;
    let here = list.clone();
    let conversations = list.listing.conversations;
    let List {
        folder,
        uid_validity,
        ..
    } = list;
    let Envelope {
        uid,
        flags,
        date,
        attachment,
        snippet,
        ref others,
        ..
    } = envelope;
    let set = others
        .iter()
        .fold(uid.to_string(), |set, other| format!("{set},{other}"));
    let Said {
        who,
        subject,
        bare,
        choose,
        href,
        rel,
        title,
    } = said;
    let target = Target {
        folder: folder.clone(),
        uid_validity,
        uid,
    };
    let gone = {
        let target = target.clone();
        derived(move || mailbox.patched(&target).gone)
    };
    let flags = {
        let list = here.clone();
        derived(move || {
            let all = std::iter::once(uid).chain(rows.others(uid));
            let patches = all.map(|uid| mailbox.patched(&list.target(uid)));
            let patches: Vec<_> = patches.filter(|patch| !patch.gone).collect();
            flags_of_all(&patches, rows.flags(uid).unwrap_or(flags))
        })
    };
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
    let selection = mailbox.selection;
    let pick = move |event: leptos::ev::MouseEvent| {
        selection.toggle(mailbox, uid, event.shift_key());
    };
    // Dragged onto a folder it goes there, and with it all that is chosen if it is.
    let drag = move |_| {
        mailbox.dragged.set(Some(uid));
    };
    let marks = move || {
        marks(flags.get(), attachment)
            .map(|(icon, key)| {
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
                    value=set
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
                rel=rel
                aria-current=move || selected.get().then_some("true")
                title=title
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
