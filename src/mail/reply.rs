//! Answers and forwarded mails as the composer opens them: who gets it, under which subject, in
//! which thread, with what quoted.

use super::header::Header;
use crate::mail::address;
use crate::model::{Address, Draft, DraftAttachment, Origin, Relation};
use std::collections::HashSet;

/// Message-IDs that References keeps: the first and the latest. RFC 5322 sets no bound; a thread
/// of years would fill the header.
const REFERENCE_LIMIT: usize = 20;
/// Characters of a quoted text; what comes after is cut off.
const QUOTE_LIMIT: usize = 500_000;

/// Marks before a subject that say "answer", by the languages that use them.
const REPLY_MARKS: [&str; 17] = [
    "re", "aw", "antw", "antwort", "sv", "vs", "réf", "rép", "rif", "r", "odp", "ynt", "vá", "res",
    "回复", "回覆", "答复",
];
/// Marks that say "forwarded".
const FORWARD_MARKS: [&str; 16] = [
    "fwd",
    "fw",
    "wg",
    "tr",
    "vb",
    "vl",
    "vs",
    "rv",
    "enc",
    "i",
    "pd",
    "továbbítás",
    "weitergeleitet",
    "doorst",
    "转发",
    "轉寄",
];

/// The message that is answered or passed on.
#[derive(Debug)]
pub struct Source<'a> {
    pub header: &'a Header,
    /// The body as plain text: the text part, or `text::html_to_text` of the HTML part.
    pub text: String,
    /// The person's own addresses.
    pub own: &'a [String],
    /// Where it lies: the folder's full name.
    pub folder: String,
    pub uid_validity: u32,
    pub uid: u32,
    /// Its attachments, for a mail that passes them on.
    pub forwardable: Vec<DraftAttachment>,
}

/// What is said in the person's language. Each is one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Above what an answer quotes, filled in: "On 24 November 2026, Jo Berg wrote:".
    pub attribution: String,
    /// Above what is passed on: "Forwarded message".
    pub forwarded: String,
    /// The labels of the header lines under it, without colon.
    pub from: String,
    pub to: String,
    pub cc: String,
    pub date: String,
    pub subject: String,
    /// The message's date, written out; empty where it has none.
    pub date_value: String,
}

/// The draft of an answer, to the author or (`all`) to everybody. Its `message_id` is empty: the
/// caller fixes it.
///
/// Reply-To goes before From (RFC 5322, section 3.6.2). An answer to a mail of one's own goes to
/// those it went to. One's own addresses are left out of an answer to all, unless nobody is left.
pub fn reply(source: &Source<'_>, all: bool, words: &Words) -> Draft {
    let header = source.header;
    let from = header.from();
    let author = if header.reply_to().is_empty() {
        from.clone()
    } else {
        header.reply_to()
    };
    let mine = !from.is_empty() && from.iter().all(|address| source.is_own(address));
    let (to, cc) = match (mine && !header.to().is_empty(), all) {
        (true, true) => (header.to(), header.cc()),
        (true, false) => (header.to(), Vec::new()),
        (false, true) => ([author.clone(), header.to()].concat(), header.cc()),
        (false, false) => (author.clone(), Vec::new()),
    };
    let mut seen = HashSet::new();
    let mut to = distinct(to, &mut seen);
    let mut cc = distinct(cc, &mut seen);
    if all {
        to.retain(|address| !source.is_own(address));
        cc.retain(|address| !source.is_own(address));
        if to.is_empty() {
            // The carbon copies alone are no recipients of an answer, nor is nobody.
            to = if cc.is_empty() {
                distinct(author, &mut HashSet::new())
            } else {
                std::mem::take(&mut cc)
            };
        }
    }
    let quoted = quote(&source.text);
    Draft {
        to: address::format(&to),
        cc: address::format(&cc),
        subject: marked(&header.subject(), "Re: ", &REPLY_MARKS),
        text: format!("\n\n{}\n{quoted}", words.attribution),
        in_reply_to: header.message_id().into_iter().collect(),
        references: references(header),
        origin: Some(source.origin(if all {
            Relation::ReplyAll
        } else {
            Relation::Reply
        })),
        ..Draft::default()
    }
}

