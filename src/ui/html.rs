//! HTML that the server writes by hand: what stands on a page so often that making a view of each
//! would be most of what the page costs. It is octet by octet what the view would be, with the markers
//! (`<!>`) by which the browser's half finds what changes; a test beside each compares the two.

use html_escape::{encode_double_quoted_attribute_to_string, encode_text_to_string};
use leptos::tachys::html::InertElement;
use std::fmt::Write as _;

/// HTML that is being written.
pub(super) struct Html(String);

impl Html {
    /// Nothing yet, with room for so many octets.
    pub fn with_capacity(octets: usize) -> Self {
        Self(String::with_capacity(octets))
    }

    /// What is HTML already.
    pub fn raw(&mut self, html: &str) -> &mut Self {
        self.0.push_str(html);
        self
    }

    /// The text of a node, which is never empty: the browser's half looks for it.
    pub fn text(&mut self, text: &str) -> &mut Self {
        if text.is_empty() {
            self.0.push(' ');
        }
        encode_text_to_string(text, &mut self.0);
        self
    }

    /// A number as it is.
    pub fn number(&mut self, number: u32) -> &mut Self {
        // Writing to a String cannot fail.
        let _ = write!(self.0, "{number}");
        self
    }

    /// An attribute behind others of a start tag.
    pub fn attribute(&mut self, name: &str, value: &str) -> &mut Self {
        self.raw(" ").raw(name).raw("=\"");
        encode_double_quoted_attribute_to_string(value, &mut self.0);
        self.raw("\"")
    }

    /// One element and all that is in it, as the page takes it in.
    pub fn finish(self) -> InertElement {
        InertElement::new(self.0)
    }
}
