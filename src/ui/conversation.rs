//! The rest of a conversation around the message that is open: one line a message, each a link to
//! its own page, which shows the conversation from there. Works by itself, without JavaScript.

use super::icon::Icon;
use super::mailbox::Mailbox;
use super::route;
use crate::i18n::{Key, Locale};
use crate::model::{Address, Conversation, ConversationMember, FolderRole};
use leptos::prelude::*;

/// Lines above and below that are always there; those further away are folded together.
const NEAR: usize = 3;

/// Which side of the open message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What came before it.
    Earlier,
    /// What came after it.
    Later,
}

/// The messages of `conversation` before or after the one that is open, which is `uid` of `folder`.
/// Nothing where there are none.
#[component]
pub fn ConversationStrip(
    conversation: Conversation,
    folder: String,
    uid: u32,
    side: Side,
) -> impl IntoView {
    let mailbox = Mailbox::find();
    let own = mailbox.here.account.get_untracked();
    let sent = mailbox.folders.get().and_then(Result::ok);
    let sent = sent.into_iter().flatten();
    let about = About {
        locale: mailbox.here.locale,
        own: own.map(|account| account.address).unwrap_or_default(),
        sent: sent
            .filter(|folder| folder.role == Some(FolderRole::Sent))
            .map(|folder| folder.name)
            .next(),
    };
    view! { <Strip conversation folder uid side about /> }
}

/// What the lines have to know besides their messages.
#[derive(Clone, Debug, Default)]
struct About {
    locale: Locale,
    /// The person's own address.
    own: String,
    /// The name of the folder Sent.
    sent: Option<String>,
}

#[component]
fn Strip(
    conversation: Conversation,
    folder: String,
    uid: u32,
    side: Side,
    about: About,
) -> impl IntoView {
    let locale = about.locale;
    let Conversation { members, complete } = conversation;
    let (mut far, near) = split(members, &folder, uid, side);
    let more = (!complete && side == Side::Earlier).then(|| {
        view! { <p class="conversation-more">{locale.text(Key::ConversationIncomplete)}</p> }
    });
    // One line is as long as the line that would unfold it.
    let (near, far) = if far.len() == 1 {
        let near = match side {
            Side::Earlier => far.drain(..).chain(near).collect(),
            Side::Later => near.into_iter().chain(far.drain(..)).collect(),
        };
        (near, far)
    } else {
        (near, far)
    };
    let total = u64::try_from(near.len() + far.len()).unwrap_or(u64::MAX);
    if total == 0 {
        return more.into_any();
    }
    let (label, folded) = match side {
        Side::Earlier => (
            locale.count(
                Key::ConversationEarlierOne,
                Key::ConversationEarlierOther,
                total,
            ),
            Key::ConversationUnfoldEarlier,
        ),
        Side::Later => (
            locale.count(
                Key::ConversationLaterOne,
                Key::ConversationLaterOther,
                total,
            ),
            Key::ConversationUnfoldLater,
        ),
    };
    let lines = |members: Vec<ConversationMember>| {
        members
            .into_iter()
            .map(|member| view! { <Line member about=about.clone() /> })
            .collect_view()
    };
    let far = (!far.is_empty()).then(|| {
        let n = locale.number(u64::try_from(far.len()).unwrap_or(u64::MAX));
        view! {
            <li>
                <details class="conversation-far">
                    <summary>{locale.fill(folded, &[("n", &n)])}</summary>
                    <ol>{lines(far)}</ol>
                </details>
            </li>
        }
    });
    let (above, below) = match side {
        Side::Earlier => (far, None),
        Side::Later => (None, far),
    };
    view! {
        <nav class="conversation" aria-label=label>
            {more} <ol>{above} {lines(near)} {below}</ol>
        </nav>
    }
    .into_any()
}

/// The side's messages in their order: those further away, and those next to the open one. Where
/// the open one is not among them, all are earlier.
fn split(
    mut members: Vec<ConversationMember>,
    folder: &str,
    uid: u32,
    side: Side,
) -> (Vec<ConversationMember>, Vec<ConversationMember>) {
    let open = members
        .iter()
        .position(|member| member.folder == folder && member.envelope.uid == uid);
    let at = open.unwrap_or(members.len());
    let later = members
        .split_off(at)
        .into_iter()
        .skip(1)
        .collect::<Vec<_>>();
    match side {
        Side::Earlier => {
            let near = members.split_off(members.len().saturating_sub(NEAR));
            (members, near)
        }
        Side::Later => {
            let mut near = later;
            let far = near.split_off(near.len().min(NEAR));
            (far, near)
        }
    }
}

/// The address of a message's page that goes on showing the conversation.
pub fn address(folder: &str, uid: u32, uid_validity: u32) -> String {
    format!(
        "{}&conversation=1",
        route::message(
            folder,
            uid,
            uid_validity,
            &crate::model::Listing::default(),
            1
        )
    )
}

