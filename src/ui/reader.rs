//! One message: its heading, who wrote to whom, the attachments, and the body in its frame.

use super::attachments::Attachments;
use super::body_frame::{BodyFrame, BodyWish};
use super::browser;
use super::chunks::{Chunks, Reading};
use super::colours::ColoursLink;
use super::conversation::Side;
use super::direction::isolated;
use super::fetch::Awaited;
use super::icon::Icon;
use super::letters::upper;
use super::mailbox::{Mailbox, Target};
use super::nested::{NestedMessages, ProtectionNote};
use super::problem::Problem;
use super::remote::{Pictures, RemoteBar};
use super::route::{self, Page};
use crate::i18n::{Key, Locale};
use crate::model::{Address, FolderRole, Message};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The pane with the message, or with a word where none is open. The article is there in any case,
/// so that its frame stays ([`BodyFrame`]).
#[component]
pub fn ReaderPane() -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let open = Memo::new(move |_| matches!(mailbox.page.get(), Page::Message(..)));
    let search = use_location().search;
    let as_text = Memo::new(move |_| {
        route::query_value(&search.get(), "view").is_some_and(|view| view == "text")
    });
    let wish = BodyWish::default();
    view! {
        <section class="reader-pane" aria-label=locale.text(Key::ReaderTitle)>
            {move || {
                (!open.get())
                    .then(|| {
                        view! {
                            <div class="empty reader-empty">
                                <Icon name="horn" />
                                <p>{locale.text(Key::ReaderEmpty)}</p>
                            </div>
                        }
                    })
            }}
            <article class="message" hidden=move || !open.get()>
                <div class="toolbar-row">
                    <Show when=move || open.get()>
                        <BackLink />
                    </Show>
                    <Awaited>
                        {move || match shown(&mailbox) {
                            Some(Ok(message)) => {
                                let target = target(&message);
                                Reading::Toolbar(message, target, wish, as_text).view()
                            }
                            _ => view! { <span class="bone"></span> }.into_any(),
                        }}
                    </Awaited>
                </div>
                <div class="message-scroll">
                    <Awaited fallback=move || view! { <HeadSkeleton /> }>
                        {move || match shown(&mailbox) {
                            Some(Ok(message)) => Reading::Head(message, wish, as_text).view(),
                            Some(Err(error)) => {
                                view! {
                                    <div class="reader-problem">
                                        <Problem error heading=true />
                                    </div>
                                }
                                    .into_any()
                            }
                            None if open.get() => view! { <HeadSkeleton /> }.into_any(),
                            None => ().into_any(),
                        }}
                    </Awaited>
                    <BodyFrame wish />
                    <Awaited>
                        {move || match shown(&mailbox) {
                            Some(Ok(message)) => {
                                view! { <Belonging folder=message.folder uid=message.uid side=Side::Later /> }
                                    .into_any()
                            }
                            _ => ().into_any(),
                        }}
                    </Awaited>
                </div>
            </article>
        </section>
    }
}

fn target(message: &Message) -> Target {
    Target {
        folder: message.folder.clone(),
        uid_validity: message.uid_validity,
        uid: message.uid,
    }
}

/// The message that the address asks for, unless the one at hand is still another.
fn shown(mailbox: &Mailbox) -> Option<Result<Message, crate::model::Error>> {
    let (folder, uid, _, headers) = mailbox.message_key.get()?;
    if let Err(error) = Chunks::find().can_read()? {
        return Some(Err(error));
    }
    match mailbox.message.get()?? {
        Ok(message)
            if message.folder != folder
                || message.uid != uid
                || (headers && message.headers.is_empty()) =>
        {
            None
        }
        message => Some(message),
    }
}

