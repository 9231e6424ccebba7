//! What is said and offered beside a message's body: cards, answers of one press, the word about the
//! sender. Each answer is asked of the server as a form without JavaScript sends it.

use crate::http_support::client::{Browser, HTML, Request};
use crate::http_support::html::Page;
use crate::http_support::mailbox::Mailbox;
use crate::http_support::{Site, open, run, unique};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::join_all;

const ATTACK: &str = "</dd><script>window.pwned=1</script>";

/// A mail to `user` with further header fields and parts, each with its own header.
fn mail(user: &str, subject: &str, fields: &str, kind: &str, parts: &[String]) -> Vec<u8> {
    let parts: Vec<_> = parts
        .iter()
        .map(|part| format!("--b\r\n{part}\r\n"))
        .collect();
    let parts = parts.concat();
    format!(
        "From: Anna <anna@posthorn.example>\r\nTo: {user}@posthorn.example\r\n\
         Subject: {subject}\r\nMessage-ID: <{}@http.test>\r\n{fields}MIME-Version: 1.0\r\n\
         Content-Type: multipart/{kind}; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nText.\r\n{parts}--b--\r\n",
        unique("cards")
    )
    .into_bytes()
}

fn event(user: &str, method: &str, summary: &str) -> String {
    let lines = [
        "BEGIN:VCALENDAR".to_owned(),
        format!("METHOD:{method}"),
        "BEGIN:VEVENT".to_owned(),
        "UID:planning@http.test".to_owned(),
        "SEQUENCE:2".to_owned(),
        "DTSTART:20301203T090000Z".to_owned(),
        "DTEND:20301203T100000Z".to_owned(),
        "RRULE:FREQ=WEEKLY".to_owned(),
        format!("SUMMARY:{summary}"),
        format!("LOCATION:{ATTACK}"),
        "ORGANIZER;CN=Anna:mailto:anna@posthorn.example".to_owned(),
        format!("ATTENDEE;RSVP=TRUE:mailto:{user}@posthorn.example"),
        "END:VEVENT".to_owned(),
        "END:VCALENDAR".to_owned(),
    ];
    format!(
        "Content-Type: text/calendar; charset=utf-8; method={method}\r\n\r\n{}",
        lines.join("\r\n")
    )
}

/// A winmail.dat with one file.
fn winmail(name: &str, content: &[u8]) -> Vec<u8> {
    let attribute = |id: u32, data: &[u8]| {
        let mut out = vec![2];
        out.extend(id.to_le_bytes());
        out.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        out.extend(data);
        out.extend([0, 0]);
        out
    };
    let mut out = 0x223E_9F78_u32.to_le_bytes().to_vec();
    out.extend([1, 0]);
    out.extend(attribute(0x0006_9002, &[0; 14]));
    out.extend(attribute(0x0001_8010, format!("{name}\0").as_bytes()));
    out.extend(attribute(0x0006_800F, content));
    out
}

fn has_form(page: &Page, action: &str) -> bool {
    page.all("form")
        .any(|form| form.attribute("action") == Some(action))
}

struct Message {
    path: String,
    uid: String,
    validity: String,
}

impl Message {
    async fn store(mailbox: &Mailbox, mail: &[u8]) -> Self {
        let uid = mailbox.store("INBOX", mail).await;
        let validity = mailbox.validity("INBOX").await;
        Self {
            path: format!("/mail/INBOX/{uid}?v={validity}"),
            uid: uid.to_string(),
            validity: validity.to_string(),
        }
    }

    /// The fields that name it in a form, and others.
    fn fields<'a>(&'a self, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let own = [
            ("folder", "INBOX"),
            ("uid_validity", self.validity.as_str()),
            ("uid", self.uid.as_str()),
            ("back", self.path.as_str()),
        ];
        own.into_iter().chain(more.iter().copied()).collect()
    }

    async fn press(&self, browser: &mut Browser, action: &str, more: &[(&str, &str)]) {
        let answer = browser.post(action, &self.fields(more)).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert_eq!(answer.location(), self.path);
    }
}