#[component]
fn Line(member: ConversationMember, about: About) -> impl IntoView {
    let About { locale, own, sent } = about;
    let ConversationMember {
        folder,
        uid_validity,
        envelope,
    } = member;
    let who = match envelope.from.first() {
        Some(author) if author.addr.eq_ignore_ascii_case(&own) => {
            locale.text(Key::ConversationMe).to_owned()
        }
        Some(author) => Address::label(author).to_owned(),
        None => locale.text(Key::RowNoSender).to_owned(),
    };
    let unread = !envelope.flags.seen;
    let sent = sent.is_some_and(|sent| sent == folder);
    let snippet = if envelope.snippet.is_empty() {
        envelope.subject
    } else {
        envelope.snippet
    };
    let marks = [
        (envelope.flags.flagged, "star", Key::MarkStarred),
        (envelope.attachment, "clip", Key::MarkAttachment),
        (sent, "send", Key::FolderSent),
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
    .collect_view();
    view! {
        <li>
            <a
                class="conversation-line"
                class:unread=unread
                href=address(&folder, envelope.uid, uid_validity)
                rel=route::rel(&folder)
            >
                <span class="conversation-who" dir="auto">
                    <span class="visually-hidden">
                        {unread.then(|| format!("{}, ", locale.text(Key::MarkUnread)))}
                    </span>
                    {who}
                </span>
                " "
                <span class="conversation-snippet" dir="auto">{snippet}</span>
                " "
                <span class="marks">{marks}</span>
                <time class="conversation-date" datetime=envelope.date.iso title=envelope.date.long>
                    {envelope.date.short}
                </time>
            </a>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Envelope, Flags, Stamp};

    fn member(folder: &str, uid: u32) -> ConversationMember {
        ConversationMember {
            folder: folder.to_owned(),
            uid_validity: 1,
            envelope: Envelope {
                ordinal: 1,
                others: Vec::new(),
                uid,
                flags: Flags::default(),
                from: Vec::new(),
                to: Vec::new(),
                subject: String::new(),
                date: Stamp::default(),
                size: 0,
                attachment: false,
                snippet: String::new(),
            },
        }
    }

    fn uids((far, near): (Vec<ConversationMember>, Vec<ConversationMember>)) -> [Vec<u32>; 2] {
        [far, near].map(|side| side.iter().map(|member| member.envelope.uid).collect())
    }

    #[test]
    fn the_nearest_lines_stand_next_to_the_open_message() {
        let members: Vec<_> = (1..=10).map(|uid| member("INBOX", uid)).collect();
        let around = |uid, side| uids(split(members.clone(), "INBOX", uid, side));
        assert_eq!(around(6, Side::Earlier), [vec![1, 2], vec![3, 4, 5]]);
        assert_eq!(around(6, Side::Later), [vec![10], vec![7, 8, 9]]);
        for (uid, side) in [(1, Side::Earlier), (10, Side::Later), (99, Side::Later)] {
            assert!(around(uid, side).concat().is_empty());
        }
    }

    #[test]
    fn a_message_is_known_by_its_folder_too() {
        let members = vec![member("Sent", 5), member("INBOX", 5), member("Sent", 6)];
        let found = uids(split(members, "INBOX", 5, Side::Later));
        assert_eq!(found, [vec![], vec![6]]);
        assert_eq!(address("Sent", 6, 1), "/mail/Sent/6?v=1&conversation=1");
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn each_line_is_a_link_that_keeps_the_conversation() {
        let mut members: Vec<_> = (1..=6).map(|uid| member("INBOX", uid)).collect();
        members[3].folder = "Sent".to_owned();
        members[3].envelope.from = vec![Address {
            name: None,
            addr: "Me@x.example".to_owned(),
        }];
        members[2].envelope.snippet = "<b>bold</b>".to_owned();
        let html = |complete, uid, side| {
            let conversation = Conversation {
                members: members.clone(),
                complete,
            };
            let about = About {
                locale: Locale::De,
                own: "me@x.example".to_owned(),
                sent: Some("Sent".to_owned()),
            };
            let folder = "INBOX".to_owned();
            view! { <Strip conversation folder uid side about /> }.to_html()
        };
        let earlier = html(true, 6, Side::Earlier);
        assert_eq!(earlier.matches("<a ").count(), 5);
        assert!(earlier.contains("5 frühere Nachrichten dieser Unterhaltung"));
        assert!(
            earlier.contains("<summary>2 frühere Nachrichten<"),
            "{earlier}"
        );
        assert!(earlier.contains("/mail/Sent/4?v=1&amp;conversation=1"));
        assert!(earlier.contains("&lt;b&gt;bold"));
        assert!(
            earlier.contains("#icon-send") && earlier.contains(">Ich<"),
            "{earlier}"
        );
        assert!(!earlier.contains("nicht gefunden"));
        // One further line is not worth folding.
        let later = html(false, 2, Side::Later);
        assert_eq!(later.matches("<a ").count(), 4);
        assert!(!later.contains("<details") && !later.contains("nicht gefunden"));
        assert!(html(false, 1, Side::Earlier).contains("nicht gefunden"));
    }
}
