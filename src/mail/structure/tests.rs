//! The shapes that mail programs really send, and some that only an attacker does.

use super::*;

fn leaf(id: &str, mime: &str) -> Part {
    let (kind, subtype) = mime.split_once('/').unwrap();
    Part {
        id: id.to_owned(),
        kind: kind.to_owned(),
        subtype: subtype.to_owned(),
        encoding: "7bit".to_owned(),
        octets: 100,
        ..Part::default()
    }
}

fn multi(id: &str, subtype: &str, children: Vec<Part>) -> Part {
    Part {
        children,
        ..leaf(id, &format!("multipart/{subtype}"))
    }
}

fn attached(id: &str, mime: &str, name: &str) -> Part {
    let params = vec![("filename".to_owned(), name.to_owned())];
    Part {
        disposition: Some(("attachment".to_owned(), params)),
        ..leaf(id, mime)
    }
}

fn picture(id: &str, cid: &str) -> Part {
    Part {
        content_id: Some(cid.to_owned()),
        ..leaf(id, "image/png")
    }
}

/// The one text of either form, whatever pictures stand beside it.
fn ids(choice: &BodyChoice) -> (Option<&str>, Option<&str>) {
    (one(&choice.html), one(&choice.text))
}

fn one(texts: &[BodyText]) -> Option<&str> {
    let mut written = texts.iter().filter(|text| text.is_written());
    let first = written.next();
    assert_eq!(written.next(), None);
    first.map(|text| text.part.as_str())
}

fn all(texts: &[BodyText]) -> Vec<&str> {
    texts.iter().map(|text| text.part.as_str()).collect()
}

fn names(part: &Part) -> Vec<String> {
    part.attachments()
        .into_iter()
        .map(|a| format!("{} {}", a.part, a.name))
        .collect()
}

#[test]
fn a_message_of_one_part() {
    let part = leaf("1", "text/plain");
    assert_eq!(ids(&part.body_choice()), (None, Some("1")));
    assert!(part.attachments().is_empty());
    let part = leaf("1", "text/html");
    assert_eq!(ids(&part.body_choice()), (Some("1"), None));
    let part = leaf("1", "application/pdf");
    assert_eq!(ids(&part.body_choice()), (None, None));
    assert_eq!(names(&part), ["1 part-1.pdf"]);
    let part = attached("1", "text/plain", "notes.txt");
    assert_eq!(ids(&part.body_choice()), (None, None));
    assert_eq!(names(&part), ["1 notes.txt"]);
}

#[test]
fn alternative_in_related_in_mixed() {
    let part = multi(
        "",
        "mixed",
        vec![
            multi(
                "1",
                "related",
                vec![
                    multi(
                        "1.1",
                        "alternative",
                        vec![
                            leaf("1.1.1", "text/plain"),
                            leaf("1.1.2", "text/html"),
                            leaf("1.1.3", "text/calendar"),
                            leaf("1.1.4", "text/x-amp-html"),
                        ],
                    ),
                    picture("1.2", "logo@x"),
                    leaf("1.3", "image/png"),
                ],
            ),
            attached("2", "application/pdf", "Rechnung.pdf"),
            picture("3", "photo@x"),
        ],
    );
    let choice = part.body_choice();
    assert_eq!(ids(&choice), (Some("1.1.2"), Some("1.1.1")));
    let inline: Vec<_> = choice
        .inline
        .iter()
        .map(|i| (i.content_id.as_str(), i.part.as_str()))
        .collect();
    assert_eq!(inline, [("logo@x", "1.2"), ("photo@x", "3")]);
    assert_eq!(
        names(&part),
        [
            "1.1.3 part-1.1.3.ics",
            "1.3 part-1.3.png",
            "2 Rechnung.pdf",
            "3 part-3.png"
        ]
    );
    // An image that the HTML does not show must not be lost.
    let beside = part.attachments_beside("<img src=cid:other>");
    assert!(beside.iter().any(|a| a.part == "1.2"));
    let beside = part.attachments_beside("<img src=cid:logo@x>");
    assert!(!beside.iter().any(|a| a.part == "1.2"));
}

