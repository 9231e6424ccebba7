//! Display names that say another address or site than the one behind them. Most programs show the
//! name alone.

use super::confusable;
use super::said::{is_common, is_public, place};
use crate::mail::site;
use crate::mail::visible::{clip, one_line};
use crate::model::Address;

/// Characters of a name that are read.
const NAME_LIMIT: usize = 500;

/// What a display name carries that is not the sender's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Borrowed {
    /// An address, as the name has it.
    Address(String),
    /// The host of another site.
    Site(String),
}

/// Whether the name of `address` carries another address or another site than the sender's. A site
/// of the same name under another top level is not another one: `Example.de` of `example.com`.
pub fn borrowed_name(address: &Address) -> Option<Borrowed> {
    let name = one_line(clip(address.name.as_deref()?, NAME_LIMIT));
    let (_, domain) = address.addr.rsplit_once('@')?;
    let sender = site::host(domain)?;
    let words = || {
        name.split(|c: char| {
            c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | '"' | ',' | ';')
        })
        // Within a word it is an apostrophe, which an address may have.
        .map(|word| word.trim_matches(['\'', '‘', '’', '‚', '“', '”', '„', '‹', '›', '«', '»']))
    };
    // A full-width @ reads as one.
    let carried = words().find_map(|word| {
        let plain = confusable::latin(word).replace('’', "'");
        // It may also be a quote, within which another address stands.
        let mut readings = std::iter::once(plain.as_str()).chain(plain.split('\''));
        let (local, host) = readings.find_map(|reading| {
            let (local, domain) = reading.rsplit_once('@')?;
            let host = place(domain.split('\'').next()?)?;
            (!local.is_empty()).then_some((local, host))
        })?;
        let same = host == sender
            && address
                .addr
                .rsplit_once('@')
                .is_some_and(|(own, _)| own.eq_ignore_ascii_case(local));
        (!same).then(|| Borrowed::Address(word.to_owned()))
    });
    carried.or_else(|| {
        let mut pieces = words().flat_map(|word| word.split(['\'', '’']));
        pieces.find_map(|word| {
            let word = word.trim_matches(|c: char| !c.is_alphanumeric());
            let host = place(word).filter(|_| !word.contains('@'))?;
            let other = site::site_name(&host) != site::site_name(&sender);
            (other && is_public(&host) && is_common(&host)).then_some(Borrowed::Site(host))
        })
    })
}
