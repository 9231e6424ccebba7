//! The engine and a server that follows no rule. Never a crash or a hang, never a message that
//! stands for another one, and what works is still there afterwards.

// Clippy's leave for tests ends at their helpers.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod fault_support;

use fault_support::bounded;
use fault_support::hostile::{
    Hostile, Reply, UIDS, VALIDITY, message, message_with, row, row_of, say, usual,
};
use futures_util::StreamExt;
use posthorn::model::Error;
use posthorn::server::engines::Engines;
use posthorn::server::imap::watch::{News, Orders};
use posthorn::server::imap::{Code, Engine, ImapError, Pace, PartRequest, RawWindow, SignInError};
use posthorn::server::session::{Session, SessionId};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// Rows that are what they say they are.
fn assert_true(window: &RawWindow) {
    for row in &window.rows {
        let overview = row.clone().read();
        assert_eq!(overview.subject, format!("mail {}", row.uid), "{window:?}");
        if let Some(preview) = &row.preview {
            assert_eq!(*preview, format!("preview of {}", row.uid));
        }
    }
}

async fn window(engine: &Engine) -> Result<RawWindow, ImapError> {
    let window = bounded(engine.window("INBOX", 1, 50, true)).await;
    if let Ok(window) = &window {
        assert_true(window);
    }
    window
}

async fn open(engine: &Engine, uid: u32) -> Result<String, ImapError> {
    let message = bounded(engine.open("INBOX", uid, Some(VALIDITY))).await?;
    Ok(String::from_utf8_lossy(&message.header).into_owned())
}

/// All there is, as it should be.
async fn assert_works(engine: &Arc<Engine>) {
    let rows = window(engine).await.unwrap().rows;
    let uids: Vec<u32> = rows.iter().rev().map(|row| row.uid).collect();
    assert_eq!(uids, UIDS);
    for uid in UIDS {
        assert_eq!(
            open(engine, uid).await.unwrap(),
            format!("Subject: mail {uid}\r\n\r\n")
        );
    }
}

/// A server that misbehaves at the first command for which `when` says so, `times` times.
async fn at(
    when: impl Fn(&str) -> bool + Send + Sync + 'static,
    reply: Reply,
    times: usize,
) -> Hostile {
    let left = std::sync::Mutex::new(times);
    Hostile::start(move |_, command| {
        let mut left = left.lock().unwrap();
        if *left > 0 && when(command) {
            *left -= 1;
            reply.clone()
        } else {
            Reply::Usual
        }
    })
    .await
}

fn is_fetch(command: &str) -> bool {
    command.starts_with("FETCH ")
}

fn is_open(command: &str) -> bool {
    command.contains("BODYSTRUCTURE")
}

/// All kinds of operations once, whatever comes of them.
async fn everything(engine: &Arc<Engine>) -> Vec<ImapError> {
    let mut errors = Vec::new();
    let mut note = |error: Option<ImapError>| errors.extend(error);
    note(window(engine).await.err());
    for uid in UIDS {
        match open(engine, uid).await {
            Ok(header) => assert!(header.contains(&format!("mail {uid}\r\n"))),
            Err(error) => note(Some(error)),
        }
    }
    let request = PartRequest {
        id: "1".to_owned(),
        mime: false,
        max: 100,
    };
    match bounded(engine.parts("INBOX", 20, None, &[request])).await {
        Ok(parts) => assert_eq!(parts[0].body, b"text of 20"),
        Err(error) => note(Some(error)),
    }
    let mut stream = pin!(engine.stream_part("INBOX", 30, None, None));
    match bounded(stream.next()).await {
        Some(Ok(piece)) => assert_eq!(piece, b"text of 30"),
        Some(Err(error)) => note(Some(error)),
        None => {}
    }
    note(bounded(engine.folders()).await.err());
    let flagging = engine.set_flags("INBOX", VALIDITY, &[20], "\\Flagged", true);
    note(bounded(flagging).await.err());
    let moving = engine.move_messages("INBOX", VALIDITY, &[20], "Other", false);
    note(bounded(moving).await.err());
    let deleting = engine.delete_for_ever("INBOX", VALIDITY, &[20]);
    note(bounded(deleting).await.err());
    let mut source: &[u8] = b"x";
    note(
        bounded(engine.append("INBOX", &[], 1, &mut source))
            .await
            .err(),
    );
    let finding = engine.find_by_message_id("INBOX", "x@y");
    note(bounded(finding).await.err());
    errors
}

