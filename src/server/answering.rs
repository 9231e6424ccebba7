//! Answers that take one press: to an invitation (iTIP, RFC 5546, sent by RFC 6047), to the wish for
//! a read receipt (RFC 8098), and to a mailing list (RFC 8058). What is answered is read anew from
//! the message at the mail server; a browser names the message and no more.

use super::beside::one_click_url;
use super::caller::{Caller, servers_of};
use super::cards::answerable;
use super::delivery::{Mail, finish};
use super::form::Built;
use super::one_click;
use super::reading::{Place, structure};
use super::smtp::{Frame, Outline, SmallPart, SmtpServer, new_message_id, send_from_nobody, small};
use crate::i18n::{Key, Locale};
use crate::mail::calendar::{Answer, Event, reply};
use crate::mail::header::Header;
use crate::mail::receipt::{NOTIFICATION_TYPE, REPORT_TYPE, Receipt, receipt, receipt_request};
use crate::mail::unsubscribe::ONE_CLICK;
use crate::model::{Address, Draft, Error, InvitationAnswer, Notice, Origin, Problem, Relation};
use std::collections::HashSet;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::SystemTime;

/// The flag that says that a receipt was sent (RFC 3503).
const RECEIPT_SENT: &str = "$MDNSent";

/// Sends the answer to the organizer, with a copy in Sent. `id` names the answer, so that a second
/// press sends nothing.
pub async fn answer_invitation(
    caller: &Caller,
    place: &Place,
    answer: InvitationAnswer,
    id: &str,
) -> Result<Notice, Error> {
    let session = caller.session()?;
    let (engine, raw) = structure(&caller.state, &caller.visitor, place).await?;
    let event = answerable(&engine, place, &raw).await?;
    let organizer = event.organizer.clone().ok_or(Error::BadRequest)?;
    let own = &session.user;
    if organizer.addr.eq_ignore_ascii_case(own) {
        return Err(Error::BadRequest);
    }
    let now = SystemTime::now();
    let seconds = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_secs()).ok())
        .unwrap_or_default();
    let how = match answer {
        InvitationAnswer::Accept => Answer::Accept,
        InvitationAnswer::Tentative => Answer::Tentative,
        InvitationAnswer::Decline => Answer::Decline,
    };
    let calendar = reply(&event, own, how, "", seconds).ok_or(Error::BadRequest)?;
    let (subject, text) = words(caller.visitor.locale, answer, &event);
    let header = Header::parse(&raw.header);
    let original = header.message_id();
    let outline = Outline {
        from: event.attendee(own).map_or_else(
            || bare(own),
            |attendee| Address {
                name: attendee.address.name.clone(),
                addr: own.clone(),
            },
        ),
        to: vec![organizer.clone()],
        cc: Vec::new(),
        bcc: Vec::new(),
        subject: subject.clone(),
        text: String::new(),
        // Two answers of one page are two mails.
        message_id: format!("{}.{id}", answer.value()),
        in_reply_to: original.clone().into_iter().collect(),
        references: original.into_iter().collect(),
        date: now,
        user_agent: String::new(),
        origin: None,
    };
    let parts = [
        SmallPart {
            content_type: "text/plain; charset=utf-8",
            content: text.clone(),
        },
        SmallPart {
            content_type: "text/calendar; charset=utf-8; method=REPLY",
            content: calendar,
        },
    ];
    let frame = Frame {
        content_type: "multipart/alternative",
        automatic: false,
    };
    let mail = small(&outline, frame, &parts, &std::env::temp_dir())
        .await
        .map_err(|error| told(error.into()))?;
    let draft = Draft {
        to: organizer.addr.clone(),
        subject,
        text,
        message_id: outline.message_id,
        origin: Some(Origin {
            relation: Relation::Reply,
            folder: place.folder.clone(),
            uid_validity: raw.uid_validity,
            uid: place.uid,
        }),
        ..Draft::default()
    };
    let mail = Mail {
        state: caller.state.clone(),
        session,
        engine,
        draft,
        built: Built {
            mail: Arc::new(mail),
            recipients: vec![organizer.addr],
            files: 0,
        },
    };
    match mail.send().await {
        Ok(None) => Ok(Notice::Answered),
        Ok(Some(_)) => Ok(Notice::SentNotFiled),
        Err(problem) => Err(told(problem)),
    }
}

/// Subject and text of an answer, for programs that know no invitations.
fn words(locale: Locale, answer: InvitationAnswer, event: &Event) -> (String, String) {
    let (subject, text) = match answer {
        InvitationAnswer::Accept => (Key::AnswerAcceptSubject, Key::AnswerAcceptText),
        InvitationAnswer::Tentative => (Key::AnswerTentativeSubject, Key::AnswerTentativeText),
        InvitationAnswer::Decline => (Key::AnswerDeclineSubject, Key::AnswerDeclineText),
    };
    let summary = match event.summary.as_str() {
        "" => locale.text(Key::EventNoTitle),
        summary => summary,
    };
    let values = [("event", summary)];
    (locale.fill(subject, &values), locale.fill(text, &values))
}

fn bare(addr: &str) -> Address {
    Address {
        name: None,
        addr: addr.to_owned(),
    }
}

