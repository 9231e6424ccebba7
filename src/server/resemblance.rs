//! Whether a sender whom the person has never written to looks like somebody they have. Their Sent
//! folder says whom; it is asked beside the message, by itself and seldom (`imap::written_to`).

use super::beside::resembling;
use super::caller::Caller;
use super::imap::Engine;
use super::reading::{Place, structure};
use crate::mail::header::Header;
use crate::model::{Address, Error, Warning};
use std::sync::Arc;
use std::time::Duration;

/// How long a page waits for it. What comes later is there for the next one.
const WAIT: Duration = Duration::from_secs(1);

/// What there is to be careful about in the message at `place`.
pub async fn resemblances(caller: &Caller, place: &Place) -> Result<Vec<Warning>, Error> {
    let (engine, raw) = structure(&caller.state, &caller.visitor, place).await?;
    let own = &caller.session()?.user;
    let people = people(engine).await;
    let trusted = &caller.state.config.trusted_authserv_ids;
    let header = Header::parse(&raw.header);
    Ok(resembling(&header, own, &people, trusted))
}

/// The same for a page, which does not wait for long.
pub async fn soon(caller: &Caller, place: &Place) -> Option<Result<Vec<Warning>, Error>> {
    tokio::time::timeout(WAIT, resemblances(caller, place))
        .await
        .ok()
}

/// Whom the person has written to; asked to the end, whoever still waits for it.
async fn people(engine: Arc<Engine>) -> Vec<Address> {
    if let Some(people) = engine.known_written_to() {
        return people;
    }
    tokio::spawn(async move { engine.written_to().await })
        .await
        .unwrap_or_default()
}
