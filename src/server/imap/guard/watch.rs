//! What the guard has seen of the stream, and what it makes of each octet: just as much of the grammar
//! as it takes to know what the parser would do.

use super::{Tap, tap};
use std::collections::VecDeque;

/// Deepest nesting of parentheses that the parser gets to see. In a debug build it takes some
/// 35 kB of stack a level.
const DEPTH_LIMIT: u32 = 32;
/// Largest literal. Whatever is large is asked for in smaller pieces.
const LITERAL_LIMIT: u64 = 16 << 20;
/// Longest line that may name all messages, literals aside: a SEARCH over a million.
const LONG_LINE_LIMIT: u64 = 8 << 20;
/// Longest other line.
const LINE_LIMIT: u64 = 1 << 20;
/// Longest line of prose.
const TEXT_LIMIT: u64 = 256 << 10;
/// All that one round may answer.
const ROUND_LIMIT: u64 = 64 << 20;

/// The responses that are kept from the parser, and the octets that may come after these names.
const DIVERTED: [&[u8]; 5] = [
    b"* THREAD",
    b"* ESEARCH",
    b"* NAMESPACE",
    b"* SEARCH",
    b"* SORT",
];
const AFTER_NAME: &[u8] = b" (\r\n";
/// Octets of a line's beginning that are remembered: the longest of these names and one more.
const HEAD: usize = 12;
/// Diverted lines that may wait.
const DIVERTED_LIMIT: usize = 1000;
/// The code in the line that stands for a diverted one, before its number.
const STAND_IN: &str = "POSTHORN-DIVERTED ";

pub(super) const TOO_DEEP: &str = "nested too deep";

/// The number of the diverted line for which a response with this code stands.
pub fn stand_in(code: &str) -> Option<u64> {
    code.strip_prefix(STAND_IN)?.parse().ok()
}

/// Whose line it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Owner {
    /// Its beginning fits one that is diverted, so it is held back.
    #[default]
    Open,
    Parser,
    Diverted,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Plain,
    Quoted,
    Escaped,
    /// Within `{…}`, with the number so far.
    Count(u64),
    /// After `{…}` and perhaps CR.
    CountEnd(u64),
    /// Octets of a literal that are still to come.
    Literal(u64),
}

/// What the guard has seen of the stream.
#[derive(Debug, Default)]
pub(super) struct Watch {
    state: State,
    owner: Owner,
    depth: u32,
    /// Octets of the line, literals aside.
    line: u64,
    /// The line's first octets.
    head: [u8; HEAD],
    /// Parentheses that were closed on the line, back to no depth at all.
    closed: u32,
    /// The rest of the line is extended items of a LIST response, and is blanked.
    blank: bool,
    /// The last octet was what ends a response code.
    after_code: bool,
    pub(super) round: u64,
    /// The line that is being diverted.
    diverting: Vec<u8>,
    /// Lines that were, with their numbers.
    diverted: VecDeque<(u64, Vec<u8>)>,
    /// The number of the next one.
    pub(super) next: u64,
    /// The literal that goes past the parser.
    pub(super) tap: Option<Tap>,
}