#[tokio::test]
async fn an_honest_server_is_understood() {
    let server = Hostile::start(|_, _| Reply::Usual).await;
    let engine = server.sign_in().await;
    assert_works(&engine).await;
    assert_eq!(bounded(engine.folders()).await.unwrap().len(), 2);
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn a_line_without_an_end_is_given_up() {
    for noise in [
        Reply::Babble("* OK ", b'x'),
        Reply::Babble("* 1 FETCH (X-NEW ", b'x'),
        Reply::Babble("* 1 FETCH (X-NEW \"", b'x'),
        Reply::Babble("* LIST (", b' '),
        Reply::Babble("", b'\r'),
        Reply::Babble("", 0),
    ] {
        let server = at(is_fetch, noise.clone(), 1).await;
        let engine = server.sign_in().await;
        let refused = window(&engine).await;
        // The second where this machine is slow.
        assert!(
            matches!(refused, Err(ImapError::Protocol(_) | ImapError::TimedOut)),
            "{noise:?} {refused:?}"
        );
        assert_works(&engine).await;
    }
    let server = at(str::is_empty, Reply::Babble("* OK ", b'x'), 1).await;
    assert!(server.try_sign_in().await.is_err());
    assert_works(&server.sign_in().await).await;
}

#[tokio::test]
async fn answers_without_an_end_are_given_up() {
    for noise in [
        Reply::Babble("* OK hm\r\n", b'\n'),
        Reply::Babble("", b'\n'),
    ] {
        let server = at(is_fetch, noise, 1).await;
        let engine = server.sign_in().await;
        assert!(window(&engine).await.is_err());
        assert_works(&engine).await;
    }
}

#[tokio::test]
async fn a_huge_literal_is_given_up() {
    for count in ["20000000", "4294967295", "99999999999999999999999999"] {
        let text = format!("* 1 FETCH (UID 10 BODY[HEADER] {{{count}}}\r\n");
        let server = at(is_fetch, Reply::Say(text), 1).await;
        let engine = server.sign_in().await;
        assert!(matches!(window(&engine).await, Err(ImapError::Protocol(_))));
        assert_works(&engine).await;
    }
    // One that is allowed, and never comes.
    let text = "* 1 FETCH (UID 10 BODY[HEADER] {16000000}\r\nSubject";
    let server = at(is_fetch, say(text), 1).await;
    let engine = server.sign_in().await;
    assert_eq!(window(&engine).await, Err(ImapError::TimedOut));
    assert_works(&engine).await;
}

#[tokio::test]
async fn ten_thousand_levels_are_read_in_another_way() {
    let deep = format!("BODYSTRUCTURE {}", "(".repeat(10_000));
    let server = Hostile::start(move |_, command| {
        if is_open(command) {
            Reply::Say(message_with(20, 20, &deep))
        } else {
            Reply::Usual
        }
    })
    .await;
    let engine = server.sign_in().await;
    assert_works(&engine).await;
    let message = bounded(engine.open("INBOX", 20, None)).await.unwrap();
    assert_eq!(message.structure.subtype, "plain");
}

#[tokio::test]
async fn what_panics_the_parser_ends_a_connection_and_nothing_else() {
    let row = row(2).replace("\"01-Jan-2024 10:00:00 +0000\"", "NIL");
    let server = at(is_fetch, Reply::Say(row), 1).await;
    let engine = server.sign_in().await;
    let refused = window(&engine).await;
    assert!(
        matches!(refused, Err(ImapError::Protocol(_))),
        "{refused:?}"
    );
    assert_works(&engine).await;
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn foreign_tags_and_calls_to_go_on_are_no_answers() {
    for text in [
        "p999 OK done\r\n",
        "x OK done\r\n",
        "p1 OK done\r\n",
        "+ go on\r\n",
        "what?\r\n",
        "\r\n",
    ] {
        let server = at(is_fetch, say(text), 1).await;
        let engine = server.sign_in().await;
        let refused = window(&engine).await;
        assert!(
            matches!(refused, Err(ImapError::Protocol(_))),
            "{text} {refused:?}"
        );
        assert_works(&engine).await;
    }
}

#[tokio::test]
async fn a_goodbye_is_no_wrong_password() {
    let greeting: fn(&str) -> bool = str::is_empty;
    let sign_in: fn(&str) -> bool = |command| command.starts_with("AUTHENTICATE");
    for (when, text, busy) in [
        (greeting, "* BYE too late\r\n", false),
        (greeting, "* BYE [UNAVAILABLE] later\r\n", true),
        (greeting, "* NO\r\n", false),
        (greeting, "", false),
        (sign_in, "* BYE no\r\n", false),
        (sign_in, "* BYE [AUTHENTICATIONFAILED] no\r\n", false),
        (sign_in, "{tag} NO [UNAVAILABLE] later\r\n", true),
        (sign_in, "{tag} NO [LIMIT] too many\r\n", true),
        (sign_in, "", false),
    ] {
        let server = at(when, Reply::Last(text.to_owned()), 1).await;
        let refused = server.try_sign_in().await.unwrap_err();
        match refused {
            SignInError::Interrupted(_) => assert!(!busy, "{text}"),
            SignInError::Unavailable(_) => {}
            other => panic!("{text}: {other}"),
        }
        assert_works(&server.sign_in().await).await;
    }
    let server = at(sign_in, say("{tag} NO [AUTHENTICATIONFAILED] no\r\n"), 1).await;
    let refused = server.try_sign_in().await.unwrap_err();
    assert_eq!(refused, SignInError::WrongPassword);
}

#[tokio::test]
async fn a_goodbye_in_the_middle_is_got_over() {
    let server = at(is_fetch, Reply::Last("* BYE for now\r\n".to_owned()), 1).await;
    let engine = server.sign_in().await;
    // The first connection is a used one: tried again on a fresh one.
    assert_works(&engine).await;
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn a_wrong_number_of_messages_mixes_nothing_up() {
    for count in ["0", "1", "2", "4", "100", "4294967295"] {
        let select = usual("SELECT").replace("* 3 EXISTS", &format!("* {count} EXISTS"));
        let server = Hostile::start(move |_, command| {
            if command.starts_with("SELECT") {
                Reply::Say(select.clone())
            } else if is_fetch(command) {
                // All there is, whatever was asked for.
                Reply::Say(row(1) + &row(2) + &row(3) + "{tag} OK done\r\n")
            } else {
                Reply::Usual
            }
        })
        .await;
        let engine = server.sign_in().await;
        let window = window(&engine).await.unwrap();
        assert!(window.rows.len() <= 3 && window.page == 1, "{count}");
        assert!(open(&engine, 20).await.unwrap().contains("mail 20"));
    }
}

#[tokio::test]
async fn rows_that_contradict_each_other_are_not_shown() {
    for rows in [
        row_of(1, 20) + &row_of(2, 10) + &row(3),
        row_of(1, 10) + &row_of(2, 10) + &row(3),
        row(1) + &row(2) + &row(3) + &row_of(1, 20),
        row(1) + &row(2) + &row(3) + "* 1 FETCH (UID 20 PREVIEW \"preview of 20\")\r\n",
        row(1) + &row(2) + &row(3) + "* 1 FETCH (UID 30 FLAGS ())\r\n",
    ] {
        let server = at(is_fetch, Reply::Say(rows + "{tag} OK done\r\n"), 1).await;
        let engine = server.sign_in().await;
        let refused = window(&engine).await;
        assert!(
            matches!(refused, Err(ImapError::Protocol(_))),
            "{refused:?}"
        );
        assert_works(&engine).await;
    }
}

/// A removal in the middle of a FETCH moves the numbers: the second half of a row would be that of
/// the next message.
#[tokio::test]
async fn a_removal_during_a_fetch_gives_no_message_anothers_header() {
    let header = "BODY[HEADER.FIELDS (SUBJECT)] {18}\r\nSubject: mail 30\r\n";
    let text = format!(
        "* 2 FETCH (UID 20 FLAGS ())\r\n* 1 EXPUNGE\r\n* 2 FETCH ({header})\r\n{{tag}} OK done\r\n"
    );
    for times in [1, 100] {
        let server = at(is_fetch, Reply::Say(text.clone()), times).await;
        let engine = server.sign_in().await;
        let window = window(&engine).await;
        assert_eq!(window.is_ok(), times == 1, "{window:?}");
    }
}

#[tokio::test]
async fn a_new_uidvalidity_is_noticed_before_anything_is_done() {
    let changed = Arc::new(AtomicBool::new(false));
    let says = changed.clone();
    let server = Hostile::start(move |_, command| {
        if says.load(Ordering::SeqCst) {
            match command {
                "NOOP" => return say("* OK [UIDVALIDITY 8] anew\r\n{tag} OK done\r\n"),
                _ if command.starts_with("SELECT") => {
                    return Reply::Say(usual(command).replace("UIDVALIDITY 7", "UIDVALIDITY 8"));
                }
                _ => {}
            }
        }
        Reply::Usual
    })
    .await;
    let engine = server.sign_in().await;
    assert_works(&engine).await;
    changed.store(true, Ordering::SeqCst);
    assert_eq!(window(&engine).await.unwrap().uid_validity, 8);
    assert_eq!(open(&engine, 20).await, Err(ImapError::FolderChanged));
    let uids = [20];
    for refused in [
        bounded(engine.set_flags("INBOX", VALIDITY, &uids, "\\Flagged", true)).await,
        bounded(engine.delete_for_ever("INBOX", VALIDITY, &uids)).await,
        bounded(engine.move_messages("INBOX", VALIDITY, &uids, "Other", false))
            .await
            .map(drop),
    ] {
        assert_eq!(refused, Err(ImapError::FolderChanged));
    }
    for command in server.heard() {
        for harmful in ["STORE", "MOVE", "EXPUNGE", "COPY"] {
            assert!(!command.contains(harmful), "{command}");
        }
    }
}

#[tokio::test]
async fn a_folder_deleted_while_open_is_none_until_it_is_there_again() {
    let gone = Arc::new(AtomicBool::new(false));
    let says = gone.clone();
    let server = Hostile::start(move |_, command| {
        let about_it = ["SELECT", "FETCH", "UID"]
            .iter()
            .any(|name| command.starts_with(name));
        if about_it && says.load(Ordering::SeqCst) {
            say("{tag} NO [NONEXISTENT] gone\r\n")
        } else {
            Reply::Usual
        }
    })
    .await;
    let engine = server.sign_in().await;
    assert_works(&engine).await;
    gone.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        assert_eq!(window(&engine).await, Err(ImapError::NoFolder));
        assert_eq!(open(&engine, 20).await, Err(ImapError::NoFolder));
    }
    gone.store(false, Ordering::SeqCst);
    assert_works(&engine).await;
    let selects = server
        .heard()
        .iter()
        .filter(|command| command.starts_with("SELECT"))
        .count();
    assert!(selects >= 2, "it has to be opened anew");
}

/// Dovecot makes its special folders when they are first opened, and refuses the second of two
/// connections that do so at the same moment.
#[tokio::test]
async fn a_folder_that_is_made_as_it_is_opened_is_opened_once_more() {
    let made = || say("{tag} NO [ALREADYEXISTS] Mailbox already exists\r\n");
    let server = at(|command| command.starts_with("SELECT"), made(), 1).await;
    let engine = server.sign_in().await;
    assert_works(&engine).await;
    // And not without end.
    let server = at(|command| command.starts_with("SELECT"), made(), 2).await;
    let engine = server.sign_in().await;
    match window(&engine).await {
        Err(ImapError::Refused { code, .. }) => assert_eq!(code, Some(Code::AlreadyExists)),
        other => panic!("{other:?}"),
    }
    assert_eq!(count(&server, "SELECT"), 2);
    assert_works(&engine).await;
}

#[tokio::test]
async fn what_is_not_counted_is_not_deleted() {
    for silent in [
        "{tag} OK done\r\n",
        "* STATUS \"Old\" (UNSEEN 0)\r\n{tag} OK done\r\n",
    ] {
        let server = Hostile::start(move |_, command| {
            if command.starts_with("LIST \"\" \"*\"") {
                let inbox = "* LIST () \"/\" INBOX\r\n";
                return Reply::Say(format!("{inbox}{OLD}{{tag}} OK done\r\n"));
            }
            if command.starts_with("STATUS \"Old\"") {
                return say(silent);
            }
            Reply::Usual
        })
        .await;
        let engine = server.sign_in().await;
        match bounded(engine.delete_folder("Old", 9, 0)).await {
            Err(ImapError::Protocol(_)) => {}
            other => panic!("{other:?}"),
        }
        assert_eq!(count(&server, "DELETE"), 0);
        assert_works(&engine).await;
    }
}

/// What the list says of a folder after something was run into so many times.
type Lists = fn(usize) -> &'static str;

const OLD: &str = "* LIST () \"/\" Old\r\n";

/// A server whose list of folders is behind what was done until `runs_into` was heard twice, as Dovecot's can be
/// if another connection reads the disk in the same moment. The folder Old has `messages`.
async fn behind(lists: Lists, runs_into: &'static str, messages: u32) -> Hostile {
    let known = AtomicUsize::new(0);
    Hostile::start(move |_, command| {
        if command.starts_with("LIST \"\" \"*\"") {
            let inbox = "* LIST () \"/\" INBOX\r\n";
            return Reply::Say(format!("{inbox}{OLD}{{tag}} OK done\r\n"));
        }
        if command.starts_with("LIST") {
            let line = lists(known.load(Ordering::SeqCst));
            return Reply::Say(format!("{line}{{tag}} OK done\r\n"));
        }
        if command.starts_with("STATUS \"Old\" (MESSAGES)") {
            let counts = format!("* STATUS \"Old\" (MESSAGES {messages})\r\n");
            return Reply::Say(format!("{counts}{{tag}} OK done\r\n"));
        }
        if command.starts_with(runs_into) && known.fetch_add(1, Ordering::SeqCst) > 0 {
            return say("{tag} NO [NONEXISTENT] no\r\n");
        }
        Reply::Usual
    })
    .await
}

#[tokio::test]
async fn a_folder_that_is_listed_after_it_was_deleted_is_run_into() {
    // Half of it has stayed, and can be deleted only as a whole.
    let level: Lists = |known| match known {
        0 | 1 => "* LIST (\\Noselect \\HasNoChildren) \"/\" Old\r\n",
        _ => "",
    };
    let server = behind(level, "DELETE", 0).await;
    let engine = server.sign_in().await;
    bounded(engine.delete_folder("Old", 9, 0)).await.unwrap();
    assert_eq!(count(&server, "DELETE \"Old\""), 2);
    assert_eq!(count(&server, "CREATE \"Old\""), 1);

    // All of it has stayed, or come again, with nothing in it.
    let empty: Lists = |known| if known < 2 { OLD } else { "" };
    let server = behind(empty, "DELETE", 0).await;
    let engine = server.sign_in().await;
    bounded(engine.delete_folder("Old", 9, 0)).await.unwrap();
    assert_eq!(count(&server, "DELETE \"Old\""), 2);
    assert_eq!(count(&server, "CREATE \"Old\""), 0);

    // A level that cannot be made is none, whatever the list says: somebody has made the folder anew.
    let server = Hostile::start(|_, command| match command {
        command if command.starts_with("LIST \"\" \"*\"") => {
            let inbox = "* LIST () \"/\" INBOX\r\n";
            Reply::Say(format!("{inbox}{OLD}{{tag}} OK done\r\n"))
        }
        command if command.starts_with("LIST") => {
            say("* LIST (\\Noselect \\HasNoChildren) \"/\" Old\r\n{tag} OK done\r\n")
        }
        command if command.starts_with("CREATE") => say("{tag} NO [ALREADYEXISTS] no\r\n"),
        _ => Reply::Usual,
    })
    .await;
    let engine = server.sign_in().await;
    bounded(engine.delete_folder("Old", 9, 0)).await.unwrap();
    assert_eq!(count(&server, "DELETE \"Old\""), 1);

    // What is below it would lose its level.
    let level: Lists = |_| "* LIST (\\Noselect \\HasChildren) \"/\" Old\r\n";
    let server = behind(level, "DELETE", 0).await;
    let engine = server.sign_in().await;
    bounded(engine.delete_folder("Old", 9, 0)).await.unwrap();
    assert_eq!(count(&server, "DELETE \"Old\""), 1);
    assert_eq!(count(&server, "CREATE \"Old\""), 0);

    // A folder that is called almost the same may be the same.
    let server = behind(|_| OLD, "DELETE", 0).await;
    let engine = server.sign_in().await;
    let renamed = bounded(engine.rename_folder("Old", "", "OLD")).await;
    assert_eq!(renamed.unwrap(), "OLD");
    assert_eq!(count(&server, "DELETE"), 0);

    // What has messages in it is not deleted again: somebody has made it anew.
    let server = behind(|_| OLD, "DELETE", 1).await;
    let engine = server.sign_in().await;
    bounded(engine.delete_folder("Old", 9, 0)).await.unwrap();
    assert_eq!(count(&server, "DELETE \"Old\""), 1);
}

#[tokio::test]
async fn a_folder_that_is_not_listed_after_it_was_made_is_run_into() {
    let unlisted: Lists = |known| match known {
        0 | 1 => "",
        _ => "* LIST () \"/\" New\r\n",
    };
    let server = behind(unlisted, "CREATE", 0).await;
    let engine = server.sign_in().await;
    let made = bounded(engine.create_folder("", "New")).await;
    assert_eq!(made.unwrap(), "New");
    assert_eq!(count(&server, "CREATE \"New\""), 2);

    // A server that never lists it is not asked for ever.
    let server = behind(|_| "", "CREATE", 0).await;
    let engine = server.sign_in().await;
    let made = bounded(engine.rename_folder("Old", "", "New")).await;
    assert_eq!(made.unwrap(), "New");
    assert_eq!(count(&server, "CREATE \"New\""), 4);
}

/// Dovecot has been seen to wait for half a minute in a folder that was half deleted.
#[tokio::test]
async fn what_is_done_is_told_though_the_list_does_not_come() {
    let server = Hostile::start(|_, command| match command {
        command if command.starts_with("LIST \"\" \"*\"") => {
            let inbox = "* LIST () \"/\" INBOX\r\n";
            Reply::Say(format!("{inbox}{OLD}{{tag}} OK done\r\n"))
        }
        command if command.starts_with("LIST \"\" \"Old\"") => say(OLD),
        _ => Reply::Usual,
    })
    .await;
    let engine = server.sign_in().await;
    bounded(engine.delete_folder("Old", 9, 0)).await.unwrap();
    assert_eq!(count(&server, "DELETE \"Old\""), 1);
    // The connection that did not answer is not asked again.
    bounded(engine.folders()).await.unwrap();
}

fn count(server: &Hostile, command: &str) -> usize {
    let heard = server.heard();
    heard
        .iter()
        .filter(|line| line.starts_with(command))
        .count()
}

/// Servers may speak to people in their language; the parser panics where no space stands before
/// it.
#[tokio::test]
async fn prose_in_any_language_is_no_fault() {
    let server = Hostile::start(|_, command| {
        let honest = usual(command);
        let prose = "* OK [ALERT]éWartung für 日本 é\r\n* NO Über \u{1F389}\r\n";
        match command {
            "" => Reply::Say(honest.replace("hello", "Grüße é")),
            _ if command.starts_with("CREATE") || command.starts_with("SELECT \"W") => {
                say("{tag} NO [CANNOT]ü gibt es nicht: Entwürfe\r\n")
            }
            _ => {
                Reply::Say(prose.to_owned() + &honest.replace("done", "[ALERT]é fertig für heute"))
            }
        }
    })
    .await;
    let engine = server.sign_in().await;
    assert_works(&engine).await;
    assert_eq!(server.accepted(), 1);
    let none = bounded(engine.window("Weg", 1, 50, true)).await;
    assert_eq!(none, Err(ImapError::NoFolder));
}

#[tokio::test]
async fn folder_names_may_be_anything() {
    let lines = "* LIST () \"/\" INBOX\r\n* LIST () NIL \"Entw\u{fc}rfe\"\r\n* LIST () NIL x\r\n\
                 * LIST () NIL {5}\r\na/\u{e4}b\r\n* LIST () \"\\\\\" \"a\\\\b\"\r\n\
                 * LIST (\\X \\Noselect) \"/\" &broken\r\n* LIST () \"/\" \"\"\r\n{tag} OK done\r\n";
    let server = Hostile::start(move |_, command| {
        if command.starts_with("LIST") {
            say(lines)
        } else {
            Reply::Usual
        }
    })
    .await;
    let engine = server.sign_in().await;
    let folders = bounded(engine.folders()).await.unwrap();
    for name in ["INBOX", "Entwürfe", "a/äb", "a\\b"] {
        assert!(
            folders.iter().any(|folder| folder.name == name),
            "{folders:?}"
        );
    }
    for folder in folders {
        drop(bounded(engine.window(&folder.name, 1, 50, false)).await);
    }
    assert_works(&engine).await;
}

#[tokio::test]
async fn what_was_not_asked_for_is_not_taken_for_the_answer() {
    let honest = message(20);
    let stranger = message(30);
    let nameless = stranger.replace("* 3 FETCH (UID 30", "* 2 FETCH (X-UID 30");
    for unasked in [
        stranger.clone(),
        nameless,
        row(1),
        row_of(2, 30),
        "* 3 EXPUNGE\r\n* 9 EXPUNGE\r\n* 0 EXPUNGE\r\n".to_owned(),
        "* SEARCH 1 2 3\r\n* LIST () \"/\" x\r\n* STATUS x (MESSAGES 1)\r\n".to_owned(),
        "* 4294967295 EXISTS\r\n* 1 RECENT\r\n".to_owned(),
        "* OK [COPYUID 7 1:4294967295 1:4294967295] x\r\n".to_owned(),
    ] {
        for text in [unasked.clone() + &honest, honest.clone() + &unasked] {
            let server = at(is_open, Reply::Say(text + "{tag} OK done\r\n"), 3).await;
            let engine = server.sign_in().await;
            assert!(
                open(&engine, 20).await.unwrap().contains("mail 20"),
                "{unasked}"
            );
        }
        // Alone it is no answer at all.
        let server = at(is_open, Reply::Say(unasked + "{tag} OK done\r\n"), 1).await;
        let engine = server.sign_in().await;
        assert_eq!(open(&engine, 20).await, Err(ImapError::NoMessage));
        assert!(open(&engine, 20).await.unwrap().contains("mail 20"));
    }
}

#[tokio::test]
async fn another_piece_is_not_the_end_of_a_download() {
    for piece in [
        "* 2 FETCH (UID 20 BODY[2]<0> \"other\")\r\n",
        "* 2 FETCH (UID 20 BODY[1]<5> \"other\")\r\n",
        "* 2 FETCH (UID 20 BODY[TEXT] \"other\")\r\n",
    ] {
        let text = format!("{piece}{{tag}} OK done\r\n");
        let server = at(|command| command.contains("PEEK[1]"), Reply::Say(text), 2).await;
        let engine = server.sign_in().await;
        let mut stream = pin!(engine.stream_part("INBOX", 20, None, Some("1")));
        let refused = bounded(stream.next()).await.unwrap();
        assert!(
            matches!(refused, Err(ImapError::Protocol(_))),
            "{refused:?}"
        );
        let request = PartRequest {
            id: "1".to_owned(),
            mime: false,
            max: 100,
        };
        let refused = bounded(engine.parts("INBOX", 20, None, &[request])).await;
        assert!(
            matches!(refused, Err(ImapError::Protocol(_))),
            "{refused:?}"
        );
        assert!(everything(&engine).await.len() <= 1);
    }
}

/// A search finds an ID within another one, and an index what only resembles it.
#[tokio::test]
async fn a_search_is_not_believed() {
    let fetch = |uid: u32, id: &str| {
        let field = format!("Message-ID:\r\n {id}\r\n\r\n");
        let number = uid / 10;
        format!(
            "* {number} FETCH (UID {uid} BODY[HEADER.FIELDS (MESSAGE-ID)] {{{}}}\r\n{field})\r\n",
            field.len()
        )
    };
    let headers = fetch(10, "<a@b>") + &fetch(30, "<x<a@b>") + &fetch(20, "<a@b>");
    let server = Hostile::start(move |_, command| {
        if command.starts_with("UID SEARCH") {
            say("* SEARCH 30 10 20\r\n{tag} OK done\r\n")
        } else if command.contains("MESSAGE-ID") {
            Reply::Say(headers.clone() + "{tag} OK done\r\n")
        } else {
            Reply::Usual
        }
    })
    .await;
    let engine = server.sign_in().await;
    let find = async |id| bounded(engine.find_by_message_id("INBOX", id)).await;
    assert_eq!(find("a@b").await, Ok(Some(20)));
    assert_eq!(find("<a@b>").await, Ok(None));
    assert_eq!(find("none@b").await, Ok(None));
}

/// The answer about the folder that is being left would be taken for one about the new folder.
#[tokio::test]
async fn answers_before_their_folder_is_open_are_refused() {
    let late = std::sync::Mutex::new(None::<String>);
    let server = Hostile::start(move |number, command| {
        if number > 0 {
            return Reply::Usual;
        }
        let mut late = late.lock().unwrap();
        if command.starts_with("SELECT") {
            *late = Some(usual(command));
            return say("");
        }
        // The tags are known: the sign-in was p1.
        match late.take() {
            Some(selected) => {
                let opened = usual(command).replace("{tag}", "p3");
                Reply::Say(opened + &selected.replace("{tag}", "p2"))
            }
            None => Reply::Usual,
        }
    })
    .await;
    let engine = server.sign_in().await;
    let refused = bounded(engine.parts("INBOX", 20, None, &[])).await;
    assert!(
        matches!(refused, Err(ImapError::Protocol(_))),
        "{refused:?}"
    );
    assert_works(&engine).await;
}

#[tokio::test]
async fn refusals_are_told_as_such() {
    for (text, code) in [
        ("{tag} NO [X-MOON 7 (a b)] not today\r\n", "X-MOON 7 (a b)"),
        ("{tag} NO [BADCHARSET (UTF-8 X)] no\r\n", ""),
        ("{tag} NO [unknown\r\n", ""),
        ("{tag} BAD [X] no\r\n", "X"),
        ("{tag} NO [] no\r\n", ""),
        ("{tag} NO no\r\n", ""),
    ] {
        let server = at(is_fetch, say(text), 1).await;
        let engine = server.sign_in().await;
        match window(&engine).await {
            Err(ImapError::Refused { code: found, .. }) => {
                if !code.is_empty() {
                    assert_eq!(found, Some(Code::Other(code.to_owned())));
                }
            }
            Err(ImapError::Protocol(_)) => {}
            other => panic!("{text} {other:?}"),
        }
        assert_works(&engine).await;
    }
}

#[tokio::test]
async fn silence_at_any_step_ends() {
    let steps = [
        "SELECT",
        "FETCH",
        "UID FETCH",
        "LIST",
        "LSUB",
        "UID STORE",
        "UID MOVE",
        "APPEND",
    ];
    let tasks = steps.map(|step| {
        tokio::spawn(async move {
            let server = at(move |command| command.starts_with(step), Reply::Silence, 1).await;
            let engine = server.sign_in().await;
            let errors = everything(&engine).await;
            assert!(errors.contains(&ImapError::TimedOut), "{step} {errors:?}");
            assert_works(&engine).await;
        })
    });
    for task in tasks {
        task.await.unwrap();
    }
    for when in ["", "AUTHENTICATE"] {
        let silent =
            move |command: &str| command == when || !when.is_empty() && command.starts_with(when);
        let server = at(silent, Reply::Silence, 1).await;
        let refused = server.try_sign_in().await.unwrap_err();
        assert!(matches!(refused, SignInError::Interrupted(_)), "{refused}");
    }
}

#[tokio::test]
async fn a_server_at_its_limit_serves_with_what_it_gives() {
    for refusal in [
        |command: &str| match command {
            "" => Reply::Last("* BYE [LIMIT] no more\r\n".to_owned()),
            _ => Reply::Usual,
        },
        |command: &str| match command {
            "" => Reply::Last(String::new()),
            _ => Reply::Usual,
        },
        |command: &str| match command {
            "" => Reply::Silence,
            _ => Reply::Usual,
        },
        |command: &str| {
            if command.starts_with("AUTHENTICATE") {
                Reply::Last("{tag} NO [LIMIT] too many\r\n".to_owned())
            } else {
                Reply::Usual
            }
        },
    ] {
        let server = Hostile::start(move |number, command| {
            if number == 0 {
                Reply::Usual
            } else {
                refusal(command)
            }
        })
        .await;
        let engine = server.sign_in().await;
        let tasks: Vec<_> = (0..12)
            .map(|number| {
                let engine = engine.clone();
                tokio::spawn(async move {
                    let folder = ["INBOX", "Other", "Third"][number % 3];
                    bounded(engine.window(folder, 1, 50, true)).await
                })
            })
            .collect();
        for task in tasks {
            let window = task.await.unwrap();
            assert_true(window.as_ref().unwrap());
        }
        assert!(!engine.is_ended());
    }
}

/// What Dovecot says of a message that another has removed: the section is NIL, and all is OK.
fn removed(items: &str) -> Reply {
    say(&format!(
        "* 2 FETCH (UID 20 FLAGS () INTERNALDATE \"01-Jan-2024 10:00:00 +0000\" RFC822.SIZE 100 \
         {items})\r\n{{tag}} OK [EXPUNGEISSUED] Some messages were already expunged.\r\n"
    ))
}

#[tokio::test]
async fn a_message_that_is_gone_is_no_empty_one() {
    let structure = "BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 0 0)";
    let server = at(
        is_open,
        removed(&format!("BODY[HEADER] NIL {structure}")),
        1,
    )
    .await;
    let engine = server.sign_in().await;
    assert_eq!(open(&engine, 20).await, Err(ImapError::NoMessage));
    assert_works(&engine).await;
    assert_eq!(server.accepted(), 1);
}

/// A file that ends where its message was removed would be taken for whole.
#[tokio::test]
async fn a_stream_of_a_message_that_is_gone_breaks_off() {
    let is_piece = |command: &str| command.contains("BODY.PEEK[]<");
    let server = at(is_piece, removed("BODY[]<0> NIL"), 1).await;
    let engine = server.sign_in().await;
    let mut stream = pin!(engine.stream_part("INBOX", 20, None, None));
    assert_eq!(
        bounded(stream.next()).await,
        Some(Err(ImapError::NoMessage))
    );
}

#[tokio::test]
async fn a_row_of_a_message_that_is_gone_is_left_out() {
    let gone = removed("BODY[HEADER.FIELDS (DATE FROM TO SUBJECT)] NIL PREVIEW NIL");
    let Reply::Say(gone) = gone else {
        panic!("not said")
    };
    let all = format!("{}{}{gone}", row(1), row(3));
    let server = at(is_fetch, Reply::Say(all), 1).await;
    let engine = server.sign_in().await;
    let rows = window(&engine).await.unwrap().rows;
    assert_eq!(rows.iter().map(|row| row.uid).collect::<Vec<_>>(), [30, 10]);
    assert_works(&engine).await;
}

/// COPY changes nothing where it fails (RFC 9051, section 6.4.7): those that are left are moved.
#[tokio::test]
async fn a_move_goes_on_without_the_one_that_is_gone() {
    for (refusals, result) in [(1, Ok(())), (9, Err(ImapError::NoMessage))] {
        let left = AtomicUsize::new(refusals);
        let server = Hostile::start(move |_, command| {
            if !command.starts_with("UID MOVE") {
                return Reply::Usual;
            }
            if left.fetch_sub(1, Ordering::SeqCst) == 0 {
                say("* OK [COPYUID 9 10 1] moved\r\n* 1 EXPUNGE\r\n{tag} OK done\r\n")
            } else {
                say("* 2 EXPUNGE\r\n{tag} NO [EXPUNGEISSUED] Some no longer exist.\r\n")
            }
        })
        .await;
        let engine = server.sign_in().await;
        let moving = engine.move_messages("INBOX", VALIDITY, &[10, 20], "Other", false);
        assert_eq!(bounded(moving).await.map(drop), result);
        // Once more, and not without end.
        let heard = server.heard();
        let asked = heard.iter().filter(|one| one.starts_with("UID MOVE"));
        assert_eq!(asked.count(), 2);
    }
}

/// An honest server with other capabilities than the usual ones.
fn offering(names: &str, command: &str) -> Reply {
    if command.starts_with("AUTHENTICATE") {
        return Reply::Say(format!("{{tag}} OK [CAPABILITY IMAP4rev1 {names}] in\r\n"));
    }
    Reply::Usual
}

/// Without MOVE, what one set has copied before the next was refused leaves its folder: it would be
/// in both.
#[tokio::test]
async fn a_move_that_is_refused_half_way_leaves_nothing_in_both_folders() {
    let copies = AtomicUsize::new(0);
    let server = Hostile::start(move |_, command| {
        if !command.starts_with("UID COPY") {
            return offering("UIDPLUS", command);
        }
        match copies.fetch_add(1, Ordering::SeqCst) {
            0 => say("{tag} OK [COPYUID 9 1001 1] copied\r\n"),
            _ => say("{tag} NO [OVERQUOTA] full\r\n"),
        }
    })
    .await;
    let engine = server.sign_in().await;
    let uids: Vec<u32> = (1..=500).map(|number| number * 1000 + 1).collect();
    let moving = engine.move_messages("INBOX", VALIDITY, &uids, "Other", false);
    assert_eq!(bounded(moving).await.map(drop), Err(ImapError::OverQuota));
    let heard = server.heard();
    let set_of = |name: &str| -> Vec<String> {
        let lines = heard.iter().filter_map(|line| line.strip_prefix(name));
        lines
            .map(|rest| rest.split(' ').next().unwrap().to_owned())
            .collect()
    };
    let copied = set_of("UID COPY ");
    assert_eq!(copied.len(), 2);
    assert_eq!(set_of("UID STORE "), copied[..1]);
    assert_eq!(set_of("UID EXPUNGE "), copied[..1]);
}

/// The folder has gone with what was copied to it: that is left where it was, and copied anew.
#[tokio::test]
async fn a_move_to_a_folder_that_goes_meanwhile_loses_nothing() {
    let copies = Arc::new(AtomicUsize::new(0));
    let counted = copies.clone();
    let server = Hostile::start(move |_, command| {
        if !command.starts_with("UID COPY") {
            return offering("UIDPLUS", command);
        }
        match counted.fetch_add(1, Ordering::SeqCst) {
            1 => say("{tag} NO [TRYCREATE] no such folder\r\n"),
            _ => say("{tag} OK [COPYUID 9 1001 1] copied\r\n"),
        }
    })
    .await;
    let engine = server.sign_in().await;
    let uids: Vec<u32> = (1..=500).map(|number| number * 1000 + 1).collect();
    let moving = engine.move_messages("INBOX", VALIDITY, &uids, "Other", true);
    bounded(moving).await.unwrap();
    let heard = server.heard();
    let of = |name: &str| -> Vec<usize> {
        let lines = heard.iter().enumerate();
        lines
            .filter_map(|(at, line)| line.starts_with(name).then_some(at))
            .collect()
    };
    let made = of("CREATE");
    assert_eq!(made.len(), 1);
    // The first set is copied once more, and nothing is taken away before.
    assert!(of("UID COPY ").iter().filter(|at| **at > made[0]).count() >= 2);
    assert!(of("UID EXPUNGE ").iter().all(|at| *at > made[0]));
    assert!(of("UID STORE ").iter().all(|at| *at > made[0]));
}

/// What a watcher says within a second.
async fn news(engine: &Engine, shown: &str) -> (Vec<News>, Option<Result<(), ImapError>>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ears = heard.clone();
    let say = move |news| ears.lock().unwrap().push(news);
    let orders = Orders {
        shown: vec![shown.to_owned()],
        stop: false,
    };
    let (_orders, orders) = tokio::sync::watch::channel(orders);
    let watching = engine.watch(orders, &say);
    let end = timeout(Duration::from_secs(1), watching).await.ok();
    (heard.lock().unwrap().clone(), end)
}

/// The server has nothing to tell in the waiting that follows.
#[tokio::test]
async fn what_is_told_beside_counts_is_heard() {
    for (name, told) in [
        ("STATUS", "* 4 EXISTS\r\n"),
        ("STATUS", "* 1 FETCH (FLAGS (\\Seen))\r\n"),
        ("LIST", "* 2 EXPUNGE\r\n"),
        ("LSUB", "* 1 FETCH (FLAGS (\\Seen))\r\n"),
    ] {
        let once = AtomicBool::new(true);
        let server = Hostile::start(move |_, command| {
            if command.starts_with(name) && once.swap(false, Ordering::SeqCst) {
                return Reply::Say(told.to_owned() + &usual(command));
            }
            offering("", command)
        })
        .await;
        let engine = server.sign_in().await;
        let (heard, _) = news(&engine, "INBOX").await;
        let touched = News::Touched("INBOX".to_owned());
        assert!(heard.contains(&touched), "{name} {told} {heard:?}");
        assert!(heard.contains(&News::Ready));
    }
}

/// There are connections: that there is none for waiting is no outage.
#[tokio::test]
async fn a_server_that_hangs_up_at_its_limit_is_polled() {
    for refusal in [
        Reply::Last(String::new()),
        Reply::Last("* BYE Too many connections\r\n".to_owned()),
        Reply::Silence,
    ] {
        let server = Hostile::start(move |number, _| {
            if number == 0 {
                Reply::Usual
            } else {
                refusal.clone()
            }
        })
        .await;
        let engine = server.sign_in().await;
        let (heard, end) = news(&engine, "INBOX").await;
        assert_eq!(end, None, "{heard:?}");
        assert!(heard.contains(&News::Ready));
        assert_works(&engine).await;
    }
    // Nor is one that is gone altogether taken for one at its limit.
    let server = Hostile::start(|number, command| match command {
        command if number == 0 && command.starts_with("AUTHENTICATE") => {
            Reply::Last(usual(command))
        }
        _ if number == 0 => Reply::Usual,
        _ => Reply::Last(String::new()),
    })
    .await;
    let engine = server.sign_in().await;
    let (_, end) = news(&engine, "INBOX").await;
    assert!(matches!(end, Some(Err(ImapError::Unreachable(_)))));
}

/// A server that keeps connection 0 waiting for a message of the folder A while `hold` says so.
async fn holding(
    hold: Arc<AtomicBool>,
    script: impl Fn(usize, &str) -> Reply + Send + Sync + 'static,
) -> Hostile {
    Hostile::start(move |number, command| {
        if number == 0 && is_open(command) {
            let began = Instant::now();
            // A test that fails must not hang.
            while hold.load(Ordering::SeqCst) && began.elapsed() < Duration::from_secs(20) {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        script(number, command)
    })
    .await
}

/// Waits until the server was asked this.
async fn asked(server: &Hostile, command: &str, times: usize) {
    let wait = async {
        while count(server, command) < times {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(
        timeout(Duration::from_secs(10), wait).await.is_ok(),
        "{command}: {:?}",
        server.heard()
    );
}

/// Somebody opens a message of A and does not get it yet.
async fn held(
    server: &Hostile,
    engine: &Arc<Engine>,
) -> tokio::task::JoinHandle<Result<(), ImapError>> {
    let opener = engine.clone();
    let opening = tokio::spawn(async move {
        let message = opener.open("A", 20, Some(VALIDITY)).await;
        message.map(drop)
    });
    asked(server, "UID FETCH", 1).await;
    opening
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_waits_for_a_connection_gets_the_one_that_is_allowed_again() {
    let hold = Arc::new(AtomicBool::new(true));
    // The first try for a second connection fails, and no other.
    let server = holding(hold.clone(), |number, command| match (number, command) {
        (1, "") => Reply::Last(String::new()),
        _ => Reply::Usual,
    })
    .await;
    // The held one is answered late.
    let engine = server.sign_in_at(Pace::faster(5)).await.unwrap();
    let opening = held(&server, &engine).await;
    let there = bounded(engine.window("Other", 1, 50, true)).await;
    hold.store(false, Ordering::SeqCst);
    assert_eq!(there.map(drop), Ok(()));
    assert_eq!(bounded(opening).await.unwrap(), Ok(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_failed_sign_in_for_waiting_is_no_failure_of_commands() {
    let hold = Arc::new(AtomicBool::new(true));
    let server = holding(hold.clone(), |number, command| match (number, command) {
        (1, "") => {
            std::thread::sleep(Duration::from_millis(300));
            Reply::Last(String::new())
        }
        _ => Reply::Usual,
    })
    .await;
    let engine = server.sign_in_at(Pace::faster(5)).await.unwrap();
    let opening = held(&server, &engine).await;
    let watcher = engine.clone();
    let watching = tokio::spawn(async move { news(&watcher, "INBOX").await });
    while server.accepted() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let there = bounded(engine.window("Other", 1, 50, true)).await;
    hold.store(false, Ordering::SeqCst);
    assert_eq!(there.map(drop), Ok(()));
    assert_eq!(bounded(opening).await.unwrap(), Ok(()));
    assert_eq!(bounded(watching).await.unwrap().1, None);
}

/// What was opened as A is another folder by now, and A is a new one.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_connection_that_was_at_work_during_a_rename_opens_the_new_folder() {
    let hold = Arc::new(AtomicBool::new(true));
    let renamed = Arc::new(AtomicBool::new(false));
    let says = renamed.clone();
    let server = holding(hold.clone(), move |_, command| {
        if command.starts_with("RENAME") {
            says.store(true, Ordering::SeqCst);
        }
        if command.starts_with("LIST") {
            let name = if says.load(Ordering::SeqCst) {
                "B"
            } else {
                "A"
            };
            let inbox = "* LIST () \"/\" INBOX\r\n";
            return Reply::Say(format!(
                "{inbox}* LIST () \"/\" {name}\r\n{{tag}} OK done\r\n"
            ));
        }
        offering("UIDPLUS", command)
    })
    .await;
    let engine = server.sign_in_unhurried().await;
    let opening = held(&server, &engine).await;
    let watcher = engine.clone();
    let watching = tokio::spawn(async move {
        let orders = Orders {
            shown: vec!["A".to_owned()],
            stop: false,
        };
        let (_orders, orders) = tokio::sync::watch::channel(orders);
        watcher.watch(orders, &|_| {}).await
    });
    // One is that of the watcher.
    asked(&server, "SELECT \"A\"", 2).await;
    let done = bounded(engine.rename_folder("A", "", "B")).await;
    asked(&server, "SELECT \"A\"", 3).await;
    hold.store(false, Ordering::SeqCst);
    assert_eq!(done, Ok("B".to_owned()));
    assert_eq!(bounded(opening).await.unwrap(), Ok(()));
    bounded(engine.window("A", 1, 50, true)).await.unwrap();
    asked(&server, "SELECT \"A\"", 4).await;
    watching.abort();
}

fn session(password: &str) -> Session {
    Session {
        id: SessionId::random().unwrap(),
        user: "somebody@example.org".to_owned(),
        domain: "example.org".to_owned(),
        password: password.into(),
    }
}

/// A server that takes these passwords and no other.
async fn taking(passwords: &'static [&'static str]) -> Hostile {
    use base64::Engine as _;
    Hostile::start(move |_, command| {
        let Some(response) = command.strip_prefix("AUTHENTICATE PLAIN ") else {
            return Reply::Usual;
        };
        let told = base64::engine::general_purpose::STANDARD.decode(response);
        let told = String::from_utf8(told.unwrap()).unwrap();
        if passwords.contains(&told.rsplit('\0').next().unwrap()) {
            Reply::Usual
        } else {
            say("{tag} NO [AUTHENTICATIONFAILED] no\r\n")
        }
    })
    .await
}

/// A page asks for its folders and its list at the same time.
#[tokio::test]
async fn a_refused_password_is_tried_once() {
    let server = taking(&["new"]).await;
    let engines = Engines::default();
    let (session, at) = (session("old"), server.server());
    let get = || engines.get(&session, &at, None);
    let asking = Box::pin(async { tokio::join!(get(), get(), get()) });
    let refused = bounded(asking).await;
    for refused in [refused.0, refused.1, refused.2] {
        assert_eq!(refused.map(drop), Err(Error::PasswordRefused));
    }
    assert_eq!(count(&server, "AUTHENTICATE"), 1);
    // Another one is not meant, nor is the same one for ever: it may be valid again.
    let new = self::session("new");
    assert!(bounded(engines.get(&new, &at, None)).await.is_ok());
    let server = taking(&["old"]).await;
    let (at, password) = (server.server(), "old".into());
    let signed_in = engines.sign_in(&at, "somebody@example.org", &password, None);
    assert_eq!(bounded(signed_in).await, Ok(()));
    let again = bounded(engines.get(&session, &at, None)).await;
    assert!(again.is_ok());
}
