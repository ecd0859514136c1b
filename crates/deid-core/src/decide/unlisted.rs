//! Attributes that table E.1-1 has no row for and that identify all the same: `data/unlisted-attributes.tsv`.

use super::{Decision, Policy, Position, Verb, decision};
use crate::rule::Rule;
use deid_dicom::{Tag, Vr};
use deid_standard::confidentiality::ConfidentialityOption;
use deid_standard::dictionary;
use std::collections::HashMap;
use std::sync::OnceLock;

/// What an attribute without row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    /// Who, where, or a day of the patient's life.
    Identity,
    Device,
    /// A device that the IOD asks for, if only with an empty value (Type 2).
    RequiredDevice,
    Institution,
    /// What somebody typed.
    Text,
}

impl Holds {
    fn by_name(name: &str) -> Self {
        match name {
            "device" => Holds::Device,
            "device2" => Holds::RequiredDevice,
            "institution" => Holds::Institution,
            "text" => Holds::Text,
            _ => Holds::Identity,
        }
    }
}

impl Policy<'_> {
    /// The decision for an attribute without row: it is kept if a dictionary knows it and it does not identify.
    pub(super) fn unlisted(&self, tag: Tag, position: Position) -> Decision {
        let Some(attribute) = dictionary::attribute(tag) else {
            let length = tag.is_group_length();
            let (verb, rule) =
                if length { (Verb::Keep, Rule::NotInTable) } else { (Verb::Remove, Rule::UnknownAttribute) };
            return decision(verb, rule);
        };
        if attribute.vr == Vr::PN {
            return decision(Verb::Empty, Rule::PersonName);
        }
        let has = |option| self.profile.has_option(option);
        let held = known().get(&tag);
        let stays = match held {
            Some(Holds::Text) if has(ConfidentialityOption::CleanDescriptors) => {
                return decision(Verb::Clean, Rule::UnlistedText);
            }
            Some(Holds::Text) | None => true,
            Some(Holds::Device | Holds::RequiredDevice) => has(ConfidentialityOption::RetainDeviceIdentity),
            Some(Holds::Institution) => has(ConfidentialityOption::RetainInstitutionIdentity),
            Some(Holds::Identity) => false,
        };
        if stays {
            return decision(Verb::Keep, Rule::NotInTable);
        }
        let verb = match held {
            Some(Holds::RequiredDevice) => Verb::Empty,
            _ if Policy::requires_value(tag, position) => Verb::Dummy,
            _ => Verb::Remove,
        };
        decision(verb, Rule::UnlistedIdentity)
    }
}

fn known() -> &'static HashMap<Tag, Holds> {
    static KNOWN: OnceLock<HashMap<Tag, Holds>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        cells().filter_map(|(tag, _, holds)| Some((tag.parse().ok()?, Holds::by_name(holds)))).collect()
    })
}

/// The lines of the table: tag, keyword, what it holds.
fn cells() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let lines = include_str!("../../data/unlisted-attributes.tsv").lines();
    lines.filter(|line| line.starts_with('(')).filter_map(|line| {
        let (tag, rest) = line.split_once('\t')?;
        let (keyword, holds) = rest.split_once('\t')?;
        Some((tag, keyword, holds))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use deid_standard::confidentiality::row;

    #[test]
    fn the_table_names_what_has_no_row() {
        for (tag, keyword, holds) in cells() {
            let parsed: Tag = tag.parse().unwrap();
            assert!(row(parsed).is_none(), "{tag}");
            assert_eq!(dictionary::attribute(parsed).unwrap().keyword, keyword, "{tag}");
            let names = ["calendar", "place", "person", "device", "device2", "institution", "text"];
            assert!(names.contains(&holds), "{tag} {holds}");
        }
        assert_eq!(known().len(), cells().count());
    }
}
