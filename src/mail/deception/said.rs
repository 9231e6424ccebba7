//! What place a text names.

use super::confusable;
use crate::mail::site;
use crate::mail::visible::one_line;

/// Words of a text in which a bare host is one.
const WORD_LIMIT: usize = 6;

/// The host that a [`readable`] text names, if it reads as a place: an address with a scheme or `www.`
/// anywhere in it, or a host that people know as one or an e-mail address that is all of it.
pub(super) fn named_host(line: &str) -> Option<String> {
    let mut words_seen = 0_usize;
    let mut alone = "";
    for word in words(line) {
        words_seen = words_seen.saturating_add(1);
        alone = word;
        if let Some(url) = scheme(word) {
            return site::host_of_url(url).map(|(host, _)| host);
        }
        if word
            .get(..4)
            .is_some_and(|w| w.eq_ignore_ascii_case("www."))
        {
            return place(word);
        }
    }
    (words_seen == 1)
        .then(|| place(alone))
        .flatten()
        .filter(|host| alone.contains('@') || is_common(host))
}

/// The hosts that a [`readable`] text of a few words names without a scheme: "Sign in at
/// bank.example". In longer ones a sentence may lack its blank, and nobody takes them for addresses.
pub(super) fn bare_hosts(line: &str) -> Vec<String> {
    if words(line).nth(WORD_LIMIT).is_some() {
        return Vec::new();
    }
    // Who writes an address of a person says whom the link is about, not where it leads; one with a
    // scheme may have others in its path.
    words(line)
        .filter(|word| word.contains('.') && !word.contains('@') && scheme(word).is_none())
        .filter_map(|word| word.split(is_between).find_map(bare_host))
        .collect()
}

/// What stands between a host and other text in one word.
fn is_between(c: char) -> bool {
    matches!(
        c,
        '/' | ':'
            | ','
            | ';'
            | '|'
            | '?'
            | '#'
            | '·'
            | '•'
            | '→'
            | '–'
            | '—'
            | '»'
            | '«'
            | '['
            | ']'
    )
}

/// The host that people know as one. `2.de` is a slip, and letters of another script are read as
/// the Latin ones they look like where all of them do.
fn bare_host(piece: &str) -> Option<String> {
    if lacks_blank(piece) {
        return None;
    }
    let known = |piece: &str| {
        place(piece).filter(|host| {
            is_common(host)
                && site::site(host)
                    .bytes()
                    .take_while(|b| *b != b'.')
                    .any(|b| b.is_ascii_alphabetic())
        })
    };
    known(piece).or_else(|| {
        let latin = (!piece.is_ascii()).then(|| confusable::latin(piece))?;
        known(&latin).filter(|_| latin.is_ascii())
    })
}

/// Whether a sentence ends in it and the next one begins: "Read more.It is new".
fn lacks_blank(piece: &str) -> bool {
    const WORDS: [&str; 16] = [
        "At", "Be", "Es", "Hr", "Il", "In", "Info", "Is", "It", "No", "Online", "Shop", "Si",
        "Store", "Test", "Us",
    ];
    piece
        .trim_end_matches(|c: char| !c.is_alphanumeric())
        .rsplit_once('.')
        .is_some_and(|(before, last)| WORDS.contains(&last) && before.ends_with(char::is_lowercase))
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(ends_word)
        // An arrow before the name is no word.
        .filter(|word| word.contains(char::is_alphanumeric))
}

/// What stands between words.
pub(super) fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '"' | '„' | '“')
}

/// The first words of a [`readable`] text, as many as a bare host may stand among.
pub(super) fn first_words(line: &str) -> String {
    words(line).take(WORD_LIMIT).collect::<Vec<_>>().join(" ")
}

/// A text on one line as the eye reads it: signs that look like those of an address are these, and
/// what takes no room is not there.
pub(super) fn readable(said: &str) -> String {
    one_line(said).chars().filter_map(sign).collect()
}

