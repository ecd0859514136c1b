//! Attributes without which no file can be read, or told from another (PS3.3 C.12.1, C.7.6.3): a rule that takes them
//! away is a slip.

use deid_dicom::Tag;

use crate::model::Action;
use crate::selector::Selector;

/// Identify instance, series and study: other UIDs can stand there, and one must.
const UIDS: [Tag; 3] = [Tag::new(0x0008, 0x0018), Tag::new(0x0020, 0x000D), Tag::new(0x0020, 0x000E)];

/// Say what the file is, and how its texts and pixels are read; the pixels themselves.
const FIXED: [Tag; 13] = [
    Tag::new(0x0008, 0x0005),
    Tag::new(0x0008, 0x0016),
    Tag::new(0x0028, 0x0002),
    Tag::new(0x0028, 0x0004),
    Tag::new(0x0028, 0x0010),
    Tag::new(0x0028, 0x0011),
    Tag::new(0x0028, 0x0100),
    Tag::new(0x0028, 0x0101),
    Tag::new(0x0028, 0x0102),
    Tag::new(0x0028, 0x0103),
    Tag::new(0x7FE0, 0x0008),
    Tag::new(0x7FE0, 0x0009),
    Tag::new(0x7FE0, 0x0010),
];

/// Whether a rule leaves these attributes what they are. One for a place inside sequences is about others.
pub(crate) fn permits(selector: &Selector, action: &Action) -> bool {
    let about = |tag: &Tag| match selector {
        Selector::Tag(wanted) => wanted == tag,
        Selector::Pattern(pattern) => pattern.matches(*tag),
        Selector::Path(path) => path.reaches_top(*tag),
        Selector::Private { .. } | Selector::PrivateBlock { .. } => false,
    };
    match action {
        Action::Keep => true,
        Action::RemapUid => !FIXED.iter().any(about),
        _ => !FIXED.iter().chain(&UIDS).any(about),
    }
}
