//! Writing: the pane, which asks what the form is to open with.

use super::composer_form::ComposerForm;
use super::fetch::{self, Awaited, fetched};
use super::mailbox::Mailbox;
use super::problem::Problem;
use super::route::{self, Page};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// `/compose`
#[component]
pub fn Composer() -> impl IntoView {
    let mailbox = Mailbox::find();
    let search = use_location().search;
    let query = Memo::new(move |former| {
        // On the way to another page the form stays what it is.
        if mailbox.page.get() == Page::Compose {
            route::compose_query(&search.get())
        } else {
            former.cloned().unwrap_or_default()
        }
    });
    let composition = fetched(move || query.get(), fetch::composition);
    view! {
        <section class="composer-pane">
            <Awaited fallback=move || view! { <div class="composer" aria-busy="true"><span class="bone wide"></span></div> }>
                {move || {
                    composition
                        .get()
                        .map(|composition| match composition {
                            Ok(composition) => view! { <ComposerForm composition /> }.into_any(),
                            Err(error) => view! { <Problem error heading=true /> }.into_any(),
                        })
                }}
            </Awaited>
        </section>
    }
}
