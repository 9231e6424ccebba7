//! The CSS of a mail's style attributes: an allow-list of properties and of functions. A list of
//! what is forbidden has lost this race in every webmail that tried it: `image-set()`, `src()`,
//! `var()`, escapes, unclosed `url(`, and whatever comes next. What passes is written anew from
//! its tokens, so that nothing a browser might read otherwise than we do gets through.

use cssparser::{Delimiter, ParseError, Parser, ParserInput, Token};
use std::cell::RefCell;
use std::collections::HashMap;

/// Declarations that are kept of one attribute.
const DECLARATION_LIMIT: usize = 100;
/// Longest attribute that is read, in octets.
const INPUT_LIMIT: usize = 32 * 1024;
/// Largest number, of whatever unit: no mail is that large.
const NUMBER_LIMIT: f32 = 10_000.0;
/// Deepest nesting of blocks that is entered.
const DEPTH_LIMIT: usize = 12;

type Failure<'i> = ParseError<'i, ()>;

/// Gives for the address of an image the one to write, or `None` where it must not be loaded.
pub(super) type Images<'a> = dyn FnMut(&str) -> Option<String> + 'a;

/// A harmless declaration, in our own writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declaration {
    pub property: String,
    pub value: String,
    /// Whether the mail wrote `!important`, which is not written again.
    pub important: bool,
}

/// The declarations of a style attribute that are harmless, each written anew, and whether any of
/// them all wanted to load something from the net. Running it on its own output changes nothing.
///
/// Dropped are: unknown properties, values with any function but colours and `calc()`, negative
/// margins and the like, numbers beyond 10,000, units that follow the window, `!important`.
pub fn declarations(style: &str) -> (String, bool) {
    let kept = parse(style, &mut |_| None);
    (write(&kept), count(style).any())
}

/// The same, but that backgrounds may be images of the addresses that `images` gives.
pub(super) fn declarations_with(style: &str, images: &mut Images<'_>) -> String {
    write(&parse(style, images))
}

/// The harmless declarations of a style attribute, or of a block in a style sheet.
pub(super) fn parse(style: &str, images: &mut Images<'_>) -> Vec<Declaration> {
    let mut kept = Vec::new();
    if style.len() > INPUT_LIMIT {
        return kept;
    }
    let mut input = ParserInput::new(style);
    let mut parser = Parser::new(&mut input);
    while !parser.is_exhausted() && kept.len() < DECLARATION_LIMIT {
        let parsed = parser.parse_until_after(Delimiter::Semicolon, |p| declaration(p, images));
        if let Ok(declaration) = parsed {
            kept.push(declaration);
        }
    }
    kept
}

/// The declarations as a style attribute.
pub(super) fn write(declarations: &[Declaration]) -> String {
    let mut out = String::new();
    for Declaration {
        property, value, ..
    } in declarations
    {
        if !out.is_empty() {
            out.push_str("; ");
        }
        out.push_str(property);
        out.push_str(": ");
        out.push_str(value);
    }
    out
}

/// Style attributes that are remembered, and the longest that is worth it, in octets.
const KNOWN_LIMIT: usize = 256;
const KNOWN_LENGTH: usize = 512;

/// What came of style attributes: a newsletter says the same few of them in each of its cells, and
/// all of it is read at least twice.
#[derive(Debug)]
pub(super) struct Known<T>(HashMap<String, T>);

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Clone> Known<T> {
    /// What comes of `style`, worked out where it is not known.
    pub(super) fn of(&mut self, style: &str, work: impl FnOnce() -> T) -> T {
        if let Some(known) = self.0.get(style) {
            return known.clone();
        }
        let result = work();
        if style.len() <= KNOWN_LENGTH {
            if self.0.len() >= KNOWN_LIMIT {
                self.0.clear();
            }
            self.0.insert(style.to_owned(), result.clone());
        }
        result
    }
}

thread_local! {
    /// Those of the mail at hand.
    static KNOWN: RefCell<Known<String>> = RefCell::default();
}

