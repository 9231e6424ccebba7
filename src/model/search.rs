//! What a search says: hits as they are found, how far it is, and what of the query could not be
//! meant.

use super::{Envelope, Error};
use serde::{Deserialize, Serialize};

/// Why a piece of a query was left out. The rest of the query counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum QueryProblemKind {
    /// No date: `before:someday`.
    Date,
    /// No size: `larger:much`.
    Size,
    /// No state of a mail: `is:nice`.
    State,
    /// Nothing a mail could have: `has:fun`.
    Having,
    /// Nothing stands behind the colon.
    Empty,
    /// No folder of this name; it was looked for in the one that is open.
    Folder,
    /// The rest was not read.
    TooLong,
    /// Further conditions were not read.
    TooMany,
    /// The mail server cannot look for other letters than those of English.
    Charset,
    /// The server cannot sort, and the folder is too large to do it for it: it is by arrival.
    Unsorted,
    /// Nothing was found, and this word may be too short for the mail server's index.
    Short,
}

/// A piece of a query that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryProblem {
    pub kind: QueryProblemKind,
    /// As it was typed, `before:someday`; empty where no one piece is to blame.
    pub piece: String,
}

/// What is to be said about a list that is sorted, filtered or searched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListingNotes {
    /// Texts to mark in the rows.
    pub words: Vec<String>,
    pub problems: Vec<QueryProblem>,
    /// `false` where looking was ended before it was through: there may be more rows.
    pub whole: bool,
    /// The query asks for all folders; these are the rows of one.
    pub everywhere: bool,
}

/// Hits in one folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hits {
    /// The folder's full name.
    pub folder: String,
    pub uid_validity: u32,
    /// Newest first. Their ordinals are 0: places are known when all is found.
    pub envelopes: Vec<Envelope>,
}

/// One line of the answer to a search, which comes as it is found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SearchEvent {
    /// The first: what was understood.
    Begun {
        /// Texts to mark in the hits.
        words: Vec<String>,
        problems: Vec<QueryProblem>,
        /// Whether hits come from all folders.
        everywhere: bool,
    },
    /// More hits. They may belong before those that came already.
    Hits(Hits),
    /// How much has been looked through, of how much, and how many hits there are so far, of which
    /// not all are sent.
    Progress { searched: u32, of: u32, found: u32 },
    /// The last.
    Done {
        /// Hits in all; the list by ordinals has as many, where one folder was searched.
        found: u32,
        /// `false` where time ended it.
        whole: bool,
        /// What the server could not do of it.
        problems: Vec<QueryProblem>,
    },
    /// The last, where it broke off.
    Failed(Error),
}

/// A hit of a search in all folders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// The folder's full name.
    pub folder: String,
    pub uid_validity: u32,
    pub envelope: Envelope,
}

/// The beginning of a search's result, as a page without JavaScript shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchPage {
    pub words: Vec<String>,
    pub problems: Vec<QueryProblem>,
    /// See [`Self::add`].
    pub hits: Vec<Hit>,
    /// Hits as far as they were counted.
    pub found: u32,
    /// `false` where there may be more than were counted.
    pub whole: bool,
}

impl SearchPage {
    /// Takes in further hits. The newest come first: `by_date` where they are of several folders,
    /// whose messages have no other order in common; else as they arrived.
    pub fn add(&mut self, hits: Hits, by_date: bool) {
        let age = |envelope: &Envelope| {
            if by_date {
                envelope.date.epoch
            } else {
                i64::from(envelope.uid)
            }
        };
        // They are few, and code that sorts is large for a browser.
        for envelope in hits.envelopes {
            let known = self.hits.iter();
            let newer = known.take_while(|hit| age(&hit.envelope) >= age(&envelope));
            let at = newer.count();
            let hit = Hit {
                folder: hits.folder.clone(),
                uid_validity: hits.uid_validity,
                envelope,
            };
            self.hits.insert(at, hit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Hits, SearchPage};
    use crate::model::{Envelope, Stamp};

    #[test]
    fn hits_of_several_folders_stand_by_date() {
        let hits = |folder: &str, messages: &[(u32, i64)]| Hits {
            folder: folder.to_owned(),
            uid_validity: 1,
            envelopes: messages
                .iter()
                .map(|(uid, epoch)| Envelope {
                    uid: *uid,
                    date: Stamp {
                        epoch: *epoch,
                        ..Stamp::default()
                    },
                    ..Envelope::default()
                })
                .collect(),
        };
        let order = |by_date| {
            let mut page = SearchPage::default();
            page.add(hits("a", &[(9, 50), (7, 80)]), by_date);
            page.add(hits("b", &[(8, 70), (6, 50)]), by_date);
            let order = page.hits.into_iter();
            order
                .map(|hit| format!("{}{}", hit.folder, hit.envelope.uid))
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(order(true), "a7 b8 a9 b6");
        assert_eq!(order(false), "a9 b8 a7 b6");
    }
}
