//! Names of months, in the languages that descriptions of scanners were seen in, without accents.

/// Whole names that are no English ones: French, German, Spanish, Portuguese, Italian, Dutch, Scandinavian, and as they
/// stand beside a day in Polish, Czech, Croatian, Romanian, Finnish, Hungarian and Turkish.
const MONTHS: &[&str] = &[
    "abril",
    "agosto",
    "agustos",
    "aout",
    "aprile",
    "aprilie",
    "aprilis",
    "aralik",
    "augusti",
    "augustus",
    "augusztus",
    "avril",
    "brezna",
    "cervence",
    "cervna",
    "czerwca",
    "decembre",
    "decembrie",
    "desember",
    "dezember",
    "dezembro",
    "dicembre",
    "diciembre",
    "dubna",
    "ekim",
    "elokuuta",
    "enero",
    "eylul",
    "febbraio",
    "febrero",
    "februar",
    "februari",
    "februarie",
    "fevereiro",
    "fevrier",
    "gennaio",
    "giugno",
    "grudnia",
    "haziran",
    "heinakuuta",
    "helmikuuta",
    "huhtikuuta",
    "iulie",
    "iunie",
    "jaenner",
    "janeiro",
    "janner",
    "januar",
    "januari",
    "januarie",
    "janvier",
    "joulukuuta",
    "juillet",
    "juin",
    "julho",
    "juli",
    "julio",
    "julius",
    "junho",
    "juni",
    "junio",
    "junius",
    "kasim",
    "kesakuuta",
    "kolovoza",
    "kvetna",
    "kwietnia",
    "ledna",
    "lipca",
    "lipnja",
    "listopada",
    "listopadu",
    "lokakuuta",
    "luglio",
    "lutego",
    "maaliskuuta",
    "maart",
    "maerz",
    "maggio",
    "mai",
    "maio",
    "maj",
    "maja",
    "majus",
    "marca",
    "marcius",
    "marco",
    "marraskuuta",
    "mars",
    "mart",
    "martie",
    "marts",
    "marz",
    "marzo",
    "mayis",
    "mayo",
    "mei",
    "nisan",
    "noiembrie",
    "novembre",
    "novembro",
    "noviembre",
    "ocak",
    "octobre",
    "octombrie",
    "octubre",
    "oktober",
    "ottobre",
    "outubro",
    "ozujka",
    "pazdziernika",
    "prosince",
    "rijna",
    "rujna",
    "septembre",
    "septembrie",
    "septiembre",
    "setembro",
    "setiembre",
    "settembre",
    "sierpnia",
    "sijecnja",
    "srpna",
    "srpnja",
    "studenoga",
    "stycznia",
    "subat",
    "svibnja",
    "syyskuuta",
    "szeptember",
    "tammikuuta",
    "temmuz",
    "toukokuuta",
    "travnja",
    "unora",
    "veljace",
    "wrzesnia",
    "zari",
];

/// Short names, but for those that are words of the trade too: `mag`, `gen`, `set`, `out`.
const SHORT: &[&str] = &[
    "abr", "avr", "dez", "dic", "ene", "febr", "fev", "fevr", "janv", "juil", "mrz", "okt", "ott", "sept",
    "giu", "lug",
];

const ENGLISH: &[&str] = &[
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
];

/// Whether a word is the name of a month, whole or short: `Margin` is none.
pub(crate) fn is_month(word: &str) -> bool {
    let is = |month: &&str| month.eq_ignore_ascii_case(word);
    ENGLISH.iter().any(|month| is(month) || month[..3].eq_ignore_ascii_case(word)) || is_foreign(word)
}

/// Whether a word may be the name of a month: `Margin` too, since some glue what follows to it.
pub(crate) fn may_be_month(word: &str) -> bool {
    let begins = |begin: &str| ENGLISH.iter().any(|month| month[..3].eq_ignore_ascii_case(begin));
    word.get(..3).is_some_and(begins) || is_foreign(word)
}

fn is_foreign(word: &str) -> bool {
    MONTHS.iter().chain(SHORT).any(|month| month.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_of_many_languages() {
        for month in ["Mar", "march", "Okt", "juil", "Mai", "MAYO", "lokakuuta", "Sept"] {
            assert!(is_month(month) && may_be_month(month), "{month}");
        }
        for word in ["Margin", "mag", "Set", "gen", "Coil", ""] {
            assert!(!is_month(word), "{word}");
        }
    }
}
