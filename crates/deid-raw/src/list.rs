//! Lists of numbers that are together what none of them is: letters, a birth date, a telephone number.

use crate::Judge;
use crate::field::are_groups;
use deid_vendor::letters;

/// Whether the numbers of a list say who somebody is; `contact` if the key says that they are somebody's.
pub(crate) fn tells(list: &str, contact: bool, judge: &dyn Judge) -> bool {
    let part = |c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']');
    let numbers: Vec<&str> = list
        .split(part)
        .filter(|part| !part.is_empty())
        .map(|part| part.strip_suffix(".0").unwrap_or(part))
        .collect();
    let joined = || numbers.join(" ");
    letters::spell(list, &|bytes| judge.identifies(bytes))
        || numbers.windows(3).any(|three| is_birth_date([three[0], three[1], three[2]], judge))
        || contact && numbers.len() <= 6 && are_groups(&joined()) && judge.text(&joined()) != joined()
}

/// Whether three numbers are year, month and day of the birth date, the year first or last.
fn is_birth_date(three: [&str; 3], judge: &dyn Judge) -> bool {
    let Ok([a, b, c]) = three
        .map(str::parse::<u16>)
        .into_iter()
        .collect::<Result<Vec<_>, _>>()
        .map(|numbers| [numbers[0], numbers[1], numbers[2]])
    else {
        return false;
    };
    [[a, b, c], [c, b, a], [c, a, b]].into_iter().any(|[year, month, day]| {
        (1870..2100).contains(&year)
            && (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && judge.identifies(format!("{year:04}{month:02}{day:02}").as_bytes())
    })
}
