//! Which messages belong to one conversation, told by what they themselves name: Message-ID,
//! References, In-Reply-To. After RFC 5256's REFERENCES (Jamie Zawinski's algorithm), with its
//! steps that matter to a page that shows a conversation as one list:
//!
//! * Step 1's rule which fields count: References, and only without them In-Reply-To's first.
//! * Ids of messages that are not there join those that name them, as the RFC's empty containers.
//! * Not its step 5: a subject alone never joins two messages. "Invoice" and "Re: hello" of
//!   strangers are not one conversation (that leaves what servers call REFS).
//!
//! The RFC builds trees and has to watch for loops, and which of two contradictory References wins
//! depends on the order of messages. Here ids that are named together are joined (union-find):
//! the same sets for honest mail, in almost linear time, in any order, and loops mean nothing. Two
//! copies of one mail, which the RFC takes apart, are together too.
//!
//! All of it may be a stranger's: ids are kept as keyed hashes of 64 bits, so that neither their
//! length nor their choice costs anything, and of one message only so many are looked at.

use super::header::Header;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// References of one message that count: the first, which is the conversation, and the last ones.
pub const REFERENCE_LIMIT: usize = 100;

/// What one message names, without angle brackets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Its own name.
    pub message_id: Option<String>,
    /// What it follows, the eldest first.
    pub references: Vec<String>,
}

impl Named {
    /// From the fields Message-ID, References and In-Reply-To of a header (RFC 5256, section 3,
    /// REFERENCES, step 1).
    pub fn from_header(header: &Header) -> Self {
        let mut references = header.references();
        if references.is_empty() {
            references = header.in_reply_to();
            references.truncate(1);
        }
        Self {
            message_id: header.message_id(),
            references,
        }
    }
}

/// Messages that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation<K> {
    /// By date, the eldest first; of one date by key.
    pub members: Vec<K>,
    /// The date of the newest.
    pub latest: i64,
}

/// Gathers messages and tells which belong together. `K` is what a message is known by, such as
/// its UID.
#[derive(Debug)]
pub struct Threader<K> {
    hasher: RandomState,
    /// The node of an id.
    nodes: HashMap<u64, u32>,
    /// The node's parent in the union-find forest; a root is its own.
    parents: Vec<u32>,
    /// Key, date and node.
    messages: Vec<(K, i64, u32)>,
}

impl<K> Default for Threader<K> {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            nodes: HashMap::new(),
            parents: Vec::new(),
            messages: Vec::new(),
        }
    }
}

impl<K: Copy + Ord> Threader<K> {
    /// Takes a message: its key, its date in seconds, and what it names. Each key once.
    pub fn add(&mut self, key: K, date: i64, named: &Named) {
        let own = match &named.message_id {
            Some(id) => self.node(id),
            None => self.fresh(),
        };
        self.messages.push((key, date, own));
        let (first, rest) = match named.references.split_first() {
            Some((first, rest)) => (Some(first), rest),
            None => (None, [].as_slice()),
        };
        let surplus = rest.len().saturating_sub(REFERENCE_LIMIT - 1);
        for id in first.into_iter().chain(rest.iter().skip(surplus)) {
            let node = self.node(id);
            self.join(own, node);
        }
    }

    /// Joins all messages taken so far whose key is one of a conversation that is known otherwise.
    pub fn join_all(&mut self, belongs: impl Fn(&K) -> bool) {
        let nodes: Vec<u32> = self
            .messages
            .iter()
            .filter(|(key, ..)| belongs(key))
            .map(|(.., node)| *node)
            .collect();
        for pair in nodes.windows(2) {
            if let [one, other] = pair {
                self.join(*one, *other);
            }
        }
    }

    /// The conversations: every message in exactly one, the one with the newest message first; of
    /// one date the one with the greatest key.
    pub fn conversations(mut self) -> Vec<Conversation<K>> {
        let mut messages = std::mem::take(&mut self.messages);
        messages.sort_unstable_by_key(|(key, date, _)| (*date, *key));
        let mut places: HashMap<u32, usize> = HashMap::new();
        let mut conversations: Vec<Conversation<K>> = Vec::new();
        for (key, date, node) in messages {
            let root = self.root(node);
            let place = *places.entry(root).or_insert(conversations.len());
            match conversations.get_mut(place) {
                Some(conversation) => {
                    conversation.members.push(key);
                    conversation.latest = date;
                }
                None => conversations.push(Conversation {
                    members: vec![key],
                    latest: date,
                }),
            }
        }
        conversations.sort_by_key(|conversation| {
            (conversation.latest, conversation.members.last().copied())
        });
        conversations.reverse();
        conversations
    }

    fn fresh(&mut self) -> u32 {
        let node = u32::try_from(self.parents.len()).unwrap_or(u32::MAX);
        self.parents.push(node);
        node
    }

    fn node(&mut self, id: &str) -> u32 {
        let hash = self.hasher.hash_one(id);
        if let Some(node) = self.nodes.get(&hash) {
            return *node;
        }
        let node = self.fresh();
        self.nodes.insert(hash, node);
        node
    }

    /// The root of a node's tree; halves the way for those who come after.
    fn root(&mut self, mut node: u32) -> u32 {
        loop {
            let parent = self.parent(node);
            if parent == node {
                return node;
            }
            let above = self.parent(parent);
            if let Some(slot) = self.slot(node) {
                *slot = above;
            }
            node = above;
        }
    }

    fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.root(one), self.root(other));
        // Always the younger below the elder. With the halving above that is fast enough whoever
        // chose the order: a logarithm, amortised.
        let (elder, younger) = (one.min(other), one.max(other));
        if let Some(slot) = self.slot(younger) {
            *slot = elder;
        }
    }

    fn parent(&self, node: u32) -> u32 {
        usize::try_from(node)
            .ok()
            .and_then(|index| self.parents.get(index).copied())
            .unwrap_or(node)
    }

    fn slot(&mut self, node: u32) -> Option<&mut u32> {
        self.parents.get_mut(usize::try_from(node).ok()?)
    }
}

#[cfg(test)]
mod tests;
