"""Opens every file below AFTER with pydicom, reads each of its elements, and checks that its pixel data is that of a
file below BEFORE, byte for byte.

    python read_all.py BEFORE AFTER

Prints `N files, M unreadable`; names none of them by more than its number. Exit status 0 if all could be read.
"""

import hashlib
import os
import sys
import warnings

import pydicom

PIXELS = (0x7FE00010, 0x7FE00008, 0x7FE00009)


def files(folder):
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            yield os.path.join(parent, name)


def pixels(dataset):
    for tag in PIXELS:
        element = dataset.get_item(tag)
        if element is not None and element.value is not None:
            yield bytes(element.value)


def main(before, after):
    warnings.simplefilter("ignore")
    originals, raw = set(), []
    for path in files(before):
        try:
            originals.update(hashlib.sha256(value).hexdigest() for value in pixels(pydicom.dcmread(path, force=True)))
        except Exception:  # pydicom cannot read this original: the pixels must stand somewhere in it.
            with open(path, "rb") as file:
                raw.append(file.read())
    count = unreadable = 0
    for number, path in enumerate(files(after), 1):
        count += 1
        try:
            dataset = pydicom.dcmread(path)
            for element in dataset.iterall():
                element.value
            for value in pixels(pydicom.dcmread(path)):
                known = hashlib.sha256(value).hexdigest() in originals or any(value in bytes for bytes in raw)
                if not known:
                    raise ValueError("other pixel data")
        except Exception as error:
            unreadable += 1
            print("file %d: %s" % (number, type(error).__name__))
    print("%d files, %d unreadable" % (count, unreadable))
    return 1 if unreadable or not count else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
