//! Table E.1-1, row by row and column by column: what is planned is what the table says.

use super::{Decision, Policy, Position, Verb};
use crate::rule::Rule;
use crate::{Body, Engine, Key, Scratch, SessionFacts, Settings};
use deid_dicom::{Encoding, Tag, Vr, encode};
use deid_profile::{Profile, built_in};
use deid_standard::confidentiality::{
    BasicAction, ConfidentialityOption, OptionAction, Row, private_attributes, row, rows,
};
use deid_standard::iod::Iod;

/// Media Storage SOP Instance UID: in the file meta information, which is written anew.
const MEDIA_STORAGE_SOP_INSTANCE: Tag = Tag::new(0x0002, 0x0003);
const SAFE: (Tag, &str) = (Tag::new(0x7053, 0x1000), "Philips PET Private Group");
const UNSAFE: (Tag, &str) = (Tag::new(0x0029, 0x1010), "SIEMENS CSA HEADER");

fn basic(options: &[ConfidentialityOption]) -> Profile {
    let mut profile = built_in("basic").unwrap();
    profile.options = options.to_vec();
    profile.options.sort_unstable();
    profile.options.dedup();
    profile
}

fn planned(profile: &Profile, decide: impl FnOnce(&Policy<'_>) -> Decision) -> Decision {
    let rules = profile.compile();
    let safe_private = profile.has_option(ConfidentialityOption::RetainSafePrivate);
    decide(&Policy { profile, rules: &rules, forced: &[], safe_private })
}

fn offered(basic: BasicAction) -> &'static [Verb] {
    match basic {
        BasicAction::X => &[Verb::Remove],
        BasicAction::D => &[Verb::Dummy],
        BasicAction::U => &[Verb::Uid],
        BasicAction::Z => &[Verb::Empty],
        BasicAction::XOrZ => &[Verb::Remove, Verb::Empty],
        BasicAction::XOrD => &[Verb::Remove, Verb::Dummy],
        BasicAction::XOrZOrD => &[Verb::Remove, Verb::Empty, Verb::Dummy],
        BasicAction::ZOrD => &[Verb::Empty, Verb::Dummy],
        BasicAction::XOrZOrU => &[Verb::Remove, Verb::Empty, Verb::Uid],
    }
}

/// What the table demands of a row under these options: K wins over C, a shift of dates over other cleaning. The table
/// leaves open what becomes of the day of a device (K and C); that of full dates apart, K gives way to the shift.
fn expected(row: &Row, options: &[ConfidentialityOption]) -> Vec<Verb> {
    let modified = ConfidentialityOption::RetainLongitudinalModifiedDates;
    let full = ConfidentialityOption::RetainLongitudinalFullDates;
    let says = |action| options.iter().any(|option| row.option(*option) == Some(action));
    let keeps_dates = options.contains(&full) && row.option(full).is_some();
    let is_date = matches!(row.vr, Some(Vr::DA | Vr::DT | Vr::TM));
    let moves = options.contains(&modified) && row.option(modified).is_some();
    if says(OptionAction::Keep) && (keeps_dates || !moves || !is_date) {
        vec![Verb::Keep]
    } else if options.contains(&modified) && row.option(modified).is_some() {
        vec![Verb::Shift]
    } else if says(OptionAction::Clean) {
        vec![Verb::Clean]
    } else {
        offered(row.basic).to_vec()
    }
}

/// Checks all rows but the one of private attributes; the result is their number.
fn check(options: &[ConfidentialityOption], position: Position) -> usize {
    let profile = basic(options);
    let rules = profile.compile();
    let policy = Policy { profile: &profile, rules: &rules, forced: &[], safe_private: false };
    let mut count = 0;
    for row in rows() {
        let tag = row.tag.exact().unwrap_or(row.tag.base);
        let Decision { verb, rule } = policy.public(tag, position);
        count += 1;
        if matches!(tag.group(), 0 | 2) {
            // Elements of commands and of the meta information have no place in a data set: stricter than the table.
            assert_eq!((verb, rule), (Verb::Remove, Rule::Misplaced));
            continue;
        }
        let expected = expected(row, options);
        assert!(expected.contains(&verb), "{tag} {options:?}: {verb:?}");
        match rule {
            Rule::Basic(of) => assert_eq!((of, expected.as_slice()), (row, offered(row.basic))),
            Rule::Option(of, option) => {
                assert_eq!(of, row);
                assert!(options.contains(&option) && row.option(option).is_some(), "{tag} {option}");
            }
            rule => panic!("{tag}: {rule}"),
        }
    }
    count
}