#[test]
fn the_html_inside_a_mixture_inside_an_alternative() {
    let part = multi(
        "",
        "alternative",
        vec![
            leaf("1", "text/plain"),
            multi(
                "2",
                "mixed",
                vec![
                    leaf("2.1", "text/html"),
                    leaf("2.2", "application/pdf"),
                    leaf("2.3", "text/html"),
                ],
            ),
        ],
    );
    let choice = part.body_choice();
    assert_eq!(all(&choice.html), ["2.1", "2.3"]);
    assert_eq!(all(&choice.text), ["1"]);
    assert_eq!(names(&part), ["2.2 part-2.2.pdf"]);
}

/// What mail programs on phones make of a picture in the middle of a text.
#[test]
fn texts_beside_each_other_are_all_shown() {
    let part = multi(
        "",
        "mixed",
        vec![
            leaf("1", "text/plain"),
            leaf("2", "image/jpeg"),
            leaf("3", "text/plain"),
        ],
    );
    let choice = part.body_choice();
    assert_eq!(all(choice.shown(false)), ["1", "2", "3"]);
    assert_eq!(all(choice.shown(true)), ["1", "2", "3"]);
    assert!(choice.html.is_empty());
    // It can be stored, too.
    assert_eq!(names(&part), ["2 part-2.jpg"]);
    // A list's footer below HTML: there is no plain form of the whole.
    let part = multi(
        "",
        "mixed",
        vec![leaf("1", "text/html"), leaf("2", "text/plain")],
    );
    let choice = part.body_choice();
    assert_eq!(all(choice.shown(true)), ["1", "2"]);
    assert_eq!(choice.html[0].form, Form::Html);
    assert_eq!(choice.html[1].form, Form::Plain);
    assert!(choice.text.is_empty());
    assert!(part.attachments().is_empty());
    // And below alternatives: there is.
    let both = multi(
        "1",
        "alternative",
        vec![leaf("1.1", "text/plain"), leaf("1.2", "text/html")],
    );
    let part = multi("", "mixed", vec![both, leaf("2", "text/plain")]);
    let choice = part.body_choice();
    assert_eq!(all(choice.shown(false)), ["1.2", "2"]);
    assert_eq!(all(choice.shown(true)), ["1.1", "2"]);
    // Files with names stay files, and so does what is beyond all measure.
    let mut log = leaf("2", "text/plain");
    log.params = vec![("name".to_owned(), "log.txt".to_owned())];
    let part = multi("", "mixed", vec![leaf("1", "text/plain"), log]);
    assert_eq!(ids(&part.body_choice()), (None, Some("1")));
    assert_eq!(names(&part), ["2 log.txt"]);
    let many = (1..=200).map(|i| leaf(&i.to_string(), "text/plain"));
    let part = multi("", "mixed", many.collect());
    assert_eq!(part.body_choice().text.len(), MAX_TEXTS);
    assert_eq!(part.attachments().len(), 200 - MAX_TEXTS);
}