/// The declarations of [`declarations`] alone.
pub(super) fn harmless(style: &str) -> String {
    KNOWN.with_borrow_mut(|known| known.of(style, || declarations(style).0))
}

/// Forgets them: nothing of a mail stays.
pub(super) fn forget() {
    KNOWN.take();
}

/// What the value of a property may be made of, besides words, numbers and colours.
#[derive(Clone, Copy, Default)]
struct Rule {
    /// Where only certain words are harmless.
    words: Option<&'static [&'static str]>,
    /// Quoted names.
    strings: bool,
    /// `calc()`.
    calc: bool,
    /// `url()` of an image.
    image: bool,
    /// Smallest number.
    least: f32,
}

const DISPLAY: &[&str] = &[
    "none",
    "block",
    "inline",
    "inline-block",
    "list-item",
    "table",
    "inline-table",
    "table-row",
    "table-cell",
    "table-caption",
    "table-column",
    "table-column-group",
    "table-row-group",
    "table-header-group",
    "table-footer-group",
];

/// The rule for a property in lower case; `None` for one that is not allowed.
fn rule(property: &str) -> Option<Rule> {
    let plain = Rule::default();
    let words = |words| {
        Some(Rule {
            words: Some(words),
            ..plain
        })
    };
    match property {
        "display" => words(DISPLAY),
        "float" => words(&["left", "right", "none"]),
        "clear" => words(&["left", "right", "both", "none"]),
        "overflow" | "overflow-x" | "overflow-y" => words(&["hidden", "auto", "visible"]),
        "visibility" => words(&["visible", "hidden", "collapse"]),
        "direction" => words(&["ltr", "rtl"]),
        "font" | "font-family" => Some(Rule {
            strings: true,
            ..plain
        }),
        "width" | "height" | "min-width" | "min-height" | "max-width" | "max-height"
        | "font-size" | "line-height" => Some(Rule {
            calc: true,
            ..plain
        }),
        // Type is set tighter than it comes; more than that hides.
        "letter-spacing" | "word-spacing" => Some(Rule {
            least: -5.0,
            ..plain
        }),
        "vertical-align" => Some(Rule {
            least: -100.0,
            ..plain
        }),
        "background" | "background-image" => Some(Rule {
            image: true,
            ..plain
        }),
        "color"
        | "opacity"
        | "background-color"
        | "background-position"
        | "background-repeat"
        | "background-size"
        | "font-style"
        | "font-weight"
        | "font-variant"
        | "font-stretch"
        | "text-align"
        | "text-decoration"
        | "text-decoration-line"
        | "text-decoration-color"
        | "text-decoration-style"
        | "text-decoration-thickness"
        | "text-indent"
        | "text-transform"
        | "text-overflow"
        | "white-space"
        | "word-break"
        | "word-wrap"
        | "overflow-wrap"
        | "hyphens"
        | "list-style"
        | "list-style-type"
        | "list-style-position"
        | "table-layout"
        | "border-collapse"
        | "border-spacing"
        | "caption-side"
        | "empty-cells"
        | "box-sizing" => Some(plain),
        _ => match property.split('-').next() {
            Some("margin" | "padding") if is_side(property) => Some(plain),
            Some("border") if is_border(property) => Some(plain),
            _ => None,
        },
    }
}

/// `margin`, `padding-left` and their like.
fn is_side(property: &str) -> bool {
    match property.split_once('-') {
        None => true,
        Some((_, side)) => matches!(side, "top" | "right" | "bottom" | "left"),
    }
}

/// `border`, `border-left-color`, `border-top-left-radius` and their like; no images.
fn is_border(property: &str) -> bool {
    let last = property.rsplit('-').next().unwrap_or_default();
    let middle = |word: &str| matches!(word, "top" | "right" | "bottom" | "left");
    let mut words = property.split('-').skip(1).peekable();
    let mut count = 0_u8;
    while let Some(word) = words.next() {
        count = count.saturating_add(1);
        let end = words.peek().is_none();
        if !(middle(word) || end && matches!(word, "color" | "style" | "width" | "radius")) {
            return false;
        }
    }
    count <= 2 || count == 3 && last == "radius"
}

