#!/usr/bin/env python3
"""Runs a peer that has no command for folders: `peers.py NAME IN OUT`, with the Python that has its package.

dcmanon and dicom-anonymizer are packages of PyPI; each file is read, de-identified with the tool's defaults, and written
under its own path below OUT.
"""

import sys
from pathlib import Path


def dcmanon():
    import dcmanon

    anonymizer = dcmanon.Anonymizer()
    return lambda source, target: target.write_bytes(anonymizer.anonymize(str(source)))


def dicom_anonymizer():
    from dicomanonymizer.simpledicomanonymizer import anonymize_dicom_file

    return lambda source, target: anonymize_dicom_file(str(source), str(target))


def main():
    name, source, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    anonymize = {"dcmanon": dcmanon, "dicom-anonymizer": dicom_anonymizer}[name]()
    for path in sorted(source.rglob("*.dcm")):
        target = out / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        anonymize(path, target)


if __name__ == "__main__":
    main()