#[test]
fn pictures_stand_where_the_mail_has_them() {
    let shown = |part: &Part| -> Vec<String> {
        let choice = part.body_choice();
        let shown = choice.shown(false).iter();
        shown
            .map(|text| format!("{} {:?}", text.part, text.form))
            .collect()
    };
    // Alternatives, a picture, a signature.
    let both = multi(
        "1",
        "alternative",
        vec![leaf("1.1", "text/plain"), leaf("1.2", "text/html")],
    );
    let part = multi(
        "",
        "mixed",
        vec![both, leaf("2", "image/png"), leaf("3", "text/plain")],
    );
    assert_eq!(shown(&part), ["1.2 Html", "2 Picture", "3 Plain"]);
    assert_eq!(all(part.body_choice().shown(true)), ["1.1", "2", "3"]);
    // The HTML of an alternative with pictures between.
    let rich = multi(
        "2",
        "mixed",
        vec![
            leaf("2.1", "text/html"),
            leaf("2.2", "image/gif"),
            leaf("2.3", "text/html"),
        ],
    );
    let part = multi("", "alternative", vec![leaf("1", "text/plain"), rich]);
    assert_eq!(shown(&part), ["2.1 Html", "2.2 Picture", "2.3 Html"]);
    assert_eq!(all(part.body_choice().shown(true)), ["1"]);
    // No picture: a file, a program, one that is another form. One that lies beside its HTML comes
    // below it, since nobody knows whether the HTML names it.
    let related = multi(
        "1",
        "related",
        vec![leaf("1.1", "text/html"), picture("1.2", "a@x")],
    );
    let files = vec![
        related,
        attached("2", "image/png", "a.png"),
        leaf("3", "image/svg+xml"),
        leaf("4", "image/heic"),
    ];
    assert_eq!(
        shown(&multi("", "mixed", files)),
        ["1.1 Html", "1.2 Picture"]
    );
    let form = vec![leaf("1", "text/plain"), leaf("2", "image/png")];
    assert_eq!(shown(&multi("", "alternative", form)), ["1 Plain"]);
    // Pictures alone are no body.
    assert!(shown(&leaf("1", "image/png")).is_empty());
    let alone = vec![leaf("1", "image/png"), leaf("2", "image/png")];
    assert!(shown(&multi("", "mixed", alone)).is_empty());
    // But a mixture within a mixture is none by itself.
    let inner = multi("1", "mixed", vec![leaf("1.1", "image/png")]);
    let part = multi("", "mixed", vec![inner, leaf("2", "text/plain")]);
    assert_eq!(shown(&part), ["1.1 Picture", "2 Plain"]);
    // A hundred of them hide no text.
    let mut many: Vec<Part> = (1..=100)
        .map(|i| leaf(&i.to_string(), "image/png"))
        .collect();
    many.push(leaf("101", "text/plain"));
    let part = multi("", "mixed", many);
    assert_eq!(shown(&part).len(), MAX_TEXTS + 1);
    assert_eq!(part.attachments().len(), 100);
}

#[test]
fn a_text_of_an_unknown_kind_is_plain() {
    for mime in ["text/enriched", "text/markdown", "text/x-unheard-of"] {
        let part = leaf("1", mime);
        assert_eq!(ids(&part.body_choice()), (None, Some("1")), "{mime}");
        assert!(part.attachments().is_empty(), "{mime}");
    }
    for mime in ["text/calendar", "text/csv", "text/x-vcard"] {
        let part = leaf("1", mime);
        assert_eq!(ids(&part.body_choice()), (None, None), "{mime}");
        assert_eq!(part.attachments().len(), 1, "{mime}");
    }
}

#[test]
fn signed_reported_encrypted() {
    let part = multi(
        "",
        "signed",
        vec![
            leaf("1", "text/plain"),
            leaf("2", "application/pgp-signature"),
        ],
    );
    assert_eq!(ids(&part.body_choice()), (None, Some("1")));
    assert_eq!(names(&part), ["2 part-2.asc"]);
    let part = multi(
        "",
        "report",
        vec![
            leaf("1", "text/plain"),
            leaf("2", "message/delivery-status"),
            leaf("3", "message/rfc822"),
        ],
    );
    assert_eq!(ids(&part.body_choice()), (None, Some("1")));
    assert_eq!(names(&part), ["2 part-2.txt", "3 message.eml"]);
    let part = multi(
        "",
        "encrypted",
        vec![
            leaf("1", "application/pgp-encrypted"),
            leaf("2", "application/octet-stream"),
        ],
    );
    assert_eq!(ids(&part.body_choice()), (None, None));
    assert_eq!(part.attachments().len(), 2);
}

#[test]
fn an_attached_message_is_one_attachment() {
    let mut message = leaf("2", "message/rfc822");
    message.params = vec![("name".to_owned(), "Alt/e \"Mail\"".to_owned())];
    message.children = vec![multi("2", "alternative", vec![leaf("2.1", "text/plain")])];
    let part = multi("", "mixed", vec![leaf("1", "text/plain"), message]);
    assert_eq!(ids(&part.body_choice()), (None, Some("1")));
    assert_eq!(names(&part), ["2 Alt_e _Mail_"]);
    assert_eq!(part.find("2").unwrap().subtype, "rfc822");
    assert_eq!(part.find("2.1").unwrap().subtype, "plain");
    assert_eq!(part.find("9"), None);
}

