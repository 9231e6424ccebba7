//! Visiting cards: vCard 2.1, 3.0 and 4.0 (RFC 2426, RFC 6350), for a card that shows who it is
//! and for the address book. Pictures and keys are left out.

use super::address;
use super::charset;
use super::content_line::{ContentLine, split, unescape};
use super::decode::Decoder;
use super::visible::{clip, one_line, plain};
use jiff::civil::Date;

/// Cards of one file, and values of one kind, that are read.
const CARD_LIMIT: usize = 200;
const VALUE_LIMIT: usize = 50;
/// Characters of a line, and of a note.
const LINE_LIMIT: usize = 1000;
const NOTE_LIMIT: usize = 20_000;
/// Octets and lines of a file that are read.
const INPUT_LIMIT: usize = 1 << 20;
const LINES_LIMIT: usize = 20_000;

/// A person or an organisation. Texts are decoded, bounded, and one line but for the note.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// The name to show; never empty.
    pub name: String,
    pub family_name: String,
    pub given_name: String,
    /// The organisation and its units.
    pub organization: String,
    pub title: String,
    /// Each one address that mail can be sent to.
    pub emails: Vec<Labelled>,
    /// What stands as an address and is none: to be read, not to be written to.
    pub odd_emails: Vec<Labelled>,
    pub phones: Vec<Labelled>,
    /// Each on one line, its fields parted by commas.
    pub addresses: Vec<Labelled>,
    /// http and https only.
    pub urls: Vec<String>,
    pub birthday: Option<Birthday>,
    pub note: String,
}

/// A value and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labelled {
    pub value: String,
    pub label: Label,
}

/// RFC 6350, section 5.6 and 6.4.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    Home,
    Work,
    Mobile,
    Fax,
    Other,
}

/// A day of birth, the year of which may be kept back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Birthday {
    pub year: Option<i16>,
    pub month: i8,
    pub day: i8,
}

/// Reads the cards of a decoded part. In vCard 2.1 each value may have a charset of its own, so it
/// is octets that are read; `label` is the charset of the part. Cards without a name, an
/// organisation or an address are left out. In linear time.
pub fn parse(part: &[u8], label: Option<&str>) -> Vec<Card> {
    let mut cards: Vec<Card> = Vec::new();
    let mut open: Option<Card> = None;
    for octets in lines(part.get(..INPUT_LIMIT).unwrap_or(part)) {
        let text = charset::decode(&octets, label);
        let text = text.trim_start_matches('\u{FEFF}');
        let Some(line) = ContentLine::parse(text) else {
            continue;
        };
        let card = line.value.trim().eq_ignore_ascii_case("VCARD");
        match line.name.as_str() {
            // A card within a card, which 2.1 allows (AGENT), ends the outer one: its first lines
            // are the ones that matter.
            "BEGIN" if card => {
                cards.extend(open.replace(Card::default()).and_then(Card::finish));
            }
            "END" if card => cards.extend(open.take().and_then(Card::finish)),
            _ => {
                if let Some(open) = &mut open {
                    open.take(&line, &octets);
                }
            }
        }
        if cards.len() >= CARD_LIMIT {
            return cards;
        }
    }
    cards.extend(open.and_then(Card::finish));
    cards
}

/// The lines, unfolded. Quoted-printable values go on after `=` at the end of a line, and with
/// them a blank at its beginning is text.
fn lines(part: &[u8]) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    let mut soft = false;
    for line in part.split(|octet| *octet == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let fold = line.first().is_some_and(|b| matches!(b, b' ' | b'\t'));
        if let Some(last) = lines.last_mut()
            && (soft || fold)
        {
            let more = if soft {
                line
            } else {
                line.get(1..).unwrap_or_default()
            };
            last.extend_from_slice(more);
        } else if lines.len() >= LINES_LIMIT {
            break;
        } else if !line.is_empty() {
            lines.push(line.to_vec());
        }
        soft = lines.last_mut().is_some_and(|last| {
            let soft = last.ends_with(b"=") && is_quoted_printable(last);
            if soft {
                last.pop();
            }
            soft
        });
    }
    lines
}

/// Whether the part before the value names the encoding.
fn is_quoted_printable(line: &[u8]) -> bool {
    let head = line.get(..200.min(line.len())).unwrap_or_default();
    let head = head
        .split(|octet| *octet == b':')
        .next()
        .unwrap_or_default();
    String::from_utf8_lossy(head)
        .to_ascii_uppercase()
        .contains("QUOTED-PRINTABLE")
}

