//! What the parser gets and what it does not, however the octets are cut.

use super::watch::{TOO_DEEP, Watch};
use super::*;
use std::time::Duration;

/// Octet by octet and all at once must be the same.
fn watch(text: &[u8]) -> Result<(), &'static str> {
    let mut slow = Watch::default();
    let by_octet = text
        .iter()
        .try_for_each(|octet| slow.see(&[*octet]).map(drop));
    assert_eq!(Watch::default().see(text).map(drop), by_octet);
    by_octet
}

#[test]
fn ordinary_answers_pass() {
    watch(b"* OK [CAPABILITY IMAP4rev1] (((( unbalanced \" text\r\n").unwrap();
    let flags = "* 1 FETCH (FLAGS (\\Seen))\r\n".repeat(1000);
    watch(flags.as_bytes()).unwrap();
    watch(b"* OK ((( text\r\na1 NO \"(((((\r\n+ ((((\r\n").unwrap();
    watch("a1 OK (".repeat(100).as_bytes()).unwrap();
}

#[test]
fn depth_is_counted_outside_strings_only() {
    let deep = "(".repeat(33);
    assert_eq!(watch(format!("* 1 FETCH {deep}").as_bytes()), Err(TOO_DEEP));
    watch(format!("* 1 FETCH (A \"\\\"{deep}\\\\\" B \"{deep}\")\r\n").as_bytes()).unwrap();
    watch(format!("* 1 FETCH (A {{33}}\r\n{deep} B {{0}}\r\n)\r\n").as_bytes()).unwrap();
    let after = format!("* 1 FETCH (A {{1}}\r\n(\"\" {deep}");
    assert_eq!(watch(after.as_bytes()), Err(TOO_DEEP));
}

#[test]
fn sizes_are_bounded() {
    assert_eq!(
        watch(b"* 1 FETCH (A {99999999999999999999999}\r\n"),
        Err("literal too large")
    );
    for (head, good, bad) in [
        ("* SEARCH ", 7 << 20, 9 << 20),
        ("* VANISHED ", 7 << 20, 9 << 20),
        ("* 1 FETCH ", 1 << 19, 2 << 20),
        ("* OK ", 1 << 17, 1 << 20),
        ("", 1 << 17, 1 << 20),
    ] {
        let line = |length| [head.as_bytes(), &vec![b'x'; length]].concat();
        watch(&line(good)).unwrap();
        assert_eq!(watch(&line(bad)), Err("line too long"), "{head}");
    }
    let line = [b"* OK ".as_slice(), &[b'x'; 1000], b"\r\n"].concat();
    let mut watch = Watch::default();
    assert!((0..100_000).any(|_| watch.see(&line).is_err()));
}

#[test]
fn a_text_hides_nothing() {
    assert_eq!(
        watch(b"* OK {1000000}\r\n* 1 FETCH"),
        Err("literal in a text")
    );
    assert_eq!(
        watch(b"a1 OK {1000000}\r\n* 1 FETCH"),
        Err("literal in a text")
    );
    let deep = format!("* OK \" text\r\n* 1 FETCH {}", "(".repeat(33));
    assert_eq!(watch(deep.as_bytes()), Err(TOO_DEEP));
}

#[test]
fn prose_begins_in_ascii_and_nothing_else_is_changed() {
    for (told, kept) in [
        ("* OK [ALERT]é é\r\n", "* OK [ALERT]?\u{fffd} é\r\n"),
        ("* OK [ALERT] é\r\n", "* OK [ALERT] é\r\n"),
        ("* 1 FETCH (A \"]ü\")\r\n", "* 1 FETCH (A \"]ü\")\r\n"),
        ("* 1 FETCH (A {3}\r\n]ü)\r\n", "* 1 FETCH (A {3}\r\n]ü)\r\n"),
    ] {
        let mut watch = Watch::default();
        let seen = watch.see(told.as_bytes()).unwrap();
        let seen = seen.unwrap_or_else(|| told.as_bytes().to_vec());
        assert_eq!(String::from_utf8_lossy(&seen), kept);
    }
}

