//! A ZIP archive as it is written: entries of unknown size one after the other, stored and not
//! compressed, each followed by its CRC and its size (PKWARE's APPNOTE 6.3, sections 4.3 and 4.4).
//! Of an entry only its name and four numbers are held, so an archive of any size takes little
//! memory. ZIP64 is used where the numbers need it, and only there.

use icu_normalizer::ComposingNormalizerBorrowed;
use std::collections::{HashMap, HashSet};

/// The size is not known when the entry begins (bit 3); the name is UTF-8 (bit 11).
const FLAGS: u16 = 1 << 3 | 1 << 11;
/// What a reader has to understand: 2.0, and 4.5 where ZIP64 is used.
const VERSION: u16 = 20;
const VERSION_64: u16 = 45;
/// Made on Unix, by version 4.5 of the format, so that the attributes are a file's mode.
const MADE_BY: u16 = 3 << 8 | 0x2d;
/// A file that its owner may write and all may read.
const MODE: u32 = 0o100_644 << 16;

/// Day and time of a file as ZIP has them, in local time, of even seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DosTime {
    date: u16,
    time: u16,
}

impl DosTime {
    /// Of a point in time that a person sees; what lies outside 1980 to 2107 is 1980.
    pub fn of(at: &jiff::Zoned) -> Self {
        let whole = |n: i8| u16::try_from(n).unwrap_or_default();
        match u16::try_from(at.year()).map(|year| year.checked_sub(1980)) {
            Ok(Some(years @ 0..=127)) => Self {
                date: years << 9 | whole(at.month()) << 5 | whole(at.day()),
                time: whole(at.hour()) << 11 | whole(at.minute()) << 5 | (whole(at.second()) / 2),
            },
            _ => Self {
                date: 1 << 5 | 1,
                time: 0,
            },
        }
    }
}

/// An entry that has been written, or is being written.
#[derive(Debug)]
struct Entry {
    name: String,
    crc: crc32fast::Hasher,
    size: u64,
    offset: u64,
}

/// An archive that is being written. Each call returns the octets that come next.
#[derive(Debug)]
pub struct Zip {
    time: DosTime,
    entries: Vec<Entry>,
    written: u64,
}

/// An entry grew beyond what its head has announced: 4 GiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

impl Zip {
    /// An archive whose entries are of this time.
    pub fn new(time: DosTime) -> Self {
        Self {
            time,
            entries: Vec::new(),
            written: 0,
        }
    }

    /// Begins an entry. `name` has to be a plain file name that no other entry has.
    pub fn begin(&mut self, name: &str) -> Vec<u8> {
        let name = shortened(name);
        let mut out = Vec::with_capacity(30 + name.len());
        put32(&mut out, 0x0403_4b50);
        put16(&mut out, VERSION);
        self.common(&mut out);
        // CRC and sizes follow the octets.
        out.extend([0; 12]);
        put16(&mut out, length(name));
        put16(&mut out, 0);
        out.extend(name.as_bytes());
        self.entries.push(Entry {
            name: name.to_owned(),
            crc: crc32fast::Hasher::new(),
            size: 0,
            offset: self.written,
        });
        self.count(&out);
        out
    }

    /// Notes the next octets of the entry, which are to be written as they are.
    pub fn note(&mut self, octets: &[u8]) -> Result<(), TooLarge> {
        self.count(octets);
        let Some(entry) = self.entries.last_mut() else {
            return Ok(());
        };
        entry.crc.update(octets);
        entry.size = entry.size.saturating_add(wide(octets.len()));
        // Without ZIP64 in its head, a reader takes the sizes behind the octets for 32 bits.
        if entry.size >= u64::from(u32::MAX) {
            return Err(TooLarge);
        }
        Ok(())
    }

    /// Ends the entry: the data descriptor (section 4.3.9).
    pub fn end(&mut self) -> Vec<u8> {
        let mut out = Vec::with_capacity(16);
        if let Some(entry) = self.entries.last() {
            put32(&mut out, 0x0807_4b50);
            put32(&mut out, entry.crc.clone().finalize());
            put32(&mut out, narrow(entry.size));
            put32(&mut out, narrow(entry.size));
        }
        self.count(&out);
        out
    }

    /// Ends the archive: its directory (sections 4.3.12 to 4.3.16).
    pub fn finish(self) -> Vec<u8> {
        let mut out = Vec::new();
        for entry in &self.entries {
            let far = entry.offset >= u64::from(u32::MAX);
            put32(&mut out, 0x0201_4b50);
            put16(&mut out, MADE_BY);
            put16(&mut out, if far { VERSION_64 } else { VERSION });
            self.common(&mut out);
            put32(&mut out, entry.crc.clone().finalize());
            put32(&mut out, narrow(entry.size));
            put32(&mut out, narrow(entry.size));
            put16(&mut out, length(&entry.name));
            put16(&mut out, if far { 12 } else { 0 });
            // No comment, the first disk, no text.
            out.extend([0; 6]);
            put32(&mut out, MODE);
            put32(&mut out, narrow(entry.offset));
            out.extend(entry.name.as_bytes());
            if far {
                put16(&mut out, 1);
                put16(&mut out, 8);
                put64(&mut out, entry.offset);
            }
        }
        let (count, size) = (wide(self.entries.len()), wide(out.len()));
        let begin = self.written;
        if count >= u64::from(u16::MAX) || begin.max(size) >= u64::from(u32::MAX) {
            put32(&mut out, 0x0606_4b50);
            put64(&mut out, 44);
            put16(&mut out, MADE_BY);
            put16(&mut out, VERSION_64);
            put32(&mut out, 0);
            put32(&mut out, 0);
            for number in [count, count, size, begin] {
                put64(&mut out, number);
            }
            put32(&mut out, 0x0706_4b50);
            put32(&mut out, 0);
            put64(&mut out, begin.saturating_add(size));
            put32(&mut out, 1);
        }
        put32(&mut out, 0x0605_4b50);
        put32(&mut out, 0);
        let short = u16::try_from(count).unwrap_or(u16::MAX);
        put16(&mut out, short);
        put16(&mut out, short);
        put32(&mut out, narrow(size));
        put32(&mut out, narrow(begin));
        put16(&mut out, 0);
        out
    }

