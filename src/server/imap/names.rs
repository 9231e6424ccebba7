//! What messages name: their ids and those they follow, fetched in bounded pieces.

use super::answer::{Answer, Untagged};
use super::connection::Connection;
use super::error::ImapError;
use super::wire::{Command, uid_sets};
use crate::mail::header::Header;
use crate::mail::threading::Named;

/// Messages whose headers are fetched in one round, and octets of each: 8 MiB at most.
pub(super) const HEADERS_AT_ONCE: u32 = 500;
const HEADER_OCTETS: u32 = 16 << 10;

/// What is asked of a message to know what it names. Servers keep these fields in their index.
pub(super) fn name_items() -> String {
    format!(
        "(UID INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID REFERENCES IN-REPLY-TO)]\
         <0.{HEADER_OCTETS}>)"
    )
}

/// UID, date and names from the answer about [`name_items`].
pub(super) fn names(answer: Answer) -> impl Iterator<Item = (u32, i64, Named)> {
    answer.untagged.into_iter().filter_map(|data| {
        let Untagged::Fetch(mut fetched) = data else {
            return None;
        };
        let header = fetched.take("HEADER")?;
        let named = Named::from_header(&Header::parse(&header));
        let date = fetched.internal_date.unwrap_or_default();
        Some((fetched.uid?, date, named))
    })
}

/// What the messages of these UIDs name.
pub(super) async fn names_of(
    connection: &mut Connection,
    uids: &[u32],
) -> Result<Vec<(u32, i64, Named)>, ImapError> {
    let mut found = Vec::with_capacity(uids.len());
    for part in uids.chunks(usize::try_from(HEADERS_AT_ONCE).unwrap_or(1)) {
        let commands: Vec<Command> = uid_sets(part)
            .into_iter()
            .map(|set| Command::new("UID FETCH").raw(&format!(" {set} {}", name_items())))
            .collect();
        for answer in connection.run_all(&commands).await? {
            found.extend(names(answer?));
        }
    }
    Ok(found)
}
