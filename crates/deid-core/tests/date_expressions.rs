//! Generated dates, ranges and lists of dates in texts: they move exactly by the offset in the way they are written, or go;
//! nothing of them stays half.

use deid_core::clean_text::{DateTreatment, Rewriter, clean, rewrite};
use deid_core::identifiers::{IdentifierKind, Identifiers, Searcher};
use deid_dicom::calendar::{civil, days_since_epoch};

const OFFSET: i64 = 3277;
const TEXTS: usize = 24_000;
const SEED: u64 = 41;

/// A generator of numbers (Knuth's MMIX), so that the texts are always the same.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % most as u64) as usize
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

type Day = (i64, i64, i64);

fn moved(day: Day) -> Day {
    civil(days_since_epoch(day.0, day.1, day.2) - OFFSET)
}

const MONTHS: [[&str; 12]; 8] = [
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
    [
        "janvier",
        "fevrier",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "aout",
        "septembre",
        "octobre",
        "novembre",
        "decembre",
    ],
    [
        "Januar",
        "Februar",
        "Maerz",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ],
    ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"],
];

/// What a date begins with.
#[derive(Clone, Copy, Debug)]
enum Order {
    Day,
    Month,
    Year,
}

#[derive(Clone, Copy, Debug)]
struct Form {
    order: Order,
    sign: &'static str,
    /// A row of names; none for figures.
    names: Option<usize>,
    padded: bool,
}

impl Form {
    fn any(random: &mut Random) -> Self {
        let names = (random.below(2) == 0).then(|| random.below(MONTHS.len()));
        let order = [Order::Day, Order::Month, Order::Year][random.below(3)];
        let sign = match (names, order) {
            (Some(7), _) => random.of(&["-", ".", "/", " "]),
            (Some(_), _) => random.of(&[" ", "-", ".", "_", "/", ". "]),
            (None, Order::Year) => random.of(&["-", "/", ".", "_", ""]),
            (None, _) => random.of(&["-", "/", ".", "_", ". ", "."]),
        };
        // Nobody writes points with the month first.
        let order = if names.is_none() && sign.contains('.') && matches!(order, Order::Month) {
            Order::Day
        } else {
            order
        };
        Form { order, sign, names, padded: sign.is_empty() || random.below(2) == 0 }
    }

    fn number(self, number: i64) -> String {
        if self.padded { format!("{number:02}") } else { number.to_string() }
    }

    fn month(self, month: i64) -> String {
        self.names.map_or_else(|| self.number(month), |row| MONTHS[row][month as usize - 1].to_owned())
    }

    fn day_and_month(self, day: Day) -> String {
        let (month, number) = (self.month(day.1), self.number(day.2));
        match self.order {
            Order::Day => [number.as_str(), self.sign, &month].concat(),
            _ => [month.as_str(), self.sign, &number].concat(),
        }
    }

    fn whole(self, day: Day) -> String {
        let year = day.0.to_string();
        if matches!(self.order, Order::Year) {
            return [year.as_str(), self.sign, &self.day_and_month(day)].concat();
        }
        let comma = self.names.is_some() && self.sign == " " && matches!(self.order, Order::Month);
        [self.day_and_month(day).as_str(), if comma { ", " } else { self.sign }, &year].concat()
    }
}

/// An expression of one day or several, and the same after the offset.
fn expression(random: &mut Random) -> (String, String) {
    let form = Form::any(random);
    let first = days_since_epoch(1996, 1, 1) + random.below(10_000) as i64;
    let other = first + 1 + random.below(40) as i64;
    let (a, b) = (civil(first), civil(other));
    let same_month = (a.0, a.1) == (b.0, b.1);
    let dotted = form.names.is_none() && form.sign == ".";
    let joint = if dotted {
        random.of(&["-", " - ", "–", " bis ", " und ", "/", " u. ", " au "])
    } else {
        random.of(&[
            "-", " - ", "–", " to ", " and ", " et ", " bis ", " und ", " al ", " y ", " till ", " & ",
            " до ",
        ])
    };
    let write = |a: Day, b: Day, kind: usize| -> String {
        let dot = if dotted { "." } else { "" };
        match (kind, form.order) {
            (0, _) => form.whole(b),
            (1, Order::Year) => [form.whole(a).as_str(), joint, &form.day_and_month(b)].concat(),
            (1, _) => [form.day_and_month(a).as_str(), dot, joint, &form.whole(b)].concat(),
            (_, Order::Year) => [form.whole(a).as_str(), joint, &format!("{:02}", b.2)].concat(),
            (_, Order::Day) => [form.number(a.2).as_str(), dot, joint, &form.whole(b)].concat(),
            (_, Order::Month) => {
                let days = [form.number(a.2).as_str(), joint, &form.number(b.2)].concat();
                [form.month(b.1).as_str(), form.sign, &days, ", ", &b.0.to_string()].concat()
            }
        }
    };
    let several = !form.sign.is_empty() && form.sign != "_" && form.sign != ". " && a.0 == b.0;
    let kind = match random.below(3) {
        1 if several => 1,
        2 if several && same_month && !(form.names.is_none() && matches!(form.order, Order::Month)) => 2,
        _ => 0,
    };
    (write(a, b, kind), write(moved(a), moved(b), kind))
}

