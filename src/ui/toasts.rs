//! The word beside the page: what was done, or what failed.

use super::icon::Icon;
use super::visit::{Here, Toast};
use super::words::{error_line, notice_text};
use crate::i18n::Key;
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
        if matches!(told, Some(Toast::Done(_))) {
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
            <div role="status">
                {move || match toast.get() {
                    Some(Toast::Done(notice)) => Some(notice_text(locale, notice)),
                    _ => None,
                }
                    .map(|text| {
                        view! {
                            <p class="toast">
                                <span>{text}</span>
                                <Close toast />
                            </p>
                        }
                    })}
            </div>
            <div role="alert">
                {move || match toast.get() {
                    Some(Toast::Failed(error)) => Some(error_line(locale, &error)),
                    _ => None,
                }
                    .map(|text| {
                        view! {
                            <p class="toast failed">
                                <Icon name="alert" />
                                <span>{text}</span>
                                <Close toast />
                            </p>
                        }
                    })}
            </div>
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
