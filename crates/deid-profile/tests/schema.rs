//! The published schema says what the reader takes: every key and every word, in both directions.

use std::collections::BTreeSet;

use deid_profile::{
    Action, ConfidentialityOption, Format, LayoutField, Problem, Profile, SCHEMA, Selector, built_in_names,
    parse,
};
use serde_json::Value;

fn schema() -> Value {
    serde_json::from_str(SCHEMA).expect("the schema is JSON")
}

fn words(value: &Value) -> BTreeSet<String> {
    let words = value.as_array().expect("a list of words").iter();
    words.map(|word| word.as_str().expect("a word").to_owned()).collect()
}

fn set<T: ToString>(words: impl IntoIterator<Item = T>) -> BTreeSet<String> {
    words.into_iter().map(|word| word.to_string()).collect()
}

fn read(text: &str) -> Result<Profile, Problem> {
    parse(text, Format::Toml).map_err(|error| error.problem)
}

/// The keys that the reader knows at a place: it names them when there is another one.
fn keys_of_the_reader(text_with_unknown_key: &str) -> BTreeSet<String> {
    let Err(Problem::Toml(message)) = read(text_with_unknown_key) else {
        panic!("an unknown key is an error: {text_with_unknown_key}")
    };
    let (_, known) = message.split_once("expected").expect("it says what it expects");
    set(known.split('`').skip(1).step_by(2))
}

#[test]
fn keys_are_those_of_the_reader() {
    let schema = schema();
    let rule = "name = \"x\"\n[[rule]]\ntag = \"StudyDate\"\naction = \"keep\"\n";
    for (place, text) in [
        ("", "name = \"x\"\nno-key = 1".to_owned()),
        ("/properties/dates", "name = \"x\"\ndates.no-key = 1".to_owned()),
        ("/properties/identity", "name = \"x\"\nidentity.no-key = 1".to_owned()),
        ("/properties/output", "name = \"x\"\noutput.no-key = 1".to_owned()),
        ("/properties/filter", "name = \"x\"\nfilter.no-key = 1".to_owned()),
        ("/properties/filter/properties/modalities", "name = \"x\"\nfilter.modalities.no-key = 1".to_owned()),
        (
            "/properties/filter/properties/sop-classes",
            "name = \"x\"\nfilter.sop-classes.no-key = 1".to_owned(),
        ),
        ("/$defs/rule", format!("{rule}no-key = 1")),
        ("/$defs/condition", format!("{rule}when.no-key = 1")),
        (
            "/$defs/action/oneOf/1",
            "name = \"x\"\n[[rule]]\ntag = \"StudyDate\"\naction = { no-key = 1 }".to_owned(),
        ),
    ] {
        let object = schema.pointer(place).unwrap_or_else(|| panic!("the schema has {place}"));
        assert_eq!(object["additionalProperties"], Value::Bool(false), "{place}");
        let keys = object["properties"].as_object().expect("an object has properties").keys();
        assert_eq!(keys.cloned().collect::<BTreeSet<_>>(), keys_of_the_reader(&text), "{place}");
    }
}

#[test]
fn keys_that_must_be_there_are_those_of_the_reader() {
    let schema = schema();
    assert_eq!(words(&schema["required"]), set(["name"]));
    assert!(read("name = \"x\"").is_ok() && read("").is_err());
    assert_eq!(words(&schema["$defs"]["rule"]["required"]), set(["tag", "action"]));
    assert!(read("name = \"x\"\n[[rule]]\ntag = \"StudyDate\"").is_err());
    assert!(read("name = \"x\"\n[[rule]]\naction = \"keep\"").is_err());
}

/// What the schema calls too little, the reader refuses, with its place.
#[test]
fn lists_and_conditions_hold_something() {
    let schema = schema();
    assert_eq!(schema["$defs"]["rule"]["properties"]["tag"]["oneOf"][1]["minItems"], 1);
    assert_eq!(schema["$defs"]["wildcards"]["oneOf"][1]["minItems"], 1);
    assert_eq!(schema["$defs"]["condition"]["minProperties"], 1);
    let rule = |lines: &str| {
        parse(&format!("name = \"x\"\n[[rule]]\n{lines}"), Format::Toml)
            .map(|_| ())
            .map_err(|error| (error.line, error.column, error.problem))
    };
    assert_eq!(rule("tag = []\naction = \"keep\""), Err((3, 7, Problem::EmptyList)));
    let keep = "tag = \"StudyDate\"\naction = \"keep\"\n";
    assert_eq!(rule(&format!("{keep}when = {{}}")), Err((5, 8, Problem::NoCondition)));
    assert_eq!(rule(&format!("{keep}when = {{ modality = [] }}")), Err((5, 21, Problem::EmptyList)));
    assert_eq!(rule(&format!("{keep}when = {{ modality = \"MR\" }}")), Ok(()));
    assert!(matches!(
        rule("tag = \"StudyDate/SeriesDate\"\naction = \"keep\""),
        Err((3, 7, Problem::InvalidSelector(..)))
    ));
}