/// Numbers of one or two figures without a zero in front.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut last = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let begins = !last.is_ascii_digit();
        if !(c == '0' && begins && chars.peek().is_some_and(char::is_ascii_digit)) {
            plain.extend(c.to_lowercase());
        }
        last = c;
    }
    // The same month has several names.
    let words: Vec<&str> = plain.split_inclusive(|c: char| !c.is_alphabetic()).collect();
    let month = |word: &str| {
        let name = word.trim_end_matches(|c: char| !c.is_alphabetic());
        let at = MONTHS[..7].iter().find_map(|row| row.iter().position(|month| month.to_lowercase() == name));
        at.map_or_else(|| word.to_owned(), |at| format!("m{at}{}", &word[name.len()..]))
    };
    words.into_iter().map(month).collect()
}

const BEFORE: &[&str] = &[
    "",
    "T2 ",
    "control ",
    "data set ",
    "scan of ",
    "OCT ",
    "mar ",
    "T2_",
    "on ",
    "du ",
    "vom ",
    "set ",
    "follow-up, ",
    "(",
    "T1 axial ",
];
const BEHIND: &[&str] =
    &["", " brain", "_T2", ", T2", ") T1", " retina", " 3 T", ". Contrast", " set", " mar"];

fn own() -> Searcher {
    let mut identifiers = Identifiers::default();
    identifiers.add_date(IdentifierKind::BirthDate, "19530712");
    identifiers.add_known_date("20190403");
    Searcher::new(&identifiers)
}

/// Figures that are left, but for those that the surroundings bring.
fn figures(left: &str) -> String {
    let left = left.replace("T1", "").replace("T2", "").replace("3 T", "");
    left.chars().filter(char::is_ascii_digit).collect()
}

#[test]
fn dates_move_whole_or_go_whole() {
    let searcher = own();
    let mut random = Random(SEED);
    let (mut wrong, mut exact, mut unlike) = (Vec::new(), 0, Vec::new());
    for _ in 0..TEXTS {
        let (written, expected) = expression(&mut random);
        let (before, behind) = (random.of(BEFORE), random.of(BEHIND));
        let text = [before, &written, behind].concat();
        let removed = clean(&text, &searcher, &Rewriter::default()).text;
        if !figures(&removed).is_empty() {
            wrong.push(format!("removed: {text} -> {removed}"));
        }
        let shift = Rewriter { dates: DateTreatment::Shift(OFFSET), ..Rewriter::default() };
        for left in [clean(&text, &searcher, &shift).text, rewrite(&text, &searcher, &shift).text] {
            if plain(&left).contains(&plain(&expected)) {
                exact += 1;
            } else if !figures(&left).is_empty() {
                wrong.push(format!("moved: {text} -> {left}, not {expected}"));
            } else {
                unlike.push(text.clone());
            }
        }
    }
    let shown = &wrong[..wrong.len().min(40)];
    assert!(wrong.is_empty(), "{} of {TEXTS}: {shown:#?}", wrong.len());
    // Most are clear.
    assert!(exact > TEXTS, "{exact} of {}: {:#?}", 2 * TEXTS, &unlike[..40.min(unlike.len())]);
}

