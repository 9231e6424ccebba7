//! The account's settings: the language and signing out, and the folders.

use super::browser;
use super::folder_settings::FolderSettings;
use super::mailbox::Mailbox;
use super::remote::TrustedSenders;
use super::route::{self, Page, SettingsPage};
use super::visit::{Here, Toast};
use crate::api;
use crate::i18n::{Key, Locale};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_location;

/// `/settings/…`
#[component]
pub fn Settings() -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let page = Memo::new(move |_| match mailbox.page.get() {
        Page::Settings(page) => page,
        _ => SettingsPage::Appearance,
    });
    let link = move |is: SettingsPage, href: String, label: Key| {
        let current = move || (page.get() == is).then_some("page");
        view! { <a href=href aria-current=current>{locale.text(label)}</a> }
    };
    view! {
        <section class="settings">
            <nav class="settings-nav" aria-label=locale.text(Key::SettingsTitle)>
                {link(SettingsPage::Appearance, "/settings/appearance".to_owned(), Key::SettingsGeneral)}
                {link(SettingsPage::Folders, route::folder_settings(None), Key::FoldersTitle)}
            </nav>
            {move || match page.get() {
                SettingsPage::Appearance => view! { <Appearance /> }.into_any(),
                SettingsPage::Folders => view! { <FolderSettings /> }.into_any(),
            }}
        </section>
    }
}

/// `/settings/appearance`
#[component]
fn Appearance() -> impl IntoView {
    let here = Here::find();
    let locale = here.locale;
    let address = move || here.account.get().map(|account| account.address);
    view! {
            <h1>{locale.text(Key::SettingsTitle)}</h1>
            <div class="card">
                <h2>{locale.text(Key::SettingsLanguage)}</h2>
                <p>{locale.text(Key::SettingsLanguageText)}</p>
                <LanguageForm />
            </div>
            <TrustedSenders />
            <div class="card">
                <h2>{locale.text(Key::SettingsAccount)}</h2>
                <p>{locale.text(Key::SettingsAccountText)} " " <strong>{address}</strong></p>
                <SignOut />
            </div>
    }
}

/// The two languages, each named in itself.
#[component]
pub fn LanguageForm() -> impl IntoView {
    let here = Here::find();
    let location = use_location();
    let back = move || {
        let (path, search) = (location.pathname.get(), location.search.get());
        if search.is_empty() {
            path
        } else {
            format!("{path}?{search}")
        }
    };
    let choose = move |language: &'static str| {
        let to = back();
        spawn_local(async move {
            match api::session::set_language(language.to_owned(), String::new()).await {
                // The language of a page is the same from its first to its last word.
                Ok(()) => browser::load(&to),
                Err(error) => here.toast.set(Some(Toast::Failed(error))),
            }
        });
    };
    let button = move |locale: Locale, name: &'static str| {
        let current = here.locale == locale;
        view! {
            <button
                type="submit"
                name="language"
                value=locale.tag()
                lang=locale.tag()
                aria-pressed=current.to_string()
                on:click=move |event| {
                    event.prevent_default();
                    choose(locale.tag());
                }
            >
                {name}
            </button>
        }
    };
    view! {
        <form
            class="languages"
            method="post"
            action="/api/set_language"
            aria-label=here.locale.text(Key::SettingsLanguage)
        >
            <input type="hidden" name="back" value=back />
            {button(Locale::De, "Deutsch")}
            {button(Locale::En, "English")}
        </form>
    }
}

/// Ends the session. Left to the form in the browser too: the page is loaded anew, so that nothing
/// of the mailbox stays in its memory, and what was done is told by the next one.
#[component]
pub fn SignOut() -> impl IntoView {
    let here = Here::find();
    view! {
        <form
            method="post"
            action="/api/sign_out"
            class="sign-out"
            on:submit=move |_| here.leaving.set(true)
        >
            <button type="submit" class="link">{here.locale.text(Key::SignOut)}</button>
        </form>
    }
}
