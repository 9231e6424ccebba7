//! Listings that are more than a folder as it is: what was typed is read, the folder it names is
//! found, and what has to be said about the result goes with it.

use super::caller::Caller;
use super::imap::role_names::role_called;
use super::imap::{Demand, Engine, RawListing};
use super::mailbox::{PAGE_SIZE, dress};
use super::stamp::Clock;
use crate::mail::search::{Query, Scope};
use crate::model::{
    Error, Folder, Listing, ListingNotes, QueryProblem, QueryProblemKind, Sort, Window,
};
use std::time::Duration;
use tokio::time::Instant;

/// How long a page waits for a search that is not through. A page whose search was cut short says
/// so.
const PATIENCE: Duration = Duration::from_secs(8);

/// Letters of the shortest word that indexes of texts know.
const INDEXED: usize = 3;

/// A listing as it is meant.
#[derive(Clone, Debug)]
pub struct Meant {
    /// The folder to look in.
    pub folder: String,
    pub demand: Demand,
    pub words: Vec<String>,
    pub problems: Vec<QueryProblem>,
    pub everywhere: bool,
}

impl Meant {
    /// What `listing` means where `folder` is open.
    pub async fn of(
        engine: &Engine,
        folder: &str,
        listing: &Listing,
        clock: &Clock,
    ) -> Result<Self, Error> {
        let mut query = Query::parse(&listing.query, clock.today());
        let mut meant = Self {
            folder: folder.to_owned(),
            demand: Demand::new(listing.sort, listing.filter, &query),
            words: query.words().into_iter().map(str::to_owned).collect(),
            problems: std::mem::take(&mut query.problems),
            everywhere: query.scope == Scope::Anywhere,
        };
        if let Scope::Folder(typed) = query.scope {
            let folders = engine.folders().await?;
            match named(&folders, &typed) {
                Some(found) => meant.folder = found.name.clone(),
                None => meant.problems.push(QueryProblem {
                    kind: QueryProblemKind::Folder,
                    piece: format!("in:{typed}").chars().take(60).collect(),
                }),
            }
        }
        Ok(meant)
    }

    /// What is to be said beside the rows.
    fn notes(&self, raw: &RawListing) -> ListingNotes {
        let mut problems = self.problems.clone();
        problems.extend(shortcomings(raw.ascii_only, raw.unsorted));
        problems.extend(self.too_short(raw.window.total));
        ListingNotes {
            words: self.words.clone(),
            problems,
            whole: raw.whole,
            everywhere: self.everywhere,
        }
    }

    /// The word that may be why nothing was `found`. Indexes of texts know no words of one or two
    /// letters (Dovecot's of Xapian, mostly), and the answer does not tell that they were asked.
    pub fn too_short(&self, found: u32) -> Option<QueryProblem> {
        let words = || self.words.iter().flat_map(|text| tokens(text));
        let short = words().find(|word| word.chars().count() < INDEXED)?;
        (found == 0).then(|| QueryProblem {
            kind: QueryProblemKind::Short,
            piece: short.to_owned(),
        })
    }

    fn window(&self, raw: RawListing, clock: &Clock) -> Window {
        let notes = self.notes(&raw);
        Window {
            notes: Some(notes),
            ..dress(&self.folder, raw.window, clock)
        }
    }

    /// The messages by arrival, whatever the wanted order.
    pub fn by_arrival(&self) -> Demand {
        Demand {
            sort: Sort::Arrival,
            ..self.demand.clone()
        }
    }
}

/// The words of a text, as an index of texts takes them apart.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// What the server could not do of what was asked.
pub fn shortcomings(ascii_only: bool, unsorted: bool) -> impl Iterator<Item = QueryProblem> {
    [
        (ascii_only, QueryProblemKind::Charset),
        (unsorted, QueryProblemKind::Unsorted),
    ]
    .into_iter()
    .filter_map(|(on, kind)| {
        on.then_some(QueryProblem {
            kind,
            piece: String::new(),
        })
    })
}

