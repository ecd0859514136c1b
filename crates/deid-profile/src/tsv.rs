//! Reads profiles as CATI writes them: tab-separated, a row for each tag.
//!
//! ```text
//! Tags         Name                   Action  Private Creator
//! (0008,0020)  Study Date             K
//! (0019,100C)  B Value                K       SIEMENS MR HEADER
//! (0021,0010)  Private Creator        K       SIEMENS MR SDI 02
//! ```
//!
//! An empty action is K. A row with a creator is about that creator's element in any block; when its
//! tag is that of a creator's place, (odd,0010-00FF), about the creator's whole block. A private row
//! without creator is about the literal tag.
//!
//! Quotation marks are those of Python's `csv`, with which CATI reads. Blank lines and lines that
//! begin with `#` are passed over. Where CATI would silently read something else than was meant, by a
//! misspelt column, a field too many or an open quotation mark, this reader stops.

use deid_dicom::Tag;
use deid_standard::confidentiality::ConfidentialityOption;

use crate::error::{ParseError, Problem, shorten};
use crate::filter::cati_filter;
use crate::model::{Action, Profile, Rule, RuleOrigin, Source};
use crate::selector::{Selector, trim_creator};

/// A row as it was written: what CATI's `load_config_profile` tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Line in the file, from 1.
    pub line: u32,
    /// The tag by its literal number.
    pub tag: Tag,
    /// What stands in the column Name.
    pub name: Option<String>,
    /// The action; one that is not written is [`Action::Keep`].
    pub action: Action,
    /// What stands in the column Private Creator.
    pub creator: Option<String>,
}

impl Row {
    /// The elements the row is about. The creator of a public tag is passed over.
    pub fn selector(&self) -> Selector {
        match &self.creator {
            Some(creator) if self.tag.is_private_creator() => {
                Selector::private_block(self.tag.group(), creator)
            }
            Some(creator) if self.tag.private_block().is_some() => {
                Selector::private(self.tag.group(), creator, self.tag.element() as u8)
            }
            _ => Selector::Tag(self.tag),
        }
    }
}

/// Reads a TSV to a profile that behaves as CATI's does.
///
/// That is Basic with Retain Safe Private, CATI's filter on modality and SOP class, and instances at
/// risk of burned-in text quarantined. The profile is named `tsv`: the text holds no name.
pub fn parse(text: &str) -> Result<Profile, ParseError> {
    let mut profile = Profile::bare("tsv".to_owned(), Source::Tsv);
    profile.options = vec![ConfidentialityOption::RetainSafePrivate];
    (profile.modalities, profile.sop_classes) = cati_filter();
    profile.rules = rows(text)?.into_iter().map(rule).collect();
    Ok(profile)
}

fn rule(row: Row) -> Rule {
    Rule {
        selector: row.selector(),
        action: row.action,
        name: row.name,
        reason: None,
        when: None,
        origin: RuleOrigin { line: row.line, base: None },
    }
}

/// Reads the rows of a TSV as they were written.
pub fn rows(text: &str) -> Result<Vec<Row>, ParseError> {
    let mut records = Records::new(text);
    let header = records.next().unwrap_or_else(|| Err(at(1, 1, Problem::NoHeader)))?;
    let columns = Columns::read(&header)?;
    records.map(|record| columns.row(&record?)).collect()
}

/// The place of each known column.
struct Columns {
    tags: usize,
    name: Option<usize>,
    action: Option<usize>,
    creator: Option<usize>,
    count: usize,
}

impl Columns {
    fn read(header: &[Field]) -> Result<Self, ParseError> {
        let mut places = [None; 4];
        let mut unknown = None;
        for (place, field) in header.iter().enumerate() {
            let known = match field.text.trim().to_ascii_lowercase().as_str() {
                "tags" => 0,
                "name" => 1,
                "action" => 2,
                "private creator" => 3,
                "" => continue,
                _ => {
                    unknown = unknown.or(Some(field));
                    continue;
                }
            };
            if places[known].replace(place).is_some() {
                return Err(field.wrong(Problem::RepeatedColumn));
            }
        }
        let [Some(tags), name, action, creator] = places else {
            let first = &header[0]; // A record has one field at least.
            return Err(at(first.line, first.column, Problem::NoHeader));
        };
        // `Acton` for `Action` would turn every X into K.
        match unknown {
            Some(field) if places.contains(&None) => Err(field.wrong(Problem::UnknownColumn)),
            _ => Ok(Columns { tags, name, action, creator, count: header.len() }),
        }
    }

