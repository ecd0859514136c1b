//! What the clean-up of descriptions finds and what it costs, on texts written for it (`data/descriptions.tsv`).
//!
//! Recall is of identifiers; what is kept and what was taken out rightly are counted in words. Titles, particles and
//! initials beside a name count as neither.

use deid_core::clean_text::{Rewriter, clean};
use deid_core::identifiers::{Identifiers, Searcher};

const DATA: [&str; 21] = [
    include_str!("data/descriptions.tsv"),
    include_str!("data/unseen-4.tsv"),
    include_str!("data/attack-1.tsv"),
    include_str!("data/unseen-5.tsv"),
    include_str!("data/unseen-6.tsv"),
    include_str!("data/unseen-7.tsv"),
    include_str!("data/unseen-8.tsv"),
    include_str!("data/unseen-9.tsv"),
    include_str!("data/unseen-10.tsv"),
    include_str!("data/unseen-11.tsv"),
    include_str!("data/unseen-12.tsv"),
    include_str!("data/unseen-13.tsv"),
    include_str!("data/unseen-14.tsv"),
    include_str!("data/unseen-15.tsv"),
    include_str!("data/unseen-16.tsv"),
    include_str!("data/unseen-17.tsv"),
    include_str!("data/unseen-18.tsv"),
    include_str!("data/unseen-19.tsv"),
    include_str!("data/unseen-20.tsv"),
    include_str!("data/unseen-21.tsv"),
    include_str!("data/unseen-22.tsv"),
];

/// What goes with a name and need not.
const WITH_NAMES: &[&str] = &[
    "Dr", "dr", "Prof", "Mr", "Mrs", "Ms", "Mme", "Mlle", "M", "Monsieur", "Frau", "Fr", "Herr", "Hr", "Sr",
    "Sra", "Dra", "Dott", "ssa", "Sig", "ra", "dhr", "mevr", "med", "de", "la", "van", "der", "bin", "A",
    "J", "L", "K", "H", "LE", "O", "sub", "ses", "T", "s", "j", "R", "sig", "dott", "Sayın", "Pani", "U",
];

/// A text, what must go of it, and what its header says.
struct Description {
    text: &'static str,
    identifiers: Vec<&'static str>,
    searcher: Searcher,
}

fn descriptions(set: &str) -> Vec<Description> {
    let mut descriptions = Vec::new();
    for line in DATA.iter().flat_map(|data| data.lines()).filter(|line| !line.starts_with('#')) {
        let [of, text, gone, name, id] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        if of != set {
            continue;
        }
        let mut harvested = Identifiers::default();
        harvested.add_name(name);
        harvested.add_id(id);
        let identifiers = gone.split('|').filter(|part| !part.is_empty()).collect();
        descriptions.push(Description { text, identifiers, searcher: Searcher::new(&harvested) });
    }
    descriptions
}

/// What went right and wrong over a set.
#[derive(Debug, Default)]
struct Figures {
    texts: usize,
    identifiers: usize,
    leaked: Vec<String>,
    science: usize,
    lost: Vec<String>,
    taken: usize,
}

impl Figures {
    fn of(set: &str) -> Self {
        let mut figures = Figures::default();
        for description in descriptions(set) {
            figures.add(&description);
        }
        figures
    }

    fn add(&mut self, description: &Description) {
        let Description { text, identifiers, searcher } = description;
        let cleaned = clean(text, searcher, &Rewriter::default());
        let left = cleaned.text;
        self.texts += 1;
        self.identifiers += identifiers.len();
        let lower = left.to_lowercase();
        for identifier in identifiers {
            // Nor may a part of it be left that tells anything.
            let parts = words(identifier).into_iter().filter(|part| part.chars().count() >= 4);
            if parts.chain([*identifier]).any(|part| lower.contains(&part.to_lowercase())) {
                self.leaked.push(format!("leaked: {identifier} in {left:?} of {text:?}"));
            }
        }
        let mut science = (*text).to_owned();
        let mut longest_first = identifiers.clone();
        longest_first.sort_by_key(|identifier| std::cmp::Reverse(identifier.len()));
        for identifier in longest_first {
            science = science.replace(identifier, " ");
        }
        self.taken += words(text).len() - words(&left).len().min(words(text).len());
        let mut rest = words(&left).into_iter();
        for word in words(&science) {
            if !identifiers.is_empty() && WITH_NAMES.contains(&word) {
                continue;
            }
            self.science += 1;
            let mut ahead = rest.clone();
            if ahead.any(|left| left == word) {
                rest = ahead;
            } else {
                self.lost.push(format!("lost: {word} in {left:?} of {text:?}"));
            }
        }
        assert_eq!(cleaned.removed == 0, left == *text, "{text:?}");
        assert_eq!(clean(&left, searcher, &Rewriter::default()).text, left, "a second time changes {text:?}");
    }

