//! One page of a folder, newest first, by sequence numbers: what a page costs does not depend on
//! how many messages the folder has. Never are all UIDs or headers asked for.

use super::answer::{Answer, Fetched, Untagged};
use super::connection::Connection;
use super::engine::{Engine, Retry, on_connection};
use super::error::ImapError;
use super::headers::{FLAGS, Headers, fetches};
use super::overview::Overview;
use super::select::Place;
use super::view::{Mailbox, Selected};
use super::wire::Command;
use crate::model::Flags;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Rows of a page at most.
pub(super) const PAGE_LIMIT: u32 = 500;
/// Octets of the first part from which a snippet is made, where the server makes none.
const SNIPPET_OCTETS: u32 = 600;

/// A page of messages, as the server tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawWindow {
    pub uid_validity: u32,
    /// Messages in the folder.
    pub total: u32,
    /// 1 is the newest page; a page beyond the last becomes the last.
    pub page: u32,
    /// At least 1.
    pub pages: u32,
    /// Newest first, by arrival.
    pub rows: Vec<RawRow>,
}

/// One message of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawRow {
    pub uid: u32,
    /// See [`crate::model::Envelope::ordinal`]; in a folder as it is, the sequence number.
    pub ordinal: u32,
    pub flags: Flags,
    /// By `$HasAttachment` or `$HasNoAttachment`, where the server sets them.
    pub has_attachment: Option<bool>,
    /// Seconds since 1970; 0 where the server has none.
    pub internal_date: i64,
    pub size: u32,
    /// The fields Date, From, To, Subject, Content-Type and Content-Transfer-Encoding.
    pub header: Vec<u8>,
    /// The server's own preview of the text, if snippets were asked for and it makes them (RFC
    /// 8970). Else the next two are there.
    pub preview: Option<String>,
    /// The MIME header of part 1; some servers give the message's header for a message that is no
    /// multipart, others nothing.
    pub part_header: Vec<u8>,
    /// The beginning of part 1, still encoded.
    pub part_text: Vec<u8>,
    /// What these say, once they were read: then they are gone.
    pub overview: Option<Arc<Overview>>,
}

impl Engine {
    /// The page `page` (1 is the newest) of `folder`. `snippets`: with what previews are made of.
    pub async fn window(
        &self,
        folder: &str,
        page: u32,
        page_size: u32,
        snippets: bool,
    ) -> Result<RawWindow, ImapError> {
        let size = page_size.clamp(1, PAGE_LIMIT);
        self.span(folder, Span::Page { page, size }, snippets).await
    }

    /// The rows with the ordinals `first` to `last` of `folder`, as far as it has them, and at most
    /// 500 from `last` on. `page_size` is for telling the page they stand on.
    pub async fn rows(
        &self,
        folder: &str,
        first: u32,
        last: u32,
        page_size: u32,
    ) -> Result<RawWindow, ImapError> {
        let size = page_size.clamp(1, PAGE_LIMIT);
        let first = first.max(last.saturating_sub(PAGE_LIMIT - 1)).max(1);
        self.span(folder, Span::Rows { first, last, size }, true)
            .await
    }

    async fn span(&self, folder: &str, span: Span, snippets: bool) -> Result<RawWindow, ImapError> {
        let mailbox = self.mailbox(folder)?;
        on_connection!(self, Some(&mailbox), Retry::Once, |connection| async {
            fetch_window(connection, &self.headers, &mailbox, span, snippets).await
        })
    }
}

