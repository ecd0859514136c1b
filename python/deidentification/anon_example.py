"""CATI's script of 2019: ``python -m deidentification.anon_example -in IN -out OUT [-ID SUBJECT]``."""

from __future__ import annotations

import sys

from deidentification.__main__ import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
