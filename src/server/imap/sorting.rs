//! The order of a listing in one go: by the server's SORT where it has it (RFC 5256), else by
//! fetching what is sorted by and nothing more, up to a bound, beyond which the list stays by
//! arrival and says so. What is unread or starred first needs two searches and no sorting.

use super::answer::{Answer, Fetched, Untagged};
use super::change::found;
use super::connection::Connection;
use super::criteria::{Charset, Criteria, Demand, Depth};
use super::error::ImapError;
use super::search::search_once;
use super::wire::{Command, uid_sets};
use crate::mail::header::Header;
use crate::model::Sort;
use std::cmp::Reverse;

/// Messages that are sorted here, where the server cannot.
const OWN_LIMIT: usize = 10_000;
/// Sets of some 1,000 characters that one SORT may name.
const SETS_LIMIT: usize = 20;

/// UIDs, the first row's first.
#[derive(Debug)]
pub(super) struct Sorted {
    pub uids: Vec<u32>,
    pub unsorted: bool,
    pub ascii_only: bool,
}

/// Gets the order of `demand` in the mailbox that is open. `within`: of these messages only, as a
/// search key.
pub(super) async fn sort(
    connection: &mut Connection,
    demand: &Demand,
    within: &str,
) -> Result<Sorted, ImapError> {
    let careful = demand.attachment().is_some() || demand.apart().is_some();
    if demand.sort != Sort::Arrival && careful {
        // What one SEARCH or SORT cannot be trusted with.
        let found = by_arrival(connection, demand, within).await?;
        let sorted = sort_found(connection, demand.sort, &found.uids).await?;
        return Ok(Sorted {
            ascii_only: found.ascii_only,
            ..sorted
        });
    }
    match demand.sort {
        Sort::Arrival => by_arrival(connection, demand, within).await,
        Sort::UnreadFirst | Sort::StarredFirst => joined(connection, demand, within).await,
        Sort::Date | Sort::Sender | Sort::Subject | Sort::Size => {
            if connection.capabilities().has("SORT")
                && let Some(sorted) = by_server(connection, demand, within).await?
            {
                return Ok(sorted);
            }
            by_ourselves(connection, demand, within).await
        }
    }
}

/// Sorts messages that were found before.
pub(super) async fn sort_found(
    connection: &mut Connection,
    sort_by: Sort,
    found: &[u32],
) -> Result<Sorted, ImapError> {
    if found.is_empty() {
        return Ok(Sorted {
            uids: Vec::new(),
            unsorted: false,
            ascii_only: false,
        });
    }
    let demand = Demand {
        sort: sort_by,
        ..Demand::default()
    };
    let sets = uid_sets(found);
    if sets.len() <= SETS_LIMIT {
        let within = format!("UID {}", sets.join(","));
        return Box::pin(sort(connection, &demand, &within)).await;
    }
    // Too many to be named: all are sorted, and these picked from them.
    let mut sorted = Box::pin(sort(connection, &demand, "")).await?;
    let mut wanted = found.to_vec();
    wanted.sort_unstable();
    sorted.uids.retain(|uid| wanted.binary_search(uid).is_ok());
    Ok(sorted)
}

async fn by_arrival(
    connection: &mut Connection,
    demand: &Demand,
    within: &str,
) -> Result<Sorted, ImapError> {
    let (mut uids, charset) =
        search_once(connection, demand, Depth::Whole, Charset::Utf8, within).await?;
    uids.sort_unstable_by(|a, b| b.cmp(a));
    uids.dedup();
    Ok(Sorted {
        uids,
        unsorted: false,
        ascii_only: charset == Charset::Ascii,
    })
}

/// Those with the flag, then those without.
async fn joined(
    connection: &mut Connection,
    demand: &Demand,
    within: &str,
) -> Result<Sorted, ImapError> {
    let (first, rest) = match demand.sort {
        Sort::StarredFirst => ("FLAGGED", "UNFLAGGED"),
        _ => ("UNSEEN", "SEEN"),
    };
    let mut sorted = by_arrival(connection, demand, &format!("{within} {first}")).await?;
    let others = by_arrival(connection, demand, &format!("{within} {rest}")).await?;
    sorted.uids.extend(others.uids);
    Ok(sorted)
}

