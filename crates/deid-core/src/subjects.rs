//! Codes and date offsets of subjects from a table of the user's, by Patient ID.

use crate::{Key, Phi};
use std::collections::BTreeMap;
use std::fmt;

/// Which code stands for which Patient ID, and by how many days dates are moved. A patient who is not in it is
/// quarantined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubjectTable {
    subjects: BTreeMap<(Phi<String>, Option<Phi<String>>), Subject>,
    /// For each code the Patient ID of its first line.
    people: BTreeMap<String, Person>,
    shared: Option<SharedCode>,
}

/// The person that a code stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Person {
    line: usize,
    id: Phi<String>,
    issuer: Option<Phi<String>>,
    /// The first shift of dates that a line with the code names.
    date_shift: Option<i32>,
    /// Whether the code stands for another Patient ID, too.
    several: bool,
}

/// A code that stands for two Patient IDs: their people become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedCode {
    /// The line of the second Patient ID, from 1.
    pub line: usize,
    /// The first line that has the code.
    pub first: usize,
}

/// What the table says of a patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// What Patient's Name and Patient ID become.
    pub code: String,
    /// Days that are added to each date when the profile shifts dates; `None` for the offset made from the key.
    pub date_shift: Option<i32>,
}

/// What is wrong with a line of a table. Never holds what stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubjectTableError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: SubjectTableProblem,
}

/// A kind of mistake in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectTableProblem {
    /// Without a line of column names: neither two fields (Patient ID, code) nor three (Patient ID, issuer, code); with
    /// one: another number of fields than it names.
    Fields,
    /// The line of column names lacks PatientID or code, has an unknown one or one twice.
    Columns,
    /// The Patient ID is empty.
    NoPatientId,
    /// The code is not 1 to 64 printable ASCII characters without backslash, `^`, `=` and `/`.
    Code,
    /// The shift is no whole number of days between -36500 and 36500, or zero.
    Days,
    /// The Patient ID stands in an earlier line with another code or shift.
    Contradiction,
    /// A quotation mark that opens a field is not closed, or the line cannot be read otherwise.
    Unreadable,
}

impl fmt::Display for SubjectTableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = match self.problem {
            SubjectTableProblem::Fields => {
                "expected `PatientID,code` or `PatientID,issuer,code`, or as many fields as the first line names"
            }
            SubjectTableProblem::Columns => {
                "columns are PatientID, code, issuer and date_shift_days, each once; the first two must be there"
            }
            SubjectTableProblem::NoPatientId => "the Patient ID is empty",
            SubjectTableProblem::Code => {
                "a code has 1 to 64 printable ASCII characters, no blank at its ends, and none of \\ ^ = /"
            }
            SubjectTableProblem::Days => {
                "date_shift_days is a whole number from -36500 to 36500 and not 0: days to be added to dates"
            }
            SubjectTableProblem::Contradiction => {
                "this Patient ID has another code, or its code another shift, in an earlier line"
            }
            SubjectTableProblem::Unreadable => "the line cannot be read; is a quotation mark open?",
        };
        write!(f, "line {}: {problem}", self.line)
    }
}

impl std::error::Error for SubjectTableError {}

/// The most days that dates are moved, a hundred years.
const MOST_DAYS: i32 = 36_500;

/// Where the fields of a line stand.
#[derive(Clone, Copy, Default)]
struct Columns {
    id: usize,
    code: usize,
    issuer: Option<usize>,
    days: Option<usize>,
    /// Number of columns.
    count: usize,
}

impl Columns {
    /// From the names in the first line; columns of a crosswalk that say nothing here are passed over.
    fn named(names: &[String]) -> Option<Self> {
        let mut columns = Columns { count: names.len(), ..Columns::default() };
        let (mut id, mut code) = (None, None);
        for (index, name) in names.iter().enumerate() {
            let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
            let slot = match name.to_ascii_lowercase().as_str() {
                "patientid" => &mut id,
                "code" | "subject" => &mut code,
                "issuer" | "issuerofpatientid" => &mut columns.issuer,
                "dateshiftdays" => &mut columns.days,
                "studyinstanceuid" | "newstudyinstanceuid" => continue,
                _ => return None,
            };
            if slot.replace(index).is_some() {
                return None;
            }
        }
        (columns.id, columns.code) = (id?, code?);
        Some(columns)
    }

