//! Addresses as people type them into To, Cc and Bcc, and back. Strict where a guess would send a
//! mail to the wrong person or to fewer than were meant; lenient in all else.

use super::visible::{clip, one_line};
use crate::model::Address;

/// Longest local part, domain and address, in octets (RFC 5321, section 4.5.3.1; the address is
/// the path without its angle brackets).
const LOCAL_LIMIT: usize = 64;
const DOMAIN_LIMIT: usize = 255;
const ADDRESS_LIMIT: usize = 254;

/// A piece of an address box that is no address, for the person to recognise; one line, at most
/// 200 characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no address: {0}")]
pub struct BadAddress(pub String);

impl BadAddress {
    fn new(piece: &str) -> Self {
        Self(clip(&one_line(piece), 200).to_owned())
    }
}

/// Reads an address box: addresses parted by commas, semicolons or line breaks, each bare, in
/// angle brackets after a name, or with the name as a comment behind it; groups are flattened
/// (RFC 5322, section 3.4). Empty pieces are skipped. Domains stay as typed.
///
/// The first piece that is no address is the error; so is a line break, a NUL or another control
/// character inside a name or an address.
pub fn parse_list(text: &str) -> Result<Vec<Address>, BadAddress> {
    let mut list = Vec::new();
    let mut piece = Piece::default();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        piece.source.push(c);
        match (piece.place, c) {
            (Place::Quoted | Place::Comment(_), '\\') => {
                let Some(escaped) = chars.next() else {
                    return Err(piece.bad());
                };
                piece.source.push(escaped);
                piece.push(escaped);
            }
            (Place::Open, '"') => piece.open_quote(),
            (Place::Quoted, '"')
            | (Place::Comment(1), ')')
            | (Place::Angle { quoted: false }, '>') => piece.place = Place::Open,
            (Place::Open, '(') => piece.place = Place::Comment(1),
            (Place::Comment(depth), '(') => {
                piece.place = Place::Comment(depth.saturating_add(1));
                piece.push(c);
            }
            (Place::Comment(depth), ')') => {
                piece.place = Place::Comment(depth.saturating_sub(1));
                piece.push(c);
            }
            (Place::Open, '<') if piece.angle.is_none() => {
                piece.angle = Some(String::new());
                piece.place = Place::Angle { quoted: false };
            }
            (Place::Angle { quoted }, '"') => {
                piece.place = Place::Angle { quoted: !quoted };
                piece.push(c);
            }
            // The name of a group says nothing to the servers (RFC 5322, section 3.4).
            (Place::Open, ':') if piece.may_be_group() => piece = Piece::default(),
            (Place::Open, ',' | ';' | '\n' | '\r') => {
                piece.source.pop();
                list.extend(std::mem::take(&mut piece).finish()?);
            }
            _ => piece.push(c),
        }
    }
    list.extend(piece.finish()?);
    Ok(list)
}

/// Where in a piece the text stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Open,
    Quoted,
    /// How deep.
    Comment(u32),
    /// In angle brackets, in a quoted local part or not.
    Angle {
        quoted: bool,
    },
}

/// One address being read.
#[derive(Default)]
struct Piece {
    place: Place,
    /// As typed, for the error.
    source: String,
    /// The name, or the address where there are no angle brackets.
    phrase: String,
    /// Whether something of the phrase was quoted, and so cannot be an address.
    quoted: bool,
    comment: String,
    angle: Option<String>,
    /// Whether words follow the angle brackets.
    trailing: bool,
}

impl Piece {
    fn push(&mut self, c: char) {
        match self.place {
            Place::Comment(_) => self.comment.push(c),
            Place::Angle { .. } => self.angle.get_or_insert_default().push(c),
            Place::Open if self.angle.is_some() => self.trailing |= !c.is_whitespace(),
            Place::Open | Place::Quoted => self.phrase.push(c),
        }
    }

    /// A quote begins a name, unless it begins a bare address whose local part is quoted, which
    /// nobody types: that has to be in angle brackets.
    fn open_quote(&mut self) {
        self.trailing |= self.angle.is_some();
        self.quoted = true;
        self.place = Place::Quoted;
    }

    fn may_be_group(&self) -> bool {
        self.angle.is_none()
            && !self.phrase.contains('@')
            && !self.phrase.trim().eq_ignore_ascii_case("mailto")
    }

    fn bad(&self) -> BadAddress {
        BadAddress::new(&self.source)
    }

