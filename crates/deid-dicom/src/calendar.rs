//! Days of the Gregorian calendar, which holds for all years here, and their numbers.

use std::ops::Range;

/// Days since 1970-01-01. Years are counted from March, so that the leap day is the last; an era has 400 years of 146097
/// days in all.
pub const fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of a number of days since 1970-01-01.
pub const fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// How many days a month has.
pub const fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Whether there is such a day in the years 1 to 9999.
pub fn is_day(year: i64, month: i64, day: i64) -> bool {
    (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day)
}

/// Year, month and day of a text that begins with `YYYYMMDD`, if there is such a day.
pub fn parts(text: &str) -> Option<(i64, i64, i64)> {
    let number = |range| {
        text.get(range).filter(|part: &&str| part.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
    };
    let (year, month, day) = (number(0..4)?, number(4..6)?, number(6..8)?);
    is_day(year, month, day).then_some((year, month, day))
}

/// Whether eight digits look like `YYYYMMDD` of the years 1900 to 2099. Whether the month has so many days is not asked:
/// whoever looks for dates of persons takes `20190230` for one.
pub fn looks_like_day(digits: &str) -> bool {
    let within = |range: Range<usize>, low: &str, high: &str| {
        digits.get(range).is_some_and(|part| (low..=high).contains(&part))
    };
    digits.len() == 8
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && within(0..4, "1900", "2099")
        && within(4..6, "01", "12")
        && within(6..8, "01", "31")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_eight_centuries_comes_back() {
        for days in -250_000..50_000 {
            let (year, month, day) = civil(days);
            assert!(is_day(year, month, day));
            assert_eq!(days_since_epoch(year, month, day), days);
        }
        assert_eq!(civil(0), (1970, 1, 1));
    }

    #[test]
    fn days_are_read_from_digits() {
        assert_eq!(parts("20200229101530"), Some((2020, 2, 29)));
        for text in ["20190229", "20191301", "2019031", "+2019031", "00000101"] {
            assert_eq!(parts(text), None, "{text}");
        }
        assert!(looks_like_day("20190230") && looks_like_day("19470812"));
        for text in ["18991231", "20191301", "20190400", "2019030", "201903011", "2019.3.1"] {
            assert!(!looks_like_day(text), "{text}");
        }
    }
}
