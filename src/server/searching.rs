//! Searches that tell as they find: for the browser a stream of lines, each a `SearchEvent` as
//! JSON; for a page without JavaScript what was found within a bounded time.
//!
//! A search nobody listens to any more stops at its next window, so that its connection stays good.

use super::caller::Caller;
use super::imap::{Bounds, Engine, Hits as Found, ImapError, Passes, Progress};
use super::listing::{Meant, shortcomings};
use super::mailbox::{PAGE_SIZE, dress, envelope};
use super::route::status;
use super::stamp::Clock;
use super::state::AppState;
use super::visitor::Visitor;
use crate::model::{
    Error, Folder, FolderRole, Hits, Listing, QueryProblem, SearchEvent, SearchPage, Sort,
};
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::collections::HashMap;
use std::convert::Infallible;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::Instant;

/// A search ends after this time, whatever it has found.
const LONGEST: Duration = Duration::from_mins(2);
/// How long a page without JavaScript waits.
const PAGE_PATIENCE: Duration = Duration::from_secs(8);
/// Rows of hits that are sent; further ones are asked for by their ordinals. Bounds the channel too:
/// what is sent beside them is small and comes window by window.
const ROWS: usize = 200;
/// The same of a search in all folders, of which the first has as many.
const ROWS_EVERYWHERE: usize = 2 * ROWS;
/// Folders that are looked through.
const FOLDERS: usize = 300;
/// A search nobody listens to may take this long to come to its next window.
const GRACE: Duration = Duration::from_secs(5);

/// What the browser asks.
#[derive(Debug, Deserialize)]
pub struct Asked {
    /// The folder that is open.
    folder: String,
    listing: Listing,
}

/// `POST /api/search`: a stream of lines.
pub async fn search(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Json(asked): Json<Asked>,
) -> Response {
    let caller = Caller {
        state,
        visitor,
        plain_form: false,
    };
    let engine = match caller.engine().await {
        Ok(engine) => engine,
        Err(error) => return (status(&error), Json(error)).into_response(),
    };
    let clock = caller.clock();
    let (sender, receiver) = unbounded_channel();
    tokio::spawn(async move {
        let unheard = async {
            sender.closed().await;
            tokio::time::sleep(GRACE).await;
        };
        let outcome = tokio::select! {
            outcome = run(&engine, &clock, &asked, &sender) => outcome,
            () = unheard => return,
        };
        if let Err(error) = outcome {
            sender.send(SearchEvent::Failed(error)).ok();
        }
    });
    (
        [
            (header::CONTENT_TYPE, "application/x-ndjson"),
            // Proxies are not to wait for more.
            (header::HeaderName::from_static("x-accel-buffering"), "no"),
        ],
        Body::from_stream(lines(receiver)),
    )
        .into_response()
}

fn lines(
    receiver: UnboundedReceiver<SearchEvent>,
) -> impl futures_util::Stream<Item = Result<Bytes, Infallible>> {
    futures_util::stream::unfold(receiver, async |mut receiver| {
        let event = receiver.recv().await?;
        let mut line = serde_json::to_vec(&event).unwrap_or_default();
        line.push(b'\n');
        Some((Ok(Bytes::from(line)), receiver))
    })
}

async fn run(
    engine: &Arc<Engine>,
    clock: &Clock,
    asked: &Asked,
    sender: &UnboundedSender<SearchEvent>,
) -> Result<(), Error> {
    let meant = Meant::of(engine, &asked.folder, &asked.listing, clock).await?;
    let tell = |event| match sender.send(event) {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    };
    let _ = tell(SearchEvent::Begun {
        words: meant.words.clone(),
        problems: meant.problems.clone(),
        everywhere: meant.everywhere,
    });
    let until = Instant::now() + LONGEST;
    let outcome = if meant.everywhere {
        everywhere(engine, clock, &meant, until, tell).await?
    } else if meant.demand.sort == Sort::Arrival {
        here(engine, clock, &meant, until, tell).await?
    } else {
        sorted(engine, clock, &meant, until, tell).await?
    };
    let _ = tell(SearchEvent::Done {
        found: outcome.found,
        whole: outcome.whole,
        problems: outcome
            .problems()
            .chain(meant.too_short(outcome.found))
            .collect(),
    });
    Ok(())
}

/// How a search ended.
struct Outcome {
    found: u32,
    whole: bool,
    ascii_only: bool,
    unsorted: bool,
}

