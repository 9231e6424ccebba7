//! Who gets an answer, and what stands in it.

use super::*;

const MAIL: &str = "From: Jo Berg <jo@x.org>\nTo: me@y.org, \"Böhm, K.\" <k@z.org>, JO@X.ORG\n\
    Cc: team@z.org, Me <ME@y.org>, k@Z.org\nSubject: Plan\nMessage-ID: <3@x>\n\
    In-Reply-To: <2@x>\nReferences: <1@x> <2@x>\n";

fn with(mail: &str, run: impl FnOnce(&Source<'_>) -> Draft) -> Draft {
    let header = Header::parse(mail.as_bytes());
    let own = ["me@y.org".to_owned(), "alias@y.org".to_owned()];
    run(&Source {
        header: &header,
        text: "Hello\n\n> old\n>> older\n\n-- \nJo\n".to_owned(),
        own: &own,
        folder: "INBOX".to_owned(),
        uid_validity: 7,
        uid: 42,
        forwardable: vec![DraftAttachment {
            folder: "INBOX".to_owned(),
            uid_validity: 7,
            uid: 42,
            part: "2".to_owned(),
            name: "a.pdf".to_owned(),
            mime: "application/pdf".to_owned(),
            size: 9,
        }],
    })
}

fn words() -> Words {
    Words {
        attribution: "Jo wrote:".to_owned(),
        forwarded: "Forwarded message".to_owned(),
        from: "From".to_owned(),
        to: "To".to_owned(),
        cc: "Cc".to_owned(),
        date: "Date".to_owned(),
        subject: "Subject".to_owned(),
        date_value: "24 November 2026".to_owned(),
    }
}

fn answer(mail: &str, all: bool) -> (String, String) {
    let draft = with(mail, |source| reply(source, all, &words()));
    (draft.to, draft.cc)
}

fn pair(to: &str, cc: &str) -> (String, String) {
    (to.to_owned(), cc.to_owned())
}

#[test]
fn an_answer() {
    let draft = with(MAIL, |source| reply(source, false, &words()));
    assert_eq!(draft.to, "Jo Berg <jo@x.org>");
    assert_eq!((draft.cc.as_str(), draft.bcc.as_str()), ("", ""));
    assert_eq!(draft.subject, "Re: Plan");
    assert_eq!(draft.text, "\n\nJo wrote:\n> Hello\n>\n>> old\n>>> older\n");
    assert_eq!(draft.in_reply_to, ["3@x"]);
    assert_eq!(draft.references, ["1@x", "2@x", "3@x"]);
    assert_eq!(draft.message_id, "");
    assert!(draft.attachments.is_empty());
    let origin = draft.origin.unwrap();
    assert_eq!(
        (origin.relation, origin.folder.as_str()),
        (Relation::Reply, "INBOX")
    );
    assert_eq!((origin.uid_validity, origin.uid), (7, 42));
}

#[test]
fn an_answer_to_all() {
    assert_eq!(
        answer(MAIL, true),
        pair("Jo Berg <jo@x.org>, \"Böhm, K.\" <k@z.org>", "team@z.org")
    );
    let draft = with(MAIL, |source| reply(source, true, &words()));
    assert_eq!(draft.origin.unwrap().relation, Relation::ReplyAll);
}

#[test]
fn where_answers_are_wanted() {
    let mail = "From: a@x\nReply-To: List <list@x>\nTo: me@y.org\n";
    assert_eq!(answer(mail, false), pair("List <list@x>", ""));
    assert_eq!(answer(mail, true), pair("List <list@x>", ""));
    // List-Post is for those who ask for it.
    assert_eq!(
        answer("From: a@x\nList-Post: <mailto:l@x>\n", false),
        pair("a@x", "")
    );
}

#[test]
fn an_answer_to_oneself() {
    let mail = "From: me@y.org\nTo: Jo <jo@x>\nCc: k@z, alias@y.org\n";
    assert_eq!(answer(mail, false), pair("Jo <jo@x>", ""));
    assert_eq!(answer(mail, true), pair("Jo <jo@x>", "k@z"));
    // Nobody but oneself.
    assert_eq!(
        answer("From: me@y.org\nTo: alias@y.org\n", true),
        pair("me@y.org", "")
    );
    assert_eq!(answer("From: me@y.org\n", false), pair("me@y.org", ""));
    assert_eq!(
        answer("From: me@y.org\nTo: me@y.org\nCc: jo@x\n", true),
        pair("jo@x", "")
    );
}

#[test]
fn an_answer_to_hardly_anything() {
    let draft = with("", |source| reply(source, true, &words()));
    assert_eq!((draft.to.as_str(), draft.subject.as_str()), ("", "Re: "));
    assert!(draft.in_reply_to.is_empty() && draft.references.is_empty());
    assert_eq!(
        answer("From: Nobody\nTo: undisclosed-recipients:;\n", true),
        pair("", "")
    );
}

#[test]
fn one_mark_is_enough() {
    for (subject, answered, forwarded) in [
        ("Plan", "Re: Plan", "Fwd: Plan"),
        ("Re: Plan", "Re: Plan", "Fwd: Re: Plan"),
        (
            "AW: Re: RE: Aw:Plan",
            "Re: Plan",
            "Fwd: AW: Re: RE: Aw:Plan",
        ),
        ("Re[3]: Antw : Plan", "Re: Plan", "Fwd: Re[3]: Antw : Plan"),
        ("SV: VS: Plan", "Re: Plan", "Fwd: SV: VS: Plan"),
        ("Fwd: WG: Plan", "Re: Fwd: WG: Plan", "Fwd: Plan"),
        ("回复：Plan", "Re: Plan", "Fwd: 回复：Plan"),
        ("Rest: Plan", "Re: Rest: Plan", "Fwd: Rest: Plan"),
        ("R2: D2", "Re: R2: D2", "Fwd: R2: D2"),
        ("10:30", "Re: 10:30", "Fwd: 10:30"),
        (":", "Re: :", "Fwd: :"),
        ("", "Re: ", "Fwd: "),
        ("Re:", "Re: ", "Fwd: Re:"),
    ] {
        assert_eq!(marked(subject, "Re: ", &REPLY_MARKS), answered);
        assert_eq!(marked(subject, "Fwd: ", &FORWARD_MARKS), forwarded);
    }
}

#[test]
fn a_forwarded_mail() {
    let draft = with(MAIL, |source| forward(source, &words()));
    assert_eq!((draft.to.as_str(), draft.cc.as_str()), ("", ""));
    assert_eq!(draft.subject, "Fwd: Plan");
    assert_eq!(
        draft.text,
        "\n\n-------- Forwarded message --------\nFrom: Jo Berg <jo@x.org>\n\
         Date: 24 November 2026\nSubject: Plan\n\
         To: me@y.org, \"Böhm, K.\" <k@z.org>, JO@X.ORG\n\
         Cc: team@z.org, Me <ME@y.org>, k@Z.org\n\nHello\n\n> old\n>> older\n\n-- \nJo\n"
    );
    assert!(draft.in_reply_to.is_empty());
    assert_eq!(draft.references, ["1@x", "2@x", "3@x"]);
    assert_eq!(draft.attachments.len(), 1);
    assert_eq!(draft.origin.unwrap().relation, Relation::Forward);
}

#[test]
fn threads_are_bounded() {
    let ids = (0..60)
        .map(|i| format!("<{i}@x>"))
        .collect::<Vec<_>>()
        .join(" ");
    let header = Header::parse(format!("References: {ids}\nMessage-ID: <60@x>\n").as_bytes());
    let list = references(&header);
    assert_eq!(list.len(), 20);
    assert_eq!(list.first().unwrap(), "0@x");
    assert_eq!(list.get(1).unwrap(), "42@x");
    assert_eq!(list.last().unwrap(), "60@x");
    let one = Header::parse(b"In-Reply-To: <1@x>\nMessage-ID: <2@x>\n");
    assert_eq!(references(&one), ["1@x", "2@x"]);
    let two = Header::parse(b"In-Reply-To: <0@x> <1@x>\nMessage-ID: <2@x>\n");
    assert_eq!(references(&two), ["2@x"]);
}

#[test]
fn quoting() {
    for (text, quoted) in [
        ("", ""),
        ("\n\n", ""),
        ("a", "> a\n"),
        ("\n\na\n\nb\n\n", "> a\n>\n> b\n"),
        ("> a\n>> b\n > c", ">> a\n>>> b\n>  > c\n"),
        ("a\n-- \nb\n-- \nc", "> a\n> -- \n> b\n"),
        ("-- \nonly", ""),
    ] {
        assert_eq!(quote(text), quoted);
    }
}
