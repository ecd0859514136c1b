//! What is wrong with a file, as data: every kind of fault we keep, repair or refuse.

use crate::Tag;
use std::fmt;

/// What we do about a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultPolicy {
    /// Every reader copes: the bytes stay as they are.
    Keep,
    /// The output is written as the standard wants it.
    Repair,
    /// The file cannot be understood to its last byte: it is not written.
    Refuse,
}

macro_rules! faults {
    ($($name:ident $id:literal $policy:ident $doc:literal),* $(,)?) => {
        /// A kind of fault in a DICOM file.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum FaultKind { $(#[doc = $doc] $name,)* }

        impl FaultKind {
            /// All kinds.
            pub const ALL: &'static [FaultKind] = &[$(FaultKind::$name,)*];

            /// The identifier used in reports.
            pub const fn id(self) -> &'static str {
                match self { $(FaultKind::$name => $id,)* }
            }

            /// What is done about it: the one place where that is laid down.
            pub const fn policy(self) -> FaultPolicy {
                match self { $(FaultKind::$name => FaultPolicy::$policy,)* }
            }

            /// One sentence on what is wrong.
            pub const fn description(self) -> &'static str {
                match self { $(FaultKind::$name => $doc,)* }
            }
        }
    };
}

faults! {
    NoPreamble "no_preamble" Repair "There is no preamble with the prefix DICM.",
    NoMeta "no_meta" Repair "There is no file meta information.",
    MetaGroupLengthWrong "meta_group_length" Repair "The file meta group length is missing or does not lead to the data set.",
    MetaImplicit "meta_implicit" Repair "The file meta information is encoded without VRs.",
    MetaTruncated "meta_truncated" Refuse "The file ends within the file meta information.",
    NoTransferSyntax "no_transfer_syntax" Repair "The file meta information states no transfer syntax.",
    TransferSyntaxWrong "transfer_syntax_wrong" Repair "The data set is not encoded as the transfer syntax says.",
    TransferSyntaxUnknown "transfer_syntax_unknown" Keep "The transfer syntax is private or unknown; the data set was recognised by its bytes.",
    TransferSyntaxPadded "transfer_syntax_padded" Repair "The transfer syntax UID is padded with something other than NUL.",
    EncapsulatedSyntaxNativePixels "native_pixels_in_encapsulated" Keep "The transfer syntax is encapsulated, the pixel data is not.",
    DeflateFailed "deflate_failed" Refuse "The deflated data set ends early or cannot be inflated.",
    DeflateZlibHeader "deflate_zlib_header" Repair "The deflated data set has a zlib header, which the standard does not allow.",
    DeflateTrailing "deflate_trailing" Repair "Bytes follow the deflated data set.",
    TruncatedHeader "truncated_header" Refuse "The file ends within the header of an element.",
    TruncatedValue "truncated_value" Refuse "A value is declared longer than the file.",
    TruncatedSequence "truncated_sequence" Refuse "The file ends within an item.",
    ValueOverrunsItem "value_overruns_item" Refuse "A value is longer than the item that holds it.",
    NotAnItem "not_an_item" Refuse "A sequence of defined length holds something other than items.",
    UndefinedLengthValue "undefined_length_value" Refuse "A value of undefined length is no sequence of items.",
    MissingSequenceDelimiter "missing_sequence_delimiter" Repair "A sequence of undefined length is not delimited.",
    MissingItemDelimiter "missing_item_delimiter" Repair "An item of undefined length is not delimited.",
    StrayItemDelimiter "stray_item_delimiter" Repair "An item delimiter stands where no item of undefined length is open.",
    StraySequenceDelimiter "stray_sequence_delimiter" Repair "A sequence delimiter stands where no sequence of undefined length is open.",
    StrayItem "stray_item" Refuse "An item stands outside a sequence.",
    DelimiterWithLength "delimiter_with_length" Keep "A delimiter declares a length.",
    ItemOverrunsSequence "item_overruns_sequence" Repair "An item is declared longer than the sequence that holds it.",
    ImplicitInExplicit "implicit_in_explicit" Keep "Elements without VR stand in an explicit VR data set.",
    ExplicitInImplicit "explicit_in_implicit" Keep "Elements with VR stand in an implicit VR data set or in UN.",
    SequenceInUn "sequence_in_un" Keep "A sequence is encoded as UN.",
    SequenceNotReadable "sequence_unreadable" Keep "A value that begins like a sequence cannot be read as one; it counts as opaque bytes.",
    LongVrShortLength "long_vr_16bit_length" Keep "A VR with 32-bit length was written with a 16-bit one.",
    ShortVrLongLength "short_vr_32bit_length" Keep "A VR with 16-bit length was written with a 32-bit one.",
    InvalidVr "invalid_vr" Keep "The two bytes of a VR name none.",
    OddLength "odd_length" Keep "A value has an odd length.",
    OddLengthPadded "odd_length_padded" Keep "A value of odd declared length is followed by a padding byte.",
    OutOfOrder "out_of_order" Keep "Elements are not in ascending order.",
    Duplicate "duplicate_element" Keep "An element stands twice in the same data set.",
    GroupLength "group_length" Keep "There are group lengths outside the file meta information.",
    GroupLengthWrong "group_length_wrong" Keep "A group length does not match its group.",
    ZeroLengthFragment "zero_length_fragment" Keep "The encapsulated pixel data has an empty fragment.",
    OddFragment "odd_fragment" Keep "A fragment has an odd length.",
    TrailingZeros "trailing_zeros" Repair "Zero bytes follow the data set.",
    TrailingGarbage "trailing_garbage" Repair "Bytes that are no element follow the data set.",
    CharacterSetUnknown "character_set_unknown" Keep "Specific Character Set names none that is known.",
    NoDataSet "no_data_set" Refuse "There is no element: the file ends where the data set should begin.",
    TooManyElements "too_many_elements" Refuse "There are more elements than can be counted.",
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A fault and where it is. Never holds a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// Byte offset in the file (in the inflated data set for a deflated one).
    pub offset: u64,
    /// The element concerned, if there is one.
    pub tag: Option<Tag>,
}

