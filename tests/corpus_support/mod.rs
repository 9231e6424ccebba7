//! What the corpus tests share: where the mails lie, and what Posthorn shows of one, by its pure
//! half alone, in a form that people can read.

// The integration tests use a part of it.
#![allow(dead_code)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use posthorn::mail::deception::LinkDeceit;
use posthorn::mail::decode::text_part;
use posthorn::mail::header::Header;
use posthorn::mail::html::{images_named, sanitise};
use posthorn::mail::links::{Mark, mark};
use posthorn::mail::mime::{part_bytes, part_source};
use posthorn::mail::plain::to_html;
use posthorn::mail::structure::{BodyChoice, BodyText, Form, Part};
use posthorn::model::{Address, Attachment};
use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// All files below `folder`, sorted.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The mails written for this project, with their names.
pub fn own_mails() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    files(&folder)
        .into_iter()
        .filter(|file| file.extension().is_some_and(|end| end == "eml"))
        .map(|file| {
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(file).unwrap())
        })
        .collect()
}

/// Where Cargo keeps the sources of mail-parser.
pub fn mail_parser() -> Option<PathBuf> {
    let output = std::process::Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version=1",
            "--offline",
            "--features=ssr",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .ok()?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
    let packages = metadata["packages"].as_array()?;
    let package = packages.iter().find(|p| p["name"] == "mail-parser")?;
    let folder = Path::new(package["manifest_path"].as_str()?).parent()?;
    folder
        .join("resources/eml")
        .is_dir()
        .then(|| folder.to_path_buf())
}

/// Header and body, parted by the first empty line.
pub fn split(raw: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    for line in raw.split_inclusive(|octet| *octet == b'\n') {
        at += line.len();
        if matches!(line, b"\n" | b"\r\n") {
            break;
        }
    }
    raw.split_at(at)
}

/// What is shown of a mail.
#[derive(Debug)]
pub struct Shown {
    pub structure: Option<Part>,
    pub choice: BodyChoice,
    pub files: Vec<Attachment>,
    pub subject: String,
    pub from: String,
    pub to: String,
    fields: Vec<(&'static str, String)>,
    /// The decoded text of the plain form, and it as HTML.
    pub text: Option<String>,
    pub text_html: Option<String>,
    /// The rich form, sanitised.
    pub html: Option<String>,
    /// The links of what is shown that deceive.
    deceits: Vec<LinkDeceit>,
    pub remote: bool,
    sources: HashMap<String, String>,
    /// The pictures that the HTML shows itself, by their numbers.
    pictured: Vec<String>,
}

impl Shown {
    /// The mail's own images by their Content-IDs.
    pub fn images(&self) -> impl Fn(&str) -> Option<String> + '_ {
        |id| self.sources.get(id).cloned()
    }
}

fn addresses(list: &[Address]) -> String {
    let one = |address: &Address| match &address.name {
        Some(name) => format!("[{name}] {}", address.addr),
        None => address.addr.clone(),
    };
    list.iter().map(one).collect::<Vec<_>>().join(" | ")
}