/// To the list, where the page has room for one pane only.
#[component]
fn BackLink() -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let href = move || mailbox.list_address();
    view! {
        <a
            class="icon-button back"
            href=href
            aria-label=locale.text(Key::ReaderBack)
            on:click=move |event| {
                if !browser::is_elsewhere(&event) {
                    mailbox.focus_opened();
                }
            }
        >
            <Icon name="back" />
        </a>
    }
}

/// What stands above the body.
#[component]
pub fn Head(message: Message, wish: BodyWish, as_text: Memo<bool>) -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let place = target(&message);
    let Message {
        uid_validity, uid, ..
    } = message;
    let pictures = Pictures::new(&message, wish);
    let nested = !message.nested.is_empty();
    let coloured = message.has_html || nested;
    let has_text = message.has_text;
    let plain = Signal::derive(move || has_text && !nested && as_text.get());
    let subject = if message.subject.trim().is_empty() {
        locale.text(Key::NoSubject).to_owned()
    } else {
        message.subject.clone()
    };
    let draft = message.flags.draft
        && mailbox
            .folder(&message.folder)
            .is_some_and(|f| f.role == Some(FolderRole::Drafts));
    view! {
        <header class="message-head">
            <h1 dir="auto">{subject}</h1>
            <Belonging folder=message.folder.clone() uid side=Side::Earlier />
            <Correspondents message=message.clone() />
            <super::beside::BesideBody message=message.clone() />
            {draft
                .then(|| {
                    view! {
                        <p class="info-bar">
                            <Icon name="pencil" />
                            <span>{locale.text(Key::ReaderDraft)}</span>
                            <a href=route::compose_draft(Some((uid, uid_validity)))>
                                {locale.text(Key::ReaderDraftContinue)}
                            </a>
                        </p>
                    }
                })}
            {message.protection.map(|protection| view! { <ProtectionNote protection /> })}
            <Headers message=message.clone() />
            <Attachments
                place=place.clone()
                attachments=message.attachments
                unlisted=message.unlisted
            />
            <NestedMessages place nested=message.nested />
            <RemoteBar pictures as_text />
            {coloured.then(|| view! { <ColoursLink folder=message.folder.clone() plain /> })}
        </header>
    }
}

/// What belongs to the open message, before it or after it. It comes when it comes: the message does
/// not wait for it.
#[component]
fn Belonging(folder: String, uid: u32, side: Side) -> impl IntoView {
    let mailbox = Mailbox::find();
    view! {
        <Awaited>
            {move || {
                let folder = folder.clone();
                mailbox
                    .conversation
                    .get()
                    .flatten()
                    .filter(|_| Chunks::find().can_read() == Some(Ok(())))
                    .filter(|conversation| conversation.members.len() > 1)
                    .map(|conversation| Reading::Strip(conversation, folder, uid, side).view())
            }}
        </Awaited>
    }
}

#[component]
fn Correspondents(message: Message) -> impl IntoView {
    let here = Mailbox::find().here;
    let locale = here.locale;
    let own = here
        .account
        .get_untracked()
        .map(|account| account.address)
        .unwrap_or_default();
    let author = message.from.first().cloned();
    let label = author.as_ref().map_or_else(
        || locale.text(Key::RowNoSender).to_owned(),
        |author| author.label().to_owned(),
    );
    let address = author
        .as_ref()
        .filter(|author| author.label() != author.addr)
        .map(|author| author.addr.clone());
    // Where answers go elsewhere, one should know before writing one.
    let reply_to = (!message.reply_to.is_empty() && message.reply_to != message.from)
        .then(|| list(&message.reply_to));
    let recipients = recipients(locale, &message, &own);
    let all = [
        (Key::HeaderFrom, &message.from),
        (Key::HeaderTo, &message.to),
        (Key::HeaderCc, &message.cc),
        (Key::HeaderBcc, &message.bcc),
        (Key::HeaderReplyTo, &message.reply_to),
    ]
    .into_iter()
    .filter(|(_, addresses)| !addresses.is_empty())
    .map(|(key, addresses)| {
        view! {
            <dt>{locale.text(key)}</dt>
            <dd>{list(addresses)}</dd>
        }
    })
    .collect_view();
    view! {
        <div class="correspondents">
            <span class="avatar" aria-hidden="true">{initials(&label)}</span>
            <div class="correspondents-text">
                <p class="author">
                    <strong dir="auto">{label}</strong>
                    " "
                    <span class="address">{address}</span>
                </p>
                <details class="recipients">
                    <summary>{recipients}</summary>
                    <dl>
                        {all} <dt>{locale.text(Key::HeaderDate)}</dt> <dd>{message.date.long.clone()}</dd>
                        <dt>{locale.text(Key::HeaderSize)}</dt>
                        <dd>{locale.size(u64::from(message.size))}</dd>
                    </dl>
                </details>
                {reply_to
                    .map(|to| {
                        view! { <p class="reply-to">{locale.fill(Key::ReaderReplyTo, &[("addresses", &to)])}</p> }
                    })}
            </div>
            <time class="message-date" datetime=message.date.iso>{message.date.long}</time>
        </div>
    }
}