async fn fetch_window(
    connection: &mut Connection,
    headers: &Headers,
    mailbox: &Mailbox,
    span: Span,
    snippets: bool,
) -> Result<RawWindow, ImapError> {
    let items = items(connection, snippets);
    // Where the folder was open already, what came since is asked for in the same round.
    let mut fresh = !connection.is_in(mailbox);
    let place = Place {
        mailbox,
        expected: None,
        highest: 0,
    };
    let mut selected = connection.enter(place).await?;
    // The second try sees a folder that changed between; a third is for one that changes all the
    // time.
    for _ in 0..3 {
        let range = Range::of(selected.exists, span);
        let mut round = Vec::new();
        if !fresh {
            round.push(Command::new("NOOP"));
        }
        let fetch = range.numbers();
        let known =
            snippets && fetch.is_some_and(|(first, last)| headers.expects(&selected, first, last));
        if let Some((first, last)) = fetch {
            let items = if known { FLAGS } else { &items };
            round.push(Command::new("FETCH").raw(&format!(" {first}:{last} {items}")));
        }
        let answers = connection.run_all(&round).await?;
        let mut now = connection.selected().cloned().ok_or(ImapError::NoFolder)?;
        // A server removes nothing during a FETCH alone (RFC 9051, section 7.5.1); one that does
        // has moved the numbers under the answers.
        let unchanged = now.exists == selected.exists || fresh;
        if unchanged && now.removals == selected.removals {
            let mut rows = rows(answers, fetch).inspect_err(|error| match error {
                ImapError::Protocol(_) => connection.give_up("FETCH", error),
                // Deleted under us: the next call asks for it anew.
                ImapError::NoFolder => connection.forget_selected(),
                _ => {}
            })?;
            if known {
                complete(connection, headers, &now, &mut rows).await?;
                let then = connection.selected().cloned().ok_or(ImapError::NoFolder)?;
                if then.removals != now.removals {
                    selected = then;
                    fresh = true;
                    continue;
                }
                now = then;
            }
            if snippets {
                headers.keep(&now, rows.iter_mut(), true);
            }
            return Ok(range.window(&now, rows));
        }
        // Sequence numbers have moved (the order in which a server answers NOOP and FETCH is its
        // own): what was fetched may be another page.
        selected = now;
        fresh = true;
    }
    Err(ImapError::Protocol("a folder that never rests".to_owned()))
}

/// Completes rows of which only UID and flags were fetched: by what is known, and a round for the
/// others. One that has gone meanwhile is left out.
async fn complete(
    connection: &mut Connection,
    headers: &Headers,
    selected: &Selected,
    rows: &mut Vec<RawRow>,
) -> Result<(), ImapError> {
    let missing = headers.complete(selected, rows);
    if missing.is_empty() {
        return Ok(());
    }
    let round = fetches(&missing, &items(connection, true));
    let mut found: HashMap<u32, RawRow> = HashMap::new();
    for answer in connection.run_all(&round).await? {
        for data in answer?.untagged {
            if let Untagged::Fetch(fetched) = data
                && let Some(uid) = fetched.uid
                && missing.contains(&uid)
            {
                merge(found.entry(uid).or_default(), *fetched);
            }
        }
    }
    rows.retain_mut(|row| {
        if !missing.contains(&row.uid) {
            return true;
        }
        let Some(fetched) = found.remove(&row.uid).filter(|row| !row.header.is_empty()) else {
            return false;
        };
        *row = RawRow {
            ordinal: row.ordinal,
            ..fetched
        };
        true
    });
    Ok(())
}

/// What is asked of each message.
pub(super) fn items(connection: &Connection, snippets: bool) -> String {
    items_with(connection, snippets, "")
}

/// [`items`], and further fields of the header; each begins with a space.
pub(super) fn items_with(connection: &Connection, snippets: bool, fields: &str) -> String {
    let mut items = format!(
        "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS \
         (DATE FROM TO SUBJECT CONTENT-TYPE CONTENT-TRANSFER-ENCODING{fields})]"
    );
    if snippets {
        // A preview is cached by the server and costs next to nothing; the parts cost as much
        // again as all the rest.
        if connection.capabilities().has("PREVIEW") {
            items.push_str(" PREVIEW");
        } else {
            items.push_str(" BODY.PEEK[1.MIME] BODY.PEEK[1]<0.");
            items.push_str(&SNIPPET_OCTETS.to_string());
            items.push('>');
        }
    }
    items.push(')');
    items
}

