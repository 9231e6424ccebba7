//! What the composer opens with: an empty form, an answer, a mail passed on, a stored draft, or a
//! form that came back.

use super::caller::Caller;
use super::imap::{Engine, RawMessage};
use super::mailbox::sent_or_arrived;
use super::reading::{Place, plain_text, structure};
use super::smtp::{ORIGIN_HEADER, new_message_id, parse_origin};
use crate::i18n::Key;
use crate::mail::header::Header;
use crate::mail::reply::{Source, Words, forward, reply};
use crate::mail::{address, mailto};
use crate::model::{ComposeQuery, Composition, Draft, DraftAttachment, Error, FolderRole};

/// The composer's form for `query`.
pub async fn open(caller: &Caller, query: &ComposeQuery) -> Result<Composition, Error> {
    let session = caller.session()?;
    if let Some(id) = &query.kept
        && let Some(kept) = caller.state.kept.get(id, &session.user)
    {
        return Ok(Composition {
            draft: kept.draft,
            problem: kept.problem,
        });
    }
    let mut draft = match (query.reply, query.reply_all, query.forward, query.draft) {
        (Some(uid), ..) => answer(caller, query, uid, Answer::Author).await?,
        (_, Some(uid), ..) => answer(caller, query, uid, Answer::All).await?,
        (_, _, Some(uid), _) => answer(caller, query, uid, Answer::Forward).await?,
        (.., Some(uid)) => {
            let engine = caller.engine().await?;
            let folder = engine.role_folder(FolderRole::Drafts, false).await?;
            let place = Place {
                folder,
                uid,
                uid_validity: query.uid_validity,
            };
            let (engine, raw) = structure(&caller.state, &caller.visitor, &place).await?;
            stored(&engine, &place, &raw).await?
        }
        _ => empty(query),
    };
    if draft.message_id.is_empty() {
        draft.message_id = new_message_id(&session.domain);
    }
    Ok(Composition {
        draft,
        problem: None,
    })
}

fn empty(query: &ComposeQuery) -> Draft {
    if query
        .to
        .get(..7)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"))
    {
        return mailto::draft(&query.to);
    }
    Draft {
        to: query.to.clone(),
        cc: query.cc.clone(),
        subject: query.subject.clone(),
        text: query.body.clone(),
        ..Draft::default()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Author,
    All,
    Forward,
}

async fn answer(
    caller: &Caller,
    query: &ComposeQuery,
    uid: u32,
    how: Answer,
) -> Result<Draft, Error> {
    let session = caller.session()?;
    let place = Place {
        folder: query.folder.clone(),
        uid,
        uid_validity: query.uid_validity,
    };
    let (engine, raw) = structure(&caller.state, &caller.visitor, &place).await?;
    let text = plain_text(&engine, &place, &raw).await?;
    let header = Header::parse(&raw.header);
    let own = [session.user.clone()];
    let source = Source {
        header: &header,
        text,
        own: &own,
        folder: place.folder.clone(),
        uid_validity: raw.uid_validity,
        uid,
        forwardable: if how == Answer::Forward {
            attached(&place, &raw)
        } else {
            Vec::new()
        },
    };
    let words = words(caller, &header, &raw);
    Ok(match how {
        Answer::Author => reply(&source, false, &words),
        Answer::All => reply(&source, true, &words),
        Answer::Forward => forward(&source, &words),
    })
}

fn words(caller: &Caller, header: &Header, raw: &RawMessage) -> Words {
    let locale = caller.visitor.locale;
    let epoch = sent_or_arrived(header.date(), raw.internal_date);
    let date = if epoch == 0 {
        String::new()
    } else {
        caller.clock().for_quote(epoch)
    };
    let name = header
        .from()
        .first()
        .map(|from| from.label().to_owned())
        .unwrap_or_default();
    let attribution = if date.is_empty() {
        locale.fill(Key::QuoteAttributionUndated, &[("name", &name)])
    } else {
        locale.fill(Key::QuoteAttribution, &[("date", &date), ("name", &name)])
    };
    let text = |key| locale.text(key).to_owned();
    Words {
        attribution,
        forwarded: text(Key::QuoteForwarded),
        from: text(Key::HeaderFrom),
        to: text(Key::HeaderTo),
        cc: text(Key::HeaderCc),
        date: text(Key::HeaderDate),
        subject: text(Key::HeaderSubject),
        date_value: date,
    }
}

/// The message's attachments as what a new mail takes over. Inline images are taken over too: the
/// text that goes on has no other place for them.
fn attached(place: &Place, raw: &RawMessage) -> Vec<DraftAttachment> {
    raw.structure
        .attachments_beside("")
        .into_iter()
        .map(|attachment| DraftAttachment {
            folder: place.folder.clone(),
            uid_validity: raw.uid_validity,
            uid: place.uid,
            part: attachment.part,
            name: attachment.name,
            mime: attachment.mime,
            size: attachment.size,
        })
        .collect()
}

/// A message of the Drafts folder as the form it came from.
pub async fn stored(engine: &Engine, place: &Place, raw: &RawMessage) -> Result<Draft, Error> {
    let header = Header::parse(&raw.header);
    let text = plain_text(engine, place, raw).await?;
    let origin = header
        .lines()
        .iter()
        .find(|line| line.name.eq_ignore_ascii_case(ORIGIN_HEADER))
        .and_then(|line| parse_origin(&line.value));
    Ok(Draft {
        to: address::format(&header.to()),
        cc: address::format(&header.cc()),
        bcc: address::format(&header.bcc()),
        subject: header.subject(),
        text,
        message_id: header.message_id().unwrap_or_default(),
        in_reply_to: header.in_reply_to(),
        references: header.references(),
        origin,
        attachments: attached(place, raw),
        stored: Some((place.uid, raw.uid_validity)),
    })
}
