//! The searches of before: in this browser alone, by account, until the person clears them or
//! signs out. They say what somebody was looking for, so they are nowhere else.

/// What was searched for, the latest first.
#[cfg(feature = "hydrate")]
pub fn list(account: &str) -> Vec<String> {
    let text = store().and_then(|store| store.get_item(&key(account)).ok().flatten());
    text.unwrap_or_default()
        .lines()
        .map(ToOwned::to_owned)
        .collect()
}

#[cfg(not(feature = "hydrate"))]
pub fn list(_: &str) -> Vec<String> {
    Vec::new()
}

/// This was searched for now.
#[cfg(feature = "hydrate")]
pub fn remember(account: &str, query: &str) {
    let recent = super::suggest::remembered(query, &list(account));
    if let Some(store) = store() {
        // That there is no room is no fault.
        let _ = store.set_item(&key(account), &recent.join("\n"));
    }
}

#[cfg(not(feature = "hydrate"))]
pub fn remember(_: &str, _: &str) {}

/// Forgets all of the account's.
#[cfg(feature = "hydrate")]
pub fn forget(account: &str) {
    if let Some(store) = store() {
        let _ = store.remove_item(&key(account));
    }
}

#[cfg(not(feature = "hydrate"))]
pub fn forget(_: &str) {}

#[cfg(feature = "hydrate")]
fn key(account: &str) -> String {
    format!("posthorn-searches:{account}")
}

/// `None` where the browser keeps nothing.
#[cfg(feature = "hydrate")]
fn store() -> Option<web_sys::Storage> {
    leptos::prelude::window().local_storage().ok().flatten()
}
