"""The command: ``python -m deidentification -in IN -out OUT [-ID SUBJECT] [-c PROFILE]``, and all that it does else."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence

from deidentification import _native


def main(arguments: Sequence[str] | None = None) -> int:
    """Does what the command ``deidentification`` does with these arguments, and returns its exit code."""
    return _command("deidentification", sys.argv[1:] if arguments is None else arguments)


def dicom_tag_diff(arguments: Sequence[str] | None = None) -> int:
    """The command ``dicom_tag_diff -f FIRST -s SECOND [-o OUT]``."""
    return _command("dicom_tag_diff", sys.argv[1:] if arguments is None else arguments)


def _command(name: str, arguments: Sequence[str]) -> int:
    # While the command runs, Python does not look at signals: Ctrl-C ends it as it ends the program itself.
    before = signal.getsignal(signal.SIGINT)
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    except ValueError:
        # Not the main thread.
        before = None
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        return _native.command([name, *map(str, arguments)])
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)


if __name__ == "__main__":
    sys.exit(main())
