//! What the engine reads of the demo mailbox, as one kind of value, and how far an answer may be
//! from the right one when an octet of it was changed on its way.

use futures_util::StreamExt;
use posthorn::model::Folder;
use posthorn::server::imap::{
    Engine, ImapError, PartRequest, RawMessage, RawPart, RawRow, RawWindow,
};
use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;

/// An operation that reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    Folders,
    Window,
    Open,
    Parts,
    Download,
    Find,
}

pub const ALL: [Reading; 6] = [
    Reading::Folders,
    Reading::Window,
    Reading::Open,
    Reading::Parts,
    Reading::Download,
    Reading::Find,
];

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Folders(Vec<Folder>),
    Window(RawWindow),
    Open(Box<RawMessage>),
    Parts(Vec<RawPart>),
    Download(Vec<u8>),
    Find(Option<u32>),
}

/// The UID of "Documents of many kinds" in the seed.
const DOCUMENTS: u32 = 5;

pub async fn read(engine: &Arc<Engine>, what: Reading) -> Result<Told, ImapError> {
    match what {
        Reading::Folders => engine.folders().await.map(Told::Folders),
        Reading::Window => {
            let window = engine.window("Many", 1, 10, true).await?;
            Ok(Told::Window(window))
        }
        Reading::Open => {
            let message = engine.open("INBOX", DOCUMENTS, None).await?;
            Ok(Told::Open(Box::new(message)))
        }
        Reading::Parts => {
            let requests = ["1", "2"].map(|id| PartRequest {
                id: id.to_owned(),
                mime: true,
                max: 2000,
            });
            let parts = engine.parts("INBOX", DOCUMENTS, None, &requests).await?;
            Ok(Told::Parts(parts))
        }
        Reading::Download => {
            let mut stream = pin!(engine.stream_part("INBOX", 3, None, None));
            let mut whole = Vec::new();
            while let Some(piece) = stream.next().await {
                whole.extend(piece?);
            }
            Ok(Told::Download(whole))
        }
        Reading::Find => {
            let id = "nobody@nowhere.example";
            engine.find_by_message_id("INBOX", id).await.map(Told::Find)
        }
    }
}

/// Whether one is the other but for one octet.
fn near(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).filter(|(a, b)| a != b).count() <= 1
}

impl Told {
    /// Whether this can be what came of `right` after one octet of the answer was changed. Text
    /// may be wrong in that octet, but nothing may stand for something else. `all` is the whole
    /// folder of the window.
    pub fn is_near(&self, right: &Self, all: &RawWindow) -> bool {
        match (self, right) {
            (Self::Folders(told), Self::Folders(right)) => {
                let counts: HashMap<&str, (u32, u32)> = right
                    .iter()
                    .map(|folder| (folder.name.as_str(), (folder.total, folder.unseen)))
                    .collect();
                let miscounted = told
                    .iter()
                    .filter_map(|folder| {
                        let right = counts.get(folder.name.as_str())?;
                        Some(*right != (folder.total, folder.unseen))
                    })
                    .filter(|wrong| *wrong)
                    .count();
                // One count may be told of another folder.
                miscounted <= 2
            }
            (Self::Window(told), Self::Window(_)) => {
                let headers: HashMap<u32, &[u8]> = all
                    .rows
                    .iter()
                    .map(|row| (row.uid, row.header.as_slice()))
                    .collect();
                // The UID of one row may be wrong; that its order shows nothing cannot be helped.
                let strange = |row: &&RawRow| {
                    headers
                        .get(&row.uid)
                        .is_none_or(|header| !near(&row.header, header))
                };
                told.rows.iter().filter(strange).count() <= 1
            }
            (Self::Open(told), Self::Open(right)) => near(&told.header, &right.header),
            (Self::Parts(told), Self::Parts(right)) => {
                told.len() == right.len()
                    && told
                        .iter()
                        .zip(right)
                        .all(|(told, right)| told.id == right.id && near(&told.body, &right.body))
            }
            (Self::Download(told), Self::Download(right)) => near(told, right),
            (Self::Find(_), Self::Find(_)) => true,
            _ => false,
        }
    }
}