/// The folder that `typed` means: by its full name, by its last level, or by what it is for.
fn named<'a>(folders: &'a [Folder], typed: &str) -> Option<&'a Folder> {
    let lower = typed.to_lowercase();
    let role = role_called(typed);
    let selectable = || folders.iter().filter(|folder| folder.selectable);
    selectable()
        .find(|folder| folder.name == typed)
        .or_else(|| selectable().find(|folder| folder.name.to_lowercase() == lower))
        .or_else(|| selectable().find(|folder| role.is_some() && folder.role == role))
        .or_else(|| selectable().find(|folder| folder.label.to_lowercase() == lower))
}

/// The page `page` (1 is the first).
pub async fn window(
    caller: &Caller,
    folder: &str,
    listing: &Listing,
    page: u32,
) -> Result<Window, Error> {
    let (engine, clock) = (caller.engine().await?, caller.clock());
    let meant = Meant::of(&engine, folder, listing, &clock).await?;
    let until = Instant::now() + PATIENCE;
    let raw = engine
        .listed_page(&meant.folder, &meant.demand, page, PAGE_SIZE, until)
        .await?;
    Ok(meant.window(raw, &clock))
}

/// The rows with the ordinals `first` to `last`.
pub async fn rows(
    caller: &Caller,
    folder: &str,
    listing: &Listing,
    first: u32,
    last: u32,
) -> Result<Window, Error> {
    let (engine, clock) = (caller.engine().await?, caller.clock());
    let meant = Meant::of(&engine, folder, listing, &clock).await?;
    let until = Instant::now() + PATIENCE;
    let raw = engine
        .listed_rows(&meant.folder, &meant.demand, first, last, PAGE_SIZE, until)
        .await?;
    Ok(meant.window(raw, &clock))
}

/// All messages of a listing with their folder and UIDVALIDITY, the first row's first: for acting
/// on all that a search found.
pub async fn uids(
    caller: &Caller,
    folder: &str,
    listing: &Listing,
) -> Result<(String, u32, std::sync::Arc<[u32]>), Error> {
    let (engine, clock) = (caller.engine().await?, caller.clock());
    let meant = Meant::of(&engine, folder, listing, &clock).await?;
    let until = Instant::now() + PATIENCE;
    let order = engine
        .listed_uids(&meant.folder, &meant.by_arrival(), until)
        .await?;
    if !order.whole {
        // Half of what was meant would be something else.
        return Err(Error::Busy);
    }
    Ok((meant.folder, order.stamp.uid_validity, order.uids))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Filter, FolderRole};

    #[test]
    fn a_word_that_may_be_too_short_is_told_where_nothing_was_found() {
        let meant = |text: &str| {
            let query = Query::parse(text, jiff::civil::date(2026, 11, 27));
            Meant {
                folder: "INBOX".to_owned(),
                demand: Demand::new(Sort::Arrival, Filter::default(), &query),
                words: query.words().into_iter().map(str::to_owned).collect(),
                problems: Vec::new(),
                everywhere: false,
            }
        };
        let short = |text, found| meant(text).too_short(found).map(|problem| problem.piece);
        assert_eq!(short("subject:57", 0).as_deref(), Some("57"));
        assert_eq!(short("\"Haus am See\"", 0).as_deref(), Some("am"));
        assert_eq!(short("subject:57", 1), None);
        assert_eq!(short("Haus from:see -ab", 0), None);
        assert_eq!(short("", 0), None);
    }

    #[test]
    fn folders_are_found_as_people_call_them() {
        let folder = |name: &str, role| Folder {
            name: name.to_owned(),
            label: name.rsplit('/').next().unwrap().to_owned(),
            depth: 0,
            role,
            selectable: true,
            subscribed: true,
            total: 0,
            unseen: 0,
            space: crate::model::Space::Own,
            uid_next: 0,
            uid_validity: 0,
        };
        let folders = [
            folder("INBOX", Some(FolderRole::Inbox)),
            folder("Gesendete", Some(FolderRole::Sent)),
            folder("Projekte/Süd", None),
            folder("Spam", None),
        ];
        let found = |typed| named(&folders, typed).map(|folder| folder.name.as_str());
        assert_eq!(found("posteingang"), Some("INBOX"));
        assert_eq!(found("Sent"), Some("Gesendete"));
        assert_eq!(found("SÜD"), Some("Projekte/Süd"));
        assert_eq!(found("projekte/süd"), Some("Projekte/Süd"));
        assert_eq!(found("spam"), Some("Spam"));
        assert_eq!(found("nowhere"), None);
    }
}
