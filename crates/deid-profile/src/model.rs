//! What a profile says, as data: [`Profile`] and its [`Rule`]s.
//!
//! Nothing here knows files, VRs or IODs: rules name elements and what the user wants done with
//! them. The meaning of an action for a given VR, and what happens where no rule matches, is the
//! engine's business.

use std::fmt;

use deid_dicom::Tag;
use deid_standard::confidentiality::ConfidentialityOption;

use crate::compiled::CompiledRules;
use crate::condition::Condition;
use crate::filter::Filter;
use crate::layout::Layout;
use crate::selector::Selector;

/// Attributes that no `keep` rule reaches: Patient's Name, Patient ID, Other Patient IDs and its
/// sequence.
///
/// CATI's own `cati_collector.tsv` has a K row for the name. Readers leave such rows in the
/// profile, so that a report can name the rule it did not follow; the engine passes them over.
pub const NEVER_KEPT: [Tag; 4] =
    [Tag::new(0x0010, 0x0010), Tag::new(0x0010, 0x0020), Tag::new(0x0010, 0x1000), Tag::new(0x0010, 0x1002)];

/// What the user wants: the Basic profile of PS3.15 Annex E, the options on top, and own rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The name to be reported.
    pub name: String,
    /// What the profile is for, in a sentence or two; may be empty.
    pub description: String,
    /// The retained and cleaning options of PS3.15 E.3, sorted, each once.
    pub options: Vec<ConfidentialityOption>,
    /// The rules in the order they were written; [`CompiledRules`] decides between them.
    pub rules: Vec<Rule>,
    /// Which values of Modality (0008,0060) are de-identified; the others are left out.
    pub modalities: Filter,
    /// Which SOP Class UIDs are de-identified; the others are left out.
    pub sop_classes: Filter,
    /// What happens to an instance whose pixels may show who the patient is.
    pub burned_in: BurnedIn,
    /// Which private elements are kept on top of the standard's safe list.
    pub private: PrivatePolicy,
    /// How the subject's code is made where the caller gives none.
    pub identity: IdentityPolicy,
    /// How files of the output are called; by their cleaned input paths if there is no layout.
    pub layout: Option<Layout>,
    /// Whether Table E.1-1 is followed where that yields an instance that its IOD does not allow.
    ///
    /// True for `basic` only: a plain X on a Type 1 or Type 2 attribute stays X, and X/Z/U* is
    /// decided by Type. The other profiles write an empty or dummy value, and remap references.
    pub by_the_letter: bool,
    /// Whether the caller vouches for the pixels of captures, which are then kept.
    ///
    /// No profile file sets it: it is CATI's `keep_capture`, a decision about one batch.
    pub captures: bool,
    /// Where the profile comes from.
    pub source: Source,
}

impl Profile {
    /// The Basic profile by other than its letter: no option, rule or filter; burned-in risk quarantined.
    pub(crate) fn bare(name: String, source: Source) -> Self {
        Profile {
            name,
            description: String::new(),
            options: Vec::new(),
            rules: Vec::new(),
            modalities: Filter::default(),
            sop_classes: Filter::default(),
            burned_in: BurnedIn::Quarantine,
            private: PrivatePolicy::default(),
            identity: IdentityPolicy::default(),
            layout: None,
            by_the_letter: false,
            captures: false,
            source,
        }
    }

    /// The rules in the form in which they are looked up, as for an instance that no condition holds for.
    pub fn compile(&self) -> CompiledRules {
        CompiledRules::new(&self.rules)
    }

    /// Whether dates are shifted, by the option or by a rule for some.
    pub fn shifts_dates(&self) -> bool {
        self.has_option(ConfidentialityOption::RetainLongitudinalModifiedDates)
            || self.rules.iter().any(|rule| rule.action == Action::Shift)
    }

    /// Whether this option is chosen.
    pub fn has_option(&self, option: ConfidentialityOption) -> bool {
        self.options.contains(&option)
    }
}

/// Which private elements are kept besides those that options and rules name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PrivatePolicy {
    /// Those of our reviewed list for neuroimaging.
    pub neuroimaging: bool,
    /// Those that hold numbers only, whoever made them.
    pub numeric: bool,
}

/// How a subject's code is made from the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityPolicy {
    /// What the code begins with: letters, digits, `-` and `_`, 16 at most.
    pub prefix: String,
    /// Whether Issuer of Patient ID (0010,0021) tells patients of one ID apart.
    pub issuer: bool,
}

impl IdentityPolicy {
    /// Whether codes may begin so.
    pub fn is_prefix(text: &str) -> bool {
        (1..=16).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    }
}

impl Default for IdentityPolicy {
    fn default() -> Self {
        IdentityPolicy { prefix: "ANON".to_owned(), issuer: false }
    }
}

/// Where a profile comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// It is shipped with this crate.
    BuiltIn,
    /// It was read from TOML.
    Toml,
    /// It was read from a TSV as CATI writes them.
    Tsv,
}

/// What happens to an instance whose pixels may show who the patient is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BurnedIn {
    /// It is not written, but listed with its cause.
    Quarantine,
    /// It is written, and the report says so.
    Flag,
}

/// One wish of the user: these elements, this action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The elements it is about.
    pub selector: Selector,
    /// What is done with them.
    pub action: Action,
    /// What the element is called, if the profile says so (column Name of a TSV).
    pub name: Option<String>,
    /// Why the rule is there, if the profile says so.
    pub reason: Option<String>,
    /// For which instances it holds; `None` for all.
    pub when: Option<Condition>,
    /// Where it was written.
    pub origin: RuleOrigin,
}

/// Where a rule was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleOrigin {
    /// Line of the profile, from 1.
    pub line: u32,
    /// The name of the base it was inherited from; `None` for the profile itself.
    pub base: Option<String>,
}

/// What is done with an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Its bytes stay as they are; of a sequence the container stays and the content is judged by
    /// the same rules.
    Keep,
    /// The element goes.
    Remove,
    /// The element stays with zero length.
    Empty,
    /// The value becomes a dummy value that suits the VR.
    Dummy,
    /// Each UID of the value becomes the one that stands for it everywhere.
    RemapUid,
    /// Identifiers are taken out of a text (PS3.15 E.3.4); a sequence is entered, and its texts cleaned.
    Clean,
    /// Dates are moved by the subject's offset (PS3.15 E.3.6).
    Shift,
    /// The value becomes this text.
    Replace(String),
}

impl Action {
    /// Those that are a word of their own.
    pub const WORDS: [Action; 7] = [
        Action::Keep,
        Action::Remove,
        Action::Empty,
        Action::Dummy,
        Action::RemapUid,
        Action::Clean,
        Action::Shift,
    ];

    /// Whether the value stays as a whole or in part: what no rule does to [`NEVER_KEPT`].
    pub const fn retains(&self) -> bool {
        matches!(self, Action::Keep | Action::Clean | Action::Shift)
    }

    /// The word a TOML profile uses for it.
    pub const fn verb(&self) -> &'static str {
        match self {
            Action::Keep => "keep",
            Action::Remove => "remove",
            Action::Empty => "empty",
            Action::Dummy => "dummy",
            Action::RemapUid => "remap-uid",
            Action::Clean => "clean",
            Action::Shift => "shift",
            Action::Replace(_) => "replace",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verb())
    }
}
