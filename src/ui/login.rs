//! Signing in: an address, a password, a button.

use crate::i18n::{Key, Locale};
use leptos::prelude::*;

/// The sign-in page.
#[component]
pub fn Login() -> impl IntoView {
    let locale = Locale::default();
    view! {
        <main class="login">
            <h1>{locale.text(Key::AppName)}</h1>
            <form method="post" action="/api/sign_in">
                <label for="address">{locale.text(Key::LoginAddress)}</label>
                <input id="address" name="address" type="email" autocomplete="username" required />
                <label for="password">{locale.text(Key::LoginPassword)}</label>
                <input
                    id="password"
                    name="password"
                    type="password"
                    autocomplete="current-password"
                    required
                />
                <button type="submit">{locale.text(Key::LoginSubmit)}</button>
            </form>
        </main>
    }
}
