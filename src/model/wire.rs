//! How values cross between the halves: as JSON, which is read in two steps. First the text becomes
//! a [`Tree`], by code that is there once; then a type is made of the tree. `serde_json` reads each type
//! from text by code of its own, for every kind of text anew, and that was a sixth of the WebAssembly.

mod reader;
mod tree;

use leptos::server::codee::{Decoder, Encoder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use server_fn::codec::Post;
use server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};
pub use tree::Tree;

/// What the server functions and the resources of a page are written in.
#[derive(Debug)]
pub struct Wire;

/// Arguments or an answer in the body of a POST.
pub type Wired = Post<Wire>;

/// The text is not JSON, or not of the type that was asked for. Which, is told by nothing: both
/// halves are of one build, and what went wrong may be somebody's mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireError;

impl std::fmt::Display for WireError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("not what was expected")
    }
}

impl std::error::Error for WireError {}

/// Reads a value.
///
/// # Errors
/// [`WireError`].
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, WireError> {
    T::deserialize(tree(text)?)
}

// Not generic, and so not there once a type.
#[inline(never)]
fn tree(text: &str) -> Result<Tree, WireError> {
    serde_json::from_str(text).map_err(|_| WireError)
}

impl ContentType for Wire {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for Wire {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for Wire {
    type Error = serde_json::Error;

    fn encode(value: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_vec(value).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for Wire {
    type Error = WireError;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        read(std::str::from_utf8(&bytes).map_err(|_| WireError)?)
    }
}

impl<T: Serialize> Encoder<T> for Wire {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, Self::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for Wire {
    type Error = WireError;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, Self::Error> {
        read(text)
    }
}

#[cfg(test)]
mod tests;
