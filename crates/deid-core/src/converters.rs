//! Which elements converters to NIfTI read, and for what: so that `explain` can say what removing one costs.
//!
//! The list is `data/converters.tsv`, which names its sources. Nothing here bears on what is done to an element.

use deid_dicom::Tag;
use deid_profile::Selector;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What converters read an element for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConverterUse {
    /// What is known from it.
    pub purpose: &'static str,
    /// Who reads it, with commas between.
    pub converters: &'static str,
}

impl ConverterUse {
    /// Whether nothing is lost with what is read: an icon is passed over.
    fn is_nothing(&self) -> bool {
        self.purpose.starts_with("nothing")
    }
}

/// What converters read a public element for; `None` if none reads it, or nothing is lost with it.
pub fn public_use(tag: Tag) -> Option<&'static ConverterUse> {
    uses().public.get(&tag)
}

/// What converters read an element of a private creator for.
///
/// Creators compare in any letter case, as dcm2niix compares them: Philips writes them in several.
pub fn private_use(group: u16, creator: &str, element: u8) -> Option<&'static ConverterUse> {
    uses().private.get(&(group, element, key(creator)))
}

fn key(creator: &str) -> String {
    creator.trim_matches([' ', '\0']).to_ascii_uppercase()
}

#[derive(Default)]
struct Uses {
    public: BTreeMap<Tag, ConverterUse>,
    private: BTreeMap<(u16, u8, String), ConverterUse>,
}

fn uses() -> &'static Uses {
    static USES: OnceLock<Uses> = OnceLock::new();
    USES.get_or_init(|| {
        let mut uses = Uses::default();
        for (element, found) in lines() {
            match Selector::parse(element) {
                _ if found.is_nothing() => {}
                Ok(Selector::Tag(tag)) => {
                    uses.public.insert(tag, found);
                }
                Ok(Selector::Private { group, creator, element }) => {
                    uses.private.insert((group, element, key(&creator)), found);
                }
                _ => {}
            }
        }
        uses
    })
}

fn lines() -> impl Iterator<Item = (&'static str, ConverterUse)> {
    include_str!("../data/converters.tsv").lines().filter(|line| !line.starts_with('#')).skip(1).filter_map(
        |line| {
            let mut fields = line.split('\t');
            let (element, converters, purpose) = (fields.next()?, fields.next()?, fields.next()?);
            Some((element, ConverterUse { purpose, converters }))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use deid_standard::{dictionary, private_dictionary};

    #[test]
    fn every_line_is_read_and_names_converters_we_know() {
        let known = ["dcm2niix", "heudiconv", "dicom2nifti", "spec2nii", "SPM"];
        let mut count = 0;
        for (element, found) in lines() {
            assert!(!found.purpose.is_empty(), "{element}");
            assert!(found.converters.split(',').all(|name| known.contains(&name)), "{element}");
            assert!(Selector::parse(element).is_ok(), "{element}");
            count += usize::from(!found.is_nothing());
        }
        assert_eq!(uses().public.len() + uses().private.len(), count, "each element once");
        assert!(uses().public.keys().all(|tag| dictionary::attribute(*tag).is_some()));
    }

    #[test]
    fn elements_are_found_by_creator_in_any_case() {
        let timing = private_use(0x0019, "SIEMENS MR HEADER", 0x29).unwrap();
        assert_eq!((timing.purpose, timing.converters), ("slice timing", "dcm2niix"));
        assert!(private_use(0x2001, "PHILIPS IMAGING DD 001 ", 0x03).is_some());
        assert!(private_use(0x0019, "GEMS_ACQU_01", 0x29).is_none());
        assert!(public_use(Tag::new(0x0020, 0x0037)).unwrap().converters.contains("SPM"));
        assert!(public_use(Tag::new(0x0008, 0x0092)).is_none());
        assert!(private_dictionary::private_attribute("SIEMENS MR HEADER", 0x0019, 0x29).is_some());
    }
}
