//! Conversations as a page shows them: what the engine tells, dressed for a person.

use super::caller::Caller;
use super::imap::{Grouping, RawConversation, RawConversationRow, RawConversations};
use super::mailbox::{PAGE_SIZE, envelope};
use super::stamp::Clock;
use crate::model::{
    Address, Conversation, ConversationMember, ConversationRow, ConversationWindow, Envelope,
    Error, Flags, Window,
};

/// UIDs of one conversation that reach the browser.
const UIDS: usize = 1_000;
/// People of one row.
const PEOPLE: usize = 20;

/// The conversations of a folder from position `first` to `last`; 0 is the newest.
pub async fn conversations(
    caller: &Caller,
    folder: &str,
    first: u32,
    last: u32,
) -> Result<ConversationWindow, Error> {
    let engine = caller.engine().await?;
    let raw = engine
        .conversation_rows(folder, first, last, Grouping::Best)
        .await?;
    Ok(dress_window(folder, raw, &caller.clock()))
}

/// A page of a folder's conversations, as a list like any other: of each conversation the newest
/// message, with the others behind it.
pub async fn page(caller: &Caller, folder: &str, page: u32) -> Result<Window, Error> {
    let first = page.max(1).saturating_sub(1).saturating_mul(PAGE_SIZE);
    let found = conversations(caller, folder, first, first.saturating_add(PAGE_SIZE - 1)).await?;
    let pages = found.total.div_ceil(PAGE_SIZE).max(1);
    if page > pages && found.rows.is_empty() && found.total > 0 {
        // A page beyond the last is the last.
        let first = (pages - 1) * PAGE_SIZE;
        let found = conversations(caller, folder, first, first + PAGE_SIZE - 1).await?;
        return Ok(as_window(found));
    }
    Ok(as_window(found))
}

/// The conversations with the ordinals `first` to `last`.
pub async fn rows(caller: &Caller, folder: &str, first: u32, last: u32) -> Result<Window, Error> {
    let engine = caller.engine().await?;
    let raw = engine
        .conversation_ordinals(folder, first, last, Grouping::Best)
        .await?;
    Ok(as_window(dress_window(folder, raw, &caller.clock())))
}

fn as_window(found: ConversationWindow) -> Window {
    let total = found.total;
    let envelopes = (found.first..)
        .zip(found.rows)
        .map(|(position, row)| {
            let mut others = row.uids;
            others.retain(|uid| *uid != row.newest.uid);
            Envelope {
                ordinal: total.saturating_sub(position),
                flags: Flags {
                    seen: row.unread == 0,
                    flagged: row.flagged,
                    ..row.newest.flags
                },
                from: row.people,
                others,
                ..row.newest
            }
        })
        .collect();
    Window {
        folder: found.folder,
        uid_validity: found.uid_validity,
        total,
        page: found.first / PAGE_SIZE + 1,
        pages: total.div_ceil(PAGE_SIZE).max(1),
        envelopes,
        notes: None,
    }
}

/// The conversation of one message, with what was sent.
pub async fn conversation(
    caller: &Caller,
    folder: &str,
    uid_validity: Option<u32>,
    uid: u32,
) -> Result<Conversation, Error> {
    let engine = caller.engine().await?;
    let raw = engine
        .conversation(folder, uid_validity, uid, Grouping::Best)
        .await?;
    Ok(dress_whole(raw, &caller.clock()))
}

fn dress_window(folder: &str, raw: RawConversations, clock: &Clock) -> ConversationWindow {
    ConversationWindow {
        folder: folder.to_owned(),
        uid_validity: raw.uid_validity,
        messages: raw.messages,
        total: raw.total,
        complete: raw.complete,
        first: raw.first,
        rows: raw
            .rows
            .into_iter()
            .map(|row| dress_row(row, clock))
            .collect(),
    }
}

fn dress_row(row: RawConversationRow, clock: &Clock) -> ConversationRow {
    let newest = envelope(row.newest, clock);
    let all_flags = || {
        row.others
            .iter()
            .map(|other| other.flags)
            .chain([newest.flags])
    };
    let unread = all_flags().filter(|flags| !flags.seen).count();
    let flagged = all_flags().any(|flags| flags.flagged);
    let authors = row
        .others
        .iter()
        .flat_map(|other| other.from.iter().cloned());
    let people = people(authors.chain(newest.from.iter().cloned()));
    let count = u32::try_from(row.uids.len()).unwrap_or(u32::MAX);
    let mut uids = row.uids;
    let surplus = uids.len().saturating_sub(UIDS);
    uids.drain(..surplus);
    ConversationRow {
        uids,
        count,
        unread: u32::try_from(unread).unwrap_or(u32::MAX),
        flagged,
        people,
        newest,
    }
}

/// Each once, by address.
fn people(authors: impl Iterator<Item = Address>) -> Vec<Address> {
    let mut people: Vec<Address> = Vec::new();
    for author in authors {
        let known = |person: &Address| person.addr.eq_ignore_ascii_case(&author.addr);
        if people.len() < PEOPLE && !people.iter().any(known) {
            people.push(author);
        }
    }
    people
}

fn dress_whole(raw: RawConversation, clock: &Clock) -> Conversation {
    let mut members: Vec<ConversationMember> = raw
        .members
        .into_iter()
        .map(|member| ConversationMember {
            folder: member.folder,
            uid_validity: member.uid_validity,
            envelope: envelope(member.row, clock),
        })
        .collect();
    // Stable: of one date in the order of arrival.
    members.sort_by_key(|member| member.envelope.date.epoch);
    Conversation {
        members,
        complete: raw.complete,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Locale;
    use crate::mail::header::Header;
    use crate::server::imap::{RawOther, RawRow};
    use jiff::tz::TimeZone;

    fn other(uid: u32, from: &str, seen: bool) -> RawOther {
        RawOther {
            uid,
            flags: Flags {
                seen,
                flagged: uid == 1,
                ..Flags::default()
            },
            from: Header::parse(format!("From: {from}\r\n\r\n").as_bytes()).from(),
        }
    }

    #[test]
    fn a_row_counts_and_names_everybody_once() {
        let row = RawConversationRow {
            uids: (1..=1_200).collect(),
            newest: RawRow {
                uid: 1_200,
                header: b"From: Jo <JO@x.example>\r\nSubject: Re: Lunch\r\n\r\n".to_vec(),
                ..RawRow::default()
            },
            others: vec![
                other(1, "Jo <jo@x.example>", true),
                other(2, "Ada <ada@x.example>", false),
            ],
        };
        let row = dress_row(row, &Clock::new(Locale::En, TimeZone::UTC));
        assert_eq!((row.count, row.unread, row.flagged), (1_200, 2, true));
        assert_eq!((row.uids.len(), row.uids[0]), (1_000, 201));
        let names: Vec<_> = row.people.iter().map(Address::label).collect();
        assert_eq!(names, ["Jo", "Ada"]);
        assert_eq!(row.newest.subject, "Re: Lunch");
    }
}
