//! The profiles shipped with the crate.

use std::collections::BTreeMap;

use deid_dicom::Tag;
use deid_profile::{
    Action, BurnedIn, ConfidentialityOption, Format, NEVER_KEPT, Profile, Selector, Source, built_in,
    built_in_names, cati_filter, parse,
};

const COLLECTOR: &str = include_str!("data/cati_collector.tsv");
const SHARING: &str = include_str!("data/data_sharing.tsv");

/// Which action is in force for which elements.
fn in_force(profile: &Profile) -> BTreeMap<Selector, Action> {
    let rules = profile.compile();
    rules.in_force().map(|(rule, _)| (rule.selector.clone(), rule.action.clone())).collect()
}

fn tsv(text: &str) -> Profile {
    parse(text, Format::Tsv).unwrap()
}

#[test]
fn every_built_in_profile_is_read_and_bears_its_name() {
    let names: Vec<_> = built_in_names().collect();
    assert_eq!(names, ["default", "basic", "neuro", "bids", "tcia", "cati_collector", "data_sharing"]);
    for name in names {
        let profile = built_in(name).unwrap();
        assert_eq!(profile.name, name);
        assert_eq!(profile.source, Source::BuiltIn);
        assert_eq!(profile.by_the_letter, name == "basic");
        assert!(!profile.description.is_empty() && !profile.captures);
    }
    assert_eq!(built_in("data-sharing"), None);
}

#[test]
fn default_is_basic_with_safe_private_and_no_filter() {
    let profile = built_in("default").unwrap();
    assert_eq!(profile.options, [ConfidentialityOption::RetainSafePrivate]);
    assert_eq!(profile.burned_in, BurnedIn::Quarantine);
    assert!(profile.modalities.is_empty() && profile.sop_classes.is_empty() && profile.rules.is_empty());
}

#[test]
fn basic_is_the_letter_of_the_standard() {
    let profile = built_in("basic").unwrap();
    assert_eq!(profile.burned_in, BurnedIn::Flag);
    assert!(profile.options.is_empty() && profile.rules.is_empty());
    assert!(profile.modalities.is_empty() && profile.sop_classes.is_empty());
}

#[test]
fn cati_profiles_have_the_settings_of_a_tsv() {
    for name in ["cati_collector", "data_sharing"] {
        let profile = built_in(name).unwrap();
        assert_eq!(profile.options, [ConfidentialityOption::RetainSafePrivate]);
        assert_eq!(profile.burned_in, BurnedIn::Quarantine);
        assert_eq!((profile.modalities, profile.sop_classes), cati_filter());
    }
}

/// What the tables do not have: the sequences of Siemens XA, within which the blocks stand that they keep, and the name
/// of the protocol, which spec2nii wants.
fn additions() -> impl Iterator<Item = (Selector, Action)> {
    ["SIEMENS MR SDS 01", "SIEMENS MR SDI 02", "SIEMENS MR MRS 05"]
        .into_iter()
        .map(|creator| (Selector::private(0x0021, creator, 0xFE), Action::Keep))
        .chain([(Selector::Tag(Tag::new(0x0018, 0x1030)), Action::Clean)])
}

#[test]
fn cati_collector_has_the_rules_of_its_tsv() {
    let mut expected = in_force(&tsv(COLLECTOR));
    expected.extend(additions());
    assert_eq!(in_force(&built_in("cati_collector").unwrap()), expected);
}

#[test]
fn data_sharing_has_the_rules_of_its_tsv_and_the_creator_that_is_meant() {
    let mut expected = in_force(&tsv(SHARING));
    expected.insert(Selector::private(0x0027, "GEMS_IMAG_01", 0x60), Action::Keep);
    expected.extend(additions());
    assert_eq!(in_force(&built_in("data_sharing").unwrap()), expected);
}

#[test]
fn a_cati_row_matches_its_creator_in_any_block() {
    let rules = built_in("data_sharing").unwrap().compile();
    let action = |group, creator, element, tag| {
        rules.private(group, creator, element, tag).map(|(rule, _)| rule.action.clone())
    };
    // CATI knows SDR 01 in block 11 only.
    let sdr = Tag::new(0x0021, 0x1219);
    assert_eq!(action(0x0021, "SIEMENS MR SDR 01", 0x19, sdr), Some(Action::Keep));
    assert_eq!(action(0x0021, "SIEMENS MR SDR 02", 0x19, sdr), None);
}

#[test]
fn no_row_is_dropped_and_each_keeps_its_line_and_name() {
    let profile = tsv(COLLECTOR);
    assert_eq!(profile.rules.len(), COLLECTOR.lines().count() - 1);
    for (rule, line) in profile.rules.iter().zip(2..) {
        assert_eq!(rule.origin.line, line);
        assert!(rule.name.is_some());
    }
    assert!(
        profile.rules.iter().any(|rule| rule.selector == Selector::Tag(NEVER_KEPT[0])),
        "the engine is to say that it passed over this one"
    );
}

#[test]
fn every_built_in_rule_says_why() {
    for name in built_in_names() {
        assert!(built_in(name).unwrap().rules.iter().all(|rule| rule.reason.is_some()), "{name}");
    }
}

#[test]
fn bids_is_neuro_with_a_layout() {
    let (neuro, bids) = (built_in("neuro").unwrap(), built_in("bids").unwrap());
    let same = Profile {
        name: bids.name.clone(),
        description: bids.description.clone(),
        layout: bids.layout.clone(),
        ..neuro
    };
    assert_eq!(bids, same);
    assert!(bids.layout.unwrap().to_string().starts_with("sub-{subject:label}/ses-{session:label}/"));
}

#[test]
fn tcia_has_the_options_of_its_source() {
    use ConfidentialityOption::{
        CleanDescriptors, RetainDeviceIdentity, RetainLongitudinalModifiedDates,
        RetainPatientCharacteristics, RetainSafePrivate,
    };
    let tcia = built_in("tcia").unwrap();
    let mut options = [
        RetainSafePrivate,
        RetainDeviceIdentity,
        RetainPatientCharacteristics,
        RetainLongitudinalModifiedDates,
        CleanDescriptors,
    ];
    options.sort_unstable();
    assert_eq!(tcia.options, options);
    assert_eq!(tcia.burned_in, BurnedIn::Quarantine);
}
