//! Marks in a text what was searched for: the text as runs that are marked and runs that are not.
//! Without regard to case, as mail servers search; no pattern can be made of what was typed.

use super::letters::lower;

/// Characters of a text that are looked at; what follows stays unmarked.
const LENGTH_LIMIT: usize = 4_000;
/// Words that are looked for.
const WORD_LIMIT: usize = 50;

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run<'a> {
    pub text: &'a str,
    pub marked: bool,
}

/// A character in lower case, without regard to those around it.
fn small(character: char) -> Vec<char> {
    if character.is_ascii() {
        return vec![character.to_ascii_lowercase()];
    }
    lower(character.encode_utf8(&mut [0; 4])).chars().collect()
}

/// `text` in runs; put together again they are the text. Words that overlap are one mark.
pub fn runs<'a>(text: &'a str, words: &[String]) -> Vec<Run<'a>> {
    let words: Vec<Vec<char>> = words
        .iter()
        .take(WORD_LIMIT)
        .map(|word| word.chars().flat_map(small).collect())
        .filter(|word: &Vec<char>| !word.is_empty())
        .collect();
    if text.is_empty() || words.is_empty() {
        return whole(text);
    }
    // In lower case, each with where the character begins and ends that it came from: there may be
    // several from one.
    let mut letters = Vec::new();
    let mut spans = Vec::new();
    for (begin, character) in text.char_indices().take(LENGTH_LIMIT) {
        for letter in small(character) {
            letters.push(letter);
            spans.push((begin, begin + character.len_utf8()));
        }
    }
    let mut runs = Vec::new();
    let (mut done, mut marked_to) = (0, None);
    let mut marks = Vec::new();
    for (index, (begin, _)) in spans.iter().enumerate() {
        let rest = letters.get(index..).unwrap_or_default();
        let longest = words
            .iter()
            .filter(|word| rest.starts_with(word))
            .map(Vec::len)
            .max();
        let Some((_, end)) = longest.and_then(|length| spans.get(index + length - 1)) else {
            continue;
        };
        match marked_to {
            Some(former) if *begin <= former => {
                marked_to = Some(former.max(*end));
                if let Some((_, last)) = marks.last_mut() {
                    *last = former.max(*end);
                }
            }
            _ => {
                marks.push((*begin, *end));
                marked_to = Some(*end);
            }
        }
    }
    let mut push = |begin: usize, end: usize, marked| {
        if let Some(text) = text.get(begin..end).filter(|text| !text.is_empty()) {
            runs.push(Run { text, marked });
        }
    };
    for (begin, end) in marks {
        push(done, begin, false);
        push(begin, end, true);
        done = end;
    }
    push(done, text.len(), false);
    runs
}

fn whole(text: &str) -> Vec<Run<'_>> {
    let run = Run {
        text,
        marked: false,
    };
    if text.is_empty() {
        Vec::new()
    } else {
        vec![run]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, words: &[&str]) -> String {
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        let runs = runs(text, &words);
        let joined: String = runs.iter().map(|run| run.text).collect();
        assert_eq!(joined, text);
        runs.iter()
            .map(|run| {
                if run.marked {
                    format!("[{}]", run.text)
                } else {
                    run.text.to_owned()
                }
            })
            .collect()
    }

    #[test]
    fn words_are_marked_whatever_their_case() {
        for (text, words, expected) in [
            ("Neue Rechnung", &["rechnung"][..], "Neue [Rechnung]"),
            (
                "Größe, GRÖSSE, größer",
                &["GRÖß"],
                "[Größ]e, GRÖSSE, [größ]er",
            ),
            ("abcabc", &["abc"], "[abcabc]"),
            ("abcd", &["abc", "bcd"], "[abcd]"),
            ("aaa", &["aa"], "[aaa]"),
            ("a.b", &["."], "a[.]b"),
            ("日本語", &["本"], "日[本]語"),
            ("🎉x🎉", &["🎉"], "[🎉]x[🎉]"),
            // One letter becomes two.
            ("İstanbul", &["i"], "[İ]stanbul"),
            ("nothing", &["x", ""], "nothing"),
            ("", &["x"], ""),
        ] {
            assert_eq!(marked(text, words), expected, "{text}");
        }
    }

    #[test]
    fn long_texts_take_no_time() {
        let text = "a".repeat(1_000_000);
        let words: Vec<String> = (1..500).map(|count| "a".repeat(count) + "b").collect();
        let began = std::time::Instant::now();
        assert_eq!(runs(&text, &words).len(), 1);
        assert!(began.elapsed().as_secs() < 20);
    }
}