    fn finish(self) -> Result<Option<Address>, BadAddress> {
        if self.place != Place::Open || self.trailing {
            return Err(self.bad());
        }
        let hidden = |text: &str| text.trim().chars().any(char::is_control);
        if hidden(&self.phrase) || hidden(&self.comment) {
            return Err(self.bad());
        }
        let (name, addr) = match &self.angle {
            Some(addr) => {
                let name = if self.phrase.trim().is_empty() {
                    &self.comment
                } else {
                    &self.phrase
                };
                (name, addr.as_str())
            }
            None if self.source.trim().is_empty() => return Ok(None),
            // All there is is a comment.
            None if self.phrase.trim().is_empty() && !self.quoted => return Ok(None),
            None if self.quoted => return Err(self.bad()),
            None => (&self.comment, self.phrase.as_str()),
        };
        let addr = addr.trim();
        let addr = match addr.get(..7) {
            Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => {
                addr.get(7..).unwrap_or_default()
            }
            _ => addr,
        };
        if !valid(addr) {
            return Err(self.bad());
        }
        let name = name.trim();
        Ok(Some(Address {
            name: (!name.is_empty()).then(|| name.to_owned()),
            addr: addr.to_owned(),
        }))
    }
}

/// Writes the list for an address box or a header before encoding: `Name <addr>`, the name quoted
/// where RFC 5322, section 3.2.4 wants it. Names come out on one line. For addresses that are
/// [`valid`] and names without control characters or blanks at the ends, [`parse_list`] reads back
/// the same.
pub fn format(list: &[Address]) -> String {
    list.iter().map(format_one).collect::<Vec<_>>().join(", ")
}

fn format_one(address: &Address) -> String {
    let name = one_line(address.name.as_deref().unwrap_or_default());
    if name.is_empty() {
        // A quoted local part would read as a name.
        if address.addr.contains(['"', '(', ',', ';', ':']) {
            return format!("<{}>", address.addr);
        }
        return address.addr.clone();
    }
    let atoms = name
        .chars()
        .all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~ ".contains(c) || !c.is_ascii());
    if atoms && !name.contains("  ") {
        return format!("{name} <{}>", address.addr);
    }
    let mut quoted = String::with_capacity(name.len());
    for c in name.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    format!("\"{quoted}\" <{}>", address.addr)
}

/// Whether `addr` is an address that mail can be sent to: `local@domain`, the local part a
/// dot-atom or a quoted string (RFC 5321, section 4.1.2; RFC 6531 for letters beyond ASCII), the
/// domain a host name, an internationalised one or an address literal, all within the limits of
/// RFC 5321, section 4.5.3.1. A domain without a dot, as `localhost`, is one.
pub fn valid(addr: &str) -> bool {
    let Some((local, domain)) = addr.rsplit_once('@') else {
        return false;
    };
    valid_local(local) && addr.len() <= ADDRESS_LIMIT && valid_domain(domain)
}

fn valid_local(local: &str) -> bool {
    if local.is_empty() || local.len() > LOCAL_LIMIT {
        return false;
    }
    if let Some(inner) = local.strip_prefix('"') {
        let Some(inner) = inner.strip_suffix('"') else {
            return false;
        };
        let mut chars = inner.chars();
        while let Some(c) = chars.next() {
            let escaped = c == '\\';
            let c = if escaped { chars.next() } else { Some(c) };
            let sane = c.is_some_and(|c| (' '..='~').contains(&c) && (escaped || c != '"'));
            if !sane {
                return false;
            }
        }
        return true;
    }
    local.split('.').all(|atom| {
        let sane =
            |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || beyond(c);
        !atom.is_empty() && atom.chars().all(sane)
    })
}

/// A letter, digit or mark beyond ASCII, and nothing that hides or steers.
fn beyond(c: char) -> bool {
    !c.is_ascii() && !c.is_control() && !c.is_whitespace() && !one_line(&c.to_string()).is_empty()
}

fn valid_domain(domain: &str) -> bool {
    if let Some(literal) = domain.strip_prefix('[').and_then(|d| d.strip_suffix(']')) {
        let address = literal.strip_prefix("IPv6:").unwrap_or(literal);
        return address.parse::<std::net::IpAddr>().is_ok();
    }
    ascii_host(domain).is_some()
}

/// The domain in lower-case ASCII (RFC 5890); `None` where it cannot be a host name.
fn ascii_host(domain: &str) -> Option<String> {
    let ascii = idna::domain_to_ascii(domain).ok()?;
    let sane = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    (ascii.len() <= DOMAIN_LIMIT && ascii.split('.').all(sane)).then_some(ascii)
}

/// The address with its domain in lower-case ASCII, for SMTP and for headers; the local part as it
/// is. `None` where the address is not [`valid`].
pub fn ascii_domain(addr: &str) -> Option<String> {
    let (local, _) = addr.rsplit_once('@')?;
    Some(format!("{local}@{}", domain(addr)?))
}

/// The domain of a [`valid`] address in lower-case ASCII; an address literal as it is.
pub fn domain(addr: &str) -> Option<String> {
    let (_, domain) = addr.rsplit_once('@').filter(|_| valid(addr))?;
    if domain.starts_with('[') {
        Some(domain.to_owned())
    } else {
        ascii_host(domain)
    }
}

#[cfg(test)]
mod tests;