/// Sends the receipt that the message's sender asks for, once.
pub async fn send_receipt(caller: &Caller, place: &Place) -> Result<Notice, Error> {
    let session = caller.session()?;
    let (engine, raw) = structure(&caller.state, &caller.visitor, place).await?;
    let Some(_turn) = Turn::take(&session.user, place) else {
        return Ok(Notice::ReceiptSent);
    };
    let flags = engine
        .flags(&place.folder, place.uid, raw.uid_validity)
        .await?;
    if flags.receipted {
        return Ok(Notice::ReceiptSent);
    }
    let header = Header::parse(&raw.header);
    let wish = receipt_request(&header).ok_or(Error::BadRequest)?;
    let locale = caller.visitor.locale;
    let subject = match header.subject() {
        subject if subject.is_empty() => locale.text(Key::NoSubject).to_owned(),
        subject => subject,
    };
    let values = [("address", session.user.as_str()), ("subject", &subject)];
    let parts = receipt(&Receipt {
        reporting_agent: &format!("{}; Posthorn", session.domain),
        recipient: &session.user,
        original: &header,
        text: &locale.fill(Key::ReceiptText, &values),
    })
    .ok_or(Error::BadRequest)?;
    let outline = Outline {
        from: bare(&session.user),
        to: wish.to.clone(),
        cc: Vec::new(),
        bcc: Vec::new(),
        subject: locale.fill(Key::ReceiptSubject, &values),
        text: String::new(),
        message_id: new_message_id(&session.domain),
        in_reply_to: header.message_id().into_iter().collect(),
        references: header.message_id().into_iter().collect(),
        date: SystemTime::now(),
        user_agent: String::new(),
        origin: None,
    };
    let parts = [
        SmallPart {
            content_type: "text/plain; charset=utf-8",
            content: parts.text,
        },
        SmallPart {
            content_type: NOTIFICATION_TYPE,
            content: parts.notification,
        },
    ];
    let frame = Frame {
        content_type: REPORT_TYPE,
        automatic: true,
    };
    let mail = small(&outline, frame, &parts, &std::env::temp_dir())
        .await
        .map_err(|error| told(error.into()))?;
    let servers = servers_of(&caller.state, &session)?;
    let endpoint = servers.smtp.endpoint(&session.domain);
    let server = SmtpServer::new(endpoint, caller.state.tls.clone());
    let under_way = caller.state.sent.begin().await;
    let place = place.clone();
    let work = async move {
        let recipients: Vec<String> = wish.to.into_iter().map(|to| to.addr).collect();
        send_from_nobody(
            &server,
            &session.user,
            &session.password,
            &recipients,
            &mail,
        )
        .await
        .map_err(Problem::from)?;
        let uids = [place.uid];
        let marked = engine.set_flags(&place.folder, raw.uid_validity, &uids, RECEIPT_SENT, true);
        if let Err(error) = marked.await {
            // It will be asked for again, and the person sees that it was sent.
            tracing::info!(%error, "a message could not be marked as having a receipt");
        }
        drop(under_way);
        Ok(())
    };
    finish(work).await.map_err(told)?;
    Ok(Notice::ReceiptSent)
}

/// A receipt that is being sent: its second press finds it and does nothing.
struct Turn((String, String, u32));

static TURNS: LazyLock<Mutex<HashSet<(String, String, u32)>>> = LazyLock::new(Mutex::default);

impl Turn {
    fn take(user: &str, place: &Place) -> Option<Self> {
        let key = (user.to_owned(), place.folder.clone(), place.uid);
        let mut turns = TURNS.lock().unwrap_or_else(PoisonError::into_inner);
        // Not made unless it is taken: what is dropped gives the turn back.
        turns.insert(key.clone()).then(|| Self(key))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut turns = TURNS.lock().unwrap_or_else(PoisonError::into_inner);
        turns.remove(&self.0);
    }
}

/// Tells the mailing list of a message to send no more.
pub async fn leave_list(caller: &Caller, place: &Place) -> Result<Notice, Error> {
    let session = caller.session()?;
    let (_, raw) = structure(&caller.state, &caller.visitor, place).await?;
    let header = Header::parse(&raw.header);
    let url = one_click_url(&caller.state, &header).ok_or(Error::BadRequest)?;
    one_click::post(&caller.state, &session.user, &url, ONE_CLICK).await?;
    Ok(Notice::ListLeft)
}

/// Why a mail was not sent, for a place without a form that could come back.
fn told(problem: Problem) -> Error {
    match problem {
        Problem::Mailbox(error) => error,
        Problem::MailRefused(line)
        | Problem::SenderRefused(line)
        | Problem::TryLater(line)
        | Problem::AuthenticationRefused(line) => Error::Refused(line),
        Problem::RecipientsRefused(refused) => {
            let line = refused.into_iter().next();
            line.map_or(Error::Internal, |(who, line)| {
                Error::Refused(format!("{who}: {line}"))
            })
        }
        Problem::Unreachable | Problem::Uncertain => Error::Unreachable,
        Problem::MailboxFull => Error::OverQuota,
        Problem::NoRecipient | Problem::BadAddress(_) | Problem::TooManyRecipients { .. } => {
            Error::BadRequest
        }
        _ => Error::Internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_has_one_turn() {
        let place = Place {
            folder: "INBOX".to_owned(),
            uid: 7,
            uid_validity: None,
        };
        let turn = Turn::take("turn@posthorn.example", &place);
        assert!(turn.is_some());
        assert!(Turn::take("turn@posthorn.example", &place).is_none());
        drop(turn);
        assert!(Turn::take("turn@posthorn.example", &place).is_some());
    }

    #[test]
    fn what_the_server_said_is_told() {
        let refused = Problem::RecipientsRefused(vec![("a@b".to_owned(), "550 no".to_owned())]);
        assert_eq!(told(refused), Error::Refused("a@b: 550 no".to_owned()));
        assert_eq!(told(Problem::Uncertain), Error::Unreachable);
    }
}
