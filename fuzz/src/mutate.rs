//! Changes an input at random, by a generator that gives the same row for the same seed.

/// xorshift64*: small, and good enough to break things.
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// Less than `bound`; 0 for a bound of 0.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % (bound.max(1) as u64)) as usize
    }
}

/// `input` changed in one to eight places, with pieces of `other` and with the target's `words`;
/// now and then blown up to about `large` octets.
pub fn mutate(
    input: &[u8],
    other: &[u8],
    words: &[&str],
    large: usize,
    random: &mut Random,
) -> Vec<u8> {
    let mut out = input.to_vec();
    for _ in 0..=random.below(8) {
        let at = random.below(out.len() + 1);
        let length = random.below(64).min(out.len() - at);
        match random.below(11) {
            0 if at < out.len() => out[at] ^= 1 << random.below(8),
            1 if at < out.len() => out[at] = random.next() as u8,
            2 => drop(out.drain(at..at + length)),
            3 => {
                let piece = out[at..at + length].to_vec();
                let times = 1 + random.below(20);
                out.splice(at..at, piece.repeat(times));
            }
            4 if !other.is_empty() => {
                let from = random.below(other.len());
                let count = random.below(512).min(other.len() - from);
                out.splice(at..at, other[from..from + count].iter().copied());
            }
            5..=7 if !words.is_empty() => {
                let word = words[random.below(words.len())].as_bytes();
                let end = if random.below(2) == 0 {
                    at
                } else {
                    at + length
                };
                out.splice(at..end, word.iter().copied());
            }
            8 => {
                let odd = [
                    &b"\0"[..],
                    b"\xff\xff\xff\xff",
                    b"\x80",
                    b"\xe2\x80\xae",
                    b"\r\n",
                    b"\n",
                    b" ",
                    b"-1",
                    b"4294967296",
                    b"\xed\xa0\x80",
                ];
                out.splice(at..at, odd[random.below(odd.len())].iter().copied());
            }
            9 => out.truncate(at.max(out.len() / 2)),
            _ => {
                let to = random.below(out.len() + 1);
                let piece: Vec<u8> = out.drain(at..at + length).collect();
                let to = to.min(out.len());
                out.splice(to..to, piece);
            }
        }
    }
    if random.below(300) == 0 && !out.is_empty() {
        let at = random.below(out.len());
        let length = (1 + random.below(200)).min(out.len() - at);
        let piece = out[at..at + length].to_vec();
        let times = large.saturating_sub(out.len()) / length;
        out.splice(at..at, piece.repeat(times));
    }
    out.truncate(large);
    out
}

/// `input` made as small as it can be while `still` holds, within a bounded number of tries.
pub fn minimise(input: &[u8], mut still: impl FnMut(&[u8]) -> bool) -> Vec<u8> {
    let mut best = input.to_vec();
    let mut step = best.len() / 2;
    let mut tries = 2000;
    while step > 0 && tries > 0 {
        let mut at = 0;
        while at < best.len() && tries > 0 {
            tries -= 1;
            let end = (at + step).min(best.len());
            let mut smaller = best.clone();
            smaller.drain(at..end);
            if still(&smaller) {
                best = smaller;
            } else {
                at = end;
            }
        }
        step /= 2;
    }
    best
}
