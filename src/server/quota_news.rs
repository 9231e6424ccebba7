//! How full the mailbox is, told to the pages that listen when messages came or went: asked for a
//! moment later, so that a burst is one question, and at most every two seconds a user.

use super::caller::engine_of;
use super::events::Channel;
use super::state::AppState;
use crate::model::Event;
use std::time::Duration;
use tokio::time::sleep;

/// What comes or goes within this time is one change.
const SETTLE: Duration = Duration::from_secs(1);
/// The shortest time between two questions.
const PACE: Duration = Duration::from_secs(2);

/// Tells it again and again; never returns.
pub async fn tell(state: &AppState, channel: &Channel) {
    let mut usage = channel.usage();
    let mut told = None;
    // The sender is in the channel: this ends with nobody's waiting for it.
    while usage.changed().await.is_ok() {
        sleep(SETTLE).await;
        usage.mark_unchanged();
        if *channel.count().borrow() == 0 {
            continue;
        }
        let Some(visitor) = channel.visitor(|id| state.sessions.is_alive(id)) else {
            continue;
        };
        // That it cannot be found out is told by nothing: the next change asks again.
        if let Ok(engine) = engine_of(state, &visitor).await
            && let Ok(Some(quota)) = engine.ask_quota().await
            && told.replace(quota) != Some(quota)
        {
            channel.send(Event::Quota(quota));
        }
        sleep(PACE).await;
    }
}
