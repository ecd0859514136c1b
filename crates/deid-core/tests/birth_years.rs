//! Years of birth without day and month: they go from texts that are cleaned, in any language; other years stay.

use deid_core::clean_text::{DateTreatment, Rewriter, clean};
use deid_core::identifiers::{Identifiers, Searcher};

const BIRTHS: &[&str] = &[
    "born 1954",
    "Born in 1954, T1",
    "geb. 1954",
    "geboren 1954",
    "née en 1954",
    "né en 1954",
    "*1954",
    "* 1954",
    "b. 1954",
    "year of birth 1954",
    "YOB 1954",
    "YOB: 1954",
    "birth year 1954",
    "DOB 1954",
    "Jg. 1954",
    "Jahrgang 1954",
    "Geburtsjahr 1954",
    "Jhg 1954",
    "année de naissance 1954",
    "annee naissance: 1954",
    "ne(e) en 1954",
    "nato nel 1954",
    "nata nel 1954",
    "anno di nascita 1954",
    "año de nacimiento 1954",
    "nacida en 1954",
    "nacido 1954",
    "ano de nascimento 1954",
    "nascida em 1954",
    "geboren in 1954",
    "geboortejaar 1954",
    "geb.jaar 1954",
    "född 1954",
    "fodd 1954",
    "födelseår 1954",
    "f. 1954",
    "född år 1954",
    "født i 1954",
    "fødselsår 1954",
    "ur. 1954",
    "ur. w 1954 r.",
    "urodzony w 1954",
    "rok urodzenia 1954",
    "rok ur. 1954",
    "1954 doğumlu",
    "1954 dogumlu",
    "doğum yılı 1954",
    "dogum yili: 1954",
    "d. 1954",
    "d.yılı 1954",
    "syntynyt 1954",
    "syntymävuosi 1954",
    "rok narození 1954",
    "narozen 1954",
    "r.n. 1954",
    "szül. 1954",
    "született 1954",
    "1954-born",
    "1954 born",
    "1954 geboren",
    "née 54",
    "г.р. 1954",
    "1954 г.р.",
    "год рождения 1954",
    "1954年生",
    "1954年生まれ",
    "生年 1954",
];

const SCIENCE: &[&str] = &[
    "b 1000 2000",
    "b.2000",
    "dwi b=2000",
    "TE*2000",
    "T2* 3D",
    "*fl3d1",
    "vers 2019 T1",
    "MNI 2009",
    "atlas 2009 nonlinear",
    "ICBM 2009c sym",
    "BraTS 2021",
    "Born approximation",
    "newborn MRI 3T",
    "Destrieux 2009",
];

fn cleaned(text: &str, dates: DateTreatment) -> String {
    let searcher = Searcher::new(&Identifiers::default());
    clean(text, &searcher, &Rewriter { dates, ..Rewriter::default() }).text
}

#[test]
fn years_of_birth_go() {
    for text in BIRTHS {
        for dates in [DateTreatment::Remove, DateTreatment::Shift(20), DateTreatment::Keep] {
            let left = cleaned(&format!("{text} T1 sag"), dates);
            assert!(!left.contains("54") && left.ends_with("T1 sag"), "{text}: {left}");
        }
    }
}

#[test]
fn other_years_stay() {
    for text in SCIENCE {
        assert_eq!(cleaned(text, DateTreatment::Remove), *text);
    }
}
