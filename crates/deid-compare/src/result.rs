//! What came of a comparison, as data: no value of a header, no path but of the output's side.

use std::collections::BTreeMap;

use serde::Serialize;

/// What sidecars are called in the place of a modality.
const SIDECAR: &str = "bids_json";

/// What came of comparing two folders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Whether a converter was used; without one the attributes that converters read were compared.
    pub converted: bool,
    /// How many series came out how.
    pub counts: BTreeMap<Outcome, u64>,
    /// Files with pixels on both sides.
    pub files_before: u64,
    /// The same of AFTER.
    pub files_after: u64,
    /// Files of DICOM in BEFORE that have no pixels and were not compared.
    pub without_pixels: u64,
    /// Files with pixels in AFTER that belong to no series of BEFORE.
    pub unmatched_after: u64,
    /// How often each key or attribute differs, and whether something explains it.
    pub keys: Vec<KeyCount>,
    /// Each series of BEFORE, in the order of its first file.
    pub series: Vec<SeriesResult>,
}

impl Comparison {
    /// Whether no difference is left that nothing explains.
    pub fn is_equal(&self) -> bool {
        self.unmatched_after == 0 && self.series.iter().all(|series| series.outcome.is_good())
    }

    /// Whether there was nothing that could have differed: the converter made no image of BEFORE, though there are images, or there
    /// are sidecars alone.
    pub fn compares_no_image(&self) -> bool {
        let raw = |series: &&SeriesResult| series.raw;
        let images = |series: &SeriesResult| series.outputs[0] > 0;
        let payloads = self.series.iter().filter(raw).any(|series| series.modality != SIDECAR);
        let dicom = self.series.iter().any(|series| !series.raw);
        let converted = !self.converted || self.series.iter().any(images);
        !(self.series.is_empty() || payloads || dicom && converted)
    }

    /// How many series came out so.
    pub fn count(&self, outcome: Outcome) -> u64 {
        self.counts.get(&outcome).copied().unwrap_or_default()
    }
}

/// How often a key or attribute differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyCount {
    /// Its name.
    pub key: String,
    /// How it differs.
    pub change: Change,
    /// In how many series.
    pub series: u64,
    /// In how many of them nothing explains it.
    pub unexplained: u64,
}

/// What came of one series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeriesResult {
    /// Its place in BEFORE, from 1.
    pub ordinal: u64,
    /// The folder of its first file in AFTER, below the root; `None` if nothing of it is there.
    pub folder: Option<String>,
    /// Its modality, or `other`.
    pub modality: String,
    /// Number of its files in BEFORE.
    pub files: u64,
    /// How many of them were found in AFTER.
    pub files_after: u64,
    /// How many of those have other pixels than before.
    pub files_changed: u64,
    /// Whether it is a file of a raw format, NIfTI or a sidecar rather than a series of DICOM.
    #[serde(skip)]
    pub raw: bool,
    /// How it was compared.
    pub method: Method,
    /// What came of it.
    pub outcome: Outcome,
    /// Images that the converter made of it before and after.
    pub outputs: [u64; 2],
    /// What is equal.
    pub checks: Checks,
    /// Keys of sidecars, or attributes, that differ.
    pub differences: Vec<Difference>,
    /// For files that are not in AFTER: by what cause the profile leaves them out, and how many.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub withheld: BTreeMap<String, u64>,
    /// Why it could not be compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// How a series is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Both sides were converted by dcm2niix.
    Dcm2niix,
    /// The attributes that converters read were compared, and the pixel data.
    Attributes,
}

/// What came of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing differs.
    Equal,
    /// What differs is explained: by the profile, or because the key identifies.
    Explained,
    /// It is not in AFTER, as the profile has it.
    Withheld,
    /// Something differs, and nothing explains it.
    Differs,
    /// It is not in AFTER, and nothing explains it.
    Missing,
    /// It could not be compared.
    Failed,
}

