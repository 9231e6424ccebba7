//! Streams made here, whole, cut off and broken.

use super::*;
use crate::mail::busy::Busy;
use proptest::prelude::*;

fn attribute(level: u8, id: u32, data: &[u8]) -> Vec<u8> {
    let mut out = vec![level];
    out.extend(id.to_le_bytes());
    out.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
    out.extend(data);
    let sum = data
        .iter()
        .fold(0_u16, |sum, b| sum.wrapping_add(u16::from(*b)));
    out.extend(sum.to_le_bytes());
    out
}

fn stream(attributes: &[Vec<u8>]) -> Vec<u8> {
    let mut out = SIGNATURE.to_le_bytes().to_vec();
    out.extend([1, 0]);
    out.extend(attributes.concat());
    out
}

fn fixed(kind: u16, id: u16, value: u32) -> Vec<u8> {
    [
        &kind.to_le_bytes()[..],
        &id.to_le_bytes(),
        &value.to_le_bytes(),
    ]
    .concat()
}

fn variable(kind: u16, id: u16, value: &[u8]) -> Vec<u8> {
    let length = u32::try_from(value.len()).unwrap();
    let mut out = [
        &kind.to_le_bytes()[..],
        &id.to_le_bytes(),
        &[1, 0, 0, 0],
        &length.to_le_bytes(),
        value,
    ]
    .concat();
    out.resize(out.len().next_multiple_of(4), 0);
    out
}

fn unicode(id: u16, text: &str) -> Vec<u8> {
    let units: Vec<u8> = text
        .encode_utf16()
        .chain([0])
        .flat_map(u16::to_le_bytes)
        .collect();
    variable(0x1F, id, &units)
}

fn properties(list: &[Vec<u8>]) -> Vec<u8> {
    let mut out = u32::try_from(list.len()).unwrap().to_le_bytes().to_vec();
    out.extend(list.concat());
    out
}

fn named() -> Vec<u8> {
    let mut out = vec![0x1E, 0, 0x01, 0x80];
    out.extend([7; 16]);
    out.extend([1, 0, 0, 0, 6, 0, 0, 0]);
    out.extend(b"a\0b\0\0\0\0\0");
    out.extend([1, 0, 0, 0, 3, 0, 0, 0]);
    out.extend(b"xy\0\0");
    out
}

fn whole() -> Vec<u8> {
    stream(&[
        attribute(1, 0x0006_9007, &1252_u32.to_le_bytes()),
        attribute(1, 0x0001_8004, b"Gr\xfc\xdfe\0"),
        attribute(
            1,
            0x0006_9003,
            &properties(&[
                fixed(0x03, 0x3FDE, 65001),
                named(),
                fixed(0x0B, 0x0E1F, 1),
                variable(0x0102, 0x1013, "<p>für</p>".as_bytes()),
            ]),
        ),
        attribute(2, 0x0006_9002, &[0; 14]),
        attribute(2, 0x0001_8010, b"LONGNA~1.PDF\0"),
        attribute(2, 0x0006_800F, b"%PDF-1"),
        attribute(
            2,
            0x0006_9005,
            &properties(&[
                unicode(0x3707, "Ein langer Name für ../alle.pdf"),
                variable(0x1E, 0x370E, b"Application/PDF\0"),
                variable(0x1E, 0x3712, b"<p@x>\0"),
            ]),
        ),
        attribute(2, 0x0006_9002, &[0; 14]),
        attribute(
            2,
            0x0006_9005,
            &properties(&[variable(0x0D, 0x3701, &[&[9; 16][..], b"inner"].concat())]),
        ),
        attribute(2, 0x0006_9002, &[0; 14]),
    ])
}

#[test]
fn a_whole_stream() {
    let stream = whole();
    let found = parse(&stream).unwrap();
    assert_eq!(found.subject, "Grüße");
    assert_eq!(found.html.as_deref(), Some("<p>für</p>"));
    assert_eq!(found.text, None);
    let [pdf, message] = found.attachments.as_slice() else {
        panic!("{found:?}");
    };
    assert!(pdf.name.starts_with("Ein langer Name für"), "{}", pdf.name);
    assert!(!pdf.name.contains('/'));
    assert_eq!(pdf.mime, "application/pdf");
    assert_eq!(pdf.content_id.as_deref(), Some("p@x"));
    assert_eq!(&stream[pdf.data.clone()], b"%PDF-1");
    assert_eq!(message.mime, "application/ms-tnef");
    assert_eq!(&stream[message.data.clone()], b"inner");
}

#[test]
fn bodies() {
    let body = parse(&stream(&[attribute(1, 0x0002_800C, b"text\r\nof it\0")])).unwrap();
    assert_eq!(body.text.as_deref(), Some("text\nof it"));
    let rtf = b"\0\0\0\0\x20\0\0\0MELA\0\0\0\0{\\rtf1 hello\\par you}";
    let body = parse(&stream(&[attribute(
        1,
        0x0006_9003,
        &properties(&[variable(0x0102, 0x1009, rtf)]),
    )]))
    .unwrap();
    assert_eq!(body.text.as_deref(), Some("hello\nyou"));
    let body = parse(&stream(&[attribute(
        1,
        0x0006_9003,
        &properties(&[unicode(0x1000, "für\u{0}x"), unicode(0x0037, "S")]),
    )]))
    .unwrap();
    assert_eq!(body.text.as_deref(), Some("für"));
    assert_eq!(body.subject, "S");
}

#[test]
fn streams_that_are_cut_off_or_none() {
    let stream = whole();
    for end in 0..stream.len() {
        let found = parse(&stream[..end]);
        assert_eq!(found.is_some(), end >= 6);
        for file in found.unwrap_or_default().attachments {
            assert!(file.data.end <= end && file.data.start <= file.data.end);
        }
    }
    assert_eq!(parse(b"PK\x03\x04 not this"), None);
}

#[test]
fn many_attributes_are_bounded() {
    let start = Busy::new();
    let file = [
        attribute(2, 0x0006_9002, &[]),
        attribute(2, 0x0006_800F, b"x"),
    ]
    .concat();
    let found = parse(&stream(&[file.repeat(100_000)])).unwrap();
    assert!(found.attachments.len() <= ATTACHMENT_LIMIT);
    let many = [&u32::MAX.to_le_bytes()[..], &fixed(3, 1, 1).repeat(100_000)].concat();
    parse(&stream(&[attribute(1, 0x0006_9003, &many)]));
    let values = [
        &[1, 0, 0, 0, 0x1E, 0x10, 1, 0, 0xff, 0xff, 0xff, 0xff][..],
        &vec![0; 400_000],
    ]
    .concat();
    parse(&stream(&[attribute(1, 0x0006_9003, &values)]));
    let nothing = attribute(
        1,
        0x0006_9003,
        &[&[1, 0, 0, 0, 0x02, 0x10, 1, 0][..], &u32::MAX.to_le_bytes()].concat(),
    );
    parse(&stream(&[nothing.repeat(20_000)]));
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

proptest! {
    #[test]
    fn any_octets_at_all(octets in proptest::collection::vec(any::<u8>(), 0..200), at in 0_usize..1000, change in any::<u8>()) {
        parse(&octets);
        parse(&stream(&[attribute(2, 0x0006_9002, &[]), attribute(2, 0x0006_9005, &octets)]));
        let mut changed = whole();
        let at = at % changed.len();
        changed[at] = change;
        for file in parse(&changed).unwrap_or_default().attachments {
            prop_assert!(changed.get(file.data.clone()).is_some());
            prop_assert!(!file.name.is_empty());
        }
    }
}
