//! What is said about errors, refusals and things done, in the person's language: first what
//! happened, then what to do about it.

use crate::i18n::{Key, Locale};
use crate::model::{Error, Folder, FolderProblem, FolderRole, Notice, Problem, SignInProblem};

/// What happened, and what to do.
pub fn error_text(locale: Locale, error: &Error) -> (String, String) {
    let (what, mend) = match error {
        Error::NotSignedIn => (Key::ErrorSession, Key::ErrorSessionMend),
        Error::PasswordRefused => (Key::ErrorPassword, Key::ErrorPasswordMend),
        Error::NoFolder => (Key::ErrorFolder, Key::ErrorFolderMend),
        Error::NoMessage => (Key::ErrorMessage, Key::ErrorMessageMend),
        Error::FolderChanged => (Key::ErrorFolderChanged, Key::ErrorFolderChangedMend),
        Error::Unreachable => (Key::ErrorUnreachable, Key::ErrorUnreachableMend),
        Error::Busy => (Key::ErrorBusy, Key::ErrorBusyMend),
        Error::OverQuota => (Key::ErrorQuota, Key::ErrorQuotaMend),
        Error::Refused(text) => {
            return (
                locale.text(Key::ErrorRefused).to_owned(),
                locale.fill(Key::ErrorRefusedMend, &[("words", text)]),
            );
        }
        Error::Folder(problem) => return folder_problem_text(locale, *problem),
        Error::BadRequest => (Key::ErrorRequest, Key::ErrorRequestMend),
        Error::Internal => (Key::ErrorInternal, Key::ErrorInternalMend),
        Error::Offline => (Key::ErrorOffline, Key::ErrorOfflineMend),
    };
    (locale.text(what).to_owned(), locale.text(mend).to_owned())
}

/// Why something was not done with a folder.
fn folder_problem_text(locale: Locale, problem: FolderProblem) -> (String, String) {
    let (what, mend) = match problem {
        FolderProblem::NoName => (Key::ErrorFolderName, Key::ErrorFolderNoNameMend),
        FolderProblem::TooLong => (Key::ErrorFolderName, Key::ErrorFolderTooLongMend),
        FolderProblem::Invisible => (Key::ErrorFolderName, Key::ErrorFolderInvisibleMend),
        FolderProblem::Exists => (Key::ErrorFolderExists, Key::ErrorFolderExistsMend),
        FolderProblem::IntoItself => (Key::ErrorFolderIntoItself, Key::ErrorFolderIntoItselfMend),
        FolderProblem::HoldsMore => (Key::ErrorFolderHoldsMore, Key::ErrorFolderHoldsMoreMend),
        FolderProblem::Delimiter(character) => {
            let character = character.to_string();
            let values = [("character", character.as_str())];
            return (
                locale.text(Key::ErrorFolderName).to_owned(),
                locale.fill(Key::ErrorFolderDelimiterMend, &values),
            );
        }
        FolderProblem::Special(role) => {
            let values = [("name", role_label(locale, role))];
            return (
                locale.text(Key::ErrorFolderSpecial).to_owned(),
                locale.fill(Key::ErrorFolderSpecialMend, &values),
            );
        }
    };
    (locale.text(what).to_owned(), locale.text(mend).to_owned())
}

/// Both in one line.
pub fn error_line(locale: Locale, error: &Error) -> String {
    let (what, mend) = error_text(locale, error);
    format!("{what} {mend}")
}

/// Why nobody is signed in.
pub fn sign_in_text(locale: Locale, problem: &SignInProblem) -> String {
    let key = match problem {
        SignInProblem::BadAddress => Key::LoginBadAddress,
        SignInProblem::BadInput => Key::LoginBadInput,
        SignInProblem::WrongPassword => Key::LoginWrong,
        SignInProblem::UnknownDomain(domain) => {
            return locale.fill(Key::LoginUnknownDomain, &[("domain", domain)]);
        }
        SignInProblem::Unreachable => Key::LoginUnreachable,
        SignInProblem::CertificateNotTrusted => Key::LoginCertificate,
        SignInProblem::Throttled(seconds) => {
            return locale.count(
                Key::LoginThrottledOne,
                Key::LoginThrottledOther,
                u64::from(*seconds),
            );
        }
        SignInProblem::Unavailable => Key::LoginUnavailable,
    };
    locale.text(key).to_owned()
}

