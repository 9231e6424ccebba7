//! Handing the composer's form in from the browser: what is attached, how far the upload is, what
//! came of it. Nothing typed is touched before the server has taken it.

use super::table::whole;
use super::visit::{Here, Toast};
use super::{browser, route, upload};
use crate::api;
use crate::i18n::Key;
use crate::model::{
    Draft, DraftAttachment, Error, Notice, Origin, Problem, SendOutcome, SignInOutcome,
};
use crate::ui::mailbox::{Mailbox, Navigate};
use crate::ui::words::{error_line, problem_text, sign_in_text};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use std::cell::RefCell;

/// Of 100 octets of a mail, so many can be of files: Base64 with its line breaks takes the rest.
const FILE_SHARE: u64 = 73;

/// What was done, with the draft as it was saved; or why it was not.
type Outcome = Result<(Notice, Option<Draft>), Problem>;

fn read(outcome: Result<SendOutcome, Error>) -> Outcome {
    match outcome {
        Ok(SendOutcome::Sent { problem: None }) => Ok((Notice::Sent, None)),
        Ok(SendOutcome::Sent { .. }) => Ok((Notice::SentNotFiled, None)),
        Ok(SendOutcome::Discarded) => Ok((Notice::Discarded, None)),
        Ok(SendOutcome::Saved { draft }) => Ok((Notice::Saved, Some(draft))),
        Ok(SendOutcome::Refused { problem, .. }) => Err(problem),
        Err(error) => Err(Problem::Mailbox(error)),
    }
}

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
    /// The draft that this form became, for what opens the forms.
    saved: StoredValue<Option<(u32, u32)>>,
    /// Attachments at the mail server, and whether their boxes are to be ticked: `None` where they
    /// are as they came, or as whoever was quicker than the script left them.
    pub kept: RwSignal<Vec<(DraftAttachment, Option<bool>)>>,
    /// Names and octets of the files chosen here.
    pub chosen: RwSignal<Vec<(String, u64)>>,
    files: upload::Files,
    /// Of 100; `None` while nothing is on its way.
    sending: RwSignal<Option<f64>>,
    pub progress: Signal<u32>,
    /// What it is on its way for.
    intent: StoredValue<&'static str>,
    /// Whether the answer to signing in again is on its way.
    signing_in: StoredValue<bool>,
    /// What is to be done when it has come.
    meant: StoredValue<Option<&'static str>>,
    navigate: StoredValue<Navigate>,
}

impl Submission {
    /// For a form that opens with `draft`, and tells what it was `saved` as.
    pub fn new(
        draft: &Draft,
        problem: Option<Problem>,
        saved: StoredValue<Option<(u32, u32)>>,
    ) -> Self {
        let sending = RwSignal::new(None);
        let kept = draft.attachments.iter().map(|kept| (kept.clone(), None));
        Self {
            here: Here::find(),
            mailbox: Mailbox::find(),
            origin: StoredValue::new(draft.origin.clone()),
            form: NodeRef::new(),
            problem: RwSignal::new(problem),
            stored: RwSignal::new(draft.stored),
            saved,
            kept: RwSignal::new(kept.collect()),
            chosen: RwSignal::new(Vec::new()),
            files: upload::Files::new(),
            sending,
            progress: Signal::derive(move || sending.get().map(whole).unwrap_or_default()),
            intent: StoredValue::new("save"),
            signing_in: StoredValue::new(false),
            meant: StoredValue::new(None),
            navigate: StoredValue::new(std::sync::Arc::new(use_navigate())),
        }
    }

    /// Whether the form is on its way.
    pub fn busy(self) -> bool {
        self.sending.get().is_some()
    }

