//! What is hidden until it is opened: the page of the server has it, for whoever has no JavaScript; the
//! browser makes it when it is opened first. A menu names all folders, and with each message that is
//! opened comes another.

use super::browser;
use leptos::prelude::*;

/// Whether something was opened.
#[derive(Clone, Copy, Debug)]
pub struct Late(RwSignal<bool>);

impl Late {
    /// For something that is closed; in the page that came from the server its inside is there.
    pub fn new() -> Self {
        Self(RwSignal::new(!browser::is_taken_over()))
    }

    /// It was opened or closed. What was made stays.
    pub fn toggled(self) {
        if !self.0.get_untracked() {
            self.0.set(true);
        }
    }

    /// The inside, from the time when it is wanted.
    pub fn inside<V: IntoView>(self, make: impl Fn() -> V) -> Option<V> {
        self.0.get().then(make)
    }
}
