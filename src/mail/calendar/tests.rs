//! Invitations as programs write them, and as nobody should.

use super::*;
use crate::mail::busy::Busy;
use crate::model::Address;
use jiff::civil::date;
use proptest::prelude::*;

fn calendar(lines: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\n{lines}\r\nEND:VCALENDAR\r\n")
}

fn event(lines: &str) -> Event {
    let text = calendar(&format!("BEGIN:VEVENT\r\nUID:1@x\r\n{lines}\r\nEND:VEVENT"));
    parse(&text).unwrap().events.remove(0)
}

fn epoch(when: Option<&When>) -> i64 {
    match when {
        Some(When::Moment { epoch, .. }) => *epoch,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_calendar_may_be_folded_within_a_character() {
    let part = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261201T090000Z\r\n\
        SUMMARY:Gr\xC3\r\n \xBC\xC3\x9Fe\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    for label in [None, Some("utf-8")] {
        let found = parse_part(part, label).unwrap();
        assert_eq!(found.events.first().unwrap().summary, "Grüße", "{label:?}");
    }
    let wide: Vec<u8> = String::from_utf8_lossy(part)
        .replace('\u{FFFD}', "")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let found = parse_part(&wide, Some("utf-16le")).unwrap();
    assert_eq!(found.events.first().unwrap().summary, "Grße");
}

#[test]
fn an_invitation() {
    let text = calendar(
        "BEGIN:VEVENT\r\nUID:abc@example.org\r\nSEQUENCE:2\r\nDTSTAMP:20261101T000000Z\r\n\
        SUMMARY:Plans\\, and\r\n  more\r\nLOCATION:Room 1\\; below\r\n\
        DESCRIPTION:one\\ntwo\\\\three\r\nORGANIZER;CN=\"Berg, Jo\":mailto:jo@example.org\r\n\
        ATTENDEE;CN=Anna;PARTSTAT=ACCEPTED;ROLE=OPT-PARTICIPANT:MAILTO:anna@example.org\r\n\
        ATTENDEE;RSVP=TRUE:mailto:me@example.net\r\nATTENDEE:urn:uuid:1\r\n\
        DTSTART;TZID=Europe/Berlin:20261124T130000\r\nDTEND;TZID=Europe/Berlin:20261124T140000\r\n\
        RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;COUNT=10\r\nSTATUS:CONFIRMED\r\n\
        BEGIN:VALARM\r\nDESCRIPTION:alarm\r\nSUMMARY:alarm\r\nEND:VALARM\r\nEND:VEVENT",
    );
    let calendar = parse(&text).unwrap();
    assert_eq!(calendar.method, Some(Method::Request));
    let [event] = calendar.events.as_slice() else {
        panic!("{calendar:?}");
    };
    assert_eq!((event.uid.as_str(), event.sequence), ("abc@example.org", 2));
    assert_eq!(event.summary, "Plans, and more");
    assert_eq!(event.location, "Room 1; below");
    assert_eq!(event.description, "one\ntwo\\three");
    let organizer = event.organizer.as_ref().unwrap();
    assert_eq!(organizer.name.as_deref(), Some("Berg, Jo"));
    assert_eq!(organizer.addr, "jo@example.org");
    assert_eq!(event.attendees.len(), 2);
    let anna = event.attendee("ANNA@example.org").unwrap();
    assert_eq!(anna.participation, Participation::Accepted);
    assert!(anna.optional && !anna.answer_wanted);
    assert!(event.attendee("me@example.net").unwrap().answer_wanted);
    assert_eq!(
        event.start,
        Some(When::Moment {
            epoch: 1_795_521_600,
            local: date(2026, 11, 24).at(13, 0, 0, 0),
            zone: Some("Europe/Berlin".to_owned()),
        })
    );
    assert_eq!(epoch(event.end.as_ref()), 1_795_525_200);
    let rule = event.recurrence.as_ref().unwrap();
    assert_eq!(
        (rule.frequency, rule.interval, rule.count),
        (Frequency::Weekly, 2, Some(10))
    );
    assert_eq!(
        rule.weekdays,
        [(0, Weekday::Tuesday), (0, Weekday::Thursday)]
    );
    assert!(!rule.more);
    assert_eq!(event.status, Some(EventStatus::Confirmed));
}

#[test]
fn days_times_and_zones() {
    let one = event("DTSTART;VALUE=DATE:20261124");
    assert_eq!(one.start, Some(When::Day(date(2026, 11, 24))));
    assert_eq!(one.end, Some(When::Day(date(2026, 11, 25))));
    let one = event("DTSTART:20261124\nDURATION:P1W");
    assert_eq!(one.end, Some(When::Day(date(2026, 12, 1))));
    let one = event("DTSTART:20261124T120000Z\nDURATION:PT1H30M");
    assert_eq!(epoch(one.start.as_ref()), 1_795_521_600);
    assert_eq!(epoch(one.end.as_ref()), 1_795_521_600 + 5400);
    let one = event("DTSTART:20261124T1200");
    assert_eq!(
        one.start,
        Some(When::Floating(date(2026, 11, 24).at(12, 0, 0, 0)))
    );
    assert_eq!(one.end, None);
    for zone in [
        "W. Europe Standard Time",
        "\"/x.org/1/Europe/Vienna\"",
        "Romance Standard Time",
    ] {
        let one = event(&format!("DTSTART;TZID={zone}:20261124T130000"));
        assert_eq!(epoch(one.start.as_ref()), 1_795_521_600, "{zone}");
    }
    let one = event("DTSTART;TZID=Nowhere:20261124T130000\nDURATION:PT1H");
    assert_eq!(
        one.end,
        Some(When::Floating(date(2026, 11, 24).at(14, 0, 0, 0)))
    );
    // A day over the end of summer time has 25 hours.
    let one = event("DTSTART;TZID=Europe/Berlin:20261024T120000\nDURATION:P1D");
    assert_eq!(
        epoch(one.end.as_ref()) - epoch(one.start.as_ref()),
        25 * 3600
    );
    // What ends before it begins.
    let one = event("DTSTART:20261124T120000Z\nDTEND:20261123T120000Z");
    assert_eq!(one.end, None);
    for bad in [
        "2026112",
        "20261324",
        "20261124T",
        "20261124T250000",
        "é",
        "",
        "20261124T12é0",
    ] {
        assert_eq!(event(&format!("DTSTART:{bad}")).start, None, "{bad}");
    }
}

#[test]
fn zones_that_come_along() {
    let zone = "BEGIN:VTIMEZONE\r\nTZID:Ours\r\n\
        BEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n\
        RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\n\
        BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n\
        RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n";
    for (local, expected) in [
        ("20261124T130000", 1_795_521_600),
        ("20260124T130000", 1_769_256_000),
        ("20260724T140000", 1_784_894_400),
    ] {
        let event = format!("BEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Ours:{local}\r\nEND:VEVENT\r\n");
        // Before the event or behind it.
        for text in [format!("{zone}{event}"), format!("{event}{zone}")] {
            let calendar = parse(&calendar(&text)).unwrap();
            assert_eq!(
                epoch(calendar.events[0].start.as_ref()),
                expected,
                "{local}"
            );
        }
    }
    let named = zone.replace("TZID:Ours", "TZID:Ours\r\nX-LIC-LOCATION:America/New_York");
    let text =
        format!("{named}BEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Ours:20261124T070000\r\nEND:VEVENT");
    let calendar = parse(&calendar(&text)).unwrap();
    assert_eq!(epoch(calendar.events[0].start.as_ref()), 1_795_521_600);
}

#[test]
fn rules() {
    let rule = |text: &str| event(&format!("RRULE:{text}")).recurrence;
    let monthly = rule("FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20271231T000000Z;WKST=MO").unwrap();
    assert_eq!(monthly.weekdays, [(-1, Weekday::Friday)]);
    assert_eq!(epoch(monthly.until.as_ref()), 1_830_211_200);
    assert!(!monthly.more);
    assert!(rule("FREQ=YEARLY;BYMONTHDAY=1").unwrap().more);
    assert!(rule("FREQ=DAILY;BYDAY=XX,MO").unwrap().more);
    assert_eq!(rule("FREQ=DAILY;INTERVAL=0").unwrap().interval, 1);
    for text in ["", "FREQ=SECONDLY", "INTERVAL=2", "FREQ"] {
        assert_eq!(rule(text), None, "{text}");
    }
}

#[test]
fn methods_and_single_dates() {
    let text = "BEGIN:VCALENDAR\nMETHOD:CANCEL\nBEGIN:VEVENT\nUID:1\n\
        RECURRENCE-ID;TZID=Europe/Berlin:20261124T130000\nSTATUS:CANCELLED\nEND:VEVENT\nEND:VCALENDAR";
    let found = parse(text).unwrap();
    assert_eq!(found.method, Some(Method::Cancel));
    assert_eq!(epoch(found.events[0].recurrence_id.as_ref()), 1_795_521_600);
    assert_eq!(found.events[0].status, Some(EventStatus::Cancelled));
    let found = parse(&text.replace("CANCEL\n", "reply\n")).unwrap();
    assert_eq!(found.method, Some(Method::Reply));
    let found = parse(&text.replace("METHOD:CANCEL\n", "")).unwrap();
    assert_eq!(found.method, None);
}

#[test]
fn what_is_no_calendar() {
    for text in [
        "",
        "BEGIN:VCALENDAR",
        "BEGIN:VCALENDAR\nEND:VCALENDAR",
        "BEGIN:VEVENT\nUID:1\nEND:VEVENT",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:no uid\nEND:VEVENT\nEND:VCALENDAR",
        "BEGIN:VCALENDAR\nBEGIN:VTODO\nUID:1\nEND:VTODO\nEND:VCALENDAR",
        "END:VCALENDAR\nEND:VEVENT\n\0\u{FEFF}",
    ] {
        assert_eq!(parse(text), None, "{text}");
    }
    // The end may be missing.
    assert!(parse("\u{FEFF}BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1").is_some());
}

#[test]
fn an_answer_reads_back() {
    let event = event(
        "SEQUENCE:3\nSUMMARY:Größe\\, \\;\\\\\nORGANIZER:mailto:jo@example.org\n\
        ATTENDEE;CN=\"Me ^'Myself^' and a name that is long enough to be folded twice ääääääääää\":\
        mailto:Me@example.net\n\
        RECURRENCE-ID;TZID=Europe/Berlin:20261124T130000\nDTSTART;VALUE=DATE:20261125",
    );
    for (answer, participation) in [
        (Answer::Accept, Participation::Accepted),
        (Answer::Tentative, Participation::Tentative),
        (Answer::Decline, Participation::Declined),
    ] {
        let text = reply(&event, "me@example.net", answer, "See\nyou", 1_795_521_600).unwrap();
        assert!(text.lines().all(|line| line.len() <= 75), "{text}");
        assert!(text.contains("DTSTAMP:20261124T120000Z\r\n"));
        let back = parse(&text).unwrap();
        assert_eq!(back.method, Some(Method::Reply));
        let back = &back.events[0];
        assert_eq!((&back.uid, back.sequence), (&event.uid, 3));
        assert_eq!(back.summary, "Größe, ;\\");
        assert_eq!(epoch(back.recurrence_id.as_ref()), 1_795_521_600);
        assert_eq!(back.start, event.start);
        assert_eq!(back.comment, "See you");
        assert_eq!(back.attendees.len(), 1);
        assert_eq!(back.attendees[0].participation, participation);
        assert_eq!(back.attendees[0].address.addr, "Me@example.net");
    }
}

#[test]
fn an_answer_names_the_event_however_its_uid_is_written() {
    let with = |uid: &str| {
        let text = format!(
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:{uid}\nORGANIZER:mailto:jo@example.org\n\
             DTSTART:20261124T120000Z\nEND:VEVENT\nEND:VCALENDAR"
        );
        parse(&text).unwrap().events.remove(0)
    };
    // Each of these is an octet more in the answer.
    for uid in [
        "a,b".to_owned(),
        ",".repeat(900),
        format!("{}x", "\\;".repeat(700)),
    ] {
        let event = with(&uid);
        let answer = reply(&event, "me@example.net", Answer::Accept, "", 0).unwrap();
        assert_eq!(parse(&answer).unwrap().events[0].uid, event.uid, "{uid}");
    }
    // Cut off, it would be another event's.
    let event = with(&"x".repeat(5000));
    assert_eq!(event.uid.len(), 1000);
    assert_eq!(reply(&event, "me@example.net", Answer::Accept, "", 0), None);
}

#[test]
fn nobody_writes_lines_into_an_answer() {
    let mut event = event("ORGANIZER;CN=x:mailto:jo@example.org");
    event.uid = "1\r\nX-EVIL:1".to_owned();
    event.summary = "\r\nX-EVIL:1".to_owned();
    event.attendees = vec![Attendee {
        address: Address {
            name: Some("\"\r\nX-EVIL:1".to_owned()),
            addr: "me@example.net".to_owned(),
        },
        participation: Participation::default(),
        optional: false,
        answer_wanted: false,
    }];
    let text = reply(&event, "me@example.net", Answer::Accept, "\r\nX-EVIL:1", 0).unwrap();
    assert!(!text.contains("\nX-EVIL"), "{text}");
    event.organizer = Some(Address {
        name: None,
        addr: "jo@example.org\r\nX-EVIL:1".to_owned(),
    });
    assert_eq!(reply(&event, "me@example.net", Answer::Accept, "", 0), None);
    event.organizer = None;
    assert_eq!(reply(&event, "me@example.net", Answer::Accept, "", 0), None);
}

#[test]
fn bombs() {
    let start = Busy::new();
    for piece in [
        "BEGIN:VEVENT\nUID:1\n",
        "BEGIN:VEVENT\n",
        "BEGIN:VTIMEZONE\n",
        "BEGIN:VTIMEZONE\nBEGIN:STANDARD\nEND:STANDARD\nEND:VTIMEZONE\n",
        "BEGIN:VEVENT\nUID:1\nDTSTART;TZID=Europe/Berlin:20261124T130000\nEND:VEVENT\n",
        "END:X\n",
        "ATTENDEE:mailto:a@b\n",
    ] {
        let text = calendar(&format!(
            "BEGIN:VEVENT\nUID:1\nATTENDEE:mailto:a@b\n{}",
            piece.repeat(50_000)
        ));
        let found = parse(&text);
        if let Some(found) = found {
            assert!(found.events.len() <= 100);
            assert!(
                found
                    .events
                    .iter()
                    .all(|event| event.attendees.len() <= 500)
            );
        }
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("BEGIN:VEVENT".to_owned()),
        Just("END:VEVENT".to_owned()),
        Just("BEGIN:VTIMEZONE\nTZID:Z\nBEGIN:STANDARD".to_owned()),
        Just("END:STANDARD\nEND:VTIMEZONE".to_owned()),
        "(DTSTART|DTEND|RECURRENCE-ID)(;TZID=(Z|Europe/Berlin))?:[0-9]{8}(T[0-9]{6}Z?)?",
        "DURATION:-?P[0-9]{0,12}[WDTHMS][0-9]{0,12}[WDTHMS]?",
        "RRULE:FREQ=(YEARLY|DAILY);BYMONTH=[0-9]{1,2};BYDAY=-?[0-9]{0,3}(SU|MO);UNTIL=[0-9]{8}",
        "TZOFFSET(TO|FROM):[+-][0-9]{4,6}",
        "(UID|SUMMARY|ORGANIZER|ATTENDEE|X)(;[A-Z]{1,3}=.{0,5})?:.{0,20}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn anything_at_all(pieces in proptest::collection::vec(piece(), 0..20), text in any::<String>()) {
        parse(&text);
        let text = calendar(&format!("BEGIN:VEVENT\nUID:1\n{}", pieces.join("\n")));
        if let Some(found) = parse(&text) {
            for event in &found.events {
                prop_assert!(!event.summary.contains('\n'));
                let answer = reply(event, "me@example.net", Answer::Accept, &text, 0);
                if let Some(answer) = answer {
                    let back = parse(&answer).unwrap();
                    prop_assert_eq!(&back.events[0].uid, event.uid.trim());
                    prop_assert_eq!(&back.events[0].recurrence_id.is_some(), &event.recurrence_id.is_some());
                }
            }
        }
    }
}
