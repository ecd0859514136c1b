//! Tests of the reader.

use deid_dicom::Tag;
use deid_standard::TagPattern;

use super::*;
use crate::selector::InvalidSelector;

fn error(text: &str) -> (u32, u32, Problem) {
    let error = parse(text).unwrap_err();
    (error.line, error.column, error.problem)
}

fn toml_error(text: &str) -> (u32, u32, String) {
    match error(text) {
        (line, column, Problem::Toml(message)) => (line, column, message),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_least_profile_is_basic_with_quarantine() {
    let profile = parse("name = \"least\"").unwrap();
    assert_eq!(profile, Profile::bare("least".into(), Source::Toml));
    assert_eq!(profile.burned_in, BurnedIn::Quarantine);
    assert!(profile.modalities.is_empty() && profile.sop_classes.is_empty());
}

#[test]
fn every_key_is_read() {
    let profile = parse(
        r#"
        name = "all"
        description = "everything"
        base = "basic"
        options = ["retain-uids", "retain-safe-private", "retain-uids"]
        burned-in = "flag"
        private = ["neuroimaging", "numeric"]

        [filter]
        modalities = { accept = ["MR"], reject = ["US"] }
        sop-classes = { reject = ["1.2.840.10008.5.1.4.1.1.88.*"] }

        [[rule]]
        tag = "StudyDate"
        action = "keep"
        reason = "age"

        [[rule]]
        tag = ["(0019,{SIEMENS MR HEADER}0C)",
               "(0021,{SIEMENS MR SDI 02})"]
        action = "remove"

        [[rule]]
        tag = "InstitutionName"
        action = { replace = "Hospital" }
        "#,
    )
    .unwrap();
    assert_eq!(
        profile.options,
        [ConfidentialityOption::RetainSafePrivate, ConfidentialityOption::RetainUids]
    );
    assert_eq!(profile.burned_in, BurnedIn::Flag);
    assert!(profile.private.neuroimaging && profile.private.numeric);
    assert_eq!(profile.modalities.accept, [Pattern::Exact("MR".into())]);
    assert_eq!(profile.modalities.reject, [Pattern::Exact("US".into())]);
    assert_eq!(profile.sop_classes.reject, [Pattern::Prefix("1.2.840.10008.5.1.4.1.1.88.".into())]);
    let rule = |selector, action, reason: Option<&str>, line| Rule {
        selector,
        action,
        name: None,
        reason: reason.map(str::to_owned),
        when: None,
        origin: RuleOrigin { line, base: None },
    };
    assert_eq!(
        profile.rules,
        [
            rule(Selector::Tag(Tag::new(0x0008, 0x0020)), Action::Keep, Some("age"), 14),
            rule(Selector::private(0x0019, "SIEMENS MR HEADER", 0x0C), Action::Remove, None, 19),
            rule(Selector::private_block(0x0021, "SIEMENS MR SDI 02"), Action::Remove, None, 20),
            rule(Selector::Tag(Tag::new(0x0008, 0x0080)), Action::Replace("Hospital".into()), None, 24),
        ]
    );
}

#[test]
fn each_verb_is_an_action() {
    for action in Action::WORDS {
        let tag = if action == Action::RemapUid { "StudyInstanceUID" } else { "StudyDate" };
        let text = format!("name = \"x\"\n[[rule]]\ntag = \"{tag}\"\naction = \"{action}\"");
        assert_eq!(parse(&text).unwrap().rules[0].action, action);
    }
}

#[test]
fn a_word_without_meaning_is_an_error_with_its_place() {
    let with = |line: &str| error(&format!("name = \"é\"\n{line}\n"));
    assert_eq!(with("base = \"ours\""), (2, 8, Problem::UnknownBase("ours".into())));
    assert_eq!(with("options = [\"x\"]"), (2, 12, Problem::UnknownOption("x".into())));
    assert_eq!(with("burned-in = \"no\""), (2, 13, Problem::UnknownBurnedIn("no".into())));
    assert_eq!(with("private = [\"x\"]"), (2, 12, Problem::UnknownPrivate("x".into())));
    assert_eq!(
        with("filter.modalities.accept = [\"MR\", \"*\"]"),
        (2, 35, Problem::InvalidPattern("*".into()))
    );
    assert_eq!(
        with("options = [\"retain-longitudinal-full-dates\",\n\"retain-longitudinal-modified-dates\"]"),
        (3, 1, Problem::ContradictingDates)
    );
    assert_eq!(
        with("[[rule]]\ntag = \"StudyDate\"\naction = \"kep\""),
        (4, 10, Problem::UnknownAction("kep".into()))
    );
    let no_keyword = |text: &str| Problem::InvalidSelector(text.into(), InvalidSelector::UnknownKeyword);
    assert_eq!(with("[[rule]]\ntag = \"Dat\"\naction = \"keep\""), (3, 7, no_keyword("Dat")));
    assert_eq!(
        with("[[rule]]\ntag = [\"StudyDate\", \"Dat\"]\naction = \"keep\""),
        (3, 21, no_keyword("Dat"))
    );
}

#[test]
fn an_unknown_key_is_an_error_with_its_place() {
    let (line, column, message) = toml_error("name = \"x\"\nfilters = {}\n");
    assert_eq!((line, column), (2, 1));
    assert!(message.contains("`filters`"), "{message}");
    let rule = "name = \"x\"\n[[rule]]\ntag = \"StudyDate\"\naction = \"keep\"\n";
    let (line, column, message) = toml_error(&format!("{rule}because = \"x\"\n"));
    assert_eq!((line, column), (5, 1));
    assert!(message.contains("`because`"), "{message}");
    let (line, _, message) =
        toml_error("name = \"x\"\n[[rule]]\ntag = \"StudyDate\"\naction = {swap = \"x\"}");
    assert_eq!(line, 4);
    assert!(message.contains("`swap`"), "{message}");
}

#[test]
fn what_is_no_profile_is_an_error_with_its_place() {
    assert_eq!(toml_error("description = \"x\"").2, "missing field `name`");
    assert_eq!(toml_error("name = \"x\"\nbase = \n").0, 2);
    let (line, _, message) = toml_error("name = \"x\"\n[[rule]]\ntag = 3\naction = \"keep\"");
    assert_eq!(line, 3);
    assert!(message.contains("a text or an array of texts"), "{message}");
    let (line, _, message) = toml_error("name = \"x\"\n[[rule]]\ntag = \"StudyDate\"\naction = 3");
    assert_eq!(line, 4);
    assert!(message.contains("an action"), "{message}");
}

#[test]
fn the_example_above_is_a_profile() {
    let source = include_str!("../toml.rs");
    let example: Vec<&str> = source
        .lines()
        .skip_while(|line| *line != "//! ```toml")
        .skip(1)
        .take_while(|line| *line != "//! ```")
        .map(|line| line.trim_start_matches("//!").trim_start())
        .collect();
    let profile = parse(&example.join("\n")).unwrap();
    assert_eq!(profile.rules.len(), 5);
    assert!(profile.layout.is_some() && profile.shifts_dates());
}

fn parse_over(base: &str, text: &str) -> Result<Profile, ParseError> {
    let mut find = |name: &str, from: Option<&str>| match name {
        "base.toml" => {
            Ok(BaseText { id: "/base.toml".into(), text: base.into(), format: crate::Format::Toml })
        }
        "mine.toml" => {
            Ok(BaseText { id: "/mine.toml".into(), text: text.into(), format: crate::Format::Toml })
        }
        _ => Err(format!("not found from {}", from.unwrap_or("nowhere"))),
    };
    crate::parse_with_bases(text, crate::Format::Toml, Some("/mine.toml"), &mut find)
}

const BASE: &str = r#"
    name = "lab"
    base = "neuro"
    options = ["retain-institution-identity"]
    burned-in = "flag"
    output.layout = "{subject}/{instance}.dcm"
    identity = { prefix = "LAB-", issuer = true }
    filter.modalities = { accept = ["MR"] }
    [[rule]]
    tag = "StudyDescription"
    action = "keep"
"#;

#[test]
fn a_base_is_inherited_and_what_is_said_on_top_counts() {
    use ConfidentialityOption::{RetainInstitutionIdentity, RetainPatientCharacteristics, RetainSafePrivate};

    let profile = parse_over(BASE, "name = \"mine\"\nbase = \"base.toml\"").unwrap();
    assert_eq!(profile.name, "mine");
    assert_eq!(profile.options.len(), 5);
    assert!(profile.private.neuroimaging && profile.burned_in == BurnedIn::Flag);
    assert_eq!(profile.identity, IdentityPolicy { prefix: "LAB-".into(), issuer: true });
    assert_eq!(profile.modalities.accept, [Pattern::Exact("MR".into())]);
    assert_eq!(profile.rules[0].origin, RuleOrigin { line: 10, base: Some("lab".into()) });

    let profile = parse_over(
        BASE,
        r#"
        name = "mine"
        base = "base.toml"
        drop-options = ["clean-descriptors"]
        private = []
        identity.prefix = "S"
        output.layout = "input"
        dates.policy = "remove"
        filter.modalities = {}
        [[rule]]
        tag = "StudyDescription"
        action = "remove"
        "#,
    )
    .unwrap();
    assert_eq!(profile.options, [RetainSafePrivate, RetainInstitutionIdentity, RetainPatientCharacteristics]);
    assert!(!profile.private.neuroimaging && profile.layout.is_none() && profile.modalities.is_empty());
    assert_eq!(profile.identity, IdentityPolicy { prefix: "S".into(), issuer: true });
    let rules = profile.compile();
    let (rule, _) = rules.public(Tag::new(0x0008, 0x1030)).unwrap();
    assert_eq!((&rule.action, &rule.origin), (&Action::Remove, &RuleOrigin { line: 11, base: None }));
}

#[test]
fn a_base_that_cannot_be_used_is_an_error_at_its_place() {
    let error = |base: &str, name: &str| {
        let error = parse_over(base, &format!("name = \"mine\"\nbase = \"{name}\"")).unwrap_err();
        assert_eq!((error.line, error.column), (2, 8));
        error.problem
    };
    assert_eq!(
        error("", "other.toml"),
        Problem::Base("other.toml".into(), "not found from /mine.toml".into())
    );
    assert_eq!(error("name = \"base\"\nbase = \"mine.toml\"", "base.toml"), {
        let inner = ParseError { line: 2, column: 8, problem: Problem::BaseCycle("mine.toml".into()) };
        Problem::InBase("base.toml".into(), Box::new(inner))
    });
    assert_eq!(error("", "mine.toml"), Problem::BaseCycle("mine.toml".into()));
    assert_eq!(error("", "neuros"), Problem::UnknownBase("neuros".into()));
    let problem = error("name = \"base\"\n\nburned-in = \"no\"", "base.toml");
    assert_eq!(problem.to_string(), "base \"base.toml\": line 3, column 13: unknown burned-in \"no\"");
    assert!(matches!(parse("name = \"x\"\nbase = \"a.toml\"").unwrap_err().problem, Problem::Base(..)));
}

#[test]
fn policies_and_options_must_agree() {
    let with = |lines: &str| parse(&format!("name = \"x\"\n{lines}"));
    let place = |lines: &str| {
        let error = with(lines).unwrap_err();
        (error.line, error.column, error.problem)
    };
    let modified = [ConfidentialityOption::RetainLongitudinalModifiedDates];
    assert_eq!(with("dates.policy = \"shift\"").unwrap().options, modified);
    assert_eq!(
        with("options = [\"retain-longitudinal-modified-dates\"]\ndates.policy = \"shift\"").unwrap().options,
        modified
    );
    for policy in ["keep", "remove"] {
        let lines =
            format!("options = [\"retain-longitudinal-modified-dates\"]\ndates.policy = \"{policy}\"");
        assert_eq!(place(&lines), (3, 16, Problem::ContradictingDates));
    }
    assert_eq!(place("dates.policy = \"move\""), (2, 16, Problem::UnknownDates("move".into())));
    assert_eq!(
        place("drop-options = [\"retain-uids\"]"),
        (2, 17, Problem::NotInherited("retain-uids".into()))
    );
    assert_eq!(place("identity.prefix = \"a b\""), (2, 19, Problem::InvalidPrefix("a b".into())));
    assert_eq!(
        place("output.layout = \"a/../b\""),
        (2, 17, Problem::InvalidLayout("a/../b".into(), crate::InvalidLayout::Dots))
    );
    assert_eq!(
        place("base = \"neuro\"\noptions = [\"retain-longitudinal-full-dates\"]"),
        (3, 12, Problem::ContradictingDates)
    );
}

#[test]
fn rules_name_elements_by_pattern_and_path_and_hold_on_conditions() {
    let profile = parse(
        r#"
        name = "x"
        [[rule]]
        tag = ["OverlayData", "(0020,31xx)", "**/ReferencedSOPInstanceUID", "/StudyDate"]
        action = "remove"
        when = { modality = ["MR", "PT"], manufacturer = "siemens*", software = "*XA30", sop-class = "1.2.*", model = "x" }
        "#,
    )
    .unwrap();
    let overlays = TagPattern { base: Tag::new(0x6000, 0x3000), mask: 0xFF01_FFFF };
    assert_eq!(profile.rules[0].selector, Selector::Pattern(overlays));
    assert!(matches!(profile.rules[3].selector, Selector::Path(_)));
    let condition = profile.rules[2].when.clone().unwrap();
    assert_eq!(
        condition.to_string(),
        "modality MR or PT, sop-class 1.2.*, manufacturer SIEMENS*, model X, software *XA30"
    );
    let with = |when: &str| {
        error(&format!("name = \"x\"\n[[rule]]\ntag = \"StudyDate\"\naction = \"keep\"\nwhen = {when}"))
    };
    assert_eq!(with("{ modality = \"*\" }"), (5, 21, Problem::InvalidWildcard("*".into())));
    let (line, _, problem) = with("{ vendor = \"x\" }");
    assert!(line == 5 && matches!(problem, Problem::Toml(message) if message.contains("vendor")));
}

#[test]
fn what_replaces_a_value_is_one_of_its_vr() {
    let place = |tag: &str, text: &str| {
        let rule = format!("[[rule]]\ntag = {tag:?}\naction = {{ replace = {text:?} }}");
        parse(&format!("name = \"a\"\n{rule}")).err().map(|error| (error.line, error.column, error.problem))
    };
    for (tag, text, vr) in [
        ("StudyDate", "nodate", Vr::DA),
        ("**/(0008,0020)", "20230229", Vr::DA),
        ("Rows", "512", Vr::US),
        ("PixelData", "", Vr::OB),
        ("ReferencedImageSequence", "x", Vr::SQ),
        ("(60xx,0022)", "a\nb", Vr::LO),
        ("(0019,{SIEMENS MR HEADER}0C)", "b", Vr::IS),
    ] {
        assert_eq!(place(tag, text), Some((4, 10, Problem::Replacement(shorten(text), vr))), "{tag}");
    }
    let letters = |text: &str| Some((4, 10, Problem::ReplacementLetters(text.into())));
    assert_eq!(place("InstitutionName", "Hôpital"), letters("Hôpital"));
    assert_eq!(place("(0009,{NOBODY}10)", "\t"), letters(""));
    for (tag, text) in
        [("StudyDate", "20240229"), ("(0008,0020)", ""), ("(0009,{NOBODY})", "a"), ("/ImageComments", "a\nb")]
    {
        assert_eq!(place(tag, text), None, "{tag}");
    }
}

#[test]
fn bases_end_somewhere() {
    let mut read = |name: &str, _: Option<&str>| {
        let number: usize = name.strip_suffix(".toml").and_then(|name| name.parse().ok()).unwrap_or(0);
        let text = format!("name = \"a\"\nbase = \"{}.toml\"", number + 1);
        Ok(BaseText { id: name.to_owned(), text, format: crate::Format::Toml })
    };
    let mut error =
        super::read("name = \"a\"\nbase = \"0.toml\"", &mut Bases::new(None, &mut read)).unwrap_err();
    while let Problem::InBase(_, inner) = error.problem {
        error = *inner;
    }
    assert_eq!(error.problem, Problem::DeepBase("32.toml".into()));
}

#[test]
fn a_profile_has_a_name() {
    assert_eq!(error("base = \"basic\"\nname = \"\""), (2, 8, Problem::NoName));
    assert_eq!(error("name = \"  \""), (1, 8, Problem::NoName));
}

#[test]
fn what_no_file_can_do_without_is_not_taken_away() {
    let rule = |tag: &str, action: &str| {
        parse(&format!("name = \"x\"\n[[rule]]\ntag = \"{tag}\"\naction = {action}\n"))
    };
    for (tag, action) in [
        ("SOPClassUID", "\"remove\""),
        ("SOPClassUID", "\"remap-uid\""),
        ("SOPInstanceUID", "\"empty\""),
        ("SOPInstanceUID", "{ replace = \"1.2.3\" }"),
        ("(0020,000D)", "\"remove\""),
        ("SeriesInstanceUID", "\"dummy\""),
        ("PixelData", "\"remove\""),
        ("Rows", "\"remove\""),
        ("(0028,00xx)", "\"empty\""),
        ("/Rows", "\"remove\""),
        ("**/SOPInstanceUID", "\"remove\""),
        ("SpecificCharacterSet", "{ replace = \"ISO_IR 100\" }"),
    ] {
        let error = rule(tag, action).unwrap_err();
        let found = (error.line, error.column, error.problem);
        assert_eq!(found, (3, 7, Problem::Indispensable(tag.into())), "{action}");
    }
    for (tag, action) in [
        ("SOPInstanceUID", "\"remap-uid\""),
        ("SOPClassUID", "\"keep\""),
        ("IconImageSequence/PixelData", "\"remove\""),
        ("FrameOfReferenceUID", "\"remove\""),
    ] {
        assert!(rule(tag, action).is_ok(), "{tag}");
    }
}
