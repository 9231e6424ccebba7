//! Pure knowledge of mail: no I/O, no async, nothing but values in and values out. Everything that
//! reads what a stranger wrote lives here, where it can be tested and fuzzed alone.

pub mod address;
mod charset;
pub mod css;
mod date;
pub mod decode;
mod encoded_word;
mod entity;
pub mod filename;
pub mod folder_name;
pub mod header;
pub mod html;
pub mod magic;
pub mod mailbox_name;
pub mod mailto;
mod markup;
pub mod mime;
mod params;
pub mod plain;
pub mod reply;
pub mod search;
pub mod structure;
pub mod text;
pub mod threading;
mod visible;