#[test]
fn what_an_attached_message_lists_is_found() {
    let leaves = |below: &str, count: u32| -> Vec<Part> {
        (1..=count)
            .map(|i| leaf(&format!("{below}{i}"), "application/pdf"))
            .collect()
    };
    let mut message = leaf("1991", "message/rfc822");
    message.children = vec![multi("1991", "mixed", leaves("1991.", 100))];
    let mut all = leaves("", 1990);
    all.push(message);
    let root = multi("", "mixed", all);
    let inner = root.message_at(Some("1991")).unwrap();
    assert_eq!(inner.attachments().len(), 100);
    for file in inner.attachments() {
        assert!(root.find(&file.part).is_some(), "{}", file.part);
    }
}

#[test]
fn the_first_text_of_a_mixture() {
    let empty = Part {
        octets: 0,
        ..leaf("1", "text/plain")
    };
    let part = multi("", "mixed", vec![empty.clone(), leaf("2", "text/html")]);
    assert_eq!(ids(&part.body_choice()), (Some("2"), None));
    let part = multi(
        "",
        "mixed",
        vec![empty, attached("2", "text/plain", "a.txt")],
    );
    assert_eq!(ids(&part.body_choice()), (None, Some("1")));
    let mut log = leaf("2", "text/plain");
    log.params = vec![("name".to_owned(), "log.txt".to_owned())];
    let part = multi("", "mixed", vec![leaf("1", "application/pdf"), log]);
    assert_eq!(ids(&part.body_choice()), (None, None));
    assert_eq!(ids(&multi("", "mixed", vec![]).body_choice()), (None, None));
    assert_eq!(
        ids(&multi("", "related", vec![]).body_choice()),
        (None, None)
    );
}

#[test]
fn related_with_a_start() {
    let mut root = leaf("2", "text/html");
    root.content_id = Some("root@x".to_owned());
    let mut part = multi("", "related", vec![picture("1", "p@x"), root]);
    part.params = vec![("start".to_owned(), "<root@x>".to_owned())];
    assert_eq!(ids(&part.body_choice()), (Some("2"), None));
    assert!(part.attachments().is_empty());
}

#[test]
fn an_image_there_is_no_room_for_is_a_file() {
    let related = |pictures: Vec<Part>| {
        let mut children = vec![leaf("1", "text/html")];
        children.extend(pictures);
        multi("", "related", children)
    };
    let of = |id: usize, octets| Part {
        octets,
        ..picture(&id.to_string(), &format!("{id}@x"))
    };
    let part = related(vec![of(2, INLINE_LIMIT)]);
    assert!(part.attachments().is_empty());
    let part = related(vec![of(2, INLINE_LIMIT + 1), of(3, 10)]);
    assert_eq!(names(&part), ["2 part-2.png"]);
    let part = related((2..=6).map(|id| of(id, INLINE_LIMIT)).collect());
    assert_eq!(part.body_choice().inline.len(), 3);
    assert_eq!(names(&part), ["5 part-5.png", "6 part-6.png"]);
    let part = related((2..=200).map(|id| of(id, 10)).collect());
    let choice = part.body_choice();
    assert_eq!(choice.inline.len(), MAX_INLINES);
    assert_eq!(part.attachments().len(), 199 - MAX_TEXTS);
    // Of two by one name one can be shown.
    let part = related(vec![picture("2", "a@x"), picture("3", "a@x")]);
    assert_eq!(names(&part), ["3 part-3.png"]);
    // What is neither beside the root nor in it.
    let inner = multi("2", "mixed", vec![picture("2.1", "a@x")]);
    assert_eq!(names(&related(vec![inner])), ["2.1 part-2.1.png"]);
    // No HTML shows it.
    let text = vec![leaf("1", "text/plain"), picture("2", "a@x")];
    assert_eq!(names(&multi("", "related", text)), ["2 part-2.png"]);
}

#[test]
fn an_image_that_is_a_program_is_no_inline_image() {
    let svg = Part {
        content_id: Some("s@x".to_owned()),
        ..leaf("2", "image/svg+xml")
    };
    let part = multi("", "related", vec![leaf("1", "text/html"), svg]);
    assert!(part.body_choice().inline.is_empty());
    assert_eq!(names(&part), ["2 part-2.svg"]);
}