#[test]
fn an_invitation_is_answered_once_and_to_its_organizer() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test7").await;
        let (mine, organizer) = (Mailbox::of("test7").await, Mailbox::of("anna").await);
        let subject = unique("invitation");
        let parts = [event("test7", "REQUEST", &subject)];
        let mail = mail("test7", &subject, "", "alternative", &parts);
        let message = Message::store(&mine, &mail).await;
        let page = open(&mut browser, &message.path, 200).await;
        assert!(
            page.text.contains("Tuesday, 3 December 2030, 10:00–11:00"),
            "{}",
            page.text
        );
        assert!(page.text.contains("Every week") && page.text.contains(ATTACK));
        let id = page.value("id").to_owned();
        for _ in 0..2 {
            let fields = [("answer", "accept"), ("id", id.as_str())];
            message
                .press(&mut browser, "/api/answer_invitation", &fields)
                .await;
        }
        let page = open(&mut browser, &message.path, 200).await;
        assert!(page.text.contains("Your answer was sent."));
        let uids = organizer.arrived("INBOX", &subject, 1).await;
        let source = organizer.source("INBOX", uids[0]).await;
        for line in [
            "method=REPLY",
            "METHOD:REPLY",
            "UID:planning@http.test",
            "SEQUENCE:2",
            "ATTENDEE;PARTSTAT=ACCEPTED:mailto:test7@posthorn.example",
            "Subject: Accepted: ",
        ] {
            assert!(source.contains(line), "{line}: {source}");
        }
        assert_eq!(mine.with("Sent", &subject).await.len(), 1);
        let uid = message.uid.parse().unwrap();
        assert!(mine.flags("INBOX", uid).await.unwrap().answered);
        // Who has thought better of it answers anew.
        let fields = [("answer", "decline"), ("id", id.as_str())];
        message
            .press(&mut browser, "/api/answer_invitation", &fields)
            .await;
        organizer.arrived("INBOX", &subject, 2).await;
        organizer.remove("INBOX", &subject).await;
        mine.remove("Sent", &subject).await;
        mine.remove("INBOX", &subject).await;
    });
}

#[test]
fn an_answer_that_goes_to_another_than_the_sender_is_said_before() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test7").await;
        let mine = Mailbox::of("test7").await;
        let subject = unique("another");
        for (organizer, said) in [
            ("anna@posthorn.example", false),
            ("office@posthorn.example", false),
            ("boss@elsewhere.example", true),
        ] {
            let event = event("test7", "REQUEST", "Planning");
            let event = event.replace(
                "mailto:anna@posthorn.example",
                &format!("mailto:{organizer}"),
            );
            let mail = mail("test7", &subject, "", "mixed", &[event]);
            let message = Message::store(&mine, &mail).await;
            let page = open(&mut browser, &message.path, 200).await;
            assert!(has_form(&page, "/api/answer_invitation"), "{organizer}");
            let words = format!("Your answer goes to {organizer}.");
            assert_eq!(page.text.contains(&words), said, "{organizer}");
        }
        mine.remove("INBOX", &subject).await;
    });
}

#[test]
fn what_asks_for_no_answer_gets_none() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test7").await;
        let mine = Mailbox::of("test7").await;
        let subject = unique("cancelled");
        for method in ["CANCEL", "REPLY", "PUBLISH"] {
            let parts = [event("test7", method, &subject)];
            let mail = mail("test7", &subject, "", "mixed", &parts);
            let message = Message::store(&mine, &mail).await;
            let page = open(&mut browser, &message.path, 200).await;
            assert!(page.text.contains("Tuesday, 3 December 2030"), "{method}");
            assert!(!has_form(&page, "/api/answer_invitation"), "{method}");
            let fields = message.fields(&[("answer", "accept"), ("id", "a@http.test")]);
            let answer = browser.call("answer_invitation", &fields).await;
            assert_eq!(answer.status, 404, "{}", answer.text());
            let answer = browser.call("send_receipt", &fields).await;
            assert_eq!(answer.status, 400, "{}", answer.text());
            let answer = browser.call("leave_list", &fields).await;
            assert_eq!(answer.status, 400, "{}", answer.text());
        }
        assert_eq!(mine.with("Sent", &subject).await.len(), 0);
        mine.remove("INBOX", &subject).await;
    });
}

