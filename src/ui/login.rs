//! Signing in: an address, a password, a button.

use super::choice::LanguageForm;
use super::icon::Icon;
use super::title;
use super::toasts::Toasts;
use super::visit::{Here, Toast};
use super::words::{error_line, sign_in_text};
use super::{browser, route};
use crate::api;
use crate::i18n::Key;
use crate::model::SignInOutcome;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

/// The sign-in page.
#[component]
pub fn Login() -> impl IntoView {
    let here = Here::find();
    let locale = here.locale;
    let location = use_location();
    let navigate = use_navigate();
    let next =
        Memo::new(move |_| route::query_value(&location.search.get(), "next").unwrap_or_default());
    let problem = here.sign_in;
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<String>);
    let typed = problem
        .get_untracked()
        .map(|(address, _)| address)
        .unwrap_or_default();
    let address = NodeRef::<leptos::html::Input>::new();
    let password = NodeRef::<leptos::html::Input>::new();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let value = |node: NodeRef<leptos::html::Input>| {
            node.get_untracked()
                .map(|input| input.value())
                .unwrap_or_default()
        };
        let (typed, secret, to) = (value(address), value(password), next.get_untracked());
        let navigate = navigate.clone();
        busy.set(true);
        spawn_local(async move {
            let outcome = api::session::sign_in(typed.clone(), secret, to).await;
            busy.set(false);
            failure.set(None);
            match outcome {
                Ok(SignInOutcome::SignedIn { next, account }) => {
                    problem.set(None);
                    here.toast.set(None);
                    here.account.set(Some(account));
                    let to = if next == "/" {
                        route::folder("INBOX", 1)
                    } else {
                        next
                    };
                    // A list that begins in its middle has to be laid out before it is scrolled.
                    if route::list_page(to.split_once('?').map_or("", |(_, query)| query)) > 1 {
                        browser::load(&to);
                        return;
                    }
                    navigate(
                        &to,
                        NavigateOptions {
                            replace: true,
                            ..NavigateOptions::default()
                        },
                    );
                }
                Ok(SignInOutcome::Refused { problem: why }) => {
                    problem.set(Some((typed, why)));
                    browser::focus("password");
                }
                Err(error) => {
                    problem.set(None);
                    failure.set(Some(error_line(locale, &error)));
                }
            }
        });
    };
    let told = move || {
        failure
            .get()
            .or_else(|| problem.get().map(|(_, why)| sign_in_text(locale, &why)))
    };
    title::tell_key(locale, Key::LoginTitle);
    view! {
        <div class="login-page">
            <Show when=move || matches!(here.toast.get(), Some(Toast::Done(_) | Toast::Failed(_)))>
                <Toasts />
            </Show>
            <main class="login">
                <div class="brand">
                    <Icon name="horn" />
                    <span>"Posthorn"</span>
                </div>
                <h1>{locale.text(Key::LoginTitle)}</h1>
                <form method="post" action="/api/sign_in" on:submit=submit aria-busy=move || busy.get().to_string()>
                    <div class="alert-place" role="alert">
                        {move || {
                            told()
                                .map(|text| {
                                    view! {
                                        <p class="alert">
                                            <Icon name="alert" />
                                            <span>{text}</span>
                                        </p>
                                    }
                                })
                        }}
                    </div>
                    <input type="hidden" name="next" value=move || next.get() />
                    <div class="field">
                        <label for="address">{locale.text(Key::LoginAddress)}</label>
                        <input
                            node_ref=address
                            id="address"
                            name="address"
                            type="text"
                            inputmode="email"
                            autocomplete="username"
                            autocapitalize="none"
                            spellcheck="false"
                            required
                            maxlength="254"
                            value=typed.clone()
                            autofocus=typed.is_empty()
                        />
                    </div>
                    <div class="field">
                        <label for="password">{locale.text(Key::LoginPassword)}</label>
                        <input
                            node_ref=password
                            id="password"
                            name="password"
                            type="password"
                            autocomplete="current-password"
                            required
                            autofocus=!typed.is_empty()
                        />
                    </div>
                    <button type="submit" class="button primary wide" aria-disabled=move || busy.get().to_string()>
                        {move || {
                            locale.text(if busy.get() { Key::LoginBusy } else { Key::LoginSubmit })
                        }}
                    </button>
                </form>
                <LanguageForm />
            </main>
        </div>
    }
}