/// Why a mail was not sent or not saved, with the server's own lines, if it said any.
pub fn problem_text(locale: Locale, problem: &Problem) -> (String, Vec<String>) {
    let said = |key: Key, line: &String| (explained(locale, key, line), vec![line.clone()]);
    let plain = |key: Key| (locale.text(key).to_owned(), Vec::new());
    match problem {
        Problem::NoRecipient => plain(Key::ProblemNoRecipient),
        Problem::BadAddress(piece) => (
            locale.fill(Key::ProblemBadAddress, &[("address", piece)]),
            Vec::new(),
        ),
        Problem::TooManyRecipients { limit } => {
            let limit = locale.number(u64::from(*limit));
            (
                locale.fill(Key::ProblemTooManyRecipients, &[("limit", &limit)]),
                Vec::new(),
            )
        }
        Problem::TooLarge { limit } => (
            locale.fill(Key::ProblemTooLarge, &[("limit", &locale.size(*limit))]),
            Vec::new(),
        ),
        Problem::RecipientsRefused(refused) => {
            let key = refused.first().map(|(_, line)| line);
            let what = key.map_or_else(String::new, |line| {
                explained(locale, Key::ProblemRecipients, line)
            });
            (
                what,
                refused
                    .iter()
                    .map(|(who, line)| format!("{who}: {line}"))
                    .collect(),
            )
        }
        Problem::SenderRefused(line) => said(Key::ProblemSender, line),
        Problem::MailRefused(line) => said(Key::ProblemRefused, line),
        Problem::TryLater(line) => said(Key::ProblemLater, line),
        Problem::Unreachable => plain(Key::ProblemUnreachable),
        Problem::AuthenticationRefused(line) => said(Key::ProblemAuthentication, line),
        Problem::Uncertain => plain(Key::ProblemUncertain),
        Problem::MailboxFull => plain(Key::ProblemMailboxFull),
        Problem::NotFiled => plain(Key::ProblemNotFiled),
        Problem::AttachmentGone(name) => (
            locale.fill(Key::ProblemAttachmentGone, &[("name", name)]),
            Vec::new(),
        ),
        Problem::Mailbox(error) => (error_line(locale, error), Vec::new()),
    }
}

/// `general`, and what the server's code means where it is known.
fn explained(locale: Locale, general: Key, line: &str) -> String {
    let general = locale.text(general);
    meaning(line).map_or_else(
        || general.to_owned(),
        |key| format!("{general} {}", locale.text(key)),
    )
}

/// What a server's line means where it is known (RFC 5321, section 4.2; the enhanced codes of RFC
/// 3463).
pub fn meaning(line: &str) -> Option<Key> {
    let lower = line.to_ascii_lowercase();
    if lower.contains("relay") {
        Some(Key::MeaningRelay)
    } else if lower.contains("5.1.1")
        || lower.contains("user unknown")
        || lower.contains("unknown user")
    {
        Some(Key::MeaningUnknownUser)
    } else if lower.contains("5.1.2")
        || lower.contains("domain not found")
        || lower.contains("host not found")
    {
        Some(Key::MeaningUnknownDomain)
    } else if lower.contains("5.2.2") || lower.contains("4.2.2") || lower.contains("quota") {
        Some(Key::MeaningFull)
    } else if lower.starts_with("552") || lower.contains("5.3.4") {
        Some(Key::MeaningTooLarge)
    } else if lower.starts_with("421") || lower.starts_with("45") {
        Some(Key::MeaningLater)
    } else {
        None
    }
}

