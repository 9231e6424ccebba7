//! Authentication-Results (RFC 8601): what the receiving mail server found out about who sent a
//! mail, put into a verdict. Anybody can write such a field into a mail, so one only counts that
//! names a server the operator trusts, and of those only the topmost: every server puts its fields
//! on top of what it received.

use super::header::Header;
use super::visible::{clip, one_line};
use super::{params, site};

/// Results of one field that are read.
const RESULT_LIMIT: usize = 100;
/// Properties of one result that are read.
const PROPERTY_LIMIT: usize = 50;
/// Octets of a field that are read.
const FIELD_LIMIT: usize = 64 * 1024;

/// What a trusted server said about a mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authentication {
    /// The signature; of several the one that says most for the sender.
    pub dkim: Option<Check>,
    /// Whether the sending server may send for the envelope's sender.
    pub spf: Option<Check>,
    /// Whether one of the two stands for the domain the reader sees.
    pub dmarc: Option<Check>,
}

/// The result of one method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub outcome: Outcome,
    /// The domain it is about, in lower-case ASCII: `header.d`, `smtp.mailfrom` or `header.from`.
    pub domain: Option<String>,
    /// Whether that domain belongs to the site of the mail's one From address.
    pub aligned: bool,
}

/// A result (RFC 8601, section 2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Pass,
    Fail,
    SoftFail,
    /// Neither for nor against, or a word that nobody knows.
    Neutral,
    /// Nothing to check.
    Missing,
    /// Valid, but not by the server's rules.
    Policy,
    /// Could not be checked now.
    TemporaryError,
    /// Cannot be checked.
    PermanentError,
}

/// What it comes to, for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The mail comes from the domain that its From names.
    Confirmed,
    /// Nothing was proved.
    Unproved,
    /// The domain that its From names says that the mail is not its own.
    Refuted,
}

impl Authentication {
    /// Reads the topmost field of one of the `trusted` servers (their authserv-id, in any case);
    /// `None` where there is none.
    pub fn of(header: &Header, trusted: &[String]) -> Option<Self> {
        let from = author_domain(header);
        header.values("authentication-results").find_map(|value| {
            let value = value
                .get(..value.floor_char_boundary(FIELD_LIMIT))
                .unwrap_or_default();
            let mut pieces = params::pieces(value);
            let id = server_id(&pieces.next().unwrap_or_default())?;
            // A server takes out the fields that claim to be its own, by their letters. One that
            // becomes its own when a comment is taken out of the name, it has not seen.
            let plain = value.trim_start().trim_start_matches('"');
            let plain = plain
                .get(..id.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(&id));
            (plain
                && trusted
                    .iter()
                    .any(|server| !server.is_empty() && server.eq_ignore_ascii_case(&id)))
            .then(|| Self::read(pieces.take(RESULT_LIMIT), from.as_deref()))
        })
    }

    fn read(pieces: impl Iterator<Item = String>, from: Option<&str>) -> Self {
        let mut found = Self::default();
        for result in pieces.filter_map(|piece| MethodResult::read(&piece)) {
            let check = |domain: Option<String>| Check {
                outcome: result.outcome,
                aligned: domain
                    .as_deref()
                    .zip(from)
                    .is_some_and(|(a, b)| site::site(a) == site::site(b)),
                domain,
            };
            match result.method.as_str() {
                "dkim" => {
                    let new = check(result.domain(&["header.d", "header.i"]));
                    if found
                        .dkim
                        .as_ref()
                        .is_none_or(|old| weight(&new) > weight(old))
                    {
                        found.dkim = Some(new);
                    }
                }
                "spf" if found.spf.is_none() => {
                    let domain = result.domain(&["smtp.mailfrom", "smtp.mail", "smtp.helo"]);
                    found.spf = Some(check(domain));
                }
                "dmarc" if found.dmarc.is_none() => {
                    found.dmarc = Some(check(result.domain(&["header.from"])));
                }
                _ => {}
            }
        }
        found
    }

    /// DMARC (RFC 7489) decides where it was checked, else an aligned signature or sender does.
    pub fn verdict(&self) -> Verdict {
        let passed = |check: &Option<Check>| check.as_ref().is_some_and(|check| weight(check) == 2);
        match self.dmarc.as_ref().map(|check| check.outcome) {
            Some(Outcome::Fail) => Verdict::Refuted,
            Some(Outcome::Pass) if passed(&self.dmarc) => Verdict::Confirmed,
            // What passed is another domain than the reader sees.
            Some(Outcome::Pass) => Verdict::Unproved,
            _ if passed(&self.dkim) || passed(&self.spf) => Verdict::Confirmed,
            _ => Verdict::Unproved,
        }
    }
}

