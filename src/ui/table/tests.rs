use super::*;
use crate::model::{Flags, Stamp};

fn row(ordinal: u32, uid: u32) -> Envelope {
    Envelope {
        uid,
        ordinal,
        others: Vec::new(),
        flags: Flags::default(),
        from: Vec::new(),
        to: Vec::new(),
        subject: String::new(),
        date: Stamp::default(),
        size: 0,
        attachment: false,
        snippet: String::new(),
    }
}

/// Rows `first..=last` of a list of `total`, whose UIDs are the ordinals plus `shift`.
fn window(total: u32, first: u32, last: u32, shift: u32) -> Window {
    Window {
        folder: "INBOX".to_owned(),
        uid_validity: 1,
        total,
        page: 1,
        pages: 1,
        envelopes: (first..=last.min(total))
            .rev()
            .map(|ordinal| row(ordinal, ordinal + shift))
            .collect(),
        notes: None,
    }
}

fn span(first: u32, last: u32) -> Span {
    Span { first, last }
}

#[test]
fn what_arrives_moves_no_row() {
    let mut table = Table::new(&window(100, 51, 100, 1000));
    assert_eq!(table.position(1100), Some(1));
    table.doubt();
    table.merge(&window(102, 90, 102, 1000), span(90, 140), table.epoch());
    assert_eq!(table.total(), 102);
    assert_eq!(table.position(1100), Some(3));
    assert_eq!(table.row(1051).map(|row| row.ordinal), Some(51));
    assert_eq!(
        table.places(span(101, 105)),
        [Place::Row(1102), Place::Row(1101)]
    );
}

#[test]
fn one_goes_on_from_where_a_row_was() {
    let mut table = Table::new(&window(3, 1, 3, 10));
    table.keep(12);
    let rest = Window {
        envelopes: vec![row(2, 13), row(1, 11)],
        ..window(2, 1, 2, 0)
    };
    table.merge(&rest, span(1, 3), 0);
    let beside = |uid| [-1, 1].map(|by| table.beside(uid, by, |_| true));
    assert_eq!(beside(12), [Some(13), Some(11)]);
    assert_eq!(beside(99), [None, None]);
    assert!(table.has_left(12, &rest, false) && !table.has_left(13, &rest, true));
}

#[test]
fn what_left_is_told_as_far_as_it_is_known() {
    let known = window(100, 51, 100, 0);
    let table = Table::new(&known);
    assert!(!table.has_left(7, &known, true) && !table.has_left(200, &known, true));
    let mut gap = known.clone();
    gap.envelopes.retain(|row| row.uid != 70);
    let table = Table::new(&gap);
    assert!(table.has_left(70, &gap, true) && !table.has_left(70, &gap, false));
}

#[test]
fn what_is_missing_in_between_is_told() {
    let mut table = Table::new(&window(100, 96, 100, 0));
    assert_eq!(table.within(span(99, 100)), (vec![100, 99], None));
    table.merge(&window(100, 90, 91, 0), span(90, 91), 0);
    let (known, missing) = table.within(span(91, 97));
    assert_eq!((known, missing), (vec![97, 96, 91], Some(span(92, 95))));
}

#[test]
fn what_has_gone_is_nobodys_neighbour() {
    let table = Table::new(&window(100, 51, 100, 1000));
    assert_eq!(table.beside(1099, 1, |_| true), Some(1098));
    assert_eq!(table.beside(1097, -1, |uid| uid != 1098), Some(1099));
    assert_eq!(table.beside(1100, -1, |_| true), None);
    assert_eq!(table.beside(1051, 1, |_| true), None);
    assert_eq!(table.beside(7, 1, |_| true), None);
}

#[test]
fn what_leaves_makes_all_else_unknown() {
    let mut table = Table::new(&window(100, 51, 100, 1000));
    table.doubt();
    // UID 1080 has gone: those above stand one lower.
    table.merge(&window(99, 70, 79, 1000), span(70, 79), table.epoch());
    assert_eq!(table.total(), 99);
    assert_eq!(table.places(span(80, 80)), [Place::Unknown(80)]);
    assert_eq!(table.position(1079), Some(21));
}

