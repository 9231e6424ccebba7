//! Conversations of a large folder, kept true with what came and went: gathering them anew costs
//! the server a fifth of a second for a hundred thousand messages, and people delete one mail after
//! the other. Which messages are left the server says in a few ranges (ESEARCH), and what came is
//! put to the conversations it names. Where that is not certain nothing is followed, and all is
//! gathered anew.

use super::answer::Untagged;
use super::connection::Connection;
use super::conversations::Grouping;
use super::error::ImapError;
use super::names::{name_items, names};
use super::shelf::Listing;
use super::thread::Conversations;
use super::view::Selected;
use super::wire::Command;
use std::collections::{BTreeSet, HashMap, HashSet};

/// More new messages than this are no trickle.
const NEW_LIMIT: u32 = 200;
/// Among so many of the newest messages those are looked for that a new one follows.
const WINDOW: u32 = 2_000;

/// The conversations of `old` as they are now, with the folder open and up to date; `None` where
/// they have to be gathered anew.
pub(super) async fn follow(
    connection: &mut Connection,
    selected: &Selected,
    old: &Listing,
) -> Result<Option<Conversations>, ImapError> {
    let able = ["ESEARCH", "THREAD=REFS"]
        .iter()
        .all(|name| connection.capabilities().has(name));
    let fits = old.grouping == Grouping::Best
        && old.complete
        && old.uid_validity == selected.uid_validity
        && selected.exists <= old.exists.saturating_add(NEW_LIMIT)
        && selected.exists > 0;
    if !able || !fits {
        return Ok(None);
    }
    let since = old.highest.saturating_add(1);
    let answers = connection
        .run_all(&[
            Command::new("UID SEARCH").raw(" RETURN (ALL) ALL"),
            // Names the last message even if nothing is new.
            Command::new("UID FETCH").raw(&format!(" {since}:* {}", name_items())),
        ])
        .await?;
    let mut present = None;
    // UID of a new message, and whether it follows another.
    let mut new: HashMap<u32, bool> = HashMap::new();
    for answer in answers {
        let Ok(mut answer) = answer else {
            return Ok(None);
        };
        for data in &mut answer.untagged {
            if let Untagged::Esearch(found) = data {
                present = Some(std::mem::take(&mut found.all));
            }
        }
        for (uid, _, named) in names(answer) {
            if uid > old.highest {
                new.insert(uid, !named.references.is_empty());
            }
        }
    }
    let Some(present) = present else {
        return Ok(None);
    };
    let mut groups: Vec<BTreeSet<u32>> = Vec::new();
    // Also for what follows nothing: what follows it may be there, as when it was brought back.
    if !new.is_empty() {
        let first = selected.exists.saturating_sub(WINDOW).saturating_add(1);
        let command = Command::new("UID THREAD").raw(&format!(" REFS UTF-8 {first}:*"));
        let Ok(answer) = connection.run(command).await else {
            return Ok(None);
        };
        let found = answer.untagged.into_iter().find_map(|data| match data {
            Untagged::Thread(found) => Some(found),
            _ => None,
        });
        for members in found.unwrap_or_default().iter() {
            let fresh = members.iter().filter_map(|uid| new.get(uid));
            let follows = fresh.clone().any(|follows| *follows);
            if follows && !members.iter().any(|uid| *uid <= old.highest) {
                // What it follows is older, or not in this folder, and others may follow that too.
                return Ok(None);
            }
            if fresh.count() > 0 {
                groups.push(members.iter().copied().collect());
            }
        }
    }
    let grouped: HashSet<u32> = groups.iter().flatten().copied().collect();
    let alone = new.keys().filter(|uid| !grouped.contains(uid));
    groups.extend(alone.map(|uid| BTreeSet::from([*uid])));
    let merged = merge(&old.conversations, &Ranges::new(present), groups);
    let exists = usize::try_from(selected.exists).unwrap_or(usize::MAX);
    Ok((merged.messages() == exists).then_some(merged))
}

/// UIDs that are there.
struct Ranges(Vec<(u32, u32)>);