#[test]
fn extended_items_of_a_list_are_blanked() {
    for (told, kept) in [
        (
            "* LIST () \"/\" Neu (\"OLDNAME\" (\"a)\\\"(\"))\r\n* 1 EXISTS\r\n",
            ["* LIST () \"/\" Neu ", "\r\n* 1 EXISTS\r\n"],
        ),
        (
            "* LIST (\\X) NIL {3}\r\na(b (OLDNAME ({2}\r\n\r\n {0}\r\n))\r\n* LIST a",
            ["* LIST (\\X) NIL {3}\r\na(b ", "\r\n* LIST a"],
        ),
    ] {
        let blank = told.len() - kept.concat().len();
        let seen = kept.join(&" ".repeat(blank));
        assert_eq!(passed(told), seen);
    }
    for untouched in [
        "* STATUS a (MESSAGES 1) (x)\r\n",
        "* LIST () \"/\" \"a (b)\"\r\n",
        "* LIST (\\A) \"(\" b\r\n",
    ] {
        assert_eq!(passed(untouched), untouched);
    }
}

/// What the parser gets, which is the same however the octets come.
fn passed(text: &str) -> String {
    let pieces = |size: usize| {
        let mut watch = Watch::default();
        let kept = text.as_bytes().chunks(size).map(|piece| {
            let kept = watch.see(piece).unwrap();
            String::from_utf8(kept.unwrap_or_else(|| piece.to_vec())).unwrap()
        });
        kept.collect::<String>()
    };
    let whole = pieces(text.len());
    for size in 1..7 {
        assert_eq!(pieces(size), whole, "in pieces of {size}");
    }
    whole
}

#[tokio::test]
async fn a_refusal_reaches_the_reader() {
    use tokio::io::AsyncReadExt;
    let deep = "* 1 FETCH ".to_owned() + &"(".repeat(33);
    let mut guard = Guard::new(deep.as_bytes());
    let error = guard.read_to_end(&mut Vec::new()).await.unwrap_err();
    assert_eq!(refusal(&error), Some(TOO_DEEP));
    assert_eq!(refusal(&io::Error::other("nested too deep")), None);
}

/// What the parser and the queue get of `text`, which comes in pieces of `size`.
async fn sorted(text: &[u8], size: usize) -> (Vec<u8>, Vec<Vec<u8>>) {
    use tokio::io::AsyncReadExt;
    let (ours, mut theirs) = tokio::io::duplex(size);
    let text = text.to_vec();
    let writing = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        theirs.write_all(&text).await
    });
    let mut guard = Guard::new(ours);
    let mut parser = Vec::new();
    guard.read_to_end(&mut parser).await.unwrap();
    writing.await.unwrap().unwrap();
    let lines = (0..guard.watch.next)
        .filter_map(|number| guard.take_diverted(number))
        .collect();
    (parser, lines)
}

#[tokio::test]
async fn what_the_parser_cannot_read_goes_another_way() {
    let threads = format!("* thread {}1{}\r\n", "(".repeat(100), ")".repeat(100));
    let text = [
        "* 5 EXISTS\r\n* THREAD (1)(2 (3)(4))\r\n* 1 FETCH (BODY[] {14}\r\n* THREAD (9)\r\n)\r\n",
        "* ESEARCH (TAG \"p{3}\") UID COUNT 0\r\n* THREADS x\r\n* THREAD\r\n* ENABLED X\r\n",
        &threads,
        "* E\r\n*\r\np1 OK * THREAD (7)\r\n* OK * ESEARCH\r\n",
    ]
    .concat();
    let expected = [
        "* 5 EXISTS\r\n* OK [POSTHORN-DIVERTED 0] .\r\n",
        "* 1 FETCH (BODY[] {14}\r\n* THREAD (9)\r\n)\r\n",
        "* OK [POSTHORN-DIVERTED 1] .\r\n* THREADS x\r\n* OK [POSTHORN-DIVERTED 2] .\r\n",
        "* ENABLED X\r\n* OK [POSTHORN-DIVERTED 3] .\r\n",
        "* E\r\n*\r\np1 OK * THREAD (7)\r\n* OK * ESEARCH\r\n",
    ]
    .concat();
    for size in (1..=text.len() + 1).chain([1 << 20]) {
        let (parser, lines) = sorted(text.as_bytes(), size).await;
        assert_eq!(
            String::from_utf8(parser).unwrap(),
            expected,
            "pieces of {size}"
        );
        assert_eq!(
            lines,
            [
                b"* THREAD (1)(2 (3)(4))\r\n".to_vec(),
                b"* ESEARCH (TAG \"p{3}\") UID COUNT 0\r\n".to_vec(),
                b"* THREAD\r\n".to_vec(),
                threads.clone().into_bytes(),
            ]
        );
    }
}