/// `None` where the server refuses this order.
async fn by_server(
    connection: &mut Connection,
    demand: &Demand,
    within: &str,
) -> Result<Option<Sorted>, ImapError> {
    let display = connection.capabilities().has("SORT=DISPLAY");
    // What is equal is in the order of the mailbox, whether REVERSE or not (section 3). So it is
    // asked for the wrong way round and turned here: the newest of equals are on top then, which a
    // second key would cost several times as much for.
    let order = match demand.sort {
        Sort::Date => "DATE",
        Sort::Size => "SIZE",
        Sort::Subject => "REVERSE SUBJECT",
        // FROM is what stands before the at sign; RFC 5957 has what people see.
        _ if display => "REVERSE DISPLAYFROM",
        _ => "REVERSE FROM",
    };
    let charsets = [Charset::Utf8, Charset::Ascii];
    for charset in charsets {
        let criteria = Criteria::of(demand, Depth::Whole, charset);
        match connection.run(criteria.sort(order, within)).await {
            Ok(answer) => {
                let mut uids = found(answer);
                uids.reverse();
                return Ok(Some(Sorted {
                    uids,
                    unsorted: false,
                    ascii_only: charset == Charset::Ascii,
                }));
            }
            Err(ImapError::Refused { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

async fn by_ourselves(
    connection: &mut Connection,
    demand: &Demand,
    within: &str,
) -> Result<Sorted, ImapError> {
    let mut sorted = by_arrival(connection, demand, within).await?;
    if sorted.uids.len() > OWN_LIMIT {
        sorted.unsorted = true;
        return Ok(sorted);
    }
    let items = match demand.sort {
        Sort::Size => "(UID RFC822.SIZE)",
        Sort::Sender => "(UID BODY.PEEK[HEADER.FIELDS (FROM)])",
        Sort::Subject => "(UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])",
        _ => "(UID INTERNALDATE BODY.PEEK[HEADER.FIELDS (DATE)])",
    };
    let mut keys: Vec<(SortKey, Reverse<u32>)> = Vec::with_capacity(sorted.uids.len());
    for set in uid_sets(&sorted.uids) {
        let command = Command::new("UID FETCH").raw(&format!(" {set} {items}"));
        collect(
            connection.run(command.patiently()).await?,
            demand.sort,
            &mut keys,
        );
    }
    keys.sort_unstable();
    keys.dedup();
    sorted.uids = keys.into_iter().map(|(_, Reverse(uid))| uid).collect();
    Ok(sorted)
}

/// What rows are compared by; the least is on top.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum SortKey {
    Descending(Reverse<i64>),
    Text(String),
}

fn collect(answer: Answer, sort: Sort, keys: &mut Vec<(SortKey, Reverse<u32>)>) {
    for data in answer.untagged {
        if let Untagged::Fetch(fetched) = data
            && let Some(uid) = fetched.uid
            // A change of flags, told unasked.
            && (fetched.size.is_some() || !fetched.sections.is_empty())
        {
            keys.push((sort_key(*fetched, sort), Reverse(uid)));
        }
    }
}

fn sort_key(mut fetched: Fetched, sort: Sort) -> SortKey {
    let header = fetched.take("HEADER").unwrap_or_default();
    let header = Header::parse(&header);
    match sort {
        Sort::Size => SortKey::Descending(Reverse(i64::from(fetched.size.unwrap_or_default()))),
        Sort::Sender => SortKey::Text(
            header
                .from()
                .first()
                .map(|from| from.label().trim().to_lowercase())
                .unwrap_or_default(),
        ),
        Sort::Subject => SortKey::Text(base_subject(&header.subject())),
        _ => {
            let arrived = fetched.internal_date.unwrap_or_default();
            SortKey::Descending(Reverse(header.date().unwrap_or(arrived)))
        }
    }
}

/// A subject without what answering puts before it, for comparing: enough of RFC 5256, section
/// 2.1, and the German ones.
fn base_subject(subject: &str) -> String {
    let lower = subject.to_lowercase();
    let mut rest = lower.trim();
    while let Some(next) = ["re:", "aw:", "fwd:", "fw:", "wg:", "antw:"]
        .into_iter()
        .find_map(|prefix| rest.strip_prefix(prefix))
    {
        rest = next.trim_start();
    }
    rest.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_compared_without_answers() {
        assert_eq!(base_subject("Re: AW: Fwd:Größe"), "größe");
        assert_eq!(base_subject("Regen"), "regen");
    }

    #[test]
    fn own_keys() {
        let fetched = |uid, size, header: &str| {
            Untagged::Fetch(Box::new(Fetched {
                uid: Some(uid),
                size: Some(size),
                internal_date: Some(5),
                sections: vec![super::super::answer::Section {
                    name: "HEADER".to_owned(),
                    origin: None,
                    octets: header.as_bytes().to_vec(),
                }],
                ..Fetched::default()
            }))
        };
        let order = |sort| {
            let answer = Answer {
                code: None,
                untagged: vec![
                    fetched(
                        1,
                        10,
                        "From: Zoe <a@b>\r\nSubject: b\r\nDate: 24 Nov 2026 12:00:00 GMT\r\n",
                    ),
                    fetched(2, 30, "From: anna@x\r\nSubject: Re: A\r\n"),
                    fetched(3, 10, "From: Bert <z@z>\r\nSubject: a\r\n"),
                ],
            };
            let mut keys = Vec::new();
            collect(answer, sort, &mut keys);
            keys.sort_unstable();
            keys.into_iter()
                .map(|(_, Reverse(uid))| uid)
                .collect::<Vec<_>>()
        };
        assert_eq!(order(Sort::Size), [2, 3, 1]);
        assert_eq!(order(Sort::Sender), [2, 3, 1]);
        assert_eq!(order(Sort::Subject), [3, 2, 1]);
        assert_eq!(order(Sort::Date), [1, 3, 2]);
    }
}
