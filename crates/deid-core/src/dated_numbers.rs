//! Dates as bare numbers: a day of the subject's in a value that holds a number.
//!
//! A number is such a day if it is its digits (in an order in which people write them, with a time behind or not), or
//! counts from an epoch that programs count from: seconds, milliseconds or microseconds since 1970, and days since
//! 1970, 1900, 1899, 1858 (MJD), the year 1, or 4714 BC (Julian day).

use deid_dicom::calendar::{days_since_epoch, parts};

/// Days of the subject, as numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct DatedNumbers {
    days: Vec<Known>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    year: i64,
    month: i64,
    day: i64,
    /// Days since 1970-01-01.
    since: i64,
}

/// How far a number must tell on its own that it is a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chance {
    /// Digits only: such an element holds large numbers of its own.
    Least,
    /// Digits and long counts only: the element's meaning is known, and numbers of five digits are none by it.
    Low,
    /// Days since an epoch, too: nobody knows what the element holds.
    Any,
}

/// Epochs from which days are counted, as days before 1970-01-01: Unix; two of spreadsheets; Modified Julian; that of
/// ordinals, where 0001-01-01 is 1; Julian, whose days begin at noon.
const EPOCHS: [i64; 7] = [0, 25_569, 25_567, 40_587, 719_163, 2_440_587, 2_440_588];
/// The most by which local time differs from UTC, in seconds.
const ZONE: i64 = 14 * 3600;

impl DatedNumbers {
    /// Of dates `YYYYMMDD…`; what is no day is passed over.
    pub(crate) fn new<'a>(dates: impl Iterator<Item = &'a str>) -> Self {
        let day = |text: &str| {
            let (year, month, day) = parts(text)?;
            Some(Known { year, month, day, since: days_since_epoch(year, month, day) })
        };
        DatedNumbers { days: dates.filter_map(day).collect() }
    }

    /// Whether a number is one of the days. `single`: it was kept in 32 bits, and is as exact as they are.
    pub(crate) fn has(&self, number: f64, single: bool, chance: Chance) -> bool {
        let number = number.abs();
        (1e3..1e17).contains(&number) && self.days.iter().any(|day| day.is(number, single, chance))
    }
}

impl Known {
    fn is(&self, number: f64, single: bool, chance: Chance) -> bool {
        let Known { year, month, day, since } = *self;
        // A double of this size has its integer part exactly.
        let whole = number.trunc() as i64;
        let same = |wanted: i64, whole: i64| {
            #[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "that is how it was made")]
            let rounded = single && wanted as f32 == number as f32;
            whole == wanted || rounded
        };
        let written = [
            year * 10_000 + month * 100 + day,
            day * 1_000_000 + month * 10_000 + year,
            month * 1_000_000 + day * 10_000 + year,
        ];
        // With hours, minutes, seconds and milliseconds behind.
        let timed = [10_000, 1_000_000, 1_000_000_000].iter().any(|times| whole / times == written[0]);
        if timed || written.iter().any(|written| same(*written, whole)) {
            return true;
        }
        if chance == Chance::Least {
            return false;
        }
        let instants = (since * 86_400 - ZONE)..=((since + 1) * 86_400 + ZONE);
        let scaled = [1, 1000, 1_000_000].iter().any(|scale| {
            let seconds = whole / scale;
            // Few days after the epoch seconds are any number.
            seconds > 10_000_000 && instants.contains(&seconds)
        });
        // Before 1970 they count backwards.
        let backwards = [1, 1000, 1_000_000].iter().any(|scale| {
            let seconds = -(whole / scale);
            seconds < -10_000_000 && instants.contains(&seconds)
        });
        let counted = EPOCHS.iter().any(|epoch| {
            let count = (since + epoch).abs();
            (chance == Chance::Any || count >= 100_000) && count >= 1000 && same(count, whole)
        });
        scaled || backwards || counted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers() -> DatedNumbers {
        DatedNumbers::new(["20190704", "19570423101500", "garbage"].into_iter())
    }

    #[test]
    fn days_are_found_as_people_and_programs_count_them() {
        for number in [
            20_190_704.0,
            -20_190_704.0,
            2.019_070_4e7,
            4_072_019.0,
            7_042_019.0,
            20_190_704.5,
            201_907_041_015.0,
            20_190_704_101_530.0,
            1_562_198_400.0,
            1_562_236_030.25,
            1_562_236_030_000.0,
            737_244.0,
            2_458_669.0,
            2_458_668.5,
            19_570_423.0,
            -400_500_000.0,
            714_527.0,
        ] {
            assert!(numbers().has(number, false, Chance::Low), "{number}");
        }
        for number in [18_081.0, 43_650.0, 58_668.0, -4_636.0, 20_933.0] {
            assert!(numbers().has(number, false, Chance::Any), "{number}");
            assert!(!numbers().has(number, false, Chance::Low), "{number}");
        }
    }

    #[test]
    fn other_numbers_are_none() {
        for number in [
            0.0,
            512.0,
            20_190_705.0,
            370_000_000.0,
            1_562_500_000.0,
            1.7e38,
            f64::NAN,
            f64::INFINITY,
            123_456.0,
        ] {
            assert!(!numbers().has(number, false, Chance::Any), "{number}");
        }
    }

    #[test]
    fn single_precision_is_taken_into_account() {
        let odd = DatedNumbers::new(["20190705"].into_iter());
        let single = f64::from(20_190_705_f64 as f32);
        assert!(odd.has(single, true, Chance::Low) && !odd.has(single, false, Chance::Low));
    }
}