#[test]
fn own_dates_go_in_any_spelling() {
    let searcher = own();
    let months = ["7", "07", "Jul", "JUL", "July", "Juli", "juillet", "julio", "VII", "lipca", "июля"];
    let mut wrong = Vec::new();
    for month in months {
        let figures_only = month.starts_with(['0', '7']);
        for year in ["1953", "53"] {
            for sign in ["", "-", ".", "/", "_", " "] {
                if figures_only && (matches!(sign, "" | " ") || sign == "_" && (year == "53" && month == "7"))
                {
                    continue;
                }
                let roman_short = month == "VII" && year == "53" && sign == " ";
                for parts in [["12", month, year], [month, "12", year], [year, month, "12"]] {
                    if parts[0] == year && year == "53" && sign.is_empty() || roman_short {
                        continue;
                    }
                    let day = parts.join(sign);
                    for (before, behind) in [("", ""), ("T2 ", " ax"), ("T2_", "_ax"), ("(", ")")] {
                        let text = [before, &day, behind].concat();
                        let left = clean(&text, &searcher, &Rewriter::default()).text;
                        if !figures(&left).is_empty() {
                            wrong.push(format!("{text} -> {left}"));
                        }
                        if !searcher.is_in(text.as_bytes()) {
                            wrong.push(format!("not found: {text}"));
                        }
                    }
                }
            }
        }
    }
    for text in [
        "7-1953",
        "jul53",
        "Jul-53",
        "Jul121953",
        "12VII53",
        "53.7.12",
        "53-7-12",
        "53/7/12",
        "12 VII 1953",
        "VII 12 1953",
    ] {
        if !searcher.is_in(format!("ax {text} T2").as_bytes()) {
            wrong.push(format!("not found: {text}"));
        }
    }
    for text in ["19-4-3", "19.4.3", "19/4/3", "2019Apr03", "3IV2019", "2019IV03", "3.4.19", "3-IV-19"] {
        let left = clean(&format!("T2 {text} ax"), &searcher, &Rewriter::default()).text;
        if left != "T2 ax" {
            wrong.push(format!("{text} -> {left}"));
        }
    }
    assert!(wrong.is_empty(), "{}: {:#?}", wrong.len(), &wrong[..wrong.len().min(60)]);
}

#[test]
fn months_that_are_words_take_no_part_of_a_date() {
    let searcher = own();
    let shift = Rewriter { dates: DateTreatment::Shift(OFFSET), ..Rewriter::default() };
    for (text, left) in [
        ("data set 2019-04-02 rest", "data set 2010-04-12 rest"),
        ("data set 3 2019-04-02", "data set 3 2010-04-12"),
        ("SET1 2018-12-24", "SET1 2010-01-03"),
        ("OCT_2018-10-24", "OCT_2009-11-03"),
        ("OCT 2018/10/24 retina", "OCT 2009/11/03 retina"),
        ("5 years ago 2014-01-01", "5 years ago 2005-01-11"),
        ("run 1 set 2019", "run"),
        ("tr 2000 11 12", "tr 2000 11 12"),
        ("matrix 2000 10 12", "matrix 2000 10 12"),
        ("mar 2019-04-02", "mar"),
        ("mar 02/04/2019", "mar"),
        ("TE 12.10.2005", "TE"),
    ] {
        assert_eq!(clean(text, &searcher, &shift).text, left, "{text}");
    }
}

#[test]
fn announced_malformed_and_other_forms_go() {
    let searcher = own();
    for text in [
        "bday 12/7",
        "* 12.7.",
        "study of 3.4.",
        "vom 24.12. bis 26.12.",
        "am 3.4.",
        "2019-13-45",
        "99.99.2019",
        "0000-00-00",
        "2019-04-XX",
        "24/12-2018",
        "3,5,7.4.2019",
        "2019-04-03, 05, 07",
        "2019/04/03,05",
        "24.12/2018",
        "24/12 2018",
        "二〇一九年四月三日",
        "四月三日",
        "平成三十一年四月三日",
        "2018年12月24日~26日",
        "20181224-26",
        "2018.12.24.-26.",
        "24.-26.12.18",
        "3.-5.4.19",
    ] {
        let left = clean(&format!("T2 {text} ax"), &searcher, &Rewriter::default()).text;
        let rest = left.replace("T2", "");
        assert!(!rest.contains(|c: char| c.is_numeric() || "年月日".contains(c)), "{text}: {left}");
    }
    let left = clean("T2 550e8400-e29b-41d4-a716-446655440000 ax", &searcher, &Rewriter::default()).text;
    assert_eq!(left, "T2 ax");
}

#[test]
fn science_is_no_date() {
    let searcher = own();
    let shift = Rewriter { dates: DateTreatment::Shift(OFFSET), ..Rewriter::default() };
    for text in [
        "v1.5.2",
        "3/4",
        "R2*",
        "2-2-2",
        "slices 10-12",
        "TR/TE 2000/30",
        "T1 3D 1.0x1.0x1.0",
        "L3-5",
        "C3/4",
        "BA 44/45",
        "IV contrast",
        "CN VII 12",
        "syngo MR 2004A 4VB11D",
        "Rev 2019.1",
        "b 0 500 1000 2000",
        "3X3",
        "2X2X2",
        "5V10",
        "FOV 256/192/12",
        "III ventricle 3 mm",
        "T2* 12.7",
        "chapter 3.4.",
        "1-2-3 set",
        "3, 5 and 7 mm",
        "12 and 24 dirs",
        "run 1-3",
        "TE 4.92/7.38/9.84",
        "2000/30/90",
        "echo 3-5",
        "X 12",
        "phase 1/2",
    ] {
        for treatment in [&Rewriter::default(), &shift] {
            assert_eq!(clean(text, &searcher, treatment).text, text);
        }
    }
}
