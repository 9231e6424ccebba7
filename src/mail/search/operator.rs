//! The operators by their English and German names, and what each makes of its value.

use super::Term;
use super::value::{days, octets};
use crate::model::QueryProblemKind;
use jiff::civil::Date;

/// What stands before a colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    From,
    To,
    Cc,
    Bcc,
    Subject,
    Body,
    FileName,
    Has,
    Is,
    Before,
    After,
    On,
    Until,
    In,
    Larger,
    Smaller,
}

/// The operator of this name, in whatever case.
pub(super) fn named(name: &str) -> Option<Operator> {
    Some(match name.to_lowercase().as_str() {
        "from" | "von" => Operator::From,
        "to" | "an" => Operator::To,
        "cc" | "kopie" => Operator::Cc,
        "bcc" | "blindkopie" => Operator::Bcc,
        "subject" | "betreff" => Operator::Subject,
        "body" | "text" | "inhalt" => Operator::Body,
        "filename" | "datei" | "dateiname" => Operator::FileName,
        "has" | "hat" | "mit" => Operator::Has,
        "is" | "ist" => Operator::Is,
        "before" | "older" | "older_than" | "vor" | "älter" => Operator::Before,
        "after" | "since" | "newer" | "newer_than" | "nach" | "seit" | "ab" | "neuer" => {
            Operator::After
        }
        "on" | "date" | "am" | "datum" => Operator::On,
        "until" | "bis" => Operator::Until,
        "in" | "folder" | "ordner" => Operator::In,
        "larger" | "bigger" | "größer" | "groesser" => Operator::Larger,
        "smaller" | "kleiner" => Operator::Smaller,
        _ => return None,
    })
}

/// What an operator with this value asks for, and whether for its opposite. [`Operator::In`] asks
/// for nothing of a mail and is not for here.
pub(super) fn term(
    operator: Operator,
    value: String,
    today: Date,
) -> Result<(Term, bool), QueryProblemKind> {
    let date = || days(&value, today).ok_or(QueryProblemKind::Date);
    let size = || octets(&value).ok_or(QueryProblemKind::Size);
    let term = match operator {
        Operator::From => Term::From(value),
        Operator::To => Term::To(value),
        Operator::Cc => Term::Cc(value),
        Operator::Bcc => Term::Bcc(value),
        Operator::Subject => Term::Subject(value),
        Operator::Body => Term::Body(value),
        Operator::FileName => Term::FileName(value),
        Operator::Has => return has(&value),
        Operator::Is => return is(&value),
        Operator::Before => Term::Before(date()?.first),
        Operator::After => Term::Since(date()?.first),
        Operator::On => Term::Within(date()?),
        Operator::Until => Term::Before(date()?.end),
        Operator::Larger => Term::Larger(size()?),
        Operator::Smaller => Term::Smaller(size()?),
        Operator::In => return Err(QueryProblemKind::State),
    };
    Ok((term, false))
}

fn has(value: &str) -> Result<(Term, bool), QueryProblemKind> {
    match value.to_lowercase().as_str() {
        "attachment" | "attachments" | "anhang" | "anhänge" | "anlage" | "anlagen" => {
            Ok((Term::Attachment, false))
        }
        "star" | "stern" => Ok((Term::Flagged, false)),
        _ => Err(QueryProblemKind::Having),
    }
}

fn is(value: &str) -> Result<(Term, bool), QueryProblemKind> {
    Ok(match value.to_lowercase().as_str() {
        "unread" | "unseen" | "new" | "ungelesen" | "neu" => (Term::Seen, true),
        "read" | "seen" | "gelesen" => (Term::Seen, false),
        "starred" | "flagged" | "star" | "markiert" | "stern" => (Term::Flagged, false),
        "unstarred" | "unmarkiert" => (Term::Flagged, true),
        "answered" | "replied" | "beantwortet" => (Term::Answered, false),
        "unanswered" | "unbeantwortet" => (Term::Answered, true),
        "forwarded" | "weitergeleitet" => (Term::Forwarded, false),
        "draft" | "entwurf" => (Term::Draft, false),
        _ => return Err(QueryProblemKind::State),
    })
}
