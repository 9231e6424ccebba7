//! The structure read from the message itself, for the servers whose BODYSTRUCTURE cannot be read:
//! the same tree with the same numbers (RFC 9051, section 6.4.5), so that nothing else has to know
//! where it came from.

use super::decode::Decoder;
use super::header::Header;
use super::meant_type::meant_by;
use super::structure::{MAX_DEPTH, Part};

/// Parts that are told apart; what comes after is left out.
const MAX_PARTS: usize = 1000;
/// How often the whole message is searched for boundaries, nested ones taken together. Beyond
/// that, what claims to be a multipart is shown as the text it is.
const MAX_PASSES: usize = 16;
/// What small messages may cost nevertheless, in octets.
const FREE_PASSES: usize = 1 << 20;

impl Part {
    /// The tree of a whole raw message; `None` where there is nothing in it.
    pub fn from_message(raw: &[u8]) -> Option<Part> {
        Some(Reader::read(raw)?.0)
    }
}

/// The decoded octets of the part with this number in a whole raw message: those of a leaf, or of
/// an attached message as a file. `None` where there is no such part.
pub fn part_bytes(raw: &[u8], id: &str) -> Option<Vec<u8>> {
    let (header, body) = part_source(raw, id)?;
    Some(Decoder::once(
        &Header::parse(header).transfer_encoding(),
        body,
    ))
}

/// Header and body of the part with this number, as BODY[n.MIME] and BODY[n] would give them.
pub fn part_source<'a>(raw: &'a [u8], id: &str) -> Option<(&'a [u8], &'a [u8])> {
    let (_, leaves) = Reader::read(raw)?;
    leaves
        .into_iter()
        .find(|leaf| leaf.id == id)
        .map(|leaf| (leaf.header, leaf.body))
}

/// A part that has octets of its own.
struct Leaf<'a> {
    id: String,
    header: &'a [u8],
    body: &'a [u8],
}

struct Reader<'a> {
    leaves: Vec<Leaf<'a>>,
    parts: usize,
    /// Octets that may still be searched for boundaries.
    budget: usize,
}

impl<'a> Reader<'a> {
    fn read(raw: &'a [u8]) -> Option<(Part, Vec<Leaf<'a>>)> {
        if raw.iter().all(u8::is_ascii_whitespace) {
            return None;
        }
        let budget = raw
            .len()
            .saturating_mul(MAX_PASSES)
            .saturating_add(FREE_PASSES);
        let mut reader = Self {
            leaves: Vec::new(),
            parts: 0,
            budget,
        };
        let part = reader.part(raw, "", "1", 0, false);
        Some((part, reader.leaves))
    }

    /// One part with its header. `group` is its number should it be a multipart, `single` if not:
    /// they differ at the top of a message. `digest` says that it is a message unless it says
    /// otherwise (RFC 2046, section 5.1.5).
    fn part(
        &mut self,
        source: &'a [u8],
        group: &str,
        single: &str,
        depth: usize,
        digest: bool,
    ) -> Part {
        self.parts = self.parts.saturating_add(1);
        let (block, body) = split_header(source);
        let header = Header::parse(block);
        let missing = if digest {
            ("message", "rfc822")
        } else {
            ("text", "plain")
        };
        let (kind, subtype) = meant_by(&header)
            .or_else(|| header.content_type())
            .unwrap_or_else(|| (missing.0.to_owned(), missing.1.to_owned()));
        let mut part = Part {
            kind,
            subtype,
            params: header.content_type_params(),
            content_id: header.content_id(),
            encoding: header.transfer_encoding(),
            octets: u32::try_from(body.len()).unwrap_or(u32::MAX),
            disposition: header.disposition(),
            ..Part::default()
        };
        let below = depth.saturating_add(1);
        if part.kind == "multipart" {
            let pieces = self.split(body, part.param("boundary").as_deref(), depth);
            if !pieces.is_empty() {
                group.clone_into(&mut part.id);
                let digest = part.subtype == "digest";
                for (piece, number) in pieces.into_iter().zip(1_u32..) {
                    let id = join(group, number);
                    part.children
                        .push(self.part(piece, &id, &id, below, digest));
                }
                return part;
            }
            // A multipart without parts: what it holds can only be read as text.
            "text".clone_into(&mut part.kind);
            "plain".clone_into(&mut part.subtype);
        }
        single.clone_into(&mut part.id);
        self.leaves.push(Leaf {
            id: part.id.clone(),
            header: block,
            body,
        });
        let message =
            part.kind == "message" && matches!(part.subtype.as_str(), "rfc822" | "global");
        let plain = matches!(part.encoding.as_str(), "7bit" | "8bit" | "binary");
        if message && plain && depth < MAX_DEPTH && self.parts < MAX_PARTS {
            let child = self.part(body, single, &join(single, 1), below, false);
            part.children.push(child);
            part.summary = Some(Header::parse(split_header(body).0).summary());
        }
        part
    }