#[tokio::test]
async fn a_reader_with_little_room_gets_all_of_it() {
    use tokio::io::AsyncReadExt;
    let mut guard = Guard::new("* THREAD\r\n* THREAD\r\na OK\r\n".as_bytes());
    let mut parser = Vec::new();
    let mut octet = [0];
    while guard.read(&mut octet).await.unwrap() > 0 {
        parser.push(octet[0]);
    }
    assert_eq!(
        parser,
        b"* OK [POSTHORN-DIVERTED 0] .\r\n* OK [POSTHORN-DIVERTED 1] .\r\na OK\r\n"
    );
    assert_eq!(stand_in("POSTHORN-DIVERTED 1"), Some(1));
    assert_eq!(guard.take_diverted(1), Some(b"* THREAD\r\n".to_vec()));
    assert_eq!(
        (guard.take_diverted(0), guard.take_diverted(7)),
        (None, None)
    );
}

#[test]
fn diverted_lines_are_bounded() {
    assert_eq!(
        watch(b"* THREAD {3}\r\n(1)\r\n"),
        Err("literal in a list of numbers")
    );
    let mut long = b"* THREAD (".to_vec();
    long.resize(9 << 20, b'1');
    assert_eq!(watch(&long), Err("line too long"));
    assert_eq!(
        watch(&b"* THREAD\r\n".repeat(1001)),
        Err("too many answers")
    );
}

mod proptests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// However it is cut, the parser gets the same, and what is not diverted all of it.
        #[test]
        fn cuts_mean_nothing(
            lines in prop::collection::vec("(\\* (THREAD|ESEARCH|[TE1])?[ ()a-z\"{}0-3]{0,8}\r?\n)", 0..6),
            cuts in prop::collection::vec(1_usize..12, 1..40),
        ) {
            let text = lines.concat().into_bytes();
            let take = |cuts: &[usize]| -> Result<Vec<u8>, &'static str> {
                let mut watch = Watch::default();
                let (mut rest, mut parser) = (text.as_slice(), Vec::new());
                let mut cuts = cuts.iter().copied();
                while !rest.is_empty() {
                    let size = cuts.next().unwrap_or(usize::MAX).min(rest.len());
                    let (piece, after) = rest.split_at(size);
                    parser.extend(watch.see(piece)?.unwrap_or_else(|| piece.to_vec()));
                    rest = after;
                }
                parser.extend_from_slice(watch.held());
                Ok(parser)
            };
            prop_assert_eq!(take(&cuts), take(&[]));
        }
    }
}

/// Waits for this literal.
fn waiting(tap: Tap) -> Watch {
    let mut watch = Watch::default();
    watch.tap = Some(tap);
    watch
}

/// What the parser gets of `text` and what is handed on, where `20` is waited for, cut into pieces of `cut` octets.
fn tapped(text: &[u8], cut: usize) -> (String, Tapped, Vec<u8>) {
    let (sink, mut source) = futures_channel::mpsc::channel(100);
    let mut watch = waiting(Tap::new(20, "1.2", 0, 1000, (sink, Duration::from_secs(2))));
    let mut parsed = Vec::new();
    for piece in text.chunks(cut) {
        match watch.see(piece).unwrap() {
            Some(kept) => parsed.extend(kept),
            None => parsed.extend_from_slice(piece),
        }
    }
    let tapped = watch.tap.take().unwrap().end();
    let mut handed = Vec::new();
    while let Ok(Ok(Some(chunk))) = source.try_recv() {
        handed.extend(chunk);
    }
    (String::from_utf8(parsed).unwrap(), tapped, handed)
}

#[test]
fn the_literal_that_is_waited_for_goes_past_the_parser() {
    let text = "* 2 FETCH (FLAGS ()) \r\n* 2 FETCH (UID 20 BODY[1.2]<0> {9}\r\n(\"{3}\r\n\") FLAGS ())\r\np1 OK x\r\n";
    let parser =
        "* 2 FETCH (FLAGS ()) \r\n* 2 FETCH (UID 20 BODY[1.2]<0> \"\" FLAGS ())\r\np1 OK x\r\n";
    for text in [text.to_owned(), text.replace("<0>", "")] {
        for cut in [1, 2, 3, 7, 30, 1000] {
            let (parsed, tapped, _) = tapped(text.as_bytes(), cut);
            let expected = if text.contains("<0>") {
                parser.to_owned()
            } else {
                parser.replace("<0>", "")
            };
            assert_eq!(parsed, expected, "{cut}");
            assert!(tapped.whole);
            assert_eq!(tapped.rest, b"(\"{3}\r\n\")", "{cut}");
        }
    }
}

