//! Small mails of a form of their own: a few texts that Posthorn writes, such as the answer to an
//! invitation or a read receipt. Attachments come by `outgoing`.

use super::octets;
use super::outgoing::{BuildError, Outline, fields};
use super::spool::{Spooled, temporary};
use super::transfer::{plain, quoted_printable};
use std::path::Path;
use std::sync::Arc;
use tokio::io::AsyncWriteExt;

/// Octets of such a mail.
const LIMIT: usize = 1 << 20;

/// One part.
#[derive(Clone, Debug)]
pub struct SmallPart {
    /// The Content-Type with its parameters; of Posthorn's own making.
    pub content_type: &'static str,
    /// Any line ends.
    pub content: String,
}

/// How the mail is made.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// The multipart type with its parameters, without the boundary.
    pub content_type: &'static str,
    /// Whether no person wrote it (RFC 3834, section 5).
    pub automatic: bool,
}

/// Builds the mail into a nameless file in `directory`. The outline's text is not used.
pub async fn small(
    outline: &Outline,
    frame: Frame,
    parts: &[SmallPart],
    directory: &Path,
) -> Result<Spooled, BuildError> {
    let (origin, bcc, fields) = fields(outline)?;
    // "=_" is in no line of quoted-printable; in a line that goes as it is, 128 bits have to be met.
    let boundary = format!("=_{:032x}", rand::random::<u128>());
    let mut body = Vec::new();
    for part in parts {
        body.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        encode(part, &mut body);
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    if body.len() > LIMIT {
        return Err(BuildError::TooLarge {
            limit: octets(LIMIT),
        });
    }
    let automatic = if frame.automatic {
        "Auto-Submitted: auto-replied\r\n"
    } else {
        ""
    };
    let head = format!(
        "{fields}{automatic}Content-Type: {}; boundary=\"{boundary}\"\r\n\
         Content-Transfer-Encoding: 7bit\r\n\r\n",
        frame.content_type
    );
    let mut file = temporary(directory).await?;
    file.write_all(&body).await?;
    file.flush().await?;
    Ok(Spooled {
        utf8_header: !head.is_ascii(),
        head,
        origin,
        bcc,
        file: Arc::new(file.into_std().await),
        body: octets(body.len()),
        eight_bit: false,
    })
}

fn encode(part: &SmallPart, out: &mut Vec<u8>) {
    let content = part
        .content
        .replace("\r\n", "\n")
        .replace(['\r', '\0'], "\n");
    let seven_bit = content.split('\n').all(plain);
    let encoding = if seven_bit {
        "7bit"
    } else {
        "quoted-printable"
    };
    out.extend_from_slice(
        format!(
            "Content-Type: {}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n",
            part.content_type
        )
        .as_bytes(),
    );
    for line in content.split('\n') {
        if seven_bit {
            out.extend_from_slice(line.as_bytes());
        } else {
            quoted_printable(line, out);
        }
        out.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_fit_for_transport() {
        let written = |content: &str| {
            let mut out = Vec::new();
            let part = SmallPart {
                content_type: "text/plain; charset=utf-8",
                content: content.to_owned(),
            };
            encode(&part, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert!(written("a\r\nb").ends_with("7bit\r\n\r\na\r\nb\r\n"));
        let text = written("Grüße\n.\n");
        assert!(text.contains("quoted-printable") && text.contains("Gr=C3=BC=C3=9Fe\r\n.\r\n"));
        assert!(text.is_ascii());
    }
}