/// Which rows are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Span {
    Page { page: u32, size: u32 },
    Rows { first: u32, last: u32, size: u32 },
}

/// A span of a folder with so many messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub total: u32,
    pub page: u32,
    pub pages: u32,
    numbers: Option<(u32, u32)>,
}

impl Range {
    pub fn of(total: u32, span: Span) -> Self {
        let (Span::Page { size, .. } | Span::Rows { size, .. }) = span;
        let pages = total.div_ceil(size).max(1);
        let (page, numbers) = match span {
            Span::Page { page, .. } => {
                let page = page.clamp(1, pages);
                let newer = (page - 1).saturating_mul(size);
                let last = total.checked_sub(newer).filter(|last| *last > 0);
                let numbers = last.map(|last| (last.saturating_sub(size - 1).max(1), last));
                (page, numbers)
            }
            Span::Rows { first, last, .. } => {
                let last = last.min(total);
                let numbers = (first <= last).then_some((first, last));
                (total.saturating_sub(last) / size + 1, numbers)
            }
        };
        Self {
            total,
            page,
            pages,
            numbers,
        }
    }

    /// First and last number; `None` where there is nothing to be had.
    pub fn numbers(self) -> Option<(u32, u32)> {
        self.numbers
    }

    fn window(self, selected: &Selected, rows: Vec<RawRow>) -> RawWindow {
        RawWindow {
            uid_validity: selected.uid_validity,
            total: self.total,
            page: self.page,
            pages: self.pages,
            rows,
        }
    }
}

/// The rows from the answers of a round. A change of flags that the server tells unasked, in a
/// response of its own, goes into its row.
fn rows(
    answers: Vec<Result<Answer, ImapError>>,
    range: Option<(u32, u32)>,
) -> Result<Vec<RawRow>, ImapError> {
    let mut by_number: BTreeMap<u32, RawRow> = BTreeMap::new();
    let (first, last) = range.unwrap_or((1, 0));
    for answer in answers {
        for data in answer?.untagged {
            if let Untagged::Fetch(fetched) = data
                && (first..=last).contains(&fetched.sequence)
            {
                let row = by_number.entry(fetched.sequence).or_default();
                if row.uid > 0 && fetched.uid.is_some_and(|uid| uid != row.uid) {
                    return Err(ImapError::Protocol("one message with two UIDs".to_owned()));
                }
                merge(row, *fetched);
            }
        }
    }
    let rows: Vec<RawRow> = by_number
        .into_values()
        .rev()
        .filter(|row| row.uid > 0)
        .collect();
    // UIDs grow with the numbers (RFC 9051, section 2.3.1.1). Where they do not, nobody knows which
    // message a row is about.
    if rows
        .windows(2)
        .any(|pair| matches!(pair, [newer, older] if newer.uid <= older.uid))
    {
        return Err(ImapError::Protocol("UIDs out of order".to_owned()));
    }
    Ok(rows)
}

/// Takes into the row what a FETCH response says.
pub(super) fn merge(row: &mut RawRow, mut fetched: Fetched) {
    row.ordinal = fetched.sequence;
    row.uid = fetched.uid.unwrap_or(row.uid);
    if let Some(names) = &fetched.flags {
        row.flags = flags(names);
        row.has_attachment = has_attachment(names);
    }
    row.internal_date = fetched.internal_date.unwrap_or(row.internal_date);
    row.size = fetched.size.unwrap_or(row.size);
    if let Some(header) = fetched.take("HEADER") {
        row.header = header;
    }
    if let Some(header) = fetched.take("1.MIME") {
        row.part_header = header;
    }
    if let Some(text) = fetched.take("1") {
        row.part_text = text;
    }
    if fetched.preview.is_some() {
        row.preview = fetched.preview;
    }
}

/// The flags that Posthorn shows. Their names are case-insensitive (RFC 9051, section 2.3.2).
pub(super) fn flags(names: &[String]) -> Flags {
    let has = |wanted: &str| names.iter().any(|name| name.eq_ignore_ascii_case(wanted));
    Flags {
        seen: has("\\Seen"),
        flagged: has("\\Flagged"),
        answered: has("\\Answered"),
        forwarded: has("$Forwarded"),
        draft: has("\\Draft"),
        receipted: has("$MDNSent"),
    }
}

