//! The account's settings: the language, light or dark, how lists look, signing out, and the folders.

use super::choice::{DensityForm, LanguageForm, ThemeForm, ViewForm};
use super::folder_settings::FolderSettings;
use super::icon::Icon;
use super::mailbox::Mailbox;
use super::recent;
use super::remote::TrustedSenders;
use super::route::{self, Page, SettingsPage};
use super::visit::Here;
use crate::i18n::Key;
use leptos::prelude::*;

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
                // Where neither the folders nor the tabs are beside it.
                <a class="settings-home" href=route::folder("INBOX", 1) aria-label=locale.text(Key::ReaderBack)>
                    <Icon name="back" />
                </a>
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
            <div class="card">
                <h2>{locale.text(Key::ThemeTitle)}</h2>
                <p>{locale.text(Key::ThemeText)}</p>
                <ThemeForm />
            </div>
            <TrustedSenders />
            <div class="card">
                <h2>{locale.text(Key::DensityTitle)}</h2>
                <p>{locale.text(Key::DensityText)}</p>
                <DensityForm />
            </div>
            <div class="card">
                <h2>{locale.text(Key::ViewConversations)}</h2>
                <p>{locale.text(Key::ViewText)}</p>
                <ViewForm />
            </div>
            <div class="card">
                <h2>{locale.text(Key::SettingsAccount)}</h2>
                <p>{locale.text(Key::SettingsAccountText)} " " <strong>{address}</strong></p>
                <SignOut />
            </div>
    }
}

/// Ends the session. Left to the form in the browser too: the page is loaded anew, so that nothing
/// of the mailbox stays in its memory, and what was done is told by the next one.
#[component]
pub fn SignOut() -> impl IntoView {
    let here = Here::find();
    let leave = move |_| {
        here.leaving.set(true);
        if let Some(account) = here.account.get_untracked() {
            recent::forget(&account.address);
        }
    };
    view! {
        <form
            method="post"
            action="/api/sign_out"
            class="sign-out"
            on:submit=leave
        >
            <button type="submit" class="link">{here.locale.text(Key::SignOut)}</button>
        </form>
    }
}
