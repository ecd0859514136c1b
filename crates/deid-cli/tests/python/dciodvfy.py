"""What dciodvfy says of our output that it does not say of the input.

    python dciodvfy.py COMMAND IN PROFILE [dciodvfy]

COMMAND is `deidentification`, IN a folder of DICOM files, PROFILE a profile's name. Every file that is written is
judged before and after; error lines are compared as sets, with the values in them masked. The result is a line of
figures, then for each kind of new error its number of files and one of them. Exit code 1 if there is any.
"""

import collections
import concurrent.futures
import csv
import os
import re
import subprocess
import sys
import tempfile


def errors(dciodvfy, path):
    """The error lines for a file, values masked; None if dciodvfy cannot read it to its end."""
    run = subprocess.run([dciodvfy, path], capture_output=True, timeout=600)
    text = run.stderr.decode("latin-1") + run.stdout.decode("latin-1")
    found = collections.Counter()
    for line in text.splitlines():
        if not line.startswith("Error"):
            continue
        if "Dicom dataset read failed" in line or "not valid DICOM" in line:
            return None
        # Values stand in angle brackets or quotes, as do names of attributes and modules; item and frame numbers
        # stand in square brackets.
        line = re.sub(r"(?<!attribute )(?<!Element=)(?<!Module=)<[^>]*>", "<>", line)
        line = re.sub(r'"[^"]*"', '""', line)
        line = re.sub(r"(?<=UID )[\d.]+", "", line)
        line = re.sub(r"\[\d+\]", "[]", line)
        line = re.sub(r"/\d+", "/n", line)
        line = re.sub(r"= [-+.\de]+", "= n", line)
        line = re.sub(r"(item|frame) \d+", r"\1 n", line)
        found[line] += 1
    return found


def pairs(names, report, out):
    """Input and output path of each written file."""
    ordinals = {}
    with open(names, newline="") as file:
        for row in csv.DictReader(file):
            ordinals[row["ordinal"]] = row["input"]
    with open(report, newline="") as file:
        for row in csv.DictReader(file):
            if row["outcome"] == "written":
                yield ordinals[row["ordinal"]], os.path.join(out, row["path"])


def run(command, folder, profile, temporary):
    """Runs the command into a temporary folder; the input and output path of each written file."""
    out, report, names, key = (os.path.join(temporary, n) for n in ("out", "report", "names.csv", "key"))
    with open(os.open(key, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
        file.write("deid-key-v1 " + "07" * 32 + "\n")
    ran = subprocess.run(
        [command, folder, out, "--profile", profile, "--key", key, "--report", report, "--report-names", names],
        capture_output=True,
        text=True,
    )
    if not os.path.exists(names):
        sys.exit(f"{ran.stdout}{ran.stderr}")
    report = os.path.join(report, "out.report.csv")
    return [(os.path.join(folder, before), after) for before, after in pairs(names, report, out)]


def compare(command, folder, profile, dciodvfy):
    with tempfile.TemporaryDirectory() as temporary:
        files = run(command, folder, profile, temporary)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            before = list(pool.map(lambda pair: errors(dciodvfy, pair[0]), files))
            after = list(pool.map(lambda pair: errors(dciodvfy, pair[1]), files))
    kinds, worse, read = collections.defaultdict(list), 0, 0
    for (source, _), old, new in zip(files, before, after):
        if old is None:
            continue
        read += 1
        more = ["the output cannot be read"] if new is None else [line for line in new if line not in old]
        # Of an error that was there, more of it is more.
        if new is not None and sum(new.values()) > sum(old.values()) and not more:
            more = [f"more of: {line}" for line in new if new[line] > old[line]]
        worse += bool(more)
        for line in more:
            kinds[line].append(source)
    return len(files), read, worse, kinds


def main():
    command, folder, profile = sys.argv[1:4]
    dciodvfy = sys.argv[4] if len(sys.argv) > 4 else "dciodvfy"
    written, read, worse, kinds = compare(command, folder, profile, dciodvfy)
    print(f"{profile}: {written} written, {read} compared, {worse} with more errors")
    for line, sources in sorted(kinds.items(), key=lambda kind: -len(kind[1])):
        print(f"  {len(sources):4} {line}\n       e.g. {os.path.relpath(sources[0], folder)}")
    sys.exit(worse > 0)


if __name__ == "__main__":
    main()
