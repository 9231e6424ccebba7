//! How the document of a body looks. Of the sheets it gets those that mean something in it: each
//! octet of them is read by the browser between a click and the message.
//!
//! `base.css`: text is light or dark as the page is; HTML mails are written for white paper, which
//! they keep where the reader wants their own colours. What a mail paints stays below what is said
//! above it, and behind its marks; what floats in a text does not hang out of it, where the next one
//! would paint over it. `note.css`: our note is a band along the upper edge, which no mail reaches: a
//! box of the mail's own stands below it. In print it is one below the head; there nothing may stand out
//! to the right, or browsers make all of it smaller. `html.css`: a table of one column asks
//! for its full width, whatever there is: in a narrow window its cells become boxes.

/// Those that have to be there, whatever is shown.
const BASE: &str = include_str!("body_style/base.css");

/// The others, in their order, each with what tells that it is needed: the start of a tag as
/// Posthorn writes it; a mail has no classes of its own choice.
const SHEETS: [(&[&str], &str); 5] = [
    (&["class=\"text\""], include_str!("body_style/text.css")),
    (&["class=\"html "], include_str!("body_style/html.css")),
    (
        &["class=\"posthorn-note"],
        include_str!("body_style/note.css"),
    ),
    (
        &["class=\"posthorn-mark\"", "class=\"wary\""],
        include_str!("body_style/mark.css"),
    ),
    (&["class=\"file\""], include_str!("body_style/file.css")),
];

/// The style sheet for a document with this in it.
pub(super) fn style(html: &[&str]) -> String {
    let mut style = BASE.to_owned();
    for (signs, sheet) in SHEETS {
        let needed = |part: &&str| signs.iter().any(|sign| part.contains(sign));
        if html.iter().any(needed) {
            style.push_str(sheet);
        }
    }
    style
}

#[cfg(test)]
mod tests {
    use super::{BASE, SHEETS, style};

    #[test]
    fn a_document_gets_what_is_in_it() {
        let all: usize = SHEETS.iter().map(|(_, sheet)| sheet.len()).sum();
        assert_eq!(style(&["<p>Hello</p>"]), BASE);
        for (signs, sheet) in SHEETS {
            for sign in signs {
                let style = style(&["", &format!("<p {sign}")]);
                assert!(style.starts_with(BASE) && style.ends_with(sheet));
                assert_eq!(style.len(), BASE.len() + sheet.len());
            }
        }
        let everything: Vec<&str> = SHEETS
            .iter()
            .flat_map(|(signs, _)| *signs)
            .copied()
            .collect();
        assert_eq!(style(&everything).len(), BASE.len() + all);
    }

    #[test]
    fn what_posthorn_says_is_a_band_in_print_too() {
        let sheet = style(&["<p class=\"posthorn-note\">"]);
        let bands: Vec<&str> = sheet
            .lines()
            .filter(|line| line.contains("border-radius:0") || line.contains("margin-top:-"))
            .collect();
        assert_eq!(bands.len(), 4);
        for band in bands {
            assert!(band.starts_with(":is(body,main)>.posthorn-note"), "{band}");
        }
    }

    #[test]
    fn every_class_that_a_sheet_means_is_a_sign_of_it() {
        // Ours are `text`, `html`, `posthorn-note`, `posthorn-mark`, `wary` and `file`.
        for (signs, sheet) in SHEETS {
            let own: Vec<&str> = signs
                .iter()
                .filter_map(|sign| sign.split('"').nth(1))
                .map(str::trim)
                .collect();
            for other in [
                "text",
                "html",
                "posthorn-note",
                "posthorn-mark",
                "wary",
                "file",
            ] {
                let mentioned = sheet.contains(&format!(".{other}"));
                // Marks keep the line breaks of the text that they stand in.
                let allowed = own.contains(&other) || (other == "text" && own.contains(&"wary"));
                assert!(!mentioned || allowed, "{other} in the sheet of {own:?}");
            }
        }
    }
}
