//! What is fed, and what has to hold whatever comes in. tests/fuzz_corpus.rs runs the same with
//! what is kept in fuzz/corpus.

use crate::mail::address;
use crate::mail::authentication::Authentication;
use crate::mail::header::Header;
use crate::mail::search::{LENGTH_LIMIT, Query, Scope, TERM_LIMIT, Term};
use crate::mail::structure::Part;
use crate::mail::{
    calendar, css, deception, decode, delivery_status, filename, html, links, mime, plain, receipt,
    text, tnef, unsubscribe, vcard,
};
use std::collections::hash_map::DefaultHasher;
use std::fmt::{Debug, Write};
use std::hash::{Hash, Hasher};

#[path = "words.rs"]
mod words;

/// Reads an input and gives a number for the kind of thing that came out: inputs with a number not
/// seen before are worth changing further.
pub type Target = fn(&[u8]) -> u64;

/// All of them, with words that mean something to each.
pub const TARGETS: [(&str, Target, &[&str]); 12] = [
    ("mime", mime_to_model, &words::MIME),
    ("header", header, &words::HEADER),
    ("html", sanitise, &words::HTML),
    ("css", style, &words::CSS),
    ("plain", linking, &words::PLAIN),
    ("address", addresses, &words::ADDRESS),
    ("calendar", invitation, &words::CALENDAR),
    ("vcard", cards, &words::VCARD),
    ("tnef", winmail, &words::TNEF),
    ("authentication", authentication, &words::AUTHENTICATION),
    ("deception", tricks, &words::DECEPTION),
    ("query", query, &words::QUERY),
];

fn mime_to_model(input: &[u8]) -> u64 {
    let Some(part) = Part::from_message(input) else {
        return 0;
    };
    let choice = part.body_choice();
    let files = part.attachments();
    assert!(files.iter().all(|file| !file.name.is_empty()));
    part.unlisted();
    let leaves: Vec<&Part> = part
        .walk()
        .filter(|p| p.kind != "multipart")
        .take(6)
        .collect();
    let mut shapes = vec![shape(&choice)];
    for leaf in leaves {
        leaf.decoded_size();
        leaf.as_attachment();
        if let Some((header, body)) = mime::part_source(input, &leaf.id) {
            decode::snippet(header, body);
            let text = decode::text_part(header, body);
            assert!(!text.contains('\r'));
            if leaf.kind == "message" {
                delivery_status::delivery_report(body);
                receipt::notification(body);
            }
        }
        shapes.push(hash(&(
            leaf.kind.len(),
            leaf.params.len().min(3),
            leaf.encoding.len(),
        )));
    }
    hash(&shapes)
}

fn header(input: &[u8]) -> u64 {
    let header = Header::parse(input);
    let lines = header.lines();
    for line in &lines {
        assert!(!line.name.contains('\n') && !line.value.contains('\n'));
    }
    let subject = header.subject();
    assert!(!subject.contains(['\r', '\n', '\0']));
    let lists = [
        header.from(),
        header.to(),
        header.cc(),
        header.bcc(),
        header.reply_to(),
    ];
    for address in lists.iter().flatten() {
        assert!(!address.addr.contains(['\r', '\n']));
        filename::safe_file_name(address.label());
    }
    let ids = (
        header.message_id(),
        header.in_reply_to().len(),
        header.references().len(),
    );
    let wish = receipt::receipt_request(&header);
    let leave = unsubscribe::unsubscribe(&header);
    hash(&(
        lists.map(|list| list.len().min(3)),
        ids.0.is_some(),
        ids.1.min(3),
        ids.2.min(3),
        header.date().is_some(),
        header.content_type().is_some(),
        shape(&wish),
        shape(&leave),
    ))
}