    const fn by_place(count: usize) -> Option<Self> {
        match count {
            2 => Some(Columns { id: 0, code: 1, issuer: None, days: None, count }),
            3 => Some(Columns { id: 0, code: 2, issuer: Some(1), days: None, count }),
            _ => None,
        }
    }
}

impl SubjectTable {
    /// The same table, in which each code also stands for itself: for files that were de-identified by it.
    #[must_use]
    pub fn with_codes(mut self) -> Self {
        let codes: Vec<Subject> = self.subjects.values().cloned().collect();
        for subject in codes {
            self.subjects.entry((Phi::new(subject.code.clone()), None)).or_insert(subject);
        }
        self
    }

    /// Reads a table: lines `PatientID,code` or `PatientID,issuer,code`, or a first line that names the columns, with
    /// `date_shift_days` among them if wanted. Commas, semicolons or tabs between the fields, quotation marks around
    /// those that hold one (RFC 4180). Blank lines and lines that begin with `#` are passed over.
    pub fn parse(text: &str) -> Result<Self, SubjectTableError> {
        let mut table = SubjectTable::default();
        let mut named = None;
        let mut first = true;
        for record in table_lines(text) {
            let unreadable = |line| SubjectTableError { line, problem: SubjectTableProblem::Unreadable };
            let (line, record) = record.map_err(unreadable)?;
            let fail = |problem| SubjectTableError { line, problem };
            if std::mem::take(&mut first)
                && record.iter().any(|name| name.replace(['_', ' '], "").eq_ignore_ascii_case("PatientID"))
            {
                named = Some(Columns::named(&record).ok_or(fail(SubjectTableProblem::Columns))?);
                continue;
            }
            let columns = named
                .or_else(|| Columns::by_place(record.len()))
                .filter(|columns| columns.count == record.len())
                .ok_or(fail(SubjectTableProblem::Fields))?;
            let (id, subject) = subject(&record, columns).map_err(fail)?;
            let id = (Phi::new(id), columns.issuer.and_then(|at| filled(&record[at])).map(Phi::new));
            if table.subjects.get(&id).is_some_and(|earlier| *earlier != subject) {
                return Err(fail(SubjectTableProblem::Contradiction));
            }
            table.add_person(line, &id, &subject).map_err(fail)?;
            table.subjects.insert(id, subject);
        }
        Ok(table)
    }

    /// What is said of a patient: by ID and issuer, else by the ID whatever the issuer.
    pub fn subject(&self, patient_id: &str, issuer: Option<&str>) -> Option<&Subject> {
        self.of_issuer(patient_id, issuer).or_else(|| self.of_issuer(patient_id, None))
    }

    /// Whether a patient is in it by the ID alone.
    pub(crate) fn names_without_issuer(&self, patient_id: &str, issuer: Option<&str>) -> bool {
        let by_issuer = issuer.and_then(|issuer| self.of_issuer(patient_id, Some(issuer)));
        by_issuer.is_none() && self.of_issuer(patient_id, None).is_some()
    }

    fn of_issuer(&self, patient_id: &str, issuer: Option<&str>) -> Option<&Subject> {
        let id = Phi::new(patient_id.trim_matches(['\0', ' ']).to_owned());
        self.subjects.get(&(id, issuer.map(|issuer| Phi::new(issuer.trim().to_owned()))))
    }

    /// Notes whom a code stands for.
    fn add_person(
        &mut self,
        line: usize,
        (id, issuer): &(Phi<String>, Option<Phi<String>>),
        subject: &Subject,
    ) -> Result<(), SubjectTableProblem> {
        let new =
            || Person { line, id: id.clone(), issuer: issuer.clone(), date_shift: None, several: false };
        let person = self.people.entry(subject.code.clone()).or_insert_with(new);
        if let (Some(earlier), Some(now)) = (person.date_shift, subject.date_shift)
            && earlier != now
        {
            return Err(SubjectTableProblem::Contradiction);
        }
        person.date_shift = person.date_shift.or(subject.date_shift);
        // A line without issuer is about whoever has the ID.
        let other_issuer = matches!((&person.issuer, issuer), (Some(earlier), Some(now)) if earlier != now);
        if person.id != *id || other_issuer {
            person.several = true;
            self.shared = self.shared.or(Some(SharedCode { line, first: person.line }));
        }
        Ok(())
    }

