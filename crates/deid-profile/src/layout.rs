//! How files of the output are called: a template of fields with de-identified values.

use std::fmt;

/// A template for output names: `sub-{subject:label}/ses-{session:label}/{modality}/{instance}.dcm`.
///
/// What the fields become for an instance is decided in `deid-core`, from the values that are written: never from
/// original ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    text: String,
    parts: Vec<Vec<LayoutPiece>>,
}

/// A piece of one part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LayoutPiece {
    /// Text as it stands in the template.
    Text(String),
    /// The value of a field, and the form it is to have.
    Field(LayoutField, LayoutForm),
}

/// The form of a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayoutForm {
    /// Letters, digits, `-`, `_` and `.`, for anything else `_`.
    Plain,
    /// Letters and digits of ASCII only, as BIDS wants its labels.
    Label,
    /// A number with zeros in front to have this many digits.
    Digits(u8),
}

macro_rules! fields {
    ($($name:ident $word:literal $doc:literal),* $(,)?) => {
        /// What a field stands for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum LayoutField { $(#[doc = $doc] $name,)* }

        impl LayoutField {
            /// All fields.
            pub const ALL: &'static [LayoutField] = &[$(LayoutField::$name,)*];

            /// The word for it in a template.
            pub const fn word(self) -> &'static str {
                match self { $(LayoutField::$name => $word,)* }
            }

            /// What it stands for.
            pub const fn description(self) -> &'static str {
                match self { $(LayoutField::$name => $doc,)* }
            }
        }
    };
}

fields! {
    Subject "subject" "The subject's code, which is also the new Patient ID.",
    Session "session" "The new Study Date; without one, a number made of the new Study Instance UID.",
    StudyDate "study-date" "Study Date (0008,0020) as it is written, that is shifted if the profile shifts dates.",
    StudyDescription "study-description" "Study Description (0008,1030), cleaned.",
    Modality "modality" "Modality (0008,0060).",
    SeriesNumber "series-number" "Series Number (0020,0011).",
    SeriesDescription "series-description" "Series Description (0008,103E), cleaned.",
    ProtocolName "protocol-name" "Protocol Name (0018,1030), cleaned.",
    AcquisitionNumber "acquisition-number" "Acquisition Number (0020,0012).",
    InstanceNumber "instance-number" "Instance Number (0020,0013).",
    Study "study" "The new Study Instance UID.",
    Series "series" "The new Series Instance UID.",
    Instance "instance" "The new SOP Instance UID.",
    Ordinal "ordinal" "The number of the file in the input, from 1; that of its row in the report.",
}

/// Why a text is no template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidLayout {
    /// It is empty, begins with `/`, or has two together or one at its end.
    EmptyPart,
    /// A part is `.` or `..`, begins with a dot or a blank, or ends with one.
    Dots,
    /// It has a character that not every file system takes.
    Character,
    /// A brace is not closed, or not opened.
    Brace,
    /// No field has this name.
    UnknownField,
    /// What stands behind the colon is neither `label` nor a number of digits from 1 to 9.
    UnknownForm,
    /// It is too long, or has more than 16 parts.
    TooLong,
}

impl fmt::Display for InvalidLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            InvalidLayout::EmptyPart => "a part between slashes is empty",
            InvalidLayout::Dots => "a part begins or ends with a dot or a blank",
            InvalidLayout::Character => "a character that not every file system takes",
            InvalidLayout::Brace => "a brace without the other one",
            InvalidLayout::UnknownField => "no field has this name",
            InvalidLayout::UnknownForm => "behind the colon stands neither `label` nor a digit from 1 to 9",
            InvalidLayout::TooLong => "too long",
        })
    }
}

impl std::error::Error for InvalidLayout {}