    fn recall(&self) -> f64 {
        if self.identifiers == 0 {
            return 100.0;
        }
        100.0 * (1.0 - self.leaked.len() as f64 / self.identifiers as f64)
    }

    fn kept(&self) -> f64 {
        100.0 * (1.0 - self.lost.len() as f64 / self.science as f64)
    }

    /// Of the words taken out, how many had to go or went with a name.
    fn precision(&self) -> f64 {
        if self.taken == 0 {
            return 100.0;
        }
        100.0 * (1.0 - self.lost.len() as f64 / self.taken as f64)
    }

    fn show(&self, set: &str) -> String {
        let Figures { texts, identifiers, science, .. } = self;
        let [recall, kept, precision] = [self.recall(), self.kept(), self.precision()];
        let cases = self.leaked.iter().chain(&self.lost).fold(String::new(), |all, case| all + "\n  " + case);
        format!(
            "{set}: {texts} texts; {recall:.2} % of {identifiers} identifiers gone; {kept:.2} % of {science} words of \
             science kept; {precision:.2} % of the words taken out had to go{cases}\n"
        )
    }
}

fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect()
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures are the point of the test")]
fn identifiers_go_and_science_stays() {
    let mut wrong = String::new();
    // The least that is kept, the least precision, and the leaks that are known and named in SHORTCOMINGS.md.
    for (set, kept, precision, leaks) in [
        ("tuning", 99.7, 98.8, 0),
        ("held-out", 98.9, 95.0, 0),
        ("second", 99.6, 95.0, 0),
        ("unseen-1", 99.7, 96.0, 0),
        ("unseen-2", 99.9, 98.0, 0),
        ("unseen-3", 98.7, 90.0, 0),
        ("unseen-4", 97.0, 75.0, 1),
        ("unseen-5", 98.0, 45.0, 0),
        ("unseen-6", 98.9, 85.0, 0),
        ("unseen-7", 98.9, 85.0, 0),
        ("unseen-8", 96.8, 80.0, 0),
        ("unseen-9", 94.2, 70.0, 0),
        ("unseen-10", 98.2, 90.0, 0),
        ("unseen-11", 98.8, 95.0, 0),
        ("unseen-12", 98.5, 94.0, 0),
        ("unseen-13", 99.0, 94.0, 0),
        ("unseen-14", 99.0, 94.0, 0),
        ("unseen-15", 98.5, 94.0, 0),
        ("unseen-16", 99.7, 99.0, 0),
        ("unseen-17", 99.6, 99.0, 0),
        ("unseen-18", 99.0, 97.0, 0),
        ("unseen-19", 99.5, 98.0, 0),
        // Nothing in these two has to go, so that precision says nothing.
        ("unseen-20", 99.6, f64::NEG_INFINITY, 0),
        ("unseen-21", 99.7, f64::NEG_INFINITY, 0),
        ("unseen-22", 99.0, 98.5, 0),
        ("attack-header", 85.0, 85.0, 1),
        ("attack-1", 86.0, 90.0, 0),
    ] {
        let figures = Figures::of(set);
        println!("{}", figures.show(set));
        let right =
            figures.leaked.len() <= leaks && figures.kept() >= kept && figures.precision() >= precision;
        if !right {
            wrong += &figures.show(set);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