/// What was done.
pub fn notice_text(locale: Locale, notice: Notice) -> &'static str {
    locale.text(match notice {
        Notice::Sent => Key::NoticeSent,
        Notice::SentNotFiled => Key::NoticeSentNotFiled,
        Notice::Saved => Key::NoticeSaved,
        Notice::Discarded => Key::NoticeDiscarded,
        Notice::Moved => Key::NoticeMoved,
        Notice::Archived => Key::NoticeArchived,
        Notice::Trashed => Key::NoticeTrashed,
        Notice::Deleted => Key::NoticeDeleted,
        Notice::MarkedUnread => Key::NoticeUnread,
        Notice::Marked => Key::NoticeMarked,
        Notice::Undone => Key::NoticeUndone,
        Notice::ReportedSpam => Key::NoticeSpam,
        Notice::NotSpam => Key::NoticeNotSpam,
        Notice::SignedOut => Key::NoticeSignedOut,
        Notice::FolderCreated => Key::NoticeFolderCreated,
        Notice::FolderRenamed => Key::NoticeFolderRenamed,
        Notice::FolderDeleted => Key::NoticeFolderDeleted,
        Notice::Subscribed => Key::NoticeSubscribed,
        Notice::Unsubscribed => Key::NoticeUnsubscribed,
        Notice::Emptied => Key::NoticeEmptied,
        Notice::AllRead => Key::NoticeAllRead,
        Notice::SenderTrusted => Key::NoticeSenderTrusted,
        Notice::SenderNotTrusted => Key::NoticeSenderNotTrusted,
        Notice::Answered => Key::NoticeAnswered,
        Notice::ReceiptSent => Key::NoticeReceiptSent,
        Notice::ListLeft => Key::NoticeListLeft,
    })
}

/// What was done to `count` messages.
pub fn changed_text(locale: Locale, notice: Notice, count: u32) -> String {
    if count == 1 {
        return notice_text(locale, notice).to_owned();
    }
    let n = locale.number(u64::from(count));
    let key = match notice {
        Notice::Archived => Key::NoticeArchivedMany,
        Notice::Deleted => Key::NoticeDeletedMany,
        Notice::Moved => Key::NoticeMovedMany,
        Notice::NotSpam => Key::NoticeNotSpamMany,
        Notice::ReportedSpam => Key::NoticeSpamMany,
        Notice::Trashed => Key::NoticeTrashedMany,
        _ => Key::NoticeMarkedMany,
    };
    locale.fill(key, &[("n", &n)])
}

/// A folder's name for people: roles have names in their language.
pub fn folder_label(locale: Locale, folder: &Folder) -> String {
    folder.role.map_or_else(
        || folder.label.clone(),
        |role| role_label(locale, role).to_owned(),
    )
}

/// What a folder with a purpose is called.
pub fn role_label(locale: Locale, role: FolderRole) -> &'static str {
    locale.text(match role {
        FolderRole::Inbox => Key::FolderInbox,
        FolderRole::Flagged => Key::FolderFlagged,
        FolderRole::Drafts => Key::FolderDrafts,
        FolderRole::Sent => Key::FolderSent,
        FolderRole::Archive => Key::FolderArchive,
        FolderRole::All => Key::FolderAll,
        FolderRole::Junk => Key::FolderJunk,
        FolderRole::Trash => Key::FolderTrash,
    })
}

#[cfg(test)]
mod tests {
    use super::problem_text;
    use crate::i18n::Locale;
    use crate::model::Problem;

    #[test]
    fn a_relay_refusal_says_what_it_means() {
        let line = "554 5.7.1 <x@elsewhere.example>: Relay access denied".to_owned();
        let (what, lines) = problem_text(
            Locale::En,
            &Problem::RecipientsRefused(vec![("x@elsewhere.example".to_owned(), line)]),
        );
        assert!(what.contains("other providers"), "{what}");
        assert!(lines[0].contains("554 5.7.1"));
    }
}
