//! What belongs together and what does not, in any order, and however somebody tries.

use super::*;
use crate::mail::busy::Busy;
use proptest::prelude::*;
use std::time::Duration;

fn named(id: &str, references: &[&str]) -> Named {
    Named {
        message_id: (!id.is_empty()).then(|| id.to_owned()),
        references: references.iter().map(ToString::to_string).collect(),
    }
}

/// The conversations as keys, the newest first. Dates are the keys.
fn threads(messages: &[(u32, &str, &[&str])]) -> Vec<Vec<u32>> {
    let mut threader = Threader::default();
    for (uid, id, references) in messages {
        threader.add(*uid, i64::from(*uid), &named(id, references));
    }
    threader
        .conversations()
        .into_iter()
        .map(|conversation| conversation.members)
        .collect()
}

#[test]
fn answers_belong_to_what_they_answer() {
    let found = threads(&[
        (1, "a", &[]),
        (2, "b", &["a"]),
        (3, "x", &[]),
        (4, "c", &["a", "b"]),
        (5, "y", &["x"]),
    ]);
    assert_eq!(found, [vec![3, 5], vec![1, 2, 4]]);
}

#[test]
fn a_missing_message_joins_those_who_name_it() {
    let found = threads(&[
        (1, "a", &["gone"]),
        (2, "b", &["gone", "also"]),
        (3, "c", &["also"]),
    ]);
    assert_eq!(found, [vec![1, 2, 3]]);
}

#[test]
fn messages_without_any_id_stay_alone() {
    assert_eq!(
        threads(&[(1, "", &[]), (2, "", &[]), (3, "", &["a"]), (4, "a", &[])]),
        [vec![3, 4], vec![2], vec![1]]
    );
}

#[test]
fn loops_and_copies_do_no_harm() {
    let found = threads(&[
        (1, "a", &["b"]),
        (2, "b", &["a"]),
        (3, "c", &["c"]),
        (4, "d", &["e", "d", "e"]),
        (5, "a", &[]),
    ]);
    assert_eq!(found, [vec![1, 2, 5], vec![4], vec![3]]);
}

#[test]
fn dates_order_and_not_the_keys() {
    let mut threader = Threader::default();
    threader.add(1, 300, &named("a", &[]));
    threader.add(2, 100, &named("b", &["a"]));
    threader.add(3, 200, &named("c", &[]));
    let found = threader.conversations();
    assert_eq!(
        found[0],
        Conversation {
            members: vec![2, 1],
            latest: 300
        }
    );
    assert_eq!(
        found[1],
        Conversation {
            members: vec![3],
            latest: 200
        }
    );
}

#[test]
fn in_reply_to_counts_where_there_are_no_references() {
    let of = |text: &str| Named::from_header(&Header::parse(text.as_bytes()));
    assert_eq!(
        of(
            "Message-ID: <m@x>\r\nReferences: <a@x> <b@x>\r\nIn-Reply-To: <c@x>\r\nSubject: Re: S\r\n"
        ),
        named("m@x", &["a@x", "b@x"])
    );
    assert_eq!(
        of("In-Reply-To: <c@x> <d@x>\r\nReferences: none\r\n"),
        named("", &["c@x"])
    );
    assert_eq!(of("Subject: Re: Invoice\r\n"), named("", &[]));
}

#[test]
fn what_is_known_otherwise_is_joined() {
    let mut threader = Threader::default();
    for (uid, id) in [(1, "a"), (2, "b"), (3, "c")] {
        threader.add(uid, 0, &named(id, &[]));
    }
    threader.join_all(|uid| *uid != 2);
    let mut found: Vec<_> = threader
        .conversations()
        .into_iter()
        .map(|c| c.members)
        .collect();
    found.sort();
    assert_eq!(found, [vec![1, 3], vec![2]]);
}