    /// What is told while it is.
    pub fn doing(self) -> Key {
        match self.intent.get_value() {
            "send" => Key::ComposeBusy,
            "discard" => Key::ComposeDiscarding,
            _ => Key::ComposeSaving,
        }
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
        self.intent.set_value(intent);
        self.sending.set(Some(0.0));
        // The form may have gone before the answer comes, and its signals with it.
        let progress = move |share| {
            self.sending.try_set(Some(share));
        };
        let refused = RefCell::new(None);
        let done = move |outcome| {
            let outcome = read(outcome);
            if self.sending.try_set(None).is_some() {
                return self.tell_beside(intent, outcome, &refused);
            }
            self.finish(outcome);
            false
        };
        self.files
            .post(&form, &format!("/api/submit/{intent}"), progress, done);
    }

    /// Stops the upload. What was typed and chosen stays.
    pub fn cancel(self) {
        self.files.cancel();
        self.sending.set(None);
    }

    fn finish(self, outcome: Outcome) {
        match outcome {
            Ok((notice, saved)) => {
                self.here.toast.set(Some(Toast::Done(notice)));
                match saved {
                    Some(draft) => self.go_on(draft),
                    None => self.leave(),
                }
            }
            Err(problem) => self.tell(problem),
        }
    }

    /// The form is one of a stored draft now.
    fn go_on(self, draft: Draft) {
        self.files.clear();
        self.chosen.set(Vec::new());
        self.stored.set(draft.stored);
        let kept = draft.attachments.into_iter();
        self.kept.set(kept.map(|kept| (kept, Some(true))).collect());
        // Loading the page again opens the draft. The router has to know, or a link to a new
        // message would lead to where it thinks it is.
        self.saved.set_value(draft.stored);
        self.go(
            &route::compose_draft(draft.stored),
            NavigateOptions {
                replace: true,
                scroll: false,
                ..NavigateOptions::default()
            },
        );
    }

    /// Tells those who have left the form what came of it, and leads them nowhere. What was refused
    /// would be gone with the form: `true` if it is to be saved, and why is put into `refused`.
    fn tell_beside(self, intent: &str, outcome: Outcome, refused: &RefCell<Option<Error>>) -> bool {
        let before = refused.take();
        let told = match (outcome, before) {
            (Ok((notice, _)), Some(error)) if intent == "send" => Toast::Partly {
                notice,
                count: 1,
                error,
                undo: Vec::new(),
            },
            (Ok((notice, _)), _) => Toast::Done(notice),
            (Err(_), Some(error)) => Toast::Failed(error),
            (Err(problem), None) => {
                let error = match problem {
                    Problem::Mailbox(error) => error,
                    Problem::Unreachable => Error::Unreachable,
                    Problem::MailboxFull => Error::OverQuota,
                    problem => Error::Refused(problem_text(self.here.locale, &problem).0),
                };
                if intent != "discard" {
                    refused.replace(Some(error));
                    return true;
                }
                Toast::Failed(error)
            }
        };
        self.here.toast.set(Some(told));
        // The workspace may have gone, too.
        #[cfg(feature = "hydrate")]
        if self.mailbox.stop.try_get_value().is_some() {
            self.mailbox.catch_up();
        }
        false
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
        self.go(&route::folder(&folder, 1), NavigateOptions::default());
    }

    fn go(self, address: &str, options: NavigateOptions) {
        self.navigate
            .with_value(|navigate| navigate(address, options));
    }

    /// Files were chosen. Those that would make the mail too large are not taken, and said so.
    pub fn attach(self, event: &leptos::ev::Event) {
        let held = self
            .chosen
            .with_untracked(|files| files.iter().map(|(_, size)| size).sum::<u64>());
        let kept = self.kept.with_untracked(|kept| {
            kept.iter()
                .map(|(attachment, _)| u64::from(attachment.size))
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

    /// Takes an attachment out that is at the mail server. Those behind it move up, with their
    /// ticks.
    pub fn drop_kept(self, index: usize) {
        let ticked = self.form.get_untracked().map(|form| upload::ticked(&form));
        self.kept.update(|kept| {
            for ((_, known), ticked) in kept.iter_mut().zip(ticked.unwrap_or_default()) {
                *known = Some(ticked);
            }
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
