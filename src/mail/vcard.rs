//! Visiting cards: vCard 2.1, 3.0 and 4.0 (RFC 2426, RFC 6350), for a card that shows who it is
//! and for the address book. Pictures and keys are left out.

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
    pub emails: Vec<Labelled>,
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
            "EMAIL" => push(&mut self.emails, line, without_scheme(raw, "mailto:")),
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
            self.name = self.emails.first()?.value.clone();
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(lines: &str) -> Card {
        let text = format!("BEGIN:VCARD\r\n{lines}\r\nEND:VCARD\r\n");
        let mut cards = parse(text.as_bytes(), None);
        assert_eq!(cards.len(), 1, "{cards:?}");
        cards.remove(0)
    }

    fn labelled(value: &str, label: Label) -> Labelled {
        Labelled {
            value: value.to_owned(),
            label,
        }
    }

    #[test]
    fn version_4() {
        let card = one(
            "VERSION:4.0\r\nFN:Jo Berg\r\nN:Berg;Jo;;Dr.;\r\nORG:Example\\, Ltd;Sales\r\n\
            TITLE:Head\r\nEMAIL;TYPE=work:jo@example.org\r\nitem1.EMAIL:jo@example.net\r\n\
            TEL;VALUE=uri;TYPE=\"voice,cell\":tel:+49-1\r\nTEL;TYPE=home:+49-2\r\n\
            ADR;TYPE=work:;;Way 1;Town;;12345;Land\r\nURL:https://example.org/\r\n\
            URL:javascript:alert(1)\r\nBDAY:--0229\r\nNOTE:one\\ntwo\r\n\
            PHOTO:data:image/png;base64,AAAA",
        );
        assert_eq!(card.name, "Jo Berg");
        assert_eq!(
            (card.family_name.as_str(), card.given_name.as_str()),
            ("Berg", "Jo")
        );
        assert_eq!(card.organization, "Example, Ltd, Sales");
        assert_eq!(card.title, "Head");
        assert_eq!(
            card.emails,
            [
                labelled("jo@example.org", Label::Work),
                labelled("jo@example.net", Label::Other)
            ]
        );
        assert_eq!(
            card.phones,
            [
                labelled("+49-1", Label::Mobile),
                labelled("+49-2", Label::Home)
            ]
        );
        assert_eq!(
            card.addresses,
            [labelled("Way 1, Town, 12345, Land", Label::Work)]
        );
        assert_eq!(card.urls, ["https://example.org/"]);
        let expected = Birthday {
            year: None,
            month: 2,
            day: 29,
        };
        assert_eq!(card.birthday, Some(expected));
        assert_eq!(card.note, "one\ntwo");
    }

    #[test]
    fn version_3_with_folds() {
        let card = one(
            "VERSION:3.0\r\nFN:Jo\r\n hanna\r\nEMAIL;TYPE=INTERNET,HOME:a@b\r\n\
            TEL;TYPE=WORK;TYPE=FAX:1\r\nBDAY:1970-01-31T00:00:00Z",
        );
        assert_eq!(card.name, "Johanna");
        assert_eq!(card.emails, [labelled("a@b", Label::Home)]);
        assert_eq!(card.phones, [labelled("1", Label::Fax)]);
        let expected = Birthday {
            year: Some(1970),
            month: 1,
            day: 31,
        };
        assert_eq!(card.birthday, Some(expected));
    }

    #[test]
    fn version_2_1_in_its_charsets() {
        let text = b"BEGIN:VCARD\r\nVERSION:2.1\r\n\
            N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:B=C3=B6hm;J=\r\n=C3=BCrgen\r\n\
            ORG;CHARSET=ISO-8859-1:Gr\xfc\xdfe\r\n\
            NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0Atwo=\r\n three\r\nTEL;CELL:1\r\n\
            ADR;QUOTED-PRINTABLE;CHARSET=windows-1252;HOME:;;Stra=DFe 1;K=F6ln\r\n\
            TITLE:M\xfcller\r\nEND:VCARD\r\n";
        let cards = parse(text, None);
        let [card] = cards.as_slice() else {
            panic!("{cards:?}");
        };
        assert_eq!(card.name, "Jürgen Böhm");
        assert_eq!(card.organization, "Grüße");
        assert_eq!(card.note, "one\ntwo three");
        assert_eq!(card.phones, [labelled("1", Label::Mobile)]);
        assert_eq!(card.addresses, [labelled("Straße 1, Köln", Label::Home)]);
        assert_eq!(card.title, "Müller");
    }

    #[test]
    fn several_broken_and_none() {
        let cards = parse(
            b"BEGIN:VCARD\nFN:A\nBEGIN:VCARD\nFN:B\nEND:VCARD\nFN:X\nBEGIN:VCARD\nORG:C\n",
            None,
        );
        let names: Vec<&str> = cards.iter().map(|card| card.name.as_str()).collect();
        assert_eq!(names, ["A", "B", "C"]);
        for text in [
            &b""[..],
            b"FN:A",
            b"BEGIN:VCARD",
            b"BEGIN:VCARD\nEND:VCARD",
            b"\0\xff:\n",
        ] {
            assert_eq!(parse(text, None), []);
        }
        for date in [
            "",
            "1970",
            "1970-13-01",
            "19700230",
            "--0230",
            "é970-01-01",
            "--1",
        ] {
            assert_eq!(birthday(date), None, "{date}");
        }
    }

    #[test]
    fn names_stay_on_their_line() {
        let card = one("FN:a\\nb\u{202E}c\u{0}\r\nEMAIL:x\\n@y");
        assert_eq!(card.name, "a bc");
        assert_eq!(card.emails[0].value, "x @y");
    }

    #[test]
    fn bombs() {
        let start = std::time::Instant::now();
        for piece in [
            "BEGIN:VCARD\nFN:a\n",
            "EMAIL:a@b\n",
            "NOTE;ENCODING=QUOTED-PRINTABLE:=\n",
            "=\n",
            "TEL;;;;:1\n",
            " x\n",
        ] {
            let text = format!(
                "BEGIN:VCARD\nFN:x\nNOTE;QUOTED-PRINTABLE:=\n{}",
                piece.repeat(200_000)
            );
            let cards = parse(text.as_bytes(), None);
            assert!(cards.len() <= CARD_LIMIT);
            assert!(cards.iter().all(|card| card.emails.len() <= VALUE_LIMIT));
        }
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }

    proptest! {
        #[test]
        fn any_octets_at_all(octets in proptest::collection::vec(any::<u8>(), 0..200), text in any::<String>()) {
            parse(&octets, None);
            for name in ["FN", "N;CHARSET=utf-16", "ADR;ENCODING=QUOTED-PRINTABLE", "BDAY", "URL"] {
                let card = format!("BEGIN:VCARD\nFN:x\n{name}:{text}\n");
                for card in parse(card.as_bytes(), Some(&text)) {
                    prop_assert!(!card.name.is_empty());
                    prop_assert!(!card.name.contains(['\r', '\n']));
                }
            }
        }
    }
}