fn sanitise(input: &[u8]) -> u64 {
    let input = String::from_utf8_lossy(input);
    let clean = html::sanitise(&input, &|_| None);
    let lower = clean.html.to_ascii_lowercase();
    for bad in [
        "<script", "<style", "<iframe", "<svg", "<math", "<form", "<object", "<link", "<meta",
    ] {
        assert!(!lower.contains(bad), "{bad} came through");
    }
    if input.len() < 20_000 {
        let again = html::sanitise(&clean.html, &|_| None);
        assert_eq!(again.html, clean.html, "not stable");
        assert!(!again.remote, "something on the net was left");
        let dark = html::sanitise_for_both(&input, &|_| None, Some(&|_| Some("/remote/x".into())));
        assert!(!tags(&dark.html).contains(&"script"));
    }
    let rules = clean.media.replace("@media ", "");
    assert!(
        !rules.contains(['<', '@', '\\', '\'', '"', '/']),
        "what is not ours in the sheet"
    );
    text::html_to_text(&input);
    hash(&(
        clean.remote,
        tags(&clean.html),
        clean.media.matches("@media").count().min(4),
    ))
}

fn style(input: &[u8]) -> u64 {
    let input = String::from_utf8_lossy(input);
    let (clean, remote) = css::declarations(&input);
    let (again, more) = css::declarations(&clean);
    assert_eq!(again, clean, "not stable");
    assert!(!more, "something on the net was left");
    let lower = clean.to_ascii_lowercase();
    for bad in [
        "url(",
        "expression(",
        "image-set(",
        "src(",
        "var(",
        "position:",
    ] {
        assert!(!lower.contains(bad), "{bad} came through");
    }
    let mut names: Vec<&str> = clean
        .split(';')
        .filter_map(|d| d.split(':').next())
        .map(str::trim)
        .collect();
    names.sort_unstable();
    names.dedup();
    hash(&(remote, names))
}

fn linking(input: &[u8]) -> u64 {
    let input = String::from_utf8_lossy(input);
    let out = plain::to_html(&input);
    for tag in out.split('<').skip(1) {
        let ours = ["div", "/div", "blockquote", "/blockquote", "a ", "/a"];
        assert!(
            ours.iter().any(|name| tag.starts_with(name)),
            "a tag of the text's own"
        );
    }
    hash(&(
        tags(&out),
        out.matches("<a ").count().min(4),
        out.matches("mailto:").count().min(3),
    ))
}

fn addresses(input: &[u8]) -> u64 {
    let input = String::from_utf8_lossy(input);
    match address::parse_list(&input) {
        Ok(list) => {
            for one in &list {
                assert!(address::valid(&one.addr));
                assert!(address::ascii_domain(&one.addr).is_some());
            }
            hash(&(
                1,
                list.len().min(4),
                list.iter().filter(|a| a.name.is_some()).count().min(4),
            ))
        }
        Err(bad) => hash(
            &bad.0
                .chars()
                .filter(char::is_ascii_punctuation)
                .take(4)
                .collect::<String>(),
        ),
    }
}

fn invitation(input: &[u8]) -> u64 {
    let input = String::from_utf8_lossy(input);
    let Some(found) = calendar::parse(&input) else {
        return 0;
    };
    for event in found.events.iter().take(3) {
        assert!(!event.summary.contains('\n') && !event.uid.is_empty());
        if let Some(answer) = calendar::reply(
            event,
            "me@example.net",
            calendar::Answer::Accept,
            &event.description,
            0,
        ) {
            let back = calendar::parse(&answer).map(|mut back| back.events.remove(0));
            let back = back.map(|back| (back.uid, back.attendees.len()));
            assert_eq!(
                back,
                Some((event.uid.clone(), 1)),
                "the answer is about another event"
            );
        }
    }
    shape(&found)
}

fn cards(input: &[u8]) -> u64 {
    let found = vcard::parse(input, None);
    assert!(
        found
            .iter()
            .all(|card| !card.name.is_empty() && !card.name.contains('\n'))
    );
    shape(&found)
}

fn winmail(input: &[u8]) -> u64 {
    let Some(found) = tnef::parse(input) else {
        return 0;
    };
    for file in &found.attachments {
        assert!(input.get(file.data.clone()).is_some() && !file.name.is_empty());
    }
    hash(&(
        found.text.is_some(),
        found.html.is_some(),
        found.subject.len().min(2),
        found
            .attachments
            .iter()
            .take(4)
            .map(|f| (f.mime.len(), f.content_id.is_some(), f.data.is_empty()))
            .collect::<Vec<_>>(),
    ))
}

