//! Handing the composer's form in from the browser: what is attached, how far the upload is, what
//! came of it. Nothing typed is touched before the server has taken it.

use super::table::whole;
use super::visit::{Here, Toast};
use super::{browser, route, upload};
use crate::api;
use crate::model::{
    Draft, DraftAttachment, Error, Notice, Origin, Problem, SendOutcome, SignInOutcome,
};
use crate::ui::mailbox::{Mailbox, Navigate};
use crate::ui::words::{error_line, sign_in_text};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// Of 100 octets of a mail, so many can be of files: Base64 with its line breaks takes the rest.
const FILE_SHARE: u64 = 73;

/// The state of one composer's form.
#[derive(Clone, Copy)]
pub struct Submission {
    here: Here,
    mailbox: Mailbox,
    origin: StoredValue<Option<Origin>>,
    pub form: NodeRef<leptos::html::Form>,
    pub problem: RwSignal<Option<Problem>>,
    /// The draft in Drafts that this form replaces.
    pub stored: RwSignal<Option<(u32, u32)>>,
    /// Attachments at the mail server.
    pub kept: RwSignal<Vec<DraftAttachment>>,
    /// Names and octets of the files chosen here.
    pub chosen: RwSignal<Vec<(String, u64)>>,
    files: upload::Files,
    /// Of 100; `None` while nothing is on its way.
    sending: RwSignal<Option<f64>>,
    pub progress: Signal<u32>,
    /// Whether the answer to signing in again is on its way.
    signing_in: StoredValue<bool>,
    /// What is to be done when it has come.
    meant: StoredValue<Option<&'static str>>,
    navigate: StoredValue<Navigate>,
}

impl Submission {
    /// For a form that opens with `draft`.
    pub fn new(draft: &Draft, problem: Option<Problem>) -> Self {
        let sending = RwSignal::new(None);
        Self {
            here: Here::find(),
            mailbox: Mailbox::find(),
            origin: StoredValue::new(draft.origin.clone()),
            form: NodeRef::new(),
            problem: RwSignal::new(problem),
            stored: RwSignal::new(draft.stored),
            kept: RwSignal::new(draft.attachments.clone()),
            chosen: RwSignal::new(Vec::new()),
            files: upload::Files::new(),
            sending,
            progress: Signal::derive(move || sending.get().map(whole).unwrap_or_default()),
            signing_in: StoredValue::new(false),
            meant: StoredValue::new(None),
            navigate: StoredValue::new(std::sync::Arc::new(use_navigate())),
        }
    }

    /// Whether the form is on its way.
    pub fn busy(self) -> bool {
        self.sending.get().is_some()
    }

    /// Octets of files that a mail can carry.
    pub fn limit(self) -> Option<u64> {
        self.here
            .account
            .get()
            .map(|account| account.message_limit / 100 * FILE_SHARE)
    }