    /// The first code that stands for several Patient IDs: a slip of the pen, unless the caller knows better.
    pub fn shared_code(&self) -> Option<SharedCode> {
        self.shared
    }

    /// By how many days the dates of somebody who has several Patient IDs move into the past: by one number, whichever
    /// ID a file has. `None` for others, and for those to whom the table gives a shift of their own.
    pub(crate) fn days_of_several(&self, subject: &Subject, key: &Key, issuer_counts: bool) -> Option<i32> {
        let person = self.people.get(&subject.code).filter(|person| person.several)?;
        if let Some(days) = person.date_shift {
            return Some(-days);
        }
        let issuer = person.issuer.as_ref().filter(|_| issuer_counts).map(|issuer| issuer.expose().as_str());
        let fields: Vec<&str> = issuer.into_iter().chain([person.id.expose().as_str()]).collect();
        Some(key.date_offset(&fields))
    }

    /// Number of patients.
    pub fn len(&self) -> usize {
        self.subjects.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.subjects.is_empty()
    }
}

/// The lines of a table with their numbers from 1, field by field and trimmed: commas, semicolons or tabs between the
/// fields, quotation marks around those that hold one (RFC 4180). Blank lines and lines that begin with `#` are passed
/// over; of a line that cannot be read there is the number.
pub fn table_lines(text: &str) -> Vec<Result<(usize, Vec<String>), usize>> {
    let text = text.trim_start_matches('\u{FEFF}');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let line_of = |position: Option<&csv::Position>| position.map_or(1, |at| line_of(text, at));
    let fields = |record: csv::StringRecord| -> Vec<String> { record.iter().map(str::to_owned).collect() };
    reader
        .records()
        .map(|record| match record {
            Ok(record) => Ok((line_of(record.position()), fields(record))),
            Err(error) => Err(line_of(error.position())),
        })
        .filter(|line| !line.as_ref().is_ok_and(|(_, fields)| fields.iter().all(String::is_empty)))
        .collect()
}

/// The line of a record: the reader counts the blank lines and comments before it as its own.
fn line_of(text: &str, position: &csv::Position) -> usize {
    let rest = text.get(position.byte() as usize..).unwrap_or_default();
    let passed_over = |line: &&str| line.trim().is_empty() || line.starts_with('#');
    position.line() as usize + rest.lines().take_while(passed_over).count()
}

/// What separates the fields: what the first line with content has most of.
fn delimiter(text: &str) -> u8 {
    let content = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let line = text.lines().find(content).unwrap_or_default();
    // What stands between quotation marks separates nothing.
    let plain: String = line.split('"').step_by(2).collect();
    let count = |byte: u8| plain.bytes().filter(|&b| b == byte).count();
    let (commas, semicolons, tabs) = (count(b','), count(b';'), count(b'\t'));
    if semicolons > commas && semicolons >= tabs {
        b';'
    } else if tabs > commas {
        b'\t'
    } else {
        b','
    }
}

fn filled(field: &str) -> Option<String> {
    Some(field.to_owned()).filter(|field| !field.is_empty())
}

/// The Patient ID of a line, and what is said of the patient.
fn subject(record: &[String], columns: Columns) -> Result<(String, Subject), SubjectTableProblem> {
    let id = filled(&record[columns.id]).ok_or(SubjectTableProblem::NoPatientId)?;
    let code = record[columns.code].clone();
    if !is_code(&code) {
        return Err(SubjectTableProblem::Code);
    }
    let days = columns.days.and_then(|at| filled(&record[at]));
    let date_shift = days
        .map(|days| match days.parse::<i32>() {
            Ok(days) if days != 0 && (-MOST_DAYS..=MOST_DAYS).contains(&days) => Ok(days),
            _ => Err(SubjectTableProblem::Days),
        })
        .transpose()?;
    Ok((id, Subject { code, date_shift }))
}

