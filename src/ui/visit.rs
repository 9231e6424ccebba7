//! The visit: what server and browser both know of it, and what changes while it lasts.

use crate::i18n::Locale;
use crate::model::wire::Wire;
use crate::model::{Account, Error, Notice, SignInProblem, Theme, Undo, Visit, uid_set};
use leptos::prelude::*;

/// Something to tell beside the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Toast {
    Done(Notice),
    /// Done to messages, and how to take it back; empty where it cannot be.
    Changed {
        notice: Notice,
        count: u32,
        undo: Vec<Undo>,
    },
    /// Under way.
    Working {
        done: u32,
        total: u32,
    },
    Failed(Error),
    /// Done to some of the messages, and how to take that back; and why not to the rest.
    Partly {
        notice: Notice,
        count: u32,
        error: Error,
        undo: Vec<Undo>,
    },
    /// What was not taken back yet, and why: it can be tried again.
    NotUndone(Error, Vec<Undo>),
}

impl Toast {
    /// How to take back what it tells of, in steps; empty where it cannot be.
    pub fn undo(&self) -> &[Undo] {
        match self {
            Self::Changed { undo, .. } | Self::Partly { undo, .. } | Self::NotUndone(_, undo) => {
                undo
            }
            Self::Done(_) | Self::Working { .. } | Self::Failed(_) => &[],
        }
    }
}

/// The visit in context.
#[derive(Clone, Copy, Debug)]
pub struct Here {
    /// The same until the page is loaded anew.
    pub locale: Locale,
    /// Whether lists are by conversations; the same until the page is loaded anew.
    pub conversations: bool,
    /// Whether the rows of lists are narrow; the same until the page is loaded anew.
    pub compact: bool,
    /// Whether pages are light or dark; the same until the page is loaded anew.
    pub theme: Theme,
    pub account: RwSignal<Option<Account>>,
    pub toast: RwSignal<Option<Toast>>,
    /// The person is signing out: nothing more is asked in their name.
    pub leaving: RwSignal<bool>,
    pub sign_in: RwSignal<Option<(String, SignInProblem)>>,
}

impl Here {
    /// Takes the visit over from the server, and puts it into the context.
    pub fn provide() -> Self {
        let visit = SharedValue::<Visit, Wire>::new_with_encoding(visit).into_inner();
        let toast = match (visit.error, visit.notice, visit.undo) {
            (Some(error), ..) => Some(Toast::Failed(error)),
            (None, Some(notice), Some(undo)) => Some(Toast::Changed {
                notice,
                count: uid_set::count(&undo.set),
                undo: vec![undo],
            }),
            (None, notice, _) => notice.map(Toast::Done),
        };
        let here = Self {
            locale: visit.locale,
            conversations: visit.conversations,
            compact: visit.compact,
            theme: visit.theme,
            account: RwSignal::new(visit.account),
            toast: RwSignal::new(toast),
            leaving: RwSignal::new(false),
            sign_in: RwSignal::new(visit.sign_in),
        };
        provide_context(here);
        here
    }

    /// Tells that something failed which nobody asked for just now. A way back that is offered stays:
    /// it would be lost with its word.
    pub fn tell_aside(self, error: Error) {
        let offers =
            |toast: &Option<Toast>| toast.as_ref().is_some_and(|toast| !toast.undo().is_empty());
        if !self.toast.with_untracked(offers) {
            self.toast.set(Some(Toast::Failed(error)));
        }
    }

    /// From the context; English and nobody where there is none.
    pub fn find() -> Self {
        use_context().unwrap_or_else(|| Self {
            locale: Locale::default(),
            conversations: false,
            compact: false,
            theme: Theme::default(),
            account: RwSignal::new(None),
            toast: RwSignal::new(None),
            leaving: RwSignal::new(false),
            sign_in: RwSignal::new(None),
        })
    }
}

#[cfg(feature = "ssr")]
fn visit() -> Visit {
    crate::server::pages::visit()
}

#[cfg(not(feature = "ssr"))]
fn visit() -> Visit {
    Visit::default()
}