/// How much a check says for the sender.
fn weight(check: &Check) -> u8 {
    match (check.outcome, check.aligned) {
        (Outcome::Pass, true) => 2,
        (Outcome::Pass, false) => 1,
        _ => 0,
    }
}

/// The domain of the one From address. With several of them it is anybody's choice which one a
/// reader takes for the sender, so nothing is aligned.
fn author_domain(header: &Header) -> Option<String> {
    let from = header.from();
    let [author] = from.as_slice() else {
        return None;
    };
    let (_, domain) = author.addr.rsplit_once('@')?;
    site::host(domain)
}

/// The authserv-id, which a version may follow (RFC 8601, section 2.2); `None` where there is
/// none, or for a version that is not known.
fn server_id(piece: &str) -> Option<String> {
    let mut words = piece.split_whitespace();
    let id = words.next()?.trim_matches('"');
    let known = words.next().is_none_or(|version| version == "1");
    (known && !id.is_empty()).then(|| id.to_owned())
}

/// `method=result property=value …`
struct MethodResult {
    /// In lower case.
    method: String,
    outcome: Outcome,
    /// Names as `header.d`, in lower case.
    properties: Vec<(String, String)>,
}

impl MethodResult {
    fn read(piece: &str) -> Option<Self> {
        let mut pairs = pairs(piece);
        let (method, result) = pairs.next()?;
        // `dkim/1`: the version of the method.
        let method = method.split('/').next().unwrap_or_default().to_owned();
        Some(Self {
            method,
            outcome: outcome(&result),
            properties: pairs.take(PROPERTY_LIMIT).collect(),
        })
    }

    /// The domain that the first of these properties names that is there, alone or as that of an
    /// address. Where it names none, none was checked: what another property names is the sender's
    /// choice, as the name in HELO beside an envelope sender. Only where that is empty the name in HELO
    /// is what was checked (RFC 7208, section 2.4).
    fn domain(&self, names: &[&str]) -> Option<String> {
        let said = |name: &&str| {
            let (_, value) = self.properties.iter().find(|(key, _)| key == name)?;
            (!matches!(value.as_str(), "" | "<>")).then_some(value)
        };
        let value = names.iter().find_map(said)?;
        let domain = value.rsplit_once('@').map_or(value.as_str(), |(_, d)| d);
        let domain = domain.trim_end_matches('>');
        site::host(clip(&one_line(domain), 300))
    }
}

fn outcome(word: &str) -> Outcome {
    match word.to_ascii_lowercase().as_str() {
        "pass" => Outcome::Pass,
        // Hardfail is what some call it.
        "fail" | "hardfail" => Outcome::Fail,
        "softfail" => Outcome::SoftFail,
        "none" => Outcome::Missing,
        "policy" => Outcome::Policy,
        "temperror" => Outcome::TemporaryError,
        "permerror" => Outcome::PermanentError,
        _ => Outcome::Neutral,
    }
}

/// The pairs of a result: `name=value`, blanks allowed around `=` and within the name, the value a
/// word or a quoted string.
fn pairs(piece: &str) -> impl Iterator<Item = (String, String)> {
    let mut rest = piece;
    std::iter::from_fn(move || {
        let (name, after) = rest.split_once('=')?;
        let name: String = name
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect::<String>()
            .to_ascii_lowercase();
        let (value, beyond) = value(after.trim_start());
        rest = beyond;
        Some((name, value))
    })
}

/// The value at the beginning of the text, unquoted, and what follows it. A quoted local part
/// makes `"a b"@example.org` one value.
fn value(text: &str) -> (String, &str) {
    let mut out = String::new();
    let mut quoted = false;
    let mut chars = text.chars();
    loop {
        let before = chars.as_str();
        match chars.next() {
            None => return (out, ""),
            Some('"') => quoted = !quoted,
            Some('\\') if quoted => out.extend(chars.next()),
            Some(c) if !quoted && c.is_whitespace() => return (out, before),
            Some(c) => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests;
