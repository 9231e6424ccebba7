//! The encodings that make a mail fit for transport: quoted-printable and base64 (RFC 2045,
//! sections 6.7 and 6.8), and the dot-stuffing of SMTP (RFC 5321, section 4.5.2). All work on
//! pieces of any size.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The longest line that may go out, without its CRLF (RFC 5322, section 2.1.1).
pub(super) const LONGEST_LINE: usize = 998;

/// The longest line of either encoding (RFC 2045).
const ENCODED_LINE: usize = 76;

/// Whether a line can go out as it is: ASCII, no control character but the tab, not too long.
pub(super) fn plain(line: &str) -> bool {
    line.len() <= LONGEST_LINE && line.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'))
}

/// Appends one line of text in quoted-printable, without its line end.
pub(super) fn quoted_printable(line: &str, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let hex = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0');
    let mut on_line = 0;
    let mut bytes = line.bytes().peekable();
    while let Some(byte) = bytes.next() {
        let last = bytes.peek().is_none();
        let literal = match byte {
            b'=' => false,
            b'!'..=b'~' => true,
            // White space at the end of a line would be lost on the way.
            b' ' | b'\t' => !last,
            _ => false,
        };
        let width = if literal { 1 } else { 3 };
        // Room for the "=" of a soft line break, unless the line ends here.
        let room = if last { ENCODED_LINE } else { ENCODED_LINE - 1 };
        if on_line + width > room {
            out.extend_from_slice(b"=\r\n");
            on_line = 0;
        }
        if literal {
            out.push(byte);
        } else {
            out.extend_from_slice(&[b'=', hex(byte >> 4), hex(byte & 15)]);
        }
        on_line += width;
    }
}

/// Octets in a full line of base64.
const RAW_LINE: usize = ENCODED_LINE / 4 * 3;

/// Base64 in lines of 76 characters, CRLF between them and none after the last.
#[derive(Default)]
pub(super) struct Base64Lines {
    /// Fewer than a line's octets, waiting for more.
    rest: Vec<u8>,
    started: bool,
}

impl Base64Lines {
    /// Encodes a piece as far as it fills lines.
    pub(super) fn write(&mut self, mut piece: &[u8], out: &mut Vec<u8>) {
        if !self.rest.is_empty() {
            let missing = RAW_LINE.saturating_sub(self.rest.len());
            let Some((head, tail)) = piece.split_at_checked(missing) else {
                self.rest.extend_from_slice(piece);
                return;
            };
            self.rest.extend_from_slice(head);
            piece = tail;
            let line = std::mem::take(&mut self.rest);
            self.line(&line, out);
        }
        let mut lines = piece.chunks_exact(RAW_LINE);
        for line in &mut lines {
            self.line(line, out);
        }
        self.rest.extend_from_slice(lines.remainder());
    }

    /// Encodes what is left.
    pub(super) fn finish(mut self, out: &mut Vec<u8>) {
        let line = std::mem::take(&mut self.rest);
        if !line.is_empty() {
            self.line(&line, out);
        }
    }

    fn line(&mut self, raw: &[u8], out: &mut Vec<u8>) {
        if self.started {
            out.extend_from_slice(b"\r\n");
        }
        self.started = true;
        let mut encoded = [0; ENCODED_LINE];
        // A line of at most 57 octets always fits into 76.
        if let Ok(length) = STANDARD.encode_slice(raw, &mut encoded) {
            out.extend(encoded.iter().take(length));
        }
    }
}

/// Where in a line the last piece of DATA ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    LineStart,
    AfterCr,
    InLine,
}

/// Doubles the dot at the beginning of a line (RFC 5321, section 4.5.2).
#[derive(Debug)]
pub(super) struct DotStuffing(Place);

impl DotStuffing {
    pub(super) fn new() -> Self {
        Self(Place::LineStart)
    }

    /// Appends the piece, stuffed.
    pub(super) fn write(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        for &byte in piece {
            if byte == b'.' && self.0 == Place::LineStart {
                out.push(b'.');
            }
            out.push(byte);
            self.0 = match byte {
                b'\r' => Place::AfterCr,
                b'\n' if self.0 == Place::AfterCr => Place::LineStart,
                _ => Place::InLine,
            };
        }
    }

    /// What ends the mail: a line with nothing but a dot.
    pub(super) fn end(&self) -> &'static [u8] {
        match self.0 {
            Place::LineStart => b".\r\n",
            Place::AfterCr | Place::InLine => b"\r\n.\r\n",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn printable(line: &str) -> String {
        let mut out = Vec::new();
        quoted_printable(line, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn quoted_printable_keeps_to_its_rules() {
        assert_eq!(printable("Grüße = gut"), "Gr=C3=BC=C3=9Fe =3D gut");
        assert_eq!(printable("weicher Umbruch "), "weicher Umbruch=20");
        assert_eq!(printable(""), "");
        assert_eq!(printable(&"x".repeat(76)), "x".repeat(76));
        assert_eq!(
            printable(&"x".repeat(77)),
            format!("{}=\r\nxx", "x".repeat(75))
        );
        let long = printable(&"ü ".repeat(5000));
        assert!(long.split("\r\n").all(|line| line.len() <= 76));
    }

    #[test]
    fn dots_are_doubled_at_the_beginning_of_lines_only() {
        let mut out = Vec::new();
        let mut stuffing = DotStuffing::new();
        for piece in [&b"."[..], b"a.b\r", b"\n", b".\r\n..", b"\n.x"] {
            stuffing.write(piece, &mut out);
        }
        assert_eq!(out, b"..a.b\r\n..\r\n...\n.x");
        assert_eq!(stuffing.end(), b"\r\n.\r\n");
        stuffing.write(b"\r\n", &mut out);
        assert_eq!(stuffing.end(), b".\r\n");
    }

    proptest! {
        #[test]
        fn base64_is_the_same_in_any_pieces(
            pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 0..8)
        ) {
            let mut lines = Base64Lines::default();
            let mut out = Vec::new();
            for piece in &pieces {
                lines.write(piece, &mut out);
            }
            lines.finish(&mut out);
            let text = String::from_utf8(out).unwrap();
            prop_assert!(text.rsplit("\r\n").skip(1).all(|line| line.len() == 76));
            prop_assert!(!text.ends_with("\r\n"));
            prop_assert_eq!(STANDARD.decode(text.replace("\r\n", "")).unwrap(), pieces.concat());
        }
    }
}