    /// The pieces between the boundary lines (RFC 2046, section 5.1.1), without preamble and
    /// epilogue; none where there is no boundary or no more patience.
    fn split(&mut self, body: &'a [u8], boundary: Option<&str>, depth: usize) -> Vec<&'a [u8]> {
        let mut pieces = Vec::new();
        let Some(boundary) = boundary.map(str::trim).filter(|b| !b.is_empty()) else {
            return pieces;
        };
        if depth >= MAX_DEPTH || self.budget < body.len() {
            return pieces;
        }
        self.budget = self.budget.saturating_sub(body.len());
        // Where the piece that is being read begins.
        let mut begin: Option<usize> = None;
        let mut offset = 0_usize;
        for line in body.split_inclusive(|octet| *octet == b'\n') {
            let next = offset.saturating_add(line.len());
            if let Some(last) = boundary_line(line, boundary.as_bytes()) {
                if let Some(piece) = begin.and_then(|begin| body.get(begin..offset)) {
                    pieces.push(without_break(piece));
                }
                begin = (!last).then_some(next);
                if last || pieces.len().saturating_add(self.parts) >= MAX_PARTS {
                    return pieces;
                }
            }
            offset = next;
        }
        // The end is missing: the mail was cut off.
        if let Some(piece) = begin
            .and_then(|begin| body.get(begin..))
            .filter(|p| !p.is_empty())
        {
            pieces.push(piece);
        }
        pieces
    }
}

/// `Some` where the line is a boundary, with whether it is the last one.
pub(super) fn boundary_line(line: &[u8], boundary: &[u8]) -> Option<bool> {
    let rest = line
        .strip_prefix(b"--")?
        .strip_prefix(boundary)?
        .trim_ascii_end();
    match rest {
        b"" => Some(false),
        b"--" => Some(true),
        _ => None,
    }
}

/// The line break before a boundary belongs to it.
pub(super) fn without_break(piece: &[u8]) -> &[u8] {
    let piece = piece.strip_suffix(b"\n").unwrap_or(piece);
    piece.strip_suffix(b"\r").unwrap_or(piece)
}

/// Header and body, parted by the first empty line; all is header where there is none.
pub(super) fn split_header(source: &[u8]) -> (&[u8], &[u8]) {
    let mut offset = 0_usize;
    for line in source.split_inclusive(|octet| *octet == b'\n') {
        let next = offset.saturating_add(line.len());
        if matches!(line, b"\n" | b"\r\n") {
            let header = source.get(..offset).unwrap_or_default();
            return (header, source.get(next..).unwrap_or_default());
        }
        offset = next;
    }
    (source, b"")
}

fn join(group: &str, number: u32) -> String {
    if group.is_empty() {
        number.to_string()
    } else {
        format!("{group}.{number}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::busy::Busy;

    const MAIL: &str = "From: a@b\r\nContent-Type: multipart/mixed; boundary=\"x y\"\r\n\r\npreamble\r\n\
        --x y\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n\
        --in\r\n\r\nplain\r\n--in\r\nContent-Type: text/html\r\n\r\n<b>\r\n--in--\r\n\r\n\
        --x y\r\nContent-Type: image/png; name=p.png\r\nContent-Transfer-Encoding: base64\r\n\
        Content-Disposition: attachment; filename*=utf-8''%C3%BC.png\r\nContent-ID: <p@x>\r\n\r\n\
        iVBORw==\r\n--x y \r\n\
        Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninner text\r\n\
        --x yz\r\nno boundary\r\n--x y--\r\nepilogue\r\n";

    fn shape(part: &Part) -> Vec<String> {
        part.walk()
            .map(|p| format!("{} {}", p.id, p.content_type()))
            .collect()
    }

    #[test]
    fn numbers_as_a_server_gives_them() {
        let part = Part::from_message(MAIL.as_bytes()).unwrap();
        assert_eq!(
            shape(&part),
            [
                " multipart/mixed",
                "1 multipart/alternative",
                "1.1 text/plain",
                "1.2 text/html",
                "2 image/png",
                "3 message/rfc822",
                "3.1 text/plain",
            ]
        );
        let png = part.find("2").unwrap();
        assert_eq!(png.file_name().as_deref(), Some("ü.png"));
        assert_eq!(png.content_id.as_deref(), Some("p@x"));
        assert_eq!(png.octets, 8);
        assert_eq!(part.body_choice().text[0].part, "1.1");
    }

    #[test]
    fn octets_of_parts() {
        let bytes = |id| part_bytes(MAIL.as_bytes(), id);
        assert_eq!(bytes("1.1").unwrap(), b"plain");
        assert_eq!(bytes("2").unwrap(), b"\x89PNG");
        assert!(bytes("3").unwrap().starts_with(b"Subject: inner"));
        assert_eq!(
            bytes("3.1").unwrap(),
            b"inner text\r\n--x yz\r\nno boundary"
        );
        assert_eq!(bytes("1"), None);
        assert_eq!(bytes("9"), None);
        let (header, body) = part_source(MAIL.as_bytes(), "1.2").unwrap();
        assert_eq!(
            (header, body),
            (&b"Content-Type: text/html\r\n"[..], &b"<b>"[..])
        );
    }

    #[test]
    fn a_nested_multipart_message() {
        let mail = "Content-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=a\n\n\
            --a\n\none\n--a\n\ntwo\n";
        let part = Part::from_message(mail.as_bytes()).unwrap();
        assert_eq!(
            shape(&part),
            [
                "1 message/rfc822",
                "1 multipart/mixed",
                "1.1 text/plain",
                "1.2 text/plain",
            ]
        );
    }

    #[test]
    fn mails_that_are_hardly_ones() {
        for raw in ["", "\r\n\r\n"] {
            assert_eq!(Part::from_message(raw.as_bytes()), None);
        }
        for (raw, body) in [
            ("Subject: x", ""),
            ("no header\n\nbut text", "but text"),
            ("\nbody only", "body only"),
            (
                "Content-Type: multipart/mixed\n\nno boundary",
                "no boundary",
            ),
            (
                "Content-Type: multipart/mixed; boundary=b\n\nno line",
                "no line",
            ),
            ("Content-Type: x\0/\n\na\0b", "a\0b"),
        ] {
            let part = Part::from_message(raw.as_bytes()).unwrap();
            assert_eq!(shape(&part), ["1 text/plain"], "{raw:?}");
            assert_eq!(part_bytes(raw.as_bytes(), "1").unwrap(), body.as_bytes());
        }
    }

    #[test]
    fn nested_a_hundredfold() {
        let mut mail = (0..100)
            .map(|i| format!("Content-Type: multipart/mixed; boundary=b{i}x\n\n--b{i}x\n"))
            .collect::<Vec<_>>()
            .concat();
        mail.push_str("\ndeep text");
        let part = Part::from_message(mail.as_bytes()).unwrap();
        let choice = part.body_choice();
        let id = &choice.text[0].part;
        assert_eq!(part_bytes(mail.as_bytes(), id).unwrap(), b"deep text");
    }

    #[test]
    fn bombs() {
        let start = Busy::new();
        for mail in [
            "Content-Type: message/rfc822\n\n".repeat(200_000),
            format!(
                "Content-Type: multipart/mixed; boundary=a\n\n{}",
                "--a\n".repeat(1_000_000)
            ),
            "Content-Type: multipart/mixed; boundary=a\n\n--a\n".repeat(100_000),
            (0..20_000)
                .map(|i| format!("Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n"))
                .collect::<Vec<_>>()
                .concat(),
        ] {
            let part = Part::from_message(mail.as_bytes()).unwrap();
            assert!(part.walk().count() <= MAX_PARTS + MAX_DEPTH);
            part.attachments();
        }
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }
}