#[test]
fn uids_are_replaced_where_there_are_some() {
    let rule = |tag: &str| {
        read(&format!("name = \"x\"\n[[rule]]\ntag = \"{tag}\"\naction = \"remap-uid\"")).map(|_| ())
    };
    for tag in ["SOPInstanceUID", "ReferencedImageSequence", "(0029,1010)", "**/StudyInstanceUID"] {
        assert_eq!(rule(tag), Ok(()), "{tag}");
    }
    for tag in
        ["StationName", "StudyDate", "/PatientWeight", "OverlayData", "ReferencedImageSequence/StudyID"]
    {
        assert!(matches!(rule(tag), Err(Problem::NoUid(..))), "{tag}");
    }
}

#[test]
fn words_are_those_of_the_reader() {
    let schema = schema();
    let properties = &schema["properties"];
    assert_eq!(words(&schema["$defs"]["option"]["enum"]), set(ConfidentialityOption::ALL));
    assert_eq!(words(&schema["$defs"]["action"]["oneOf"][0]["enum"]), set(Action::WORDS));
    assert_eq!(words(&properties["base"]["anyOf"][0]["enum"]), set(built_in_names()));
    let accepted = |words: &BTreeSet<String>, line: &dyn Fn(&str) -> String, all: &[&str]| {
        for word in all.iter().copied().chain(words.iter().map(String::as_str)) {
            let text = format!("name = \"x\"\n{}", line(word));
            assert_eq!(read(&text).is_ok(), words.contains(word), "{text}");
        }
    };
    let candidates =
        ["neuroimaging", "numeric", "quarantine", "flag", "remove", "keep", "shift", "", "x", "Keep"];
    accepted(
        &words(&properties["private"]["items"]["enum"]),
        &|word| format!("private = [\"{word}\"]"),
        &candidates,
    );
    accepted(
        &words(&properties["burned-in"]["enum"]),
        &|word| format!("burned-in = \"{word}\""),
        &candidates,
    );
    accepted(
        &words(&properties["dates"]["properties"]["policy"]["enum"]),
        &|word| format!("dates.policy = \"{word}\""),
        &candidates,
    );
}

#[test]
fn fields_of_a_layout_are_those_of_the_reader() {
    let schema = schema();
    let pattern = schema["properties"]["output"]["properties"]["layout"]["pattern"].as_str().unwrap();
    let (_, behind) = pattern.split_once(r"\{\s*(").expect("the pattern lists the fields");
    let (fields, _) = behind.split_once(')').unwrap();
    assert_eq!(set(fields.split('|')), set(LayoutField::ALL.iter().map(|field| field.word())));
}

/// Examples of the description of selectors are ones.
#[test]
fn selectors_of_the_description_are_read() {
    let schema = schema();
    let text = schema["$defs"]["selector"]["description"].as_str().unwrap();
    let mut found = 0;
    for example in text.trim_end_matches('.').split(", ") {
        let example = example.rsplit(": ").next().unwrap().trim_start_matches("or ");
        assert!(example.starts_with("a path") || Selector::parse(example).is_ok(), "{example}");
        found += 1;
    }
    assert!(found >= 7);
}

#[test]
fn examples_of_the_reference_are_profiles() {
    let reference = include_str!("../../../docs/profiles.md");
    let mut count = 0;
    for example in reference.split("```toml\n").skip(1) {
        let (example, _) = example.split_once("```").unwrap();
        let name = if example.contains("name = ") { "" } else { "name = \"x\"\n" };
        read(&format!("{name}{example}")).unwrap_or_else(|problem| panic!("{problem}: {example}"));
        count += 1;
    }
    assert!(count >= 4);
}
