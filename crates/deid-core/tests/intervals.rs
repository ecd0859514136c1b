//! Shifted dates (PS3.15 E.3.6): for any two moments, wherever they stand, the interval, the order and the time of day
//! are what they were. SUV of PET hangs on it: the decay runs from an injection in a sequence to a scan at top level or
//! in a vendor's element.

mod common;

use common::{output, settings};
use deid_core::{Engine, Scratch, SessionFacts};
use deid_dicom::{Encoding, Tag, Tree, Vr, encode, open, value, walk};
use deid_profile::{Format, Profile};
use proptest::prelude::*;

const ACQUISITION_DATE: u32 = 0x0008_0022;
const ACQUISITION_DATE_TIME: u32 = 0x0008_002A;
const ACQUISITION_TIME: u32 = 0x0008_0032;
const RADIOPHARMACEUTICAL: u32 = 0x0054_0016;
const START: u32 = 0x0018_1078;
const GE_SCAN: u32 = 0x0009_100D;

/// A day in the years 1971 to 2099, and a time of it as DICOM writes it.
#[derive(Clone, Debug)]
struct Moment {
    day: (i64, u32, u32),
    time: String,
    zone: &'static str,
}

impl Moment {
    fn date(&self) -> String {
        format!("{:04}{:02}{:02}", self.day.0, self.day.1, self.day.2)
    }

    fn date_time(&self) -> String {
        format!("{}{}{}", self.date(), self.time, self.zone)
    }
}

fn moments() -> impl Strategy<Value = Moment> {
    let time = (0u32..24, 0u32..60, 0u32..60, 0u32..1_000_000, 0usize..4);
    let zone = prop::sample::select(vec!["", "+0100", "-0530", "+1400"]);
    (1971i64..2100, 1u32..13, 1u32..29, time, zone).prop_map(
        |(y, m, d, (hour, minute, second, part, form), zone)| {
            let time = match form {
                0 => format!("{hour:02}{minute:02}"),
                1 => format!("{hour:02}{minute:02}{second:02}"),
                2 => format!("{hour:02}{minute:02}{second:02}.{}", part / 1000),
                _ => format!("{hour:02}{minute:02}{second:02}.{part:06}"),
            };
            Moment { day: (y, m, d), time, zone }
        },
    )
}

/// Days before a date since the year 0, by counting: another way than the engine's.
fn days(date: &str) -> i64 {
    let number = |range: std::ops::Range<usize>| date[range].parse::<i64>().unwrap();
    let (year, month, day) = (number(0..4), number(4..6), number(6..8));
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let before = year - 1;
    before * 365 + before / 4 - before / 100
        + before / 400
        + lengths[..(month - 1) as usize].iter().sum::<i64>()
        + day
}

fn profile() -> Profile {
    let text = "name = \"shifting\"\nbase = \"basic\"\noptions = [\"retain-longitudinal-modified-dates\"]\n\
                [[rule]]\ntag = \"(0009,{GEMS_PETD_01}0D)\"\naction = \"keep\"\n";
    deid_profile::parse(text, Format::Toml).unwrap()
}

fn file(first: &Moment, second: &Moment) -> Vec<u8> {
    let explicit = Encoding::ExplicitLittle;
    let put = |out: &mut Vec<u8>, tag, vr, value: &str| {
        encode::element(out, explicit, Tag(tag), vr, value.as_bytes()).unwrap();
    };
    let mut inner = Vec::new();
    put(&mut inner, START, Vr::DT, &second.date_time());
    let mut item = Vec::new();
    encode::item(&mut item, explicit, &inner).unwrap();
    let mut out = Vec::new();
    put(&mut out, ACQUISITION_DATE, Vr::DA, &first.date());
    put(&mut out, ACQUISITION_DATE_TIME, Vr::DT, &first.date_time());
    put(&mut out, ACQUISITION_TIME, Vr::TM, &first.time);
    put(&mut out, 0x0009_0010, Vr::LO, "GEMS_PETD_01");
    // As a network hands it on that does not know the element.
    put(&mut out, GE_SCAN, Vr::UN, &second.date_time());
    put(&mut out, 0x0010_0020, Vr::LO, "ID1");
    encode::element(&mut out, explicit, Tag(RADIOPHARMACEUTICAL), Vr::SQ, &item).unwrap();
    deid_testkit::bytes::Part10::new("1.2.840.10008.1.2.1", out).bytes()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn intervals_order_and_times_are_kept(first in moments(), second in moments()) {
        let engine = Engine::new(settings(profile(), 7)).unwrap();
        let file = file(&first, &second);
        let done = engine.process(&mut &file[..], &SessionFacts::default(), &mut Scratch::default());
        prop_assert_eq!(done.cause, None);
        let bytes = output(done.head, done.body, &file);
        let data = &bytes[open(&mut &bytes[..]).unwrap().data_set as usize..];
        let mut tree = Tree::default();
        walk(&mut &data[..], 0, Encoding::ExplicitLittle, &mut tree);
        let text = |tag: u32| {
            let node = tree.nodes.iter().find(|node| node.tag == Tag(tag)).expect("it is kept");
            let bytes = value::trim(&data[node.value_start() as usize..node.value_end() as usize]);
            String::from_utf8(bytes.to_vec()).unwrap()
        };
        let (acquired, started) = (text(ACQUISITION_DATE_TIME), text(START));
        prop_assert_eq!(text(ACQUISITION_DATE), &acquired[..8]);
        prop_assert_eq!(text(GE_SCAN), started.as_str());
        prop_assert_eq!(text(ACQUISITION_TIME), first.time.as_str());
        prop_assert_eq!(&acquired[8..], &first.date_time()[8..]);
        prop_assert_eq!(&started[8..], &second.date_time()[8..]);
        let shift = days(&first.date()) - days(&acquired);
        prop_assert!((1..=3650).contains(&shift));
        prop_assert_eq!(days(&second.date()) - days(&started), shift);
        prop_assert_eq!(first.date_time() <= second.date_time(), acquired <= started);
    }
}
