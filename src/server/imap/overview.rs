//! What a list says of a message, read once from what was fetched of it: that never changes for a UID
//! (RFC 9051, section 2.3.1.1), a list is looked at again and again, and reading the header and the
//! text of its rows was a sixth of what its page cost.

use super::window::RawRow;
use crate::mail::decode::snippet;
use crate::mail::header::Header;
use crate::model::Address;
use std::sync::Arc;

/// What a list says of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    pub from: Vec<Address>,
    pub to: Vec<Address>,
    pub subject: String,
    /// The Date field, in seconds since 1970.
    pub sent: Option<i64>,
    /// Whether the Content-Type is that of messages with attachments.
    pub seems_attached: bool,
    /// The beginning of the text, where the server has made no preview of it.
    pub snippet: String,
}

impl Overview {
    /// Of a row that was fetched.
    pub fn of(row: &RawRow) -> Self {
        let header = Header::parse(&row.header);
        let kind = header.content_type();
        let multipart = kind.as_ref().is_some_and(|(kind, _)| kind == "multipart");
        // The MIME header of part 1 is the message's own where it is no multipart.
        let part_header = if multipart {
            &row.part_header
        } else {
            &row.header
        };
        let snippet = match &row.preview {
            Some(_) => String::new(),
            None => snippet(part_header, &row.part_text),
        };
        Self {
            from: header.from(),
            to: header.to(),
            subject: header.subject(),
            sent: header.date(),
            seems_attached: seems_attached(kind.as_ref()),
            snippet,
        }
    }

    /// What it takes, more or less, in octets.
    pub(super) fn weight(&self) -> usize {
        let people = self.from.iter().chain(&self.to);
        let people = people.map(|person| {
            let name = person.name.as_ref().map_or(0, String::len);
            size_of::<Address>() + name + person.addr.len()
        });
        size_of::<Self>() + people.sum::<usize>() + self.subject.len() + self.snippet.len()
    }
}

impl RawRow {
    /// What it says. What that was read from is gone then.
    pub fn read(&mut self) -> Arc<Overview> {
        if let Some(overview) = &self.overview {
            return overview.clone();
        }
        let overview = Arc::new(Overview::of(self));
        self.header = Vec::new();
        self.part_header = Vec::new();
        self.part_text = Vec::new();
        self.overview.insert(overview).clone()
    }
}

/// By the top-level Content-Type alone: right nearly always, and free.
fn seems_attached(content_type: Option<&(String, String)>) -> bool {
    match content_type {
        Some((kind, subtype)) if kind == "multipart" => subtype == "mixed",
        Some((kind, _)) => kind != "text",
        None => false,
    }
}