#[test]
fn sizes() {
    let mut part = leaf("1", "application/pdf");
    part.encoding = "base64".to_owned();
    part.octets = 78;
    assert_eq!(part.attachments().first().unwrap().size, 57);
    part.octets = u32::MAX;
    assert!(part.decoded_size() < u32::MAX);
    part.encoding = "8bit".to_owned();
    part.octets = 78;
    assert_eq!(part.decoded_size(), 78);
}

#[test]
fn names_from_wherever_they_are() {
    let mut part = attached("1", "application/pdf", "=?utf-8?Q?=C3=BCber.pdf?=");
    part.params = vec![("name".to_owned(), "other.pdf".to_owned())];
    assert_eq!(part.file_name().as_deref(), Some("über.pdf"));
    part.disposition = Some((
        "attachment".to_owned(),
        vec![
            ("filename*0*".to_owned(), "UTF-8''%C3%BCbe".to_owned()),
            ("filename*1".to_owned(), "r.pdf\r\n".to_owned()),
        ],
    ));
    assert_eq!(part.file_name().as_deref(), Some("über.pdf"));
    part.disposition = Some(("attachment".to_owned(), vec![]));
    assert_eq!(part.file_name().as_deref(), Some("other.pdf"));
    part.params.clear();
    assert_eq!(part.file_name(), None);
    assert_eq!(Part::default().content_type(), "application/octet-stream");
}

/// Levels as an attacker would nest them. Taken apart by hand at the end, since dropping such a
/// tree recurses; a parser never builds one.
#[test]
fn ten_thousand_levels() {
    for subtype in ["mixed", "alternative", "related", "signed"] {
        let mut tree = leaf("1", "text/plain");
        for _ in 0..10_000 {
            tree = multi("", subtype, vec![tree]);
        }
        assert_eq!(tree.walk().count(), MAX_DEPTH + 1);
        assert_eq!(ids(&tree.body_choice()), (None, None));
        assert!(tree.attachments().is_empty());
        assert_eq!(tree.unlisted(), 1);
        assert_eq!(tree.find("1"), None);
        while let Some(child) = tree.children.pop() {
            tree = child;
        }
    }
    let mut tree = leaf("1", "text/plain");
    for _ in 0..100 {
        tree = multi("", "mixed", vec![tree]);
    }
    assert_eq!(ids(&tree.body_choice()), (None, Some("1")));
}

#[test]
fn a_hundred_thousand_parts() {
    let tree = multi(
        "",
        "mixed",
        (0..100_000)
            .map(|i| leaf(&i.to_string(), "image/png"))
            .collect(),
    );
    assert_eq!(tree.attachments().len(), MAX_PARTS - 1);
    // The rest is counted.
    assert_eq!(tree.unlisted(), 100_001 - u32::try_from(MAX_PARTS).unwrap());
    assert_eq!(leaf("1", "text/plain").unlisted(), 0);
}

#[test]
fn an_empty_form_hides_no_other() {
    let blank = |id: &str, mime: &str| Part {
        octets: 2,
        ..leaf(id, mime)
    };
    let part = multi(
        "",
        "alternative",
        vec![leaf("1", "text/plain"), blank("2", "text/html")],
    );
    assert_eq!(ids(&part.body_choice()), (None, Some("1")));
    assert!(part.attachments().is_empty());
    let part = multi(
        "",
        "alternative",
        vec![blank("1", "text/plain"), leaf("2", "text/html")],
    );
    assert_eq!(ids(&part.body_choice()), (Some("2"), None));
    let part = multi(
        "",
        "alternative",
        vec![blank("1", "text/plain"), blank("2", "text/html")],
    );
    assert_eq!(ids(&part.body_choice()), (Some("2"), Some("1")));
    // One with a name was meant to be there.
    let part = multi(
        "",
        "mixed",
        vec![
            leaf("1", "text/plain"),
            Part {
                octets: 0,
                ..attached("2", "text/plain", "a.txt")
            },
        ],
    );
    assert_eq!(part.attachments().len(), 1);
}