    fn row(&self, record: &[Field]) -> Result<Row, ParseError> {
        if let Some(extra) = record.iter().skip(self.count).find(|field| !field.text.trim().is_empty()) {
            return Err(extra.wrong(Problem::ExtraField));
        }
        let field = |place: Option<usize>| record.get(place?);
        let text = |place| {
            let text = trim_creator(field(place)?.text.trim());
            (!text.is_empty()).then(|| text.to_owned())
        };
        let first = &record[0]; // A record has one field at least.
        let tag = match field(Some(self.tags)) {
            Some(field) => tag(&field.text).ok_or_else(|| field.wrong(Problem::InvalidTag))?,
            None => return Err(at(first.line, first.column, Problem::InvalidTag(String::new()))),
        };
        let action = match field(self.action) {
            Some(field) => action(&field.text).ok_or_else(|| field.wrong(Problem::UnknownAction))?,
            None => Action::Keep,
        };
        Ok(Row { line: first.line, tag, name: text(self.name), action, creator: text(self.creator) })
    }
}

/// A tag as CATI's `tag_to_tuple` takes it: brackets and blanks do not matter, and leading zeros can be left out on
/// both sides. Of one side only, or of a number that begins with one, a digit is missing: `(0008,00)` is no tag.
fn tag(text: &str) -> Option<Tag> {
    let bare: String = text.chars().filter(|c| !matches!(c, '(' | ')') && !c.is_whitespace()).collect();
    let (group, element) = bare.split_once(',')?;
    let number = |digits: &str| {
        let plain = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
        plain.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
    };
    let short = |digits: &str| digits.len() < 4 && (digits.len() == 1 || !digits.starts_with('0'));
    let whole = group.len() == 4 && element.len() == 4 || short(group) && short(element);
    whole.then(|| Some(Tag::new(number(group)?, number(element)?)))?
}

fn action(text: &str) -> Option<Action> {
    match text.trim() {
        "" | "K" | "k" => Some(Action::Keep),
        "X" | "x" => Some(Action::Remove),
        "Z" | "z" => Some(Action::Empty),
        "D" | "d" => Some(Action::Dummy),
        "U" | "u" => Some(Action::RemapUid),
        _ => None,
    }
}

fn at(line: u32, column: u32, problem: Problem) -> ParseError {
    ParseError { line, column, problem }
}

/// A field without its quotation marks, and where it begins.
struct Field {
    text: String,
    line: u32,
    column: u32,
}

impl Field {
    fn wrong(&self, problem: fn(String) -> Problem) -> ParseError {
        at(self.line, self.column, problem(shorten(&self.text)))
    }
}

/// Splits a text into records of at least one field each, without blank lines and comments.
struct Records<'a> {
    chars: std::iter::Peekable<std::str::Chars<'a>>,
    line: u32,
    column: u32,
}

impl<'a> Records<'a> {
    fn new(text: &'a str) -> Self {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        Records { chars: text.chars().peekable(), line: 1, column: 1 }
    }

    /// The next character; every kind of line end is `\n`.
    fn bump(&mut self) -> Option<char> {
        let c = match self.chars.next()? {
            '\r' => {
                self.chars.next_if_eq(&'\n');
                '\n'
            }
            c => c,
        };
        if c == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(c)
    }