    /// What the head of an entry and its line in the directory share.
    fn common(&self, out: &mut Vec<u8>) {
        put16(out, FLAGS);
        // Stored.
        put16(out, 0);
        put16(out, self.time.time);
        put16(out, self.time.date);
    }

    fn count(&mut self, octets: &[u8]) {
        self.written = self.written.saturating_add(wide(octets.len()));
    }
}

/// Names of which no two are the same, also where upper and lower case are the same, or a letter and
/// its parts: the second `a.txt` becomes `a (2).txt`.
pub fn unique(names: Vec<String>) -> Vec<String> {
    // As file systems compare that do not compare octets.
    let composed = ComposingNormalizerBorrowed::new_nfc();
    let key = |name: &str| composed.normalize(&name.to_lowercase()).into_owned();
    let mut taken = HashSet::new();
    let mut next = HashMap::new();
    names
        .into_iter()
        .map(|name| {
            let mut found = name.clone();
            let number = next.entry(key(&name)).or_insert(1_u32);
            while !taken.insert(key(&found)) {
                *number = number.saturating_add(1);
                found = match name.rsplit_once('.') {
                    Some((stem, extension)) => format!("{stem} ({number}).{extension}"),
                    None => format!("{name} ({number})"),
                };
            }
            found
        })
        .collect()
}

/// A name as far as the format has room for it.
fn shortened(name: &str) -> &str {
    let mut end = name.len().min(usize::from(u16::MAX));
    while !name.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    name.get(..end).unwrap_or_default()
}

fn length(name: &str) -> u16 {
    u16::try_from(name.len()).unwrap_or(u16::MAX)
}

fn wide(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// As 32 bits; all ones mean that ZIP64 tells.
fn narrow(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn put16(out: &mut Vec<u8>, n: u16) {
    out.extend(n.to_le_bytes());
}

fn put32(out: &mut Vec<u8>, n: u32) {
    out.extend(n.to_le_bytes());
}

fn put64(out: &mut Vec<u8>, n: u64) {
    out.extend(n.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::{DosTime, TooLarge, Zip, unique};

    fn time() -> DosTime {
        DosTime::of(
            &"2026-11-24T10:30:08[Europe/Berlin]"
                .parse::<jiff::Zoned>()
                .unwrap(),
        )
    }

    #[test]
    fn times_are_those_of_the_format() {
        assert_eq!((time().date, time().time), (23928, 21444));
        let old = DosTime::of(&"1970-01-01T00:00[UTC]".parse::<jiff::Zoned>().unwrap());
        assert_eq!((old.date, old.time), (33, 0));
    }

    #[test]
    fn no_two_entries_have_one_name() {
        let names = ["a.txt", "A.TXT", "a.txt", "a (2).txt", "b", "b"];
        assert_eq!(
            unique(names.map(str::to_owned).to_vec()),
            [
                "a.txt",
                "A (2).TXT",
                "a (3).txt",
                "a (2) (2).txt",
                "b",
                "b (2)"
            ]
        );
        // The same to a Mac: one letter, and a letter with its dots behind it.
        let letters = ["\u{FC}.txt", "u\u{308}.txt", "U\u{308}.txt"];
        assert_eq!(
            unique(letters.map(str::to_owned).to_vec()),
            ["\u{FC}.txt", "u\u{308} (2).txt", "U\u{308} (3).txt"]
        );
        let many = unique(vec!["x.bin".to_owned(); 2000]);
        assert_eq!(many.last().unwrap(), "x (2000).bin");
    }

    #[test]
    fn an_archive_ends_with_its_directory() {
        let mut zip = Zip::new(time());
        let mut out = zip.begin("ü.txt");
        zip.note(b"123456789").unwrap();
        out.extend(b"123456789");
        out.extend(zip.end());
        let directory = u32::try_from(out.len()).unwrap();
        out.extend(zip.finish());
        // The check value of CRC-32.
        assert!(out.windows(4).any(|four| four == [0x26, 0x39, 0xf4, 0xcb]));
        let end = &out[out.len() - 22..];
        assert_eq!(&end[..4], b"PK\x05\x06");
        assert_eq!(&end[16..20], directory.to_le_bytes());
    }

    #[test]
    fn what_lies_beyond_4_gib_is_told_by_zip64() {
        let mut zip = Zip::new(time());
        zip.begin("first");
        zip.end();
        zip.written = 5 << 30;
        zip.begin("second");
        zip.end();
        let out = zip.finish();
        let has = |octets: &[u8]| out.windows(octets.len()).any(|part| part == octets);
        assert!(has(&[1, 0, 8, 0, 0, 0, 0, 0x40, 1, 0, 0, 0]));
        assert!(has(b"PK\x06\x06") && has(b"PK\x06\x07"));
        let mut zip = Zip::new(time());
        zip.begin("large");
        zip.entries[0].size = u64::from(u32::MAX) - 2;
        assert_eq!(zip.note(b"1"), Ok(()));
        assert_eq!(zip.note(b"1"), Err(TooLarge));
    }
}