/// Reads a mail as the server does.
pub fn show(raw: &[u8]) -> Shown {
    let header = Header::parse(raw);
    let structure = Part::from_message(raw);
    let choice = structure
        .as_ref()
        .map(Part::body_choice)
        .unwrap_or_default();
    let decoded = |text: &BodyText| {
        let (own, body) = part_source(raw, &text.part).expect("the chosen part is there");
        text_part(own, body)
    };
    let text = (!choice.text.is_empty()).then(|| {
        choice
            .text
            .iter()
            .filter(|text| text.is_written())
            .map(decoded)
            .collect::<Vec<_>>()
            .join("\n")
    });
    let sources: HashMap<String, String> = choice
        .inline
        .iter()
        .filter_map(|image| {
            let octets = part_bytes(raw, &image.part)?;
            let data = format!("data:{};base64,{}", image.mime, STANDARD.encode(octets));
            Some((image.content_id.clone(), data))
        })
        .collect();
    let source = (!choice.html.is_empty()).then(|| {
        let form = |text: &BodyText| {
            if text.form == Form::Html {
                decoded(text)
            } else {
                to_html(&decoded(text))
            }
        };
        let texts = choice.html.iter().filter(|text| text.is_written());
        texts.map(form).collect::<String>()
    });
    let named = source.as_deref().map(images_named).unwrap_or_default();
    let pictured = choice
        .inline
        .iter()
        .filter(|image| named.contains(&image.content_id))
        .map(|image| image.part.clone())
        .collect();
    let rich = source
        .as_ref()
        .map(|html| sanitise(html, &|id| sources.get(id).cloned()));
    let files = match (&structure, &source) {
        (Some(part), Some(html)) => part.attachments_beside(html),
        (Some(part), None) => part.attachments(),
        (None, _) => Vec::new(),
    };
    let text_html = text.as_deref().map(to_html);
    let words = |_: &LinkDeceit| Mark {
        title: String::new(),
        html: String::new(),
    };
    let deceits = rich
        .as_ref()
        .map(|rich| &rich.html)
        .or(text_html.as_ref())
        .map(|html| mark(html, None, &words).deceits)
        .unwrap_or_default();
    let date = header.date().map(|seconds| seconds.to_string());
    let fields = vec![
        ("Subject", header.subject()),
        ("From", addresses(&header.from())),
        ("Reply-To", addresses(&header.reply_to())),
        ("To", addresses(&header.to())),
        ("Cc", addresses(&header.cc())),
        ("Bcc", addresses(&header.bcc())),
        ("Date", date.unwrap_or_default()),
        ("Message-ID", header.message_id().unwrap_or_default()),
        ("References", header.references().len().to_string()),
        ("Lines", header.lines().len().to_string()),
    ];
    Shown {
        subject: header.subject(),
        from: addresses(&header.from()),
        to: addresses(&header.to()),
        fields,
        files,
        text_html,
        deceits,
        text,
        remote: rich.as_ref().is_some_and(|rich| rich.remote),
        html: rich.map(|rich| rich.html),
        choice,
        structure,
        sources,
        pictured,
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "== header")?;
        for (name, value) in &self.fields {
            if !value.is_empty() && value != "0" {
                let short: String = value.chars().take(300).collect();
                writeln!(f, "{name}: {short}")?;
            }
        }
        writeln!(f, "== structure")?;
        for part in self.structure.iter().flat_map(Part::walk) {
            let id = if part.id.is_empty() { "-" } else { &part.id };
            write!(
                f,
                "{id} {}, {} octets, {}",
                part.content_type(),
                part.octets,
                part.encoding
            )?;
            if let Some(charset) = part.param("charset") {
                write!(f, ", {charset}")?;
            }
            if let Some((disposition, _)) = &part.disposition {
                write!(f, ", {disposition}")?;
            }
            if let Some(id) = &part.content_id {
                write!(f, ", <{id}>")?;
            }
            writeln!(f)?;
        }
        let parts = |texts: &[BodyText]| {
            let part = |text: &BodyText| match text.form {
                Form::Picture => format!("{} (picture)", text.part),
                Form::Plain | Form::Html => text.part.clone(),
            };
            let shown = |text: &&BodyText| text.is_written() || !self.pictured.contains(&text.part);
            let parts: Vec<String> = texts.iter().filter(shown).map(part).collect();
            if parts.is_empty() {
                "-".to_owned()
            } else {
                parts.join(" ")
            }
        };
        writeln!(
            f,
            "== body: html {}, text {}",
            parts(&self.choice.html),
            parts(&self.choice.text)
        )?;
        for file in &self.files {
            writeln!(
                f,
                "file {} {:?} {}, {} octets",
                file.part, file.name, file.mime, file.size
            )?;
        }
        if let Some(text) = &self.text {
            writeln!(f, "== text\n{text}")?;
        }
        if let Some(text) = self
            .text_html
            .as_ref()
            .filter(|text| text.contains("<a ") || text.contains("<blockquote>"))
        {
            writeln!(f, "== text as HTML\n{text}")?;
        }
        if let Some(html) = &self.html {
            writeln!(
                f,
                "== HTML{}\n{html}",
                if self.remote {
                    ", remote content left out"
                } else {
                    ""
                }
            )?;
        }
        for deceit in &self.deceits {
            writeln!(
                f,
                "== link: {:?} leads to {:?}, {:?}",
                deceit.said, deceit.target, deceit.detour
            )?;
        }
        Ok(())
    }
}