    /// Reads one field and tells whether another one follows in the record.
    fn field(&mut self) -> Result<(Field, bool), ParseError> {
        let mut field = Field { text: String::new(), line: self.line, column: self.column };
        // A quotation mark means something at the beginning of a field only: 2" coil is a name.
        let mut quoted = self.chars.peek() == Some(&'"');
        if quoted {
            self.bump();
        }
        loop {
            match self.bump() {
                None if quoted => return Err(at(field.line, field.column, Problem::OpenQuote)),
                Some('"') if quoted => {
                    if self.chars.peek() == Some(&'"') {
                        self.bump();
                        field.text.push('"');
                    } else {
                        quoted = false;
                    }
                }
                Some('\t') if !quoted => return Ok((field, true)),
                None | Some('\n') if !quoted => return Ok((field, false)),
                Some(c) => field.text.push(c),
                None => return Ok((field, false)),
            }
        }
    }

    fn record(&mut self) -> Result<Vec<Field>, ParseError> {
        let mut record = Vec::new();
        loop {
            let (field, more) = self.field()?;
            record.push(field);
            if !more {
                return Ok(record);
            }
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Vec<Field>, ParseError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if *self.chars.peek()? == '#' {
                while !matches!(self.bump(), None | Some('\n')) {}
                continue;
            }
            match self.record() {
                Ok(record) if record.iter().all(|field| field.text.trim().is_empty()) => {}
                record => return Some(record),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "Tags\tName\tAction\tPrivate Creator\n";

    fn row(line: &str) -> Row {
        let mut rows = rows(&format!("{HEADER}{line}")).unwrap();
        assert_eq!(rows.len(), 1);
        rows.remove(0)
    }

    fn error(text: &str) -> (u32, u32, Problem) {
        let error = rows(text).unwrap_err();
        (error.line, error.column, error.problem)
    }

    #[test]
    fn a_row_is_read() {
        let expected = Row {
            line: 2,
            tag: Tag::new(0x0019, 0x100C),
            name: Some("B Value".into()),
            action: Action::Keep,
            creator: Some("SIEMENS MR HEADER".into()),
        };
        assert_eq!(row("(0019,100C)\tB Value\tK\tSIEMENS MR HEADER\n"), expected);
        assert_eq!(row("(0019,100c)\tB Value\tk\tSIEMENS MR HEADER "), expected);
        assert_eq!(row("0019, 100C\t\"B Value\"\t\t\"SIEMENS MR HEADER\"\r\n"), expected);
    }

    #[test]
    fn columns_may_be_missing_at_the_end_of_a_line() {
        let bare = row("(0008,0020)");
        assert_eq!((bare.name, bare.action, bare.creator), (None, Action::Keep, None));
        assert_eq!(row("(0008,0020)\tStudy Date\tx").action, Action::Remove);
        assert_eq!(rows("Tags\n(0008,0020)\n(0008,0031)\n").unwrap().len(), 2, "the lists of 2019");
    }

    #[test]
    fn each_letter_is_an_action() {
        for (letter, action) in [
            ("", Action::Keep),
            ("K", Action::Keep),
            ("X", Action::Remove),
            ("Z", Action::Empty),
            ("D", Action::Dummy),
            ("U", Action::RemapUid),
        ] {
            assert_eq!(row(&format!("(0008,0020)\t\t{letter}\t")).action, action);
            assert_eq!(row(&format!("(0008,0020)\t\t{}\t", letter.to_lowercase())).action, action);
        }
    }

    #[test]
    fn a_creator_makes_a_rule_for_any_block() {
        let selector = |line| row(line).selector();
        let csa = Selector::private(0x0029, "SIEMENS CSA HEADER", 0x10);
        assert_eq!(selector("(0029,1010)\t\tK\tSIEMENS CSA HEADER"), csa);
        assert_eq!(selector("(0029,1210)\t\tK\tSIEMENS CSA HEADER"), csa);
        assert_eq!(
            selector("(0019,0010)\tPrivate Creator\tK\tGEMS_ACQU_01"),
            Selector::private_block(0x0019, "GEMS_ACQU_01")
        );
        assert_eq!(selector("(0019,100C)"), Selector::Tag(Tag::new(0x0019, 0x100C)));
        assert_eq!(selector("(0019,0010)"), Selector::Tag(Tag::new(0x0019, 0x0010)));
        assert_eq!(selector("(0008,0020)\t\tK\tNOBODY"), Selector::Tag(Tag::new(0x0008, 0x0020)));
    }

    #[test]
    fn rows_of_one_tag_with_several_creators_add_up() {
        let text = format!("{HEADER}(0021,0010)\t\tK\tA\n(0021,0010)\t\tK\tB\n(0021,1001)\t\tX\tB\n");
        let rules = parse(&text).unwrap().compile();
        let action = |creator| rules.private(0x0021, creator, 0x01, Tag::new(0x0021, 0x1001)).unwrap().0;
        assert_eq!(action("A").action, Action::Keep);
        assert_eq!(action("B").action, Action::Remove);
    }

    #[test]
    fn marks_ends_blanks_and_comments_do_not_matter() {
        let text = "\u{FEFF}# ours\r\nTags\tName\tAction\tPrivate Creator\r\n\r\n\t\t\t\r\n# dates\r\n\
                    (0008,0020)\tStudy \"Date\"\tK\r(0008,0021)\t\"a \"\"b\"\"\tc\"\tX";
        let rows = rows(text).unwrap();
        let told: Vec<_> = rows.iter().map(|r| (r.line, r.name.as_deref(), &r.action)).collect();
        assert_eq!(
            told,
            [(6, Some("Study \"Date\""), &Action::Keep), (7, Some("a \"b\"\tc"), &Action::Remove)]
        );
    }

    #[test]
    fn columns_are_found_by_name() {
        let text = "Comment\taction\tPRIVATE CREATOR\tName\tTags\nwhy\tX\tA\tB\t(0019,1001)\n";
        let row = rows(text).unwrap().remove(0);
        assert_eq!((row.action, row.creator.as_deref()), (Action::Remove, Some("A")));
    }

    #[test]
    fn an_error_names_its_place_and_its_field_only() {
        let with = |line: &str| error(&format!("{HEADER}\n{line}\n"));
        assert_eq!(with("(0008,0020)\tDoe\tQ\t"), (3, 17, Problem::UnknownAction("Q".into())));
        assert_eq!(with("DOE^JOHN\tn"), (3, 1, Problem::InvalidTag("DOE^JOHN".into())));
        assert_eq!(with("\tn"), (3, 1, Problem::InvalidTag(String::new())));
        assert_eq!(with("(0008,00200)"), (3, 1, Problem::InvalidTag("(0008,00200)".into())));
        for short in ["(0008,00)", "(0008,20)", "(08,0020)", "(8,0020)", "(8,00)"] {
            assert_eq!(with(short), (3, 1, Problem::InvalidTag(short.into())));
        }
        assert_eq!(row("(8,20)").tag, Tag::new(0x0008, 0x0020));
        assert_eq!(with("(0008,0020)\t\tK\t\tmore"), (3, 17, Problem::ExtraField("more".into())));
        assert_eq!(with("(0008,0020)\t\"Study Date\tX"), (3, 13, Problem::OpenQuote));
    }

    #[test]
    fn a_header_that_says_something_else_is_an_error() {
        assert_eq!(error(""), (1, 1, Problem::NoHeader));
        assert_eq!(error("\n(0008,0020)\tStudy Date\tK\t\n"), (2, 1, Problem::NoHeader));
        assert_eq!(
            error("Tags\tName\tActoin\tPrivate Creator\n"),
            (1, 11, Problem::UnknownColumn("Actoin".into()))
        );
        assert_eq!(error("Tags\tName\ttags\n"), (1, 11, Problem::RepeatedColumn("tags".into())));
    }

    #[test]
    fn a_tsv_behaves_as_with_cati() {
        let profile = parse(HEADER).unwrap();
        assert_eq!(profile.options, [ConfidentialityOption::RetainSafePrivate]);
        assert_eq!((profile.modalities, profile.sop_classes), cati_filter());
        assert_eq!(profile.burned_in, crate::BurnedIn::Quarantine);
        assert!(!profile.by_the_letter);
    }
}
