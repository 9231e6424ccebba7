//! The properties within an attribute ([MS-OXTNEF], section 2.1.3.4).

use super::{BODY_LIMIT, Reader, octets_to_text};
use std::ops::Range;

/// Properties of one attribute, and values of one property, that are read.
const PROPERTY_LIMIT: usize = 2000;
const VALUE_LIMIT: usize = 10_000;

/// A property; of several values the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Property {
    pub id: u16,
    kind: u16,
    /// Where the value stands in the stream.
    pub data: Range<usize>,
}

const STRING_8: u16 = 0x001E;
const STRING_16: u16 = 0x001F;
const OBJECT: u16 = 0x000D;
const BINARY: u16 = 0x0102;
const MULTIPLE: u16 = 0x1000;

impl Property {
    pub(super) fn is_text(&self) -> bool {
        matches!(self.kind, STRING_8 | STRING_16)
    }

    pub(super) fn is_object(&self) -> bool {
        self.kind == OBJECT
    }

    /// The value as text, in UTF-16 or the code page.
    pub(super) fn text(&self, stream: &[u8], code_page: Option<u32>) -> String {
        let data = stream.get(self.data.clone()).unwrap_or_default();
        let data = data.get(..BODY_LIMIT).unwrap_or(data);
        match self.kind {
            STRING_16 => {
                let units = data.chunks_exact(2).map(|pair| match pair {
                    [low, high] => u16::from_le_bytes([*low, *high]),
                    _ => 0,
                });
                char::decode_utf16(units.take_while(|unit| *unit != 0))
                    .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
                    .collect()
            }
            _ => octets_to_text(data, code_page),
        }
    }
}

/// The properties of an attribute whose data begin at `at` in the stream; those that could be read
/// before the first that could not.
pub(super) fn properties(data: &[u8], at: usize) -> Vec<Property> {
    let mut reader = Reader::new(data, at);
    let count = reader.length().unwrap_or_default().min(PROPERTY_LIMIT);
    let mut list = Vec::new();
    for _ in 0..count {
        let Some(property) = property(&mut reader) else {
            break;
        };
        list.push(property);
    }
    list
}

fn property(reader: &mut Reader<'_>) -> Option<Property> {
    let kind = reader.u16()?;
    let id = reader.u16()?;
    if id >= 0x8000 {
        skip_name(reader)?;
    }
    let single = kind & !MULTIPLE;
    let size = fixed_size(single);
    // What has a length of its own has a count too, even where there is one only.
    let count = if kind & MULTIPLE != 0 || size.is_none() {
        reader.length()?
    } else {
        1
    };
    let mut first: Option<Range<usize>> = None;
    for _ in 0..count.min(VALUE_LIMIT) {
        // What claims many values has octets for them, or costs nothing.
        if reader.rest.is_empty() {
            break;
        }
        let length = match size {
            Some(size) => size,
            None => reader.length()?,
        };
        let begin = reader.at;
        // The value of a file that is cut off is shown as far as it goes.
        let length = length.min(reader.rest.len());
        reader.take(length)?;
        first.get_or_insert(begin..reader.at);
        pad(reader, length);
    }
    (count <= VALUE_LIMIT).then(|| Property {
        id,
        kind: single,
        data: first.unwrap_or(reader.at..reader.at),
    })
}

/// The GUID and the name of a named property.
fn skip_name(reader: &mut Reader<'_>) -> Option<()> {
    reader.take(16)?;
    if reader.u32()? == 0 {
        reader.u32()?;
    } else {
        let length = reader.length()?;
        reader.take(length)?;
        pad(reader, length);
    }
    Some(())
}

/// Values end on a boundary of four octets.
fn pad(reader: &mut Reader<'_>, length: usize) {
    let more = length.next_multiple_of(4).saturating_sub(length);
    reader.take(more.min(reader.rest.len()));
}

/// Octets of a value whose type has always the same; `None` for strings, binaries and objects.
fn fixed_size(kind: u16) -> Option<usize> {
    match kind {
        STRING_8 | STRING_16 | OBJECT | BINARY => None,
        0x0002 | 0x000B => Some(2),
        0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => Some(8),
        0x0048 => Some(16),
        // Numbers, and what nobody knows.
        _ => Some(4),
    }
}