/// What the server's keywords say.
pub(super) fn has_attachment(names: &[String]) -> Option<bool> {
    names
        .iter()
        .find_map(|name| match name.to_ascii_lowercase().as_str() {
            "$hasattachment" => Some(true),
            "$hasnoattachment" => Some(false),
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_counted_from_the_newest() {
        let numbers = |total, page| {
            let range = Range::of(total, Span::Page { page, size: 50 });
            (range.numbers(), range.page, range.pages)
        };
        assert_eq!(numbers(120, 1), (Some((71, 120)), 1, 3));
        assert_eq!(numbers(120, 2), (Some((21, 70)), 2, 3));
        assert_eq!(numbers(120, 3), (Some((1, 20)), 3, 3));
        assert_eq!(numbers(120, 99), (Some((1, 20)), 3, 3));
        assert_eq!(numbers(100, 2), (Some((1, 50)), 2, 2));
        assert_eq!(numbers(1, 1), (Some((1, 1)), 1, 1));
        assert_eq!(numbers(0, 7), (None, 1, 1));
        assert_eq!(numbers(u32::MAX, u32::MAX).2, u32::MAX.div_ceil(50));
    }

    #[test]
    fn rows_are_found_by_their_ordinals() {
        let numbers = |total, first, last| {
            let range = Range::of(
                total,
                Span::Rows {
                    first,
                    last,
                    size: 50,
                },
            );
            (range.numbers(), range.page)
        };
        assert_eq!(numbers(120, 21, 70), (Some((21, 70)), 2));
        assert_eq!(numbers(120, 100, 400), (Some((100, 120)), 1));
        assert_eq!(numbers(120, 121, 130).0, None);
        assert_eq!(numbers(0, 1, 50).0, None);
    }

    #[test]
    fn rows_are_newest_first_and_flags_up_to_date() {
        let fetched = |sequence, uid, names: &[&str]| {
            Untagged::Fetch(Box::new(Fetched {
                sequence,
                uid,
                flags: Some(names.iter().map(ToString::to_string).collect()),
                ..Fetched::default()
            }))
        };
        let answer = Answer {
            code: None,
            untagged: vec![
                fetched(2, Some(20), &[]),
                fetched(1, Some(10), &["\\seen", "$HasAttachment"]),
                fetched(2, None, &["\\Flagged"]),
                fetched(9, Some(90), &[]),
            ],
        };
        let rows = rows(vec![Ok(answer)], Some((1, 2))).unwrap();
        assert_eq!(rows.iter().map(|row| row.uid).collect::<Vec<_>>(), [20, 10]);
        assert!(rows[0].flags.flagged && rows[1].flags.seen);
        assert_eq!(
            (rows[0].has_attachment, rows[1].has_attachment),
            (None, Some(true))
        );
    }
    #[test]
    fn rows_that_contradict_each_other_are_refused() {
        let rows_of = |told: &[(u32, Option<u32>)]| {
            let untagged = told
                .iter()
                .map(|(sequence, uid)| {
                    Untagged::Fetch(Box::new(Fetched {
                        sequence: *sequence,
                        uid: *uid,
                        ..Fetched::default()
                    }))
                })
                .collect();
            let answer = Answer {
                code: None,
                untagged,
            };
            rows(vec![Ok(answer)], Some((1, 9)))
        };
        assert!(rows_of(&[(1, Some(10)), (2, Some(20)), (1, Some(10)), (2, None)]).is_ok());
        for bad in [
            [(1, Some(10)), (2, Some(10))],
            [(1, Some(20)), (2, Some(10))],
            [(1, Some(10)), (1, Some(11))],
        ] {
            assert!(matches!(rows_of(&bad), Err(ImapError::Protocol(_))));
        }
    }
}
