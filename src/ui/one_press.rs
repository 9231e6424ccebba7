//! A form of one press that the server answers with a word about what it did: without JavaScript a
//! form like any other, with it a call beside the page.

use super::mailbox::{Mailbox, Target};
use super::visit::Toast;
use crate::model::{Error, Notice};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_location;

/// Sends such forms, one at a time.
#[derive(Clone, Copy)]
pub struct OnePress {
    toast: RwSignal<Option<Toast>>,
    busy: StoredValue<bool>,
}

impl OnePress {
    /// For the current workspace.
    pub fn new() -> Self {
        Self {
            toast: Mailbox::find().here.toast,
            busy: StoredValue::new(false),
        }
    }

    /// Waits for `call` in the place of the form, and says what it did; `then` if it was done.
    pub fn submit(
        self,
        event: &impl Preventable,
        call: impl Future<Output = Result<Notice, Error>> + 'static,
        then: impl FnOnce() + 'static,
    ) {
        event.prevent();
        if self.busy.get_value() {
            return;
        }
        self.busy.set_value(true);
        spawn_local(async move {
            let told = match call.await {
                Ok(notice) => {
                    then();
                    Toast::Done(notice)
                }
                Err(error) => Toast::Failed(error),
            };
            self.toast.set(Some(told));
            // The message may have been left meanwhile.
            self.busy.try_update_value(|busy| *busy = false);
        });
    }
}

/// An event whose usual course can be stopped.
pub trait Preventable {
    fn prevent(&self);
}

impl Preventable for leptos::ev::SubmitEvent {
    fn prevent(&self) {
        self.prevent_default();
    }
}

impl Preventable for leptos::ev::MouseEvent {
    fn prevent(&self) {
        self.prevent_default();
    }
}

/// The hidden fields that name the message and the page to come back to.
#[component]
pub fn Place(target: Target) -> impl IntoView {
    let location = use_location();
    let back = move || {
        let (path, search) = (location.pathname.get(), location.search.get());
        let search = search.trim_start_matches('?');
        if search.is_empty() {
            path
        } else {
            format!("{path}?{search}")
        }
    };
    view! {
        <input type="hidden" name="folder" value=target.folder />
        <input type="hidden" name="uid_validity" value=target.uid_validity />
        <input type="hidden" name="uid" value=target.uid />
        <input type="hidden" name="back" value=back />
    }
}