/// The draft that passes the message on, with its attachments. Its `message_id` is empty: the
/// caller fixes it.
pub fn forward(source: &Source<'_>, words: &Words) -> Draft {
    let header = source.header;
    let mut text = format!("\n\n-------- {} --------\n", words.forwarded);
    let lines = [
        (&words.from, address::format(&header.from())),
        (&words.date, words.date_value.clone()),
        (&words.subject, header.subject()),
        (&words.to, address::format(&header.to())),
        (&words.cc, address::format(&header.cc())),
    ];
    for (label, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        text.extend([label.as_str(), ": ", value, "\n"]);
    }
    text.push('\n');
    text.push_str(clipped(source.text.trim_matches('\n')));
    text.push('\n');
    Draft {
        subject: marked(&header.subject(), "Fwd: ", &FORWARD_MARKS),
        text,
        references: references(header),
        origin: Some(source.origin(Relation::Forward)),
        attachments: source.forwardable.clone(),
        ..Draft::default()
    }
}

impl Source<'_> {
    fn is_own(&self, address: &Address) -> bool {
        self.own.iter().any(|own| same(own, &address.addr))
    }

    fn origin(&self, relation: Relation) -> Origin {
        Origin {
            relation,
            folder: self.folder.clone(),
            uid_validity: self.uid_validity,
            uid: self.uid,
        }
    }
}

/// Whether two addresses are the same to people: in any case.
fn same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// The addresses that can be written to, each once; `seen` is shared by the fields of a mail.
fn distinct(list: Vec<Address>, seen: &mut HashSet<String>) -> Vec<Address> {
    list.into_iter()
        .filter(|address| {
            let key = address.addr.trim().to_lowercase();
            !key.is_empty() && seen.insert(key)
        })
        .collect()
}

/// `subject` behind the mark `mark`, in place of marks of the same meaning that are there already.
/// The rest stays as it is, other marks included: `Re: Fwd: x` is an answer to `Fwd: x`.
fn marked(subject: &str, mark: &str, marks: &[&str]) -> String {
    let mut rest = subject.trim_start();
    while let Some(after) = without_mark(rest, marks) {
        rest = after.trim_start();
    }
    format!("{mark}{rest}")
}

/// What follows `Re:`, `AW :`, `Re[2]:` or `Re^2:`, the colon of any width.
fn without_mark<'a>(subject: &'a str, marks: &[&str]) -> Option<&'a str> {
    let (before, after) = subject.split_once([':', '：'])?;
    let before = before.trim_end();
    let counted = before
        .trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '[' | ']' | '(' | ')' | '^'));
    let word = counted.to_lowercase();
    // A count belongs to words that are longer than one letter: `R2: D2` is none.
    let fits = marks.contains(&word.as_str()) && (word.chars().count() > 1 || counted == before);
    fits.then_some(after)
}

/// The thread so far (RFC 5322, section 3.6.4): References, or In-Reply-To where that is one, and
/// the message itself.
fn references(header: &Header) -> Vec<String> {
    let mut list = header.references();
    if list.is_empty() {
        list = header.in_reply_to();
        if list.len() > 1 {
            list.clear();
        }
    }
    if let Some(id) = header.message_id() {
        list.retain(|other| *other != id);
        list.push(id);
    }
    if list.len() > REFERENCE_LIMIT {
        let surplus = list.len().saturating_sub(REFERENCE_LIMIT).saturating_add(1);
        list.drain(1..surplus);
    }
    list
}

/// The text with each line quoted, and without the signature: no one wants to have that back.
fn quote(text: &str) -> String {
    let lines: Vec<&str> = clipped(text).lines().collect();
    let end = lines
        .iter()
        .rposition(|line| *line == "-- ")
        .unwrap_or(lines.len());
    let own = lines.get(..end).unwrap_or_default();
    let first = own
        .iter()
        .position(|line| !line.trim().is_empty())
        .unwrap_or(own.len());
    let last = own.iter().rposition(|line| !line.trim().is_empty());
    let last = last.map_or(first, |last| last.saturating_add(1));
    let mut out = String::with_capacity(text.len());
    for line in own.get(first..last).unwrap_or_default() {
        // Quote marks stand together, so that their number is the depth (RFC 3676, section 4.5).
        out.push('>');
        if !line.is_empty() && !line.starts_with('>') {
            out.push(' ');
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

fn clipped(text: &str) -> &str {
    super::visible::clip(text, QUOTE_LIMIT)
}

#[cfg(test)]
mod tests;