/// One declaration, up to the semicolon: property and value in our own writing.
fn declaration<'i>(
    parser: &mut Parser<'i, '_>,
    images: &mut Images<'_>,
) -> Result<Declaration, Failure<'i>> {
    let property = parser.expect_ident()?.to_ascii_lowercase();
    parser.expect_colon()?;
    let start = parser.state();
    let rule = rule(&property).ok_or_else(|| parser.new_custom_error(()))?;
    match value(parser, rule, images) {
        Ok((value, important)) if !value.is_empty() => Ok(Declaration {
            property,
            value,
            important,
        }),
        // A background with an image keeps its colour, or light text would stand on nothing.
        Err(_) if property == "background" => {
            parser.reset(&start);
            let colour = first_colour(parser)?;
            // What stays unread would count as an error.
            while parser.next().is_ok() {}
            Ok(Declaration {
                property: "background-color".to_owned(),
                value: colour,
                important: false,
            })
        }
        Ok(_) => Err(parser.new_custom_error(())),
        Err(error) => Err(error),
    }
}

/// A value, and whether it is important.
fn value<'i>(
    parser: &mut Parser<'i, '_>,
    rule: Rule,
    images: &mut Images<'_>,
) -> Result<(String, bool), Failure<'i>> {
    let mut important = false;
    let mut pieces = Pieces::default();
    while let Ok(token) = parser.next().cloned() {
        match token {
            Token::Ident(word) => {
                let fits = match rule.words {
                    Some(words) => words.iter().any(|w| word.eq_ignore_ascii_case(w)),
                    None => is_word(&word),
                };
                if !fits {
                    return Err(parser.new_custom_error(()));
                }
                pieces.push(&word);
            }
            _ if rule.words.is_some() && !matches!(token, Token::Delim('!')) => {
                return Err(parser.new_custom_error(()));
            }
            Token::QuotedString(text) if rule.strings && is_name(&text) => {
                pieces.push(&format!("'{text}'"));
            }
            Token::Comma => pieces.comma(),
            Token::Delim('/') => pieces.push("/"),
            Token::Delim('!') => {
                // `!important` goes, the declaration stays.
                parser.expect_ident_matching("important")?;
                parser.expect_exhausted()?;
                important = true;
            }
            Token::UnquotedUrl(ref url) if rule.image => match images(url) {
                Some(url) => pieces.push(&format!("url('{url}')")),
                None => return Err(parser.new_custom_error(())),
            },
            Token::Function(ref name) if rule.image && name.eq_ignore_ascii_case("url") => {
                let url = parser.parse_nested_block(|p| {
                    let url = p.expect_string()?.to_string();
                    p.expect_exhausted()?;
                    Ok::<_, Failure<'_>>(url)
                })?;
                match images(&url) {
                    Some(url) => pieces.push(&format!("url('{url}')")),
                    None => return Err(parser.new_custom_error(())),
                }
            }
            Token::Function(ref name) if is_colour_function(name) => {
                pieces.push(&colour_function(parser, name)?);
            }
            Token::Function(ref name) if rule.calc && name.eq_ignore_ascii_case("calc") => {
                let inner = parser.parse_nested_block(|p| calc(p, DEPTH_LIMIT))?;
                pieces.push(&format!("calc({inner})"));
            }
            ref token => match simple(token, rule.least) {
                Some(piece) => pieces.push(&piece),
                None => return Err(parser.new_custom_error(())),
            },
        }
    }
    Ok((pieces.text, important))
}