#[test]
fn a_receipt_is_sent_by_a_press_and_once() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test8").await;
        let (mine, sender) = (Mailbox::of("test8").await, Mailbox::of("anna").await);
        let subject = unique("receipt");
        let fields = "Disposition-Notification-To: anna@posthorn.example\r\n";
        let mail = mail("test8", &subject, fields, "mixed", &[]);
        let message = Message::store(&mine, &mail).await;
        let page = open(&mut browser, &message.path, 200).await;
        assert!(page.text.contains("The sender asks for a read receipt."));
        assert!(has_form(&page, "/api/send_receipt"));
        // Reading it tells nobody.
        assert_eq!(sender.with("INBOX", &subject).await.len(), 0);
        let presses = (0..3).map(|_| {
            let (mut browser, message) = (browser.clone(), &message);
            async move { message.press(&mut browser, "/api/send_receipt", &[]).await }
        });
        join_all(presses).await;
        message.press(&mut browser, "/api/send_receipt", &[]).await;
        let uids = sender.arrived("INBOX", &subject, 1).await;
        let source = sender.source("INBOX", uids[0]).await;
        for line in [
            "Return-Path: <>",
            "report-type=disposition-notification",
            "Auto-Submitted: auto-replied",
            "Final-Recipient: rfc822;test8@posthorn.example",
            "Disposition: manual-action/MDN-sent-manually; displayed",
        ] {
            assert!(source.contains(line), "{line}: {source}");
        }
        let uid = message.uid.parse().unwrap();
        assert!(mine.flags("INBOX", uid).await.unwrap().receipted);
        let page = open(&mut browser, &message.path, 200).await;
        assert!(!has_form(&page, "/api/send_receipt"));
        sender.remove("INBOX", &subject).await;
        mine.remove("INBOX", &subject).await;
    });
}

#[test]
fn reports_and_visiting_cards_are_text() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test7").await;
        let mine = Mailbox::of("test7").await;
        let subject = unique("report");
        let parts = [
            format!(
                "Content-Type: message/delivery-status\r\n\r\n\
                 Reporting-MTA: dns; mx.posthorn.example\r\n\r\n\
                 Final-Recipient: rfc822; nobody@posthorn.example\r\nAction: failed\r\n\
                 Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 {ATTACK} it said\r\n"
            ),
            format!(
                "Content-Type: text/vcard\r\n\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nFN:{ATTACK}\r\n\
                 EMAIL:jo@posthorn.example\r\nTEL:+49 30 1234\r\nORG:Works\r\nEND:VCARD\r\n"
            ),
        ];
        let kind = "report; report-type=delivery-status";
        let message = Message::store(&mine, &mail("test7", &subject, "", kind, &parts)).await;
        let page = open(&mut browser, &message.path, 200).await;
        assert!(page.text.contains("nobody@posthorn.example"));
        assert!(page.text.matches(ATTACK).count() >= 2, "{}", page.text);
        assert!(page.links().contains(&"/compose?to=jo%40posthorn.example"));
        assert!(page.text.contains("+49 30 1234"));
        // The browser's half is told the same.
        let cards = browser.call("cards", &message.fields(&[])).await.json();
        assert_eq!(cards["delivery"]["recipients"][0]["fate"], "Failed");
        assert_eq!(cards["contacts"][0]["organization"], "Works");
        mine.remove("INBOX", &subject).await;
    });
}

#[test]
fn a_file_in_winmail_dat_is_stored_and_never_shown() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test7").await;
        let mine = Mailbox::of("test7").await;
        let subject = unique("winmail");
        let stream = STANDARD.encode(winmail("../plan.html", b"<script>window.pwned=1</script>"));
        let parts = [format!(
            "Content-Type: application/ms-tnef; name=winmail.dat\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{stream}"
        )];
        let message = Message::store(&mine, &mail("test7", &subject, "", "mixed", &parts)).await;
        let page = open(&mut browser, &message.path, 200).await;
        let file = format!(
            "/mail/INBOX/{}/tnef/2/0?v={}",
            message.uid, message.validity
        );
        assert!(page.links().contains(&file.as_str()), "{:?}", page.links());
        let answer = browser.get(&file).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.text(), "<script>window.pwned=1</script>");
        assert_eq!(answer.header("content-type"), "application/octet-stream");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(
            answer
                .header("content-security-policy")
                .starts_with("sandbox")
        );
        let disposition = answer.header("content-disposition");
        assert!(disposition.starts_with("attachment"), "{disposition}");
        assert!(!disposition.contains('/'), "{disposition}");
        for other in ["tnef/2/1", "tnef/1/0", "tnef/9/0"] {
            let path = format!("/mail/INBOX/{}/{other}?v={}", message.uid, message.validity);
            assert_eq!(browser.get(&path).await.status, 404, "{other}");
        }
        mine.remove("INBOX", &subject).await;
    });
}

