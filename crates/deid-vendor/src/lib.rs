//! Headers that vendors hide in private elements, cleaned field by field: bytes in, bytes out.
//!
//! Scanners keep what converters need (slice timing, phase encoding, b-vectors) in formats of their own inside private
//! elements, beside names, dates, UIDs and serial numbers. [`clean`] parses such a value, judges each field by a table
//! in `data/`, writes it back in the same layout, and reads it again to prove it.
//!
//! - [`csa`]: Siemens CSA headers, both layouts.
//! - [`protocol`]: Siemens protocols: `XProtocol` text with ASCCONV sections.
//! - [`ge`]: GE's protocol data block, text in gzip.
//! - [`table`]: what is known of elements and fields, and what is done with them.
//! - [`field`]: how one field is judged.
//!
//! What identifies somebody is not known here: a [`Judge`] says it.
//!
//! ```
//! use deid_vendor::{Element, Judge, Outcome, clean};
//!
//! struct Strict;
//! impl Judge for Strict {
//!     fn text(&self, _: &str) -> String { String::new() }
//!     fn identifies(&self, _: &[u8]) -> bool { false }
//!     fn uid(&self, _: &str) -> String { "2.25.1".to_owned() }
//!     fn date(&self, _: &str) -> Option<String> { None }
//! }
//! let element = Element { creator: "SIEMENS MR SDS 01", group: 0x0021, element: 0x60, vr: *b"DT", big_endian: false };
//! assert_eq!(clean(&element, b"20190312101112.000000 ", &Strict), Outcome::Changed(Vec::new()));
//! ```

pub mod csa;
pub mod field;
pub mod ge;
pub mod letters;
pub mod protocol;
pub mod table;

mod archive;
mod element;
mod escapes;
mod glued;
mod inside;
mod months;
mod name;
#[cfg(test)]
mod nobody;
mod person;
mod release;
mod text;
mod words;
mod xml;

use std::cell::RefCell;

pub use archive::unpacked;
pub use element::{Element, clean, concerns, is_header, is_unwanted};
pub use field::{has_caret, has_numeric_date, is_encoded};
pub use glued::{has_date as has_glued_date, has_month_and_year};
pub use inside::{fields, numbers};
pub use name::judged as judged_name;

/// Who knows what identifies the subject of the file, and what the profile does about it.
pub trait Judge {
    /// Free text without what identifies: it may be shorter, or empty. What is in no vocabulary goes.
    fn text(&self, text: &str) -> String;
    /// Whether an identifier of this subject stands in these bytes, plain or in disguise.
    fn identifies(&self, bytes: &[u8]) -> bool;
    /// Whether a name of the institution or of the station stands in a text: it says where, not who, so that no header goes
    /// because of it.
    fn tells_place(&self, _: &str) -> bool {
        false
    }
    /// The UID that stands for this one; well-known ones (SOP classes and the like) stay.
    fn uid(&self, uid: &str) -> String;
    /// The date, `YYYYMMDD`, as it may stand: shifted or kept. `None` if dates go.
    fn date(&self, yyyymmdd: &str) -> Option<String>;
    /// Whether a number, digits alone, is a day of the subject's in an order in which people write it: `17062019`.
    fn is_day(&self, _digits: &str) -> bool {
        false
    }
    /// What became of the CSA header before this one, if it is of the same kind and was judged by the same rules for
    /// the same subject; what becomes of this one is put there.
    fn last_header(&self) -> Option<&RefCell<csa::LastHeader>> {
        None
    }
    /// A number that grows whenever something is noted that would have to be noted again for the same text elsewhere.
    fn notes(&self) -> usize {
        0
    }
    /// Whether weight, size, age and sex may stay.
    fn keeps_characteristics(&self) -> bool {
        false
    }
    /// Whether serial numbers and names of devices may stay.
    fn keeps_device(&self) -> bool {
        false
    }
    /// Whether name and place of the institution may stay.
    fn keeps_institution(&self) -> bool {
        false
    }
}

/// What became of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No format known here: the caller judges it by its own rules.
    NotAHeader,
    /// Read to its end; nothing in it had to change.
    Unchanged,
    /// The value to be written instead.
    Changed(Vec<u8>),
    /// A header that cannot be read, or not be cleaned: the caller removes the element.
    Refused,
}
