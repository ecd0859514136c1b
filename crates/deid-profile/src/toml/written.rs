//! The format as serde sees it: shapes only. What the texts in it mean is found out by the reader, where a mistake can
//! be told with its place.

use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Written {
    pub(super) name: Spanned<String>,
    #[serde(default)]
    pub(super) description: String,
    pub(super) base: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) options: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) drop_options: Vec<Spanned<String>>,
    pub(super) burned_in: Option<Spanned<String>>,
    pub(super) private: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    pub(super) dates: WrittenDates,
    #[serde(default)]
    pub(super) identity: WrittenIdentity,
    #[serde(default)]
    pub(super) output: WrittenOutput,
    #[serde(default)]
    pub(super) filter: WrittenFilters,
    #[serde(default)]
    pub(super) rule: Vec<WrittenRule>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WrittenDates {
    pub(super) policy: Option<Spanned<String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WrittenIdentity {
    pub(super) prefix: Option<Spanned<String>>,
    pub(super) issuer: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WrittenOutput {
    pub(super) layout: Option<Spanned<String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct WrittenFilters {
    pub(super) modalities: Option<WrittenFilter>,
    pub(super) sop_classes: Option<WrittenFilter>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WrittenFilter {
    pub(super) accept: Vec<Spanned<String>>,
    pub(super) reject: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenRule {
    pub(super) tag: OneOrMore,
    pub(super) action: Spanned<WrittenAction>,
    pub(super) reason: Option<String>,
    pub(super) when: Option<Spanned<WrittenCondition>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct WrittenCondition {
    pub(super) modality: OneOrMore,
    pub(super) sop_class: OneOrMore,
    pub(super) manufacturer: OneOrMore,
    pub(super) model: OneOrMore,
    pub(super) software: OneOrMore,
}

// The next two are written out because serde's `untagged` forgets spans and words its errors for
// programmers.

/// `"StudyDate"` or `["StudyDate", "SeriesDate"]`.
#[derive(Default)]
pub(super) struct OneOrMore {
    pub(super) texts: Vec<Spanned<String>>,
    /// Where it stands; `None` if it was left out.
    pub(super) span: Option<Range<usize>>,
}

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// A text that may stand inside an array or alone; alone, the span is that of the outer value.
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = Vec<Result<Spanned<String>, String>>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or an array of texts")
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(vec![Err(text.to_owned())])
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = seq.next_element()? {
                    texts.push(Ok(text));
                }
                Ok(texts)
            }
        }
        struct Value(Vec<Result<Spanned<String>, String>>);
        impl<'de> Deserialize<'de> for Value {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Texts).map(Value)
            }
        }
        let value = Spanned::<Value>::deserialize(deserializer)?;
        let span = value.span();
        let texts = value.into_inner().0.into_iter();
        let spanned = |text: Result<_, String>| text.unwrap_or_else(|text| Spanned::new(span.clone(), text));
        Ok(OneOrMore { texts: texts.map(spanned).collect(), span: Some(span.clone()) })
    }
}

/// `"keep"` or `{ replace = "text" }`.
pub(super) enum WrittenAction {
    Verb(String),
    Replace(String),
}

impl<'de> Deserialize<'de> for WrittenAction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct VerbOrTable;
        impl<'de> Visitor<'de> for VerbOrTable {
            type Value = WrittenAction;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an action or { replace = \"text\" }")
            }

            fn visit_str<E>(self, verb: &str) -> Result<WrittenAction, E> {
                Ok(WrittenAction::Verb(verb.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<WrittenAction, A::Error> {
                #[derive(Deserialize)]
                #[serde(deny_unknown_fields)]
                struct Replace {
                    replace: String,
                }
                let table = Replace::deserialize(MapAccessDeserializer::new(map))?;
                Ok(WrittenAction::Replace(table.replace))
            }
        }
        deserializer.deserialize_any(VerbOrTable)
    }
}
