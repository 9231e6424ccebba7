//! The one place where text gets into a `<textarea>`. Leptos 0.8 writes its children without
//! escaping them, so a quoted mail could end the element and begin a script.

use leptos::prelude::*;

/// A text box with `text` in it, which the person goes on writing.
#[component]
pub fn TextArea(
    id: &'static str,
    name: &'static str,
    text: String,
    #[prop(optional)] rows: u32,
) -> impl IntoView {
    view! { <textarea id=id name=name rows=rows.max(4) dir="auto" inner_html=content(&text)></textarea> }
}

/// As the parser of HTML wants it: `&` and `<` escaped. A parser drops a line break right behind
/// the opening tag (HTML, section 13.1.2.5), so the server's page begins with one to drop.
fn content(text: &str) -> String {
    let text = escaped(text);
    if cfg!(feature = "ssr") {
        format!("\n{text}")
    } else {
        text
    }
}

/// Text for elements that hold no other elements (RCDATA): `&` and `<` escaped.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            character => escaped.push(character),
        }
    }
    escaped
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_the_text_box() {
        let text = "\n\n> </textarea><script>alert(1)</script> &amp; \"'".to_owned();
        let html = view! { <TextArea id="text" name="text" text /> }.to_html();
        assert!(!html.contains("<script>"), "{html}");
        assert_eq!(html.matches("</textarea>").count(), 1, "{html}");
        assert!(html.contains(">\n\n\n&gt; &lt;/textarea&gt;"), "{html}");
        assert!(html.contains("&amp;amp;"), "{html}");
    }
}
