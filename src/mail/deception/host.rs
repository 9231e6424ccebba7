//! Internationalised hosts (RFC 5890) that look like others.

use super::confusable::{self, Script};
use crate::mail::site;
use crate::mail::visible::{clip, one_line};

/// Longest host that is shown, in characters.
const SHOWN_LIMIT: usize = 253;

/// A host that looks like another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookAlike {
    /// In ASCII, where the difference can be seen: `xn--…`.
    pub ascii: String,
    /// As a program would show it that decodes it.
    pub shown: String,
    /// What it looks like.
    pub resembles: String,
    pub trick: Trick,
}

/// How it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trick {
    /// A name of letters of several scripts that no language writes together.
    MixedScripts,
    /// A name of one other script, every letter of which looks like a Latin one.
    WholeScript,
}

/// Whether `host`, in Unicode or ASCII, looks like another. Names written honestly in another
/// script, under a top level of that script too, do not.
pub fn look_alike(host: &str) -> Option<LookAlike> {
    let ascii = site::host(host)?;
    if !site::is_coded(&ascii) {
        return None;
    }
    let (shown, decoded) = idna::domain_to_unicode(&ascii);
    if decoded.is_err() {
        return None;
    }
    let top_is_ascii = shown.rsplit('.').next().is_some_and(str::is_ascii);
    let trick = shown
        .split('.')
        .find_map(|label| trick(label, top_is_ascii))?;
    Some(LookAlike {
        resembles: clip(&confusable::latin(&shown), SHOWN_LIMIT).to_owned(),
        shown: clip(&one_line(&shown), SHOWN_LIMIT).to_owned(),
        ascii,
        trick,
    })
}

fn trick(label: &str, top_is_ascii: bool) -> Option<Trick> {
    if label.is_ascii() {
        return None;
    }
    let mut seen: Option<Script> = None;
    let mut mixed = false;
    let mut letters = 0_u32;
    let mut like = 0_u32;
    for c in label.chars() {
        let script = confusable::script(c);
        if script == Script::Common {
            continue;
        }
        letters = letters.saturating_add(1);
        if confusable::latin_for(c).is_some() {
            like = like.saturating_add(1);
        }
        match seen {
            None => seen = Some(script),
            Some(first) if first != script => {
                // Latin stands beside the scripts of East Asia in honest names; the others have
                // nothing to be confused with.
                let fine =
                    |a, b| a == Script::Latin && matches!(b, Script::EastAsian | Script::Other);
                if first == Script::Latin || script == Script::Latin {
                    mixed |= !fine(first, script) && !fine(script, first);
                } else {
                    mixed = true;
                }
            }
            Some(_) => {}
        }
    }
    if mixed {
        return Some(Trick::MixedScripts);
    }
    let whole = letters > 0 && like == letters;
    let latin = seen == Some(Script::Latin);
    // Short words of another language are made of such letters by chance; a Latin letter with
    // another's body is none of any language but few.
    let disguised = if latin {
        like > 0
    } else {
        whole && top_is_ascii
    };
    disguised.then_some(Trick::WholeScript)
}