#[test]
fn of_very_many_references_the_first_and_the_last_count() {
    let many: Vec<String> = (0..10_000).map(|n| n.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let found = threads(&[
        (1, "0", &[]),
        (2, "5000", &[]),
        (3, "9999", &[]),
        (4, "m", &many),
    ]);
    assert_eq!(found, [vec![1, 3, 4], vec![2]]);
}

/// Bombs: chains in every order, everybody naming everybody, long ids. Generous for a debug build on
/// a busy machine; a quadratic algorithm would take minutes.
#[test]
fn hostile_mail_takes_no_time() {
    let started = Busy::new();
    let count: u32 = 30_000;
    for order in [0, 1, 2] {
        let mut threader = Threader::default();
        for step in 0..count {
            let uid = match order {
                0 => step,
                1 => count - step,
                _ => u32::try_from(u64::from(step) * 48_271 % u64::from(count)).unwrap(),
            };
            let (id, before) = (uid.to_string(), uid.wrapping_sub(1).to_string());
            threader.add(uid, 0, &named(&id, &[&before]));
        }
        assert_eq!(threader.conversations().len(), 1);
    }
    let long: Vec<String> = (0..200)
        .map(|n| format!("{n}{}", "x".repeat(900)))
        .collect();
    let long: Vec<&str> = long.iter().map(String::as_str).collect();
    let mut threader = Threader::default();
    for uid in 0..2_000 {
        threader.add(uid, 0, &named("", &long));
    }
    assert_eq!(threader.conversations().len(), 1);
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{:?}",
        started.elapsed()
    );
}

/// Few ids, so that all kinds of meetings happen.
fn mailbox() -> impl Strategy<Value = Vec<(i64, Named)>> {
    let id = || {
        prop::sample::select(vec![
            "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l",
        ])
    };
    let one = (
        0_i64..5,
        prop::option::of(id()),
        prop::collection::vec(id(), 0..4),
    )
        .prop_map(|(date, own, references)| (date, named(own.unwrap_or_default(), &references)));
    prop::collection::vec(one, 0..40)
}

fn found(mailbox: impl Iterator<Item = (usize, (i64, Named))>) -> Vec<Conversation<usize>> {
    let mut threader = Threader::default();
    for (key, (date, named)) in mailbox {
        threader.add(key, date, &named);
    }
    threader.conversations()
}

proptest! {
    #[test]
    fn every_message_is_in_one_conversation(mailbox in mailbox()) {
        let count = mailbox.len();
        let conversations = found(mailbox.into_iter().enumerate());
        let mut keys: Vec<usize> = conversations.iter().flat_map(|c| c.members.clone()).collect();
        keys.sort_unstable();
        prop_assert_eq!(keys, (0..count).collect::<Vec<_>>());
        prop_assert!(conversations.windows(2).all(|pair| pair[0].latest >= pair[1].latest));
    }

    #[test]
    fn the_order_of_messages_means_nothing(mailbox in mailbox(), turn in 0_usize..40) {
        let there = found(mailbox.clone().into_iter().enumerate());
        let mut turned: Vec<_> = mailbox.into_iter().enumerate().collect();
        turned.reverse();
        let middle = turn.min(turned.len());
        turned.rotate_left(middle);
        prop_assert_eq!(there, found(turned.into_iter()));
    }

    /// Two messages are together exactly if a chain of shared names leads from one to the other.
    #[test]
    fn only_names_join(mailbox in mailbox()) {
        let share = |one: &Named, other: &Named| {
            let ids = |named: &Named| -> Vec<String> {
                named.references.iter().chain(&named.message_id).cloned().collect()
            };
            ids(one).iter().any(|id| ids(other).contains(id))
        };
        let count = mailbox.len();
        let mut group: Vec<usize> = (0..count).collect();
        // Until nothing changes any more.
        let mut before = Vec::new();
        while before != group {
            before.clone_from(&group);
            for one in 0..count {
                for other in 0..count {
                    if share(&mailbox[one].1, &mailbox[other].1) {
                        let low = group[one].min(group[other]);
                        (group[one], group[other]) = (low, low);
                    }
                }
            }
        }
        for conversation in found(mailbox.into_iter().enumerate()) {
            let low = group[conversation.members[0]];
            let size = group.iter().filter(|other| **other == low).count();
            prop_assert!(conversation.members.iter().all(|key| group[*key] == low));
            prop_assert_eq!(conversation.members.len(), size);
        }
    }
}