impl Outcome {
    fn problems(&self) -> impl Iterator<Item = QueryProblem> + use<> {
        shortcomings(self.ascii_only, self.unsorted)
    }
}

/// A search whose hits are wanted in another order than by arrival: the first rows can only be
/// told when all are found.
async fn sorted(
    engine: &Engine,
    clock: &Clock,
    meant: &Meant,
    until: Instant,
    tell: impl Fn(SearchEvent) -> ControlFlow<()> + Send + Sync,
) -> Result<Outcome, Error> {
    let raw = engine
        .listed_page(&meant.folder, &meant.demand, 1, PAGE_SIZE, until)
        .await?;
    let outcome = Outcome {
        found: raw.window.total,
        whole: raw.whole,
        ascii_only: raw.ascii_only,
        unsorted: raw.unsorted,
    };
    let window = dress(&meant.folder, raw.window, clock);
    let _ = tell(SearchEvent::Hits(Hits {
        folder: window.folder,
        uid_validity: window.uid_validity,
        envelopes: window.envelopes,
    }));
    Ok(outcome)
}

async fn here(
    engine: &Engine,
    clock: &Clock,
    meant: &Meant,
    until: Instant,
    tell: impl Fn(SearchEvent) -> ControlFlow<()> + Send + Sync,
) -> Result<Outcome, Error> {
    let bounds = Bounds {
        rows: ROWS,
        until,
        passes: Passes::Both,
    };
    let mut hits = Found::default();
    let on_hits = |progress: Progress| {
        let (searched, of, found) = (progress.searched, progress.of, progress.found);
        if let Some(hits) = dressed(&meant.folder, progress, clock) {
            tell(SearchEvent::Hits(hits))?;
        }
        tell(SearchEvent::Progress {
            searched,
            of,
            found,
        })
    };
    let order = engine
        .search(&meant.folder, &meant.demand, bounds, &mut hits, on_hits)
        .await?;
    Ok(Outcome {
        found: hits.count(),
        whole: order.whole,
        ascii_only: order.ascii_only,
        unsorted: false,
    })
}

fn dressed(folder: &str, progress: Progress, clock: &Clock) -> Option<Hits> {
    let rows = progress.rows.into_iter();
    let envelopes: Vec<_> = rows.map(|row| envelope(row, clock)).collect();
    (!envelopes.is_empty()).then(|| Hits {
        folder: folder.to_owned(),
        uid_validity: progress.uid_validity,
        envelopes: envelopes
            .into_iter()
            .map(|envelope| crate::model::Envelope {
                ordinal: 0,
                ..envelope
            })
            .collect(),
    })
}

/// All folders, the likeliest first: addresses and subjects of all of them before any text.
async fn everywhere(
    engine: &Engine,
    clock: &Clock,
    meant: &Meant,
    until: Instant,
    tell: impl Fn(SearchEvent) -> ControlFlow<()> + Send + Sync,
) -> Result<Outcome, Error> {
    let folders = in_order(engine.folders().await?, &meant.folder);
    let mut whole = folders.len() <= FOLDERS;
    let mut ascii_only = false;
    let folders: Vec<_> = folders.into_iter().take(FOLDERS).collect();
    let demand = meant.by_arrival();
    let passes: &[Passes] = if demand.has_quick_look() {
        &[Passes::Quick, Passes::Texts]
    } else {
        &[Passes::Texts]
    };
    let of = folders
        .iter()
        .fold(0, |sum: u32, folder| sum.saturating_add(folder.total))
        .saturating_mul(if passes.len() > 1 { 2 } else { 1 });
    let mut found: HashMap<&str, Found> = HashMap::new();
    let (mut told, mut before) = (0, 0_u32);
    for pass in passes {
        for folder in &folders {
            let others: u32 = found
                .iter()
                .filter(|(name, _)| **name != folder.name)
                .fold(0, |sum, (_, hits)| sum.saturating_add(hits.count()));
            let hits = found.entry(&folder.name).or_default();
            let told_here = hits.told();
            // One folder takes half of the room that is left, and leaves some for those after it.
            let room = ROWS_EVERYWHERE.saturating_sub(told).div_ceil(2);
            let bounds = Bounds {
                rows: room.saturating_add(told_here),
                until,
                passes: *pass,
            };
            let mut stopped = false;
            let on_hits = |progress: Progress| {
                let event = SearchEvent::Progress {
                    searched: progress.searched.saturating_add(before).min(of),
                    of,
                    found: progress.found.saturating_add(others),
                };
                let flow = match dressed(&folder.name, progress, clock) {
                    Some(hits) => tell(SearchEvent::Hits(hits)),
                    None => ControlFlow::Continue(()),
                };
                let flow = match flow {
                    ControlFlow::Continue(()) => tell(event),
                    ControlFlow::Break(()) => flow,
                };
                stopped |= flow.is_break();
                flow
            };
            let result = engine
                .search(&folder.name, &demand, bounds, hits, on_hits)
                .await;
            told += hits.told() - told_here;
            before = before.saturating_add(folder.total);
            match result {
                Ok(order) => {
                    whole &= order.whole || *pass == Passes::Quick;
                    ascii_only |= order.ascii_only;
                }
                // Deleted meanwhile, or not for us.
                Err(ImapError::NoFolder | ImapError::Refused { .. }) => whole = false,
                Err(error) => return Err(error.into()),
            }
            if stopped || Instant::now() >= until {
                whole = false;
                break;
            }
        }
    }
    let count = found
        .values()
        .fold(0, |sum: u32, hits| sum.saturating_add(hits.count()));
    Ok(Outcome {
        found: count,
        whole,
        ascii_only,
        unsorted: false,
    })
}