fn authentication(input: &[u8]) -> u64 {
    let header = Header::parse(input);
    let nobody = Authentication::of(&header, &[]);
    assert!(nobody.is_none());
    let found = Authentication::of(&header, &["mx.example.net".to_owned()]);
    if found.is_some() {
        // A header is read without its NULs.
        let text = String::from_utf8_lossy(input).replace('\0', "");
        assert!(text.to_ascii_lowercase().contains("mx.example.net"));
    }
    hash(&(shape(&found), found.map(|found| shape(&found.verdict()))))
}

fn tricks(input: &[u8]) -> u64 {
    let input = String::from_utf8_lossy(input);
    let words = |deceit: &deception::LinkDeceit| links::Mark {
        title: deceit.target.clone(),
        html: plain::escaped(&deceit.said),
    };
    let shown = html::sanitise(&input, &|_| None).html;
    let rich = links::mark(&shown, Some("example.org"), &words);
    let text = links::mark(&plain::to_html(&input), None, &words);
    // Without what was put in, a mail's own words cannot have become tags.
    assert!(rich.html.matches('<').count() >= shown.matches('<').count());
    let host = deception::look_alike(input.trim());
    let known = [crate::model::Address {
        name: Some("Anna Berg".to_owned()),
        addr: "anna@example.org".to_owned(),
    }];
    let address = crate::model::Address {
        name: Some(input.clone().into_owned()),
        addr: input.into_owned(),
    };
    let sender = deception::sender(&address, &known, false);
    hash(&(
        shape(&rich.deceits),
        shape(&text.deceits),
        shape(&host),
        shape(&sender),
    ))
}

fn query(input: &[u8]) -> u64 {
    let input = String::from_utf8_lossy(input);
    let found = Query::parse(&input, jiff::civil::date(2026, 2, 28));
    let sound = |text: &str| {
        // A command is made of it: nothing in it ends one.
        assert!(!text.is_empty() && !text.contains(char::is_control));
        assert!(text.chars().count() <= LENGTH_LIMIT);
    };
    let mut terms = 0;
    for condition in found.clauses.iter().flatten() {
        terms += 1;
        match &condition.term {
            Term::Word(text)
            | Term::From(text)
            | Term::To(text)
            | Term::Cc(text)
            | Term::Bcc(text)
            | Term::Subject(text)
            | Term::Body(text)
            | Term::FileName(text) => sound(text),
            _ => {}
        }
    }
    assert!(terms <= TERM_LIMIT && found.clauses.iter().all(|clause| !clause.is_empty()));
    if let Scope::Folder(name) = &found.scope {
        sound(name);
    }
    assert!(found.words().len() <= terms);
    hash(&(
        shape(&found),
        found.has_quick_look(),
        found.asks_for_flags(),
    ))
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The set of the tags' names.
fn tags(html: &str) -> Vec<&str> {
    let mut names: Vec<&str> = html
        .split('<')
        .skip(1)
        .filter_map(|tag| tag.split(|c: char| !c.is_ascii_alphanumeric()).next())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What a value is made of: the words of its Debug form without its texts and numbers.
fn shape(value: &impl Debug) -> u64 {
    struct Words {
        hasher: DefaultHasher,
        quoted: bool,
        escaped: bool,
        room: usize,
    }
    impl Write for Words {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            for byte in text.bytes() {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' if self.quoted => self.escaped = true,
                    b'"' => self.quoted = !self.quoted,
                    _ if self.quoted => {}
                    b'a'..=b'z' | b'A'..=b'Z' if self.room > 0 => {
                        self.room -= 1;
                        byte.hash(&mut self.hasher);
                    }
                    _ => {}
                }
            }
            // Enough: the rest is more of the same.
            if self.room == 0 {
                Err(std::fmt::Error)
            } else {
                Ok(())
            }
        }
    }
    let mut words = Words {
        hasher: DefaultHasher::new(),
        quoted: false,
        escaped: false,
        room: 1500,
    };
    let _ = write!(words, "{value:?}");
    words.hasher.finish()
}