#[test]
fn what_was_not_asked_for_goes_to_the_parser() {
    for text in [
        "* 2 FETCH (UID 21 BODY[1.2]<0> {3}\r\nabc)\r\n",
        "* 2 FETCH (UID 120 BODY[1.2]<0> {3}\r\nabc)\r\n",
        "* 2 FETCH (BODY[1.2]<0> {3}\r\nabc UID 20)\r\n",
        "* 2 FETCH (UID 20 BODY[1.2]<7> {3}\r\nabc)\r\n",
        "* 2 FETCH (UID 20 BODY[2]<0> {3}\r\nabc)\r\n",
        "* 2 FETCH (UID 20 BODY[1.2.MIME] {3}\r\nabc)\r\n",
        "* 2 FETCH (X \" UID 20 \" UID 1 BODY[1.2] {3}\r\nabc)\r\n",
        "* 2 FETCH (UID 20 BODY[1.2]<0> {0}\r\n)\r\n",
        "* 2 FETCH (UID 20 BODY[1.2]<0> {x}\r\n)\r\n",
        "* 2 FETCH (UID 20 BODY[1.2]<0> \"abc\")\r\n",
        "* 2 FETCH (UID 20 BODY[1.2]<0> NIL)\r\n",
        "* LIST () \"/\" {3}\r\nabc\r\n",
        "* LIST FETCH (UID 20 BODY[1.2]<0> {3}\r\nabc)\r\n",
        "* 2 FETCH (X {2}\r\nab UID 20 BODY[1.2]<0> {3}\r\nabc)\r\n",
        &format!(
            "* 2 FETCH (UID 20 X {} BODY[1.2]<0> {{3}}\r\nabc)\r\n",
            "x".repeat(600)
        ),
        &format!(
            "* 2 FETCH (UID 20 {} BODY[1.2]<0> Y {{3}}\r\nabc)\r\n",
            "x".repeat(480)
        ),
    ] {
        for cut in [1, 3, 1000] {
            let (parsed, tapped, handed) = tapped(text.as_bytes(), cut);
            assert_eq!(parsed, text, "{cut}");
            assert!(!tapped.whole && tapped.rest.is_empty() && handed.is_empty());
        }
    }
    let large = b"* 2 FETCH (UID 20 BODY[1.2]<0> {1001}\r\n";
    let (sink, _source) = futures_channel::mpsc::channel(1);
    let mut watch = waiting(Tap::new(20, "1.2", 0, 1000, (sink, Duration::from_secs(2))));
    assert_eq!(watch.see(large).unwrap_err(), "literal too large");
}

#[test]
fn a_piece_that_is_wanted_whole_is_kept() {
    let octets = "x".repeat(3 * CHUNK);
    let length = u32::try_from(octets.len()).unwrap();
    let text = format!("* 2 FETCH (UID 20 BODY[]<7> {{{length}}}\r\n{octets})\r\n");
    for cut in [1000, CHUNK, usize::MAX] {
        let mut watch = waiting(Tap::whole(20, "", 7, length));
        let pieces = text.as_bytes().chunks(cut);
        let kept: Vec<u8> = pieces
            .flat_map(|piece| watch.see(piece).unwrap().unwrap_or_else(|| piece.to_vec()))
            .collect();
        assert_eq!(kept, b"* 2 FETCH (UID 20 BODY[]<7> \"\")\r\n");
        let tapped = watch.tap.take().unwrap().end();
        assert!(tapped.whole && tapped.handed == 0);
        assert_eq!(tapped.rest, octets.as_bytes());
    }
}

/// The second literal of an answer is never the one that was asked for.
#[test]
fn only_one_literal_is_handed_on() {
    let one = "* 2 FETCH (UID 20 BODY[1.2]<0> {3}\r\nabc)\r\n";
    let (parsed, tapped, _) = tapped(one.repeat(2).as_bytes(), 5);
    assert_eq!(parsed, one.replace("{3}\r\nabc", "\"\"") + one);
    assert_eq!(tapped.rest, b"abc");
}
