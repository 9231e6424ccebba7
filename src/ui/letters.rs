//! Texts in lower and in upper case. In the browser its own functions do it: Rust's tables for all of
//! Unicode would be a part of the WebAssembly.

/// `text` in lower case.
pub fn lower(text: &str) -> String {
    if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        any::lower(text)
    }
}

/// `text` in upper case.
pub fn upper(text: &str) -> String {
    if text.is_ascii() {
        text.to_ascii_uppercase()
    } else {
        any::upper(text)
    }
}

#[cfg(feature = "hydrate")]
mod any {
    pub fn lower(text: &str) -> String {
        js_sys::JsString::from(text).to_lower_case().into()
    }

    pub fn upper(text: &str) -> String {
        js_sys::JsString::from(text).to_upper_case().into()
    }
}

#[cfg(not(feature = "hydrate"))]
mod any {
    pub fn lower(text: &str) -> String {
        text.to_lowercase()
    }

    pub fn upper(text: &str) -> String {
        text.to_uppercase()
    }
}

#[cfg(test)]
mod tests {
    use super::{lower, upper};

    #[test]
    fn letters_of_any_kind_change() {
        for (text, small, large) in [
            ("", "", ""),
            ("Re: x", "re: x", "RE: X"),
            ("Größe", "größe", "GRÖSSE"),
            ("ΣΑΣ", "σας", "ΣΑΣ"),
            ("日本 Ж", "日本 ж", "日本 Ж"),
        ] {
            assert_eq!((lower(text).as_str(), upper(text).as_str()), (small, large));
        }
    }
}