impl Outcome {
    /// All of them, good ones first.
    pub const ALL: [Outcome; 6] = [
        Outcome::Equal,
        Outcome::Explained,
        Outcome::Withheld,
        Outcome::Differs,
        Outcome::Missing,
        Outcome::Failed,
    ];

    /// Whether nobody has to look at it.
    pub const fn is_good(self) -> bool {
        matches!(self, Outcome::Equal | Outcome::Explained | Outcome::Withheld)
    }

    /// The word for it.
    pub const fn id(self) -> &'static str {
        match self {
            Outcome::Equal => "equal",
            Outcome::Explained => "explained",
            Outcome::Withheld => "withheld",
            Outcome::Differs => "differs",
            Outcome::Missing => "missing",
            Outcome::Failed => "failed",
        }
    }
}

/// What of the images is equal. No profile explains a difference in these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a check of its own")]
pub struct Checks {
    /// As many images.
    pub outputs: bool,
    /// The voxels; the pixel data if nothing was converted.
    pub voxels: bool,
    /// Affine, dimensions, scaling and slice order of the header; the attributes they come from if nothing was
    /// converted.
    pub geometry: bool,
    /// b-values and directions; the diffusion attributes if nothing was converted.
    pub gradients: bool,
    /// The series are as separate as before.
    pub separate: bool,
}

impl Checks {
    pub(crate) const fn equal() -> Self {
        Checks { outputs: true, voxels: true, geometry: true, gradients: true, separate: true }
    }

    /// Whether all is equal.
    pub const fn all(self) -> bool {
        self.outputs && self.voxels && self.geometry && self.gradients && self.separate
    }

    /// The words for what is not equal.
    pub fn failed(self) -> Vec<&'static str> {
        let checks = [
            (self.outputs, "outputs"),
            (self.voxels, "voxels"),
            (self.geometry, "geometry"),
            (self.gradients, "gradients"),
            (self.separate, "series merged"),
        ];
        checks.into_iter().filter(|(equal, _)| !equal).map(|(_, name)| name).collect()
    }
}

/// A key or attribute that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Its name, never its value.
    pub key: String,
    /// How it differs.
    pub change: Change,
    /// Whether it says who, where or when.
    pub identity: bool,
    /// What the profile does to an attribute it is made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
}

impl Difference {
    /// Whether nobody has to look at it.
    pub const fn is_explained(&self) -> bool {
        self.identity || self.explanation.is_some()
    }
}

/// How a key differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is not there any more.
    Lost,
    /// Its value is another.
    Changed,
    /// It was not there before.
    Added,
}

impl Change {
    /// The word for it.
    pub const fn id(self) -> &'static str {
        match self {
            Change::Lost => "lost",
            Change::Changed => "changed",
            Change::Added => "added",
        }
    }
}

/// What the profile does to an attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Explanation {
    /// The attribute.
    pub attribute: String,
    /// What is done to it.
    pub action: &'static str,
    /// The rule's identifier.
    pub rule: &'static str,
    /// Where the rule comes from.
    pub origin: String,
}

/// Why a series could not be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// No private folder could be made, or no file put there.
    Folder,
    /// dcm2niix could not be started.
    NotStarted,
    /// dcm2niix crashed.
    Crashed,
    /// dcm2niix took too long.
    TimedOut,
    /// What it wrote cannot be read, or a file changed under our hands.
    Unreadable,
    /// The user gave up.
    Cancelled,
}

impl Failure {
    /// In words.
    pub const fn describe(self) -> &'static str {
        match self {
            Failure::Folder => "no private folder for the converter",
            Failure::NotStarted => "dcm2niix could not be started",
            Failure::Crashed => "dcm2niix crashed",
            Failure::TimedOut => "dcm2niix took too long",
            Failure::Unreadable => "what was to be compared cannot be read",
            Failure::Cancelled => "given up",
        }
    }
}