#[test]
fn as_many_come_as_leave_is_noticed() {
    let mut table = Table::new(&window(100, 51, 100, 1000));
    table.doubt();
    table.merge(&window(100, 91, 100, 1001), span(91, 100), table.epoch());
    assert_eq!(table.places(span(60, 60)), [Place::Unknown(60)]);
    assert_eq!(table.position(1101), Some(1));
}

#[test]
fn only_what_is_missing_is_asked_for() {
    let mut table = Table::new(&window(1000, 951, 1000, 0));
    assert_eq!(table.missing(span(980, 1000)), None);
    let asked = table.missing(span(400, 430)).unwrap();
    assert!(asked.covers(span(400, 430)), "{asked:?}");
    assert!(asked.last - asked.first < ASK_LIMIT);
    table.doubt();
    let asked = table.missing(span(980, 1000)).unwrap();
    assert!(asked.covers(span(980, 1000)) && asked.last > 1000);
    // What was asked for before the doubt does not settle it.
    table.merge(&window(1000, 951, 1000, 0), span(951, 1000), 0);
    assert!(table.missing(span(980, 1000)).is_some());
    let epoch = table.epoch();
    table.merge(&window(1000, 951, 1000, 0), span(951, 1000), epoch);
    assert_eq!(table.missing(span(980, 1000)), None);
}

#[test]
fn a_place_that_the_server_does_not_fill_is_not_asked_for_without_end() {
    let mut table = Table::new(&window(100, 51, 100, 0));
    table.merge(&window(50, 1, 50, 0), span(1, 90), 0);
    assert_eq!(table.missing(span(1, 50)), None);
    assert_eq!(Table::new(&window(0, 1, 0, 0)).missing(span(1, 0)), None);
}

#[test]
fn the_window_moves_in_steps() {
    assert_eq!(visible(100_000, 0.0, 840.0, 84.0), span(99_981, 100_000));
    assert_eq!(visible(100_000, 84.0, 840.0, 84.0).last, 100_000);
    let middle = visible(100_000, 4_200_000.0, 840.0, 84.0);
    assert!(middle.covers(span(49_991, 50_000)), "{middle:?}");
    assert_eq!(visible(3, 0.0, 840.0, 84.0), span(1, 3));
    assert_eq!(visible(0, 0.0, 840.0, 84.0), span(1, 0));
    assert_eq!(visible(10, 1e12, 840.0, 84.0).first, 1);
}

#[test]
fn a_row_that_is_cut_counts() {
    let counts = [0.0, 1.0, 84.0, 85.0, -3.0].map(|top| rows_in(top, 84.0));
    assert_eq!(counts, [0, 1, 1, 2, 0]);
    assert_eq!(rows_in(100.0, 0.0), 0);
}

#[test]
fn people_are_told_once_those_of_the_newest_first() {
    let mut window = window(3, 1, 3, 0);
    let person = |addr: &str| Address {
        name: None,
        addr: addr.to_owned(),
    };
    for (row, addr) in window.envelopes.iter_mut().zip(["a@x", "b@x", "A@X"]) {
        row.from = vec![person(addr), person(""), person("\"odd one\"@x")];
        row.to = vec![person("me@x")];
    }
    let people = Table::new(&window).people();
    let addresses: Vec<_> = people.iter().map(|one| one.addr.as_str()).collect();
    assert_eq!(addresses, ["a@x", "me@x", "b@x"]);
}

#[test]
fn memory_is_bounded_around_what_is_shown() {
    let mut table = Table::new(&window(100_000, 1, 6_000, 0));
    table.trim(span(5_900, 5_950));
    assert_eq!(table.rows.len(), KEEP_LIMIT);
    assert!(table.row(5_950).is_some() && table.row(1).is_none());
}

#[test]
fn what_a_row_stood_for_is_known_when_the_row_is_not() {
    let mut known = window(100, 51, 100, 0);
    known.envelopes[20].others = vec![7, 9];
    let mut table = Table::new(&known);
    assert_eq!(table.others(80), [7, 9]);
    table.doubt();
    table.merge(&window(99, 51, 60, 0), span(51, 60), table.epoch());
    assert!(table.row(80).is_none());
    assert_eq!(table.others(80), [7, 9]);
    assert!(table.others(81).is_empty());
    table.keep_others(true);
    assert_eq!(table.others(80), [7, 9]);
    table.keep_others(false);
    assert!(table.others(80).is_empty());
}