#[test]
fn a_sender_is_judged_by_a_trusted_server_only() {
    run(async {
        let mine = Mailbox::of("test7").await;
        let subject = unique("assurance");
        let fields = "Authentication-Results: mx.http.test; dkim=pass header.d=list.example;\r\n \
                      dmarc=fail header.from=posthorn.example\r\n\
                      List-Unsubscribe: <mailto:leave@posthorn.example?subject=leave>, \
                      <https://list.example/leave>\r\n";
        let mail = mail("test7", &subject, fields, "mixed", &[]);
        let message = Message::store(&mine, &mail).await;
        for (trusted, warned) in [("", false), ("other.test", false), ("MX.http.test", true)] {
            let site = Site::with(&[("POSTHORN_TRUSTED_AUTHSERV_IDS", trusted)]).await;
            let mut browser = site.signed_in("test7").await;
            let page = open(&mut browser, &message.path, 200).await;
            let words = "probably does not come from posthorn.example";
            assert_eq!(page.text.contains(words), warned, "{trusted}");
            let notes = page
                .elements
                .iter()
                .filter(|e| e.attribute("role") == Some("note"));
            assert_eq!(notes.count(), usize::from(warned), "{trusted}");
            let letter = "/compose?to=leave%40posthorn.example&subject=leave&body=";
            assert_eq!(
                page.links().contains(&letter),
                !warned,
                "{:?}",
                page.links()
            );
        }
        mine.remove("INBOX", &subject).await;
    });
}

#[test]
fn to_a_page_inside_nobody_is_led() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test7").await;
        let mine = Mailbox::of("test7").await;
        let subject = unique("inside");
        for url in [
            "http://192.168.0.1/reset",
            "http://0x7f.1/",
            "http://[::ffff:10.0.0.1]/",
            "http://router/",
            "http://printer.local/",
        ] {
            let fields = format!("List-Unsubscribe: <{url}>\r\n");
            let mail = mail("test7", &subject, &fields, "mixed", &[]);
            let message = Message::store(&mine, &mail).await;
            let page = open(&mut browser, &message.path, 200).await;
            assert!(!page.text.contains("Unsubscribe"), "{url}");
            let way = format!(
                "/mail/INBOX/{}/unsubscribe?v={}",
                message.uid, message.validity
            );
            assert!(!page.links().contains(&way.as_str()), "{url}");
            assert_eq!(browser.get(&way).await.status, 404, "{url}");
        }
        // Unless the operator has it in the allowance for images.
        let site = Site::with(&[("POSTHORN_REMOTE_ALLOW", "192.168.0.0/24")]).await;
        let mut browser = site.signed_in("test7").await;
        let fields = "List-Unsubscribe: <http://192.168.0.1/leave>\r\n";
        let mail = mail("test7", &subject, fields, "mixed", &[]);
        let message = Message::store(&mine, &mail).await;
        let page = open(&mut browser, &message.path, 200).await;
        assert!(page.text.contains("Unsubscribe at 192.168.0.1"));
        mine.remove("INBOX", &subject).await;
    });
}

#[test]
fn to_a_lists_page_leads_the_persons_own_press() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test7").await;
        let mine = Mailbox::of("test7").await;
        let subject = unique("list");
        let fields = "List-Unsubscribe: <https://list.example/leave?id=7>\r\n\
                      List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
        let mail = mail("test7", &subject, fields, "mixed", &[]);
        let message = Message::store(&mine, &mail).await;
        let page = open(&mut browser, &message.path, 200).await;
        let way = format!(
            "/mail/INBOX/{}/unsubscribe?v={}",
            message.uid, message.validity
        );
        assert!(page.links().contains(&way.as_str()), "{:?}", page.links());
        assert!(page.text.contains("Unsubscribe at list.example"));
        // Without the word of a trusted server nothing is asked in the person's place.
        assert!(!has_form(&page, "/api/leave_list"));
        let answer = browser.get(&way).await;
        assert_eq!(answer.status, 303);
        assert_eq!(answer.location(), "https://list.example/leave?id=7");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        let foreign = Request::get(&way).headers(&[HTML, ("Sec-Fetch-Site", "cross-site")]);
        assert_eq!(browser.send(foreign).await.status, 400);
        mine.remove("INBOX", &subject).await;
    });
}
