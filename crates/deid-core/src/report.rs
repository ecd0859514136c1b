//! The outcome of one input as data. Free of values: what renders it cannot leak.

use deid_dicom::Faults;
use std::fmt;

/// What became of one input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// A de-identified file was written (or stood there already, byte for byte).
    Written,
    /// It could not be vouched for and was not written.
    Quarantined,
    /// It was left out on purpose.
    Skipped,
}

impl Outcome {
    /// The word for it in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Outcome::Written => "written",
            Outcome::Quarantined => "quarantined",
            Outcome::Skipped => "skipped",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

macro_rules! causes {
    ($($name:ident $outcome:ident $id:literal $doc:literal),* $(,)?) => {
        /// Why an input was not written.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Cause { $(#[doc = $doc] $name,)* }

        impl Cause {
            /// All causes.
            pub const ALL: &'static [Cause] = &[$(Cause::$name,)*];

            /// The identifier used in reports and in the summary.
            pub const fn id(self) -> &'static str {
                match self { $(Cause::$name => $id,)* }
            }

            /// The outcome it leads to.
            pub const fn outcome(self) -> Outcome {
                match self { $(Cause::$name => Outcome::$outcome,)* }
            }

            /// One sentence for people.
            pub const fn description(self) -> &'static str {
                match self { $(Cause::$name => $doc,)* }
            }
        }

        impl fmt::Display for Cause {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.id())
            }
        }
    };
}

causes! {
    Faulty Quarantined "faulty" "The file is damaged or cannot be read to its last byte.",
    BurnedIn Quarantined "burned_in_risk" "The pixels may show who the patient is.",
    EncapsulatedDocument Quarantined "encapsulated_document"
        "A document (PDF, CDA, 3D model) is its content, and documents are not cleaned.",
    NoSubject Quarantined "no_subject"
        "There is neither a Patient ID nor a Study Instance UID to make a pseudonym from.",
    UnknownSubject Quarantined "unknown_subject" "The Patient ID is not in the table of subjects.",
    EditFailed Quarantined "edit_failed" "The planned changes could not be written.",
    VerifyFailed Quarantined "verify_failed" "What was to be written did not stand the check.",
    TooLarge Quarantined "too_large" "The inflated data set is larger than allowed.",
    IoError Quarantined "io_error" "Reading or writing failed.",
    TargetExists Quarantined "target_exists" "There is another file of that name in the output.",
    RefusedMember Quarantined "refused_member"
        "The archive member is a link, encrypted, or named so that it would leave the folder.",
    RawUnknownField Quarantined "raw_format_unknown_field"
        "The header of this raw file has a field that is not known.",
    NotDicom Skipped "not_dicom" "It is not a DICOM file.",
    DicomDir Skipped "dicomdir" "It is a DICOMDIR, an index of the original files.",
    RejectedModality Skipped "rejected_modality" "The profile leaves this modality out.",
    RejectedSopClass Skipped "rejected_sop_class" "The profile leaves this SOP class out.",
    NestedArchive Skipped "nested_archive" "It is an archive inside a folder or an archive.",
    Link Skipped "link" "It is a link that does not lead to a file.",
    SpecialFile Skipped "special_file" "It is no regular file.",
}

/// How many elements met which action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Untouched.
    pub kept: u64,
    /// Removed.
    pub removed: u64,
    /// Emptied.
    pub emptied: u64,
    /// Dummy value written.
    pub dummies: u64,
    /// UIDs replaced.
    pub remapped: u64,
    /// Value written by subject, forced value, profile, or as a mark.
    pub replaced: u64,
    /// Dates moved.
    pub shifted: u64,
    /// Identifiers taken out of a value that is kept otherwise.
    pub cleaned: u64,
}

/// What the report says of one input besides its name and outcome.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Modality (0008,0060), if it is a Code String as the standard has it.
    pub modality: String,
    /// SOP Class UID.
    pub sop_class: String,
    /// Values of Image Type (0008,0008), if they are Code Strings; cleaned.
    pub image_type: String,
    /// Series Description, cleaned; empty unless the profile keeps it.
    pub series_description: String,
    /// Numbers of actions.
    pub counts: Counts,
    /// What was wrong with the file.
    pub faults: Faults,
    /// Where the fault is for which the file is not written: the tags of sequences and element; empty if that is not known.
    pub fault_place: String,
    /// Private elements that are kept without being cleaned, as `(gggg,{creator}ee)`.
    pub kept_uncleaned: Vec<String>,
    /// Vendors' headers that the profile keeps and that could not be cleaned, as `(gggg,{creator}ee)`: they are gone.
    pub headers_removed: Vec<String>,
    /// Whether the pixels may show who the patient is.
    pub burned_in_risk: bool,
    /// Attributes that changed and were too large to be sealed into the file.
    pub originals_left_out: u64,
    /// Further remarks: identifiers `like_this`.
    pub remarks: Vec<&'static str>,
}
