//! The mailbox as a page shows it: what the engine tells, read by `mail`, dressed for a person.

use super::caller::Caller;
use super::conversations;
use super::imap::{Overview, RawRow, RawWindow};
use super::listing;
use super::stamp::Clock;
use crate::model::{Envelope, Error, Folders, Listing, Window};
use std::sync::Arc;

/// Rows a page of the list has.
pub const PAGE_SIZE: u32 = 50;

/// All folders, in the order they are shown, and how full the mailbox is.
pub async fn folders(caller: &Caller) -> Result<Folders, Error> {
    let engine = caller.engine().await?;
    let folders = engine.folders().await?;
    // Told in the same round.
    let quota = engine.quota();
    Ok(Folders { folders, quota })
}

/// One page of a folder, listed as `listing` says.
pub async fn window(
    caller: &Caller,
    folder: &str,
    listing: &Listing,
    page: u32,
) -> Result<Window, Error> {
    if !listing.is_plain() {
        return listing::window(caller, folder, listing, page).await;
    }
    if listing.conversations {
        return conversations::page(caller, folder, page).await;
    }
    let engine = caller.engine().await?;
    let raw = engine.window(folder, page, PAGE_SIZE, true).await?;
    Ok(dress(folder, raw, &caller.clock()))
}

/// The rows of a listing with the ordinals `first` to `last`.
pub async fn rows(
    caller: &Caller,
    folder: &str,
    listing: &Listing,
    first: u32,
    last: u32,
) -> Result<Window, Error> {
    if !listing.is_plain() {
        return listing::rows(caller, folder, listing, first, last).await;
    }
    if listing.conversations {
        return conversations::rows(caller, folder, first, last).await;
    }
    let engine = caller.engine().await?;
    let raw = engine.rows(folder, first, last, PAGE_SIZE).await?;
    Ok(dress(folder, raw, &caller.clock()))
}

/// A window for a person.
pub(super) fn dress(folder: &str, raw: RawWindow, clock: &Clock) -> Window {
    Window {
        folder: folder.to_owned(),
        uid_validity: raw.uid_validity,
        total: raw.total,
        page: raw.page,
        pages: raw.pages,
        envelopes: raw
            .rows
            .into_iter()
            .map(|row| envelope(row, clock))
            .collect(),
        notes: None,
    }
}

/// A row for a person.
pub(super) fn envelope(mut row: RawRow, clock: &Clock) -> Envelope {
    let overview = row.overview.take();
    let Overview {
        from,
        to,
        subject,
        sent,
        seems_attached,
        snippet,
    } = overview.map_or_else(|| Overview::of(&row), Arc::unwrap_or_clone);
    Envelope {
        uid: row.uid,
        ordinal: row.ordinal,
        others: Vec::new(),
        flags: row.flags,
        from,
        to,
        subject,
        date: clock.stamp(sent_or_arrived(sent, row.internal_date)),
        size: row.size,
        attachment: row.has_attachment.unwrap_or(seems_attached),
        snippet: row.preview.unwrap_or(snippet),
    }
}

/// The Date field where it can be right, else when the mail arrived: a mail from the future would
/// say nothing to anybody.
pub fn sent_or_arrived(sent: Option<i64>, arrived: i64) -> i64 {
    match sent {
        Some(sent) if sent > 0 && (arrived == 0 || sent <= arrived.saturating_add(86_400)) => sent,
        _ => arrived,
    }
}

#[cfg(test)]
mod tests {
    use super::sent_or_arrived;

    #[test]
    fn a_mail_from_the_future_shows_when_it_arrived() {
        assert_eq!(sent_or_arrived(Some(1_000), 2_000), 1_000);
        assert_eq!(sent_or_arrived(Some(9_999_999), 2_000), 2_000);
        assert_eq!(sent_or_arrived(None, 2_000), 2_000);
        assert_eq!(sent_or_arrived(Some(1_000), 0), 1_000);
    }
}
