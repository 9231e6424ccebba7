//! Opening a message: its header and structure once, marked as read where the person meant to
//! open it, and its body as what the composer quotes.

use super::caller::{Caller, engine_for};
use super::imap::{Engine, PartRequest, RawMessage, RawPart};
use super::mailbox::sent_or_arrived;
use super::marking::{Known, Marking, mark, mark_after_text};
use super::pictures;
use super::session::Session;
use super::state::AppState;
use super::visitor::Visitor;
use crate::mail::decode::text_part;
use crate::mail::header::Header;
use crate::mail::structure::{BodyText, Form, Part};
use crate::mail::text::html_to_text;
use crate::model::{Address, Error, Flags, Message, Nested};
use std::net::IpAddr;
use std::sync::Arc;

/// Octets of a body, still encoded, that are read; what comes after is cut off and said so.
pub const BODY_LIMIT: u32 = 4 << 20;
/// Attached messages that can be read in place; the others are files like any other.
const NESTED_LIMIT: usize = 50;

/// Which message: a folder's full name, a UID, and the UIDVALIDITY under which it was read.
#[derive(Clone, Debug)]
pub struct Place {
    pub folder: String,
    pub uid: u32,
    pub uid_validity: Option<u32>,
}

impl Place {
    /// A message of a page at hand, which knows the UIDVALIDITY.
    pub fn of_page(folder: String, uid_validity: u32, uid: u32) -> Self {
        Self {
            folder,
            uid,
            uid_validity: Some(uid_validity),
        }
    }
}

/// The message for the reader. With `headers`, all its header lines too.
pub async fn open(
    caller: &Caller,
    place: &Place,
    headers: bool,
    marking: Marking,
) -> Result<Message, Error> {
    let engine = caller.engine().await?;
    let session = caller.session()?;
    let (raw, flags) = read(&caller.state, &engine, &session.user, place).await?;
    let people = engine.known_written_to();
    let mut message = present(caller, place, &raw, flags, headers, people.as_deref());
    if message.has_html {
        let known = (raw.uid_validity, raw.header.as_slice());
        message.remote = Some(pictures::offer(&caller.state, &session, place, known).await);
    }
    if !flags.seen && caller.visitor.deliberate {
        let (folder, uid_validity) = (&place.folder, raw.uid_validity);
        let marked = match marking {
            Marking::First => mark(&engine, folder, uid_validity, &[place.uid]).await,
            Marking::AfterText => {
                let known = Known {
                    folder: folder.clone(),
                    uid: place.uid,
                    uid_validity,
                };
                mark_after_text(&caller.state, engine, &session.user, known);
                true
            }
        };
        message.flags.seen = marked;
        message.newly_seen = marked;
    }
    Ok(message)
}

/// The message from what was opened a moment ago, with the flags it has now; else from the server.
async fn read(
    state: &AppState,
    engine: &Engine,
    user: &str,
    place: &Place,
) -> Result<(Arc<RawMessage>, Flags), Error> {
    // The body's frame asks at the same time, and shall not open the message once more.
    let turn = state.opened.turn(user, &place.folder, place.uid).await;
    if let Some(known) = state
        .opened
        .get(user, &place.folder, place.uid, place.uid_validity)
    {
        drop(turn);
        let flags = engine
            .flags(&place.folder, place.uid, known.uid_validity)
            .await?;
        return Ok((known, flags));
    }
    let raw = Arc::new(
        engine
            .open(&place.folder, place.uid, place.uid_validity)
            .await?,
    );
    state.opened.put(user, &place.folder, place.uid, &raw);
    let flags = raw.flags;
    Ok((raw, flags))
}

fn present(
    caller: &Caller,
    place: &Place,
    raw: &RawMessage,
    flags: Flags,
    headers: bool,
    people: Option<&[Address]>,
) -> Message {
    let header = Header::parse(&raw.header);
    let body = raw.structure.body_choice();
    let date = sent_or_arrived(header.date(), raw.internal_date);
    Message {
        folder: place.folder.clone(),
        uid_validity: raw.uid_validity,
        uid: place.uid,
        flags,
        newly_seen: false,
        subject: header.subject(),
        from: header.from(),
        reply_to: header.reply_to(),
        to: header.to(),
        cc: header.cc(),
        bcc: header.bcc(),
        date: caller.clock().stamp(date),
        size: raw.size,
        has_html: !body.html.is_empty(),
        has_text: !body.text.is_empty(),
        attachments: raw.structure.attachments(),
        unlisted: raw.structure.unlisted(),
        remote: None,
        nested: raw
            .structure
            .messages()
            .take(NESTED_LIMIT)
            .map(|part| nested(caller, part))
            .collect(),
        protection: raw.structure.protection(),
        headers: if headers { header.lines() } else { Vec::new() },
        beside: super::beside::beside(caller, flags, &header, raw, people),
    }
}