impl Layout {
    /// Reads a template.
    ///
    /// ```
    /// use deid_profile::{InvalidLayout, Layout};
    ///
    /// let layout = Layout::parse("{subject}/{series-number:3}_{series-description}/{instance}.dcm")?;
    /// assert_eq!(layout.parts().len(), 3);
    /// assert_eq!(Layout::parse("../{subject}"), Err(InvalidLayout::Dots));
    /// # Ok::<(), InvalidLayout>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, InvalidLayout> {
        const LONGEST: usize = 400;
        const MOST_PARTS: usize = 16;
        let parts = text.split('/').map(part).collect::<Result<Vec<_>, _>>()?;
        if text.len() > LONGEST || parts.len() > MOST_PARTS {
            return Err(InvalidLayout::TooLong);
        }
        Ok(Layout { text: text.to_owned(), parts })
    }

    /// The parts of the path, folders first.
    pub fn parts(&self) -> &[Vec<LayoutPiece>] {
        &self.parts
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn part(text: &str) -> Result<Vec<LayoutPiece>, InvalidLayout> {
    if text.is_empty() {
        return Err(InvalidLayout::EmptyPart);
    }
    if text.starts_with(['.', ' ']) || text.ends_with(['.', ' ']) {
        return Err(InvalidLayout::Dots);
    }
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (before, behind) = rest.split_once('{').map_or((rest, None), |(a, b)| (a, Some(b)));
        if !before.is_empty() {
            pieces.push(LayoutPiece::Text(literal(before)?));
        }
        let Some(behind) = behind else { break };
        let (inside, behind) = behind.split_once('}').ok_or(InvalidLayout::Brace)?;
        pieces.push(field(inside)?);
        rest = behind;
    }
    Ok(pieces)
}

fn literal(text: &str) -> Result<String, InvalidLayout> {
    if text.contains('}') {
        return Err(InvalidLayout::Brace);
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.+=@()[] ,".contains(c);
    if text.chars().all(allowed) { Ok(text.to_owned()) } else { Err(InvalidLayout::Character) }
}

fn field(text: &str) -> Result<LayoutPiece, InvalidLayout> {
    let (word, form) = text.split_once(':').map_or((text, None), |(word, form)| (word, Some(form)));
    let field = LayoutField::ALL.iter().find(|field| field.word() == word.trim());
    let form = match form.map(str::trim) {
        None => LayoutForm::Plain,
        Some("label") => LayoutForm::Label,
        Some(digits) => match digits.parse() {
            Ok(digits @ 1..=9) => LayoutForm::Digits(digits),
            _ => return Err(InvalidLayout::UnknownForm),
        },
    };
    Ok(LayoutPiece::Field(*field.ok_or(InvalidLayout::UnknownField)?, form))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_taken_apart() {
        let layout = Layout::parse("sub-{subject:label}/{ series-number:3 }_{modality}.dcm").unwrap();
        let text = |text: &str| LayoutPiece::Text(text.to_owned());
        assert_eq!(
            layout.parts(),
            [
                vec![text("sub-"), LayoutPiece::Field(LayoutField::Subject, LayoutForm::Label)],
                vec![
                    LayoutPiece::Field(LayoutField::SeriesNumber, LayoutForm::Digits(3)),
                    text("_"),
                    LayoutPiece::Field(LayoutField::Modality, LayoutForm::Plain),
                    text(".dcm"),
                ],
            ]
        );
    }

    #[test]
    fn what_is_no_template_says_why() {
        for (text, why) in [
            ("", InvalidLayout::EmptyPart),
            ("/{subject}", InvalidLayout::EmptyPart),
            ("{subject}/", InvalidLayout::EmptyPart),
            ("../{subject}", InvalidLayout::Dots),
            ("{subject}/.hidden", InvalidLayout::Dots),
            ("a:b/{subject}", InvalidLayout::Character),
            ("a\\{subject}", InvalidLayout::Character),
            ("{subject", InvalidLayout::Brace),
            ("subject}", InvalidLayout::Brace),
            ("{patient-name}", InvalidLayout::UnknownField),
            ("{subject:upper}", InvalidLayout::UnknownForm),
            ("{series-number:0}", InvalidLayout::UnknownForm),
        ] {
            assert_eq!(Layout::parse(text), Err(why), "{text}");
        }
        assert_eq!(Layout::parse(&"{subject}".repeat(50)), Err(InvalidLayout::TooLong));
    }
}