/// Numbers, lengths and hexadecimal colours.
fn simple(token: &Token<'_>, least: f32) -> Option<String> {
    match token {
        Token::Number { value, .. } => number(*value, least),
        Token::Percentage { unit_value, .. } => {
            Some(format!("{}%", number(unit_value * 100.0, least)?))
        }
        Token::Dimension { value, unit, .. } => {
            let unit = unit.to_ascii_lowercase();
            // Not those that follow the window: the frame is as high as the mail, and so on.
            let fixed = matches!(
                unit.as_str(),
                "px" | "pt" | "pc" | "in" | "cm" | "mm" | "em" | "rem" | "ex" | "ch"
            );
            Some(format!(
                "{}{unit}",
                number(*value, least).filter(|_| fixed)?
            ))
        }
        Token::Hash(digits) | Token::IDHash(digits) => {
            let colour = matches!(digits.len(), 3 | 4 | 6 | 8)
                && digits.bytes().all(|b| b.is_ascii_hexdigit());
            colour.then(|| format!("#{digits}"))
        }
        _ => None,
    }
}

/// At most three decimals, so that writing and reading it again gives the same.
fn number(value: f32, least: f32) -> Option<String> {
    if !value.is_finite() || value < least || value.abs() > NUMBER_LIMIT {
        return None;
    }
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    Some(if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    })
}

fn is_colour_function(name: &str) -> bool {
    ["rgb", "rgba", "hsl", "hsla"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

fn colour_function<'i>(parser: &mut Parser<'i, '_>, name: &str) -> Result<String, Failure<'i>> {
    let inner = parser.parse_nested_block(|p| {
        let mut pieces = Pieces::default();
        while let Ok(token) = p.next().cloned() {
            match token {
                Token::Comma => pieces.comma(),
                Token::Delim('/') => pieces.push("/"),
                Token::Dimension {
                    value, ref unit, ..
                } if unit.eq_ignore_ascii_case("deg") => match number(value, -NUMBER_LIMIT) {
                    Some(number) => pieces.push(&format!("{number}deg")),
                    None => return Err(p.new_custom_error(())),
                },
                Token::Number { .. } | Token::Percentage { .. } => {
                    match simple(&token, -NUMBER_LIMIT) {
                        Some(piece) => pieces.push(&piece),
                        None => return Err(p.new_custom_error(())),
                    }
                }
                _ => return Err(p.new_custom_error(())),
            }
        }
        Ok(pieces.text)
    })?;
    Ok(format!("{}({inner})", name.to_ascii_lowercase()))
}

/// A sum of lengths. A difference could be negative, but no property that has `calc()` takes a
/// negative value.
fn calc<'i>(parser: &mut Parser<'i, '_>, depth: usize) -> Result<String, Failure<'i>> {
    let mut pieces = Pieces::default();
    while let Ok(token) = parser.next().cloned() {
        match token {
            Token::Delim(sign @ ('+' | '-' | '*' | '/')) => pieces.push(&sign.to_string()),
            Token::ParenthesisBlock if depth > 0 => {
                let inner = parser.parse_nested_block(|p| calc(p, depth.saturating_sub(1)))?;
                pieces.push(&format!("({inner})"));
            }
            Token::Number { .. } | Token::Percentage { .. } | Token::Dimension { .. } => {
                match simple(&token, 0.0) {
                    Some(piece) => pieces.push(&piece),
                    None => return Err(parser.new_custom_error(())),
                }
            }
            _ => return Err(parser.new_custom_error(())),
        }
    }
    Ok(pieces.text)
}

/// The first colour of a background that has more.
fn first_colour<'i>(parser: &mut Parser<'i, '_>) -> Result<String, Failure<'i>> {
    loop {
        let token = parser.next()?.clone();
        match token {
            Token::Hash(_) | Token::IDHash(_) => {
                if let Some(colour) = simple(&token, 0.0) {
                    return Ok(colour);
                }
            }
            Token::Function(ref name) if is_colour_function(name) => {
                return colour_function(parser, name);
            }
            Token::Ident(ref word)
                if [
                    "white",
                    "black",
                    "transparent",
                    "red",
                    "green",
                    "blue",
                    "gray",
                    "navy",
                ]
                .iter()
                .any(|known| word.eq_ignore_ascii_case(known)) =>
            {
                return Ok(word.to_ascii_lowercase());
            }
            _ => {}
        }
    }
}

/// A keyword or the name of a font.
fn is_word(word: &str) -> bool {
    !word.is_empty()
        && word.chars().nth(64).is_none()
        && word.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
        // What escapes made of a digit in front would need them again.
        && word.starts_with(|c: char| c.is_alphabetic() || c == '-')
        && !word.starts_with("--")
        && word.strip_prefix('-').is_none_or(|w| w.starts_with(char::is_alphabetic))
}

/// A font's name as a string.
fn is_name(text: &str) -> bool {
    text.chars().nth(100).is_none()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '+'))
}

