//! Pure knowledge of mail: no I/O, no async, nothing but values in and values out. Everything that
//! reads what a stranger wrote lives here, where it can be tested and fuzzed alone.

pub mod address;
pub mod authentication;
#[cfg(test)]
mod busy;
pub mod calendar;
pub mod card_parts;
mod charset;
mod colour;
mod content_line;
pub mod css;
mod date;
pub mod deception;
pub mod decode;
pub mod delivery_status;
mod encoded_word;
mod entity;
pub mod filename;
pub mod folder_name;
pub mod header;
pub mod html;
mod image_url;
pub mod links;
pub mod magic;
pub mod mailbox_name;
pub mod mailto;
mod markup;
mod meant_type;
pub mod mime;
mod params;
pub mod plain;
pub mod receipt;
pub mod reply;
pub mod search;
pub mod site;
pub mod structure;
pub mod text;
pub mod threading;
pub mod tnef;
pub mod unsubscribe;
pub mod vcard;
mod visible;
