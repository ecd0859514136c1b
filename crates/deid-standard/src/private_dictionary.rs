//! What is known of private attributes, by creator. It is lore of pydicom and GDCM, not of the standard, and
//! nothing in it says that an attribute is safe to keep: that is [`safe_private`](crate::safe_private).

use deid_dicom::Vr;

use crate::generated::private_dictionary::{ATTRIBUTES, CREATORS, REPEATING};

/// The attribute of this creator, where `element` is the low byte of the element number: for (0029,1110) in
/// the block of (0029,0011) it is `0x10`. Spaces and NULs around the creator do not count.
pub fn private_attribute(creator: &str, group: u16, element: u8) -> Option<&'static PrivateAttribute> {
    let creator = trim_creator(creator);
    exact(creator, group, element).or_else(|| {
        let key = group & 0xFF00 | u16::from(element);
        let place =
            REPEATING.binary_search_by_key(&(creator, key), |(creator, key, _)| (creator, *key)).ok()?;
        Some(&REPEATING[place].2)
    })
}

/// Whether anything is known of this creator. Spaces and NULs around it do not count.
pub fn is_known_creator(creator: &str) -> bool {
    let creator = trim_creator(creator);
    CREATORS.binary_search_by_key(&creator, |(creator, ..)| creator).is_ok()
        || REPEATING.binary_search_by_key(&creator, |(creator, ..)| creator).is_ok()
}

fn exact(creator: &str, group: u16, element: u8) -> Option<&'static PrivateAttribute> {
    let place = CREATORS.binary_search_by_key(&creator, |(creator, ..)| creator).ok()?;
    let (_, start, end) = CREATORS[place];
    let attributes = &ATTRIBUTES[usize::from(start)..usize::from(end)];
    let key = u32::from(group) << 8 | u32::from(element);
    let place = attributes.binary_search_by_key(&key, |(key, _)| *key).ok()?;
    Some(&attributes[place].1)
}

/// The creator without the padding that PS3.5 6.2 calls insignificant, and without NULs that some write.
pub(crate) fn trim_creator(creator: &str) -> &str {
    creator.trim_matches([' ', '\0'])
}

/// A private attribute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PrivateAttribute {
    /// Its VR; the first where there are several.
    pub vr: Option<Vr>,
    /// Its value multiplicity.
    pub vm: &'static str,
    /// Its name; often empty or `Unknown`.
    pub name: &'static str,
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn each_row_of_the_table_is_found_by_creator_and_element() {
        let mut expected: HashMap<_, Vec<[&str; 3]>> = HashMap::new();
        for line in include_str!("../data/private-dictionary.tsv").lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            if cells[1].ends_with("xx)") {
                continue; // Whole blocks, see the README of the data.
            }
            let group = u16::from_str_radix(&cells[1][1..5].replace("xx", "00"), 16).unwrap();
            let element = u8::from_str_radix(&cells[1][8..10], 16).unwrap();
            expected.entry((cells[0], group, element)).or_default().push([
                &cells[2][..2],
                cells[3],
                cells[4],
            ]);
        }
        for ((creator, group, element), rows) in &expected {
            let found = private_attribute(creator, *group, *element).unwrap();
            let found = [found.vr.map_or("", Vr::as_str), found.vm, found.name];
            assert!(rows.contains(&found), "{creator} {group:04X} {element:02X}: {found:?}, not {rows:?}");
        }
        assert_eq!(expected.len(), ATTRIBUTES.len() + REPEATING.len());
    }

    #[test]
    fn creators_are_known() {
        assert!(is_known_creator("GEMS_PARM_01 ") && is_known_creator("PAPYRUS 3.0"));
        assert!(!is_known_creator("gems_parm_01") && !is_known_creator(""));
    }

    #[test]
    fn creator_is_trimmed_but_otherwise_exact() {
        let name = |creator| private_attribute(creator, 0x0029, 0x10).map(|found| found.name);
        assert_eq!(name("SIEMENS CSA HEADER"), Some("CSA Image Header Info"));
        assert_eq!(name("SIEMENS CSA HEADER \0"), Some("CSA Image Header Info"));
        assert_eq!(name("Siemens CSA Header"), None);
        assert_eq!(name(""), None);
    }

    #[test]
    fn named_row_wins_over_an_unknown_one() {
        assert_eq!(private_attribute("ELSCINT1", 0x00E1, 0x21).unwrap().name, "DLP");
        let pitch = private_attribute("ELSCINT1", 0x01F1, 0x26).unwrap();
        assert_eq!((pitch.vr, pitch.name), (Some(Vr::DS), "Pitch"));
    }

    #[test]
    fn repeating_groups_are_found() {
        assert_eq!(private_attribute("PAPYRUS 3.0", 0x6001, 0xA2).unwrap().name, "Post It Text");
        assert_eq!(private_attribute("PAPYRUS 3.0", 0x6101, 0xA2), None);
    }

    #[test]
    fn whole_blocks_say_nothing_of_their_elements() {
        assert_eq!(private_attribute("BioPri3D", 0x0011, 0x77), None);
    }
}