/// A value being written: blanks between the pieces, none before a comma.
#[derive(Default)]
struct Pieces {
    text: String,
}

impl Pieces {
    fn push(&mut self, piece: &str) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(piece);
    }

    fn comma(&mut self) {
        self.text.push(',');
    }
}

/// How much a style sheet, or a part of one, wants to load from the net.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Loads {
    pub images: u32,
    pub fonts: u32,
    pub sheets: u32,
}

impl Loads {
    pub(super) fn any(self) -> bool {
        self != Self::default()
    }

    fn add(&mut self, place: Place) {
        let count = match place {
            Place::Font => &mut self.fonts,
            Place::Import => &mut self.sheets,
            Place::Other => &mut self.images,
        };
        *count = count.saturating_add(1);
    }
}

/// Where an address stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Behind `@font-face`.
    Font,
    /// Behind `@import`.
    Import,
    Other,
}

/// Counts what `css`, a style sheet or a part of one, wants to load from the net.
pub(super) fn count(css: &str) -> Loads {
    let mut loads = Loads::default();
    // Without either of these there is no address, escaped or not.
    if css.contains("//") || css.contains('\\') {
        let mut input = ParserInput::new(css);
        let mut parser = Parser::new(&mut input);
        scan(&mut parser, false, Place::Other, DEPTH_LIMIT, &mut loads);
    }
    loads
}

/// `loading` says that a string here is an address: inside a function, or after `@import`.
fn scan(parser: &mut Parser<'_, '_>, loading: bool, outer: Place, depth: usize, loads: &mut Loads) {
    let mut place = outer;
    while let Ok(token) = parser.next().cloned() {
        let nested = match &token {
            Token::UnquotedUrl(url) | Token::BadUrl(url) => {
                if is_remote(url) {
                    loads.add(place);
                }
                continue;
            }
            Token::QuotedString(text) => {
                if (loading || place == Place::Import) && is_remote(text) {
                    loads.add(place);
                }
                continue;
            }
            Token::AtKeyword(name) => {
                place = if name.eq_ignore_ascii_case("import") {
                    Place::Import
                } else if name.eq_ignore_ascii_case("font-face") {
                    Place::Font
                } else {
                    outer
                };
                continue;
            }
            Token::Semicolon => {
                place = outer;
                continue;
            }
            Token::Function(_) => true,
            Token::CurlyBracketBlock | Token::ParenthesisBlock | Token::SquareBracketBlock => false,
            _ => continue,
        };
        // Nested deeper than anyone does by hand: taken for the worst.
        if depth == 0 {
            loads.add(place);
            continue;
        }
        let block = matches!(token, Token::CurlyBracketBlock);
        let _ = parser.parse_nested_block(|p| {
            scan(p, nested || loading, place, depth.saturating_sub(1), loads);
            Ok::<_, Failure<'_>>(())
        });
        if block {
            place = outer;
        }
    }
}

/// Whether a browser would fetch `url` from the net. It ignores blanks and control characters, and
/// takes backslashes for slashes.
pub(super) fn is_remote(url: &str) -> bool {
    let start: String = url
        .chars()
        .filter(|c| !c.is_control() && !c.is_whitespace())
        .take(8)
        .map(|c| {
            if c == '\\' {
                '/'
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect();
    ["http:", "https:", "//", "ftp:"]
        .iter()
        .any(|scheme| start.starts_with(scheme))
}

#[cfg(test)]
mod tests;