fn positions() -> [Position; 3] {
    let mr = Iod::of_sop_class("1.2.840.10008.5.1.4.1.1.4");
    [(mr, true), (mr, false), (None, true)].map(|(iod, top_level)| Position { iod, top_level })
}

/// 657 rows in 11 columns: the Basic Profile and each option.
#[test]
fn each_row_is_planned_as_each_column_says() {
    let columns = std::iter::once(vec![]).chain(ConfidentialityOption::ALL.map(|option| vec![option]));
    let mut cells = 0;
    for options in columns {
        for position in positions() {
            assert_eq!(check(&options, position), 656);
        }
        cells += 656 + usize::from(private_row_is_obeyed(&options));
    }
    assert_eq!(cells, 657 * 11);
}

/// The row of private attributes: X, and with Retain Safe Private those that are safe are kept.
fn private_row_is_obeyed(options: &[ConfidentialityOption]) -> bool {
    let retain = ConfidentialityOption::RetainSafePrivate;
    assert_eq!(private_attributes().basic, BasicAction::X);
    for option in ConfidentialityOption::ALL {
        let says = private_attributes().option(option);
        assert_eq!(says, (option == retain).then_some(OptionAction::Clean), "{option}");
    }
    let profile = basic(options);
    let verb = |(tag, creator)| planned(&profile, |policy| policy.private(tag, creator, false)).verb;
    assert_eq!(verb(UNSAFE), Verb::Remove);
    assert_eq!(verb(SAFE), if options.contains(&retain) { Verb::Keep } else { Verb::Remove });
    true
}

#[test]
fn options_are_combined_by_precedence() {
    let all = ConfidentialityOption::ALL;
    for (at, one) in all.into_iter().enumerate() {
        for other in &all[at + 1..] {
            check(&[one, *other], positions()[0]);
            private_row_is_obeyed(&[one, *other]);
        }
        let without: Vec<_> = all.into_iter().filter(|option| *option != one).collect();
        check(&without, positions()[0]);
    }
    check(&all, positions()[0]);
}

/// The row of the meta information: U, and K with Retain UIDs; the same UID as in the data set.
#[test]
fn the_meta_row_follows_the_data_set() {
    let meta = row(MEDIA_STORAGE_SOP_INSTANCE).unwrap();
    let retain = ConfidentialityOption::RetainUids;
    assert_eq!((meta.basic, meta.option(retain)), (BasicAction::U, Some(OptionAction::Keep)));
    let mut data_set = Vec::new();
    for (tag, value) in
        [(0x0008_0016, "1.2.840.10008.5.1.4.1.1.4"), (0x0008_0018, "1.2.3.4567"), (0x0020_000D, "1.2.3.89")]
    {
        encode::element(&mut data_set, Encoding::ExplicitLittle, Tag(tag), Vr::UI, value.as_bytes()).unwrap();
    }
    let file = deid_testkit::bytes::Part10::new("1.2.840.10008.1.2.1", data_set).bytes();
    for options in [vec![], vec![retain]] {
        let engine = Engine::new(Settings {
            profile: basic(&options),
            key: Key::from_bytes([7; 32]),
            subject: None,
            subjects: None,
            forced: Vec::new(),
            inflate_limit: 1 << 20,
        });
        let done = engine.unwrap().process(&mut &file[..], &SessionFacts::default(), &mut Scratch::default());
        let Body::Pieces(pieces) = done.body else { panic!() };
        let uid =
            if options.is_empty() { Key::from_bytes([7; 32]).uid("1.2.3.4567") } else { "1.2.3.4567".into() };
        let holds = |bytes: &[u8]| bytes.windows(uid.len()).any(|window| window == uid.as_bytes());
        assert!(holds(&done.head) && holds(&pieces.to_bytes(&file)));
    }
}
