//! What is kept of rows: that it is the right user's, folder's and message's, and bounded.

use super::*;
use crate::model::Flags;

fn selected(name: &str, uid_validity: u32) -> Selected {
    Selected {
        uid_validity,
        ..Selected::new(name)
    }
}

fn row(uid: u32, ordinal: u32) -> RawRow {
    RawRow {
        uid,
        ordinal,
        header: format!("Subject: {uid}\r\n").into_bytes(),
        size: 9,
        ..RawRow::default()
    }
}

fn keep(headers: &Headers, selected: &Selected, rows: &[RawRow]) {
    headers.keep(selected, rows.to_vec().iter_mut(), true);
}

#[test]
fn a_row_is_completed_by_its_uid_and_keeps_its_own_flags() {
    let headers = Headers::new(Arc::default());
    let inbox = selected("INBOX", 7);
    let read = Flags {
        seen: true,
        ..Flags::default()
    };
    keep(
        &headers,
        &inbox,
        &[RawRow {
            flags: read,
            has_attachment: Some(true),
            ..row(5, 2)
        }],
    );
    let mut rows = [bare(5), bare(6)];
    rows[0].ordinal = 1;
    assert_eq!(headers.complete(&inbox, &mut rows), [6]);
    let overview = rows[0].overview.as_ref().unwrap();
    assert_eq!(overview.subject, "5");
    assert_eq!((rows[0].ordinal, rows[0].size), (1, 9));
    assert_eq!(
        (rows[0].flags, rows[0].has_attachment),
        (Flags::default(), None)
    );
    assert!(rows[1].overview.is_none());
}

#[test]
fn a_row_is_read_once_and_only_what_it_says_is_kept() {
    let headers = Headers::new(Arc::default());
    let inbox = selected("INBOX", 7);
    let mut fetched = [RawRow {
        part_text: b"Hello\r\n".to_vec(),
        flags: Flags {
            seen: true,
            ..Flags::default()
        },
        ..row(5, 2)
    }];
    headers.keep(&inbox, fetched.iter_mut(), true);
    let mut rows = [bare(5)];
    assert!(headers.complete(&inbox, &mut rows).is_empty());
    let overview = rows[0].overview.as_ref().unwrap();
    assert!(Arc::ptr_eq(overview, fetched[0].overview.as_ref().unwrap()));
    assert_eq!((&*overview.subject, &*overview.snippet), ("5", "Hello"));
    assert!(rows[0].part_text.is_empty() && rows[0].header.is_empty());
}

#[test]
fn nothing_is_known_of_another_folder_or_under_another_uidvalidity() {
    let headers = Headers::new(Arc::default());
    keep(&headers, &selected("INBOX", 7), &[row(5, 2)]);
    for other in [selected("Sent", 7), selected("INBOX", 8)] {
        assert_eq!(headers.complete(&other, &mut [bare(5)]), [5]);
        assert!(!headers.expects(&other, 2, 2));
    }
    keep(&headers, &selected("INBOX", 8), &[row(1, 1)]);
    assert_eq!(headers.complete(&selected("INBOX", 7), &mut [bare(5)]), [5]);
    assert_eq!(headers.budget.figures().rows, 1);
}

#[test]
fn ranges_that_are_known_for_the_most_part_are_expected() {
    let headers = Headers::new(Arc::default());
    let inbox = selected("INBOX", 7);
    let rows: Vec<RawRow> = (51..=100).map(|number| row(number * 10, number)).collect();
    keep(&headers, &inbox, &rows);
    assert!(headers.expects(&inbox, 51, 100));
    // Three have come since.
    assert!(headers.expects(&inbox, 54, 103));
    assert!(!headers.expects(&inbox, 1, 50));
    assert!(!headers.expects(&inbox, 99, 148));
}

#[test]
fn a_user_has_bounded_room_and_the_oldest_goes_first() {
    let headers = Headers::new(Arc::default());
    let inbox = selected("INBOX", 7);
    for page in 0..200 {
        let rows: Vec<RawRow> = (1..=50)
            .map(|number| row(page * 50 + number, page * 50 + number))
            .collect();
        keep(&headers, &inbox, &rows);
    }
    let figures = headers.budget.figures();
    assert!(figures.octets <= USER_LIMIT && figures.rows > 100 && figures.evicted > 1_000);
    assert!(headers.complete(&inbox, &mut [bare(10_000)]).is_empty());
    assert_eq!(headers.complete(&inbox, &mut [bare(1)]), [1]);
    assert!(headers.lock().folders["INBOX"].places.len() <= figures.rows * 2 + 64);
    drop(row(1, 1));
    let budget = headers.budget.clone();
    drop(headers);
    assert_eq!((budget.figures().octets, budget.figures().rows), (0, 0));
}

#[test]
fn all_users_have_bounded_room_together() {
    let budget = Arc::new(Budget::new(20_000));
    let users: Vec<Headers> = (0..10).map(|_| Headers::new(budget.clone())).collect();
    let inbox = selected("INBOX", 7);
    for round in 0..20 {
        for user in &users {
            let uid = round + 1;
            keep(user, &inbox, &[row(uid, uid)]);
        }
    }
    assert!(budget.figures().octets <= 20_000 + users.len() * 400);
    keep(
        &users[0],
        &inbox,
        &[RawRow {
            header: [b"Subject: ".as_slice(), &[b'x'; ROW_LIMIT]].concat(),
            ..row(99, 99)
        }],
    );
    assert_eq!(users[0].complete(&inbox, &mut [bare(99)]), [99]);
}

#[test]
fn what_nobody_looks_at_goes() {
    let headers = Headers::new(Arc::default());
    let inbox = selected("INBOX", 7);
    keep(&headers, &inbox, &[row(5, 2)]);
    headers.sweep();
    assert!(headers.expects(&inbox, 2, 2));
    headers.sweep_at(Instant::now() + LIFE);
    assert!(!headers.expects(&inbox, 2, 2));
    assert_eq!(headers.budget.figures().octets, 0);
    assert_eq!(headers.lock().octets, 0);
}