impl Watch {
    /// Takes the octets that came. What of them, or in their place, is for the parser; `None` where
    /// that is just what came.
    pub(super) fn see(&mut self, octets: &[u8]) -> Result<Option<Vec<u8>>, &'static str> {
        self.round += u64::try_from(octets.len()).unwrap_or(u64::MAX);
        if self.round > ROUND_LIMIT {
            return Err("answer too large");
        }
        // In a line that is held back or diverted, what is kept differs from what came.
        let within = self.is_tapped() || (self.line > 0 && self.owner != Owner::Parser);
        let mut kept = within.then(Vec::new);
        let mut rest = octets;
        while !rest.is_empty() {
            if let State::Literal(left) = self.state {
                let skipped = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
                let (literal, after) = rest.split_at_checked(skipped).unwrap_or((rest, &[]));
                let tap = self.tap.as_mut().filter(|tap| tap.is_open());
                if let Some(tap) = tap {
                    tap.take(
                        literal,
                        u64::try_from(skipped).is_ok_and(|took| took == left),
                    );
                } else if self.blank {
                    let kept = kept.get_or_insert_with(|| {
                        let before = octets.len() - rest.len();
                        octets.get(..before).unwrap_or_default().to_vec()
                    });
                    kept.resize(kept.len() + skipped, b' ');
                } else if let Some(kept) = &mut kept {
                    kept.extend_from_slice(literal);
                }
                rest = after;
                let left = left - u64::try_from(skipped).unwrap_or(left);
                self.state = if left == 0 {
                    State::Plain
                } else {
                    State::Literal(left)
                };
            } else if let Some((octet, after)) = rest.split_first() {
                let before = octets.len() - rest.len();
                rest = after;
                let was = self.owner;
                self.claim(*octet);
                match self.owner {
                    // Held, and out of the way of what came before it.
                    Owner::Open => {}
                    Owner::Parser => {
                        if let Some(kept) = &mut kept {
                            if was == Owner::Open {
                                kept.extend_from_slice(self.beginning());
                            } else {
                                kept.push(*octet);
                            }
                        }
                    }
                    Owner::Diverted => {
                        if was == Owner::Open {
                            self.diverting = self.beginning().to_vec();
                            // All of this chunk before that line was the parser's.
                            let length = self.beginning().len() - 1;
                            kept.get_or_insert_with(|| {
                                let end = before.saturating_sub(length);
                                octets.get(..end).unwrap_or_default().to_vec()
                            });
                        } else {
                            self.diverting.push(*octet);
                        }
                    }
                }
                let stand_in = self.step(*octet)?;
                if self.owner != Owner::Diverted && self.tap.is_some() {
                    let put = self.tap(*octet)?;
                    if put != tap::Seen::Passed {
                        let kept = kept.get_or_insert_with(|| {
                            octets.get(..=before).unwrap_or_default().to_vec()
                        });
                        kept.pop();
                        match put {
                            tap::Seen::Passed | tap::Seen::Held => {}
                            tap::Seen::Released(held) => kept.extend(held),
                            tap::Seen::Begun => kept.extend_from_slice(b"\"\""),
                        }
                    }
                }
                let cut = self.after_code && !octet.is_ascii() && self.is_text();
                self.after_code = *octet == b']';
                // The line's own end stays.
                let blank = self.blank && !(*octet == b'\r' && self.state == State::Plain);
                if blank || cut {
                    let kept = kept
                        .get_or_insert_with(|| octets.get(..=before).unwrap_or_default().to_vec());
                    if let Some(last) = kept.last_mut() {
                        *last = if cut { b'?' } else { b' ' };
                    }
                }
                if let Some(stand_in) = stand_in
                    && let Some(kept) = &mut kept
                {
                    kept.extend_from_slice(stand_in.as_bytes());
                }
            }
        }
        if kept.is_none() && !self.held().is_empty() {
            let end = octets.len().saturating_sub(self.held().len());
            kept = Some(octets.get(..end).unwrap_or_default().to_vec());
        }
        Ok(kept)
    }

    /// What becomes of an octet that was for the parser, where a literal is waited for.
    fn tap(&mut self, octet: u8) -> Result<tap::Seen, &'static str> {
        let (counting, length) = match self.state {
            State::Count(_) | State::CountEnd(_) => (true, None),
            State::Literal(length) => (true, Some(length)),
            State::Plain | State::Quoted | State::Escaped => (false, None),
        };
        match &mut self.tap {
            Some(tap) => tap.see(octet, counting, length),
            None => Ok(tap::Seen::Passed),
        }
    }

    /// Whether what comes now goes past the parser.
    fn is_tapped(&self) -> bool {
        self.tap.as_ref().is_some_and(Tap::is_within)
    }

    /// How much of a literal that goes past the parser is still to come.
    pub(super) fn tapping(&mut self) -> Option<(u64, &mut Tap)> {
        match (self.state, &mut self.tap) {
            (State::Literal(left), Some(tap)) if tap.is_open() => Some((left, tap)),
            _ => None,
        }
    }

    /// Octets of it came, and were taken.
    pub(super) fn tapped(&mut self, count: usize) -> Result<(), &'static str> {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.round = self.round.saturating_add(count);
        if self.round > ROUND_LIMIT {
            return Err("answer too large");
        }
        if let State::Literal(left) = self.state {
            let left = left.saturating_sub(count);
            self.state = if left == 0 {
                State::Plain
            } else {
                State::Literal(left)
            };
            if left == 0
                && let Some(tap) = &mut self.tap
            {
                tap.take(&[], true);
            }
        }
        Ok(())
    }

    /// What of the line is held back.
    pub(super) fn held(&self) -> &[u8] {
        match self.owner {
            Owner::Open => self.beginning(),
            Owner::Parser | Owner::Diverted => &[],
        }
    }

    /// The line's beginning, as far as it is remembered.
    fn beginning(&self) -> &[u8] {
        let length = usize::try_from(self.line).unwrap_or(HEAD).min(HEAD);
        self.head.get(..length).unwrap_or_default()
    }

    /// Counts a further octet of the line, and tells from it whose line it is.
    fn claim(&mut self, octet: u8) {
        if let Some(slot) = usize::try_from(self.line)
            .ok()
            .and_then(|index| self.head.get_mut(index))
        {
            *slot = octet;
        }
        self.line += 1;
        if self.owner != Owner::Open {
            return;
        }
        let beginning = self.beginning();
        self.owner = DIVERTED
            .iter()
            .map(|name| match beginning.split_at_checked(name.len()) {
                None if name
                    .get(..beginning.len())
                    .is_some_and(|part| part.eq_ignore_ascii_case(beginning)) =>
                {
                    Owner::Open
                }
                Some((begun, after)) if begun.eq_ignore_ascii_case(name) => match after.first() {
                    None => Owner::Open,
                    Some(next) if AFTER_NAME.contains(next) => Owner::Diverted,
                    Some(_) => Owner::Parser,
                },
                _ => Owner::Parser,
            })
            .find(|owner| *owner != Owner::Parser)
            .unwrap_or(Owner::Parser);
    }

    /// Takes one octet outside of literals. At the end of a diverted line, what stands for it.
    fn step(&mut self, octet: u8) -> Result<Option<String>, &'static str> {
        let text = self.is_text();
        let limit = match self.owner {
            Owner::Diverted => LONG_LINE_LIMIT,
            _ if text => TEXT_LIMIT,
            _ if self.is_vanished() => LONG_LINE_LIMIT,
            _ => LINE_LIMIT,
        };
        if self.line > limit {
            return Err("line too long");
        }
        let mut stand_in = None;
        self.state = match (self.state, octet) {
            // A literal where none can be would hide from the guard what the parser sees.
            (State::CountEnd(_), b'\n') if text => return Err("literal in a text"),
            (State::CountEnd(_), b'\n') if self.owner == Owner::Diverted => {
                return Err("literal in a list of numbers");
            }
            // One that goes past the parser has a limit of its own.
            (State::CountEnd(count), b'\n') if count > LITERAL_LIMIT && !self.is_tapped() => {
                return Err("literal too large");
            }
            (State::CountEnd(0), b'\n') | (State::Quoted, b'"') => State::Plain,
            (State::CountEnd(count), b'\n') => State::Literal(count),
            (_, b'\n') => {
                if self.owner == Owner::Diverted {
                    stand_in = Some(self.divert()?);
                }
                self.owner = Owner::Open;
                self.depth = 0;
                self.line = 0;
                self.closed = 0;
                self.blank = false;
                State::Plain
            }
            (State::Quoted, b'\\') => State::Escaped,
            (State::Quoted | State::Escaped, _) => State::Quoted,
            (State::Count(count), b'0'..=b'9') => State::Count(
                count
                    .saturating_mul(10)
                    .saturating_add(u64::from(octet - b'0')),
            ),
            (State::Count(count), b'}') | (State::CountEnd(count), b'\r') => State::CountEnd(count),
            (_, b'{') => State::Count(0),
            (_, b'"') if !text => State::Quoted,
            // What the parser never sees may nest.
            (_, b'(') if !text && self.owner != Owner::Diverted => {
                self.blank |= self.depth == 0 && self.closed > 0 && self.is_list();
                self.depth += 1;
                if self.depth > DEPTH_LIMIT {
                    return Err(TOO_DEEP);
                }
                State::Plain
            }
            (_, b')') if !text => {
                self.depth = self.depth.saturating_sub(1);
                self.closed = self.closed.saturating_add(u32::from(self.depth == 0));
                State::Plain
            }
            _ => State::Plain,
        };
        Ok(stand_in)
    }

    /// The diverted line is whole: into the queue with it, and what the parser gets instead.
    fn divert(&mut self) -> Result<String, &'static str> {
        if self.diverted.len() >= DIVERTED_LIMIT {
            return Err("too many answers");
        }
        let number = self.next;
        self.next += 1;
        let line = std::mem::take(&mut self.diverting);
        self.diverted.push_back((number, line));
        Ok(format!("* OK [{STAND_IN}{number}] .\r\n"))
    }

    /// The diverted line of this number. Those before it were never asked for.
    pub(super) fn take(&mut self, number: u64) -> Option<Vec<u8>> {
        while self
            .diverted
            .front()
            .is_some_and(|(waiting, _)| *waiting < number)
        {
            self.diverted.pop_front();
        }
        self.diverted
            .pop_front_if(|(waiting, _)| *waiting == number)
            .map(|(_, line)| line)
    }

    /// Whether the line is a LIST response: the attributes are its first parentheses, and a name
    /// holds none that is not quoted.
    fn is_list(&self) -> bool {
        let [star, space, first, second, ..] = self.head;
        star == b'*' && space == b' ' && [first, second].eq_ignore_ascii_case(b"LI")
    }

    /// Whether the line may name all messages and is the parser's: VANISHED.
    fn is_vanished(&self) -> bool {
        let [star, space, first, ..] = self.head;
        star == b'*' && space == b' ' && first.eq_ignore_ascii_case(&b'V')
    }

    /// Whether the line is one of prose: a tagged or untagged status response or a continuation
    /// request, where quotes and parentheses mean nothing. Four octets tell.
    fn is_text(&self) -> bool {
        let [star, space, first, second, ..] = self.head;
        self.line >= 4
            && (star != b'*'
                || space != b' '
                || matches!(
                    &[first.to_ascii_uppercase(), second.to_ascii_uppercase()],
                    b"OK" | b"NO" | b"BA" | b"BY" | b"PR"
                ))
    }
}