fn sign(c: char) -> Option<char> {
    Some(match c {
        // Full-width ASCII.
        '\u{FF01}'..='\u{FF5E}' => u32::from(c)
            .checked_sub(0xFEE0)
            .and_then(char::from_u32)
            .unwrap_or(c),
        '\u{660}' | '\u{6F0}' | '\u{701}' | '\u{702}' | '\u{2024}' | '\u{3002}' | '\u{A4F8}'
        | '\u{FE52}' | '\u{FF61}' => '.',
        '\u{2D0}' | '\u{2F8}' | '\u{589}' | '\u{5C3}' | '\u{703}' | '\u{704}' | '\u{16EC}'
        | '\u{1803}' | '\u{205A}' | '\u{2236}' | '\u{A4FD}' | '\u{A789}' | '\u{FE13}'
        | '\u{FE30}' | '\u{FE55}' => ':',
        '\u{2044}' | '\u{2215}' | '\u{2571}' | '\u{27CB}' | '\u{29F8}' | '\u{2CC6}' => '/',
        // Blanks that are letters to a program.
        '\u{115F}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{FFA0}' => ' ',
        // Soft hyphens, joiners, marks of direction, variants and tags.
        '\u{AD}'
        | '\u{34F}'
        | '\u{61C}'
        | '\u{17B4}'
        | '\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{200C}'..='\u{200F}'
        | '\u{2065}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}' => return None,
        c => c,
    })
}

/// The word from its scheme on.
fn scheme(word: &str) -> Option<&str> {
    ["https://", "http://"].iter().find_map(|scheme| {
        word.char_indices()
            .take(3)
            .filter_map(|(at, _)| word.get(at..))
            .find(|rest| {
                rest.get(..scheme.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            })
    })
}

/// The host of a word such as `example.org/path` or `jo@example.org`.
pub(super) fn place(word: &str) -> Option<String> {
    let word = word.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let word = word.rsplit_once('@').map_or(word, |(_, domain)| domain);
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let host = site::host(word)?;
    is_public(&host).then_some(host)
}

/// Whether the top level is one that people know; `Dr.med`, `St.Gallen` and `README.md` are no hosts.
pub(super) fn is_common(host: &str) -> bool {
    const TOPS: [&str; 66] = [
        "app", "ar", "at", "au", "bank", "be", "bg", "biz", "br", "ca", "cat", "ch", "cloud", "cn",
        "co", "com", "cz", "de", "dev", "dk", "edu", "ee", "es", "eu", "example", "fi", "fr",
        "gov", "gr", "hr", "hu", "ie", "il", "in", "info", "io", "is", "it", "jp", "kr", "li",
        "lt", "lu", "lv", "mx", "net", "nl", "no", "nz", "online", "org", "pl", "pt", "ro", "ru",
        "se", "shop", "si", "sk", "store", "test", "tr", "tv", "ua", "uk", "us",
    ];
    // Names of programs, and nobody's to sign in at.
    const PROGRAMS: [&str; 3] = ["ado.net", "asp.net", "vb.net"];
    let top = host.rsplit('.').next().unwrap_or_default();
    TOPS.contains(&top) && !PROGRAMS.contains(&host)
}

/// Whether a host reads as one: it has a dot, and its last label is letters and no file's ending.
pub(super) fn is_public(host: &str) -> bool {
    const ENDINGS: [&str; 37] = [
        "asp", "aspx", "bak", "bmp", "csv", "dll", "doc", "docm", "docx", "eml", "exe", "gif",
        "htm", "html", "ics", "jpeg", "jpg", "js", "json", "log", "msg", "ods", "odt", "ogg",
        "pdf", "php", "png", "ppt", "pptx", "rar", "rtf", "svg", "txt", "vcf", "xls", "xlsx",
        "xml",
    ];
    let Some((rest, top)) = host.rsplit_once('.') else {
        return false;
    };
    let letters =
        top.starts_with("xn--") || (top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic()));
    letters && !rest.is_empty() && !ENDINGS.contains(&top)
}
