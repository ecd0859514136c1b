//! What the DICOM standard says, as generated tables: no parsing at start-up, no files, no policy.
//!
//! - [`confidentiality`]: PS3.15 table E.1-1, what each attribute's basic action is and what the options
//!   change; [`safe_private`]: table E.3.10-1, the private attributes known to be safe;
//!   [`neuroimaging_private`]: our own list on top of it.
//! - [`dictionary`]: the attributes of PS3.6 by tag and by keyword; [`private_dictionary`]: what is known
//!   of private attributes, by creator.
//! - [`iod`]: whether an IOD wants an attribute (type 1, 1C, 2, 2C, 3), by SOP class; [`sop_class`]: the
//!   names of the storage SOP classes.
//! - [`uid`]: the UIDs that DICOM registers.
//! - [`codes`]: CID 7050, the codes that tell how an instance was de-identified.
//!
//! The tables live in `data/`, whose README names editions and sources, and become Rust by
//! `cargo xtask generate-standard`. This crate says what the standard says; what is done about it is
//! decided in `deid-profile` and `deid-core`.
//!
//! ```
//! use deid_dicom::Tag;
//! use deid_standard::confidentiality::{self, BasicAction, ConfidentialityOption, OptionAction};
//! use deid_standard::iod::{AttributeType, Iod, type_in};
//!
//! let study_date = Tag::new(0x0008, 0x0020);
//! let row = confidentiality::row(study_date).unwrap();
//! assert_eq!(row.basic, BasicAction::Z);
//! assert_eq!(row.option(ConfidentialityOption::RetainLongitudinalFullDates), Some(OptionAction::Keep));
//!
//! let mr_image = Iod::of_sop_class("1.2.840.10008.5.1.4.1.1.4").unwrap();
//! assert_eq!(type_in(mr_image, study_date), Some(AttributeType::Two));
//! ```

pub mod codes;
pub mod confidentiality;
pub mod dictionary;
pub mod iod;
pub mod neuroimaging_private;
mod pattern;
pub mod private_dictionary;
pub mod safe_private;
pub mod sop_class;
mod tag_index;
pub mod uid;

pub use pattern::TagPattern;

/// The edition of the confidentiality profiles in this crate.
pub const EDITION: &str = "PS3.15 2026d";

#[rustfmt::skip]
#[expect(
    clippy::mistyped_literal_suffixes,
    clippy::unusual_byte_groupings,
    reason = "numbers are grouped as tags are written"
)]
mod generated {
    pub(crate) mod codes;
    pub(crate) mod confidentiality;
    pub(crate) mod dictionary;
    pub(crate) mod iod;
    pub(crate) mod neuroimaging_private;
    pub(crate) mod private_dictionary;
    pub(crate) mod safe_private;
    pub(crate) mod sop_class;
    pub(crate) mod uid;
}
