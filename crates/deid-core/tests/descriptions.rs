//! What the clean-up of descriptions finds and what it costs, on texts written for it (`data/descriptions.tsv`).

use deid_core::clean_text::clean;
use deid_core::identifiers::{Identifiers, Searcher};

/// A text, what must go of it, and what its header says.
struct Description {
    text: &'static str,
    identifiers: Vec<&'static str>,
    searcher: Searcher,
}

fn descriptions(set: &str) -> Vec<Description> {
    include_str!("data/descriptions.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let [of, text, gone, name, id] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            let mut identifiers = Identifiers::default();
            identifiers.add_name(name);
            identifiers.add_id(id);
            let identifiers = gone.split('|').filter(|part| !part.is_empty()).collect();
            let harvested = {
                let mut harvested = Identifiers::default();
                harvested.add_name(name);
                harvested.add_id(id);
                harvested
            };
            (of == set).then(|| Description { text, identifiers, searcher: Searcher::new(&harvested) })
        })
        .collect()
}

/// What went right and wrong over a set.
#[derive(Debug, Default)]
struct Figures {
    identifiers: usize,
    leaked: Vec<String>,
    words: usize,
    lost: Vec<String>,
}

impl Figures {
    fn of(set: &str) -> Self {
        let mut figures = Figures::default();
        for Description { text, identifiers, searcher } in descriptions(set) {
            let left = clean(text, &searcher).text;
            let lower = left.to_lowercase();
            figures.identifiers += identifiers.len();
            for identifier in &identifiers {
                // Nor may a part of it be left that tells anything.
                let parts =
                    identifier.split(|c: char| !c.is_alphanumeric()).filter(|part| part.chars().count() >= 4);
                if parts.chain([*identifier]).any(|part| lower.contains(&part.to_lowercase())) {
                    figures.leaked.push(format!("{identifier} in {left:?} of {text:?}"));
                }
            }
            let mut science = text.to_owned();
            let mut longest_first = identifiers.clone();
            longest_first.sort_by_key(|identifier| std::cmp::Reverse(identifier.len()));
            for identifier in longest_first {
                science = science.replace(identifier, " ");
            }
            // Titles and the like go with the names.
            const WITH_NAMES: &[&str] = &[
                "Dr", "dr", "Prof", "Mr", "Mrs", "Ms", "Mme", "Mlle", "M", "Monsieur", "Frau", "Fr", "Herr",
                "Hr", "Sr", "Sra", "Dra", "Dott", "ssa", "Sig", "ra", "dhr", "mevr", "med", "de", "la",
                "van", "der", "bin", "A", "J", "L", "K", "H", "LE", "O", "sub", "ses", "T", "s", "j", "R",
            ];
            let mut rest = words(&left).into_iter();
            for word in words(&science) {
                if !identifiers.is_empty() && WITH_NAMES.contains(&word) {
                    continue;
                }
                figures.words += 1;
                let mut ahead = rest.clone();
                if ahead.any(|left| left == word) {
                    rest = ahead;
                } else {
                    figures.lost.push(format!("{word} in {left:?} of {text:?}"));
                }
            }
            if identifiers.is_empty() && left == text {
                assert_eq!(clean(text, &searcher).removed, 0);
            }
            assert_eq!(clean(&left, &searcher).text, left, "a second time changes {text:?}");
        }
        figures
    }

    fn recall(&self) -> f64 {
        100.0 * (1.0 - self.leaked.len() as f64 / self.identifiers as f64)
    }

    fn kept(&self) -> f64 {
        100.0 * (1.0 - self.lost.len() as f64 / self.words as f64)
    }

    /// Of what was taken out, how much had to go, in words.
    fn show(&self, set: &str) -> String {
        format!(
            "{set}: {:.2} % of {} identifiers gone, {:.2} % of {} words of science kept\n{}\n{}",
            self.recall(),
            self.identifiers,
            self.kept(),
            self.words,
            self.leaked.join("\n"),
            self.lost.join("\n"),
        )
    }
}

fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect()
}

#[test]
fn identifiers_go_and_science_stays() {
    let figures = Figures::of("tuning");
    println!("{}", figures.show("tuning"));
    assert!(figures.leaked.is_empty() && figures.kept() >= 99.0);
}

#[test]
fn descriptions_never_seen_fare_likewise() {
    let figures = Figures::of("held-out");
    println!("{}", figures.show("held-out"));
    assert!(figures.recall() >= 99.0 && figures.kept() >= 95.0);
}