/// "to me, Jonas": what a glance needs.
fn recipients(locale: Locale, message: &Message, own: &str) -> String {
    let people: Vec<_> = message.to.iter().chain(&message.cc).collect();
    if people.is_empty() {
        return locale.text(Key::RowNoRecipient).to_owned();
    }
    let mut names: Vec<String> = people
        .iter()
        .take(5)
        .map(|person| {
            if person.addr.eq_ignore_ascii_case(own) {
                locale.text(Key::Me).to_owned()
            } else {
                isolated(person.label())
            }
        })
        .collect();
    if let Some(more) = people.len().checked_sub(5).filter(|more| *more > 0) {
        let more = u64::try_from(more).unwrap_or_default();
        names.push(locale.count(Key::RecipientsMoreOne, Key::RecipientsMoreOther, more));
    }
    locale.fill(Key::ReaderRecipients, &[("names", &names.join(", "))])
}

/// Names and addresses in one line, each in its own direction.
pub fn list(addresses: &[Address]) -> String {
    addresses
        .iter()
        .map(|address| match &address.name {
            Some(name) if !name.trim().is_empty() => {
                format!("{} <{}>", isolated(name), address.addr)
            }
            _ => address.addr.clone(),
        })
        .collect::<Vec<_>>()
        .join(", ")
}

/// At most two letters of a name.
fn initials(name: &str) -> String {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    upper(&first.into_iter().chain(last).collect::<String>())
}

#[component]
fn Headers(message: Message) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    (!message.headers.is_empty()).then(|| {
        let lines = message
            .headers
            .into_iter()
            .map(|line| view! { <dt>{line.name}</dt> <dd>{line.value}</dd> })
            .collect_view();
        view! { <dl class="all-headers" tabindex="0" aria-label=locale.text(Key::ReaderHeaders)>{lines}</dl> }
    })
}

/// While the message is on its way: its place, with what the list knows already.
#[component]
fn HeadSkeleton() -> impl IntoView {
    let mailbox = Mailbox::find();
    let subject = move || mailbox.subject_at_hand();
    view! {
        <header class="message-head" aria-busy="true">
            <h1 dir="auto">{subject}</h1>
            <div class="correspondents" aria-hidden="true">
                <span class="avatar"></span>
                <div class="correspondents-text">
                    <span class="bone"></span>
                    <span class="bone wide"></span>
                </div>
            </div>
        </header>
    }
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_the_first_and_the_last() {
        assert_eq!(initials("Katharina Böhm"), "KB");
        assert_eq!(initials("stadtwerke"), "S");
        assert_eq!(initials("Dr. Ärmel von Ö"), "DÖ");
        assert_eq!(initials("\"\" 山田 はるか"), "山は");
        assert_eq!(initials(""), "");
    }
}