/// The faults of one file: each kind with its first place and its number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    kinds: Vec<(Fault, u64)>,
}

impl Faults {
    /// Adds a fault; of each kind only the first place is kept.
    pub fn push(&mut self, kind: FaultKind, offset: u64, tag: Option<Tag>) {
        match self.kinds.iter_mut().find(|(fault, _)| fault.kind == kind) {
            Some((_, count)) => *count += 1,
            None => self.kinds.push((Fault { kind, offset, tag }, 1)),
        }
    }

    /// Adds all of another file part's faults.
    pub fn extend(&mut self, other: &Faults) {
        for (fault, count) in &other.kinds {
            match self.kinds.iter_mut().find(|(known, _)| known.kind == fault.kind) {
                Some((_, sum)) => *sum += count,
                None => self.kinds.push((*fault, *count)),
            }
        }
    }

    /// Each kind with its first place and how often it occurred, in order of discovery.
    pub fn iter(&self) -> impl Iterator<Item = (&Fault, u64)> {
        self.kinds.iter().map(|(fault, count)| (fault, *count))
    }

    /// Whether a fault of this kind occurred.
    pub fn contains(&self, kind: FaultKind) -> bool {
        self.kinds.iter().any(|(fault, _)| fault.kind == kind)
    }

    /// The first fault for which the file must not be written.
    pub fn refusal(&self) -> Option<&Fault> {
        self.kinds.iter().map(|(fault, _)| fault).find(|fault| fault.kind.policy() == FaultPolicy::Refuse)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Forgets all, keeping the memory.
    pub fn clear(&mut self) {
        self.kinds.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_place_and_number_are_kept() {
        let mut faults = Faults::default();
        faults.push(FaultKind::OddLength, 10, None);
        faults.push(FaultKind::OddLength, 20, None);
        faults.push(FaultKind::TruncatedValue, 30, Some(Tag::new(0x7FE0, 0x0010)));
        let all: Vec<_> = faults.iter().map(|(f, n)| (f.kind, f.offset, n)).collect();
        assert_eq!(all, [(FaultKind::OddLength, 10, 2), (FaultKind::TruncatedValue, 30, 1)]);
        assert_eq!(faults.refusal().map(|f| f.kind), Some(FaultKind::TruncatedValue));
    }

    #[test]
    fn identifiers_are_unique() {
        let mut ids: Vec<_> = FaultKind::ALL.iter().map(|k| k.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), FaultKind::ALL.len());
    }
}