/// Whether a text can be Patient's Name, Patient ID and a part of a file name.
pub fn is_code(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.trim() == text
        && text.bytes().all(|b| (0x20..0x7F).contains(&b) && !matches!(b, b'\\' | b'^' | b'=' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code<'a>(table: &'a SubjectTable, id: &str, issuer: Option<&str>) -> Option<&'a str> {
        table.subject(id, issuer).map(|subject| subject.code.as_str())
    }

    #[test]
    fn tables_are_read_with_and_without_issuer() {
        let table = SubjectTable::parse("# comment\n4711,S01\r\n4711,Site B,S02\n\n 0815 , S03\n").unwrap();
        assert_eq!(table.len(), 3);
        assert_eq!(code(&table, "4711 ", None), Some("S01"));
        assert_eq!(code(&table, "4711", Some("Site B")), Some("S02"));
        assert_eq!(code(&table, "4711", Some("Site C")), Some("S01"));
        assert_eq!(code(&table, "0815", None), Some("S03"));
        assert_eq!(code(&table, "815", None), None);
    }

    #[test]
    fn columns_are_found_by_their_names() {
        let text = "code;PatientID;date_shift_days\nS01;\"a;b\";-100\nS02;4711;\n";
        let table = SubjectTable::parse(text).unwrap();
        assert_eq!(table.subject("a;b", None).unwrap().date_shift, Some(-100));
        assert_eq!(table.subject("4711", None).unwrap(), &Subject { code: "S02".into(), date_shift: None });
        let crosswalk = "PatientID,issuer,code,date_shift_days,StudyInstanceUID,new_StudyInstanceUID\n\
                         a,,S1,-5,1.2,2.25.1\na,,S1,-5,1.3,2.25.2\n";
        assert_eq!(SubjectTable::parse(crosswalk).unwrap().len(), 1);
        assert_eq!(code(&SubjectTable::parse("Patient ID\tCode\nx\tS1").unwrap(), "x", None), Some("S1"));
    }

    #[test]
    fn a_code_for_two_people_is_noticed() {
        let shared = |text| SubjectTable::parse(text).unwrap().shared_code();
        assert_eq!(shared("a,S1\nb,S2\n\nc,S1\nd,S1"), Some(SharedCode { line: 4, first: 1 }));
        assert_eq!(shared("a,S1\na,Site B,S1\nb,S2"), None, "one ID");
        assert_eq!(shared("a,S1\na,S1"), None);
        assert_eq!(shared("a,H1,S1\na,H2,S1"), Some(SharedCode { line: 2, first: 1 }), "two issuers");
    }

    #[test]
    fn one_person_with_two_ids_has_one_offset() {
        let key = Key::from_bytes([7; 32]);
        let days = |text: &str, id: &str| {
            let table = SubjectTable::parse(text).unwrap();
            table.days_of_several(table.subject(id, None).unwrap(), &key, false)
        };
        assert_eq!(days("a,S1\nb,S1", "b"), Some(key.date_offset(&["a"])));
        assert_eq!(days("a,S1\nb,S1", "a"), days("a,S1\nb,S1", "b"));
        assert_eq!(days("a,S1\nb,S2", "b"), None);
        let table = "PatientID,code,date_shift_days\na,S1,\nb,S1,-30";
        assert_eq!(days(table, "a"), Some(30));
    }

    #[test]
    fn mistakes_are_named_by_line_without_their_text() {
        for (text, line, problem) in [
            ("4711", 1, SubjectTableProblem::Fields),
            ("a,S1\n,S2", 2, SubjectTableProblem::NoPatientId),
            ("a,S/1", 1, SubjectTableProblem::Code),
            ("a,S1\na,S2", 2, SubjectTableProblem::Contradiction),
            ("PatientID,code,date_shift_days\na,S1,-20\nb,S1,-10", 3, SubjectTableProblem::Contradiction),
            ("PatientID,code\na,S1,more", 2, SubjectTableProblem::Fields),
            ("PatientID,name\na,S1", 1, SubjectTableProblem::Columns),
            ("PatientID,code,code\na,S1,S2", 1, SubjectTableProblem::Columns),
            ("PatientID,code,date_shift_days\na,S1,0", 2, SubjectTableProblem::Days),
            ("PatientID,code,date_shift_days\na,S1,1.5", 2, SubjectTableProblem::Days),
            ("PatientID,code,date_shift_days\na,S1,99999999999", 2, SubjectTableProblem::Days),
        ] {
            let error = SubjectTable::parse(text).unwrap_err();
            assert_eq!((error.line, error.problem), (line, problem), "{text}");
        }
    }
}
