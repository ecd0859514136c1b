//! Names of months, in the languages that headers are written in.

use rustc_hash::FxHashSet;
use std::sync::LazyLock;

/// The months in a language, whole and short, without accents.
type Months = [[&'static str; 12]; 2];

const LANGUAGES: [Months; 7] = [
    [
        [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ],
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    ],
    [
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
        ["janv", "fevr", "mars", "avr", "mai", "juin", "juil", "aout", "sept", "oct", "nov", "dec"],
    ],
    [
        [
            "januar",
            "februar",
            "maerz",
            "april",
            "mai",
            "juni",
            "juli",
            "august",
            "september",
            "oktober",
            "november",
            "dezember",
        ],
        ["jan", "feb", "mrz", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez"],
    ],
    [
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
        ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"],
    ],
    [
        [
            "gennaio",
            "febbraio",
            "marzo",
            "aprile",
            "maggio",
            "giugno",
            "luglio",
            "agosto",
            "settembre",
            "ottobre",
            "novembre",
            "dicembre",
        ],
        ["gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"],
    ],
    [
        [
            "janeiro",
            "fevereiro",
            "marco",
            "abril",
            "maio",
            "junho",
            "julho",
            "agosto",
            "setembro",
            "outubro",
            "novembro",
            "dezembro",
        ],
        ["jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"],
    ],
    [
        [
            "januari",
            "februari",
            "maart",
            "april",
            "mei",
            "juni",
            "juli",
            "augustus",
            "september",
            "oktober",
            "november",
            "december",
        ],
        ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"],
    ],
];

/// Months as they stand beside a day in Polish, Czech, Croatian, Swedish, Danish, Romanian, Finnish, Hungarian, Turkish,
/// Russian, Ukrainian and Greek.
const FURTHER: [[&str; 12]; 12] = [
    [
        "stycznia",
        "lutego",
        "marca",
        "kwietnia",
        "maja",
        "czerwca",
        "lipca",
        "sierpnia",
        "wrzesnia",
        "pazdziernika",
        "listopada",
        "grudnia",
    ],
    [
        "ledna",
        "unora",
        "brezna",
        "dubna",
        "kvetna",
        "cervna",
        "cervence",
        "srpna",
        "zari",
        "rijna",
        "listopadu",
        "prosince",
    ],
    [
        "sijecnja",
        "veljace",
        "ozujka",
        "travnja",
        "svibnja",
        "lipnja",
        "srpnja",
        "kolovoza",
        "rujna",
        "listopada",
        "studenoga",
        "prosinca",
    ],
    [
        "januari",
        "februari",
        "mars",
        "april",
        "maj",
        "juni",
        "juli",
        "augusti",
        "september",
        "oktober",
        "november",
        "december",
    ],
    [
        "januar",
        "februar",
        "marts",
        "april",
        "maj",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "december",
    ],
    [
        "ianuarie",
        "februarie",
        "martie",
        "aprilie",
        "mai",
        "iunie",
        "iulie",
        "august",
        "septembrie",
        "octombrie",
        "noiembrie",
        "decembrie",
    ],
    [
        "tammikuuta",
        "helmikuuta",
        "maaliskuuta",
        "huhtikuuta",
        "toukokuuta",
        "kesakuuta",
        "heinakuuta",
        "elokuuta",
        "syyskuuta",
        "lokakuuta",
        "marraskuuta",
        "joulukuuta",
    ],
    [
        "januar",
        "februar",
        "marcius",
        "aprilis",
        "majus",
        "junius",
        "julius",
        "augusztus",
        "szeptember",
        "oktober",
        "november",
        "december",
    ],
    [
        "ocak", "subat", "mart", "nisan", "mayis", "haziran", "temmuz", "agustos", "eylul", "ekim", "kasim",
        "aralik",
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
    [
        "січня",
        "лютого",
        "березня",
        "квітня",
        "травня",
        "червня",
        "липня",
        "серпня",
        "вересня",
        "жовтня",
        "листопада",
        "грудня",
    ],
    [
        "ιανουαριου",
        "φεβρουαριου",
        "μαρτιου",
        "απριλιου",
        "μαιου",
        "ιουνιου",
        "ιουλιου",
        "αυγουστου",
        "σεπτεμβριου",
        "οκτωβριου",
        "νοεμβριου",
        "δεκεμβριου",
    ],
];

/// Other spellings.
const OTHERS: &[&str] = &["janner", "jaenner", "marz", "setiembre", "desember", "januarie"];

/// Whether this is the whole name of a month, in lower case without accents.
pub(super) fn is_whole(word: &str) -> bool {
    WHOLE.contains(word)
}

static WHOLE: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
    let whole = LANGUAGES.iter().map(|[whole, _]| whole);
    whole.chain(&FURTHER).flatten().chain(OTHERS).copied().collect()
});

static SHORT: LazyLock<FxHashSet<&str>> =
    LazyLock::new(|| LANGUAGES.iter().flat_map(|[_, short]| short).copied().collect());

/// Whether this is the name of a month or an abbreviation of it. Not the Dutch `mrt`, which is magnetic resonance
/// tomography in German.
pub(super) fn is_month(word: &str) -> bool {
    is_whole(word) || word == "febr" || word != "mrt" && SHORT.contains(word)
}

/// The language of a name of a month, whether it is short, and its number. English comes first.
pub(super) fn month_of(name: &str) -> Option<(&'static [&'static str; 12], i64)> {
    let name = match name {
        "marz" => "maerz",
        "sept" => "sep",
        name => name,
    };
    // October in Croatian, November in Polish.
    if name == "listopada" {
        return None;
    }
    LANGUAGES.iter().flatten().chain(&FURTHER).find_map(|months| {
        months.iter().position(|month| *month == name).map(|index| (months, index as i64 + 1))
    })
}

/// The name of another month, in the language and with the capitals of one that is there.
pub(super) fn month_like(old: &str, month: i64) -> Option<String> {
    let (months, _) = month_of(&super::words::fold(old))?;
    let name = *months.get(usize::try_from(month - 1).ok()?)?;
    let mut letters = old.chars();
    let first = letters.next().is_some_and(char::is_uppercase);
    let rest = letters.next().is_some_and(char::is_uppercase);
    Some(match (first, rest) {
        (true, true) => name.to_uppercase(),
        (true, false) => {
            let length = name.chars().next().map_or(0, char::len_utf8);
            name[..length].to_uppercase() + &name[length..]
        }
        _ => name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_known_by_all_their_names() {
        for word in ["march", "marz", "mars", "marzo", "marca", "марта", "μαρτιου", "mrz", "febr", "sept"]
        {
            assert!(is_month(word), "{word}");
        }
        assert!(is_whole("may") && !is_whole("mar") && !is_month("mrt") && !is_month("t"));
        assert_eq!(month_like("MRT", 5).as_deref(), Some("MEI"));
        assert_eq!(month_like("März", 1).as_deref(), Some("Januar"));
        assert_eq!(month_like("Декабря", 11).as_deref(), Some("Ноября"));
        assert_eq!(month_of("listopada"), None);
    }
}
