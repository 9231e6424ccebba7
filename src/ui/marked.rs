//! A text in which what was searched for is marked.

use super::highlight::runs;
use leptos::prelude::*;

/// `text` with `words` marked.
#[component]
pub fn Marked(text: String, words: Vec<String>) -> impl IntoView {
    if words.is_empty() {
        return text.into_any();
    }
    runs(&text, &words)
        .into_iter()
        .map(|run| {
            let text = run.text.to_owned();
            if run.marked {
                view! { <mark>{text}</mark> }.into_any()
            } else {
                text.into_any()
            }
        })
        .collect_view()
        .into_any()
}
