//! Who decides what a value becomes: profile, key and subject stand behind it.

use deid_dicom::{Tag, Vr};

/// Decides about values. Every method returns what may be written.
pub trait Judge {
    /// The value of an attribute, by the profile's rule for it; empty if nothing of it may stay.
    fn attribute(&self, tag: Tag, text: &str) -> String;

    /// The value of an attribute that was copied from a data set: as its text there, by the profile's rule for it.
    fn copied(&self, tag: Tag, text: &str) -> String {
        self.attribute(tag, text)
    }

    /// A date `YYYYMMDD` of an attribute, by the profile's rule for it; `None` if nothing of it may stay.
    fn date(&self, tag: Tag, date: &str) -> Option<String>;

    /// A term where no list says which there are: kept if its words are known, else judged as text.
    fn term(&self, text: &str) -> String;

    /// The name of a parameter with its unknown words made unreadable, of the same length; `None` if it stays.
    fn name(&self, name: &str) -> Option<String>;

    /// Free text: identifiers, dates, numbers of persons and words that nobody listed go.
    fn text(&self, text: &str) -> String;

    /// The UID that stands for another one.
    fn uid(&self, uid: &str) -> String;

    /// Whether an identifier of the subject stands in these bytes, plainly or in disguise.
    fn identifies(&self, bytes: &[u8]) -> bool;

    /// Whether an identifier that is no common word stands in these bytes on its own: for whole headers, whose own
    /// words must not be taken for somebody's name.
    fn names(&self, bytes: &[u8]) -> bool;

    /// The attribute with this keyword and its VR (PS3.6), if there is one.
    fn attribute_of(&self, keyword: &str) -> Option<(Tag, Vr)>;
}