impl Card {
    fn take(&mut self, line: &ContentLine<'_>, octets: &[u8]) {
        let raw = value(line, octets);
        let raw = raw.as_str();
        match line.name.as_str() {
            "FN" if self.name.is_empty() => self.name = text(raw),
            "N" if self.family_name.is_empty() && self.given_name.is_empty() => {
                let mut parts = split(raw, ';').into_iter().map(text);
                self.family_name = parts.next().unwrap_or_default();
                self.given_name = parts.next().unwrap_or_default();
            }
            "ORG" if self.organization.is_empty() => self.organization = joined(raw),
            "TITLE" if self.title.is_empty() => self.title = text(raw),
            "EMAIL" => {
                let value = without_scheme(raw, "mailto:");
                // Two of them, or one with fields of a letter behind it, would write to others than
                // the card shows.
                let list = if address::valid(&value) {
                    &mut self.emails
                } else {
                    &mut self.odd_emails
                };
                push(list, line, value);
            }
            "TEL" => push(&mut self.phones, line, without_scheme(raw, "tel:")),
            "ADR" => push(&mut self.addresses, line, joined(raw)),
            "URL" => {
                let url = text(raw);
                let lower = url.to_ascii_lowercase();
                let net = lower.starts_with("http://") || lower.starts_with("https://");
                if net && self.urls.len() < VALUE_LIMIT && !self.urls.contains(&url) {
                    self.urls.push(url);
                }
            }
            "BDAY" => self.birthday = self.birthday.or_else(|| birthday(raw.trim())),
            "NOTE" if self.note.is_empty() => {
                let note = plain(&unescape(clip(raw, NOTE_LIMIT)));
                note.trim().clone_into(&mut self.note);
            }
            _ => {}
        }
    }

    /// The name made of what there is.
    fn finish(mut self) -> Option<Self> {
        if self.name.is_empty() {
            let whole = format!("{} {}", self.given_name, self.family_name);
            whole.trim().clone_into(&mut self.name);
        }
        if self.name.is_empty() {
            self.name.clone_from(&self.organization);
        }
        if self.name.is_empty() {
            let mut emails = self.emails.iter().chain(&self.odd_emails);
            self.name = emails.next()?.value.clone();
        }
        Some(self)
    }
}

/// The value behind its own encoding and charset, which vCard 2.1 has.
fn value(line: &ContentLine<'_>, octets: &[u8]) -> String {
    let encoding = |name: &str| line.lists("ENCODING", name) || line.lists("TYPE", name);
    let label = line.param("CHARSET");
    if !encoding("QUOTED-PRINTABLE") && label.is_none() {
        return line.value.to_owned();
    }
    // The value has no colon that could stand before it: it is the rest behind the head.
    let head = octets.iter().position(|octet| *octet == b':');
    let raw = head
        .and_then(|at| octets.get(at.saturating_add(1)..))
        .unwrap_or_default();
    let decoded = if encoding("QUOTED-PRINTABLE") {
        Decoder::once("quoted-printable", raw)
    } else {
        raw.to_vec()
    };
    // A line break in it is text, as `\n` is in the later versions.
    charset::decode(&decoded, label)
        .replace("\r\n", "\n")
        .replace('\n', "\\n")
}

fn text(value: &str) -> String {
    one_line(&unescape(clip(value, LINE_LIMIT)))
}

/// The fields that are filled.
fn joined(value: &str) -> String {
    let fields: Vec<String> = split(clip(value, LINE_LIMIT), ';')
        .into_iter()
        .map(text)
        .filter(|field| !field.is_empty())
        .collect();
    fields.join(", ")
}

fn without_scheme(value: &str, scheme: &str) -> String {
    let value = text(value);
    match value.get(..scheme.len()) {
        Some(start) if start.eq_ignore_ascii_case(scheme) => {
            value.get(scheme.len()..).unwrap_or_default().to_owned()
        }
        _ => value,
    }
}

fn push(list: &mut Vec<Labelled>, line: &ContentLine<'_>, value: String) {
    let is = |word: &str| line.lists("TYPE", word);
    let label = if is("FAX") {
        Label::Fax
    } else if is("CELL") {
        Label::Mobile
    } else if is("HOME") {
        Label::Home
    } else if is("WORK") {
        Label::Work
    } else {
        Label::Other
    };
    let new = Labelled { value, label };
    if !new.value.is_empty() && list.len() < VALUE_LIMIT && !list.contains(&new) {
        list.push(new);
    }
}

/// `19700131`, `1970-01-31`, `--0131`, with or without a time behind it.
fn birthday(value: &str) -> Option<Birthday> {
    let date = value.split(['T', 't', ' ']).next().unwrap_or_default();
    let (year, rest) = match date.strip_prefix("--") {
        Some(rest) => (None, rest),
        None => (Some(date.get(..4)?.parse::<i16>().ok()?), date.get(4..)?),
    };
    let digits: String = rest.chars().filter(|c| *c != '-').collect();
    if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let month = digits.get(..2)?.parse().ok()?;
    let day = digits.get(2..)?.parse().ok()?;
    // Without a year the 29th of February is a day.
    Date::new(year.unwrap_or(2000), month, day).ok()?;
    Some(Birthday { year, month, day })
}

#[cfg(test)]
mod tests;
