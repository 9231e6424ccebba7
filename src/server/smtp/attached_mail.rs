//! An attached mail (`message/rfc822`) must not be encoded (RFC 2046, section 5.2.1), and whether it
//! can go out as it is shows only at its end. So it waits in a file of its own: with lines of at
//! most 998 octets and without NUL or lone CR it goes out as it is, 7bit or 8bit, with CRLF line
//! ends; else as a plain file (`application/octet-stream`, base64), which programs open by its
//! name.

use super::transfer::LONGEST_LINE;
use super::{octets, spool};
use std::io;
use std::path::Path;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

/// An attached mail that waits for its end.
pub(super) struct AttachedMail {
    pub(super) name: String,
    file: File,
    octets: u64,
    scan: Scan,
}

/// How the attached mail goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    SevenBit,
    EightBit,
    /// Not as a mail.
    File,
}

impl AttachedMail {
    pub(super) async fn new(name: String, directory: &Path) -> io::Result<Self> {
        let file = spool::temporary(directory).await?;
        Ok(Self {
            name,
            file,
            octets: 0,
            scan: Scan::default(),
        })
    }

    /// Octets so far.
    pub(super) fn octets(&self) -> u64 {
        self.octets
    }

    pub(super) async fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.scan.piece(piece);
        self.octets = self.octets.saturating_add(octets(piece.len()));
        self.file.write_all(piece).await
    }

    /// Ends it: how it goes out, and what gives it back.
    pub(super) async fn finish(mut self) -> io::Result<(Form, Pieces)> {
        let form = match &self.scan {
            scan if scan.broken || scan.after_cr || self.octets == 0 => Form::File,
            scan if scan.eight_bit => Form::EightBit,
            _ => Form::SevenBit,
        };
        self.file.rewind().await?;
        Ok((
            form,
            Pieces {
                file: self.file,
                raw: form == Form::File,
                after_cr: false,
            },
        ))
    }
}

/// Gives the mail back, line ends made CRLF unless it goes as a file.
pub(super) struct Pieces {
    file: File,
    raw: bool,
    after_cr: bool,
}

impl Pieces {
    /// The next piece; `None` at the end.
    pub(super) async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut piece = Vec::with_capacity(spool::PIECE);
        if self.file.read_buf(&mut piece).await? == 0 {
            return Ok(None);
        }
        if self.raw {
            return Ok(Some(piece));
        }
        let mut out = Vec::with_capacity(piece.len() + piece.len() / 32);
        for byte in piece {
            if byte == b'\n' && !self.after_cr {
                out.push(b'\r');
            }
            self.after_cr = byte == b'\r';
            out.push(byte);
        }
        Ok(Some(out))
    }
}

/// Looks whether a mail can go out as it is.
#[derive(Default)]
struct Scan {
    eight_bit: bool,
    broken: bool,
    after_cr: bool,
    /// Octets of the line so far.
    line: usize,
}

impl Scan {
    fn piece(&mut self, piece: &[u8]) {
        for &byte in piece {
            match byte {
                b'\n' => self.line = 0,
                // NUL, or a CR that ends no line.
                0 => self.broken = true,
                _ if self.after_cr => self.broken = true,
                b'\r' => {}
                _ => {
                    self.eight_bit |= byte >= 0x80;
                    self.line += 1;
                    self.broken |= self.line > LONGEST_LINE;
                }
            }
            self.after_cr = byte == b'\r';
        }
    }
}
