//! Turns `locales/*.json` into `Key` and its texts, so that a missing translation, or one that
//! forgets a placeholder, fails the build instead of showing up on somebody's screen.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

/// Keys of what only the server writes, by how they begin: the browser's half has no use for their
/// texts, and nothing in it can name them.
const SERVER_ONLY: &[&str] = &[
    "answer.accept_subject",
    "answer.accept_text",
    "answer.decline_subject",
    "answer.decline_text",
    "answer.tentative_subject",
    "answer.tentative_text",
    "body.",
    "date.day",
    "date.long",
    "date.months",
    "date.today_at",
    "date.weekdays",
    "date.yesterday",
    "event.days",
    "event.when_there",
    "event.whole_day",
    "list.and",
    "preview.cut",
    "print.",
    "quote.",
    "receipt.subject",
    "receipt.text",
    "repeats.",
];

const LOCALES: [(&str, &str); 2] = [("En", "locales/en.json"), ("De", "locales/de.json")];

fn main() {
    if let Err(error) = generate() {
        println!("cargo::error={error}");
    }
}

fn generate() -> Result<(), String> {
    let mut tables = Vec::new();
    for (locale, path) in LOCALES {
        println!("cargo::rerun-if-changed={path}");
        let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
        let table: BTreeMap<String, Value> =
            serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))?;
        let mut texts = BTreeMap::new();
        for (key, value) in table {
            let Value::String(value) = value else {
                return Err(format!("{path}: {key} is not a text"));
            };
            texts.insert(key, value);
        }
        tables.push((locale, path, texts));
    }
    let Some((_, first_path, first)) = tables.first() else {
        return Err("no locales".to_owned());
    };
    for (_, path, texts) in &tables {
        let (have, want): (BTreeSet<_>, BTreeSet<_>) =
            (texts.keys().collect(), first.keys().collect());
        if let Some(key) = have.symmetric_difference(&want).next() {
            return Err(format!(
                "the key {key} is in only one of {first_path} and {path}"
            ));
        }
        for (key, text) in texts {
            let expected = first
                .get(key)
                .map(|text| placeholders(text))
                .unwrap_or_default();
            if placeholders(text) != expected {
                return Err(format!(
                    "{path}: {key} does not have the placeholders of {first_path}"
                ));
            }
        }
    }

    let browser = env::var_os("CARGO_FEATURE_HYDRATE").is_some();
    if browser {
        for (_, _, texts) in &mut tables {
            texts.retain(|key, _| !SERVER_ONLY.iter().any(|begin| key.starts_with(begin)));
        }
    }
    let Some((_, _, first)) = tables.first() else {
        return Err("no locales".to_owned());
    };

    let mut code = String::from(
        "/// A text of the user interface, one a key of `locales/*.json`.\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq)]\n#[repr(u16)]\npub enum Key {\n",
    );
    for key in first.keys() {
        let _ = writeln!(code, "    /// {:?}\n    {},", first.get(key), camel(key));
    }
    // One text after the other and how long each is: a table of addresses is as large as all texts of
    // a language in the WebAssembly, and does not compress. The server looks up some hundred a page.
    let table = if browser {
        "(&'static str, &'static [u16])"
    } else {
        "&'static [&'static str]"
    };
    let _ = writeln!(
        code,
        "}}\n\nfn table(locale: Locale) -> {table} {{\n    match locale {{"
    );
    for (locale, path, texts) in &tables {
        if !browser {
            let texts: Vec<&String> = texts.values().collect();
            let _ = writeln!(code, "        Locale::{locale} => &{texts:?},");
            continue;
        }
        let whole: String = texts.values().map(String::as_str).collect();
        let mut lengths = Vec::new();
        for (key, text) in texts {
            let length = u16::try_from(text.len());
            lengths.push(length.map_err(|_| format!("{path}: {key} is too long"))?);
        }
        let _ = writeln!(
            code,
            "        Locale::{locale} => ({whole:?}, &{lengths:?}),"
        );
    }
    code.push_str("    }\n}\n");
    let out = env::var("OUT_DIR").map_err(|error| error.to_string())?;
    fs::write(Path::new(&out).join("locales.rs"), code).map_err(|error| error.to_string())
}

/// `sign_in.button` becomes `SignInButton`.
fn camel(key: &str) -> String {
    key.split(['_', '.'])
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_uppercase().collect::<String>() + letters.as_str()
            })
        })
        .collect()
}

/// The names in braces.
fn placeholders(text: &str) -> BTreeSet<String> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name.to_owned())
        .collect()
}
