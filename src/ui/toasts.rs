//! The word beside the page: what was done, or what failed.

use super::connection::ConnectionLine;
use super::icon::Icon;
use super::mailbox::Mailbox;
use super::visit::{Here, Toast};
use super::words::{changed_text, error_line, error_text, notice_text};
use crate::i18n::Key;
use crate::model::Undo;
use leptos::prelude::*;
use std::time::Duration;

/// How long a word about what was done stays.
const LIFE: Duration = Duration::from_secs(8);

/// Shows the latest word until it is put away or the next comes.
#[component]
pub fn Toasts() -> impl IntoView {
    let here = Here::find();
    let locale = here.locale;
    let toast = here.toast;
    // What was done need not be put away; what failed stays until it is.
    Effect::new(move |_| {
        let told = toast.get();
        if matches!(told, Some(Toast::Done(_) | Toast::Changed { .. })) {
            set_timeout(
                move || {
                    if toast.get_untracked() == told {
                        toast.set(None);
                    }
                },
                LIFE,
            );
        }
    });
    view! {
        // Live regions have to be there before what they tell.
        <div class="toasts">
            {use_context::<Mailbox>().map(|mailbox| view! { <ConnectionLine mailbox /> })}
            <div role="status">
                {move || match toast.get()? {
                    Toast::Done(notice) => {
                        Some(view! { <Told text=notice_text(locale, notice).to_owned() toast undo=Vec::new() /> }.into_any())
                    }
                    Toast::Changed { notice, count, undo } => {
                        Some(view! { <Told text=changed_text(locale, notice, count) toast undo /> }.into_any())
                    }
                    Toast::Working { done, total } => Some(view! { <Working done total /> }.into_any()),
                    Toast::Failed(_) | Toast::Partly { .. } | Toast::NotUndone(..) => None,
                }}
            </div>
            <div role="alert">
                {move || {
                    let told = toast.get()?;
                    let text = match &told {
                        Toast::Failed(error) => error_line(locale, error),
                        Toast::Partly { notice, count, error, .. } => {
                            let done = changed_text(locale, *notice, *count);
                            let what = error_line(locale, error);
                            locale.fill(Key::ToastPartly, &[("done", &done), ("what", &what)])
                        }
                        Toast::NotUndone(error, _) => {
                            let (what, _) = error_text(locale, error);
                            locale.fill(Key::ToastNotUndone, &[("what", &what)])
                        }
                        _ => return None,
                    };
                    Some(
                        view! {
                            <div class="toast failed">
                                <Icon name="alert" />
                                <span>{text}</span>
                                <Back undo=told.undo().to_vec() />
                                <Close toast />
                            </div>
                        },
                    )
                }}
            </div>
        </div>
    }
}

/// What was done, and the way back.
#[component]
fn Told(text: String, toast: RwSignal<Option<Toast>>, undo: Vec<Undo>) -> impl IntoView {
    view! {
        <div class="toast">
            <span>{text}</span>
            <Back undo />
            <Close toast />
        </div>
    }
}

/// The button that takes back what was done, where it can be.
#[component]
fn Back(undo: Vec<Undo>) -> impl IntoView {
    let locale = Here::find().locale;
    use_context::<Mailbox>()
        .zip(undo.first().cloned())
        .map(|(mailbox, step)| {
            let submit = move |event: leptos::ev::SubmitEvent| {
                event.prevent_default();
                mailbox.undo(undo.clone());
            };
            // Without JavaScript what was done was done in one step.
            view! {
                <form method="post" action="/api/change_many" on:submit=submit>
                    <input type="hidden" name="folder" value=step.folder />
                    <input type="hidden" name="uid_validity" value=step.uid_validity />
                    <input type="hidden" name="set" value=step.set />
                    <input type="hidden" name="change" value=step.change.value() />
                    <input type="hidden" name="target" value=step.destination />
                    <input type="hidden" name="undoes" value="true" />
                    <input type="hidden" name="back" value=move || mailbox.list_address() />
                    <button type="submit" class="toast-action">
                        {locale.text(Key::ToastUndo)}
                    </button>
                </form>
            }
        })
}

/// How far something long is, and the way to end it.
#[component]
fn Working(done: u32, total: u32) -> impl IntoView {
    let locale = Here::find().locale;
    let mailbox = use_context::<Mailbox>();
    let stop = move |_| {
        if let Some(mailbox) = mailbox {
            mailbox.stop.set_value(true);
        }
    };
    let (done_text, total_text) = (
        locale.number(u64::from(done)),
        locale.number(u64::from(total)),
    );
    let text = locale.fill(
        Key::ToastWorking,
        &[("done", &done_text), ("total", &total_text)],
    );
    view! {
        <div class="toast working">
            <span>{text.clone()}</span>
            <progress max=total value=done aria-label=text></progress>
            <button type="button" class="toast-action" on:click=stop>
                {locale.text(Key::ToastStop)}
            </button>
        </div>
    }
}

/// Puts the word away. Without JavaScript the next page has none, so the button is not shown.
#[component]
fn Close(toast: RwSignal<Option<Toast>>) -> impl IntoView {
    let locale = Here::find().locale;
    view! {
        <button
            type="button"
            class="toast-close needs-script"
            on:click=move |_| toast.set(None)
            aria-label=locale.text(Key::ToastClose)
        >
            <Icon name="close" />
        </button>
    }
}