/// A message that is attached, as its entry in the structure tells it.
fn nested(caller: &Caller, part: &Part) -> Nested {
    let header = part.summary.clone().unwrap_or_default();
    Nested {
        part: part.id.clone(),
        subject: header.subject(),
        from: header.from(),
        to: header.to(),
        date: header.date().map(|date| caller.clock().stamp(date)),
        attachments: part
            .children
            .first()
            .map(Part::attachments)
            .unwrap_or_default(),
        unlisted: part.children.first().map_or(0, Part::unlisted),
    }
}

/// A message's header and structure, from what was opened a moment ago or from the server.
pub async fn structure(
    state: &AppState,
    visitor: &Visitor,
    place: &Place,
) -> Result<(Arc<Engine>, Arc<RawMessage>), Error> {
    let session = visitor.session.as_ref().ok_or(Error::NotSignedIn)?;
    structure_of(state, session, visitor.address, place).await
}

/// The same for a session, whatever request it is that asks; `address` is the browser's.
pub async fn structure_of(
    state: &AppState,
    session: &Arc<Session>,
    address: Option<IpAddr>,
    place: &Place,
) -> Result<(Arc<Engine>, Arc<RawMessage>), Error> {
    let engine = engine_for(state, session, address).await?;
    let user = &session.user;
    let _turn = state.opened.turn(user, &place.folder, place.uid).await;
    if let Some(raw) = state
        .opened
        .get(user, &place.folder, place.uid, place.uid_validity)
    {
        return Ok((engine, raw));
    }
    let raw = Arc::new(
        engine
            .open(&place.folder, place.uid, place.uid_validity)
            .await?,
    );
    state.opened.put(user, &place.folder, place.uid, &raw);
    Ok((engine, raw))
}

/// A part's text, decoded. A message that is its only part has its MIME fields in its own header.
pub fn text_of(raw: &RawMessage, part: &RawPart) -> String {
    let header = if part.mime_header.is_empty() {
        &raw.header
    } else {
        &part.mime_header
    };
    text_part(header, &part.body)
}

/// The message's body as plain text, for quoting; empty where it has none.
pub async fn plain_text(engine: &Engine, place: &Place, raw: &RawMessage) -> Result<String, Error> {
    let choice = raw.structure.body_choice();
    let shown = choice.shown(true);
    let shown: Vec<&BodyText> = shown.iter().filter(|text| text.is_written()).collect();
    let requests = requests(&shown);
    if requests.is_empty() {
        return Ok(String::new());
    }
    let parts = engine
        .parts(&place.folder, place.uid, Some(raw.uid_validity), &requests)
        .await?;
    let texts: Vec<String> = parts
        .iter()
        .zip(shown)
        .map(|(part, shown)| {
            let text = text_of(raw, part);
            if shown.form == Form::Html {
                html_to_text(&text)
            } else {
                text
            }
        })
        .collect();
    Ok(joined(&texts))
}

/// Texts of one message one below the other, a blank line between two.
fn joined(texts: &[String]) -> String {
    let mut all = String::new();
    for text in texts {
        if !all.is_empty() {
            let line_breaks = if all.ends_with('\n') { "\n" } else { "\n\n" };
            all.push_str(line_breaks);
        }
        all.push_str(text);
    }
    all
}

/// What is fetched of the texts of a body: [`BODY_LIMIT`] of all of them taken together, with one
/// octet at least of each, so that what is cut off is known.
pub fn requests(texts: &[&BodyText]) -> Vec<PartRequest> {
    let mut room = BODY_LIMIT;
    let request = |text: &&BodyText| {
        let max = room.max(1);
        room = room.saturating_sub(text.octets);
        PartRequest {
            id: text.part.clone(),
            mime: true,
            max,
        }
    };
    texts.iter().map(request).collect()
}

/// The transfer encoding of a part; a message that is its only part says it in its own header.
pub fn encoding_of(raw: &RawMessage, part: &Part) -> String {
    if part.encoding.is_empty() {
        Header::parse(&raw.header).transfer_encoding()
    } else {
        part.encoding.clone()
    }
}
