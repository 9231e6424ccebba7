//! Mails as they come, read from end to end by what is pure: header, structure, choice of the body,
//! decoding, sanitising. Nothing panics, nothing is harmful, everything is bounded and stable. The
//! project's own mails (`tests/corpus/*.eml`) have golden files that say what is shown of them:
//! `POSTHORN_UPDATE_GOLDEN=1` writes them anew, and the difference is to be read.

#![cfg(feature = "ssr")]
// Clippy's leave for tests ends at their helpers.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used
)]

mod corpus_support;

use corpus_support::{Shown, files, own_mails, show, split};
use posthorn::mail::decode::snippet;
use posthorn::mail::html::sanitise;
use posthorn::mail::structure::Part;
use std::path::{Path, PathBuf};

/// What has to hold for any mail whatever.
fn assert_sound(name: &str, raw: &[u8]) -> Shown {
    let shown = show(raw);
    for line in [&shown.subject, &shown.from, &shown.to] {
        assert!(
            !line.contains(|c: char| c.is_control()
                || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')),
            "{name}: {line:?}"
        );
    }
    for file in &shown.files {
        let sane = !file.name.is_empty()
            && !file.name.starts_with('.')
            && !file
                .name
                .contains(|c: char| c.is_control() || "/\\\u{202E}".contains(c));
        assert!(sane, "{name}: a file called {:?}", file.name);
    }
    if let Some(html) = &shown.html {
        let images = shown.images();
        let again = sanitise(html, &images);
        assert_eq!(&again.html, html, "{name}: not stable");
        assert!(!again.remote, "{name}: something remote is left");
        let low = html.to_ascii_lowercase();
        for bad in [
            "<script", "<style", "<iframe", "<svg", "<form", "<meta", "<link", "<base",
        ] {
            assert!(!low.contains(bad), "{name}: {bad}");
        }
    }
    if let Some(text) = &shown.text_html {
        let tags = text.matches('<').count();
        let ours = [
            "<a href=\"",
            "</a>",
            "<blockquote>",
            "</blockquote>",
            "<div class=\"plain\" ",
            "<div class=\"sig\">",
            "<div>",
            "</div>",
        ];
        let known: usize = ours.iter().map(|tag| text.matches(tag).count()).sum();
        assert_eq!(tags, known, "{name}: markup in plain text: {text}");
    }
    let (header, body) = split(raw);
    let line = snippet(header, body);
    assert!(
        line.chars().count() <= 200 && !line.contains(char::is_control),
        "{name}: {line:?}"
    );
    shown
}

/// Every mail with every end cut off somewhere: what a connection or a server may leave of it.
fn assert_sound_when_cut(name: &str, raw: &[u8]) {
    let step = (raw.len() / 24).max(1);
    for end in (0..raw.len()).step_by(step) {
        assert_sound(&format!("{name}, cut at {end}"), &raw[..end]);
    }
}

#[test]
fn the_projects_own_mails_are_shown_as_their_golden_files_say() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/golden");
    let update = std::env::var_os("POSTHORN_UPDATE_GOLDEN").is_some();
    let mails = own_mails();
    assert!(mails.len() >= 60, "{} mails", mails.len());
    let mut wrong = Vec::new();
    for (name, raw) in &mails {
        let text = assert_sound(name, raw).to_string();
        let file = golden.join(format!("{name}.txt"));
        if update {
            std::fs::write(&file, &text).unwrap();
            continue;
        }
        let wanted = std::fs::read_to_string(&file).unwrap_or_default();
        if wanted != text {
            wrong.push(format!(
                "--- {name}, as it should be\n{wanted}\n+++ as it is\n{text}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_golden_file_is_left_over() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/golden");
    let mails = own_mails();
    for file in files(&golden) {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(
            mails.iter().any(|(known, _)| *known == name),
            "{name} has no mail"
        );
    }
}

#[test]
fn mails_that_were_cut_off_are_no_danger() {
    for (name, raw) in own_mails() {
        assert_sound_when_cut(&name, &raw);
    }
}

/// Octets changed here and there, always the same ones.
#[test]
fn mails_that_were_damaged_are_no_danger() {
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let odd = [
        0, b'\n', b'\r', b'"', b'<', b'>', b'=', b';', b'-', b'&', 0x1B, 0x80, 0xC3, 0xFF,
    ];
    for (name, raw) in own_mails() {
        if raw.is_empty() {
            continue;
        }
        for round in 0..8 {
            let mut raw = raw.clone();
            for _ in 0..12 {
                let at = usize::try_from(next() % u64::try_from(raw.len()).unwrap()).unwrap();
                raw[at] = odd[usize::try_from(next() % 14).unwrap()];
            }
            assert_sound(&format!("{name}, damaged {round}"), &raw);
        }
    }
}

/// The sample mails of the parser's crate, which lie in Cargo's registry.
#[test]
fn the_parsers_own_sample_mails() {
    let Some(folder) = corpus_support::mail_parser() else {
        println!("the sources of mail-parser are not there: nothing was tested");
        return;
    };
    count("mail-parser", &folder.join("resources/eml"), |file| {
        file.extension()
            .is_some_and(|end| end == "eml" || end == "msg")
    });
}

/// Mails beside the repository, where they are at hand.
#[test]
fn the_shared_corpora() {
    let folder = std::env::var_os("POSTHORN_CORPORA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora"),
        PathBuf::from,
    );
    if !folder.is_dir() {
        println!(
            "{} is not there: nothing was tested (POSTHORN_CORPORA names another place)",
            folder.display()
        );
        return;
    }
    count("shared", &folder, |file| {
        !file
            .extension()
            .is_some_and(|end| end == "json" || end == "md")
    });
}

fn count(what: &str, folder: &Path, wanted: impl Fn(&Path) -> bool) {
    let mut mails = 0;
    let mut bodies = 0;
    for file in files(folder).into_iter().filter(|file| wanted(file)) {
        let raw = std::fs::read(&file).unwrap();
        let shown = assert_sound(&file.display().to_string(), &raw);
        mails += 1;
        bodies += usize::from(shown.html.is_some() || shown.text.is_some());
    }
    println!("{what}: {mails} mails, {bodies} with a body");
    assert!(mails > 20, "{what}: {mails} mails in {}", folder.display());
}

#[test]
fn every_leaf_has_its_octets() {
    for (name, raw) in own_mails() {
        let Some(root) = Part::from_message(&raw) else {
            continue;
        };
        for part in root.walk().filter(|part| part.kind != "multipart") {
            let source = posthorn::mail::mime::part_source(&raw, &part.id);
            assert!(source.is_some(), "{name}: part {}", part.id);
        }
    }
}