impl Ranges {
    fn new(mut ranges: Vec<(u32, u32)>) -> Self {
        for (first, last) in &mut ranges {
            (*first, *last) = ((*first).min(*last), (*first).max(*last));
        }
        ranges.sort_unstable();
        Self(ranges)
    }

    fn contains(&self, uid: u32) -> bool {
        let after = self.0.partition_point(|(first, _)| *first <= uid);
        after
            .checked_sub(1)
            .and_then(|index| self.0.get(index))
            .is_some_and(|(_, last)| uid <= *last)
    }
}

/// The old conversations without what is gone, each of `groups` together with those it has a
/// message of.
fn merge(old: &Conversations, present: &Ranges, mut groups: Vec<BTreeSet<u32>>) -> Conversations {
    let owners: HashMap<u32, usize> = groups
        .iter()
        .enumerate()
        .flat_map(|(index, group)| group.iter().map(move |uid| (*uid, index)))
        .collect();
    // Where a group has gone that was found to be part of another.
    let mut moved: Vec<usize> = (0..groups.len()).collect();
    let mut merged = Conversations::default();
    let mut members = Vec::new();
    for conversation in old.iter() {
        members.clear();
        members.extend(conversation.iter().filter(|uid| present.contains(**uid)));
        let hit: BTreeSet<usize> = members
            .iter()
            .filter_map(|uid| owners.get(uid))
            .map(|index| destination(&moved, *index))
            .collect();
        let mut hit = hit.into_iter();
        let Some(target) = hit.next() else {
            merged.push(&members);
            continue;
        };
        let mut whole: BTreeSet<u32> = members.iter().copied().collect();
        for index in hit {
            whole.extend(
                groups
                    .get_mut(index)
                    .map(std::mem::take)
                    .unwrap_or_default(),
            );
            if let Some(slot) = moved.get_mut(index) {
                *slot = target;
            }
        }
        if let Some(group) = groups.get_mut(target) {
            group.extend(whole);
        }
    }
    for group in groups {
        let group: Vec<u32> = group
            .into_iter()
            .filter(|uid| present.contains(*uid))
            .collect();
        merged.push(&group);
    }
    merged
}

/// Targets are always lower, so this ends.
fn destination(moved: &[usize], mut index: usize) -> usize {
    while let Some(next) = moved.get(index).copied()
        && next < index
    {
        index = next;
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(list: &[&[u32]]) -> Conversations {
        let mut found = Conversations::default();
        for members in list {
            found.push(members);
        }
        found
    }

    fn lists(found: Conversations) -> Vec<Vec<u32>> {
        found.by_arrival().iter().map(<[u32]>::to_vec).collect()
    }

    #[test]
    fn what_is_gone_goes_and_what_came_comes_to_its_own() {
        let old = of(&[&[1, 4], &[2], &[3, 5, 6], &[7]]);
        let present = Ranges::new(vec![(13, 10), (1, 1), (3, 5), (7, 7)]);
        let groups = [vec![4, 11], vec![5, 12], vec![3, 10], vec![13]];
        let groups = groups.into_iter().map(BTreeSet::from_iter).collect();
        assert_eq!(
            lists(merge(&old, &present, groups)),
            [vec![13], vec![3, 5, 10, 12], vec![1, 4, 11], vec![7],]
        );
        assert_eq!(
            lists(merge(&old, &Ranges::new(Vec::new()), Vec::new())),
            Vec::<Vec<u32>>::new()
        );
    }

    #[test]
    fn a_conversation_may_join_groups() {
        let old = of(&[&[1, 2], &[3, 4], &[5]]);
        let present = Ranges::new(vec![(1, 12)]);
        let groups = [vec![1, 10], vec![2, 3, 11], vec![4, 5, 12]];
        let groups = groups.into_iter().map(BTreeSet::from_iter).collect();
        assert_eq!(
            lists(merge(&old, &present, groups)),
            [vec![1, 2, 3, 4, 5, 10, 11, 12]]
        );
    }
}
