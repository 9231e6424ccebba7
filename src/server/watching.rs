//! The task that listens to the mail server for one user's pages: begun by the first page, ended
//! about a minute after the last one has gone, and not ended by anything the mail server does.

use super::caller::engine_of;
use super::events::Channel;
use super::imap::ImapError;
use super::quota_news;
use super::session::SessionStore;
use super::state::AppState;
use crate::model::Error;
use rand::Rng;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The shortest and the longest time before the mail server is tried again.
const SHORTEST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(80);

/// Begins to listen for `user`.
pub fn begin(state: AppState, user: String, channel: Arc<Channel>) {
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = watch(&state, &channel) => {}
                () = deserted(&state, &channel) => {}
                () = quota_news::tell(&state, &channel) => {}
            }
            if state.events.retire(&user, &channel) {
                tracing::debug!("live updates ended");
                return;
            }
            // Somebody came at the last moment, or is about to be told that the session is over.
            sleep(Duration::from_secs(1)).await;
        }
    });
}

/// Waits until nobody has listened for a while, or the server is to end; then asks the watching to
/// stop, and leaves it the time for a farewell.
async fn deserted(state: &AppState, channel: &Channel) {
    let mut count = channel.count();
    let mut closing = state.events.closing();
    loop {
        tokio::select! {
            _ = closing.wait_for(|closing| *closing) => break,
            empty = count.wait_for(|count| *count == 0) => if empty.is_err() { break },
        }
        tokio::select! {
            _ = closing.wait_for(|closing| *closing) => break,
            () = sleep(state.events.linger()) => break,
            back = count.wait_for(|count| *count > 0) => if back.is_err() { break },
        }
    }
    channel.stop();
    // The other branch ends before this.
    sleep(Duration::from_secs(20)).await;
}

/// Listens until told to stop, or the session is over.
async fn watch(state: &AppState, channel: &Arc<Channel>) {
    let mut delay = SHORTEST;
    loop {
        let orders = channel.orders();
        if orders.borrow().stop {
            return;
        }
        let began = Instant::now();
        let result = attempt(state, channel).await;
        match &result {
            Ok(()) => {
                delay = SHORTEST;
                continue;
            }
            Err(Error::PasswordRefused | Error::NotSignedIn) => {
                channel.end_dead(|id| state.sessions.is_alive(id));
                return;
            }
            Err(_) => channel.set_lost(true),
        }
        if began.elapsed() > LONGEST {
            // It had been well for a while.
            delay = SHORTEST;
        }
        let jitter = rand::rng().random_range(0.5..1.0);
        let mut orders = channel.orders();
        tokio::select! {
            () = sleep(delay.mul_f64(jitter)) => {}
            _ = orders.wait_for(|orders| orders.stop) => return,
        }
        delay = (delay * 2).min(LONGEST);
    }
}

async fn attempt(state: &AppState, channel: &Arc<Channel>) -> Result<(), Error> {
    let visitor = channel
        .visitor(|id| state.sessions.is_alive(id))
        .ok_or(Error::NotSignedIn)?;
    let engine = engine_of(state, &visitor).await?;
    let ears = channel.clone();
    let result = engine
        .watch(channel.orders(), &move |news| ears.hear(news))
        .await;
    match result {
        // The engine was closed with the user's last session, or replaced: the next attempt knows.
        Err(ImapError::Unreachable(_)) if engine.is_ended() => {
            sleep(Duration::from_millis(100)).await;
            Ok(())
        }
        // As in `engine_of`: asked again it would be refused again.
        Err(ImapError::AuthenticationFailed) => {
            if let Some(session) = &visitor.session {
                state.sessions.remove(&session.id).await;
            }
            Err(Error::PasswordRefused)
        }
        result => Ok(result?),
    }
}
