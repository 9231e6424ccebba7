//! Doing something to a folder from the browser's half: call the server, say how it went, show the
//! mailbox as it is then.

use super::mailbox::{Mailbox, Navigate};
use super::visit::Toast;
use crate::model::{Error, FolderProblem, Notice};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// Does things in the current workspace.
#[derive(Clone)]
pub struct Doing {
    mailbox: Mailbox,
    navigate: Navigate,
}

impl Doing {
    /// For the current workspace.
    pub fn find() -> Self {
        Self {
            mailbox: Mailbox::find(),
            navigate: std::sync::Arc::new(use_navigate()),
        }
    }

    /// Waits for `call`; when it is done, says `notice` and goes to `to`.
    pub fn run(
        &self,
        call: impl Future<Output = Result<(), Error>> + 'static,
        notice: Notice,
        to: Option<String>,
    ) {
        self.run_or(call, notice, to, || {});
    }

    /// The same, with `put_right` called if it was not done.
    pub fn run_or(
        &self,
        call: impl Future<Output = Result<(), Error>> + 'static,
        notice: Notice,
        to: Option<String>,
        put_right: impl FnOnce() + 'static,
    ) {
        let Self { mailbox, navigate } = self.clone();
        let toast = mailbox.here.toast;
        spawn_local(async move {
            match call.await {
                Ok(()) => {
                    toast.set(Some(Toast::Done(notice)));
                    mailbox.reload();
                    if let Some(to) = to {
                        navigate(&to, NavigateOptions::default());
                    }
                }
                Err(error) => {
                    put_right();
                    // Another program has been here: what is shown is not what is there.
                    if matches!(
                        error,
                        Error::NoFolder
                            | Error::FolderChanged
                            | Error::Folder(FolderProblem::HoldsMore | FolderProblem::Exists)
                    ) {
                        mailbox.reload();
                    }
                    toast.set(Some(Toast::Failed(error)));
                }
            }
        });
    }
}