    /// Ctrl+Enter sends.
    pub fn shortcut(self, event: &leptos::ev::KeyboardEvent) {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            self.hand_in("send");
        }
    }

    /// The form's own submission, by the button that was pressed.
    pub fn submit(self, event: &leptos::ev::SubmitEvent) {
        event.prevent_default();
        browser::close_popover("discard");
        let action = event
            .submitter()
            .and_then(|button| button.get_attribute("formaction"))
            .unwrap_or_default();
        self.hand_in(match action.rsplit('/').next() {
            Some("send") => "send",
            Some("discard") => "discard",
            _ => "save",
        });
    }

    fn hand_in(self, intent: &'static str) {
        if self.sending.get_untracked().is_some() {
            return;
        }
        // Sent now, it would be refused, and the word about that would go when the sign-in is there.
        if self.signing_in.get_value() {
            self.meant.set_value(Some(intent));
            return;
        }
        let Some(form) = self.form.get_untracked() else {
            return;
        };
        self.problem.set(None);
        self.here.toast.set(None);
        self.sending.set(Some(0.0));
        let progress = move |share| self.sending.set(Some(share));
        let done = move |outcome| {
            self.sending.set(None);
            self.finish(outcome);
        };
        self.files
            .post(&form, &format!("/api/submit/{intent}"), progress, done);
    }

    /// Stops the upload. What was typed and chosen stays.
    pub fn cancel(self) {
        self.files.cancel();
        self.sending.set(None);
    }

    fn finish(self, outcome: Result<SendOutcome, Error>) {
        let toast = self.here.toast;
        match outcome {
            Ok(SendOutcome::Sent { problem }) => {
                let notice = if problem.is_some() {
                    Notice::SentNotFiled
                } else {
                    Notice::Sent
                };
                toast.set(Some(Toast::Done(notice)));
                self.leave();
            }
            Ok(SendOutcome::Discarded) => {
                toast.set(Some(Toast::Done(Notice::Discarded)));
                self.leave();
            }
            Ok(SendOutcome::Saved { draft }) => {
                self.files.clear();
                self.chosen.set(Vec::new());
                self.stored.set(draft.stored);
                self.kept.set(draft.attachments);
                toast.set(Some(Toast::Done(Notice::Saved)));
                // Loading the page again opens the draft.
                browser::rename(&route::compose_draft(draft.stored));
            }
            Ok(SendOutcome::Refused { problem, .. }) => self.tell(problem),
            Err(error) => self.tell(Problem::Mailbox(error)),
        }
    }

    fn tell(self, problem: Problem) {
        self.problem.set(Some(problem));
        browser::focus("composer-problem");
    }

    fn leave(self) {
        let folder = self
            .origin
            .get_value()
            .map_or_else(|| "INBOX".to_owned(), |origin| origin.folder);
        self.mailbox.reload();
        self.navigate.with_value(|navigate| {
            navigate(&route::folder(&folder, 1), NavigateOptions::default());
        });
    }

    /// Files were chosen. Those that would make the mail too large are not taken, and said so.
    pub fn attach(self, event: &leptos::ev::Event) {
        let held = self
            .chosen
            .with_untracked(|files| files.iter().map(|(_, size)| size).sum::<u64>());
        let kept = self.kept.with_untracked(|kept| {
            kept.iter()
                .map(|attachment| u64::from(attachment.size))
                .sum::<u64>()
        });
        let mut room = self.limit().unwrap_or(u64::MAX).saturating_sub(held + kept);
        let mut too_large = false;
        let taken = self.files.take(event, |size| {
            let fits = size <= room;
            if fits {
                room -= size;
            } else {
                too_large = true;
            }
            fits
        });
        self.chosen.update(|chosen| chosen.extend(taken));
        if too_large {
            let limit = self
                .here
                .account
                .get_untracked()
                .map_or(0, |account| account.message_limit);
            self.tell(Problem::TooLarge { limit });
        } else if matches!(self.problem.get_untracked(), Some(Problem::TooLarge { .. })) {
            self.problem.set(None);
        }
    }

    /// Takes a chosen file out again.
    pub fn drop_file(self, index: usize) {
        self.files.remove(index);
        self.chosen.update(|chosen| {
            if index < chosen.len() {
                chosen.remove(index);
            }
        });
    }

    /// Takes an attachment out that is at the mail server.
    pub fn drop_kept(self, index: usize) {
        self.kept.update(|kept| {
            if index < kept.len() {
                kept.remove(index);
            }
        });
    }

    /// Signs in again without leaving the form.
    pub fn sign_in_again(
        self,
        address: String,
        password: String,
        refused: RwSignal<Option<String>>,
    ) {
        if self.signing_in.get_value() {
            return;
        }
        self.signing_in.set_value(true);
        let locale = self.here.locale;
        spawn_local(async move {
            let outcome = api::session::sign_in(address, password, String::new()).await;
            self.signing_in.set_value(false);
            // Whoever has left the form meanwhile means nothing by it any more.
            let meant = self.meant.try_get_value().flatten();
            self.meant.set_value(None);
            match outcome {
                Ok(SignInOutcome::SignedIn { account, .. }) => {
                    self.here.account.set(Some(account));
                    self.problem.set(None);
                    refused.set(None);
                    // Who has left the form may stand before a list that was refused.
                    self.mailbox.reload();
                    match meant {
                        Some(intent) => self.hand_in(intent),
                        None => {
                            browser::focus("text");
                        }
                    }
                }
                Ok(SignInOutcome::Refused { problem }) => {
                    refused.set(Some(sign_in_text(locale, &problem)));
                }
                Err(error) => refused.set(Some(error_line(locale, &error))),
            }
        });
    }
}

/// Enter in a line goes nowhere: sending is said by its button.
pub fn not_by_enter(event: leptos::ev::KeyboardEvent) {
    if event.key() == "Enter" && !event.ctrl_key() && !event.meta_key() {
        event.prevent_default();
    }
}

/// Where writing begins: in an answer above what is quoted.
pub fn begin_at(id: &'static str) {
    browser::focus(id);
    browser::caret_to_start(id);
}
