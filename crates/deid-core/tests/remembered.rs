//! What a worker remembers from file to file changes nothing but the time: each file comes out as by one who has seen
//! no other, whatever identifiers, days, UIDs and devices stand in the ones before.

mod common;

use common::{engine, output};
use deid_core::{Engine, Scratch, SessionFacts};
use deid_testkit::bytes::{Part10, explicit, item, sequence};
use deid_testkit::uids;
use proptest::prelude::*;

const CLASSES: [&str; 2] = ["1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.2"];
/// Names, IDs and birth dates.
const PATIENTS: [[&str; 3]; 3] =
    [["Featherstone^Jane", "87654321", "19570423"], ["Head^Tra", "QX7741", "20190704"], ["Doe", "30", ""]];
/// As good for one subject as telling of another.
const TEXTS: [&str; 12] = [
    "t1 mprage sag",
    "HEAD",
    "Featherstone T1",
    "QX7741",
    "87654321",
    "ref 1.5 x",
    "1.2.3.4",
    "23.04.1957",
    "20190704",
    "M\\ND",
    "Z\u{fc}rich",
    "p2",
];
const TERMS: [&str; 4] = ["HEAD", "M", "FEATHERSTONE", "TRA"];
const NUMBERS: [&str; 7] = ["30", "1.5", "87654321", "43650", "20190704", "-9.5", "1562198400"];
const UIDS: [&str; 4] = ["1.2.3.4", "1.5", "1.3.12.2.1107.5", "1.2.840.10008.1.2"];
const DAYS: [&str; 3] = ["20190704", "19570423", "20200310"];
const SETS: [&str; 3] = ["", "ISO_IR 100", "ISO_IR 192"];

/// Which of each list stands in which element.
type Picks = [u8; 24];

fn file(picks: &Picks) -> Vec<u8> {
    let pick = |at: usize, of: &[&'static str]| of[usize::from(picks[at]) % of.len()];
    let [name, id, born] = PATIENTS[usize::from(picks[0]) % PATIENTS.len()];
    let double = |at: usize| pick(at, &NUMBERS).parse::<f64>().unwrap().to_le_bytes().to_vec();
    let set = pick(2, &SETS);
    let text = |at: usize| {
        let text = pick(at, &TEXTS);
        if set == "ISO_IR 100" {
            text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
        } else {
            text.as_bytes().to_vec()
        }
    };
    let private = [
        explicit(0x0019_0010, "LO", "SIEMENS MR HEADER"),
        explicit(0x0019_1008, "CS", pick(3, &TERMS)),
        explicit(0x0019_1009, "LO", text(4)),
        explicit(0x0019_100B, "DS", pick(5, &NUMBERS)),
        explicit(0x0019_100F, "SH", text(6)),
        explicit(0x0019_1018, "IS", pick(7, &NUMBERS)),
        explicit(0x0019_1028, "FD", double(8)),
    ]
    .concat();
    let data_set = [
        explicit(0x0008_0005, "CS", set),
        explicit(0x0008_0016, "UI", pick(1, &CLASSES)),
        explicit(0x0008_0018, "UI", pick(9, &UIDS)),
        explicit(0x0008_0020, "DA", pick(10, &DAYS)),
        explicit(0x0008_0060, "CS", "MR"),
        explicit(0x0008_103E, "LO", text(11)),
        sequence(
            0x0008_1140,
            item(
                [explicit(0x0008_1150, "UI", CLASSES[0]), explicit(0x0008_1155, "UI", pick(9, &UIDS))]
                    .concat(),
            ),
        ),
        explicit(0x0010_0010, "PN", name),
        explicit(0x0010_0020, "LO", id),
        explicit(0x0010_0030, "DA", born),
        explicit(0x0018_0015, "CS", pick(12, &TERMS)),
        explicit(0x0018_0081, "DS", pick(13, &NUMBERS)),
        explicit(0x0018_0091, "IS", pick(14, &NUMBERS)),
        explicit(0x0018_1000, "LO", pick(15, &NUMBERS)),
        explicit(0x0018_1030, "LO", text(16)),
        explicit(0x0018_1250, "SH", text(17)),
        explicit(0x0018_9074, "DT", pick(18, &DAYS)),
        private,
        explicit(0x0020_000D, "UI", pick(19, &UIDS)),
        explicit(0x0020_000E, "UI", "1.2.3.5"),
        explicit(0x0020_0010, "SH", text(20)),
        explicit(0x0020_1040, "LO", text(21)),
        explicit(0x0040_0244, "DA", pick(22, &DAYS)),
        explicit(0x0051_0010, "LO", "SIEMENS MR HEADER"),
        explicit(0x0051_100F, "LO", text(23)),
        explicit(0x0051_1016, "LO", text(4)),
    ];
    Part10::new(uids::EXPLICIT_LE, data_set.concat()).bytes()
}

fn results(
    engine: &Engine,
    file: &[u8],
    session: &SessionFacts,
    scratch: &mut Scratch,
) -> impl PartialEq + std::fmt::Debug + use<> {
    let done = engine.process(&mut &file[..], session, scratch);
    (done.cause, done.facts.counts, done.facts.kept_uncleaned, output(done.head, done.body, file))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn files_come_out_as_by_one_who_has_seen_no_other(
        first in any::<Picks>(),
        changes in prop::collection::vec(prop::collection::vec((0..24_usize, any::<u8>()), 0..3), 12),
    ) {
        // Each differs from the one before in few elements, as the files of a series do.
        let mut picks = first;
        let files: Vec<Vec<u8>> = changes.iter().map(|changes| {
            for (at, pick) in changes {
                picks[*at] = *pick;
            }
            file(&picks)
        }).collect();
        for profile in ["basic", "default", "neuro", "cati_collector", "data_sharing"] {
            let engine = engine(profile);
            let mut surveyed = SessionFacts::default();
            for file in &files {
                if let Some(facts) = engine.survey(&mut &file[..], &mut Scratch::default()) {
                    surveyed.add(&facts);
                }
            }
            surveyed.settle();
            for session in [SessionFacts::default(), surveyed] {
                let mut scratch = Scratch::default();
                for file in &files {
                    let remembering = results(&engine, file, &session, &mut scratch);
                    let fresh = results(&engine, file, &session, &mut Scratch::default());
                    prop_assert_eq!(remembering, fresh, "{}", profile);
                }
            }
        }
    }
}