/// The folders to look through. What holds all mails once more, or is thrown away, is left out,
/// unless it is the one that is open.
fn in_order(folders: Vec<Folder>, open: &str) -> Vec<Folder> {
    let mut folders: Vec<Folder> = folders
        .into_iter()
        .filter(|folder| folder.selectable)
        .filter(|folder| {
            let left_out = matches!(
                folder.role,
                Some(FolderRole::Trash | FolderRole::Junk | FolderRole::All | FolderRole::Flagged)
            );
            folder.name == open || !left_out
        })
        .collect();
    folders.sort_by_key(|folder| match folder.role {
        _ if folder.name == open => 0,
        Some(FolderRole::Inbox) => 1,
        Some(FolderRole::Sent) => 2,
        Some(FolderRole::Archive) => 3,
        Some(FolderRole::Drafts) => 5,
        _ => 4,
    });
    folders
}

/// A search for a page that is complete: what is found in a bounded time, in one folder or in all.
pub async fn page(caller: &Caller, folder: &str, listing: &Listing) -> Result<SearchPage, Error> {
    let (engine, clock) = (caller.engine().await?, caller.clock());
    let meant = Meant::of(&engine, folder, listing, &clock).await?;
    let collected = std::sync::Mutex::new(SearchPage::default());
    let by_date = meant.everywhere;
    let tell = |event| {
        if let SearchEvent::Hits(hits) = event {
            collected
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .add(hits, by_date);
        }
        ControlFlow::Continue(())
    };
    let until = Instant::now() + PAGE_PATIENCE;
    let outcome = if meant.everywhere {
        everywhere(&engine, &clock, &meant, until, tell).await?
    } else {
        here(&engine, &clock, &meant, until, tell).await?
    };
    let page = collected
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let too_short = meant.too_short(outcome.found);
    let mut problems = meant.problems;
    problems.extend(outcome.problems().chain(too_short));
    Ok(SearchPage {
        words: meant.words,
        problems,
        found: outcome.found,
        whole: outcome.whole,
        ..page
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_folders_come_first() {
        let folder = |name: &str, role, selectable| Folder {
            name: name.to_owned(),
            label: name.to_owned(),
            depth: 0,
            role,
            selectable,
            subscribed: true,
            total: 0,
            unseen: 0,
            space: crate::model::Space::Own,
            uid_next: 0,
            uid_validity: 0,
        };
        let all = || {
            vec![
                folder("INBOX", Some(FolderRole::Inbox), true),
                folder("Drafts", Some(FolderRole::Drafts), true),
                folder("Sent", Some(FolderRole::Sent), true),
                folder("Archive", Some(FolderRole::Archive), true),
                folder("Junk", Some(FolderRole::Junk), true),
                folder("Trash", Some(FolderRole::Trash), true),
                folder("a", None, true),
                folder("level", None, false),
            ]
        };
        let names = |open| {
            let folders = in_order(all(), open);
            let names = folders.into_iter().map(|folder| folder.name);
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names("a"), "a INBOX Sent Archive Drafts");
        assert_eq!(names("Trash"), "Trash INBOX Sent Archive a Drafts");
    }
}
