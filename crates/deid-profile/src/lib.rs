//! What the user wants: profiles, their readers and their rules.
//!
//! A [`Profile`] is the Basic profile of PS3.15 Annex E, options of the standard on top, a filter for
//! what is left out, policies on dates, identity and output names, and [`Rule`]s of the user's own. It comes from one
//! of three places:
//! - [`built_in`]: the profiles shipped in `profiles/`, each a commented TOML file;
//! - [`toml`]: our own format;
//! - [`tsv`]: the tables of CATI's `deidentification`.
//!
//! [`RuleBook`] makes [`CompiledRules`] for an instance, in which the engine looks up each element. What
//! happens where no rule matches, what an action means for a value, and which rules are never obeyed
//! ([`NEVER_KEPT`]) is decided there, in `deid-core`. This crate reads no files: readers take texts.
//!
//! ```
//! use deid_dicom::Tag;
//! use deid_profile::{Action, Format, parse};
//!
//! let profile = parse(
//!     "Tags\tName\tAction\tPrivate Creator\n\
//!      (0008,0020)\tStudy Date\tK\n\
//!      (0029,1010)\tCSA Image Header Info\tK\tSIEMENS CSA HEADER\n",
//!     Format::Tsv,
//! )?;
//! let rules = profile.compile();
//!
//! let (rule, _) = rules.public(Tag::new(0x0008, 0x0020)).unwrap();
//! assert_eq!(rule.action, Action::Keep);
//!
//! // The creator counts, not the block it happens to have in a file.
//! let elsewhere = Tag::new(0x0029, 0x1210);
//! let (rule, _) = rules.private(0x0029, "SIEMENS CSA HEADER", 0x10, elsewhere).unwrap();
//! assert_eq!(rule.name.as_deref(), Some("CSA Image Header Info"));
//! # Ok::<(), deid_profile::ParseError>(())
//! ```

mod base;
mod compiled;
mod condition;
mod element_path;
mod error;
mod filter;
mod indispensable;
mod layout;
mod model;
mod selector;
pub mod text_value;
pub mod toml;
pub mod tsv;

pub use deid_standard::confidentiality::ConfidentialityOption;

pub use base::{BaseText, FindBase};
pub use compiled::{CompiledRules, RuleBook, Way};
pub use condition::{Condition, InstanceFacts, Wildcard};
pub use element_path::{ElementPath, PathStep, PlacedElement};
pub use error::{ParseError, Problem};
pub use filter::{Filter, Pattern, cati_filter};
pub use layout::{InvalidLayout, Layout, LayoutField, LayoutForm, LayoutPiece};
pub use model::{
    Action, BurnedIn, IdentityPolicy, NEVER_KEPT, PrivatePolicy, Profile, Rule, RuleOrigin, Source,
};
pub use selector::{InvalidSelector, Selector};

/// How a profile is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Our own format, see [`toml`].
    Toml,
    /// A table as CATI writes it, see [`tsv`].
    Tsv,
}

impl Format {
    /// The format that a file of this name has: `.toml`, or `.tsv`, in any case.
    pub fn of_file_name(name: &str) -> Option<Self> {
        match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
            "toml" => Some(Format::Toml),
            "tsv" => Some(Format::Tsv),
            _ => None,
        }
    }
}

/// Reads a profile. Its base, if it is of our format and has one, is a built-in profile.
pub fn parse(text: &str, format: Format) -> Result<Profile, ParseError> {
    match format {
        Format::Toml => toml::parse(text),
        Format::Tsv => tsv::parse(text),
    }
}

/// Reads a profile that may be based on files. `id` is what tells it apart from them, its path say; `find` gets them.
///
/// ```
/// use deid_profile::{BaseText, Format, parse_with_bases};
///
/// let lab = "name = \"lab\"\nbase = \"neuro\"\ndrop-options = [\"clean-descriptors\"]";
/// let mut find = |name: &str, _from: Option<&str>| {
///     let text = lab.to_owned();
///     Ok(BaseText { id: name.to_owned(), text, format: Format::Toml })
/// };
/// let mine = "name = \"mine\"\nbase = \"lab.toml\"";
/// let profile = parse_with_bases(mine, Format::Toml, Some("mine.toml"), &mut find)?;
/// assert!(profile.private.neuroimaging && profile.options.len() == 3);
/// # Ok::<(), deid_profile::ParseError>(())
/// ```
pub fn parse_with_bases(
    text: &str,
    format: Format,
    id: Option<&str>,
    find: &mut FindBase<'_>,
) -> Result<Profile, ParseError> {
    read(text, format, &mut base::Bases::new(id, find))
}

fn read(text: &str, format: Format, bases: &mut base::Bases<'_>) -> Result<Profile, ParseError> {
    match format {
        Format::Toml => toml::read(text, bases),
        Format::Tsv => tsv::parse(text),
    }
}

/// The JSON Schema of our format, for editors: they complete keys and words, and mark mistakes.
pub const SCHEMA: &str = include_str!("../../../docs/profile.schema.json");

/// The profile shipped under this name.
pub fn built_in(name: &str) -> Option<Profile> {
    let text = built_in_text(name)?;
    let mut profile = toml::parse(text).expect("the shipped profiles are read by a test");
    profile.source = Source::BuiltIn;
    // No key of the format: elsewhere than in the standard's own profile nobody wants instances
    // that their IOD forbids.
    profile.by_the_letter = name == "basic";
    Some(profile)
}

/// The text of the profile shipped under this name: TOML with comments, to read or to start from.
pub fn built_in_text(name: &str) -> Option<&'static str> {
    BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// The names of the profiles shipped, in the order in which to list them.
pub fn built_in_names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, _)| *name)
}

const BUILT_IN: [(&str, &str); 7] = [
    ("default", include_str!("../profiles/default.toml")),
    ("basic", include_str!("../profiles/basic.toml")),
    ("neuro", include_str!("../profiles/neuro.toml")),
    ("bids", include_str!("../profiles/bids.toml")),
    ("tcia", include_str!("../profiles/tcia.toml")),
    ("cati_collector", include_str!("../profiles/cati_collector.toml")),
    ("data_sharing", include_str!("../profiles/data_sharing.toml")),
];
