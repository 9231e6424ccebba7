//! Writing: the pane, which asks what the form is to open with.

use super::composer_form::ComposerForm;
use super::fetch::{self, Awaited, fetched};
use super::mailbox::Mailbox;
use super::problem::Problem;
use super::route::{self, Page};
use crate::model::ComposeQuery;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// `/compose`
#[component]
pub fn Composer() -> impl IntoView {
    let mailbox = Mailbox::find();
    let search = use_location().search;
    // The draft that the form at hand was saved as.
    let saved = StoredValue::new(None);
    // Counted, since a new message may be wanted where a new message became a draft.
    let query = Memo::new(move |former: Option<&(u32, ComposeQuery)>| {
        let former = former.cloned().unwrap_or_default();
        let query = route::compose_query(&search.get());
        let own = saved.get_value();
        // On the way to another page the form stays what it is, and so it does at the address that
        // saving gives it.
        if mailbox.page.get() != Page::Compose
            || own.is_some() && own == query.draft.zip(query.uid_validity)
        {
            return former;
        }
        // Whoever comes back to that address finds another form there.
        saved.set_value(None);
        (former.0 + 1, query)
    });
    let composition = fetched(move || query.get(), |(_, query)| fetch::composition(query));
    let mut odd = false;
    view! {
        <section class="composer-pane">
            <Awaited fallback=move || view! { <div class="composer" aria-busy="true"><span class="bone wide"></span></div> }>
                {move || {
                    composition
                        .get()
                        .map(|composition| {
                            let view = match composition {
                                Ok(composition) => view! { <ComposerForm composition saved /> }.into_any(),
                                Err(error) => view! { <Problem error heading=true /> }.into_any(),
                            };
                            // Each is a form of its own: in boxes taken over from the one before,
                            // what was typed there would stand.
                            odd = !odd;
                            if odd { Either::Left(view) } else { Either::Right(view) }
                        })
                }}
            </Awaited>
        </section>
    }
}
