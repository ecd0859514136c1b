#!/usr/bin/env python3
"""Measures `deidentification` against `cp -r` and whichever peers are installed, on corpora it makes itself.

    benches/compare.py [--quick | --full] [--folder DIR] [--binary FILE] [--peers DIR] [--out]

Needs Python 3 and a release build (`cargo build --release -p deid-cli`). Each round runs everything once, in turn, so
that all see the same machine; ratios are taken within a round, and their minimum, median and maximum over the rounds
are printed. CPU is user and system time. A peer that takes longer than a few seconds runs in the first round only.

Without further words: 7 rounds in less than ten minutes on two processors. `--quick`: 3 rounds on small corpora, in a
minute or two. `--full`: 9 rounds, slow peers three times. The folder should be on a file system in memory with 8 GB
free; it is removed afterwards unless `--keep` is given.

Peers: gdcmanon (Debian: libgdcm-tools) and dcmodify (Debian: dcmtk) are looked for on PATH, the Python packages dcmanon
and dicom-anonymizer in the virtual environment `--peers`, which is made, with what PyPI has, if it is not there.
"""

import argparse
import datetime
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import corpora  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
# Of an archive ($0) a folder ($2), and of that another archive ($1): by tar, and by Python's zipfile ($3).
UNPACK_AND_PACK = {
    ".tar.gz": 'mkdir "$2" && tar -xf "$0" -C "$2" && tar -czf "$1" -C "$2" . && rm -r "$2"',
    ".zip": '"$3" -m zipfile -e "$0" "$2" && (cd "$2" && "$3" -m zipfile -c "$1" .) && rm -r "$2"',
}
PROFILES = ("basic", "cati_collector", "neuro", "default")
HEAD = """\
| corpus | what | CPU against cp | wall against cp | CPU s | files/s | MB/s | files | MB written | peak MiB |
|---|---|---|---|---|---|---|---|---|---|"""
# A peer that took so many seconds of wall time runs no second time; with --full, two more.
SLOW = 4.0
PEERS = ("dcmanon", "dicom-anonymizer", "gdcmanon -e", "cp, dcmodify")


class Figures:
    """What the runs of a contestant on a corpus took: (CPU seconds, wall seconds, peak bytes)."""

    def __init__(self):
        self.runs = {}
        self.written = (0, 0)
        self.failed = False


def run(command):
    """CPU seconds, wall seconds and peak memory (bytes) of a command; None if it failed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak, done = [0], threading.Event()

    def watch():
        # Not ru_maxrss: that begins with the memory of this interpreter.
        while not done.wait(0.005):
            try:
                status = Path(f"/proc/{process.pid}/status").read_text()
                peak[0] = max(peak[0], int(status.split("VmHWM:")[1].split()[0]) * 1024)
            except (OSError, IndexError, ValueError):
                pass

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    wall = time.perf_counter() - start
    done.set()
    watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return (cpu, wall, peak[0]) if code in (0, 1) else None


def content(path):
    """Number of files and of bytes."""
    if path.is_file():
        return 1, path.stat().st_size
    sizes = [file.stat().st_size for file in path.rglob("*") if file.is_file()]
    return len(sizes), sum(sizes)


def remove(path):
    shutil.rmtree(path, ignore_errors=True)
    for other in path.parent.glob(path.name.split(".")[0] + "*"):
        if other.is_file():
            other.unlink()


def cp(source, out):
    return ["cp", "-r", source, out]


def ours(options, profile, jobs):
    return lambda source, out: [
        options.binary, source, out, "-c", profile, "--key", options.folder / "key", "--jobs", str(jobs)
    ]


def environment(folder):
    """The Python of the virtual environment with the peers, made if it is not there; None if that fails."""
    python = folder / "bin" / "python"
    if not python.exists():
        for command in (
            [sys.executable, "-m", "venv", folder],
            [python, "-m", "pip", "install", "-q", "dcmanon", "dicom-anonymizer"],
        ):
            if subprocess.run(command, check=False).returncode != 0:
                print(f"{folder}: could not be made; left out: dcmanon, dicom-anonymizer", file=sys.stderr)
                return None
    return python


def peers(options):
    """Command lines by name. All write their output below the folder that they are given."""
    found = {}
    python = environment(options.peers)
    for name, module in (("dcmanon", "dcmanon"), ("dicom-anonymizer", "dicomanonymizer")):
        if python and subprocess.run([python, "-c", f"import {module}"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            found[name] = lambda source, out, name=name: [python, ROOT / "benches/peers.py", name, source, out]
        else:
            print(f"left out: {name} (PyPI)", file=sys.stderr)
    if shutil.which("gdcmanon") and shutil.which("openssl"):
        certificate, key = options.folder / "certificate.pem", options.folder / "certificate.key"
        if not certificate.exists():
            request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=benchmark"]
            request += ["-keyout", key, "-out", certificate]
            subprocess.run(request, stderr=subprocess.DEVNULL, check=True)
        found["gdcmanon -e"] = lambda source, out: [
            "gdcmanon", "-e", "-c", certificate, "-r", "--continue", "-i", source, "-o", out
        ]
    else:
        print("left out: gdcmanon (Debian: libgdcm-tools), which needs openssl too", file=sys.stderr)
    if shutil.which("dcmodify"):
        edits = "-nb -imt -ep -gst -gse -gin -ma (0010,0010)=Anon -ma (0010,0020)=Anon -ea (0010,0030) -ea (0008,0080) -ea (0008,0090)"
        words = " ".join(f"'{word}'" for word in edits.split())
        found["cp, dcmodify"] = lambda source, out: [
            "sh", "-c", f'cp -r "$0/." "$1" && find "$1" -name "*.dcm" -exec dcmodify -q {words} {{}} +', source, out
        ]
    else:
        print("left out: dcmodify (Debian: dcmtk)", file=sys.stderr)
    return found


def measure(options, source, contestants, rounds, suffix=""):
    """Figures by name of the contestant."""
    figures = {name: Figures() for name in contestants}
    out = options.folder / f"out{suffix}"
    # What the first one pays for pages that nobody has touched yet counts for nobody.
    first = next(iter(contestants.values()))
    remove(out)
    run([str(word) for word in first(source, out)])
    for number in range(rounds):
        for name, command in contestants.items():
            mine = figures[name]
            slow = name in PEERS and any(wall > SLOW for _, wall, _ in mine.runs.values())
            if mine.failed or (slow and (not options.full or number > 2)):
                continue
            remove(out)
            if name in PEERS and not suffix:
                out.mkdir()
            result = run([str(word) for word in command(source, out)])
            if result is None:
                mine.failed = True
                continue
            mine.runs[number] = result
            mine.written = content(out) if out.exists() else (0, 0)
    remove(out)
    return figures


def spread(values):
    return f"{min(values):.2f} / {statistics.median(values):.2f} / {max(values):.2f}" if values else "-"


def rows(corpus, source, figures, baseline):
    """Table rows: ratios against the baseline in the same round."""
    files, read = content(source)
    base = figures[baseline].runs
    for name, mine in figures.items():
        if mine.failed or not mine.runs:
            yield f"| {corpus} | {name} | failed | | | | | | | |"
            continue
        ratio = lambda n: [mine.runs[r][n] / base[r][n] for r in mine.runs if r in base and base[r][n] > 0]
        median = lambda n: statistics.median(run[n] for run in mine.runs.values())
        wall, peak = median(1), max(run[2] for run in mine.runs.values())
        peak = "-" if name == "cp, dcmodify" or name.startswith("tar") else f"{peak / 2**20:.0f}"
        yield (
            f"| {corpus} | {name} | {spread(ratio(0))} | {spread(ratio(1))} | {median(0):.3f} | {files / wall:.0f} | "
            f"{read / 1e6 / wall:.0f} | {mine.written[0]} of {files} | {mine.written[1] / 1e6:.0f} of {read / 1e6:.0f} | {peak} |"
        )


def line(points):
    """The straight line through (size, seconds) that is nearest in relative terms: start, slope, largest deviation."""
    weights = [(1 / seconds**2, size, seconds) for size, seconds in points]
    total = sum(w for w, _, _ in weights)
    x = sum(w * size for w, size, _ in weights) / total
    y = sum(w * seconds for w, _, seconds in weights) / total
    slope = sum(w * (size - x) * (seconds - y) for w, size, seconds in weights)
    slope /= sum(w * (size - x) ** 2 for w, size, _ in weights)
    start = y - slope * x
    return start, slope, max(abs(seconds - start - slope * size) / seconds for size, seconds in points)


def curve(options, what, plan, rounds):
    """How CPU time grows with the number of files or frames, as a table and a sentence for each profile."""
    contestants = {profile: ours(options, profile, 1) for profile in ("basic", "cati_collector", "neuro")}
    measured = []
    for number, corpus in plan:
        source = corpora.build(options.folder, corpus)
        measured.append((number, measure(options, source, {"cp": cp, **contestants}, rounds)))
        if corpus not in options.kept:
            shutil.rmtree(source)
    yield ""
    yield f"CPU seconds (median) by the number of {what}:"
    yield ""
    yield "| what | " + " | ".join(f"{number}" for number, _ in plan) + " | each | linear within 10 %? |"
    yield "|---" * (len(plan) + 3) + "|"
    for name in ("cp", *contestants):
        points = []
        for number, figures in measured:
            runs = figures[name].runs.values()
            points.append((number, statistics.median(cpu for cpu, _, _ in runs)))
        _, slope, deviation = line([(n, max(seconds, 1e-4)) for n, seconds in points])
        verdict = f"{'yes' if deviation <= 0.1 else 'no'} ({100 * deviation:.1f} %)"
        yield f"| {name} | " + " | ".join(f"{s:.4f}" for _, s in points) + f" | {1e6 * slope:.1f} µs | {verdict} |"


def machine():
    model = "unknown processor"
    try:
        model = Path("/proc/cpuinfo").read_text().split("model name")[1].split(":")[1].split("\n")[0].strip()
    except (OSError, IndexError):
        pass
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    release = ".".join(platform.release().split(".")[:2])
    return f"{model}, {os.cpu_count()} processors, {memory:.0f} GiB, {platform.system()} {release}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", default="/dev/shm/deidentification-bench", type=Path)
    parser.add_argument("--binary", default=ROOT / "target/release/deidentification", type=Path)
    parser.add_argument("--peers", default=ROOT / "target/bench-peers", type=Path, help="virtual environment of the peers")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--keep", action="store_true", help="keep the corpora")
    parser.add_argument("--note", default="", help="said at the top, for example that the machine was busy")
    parser.add_argument("--out", nargs="?", const=True, help="a Markdown file; without a name benches/results/DATE.md")
    options = parser.parse_args()
    rounds = options.rounds or (3 if options.quick else 9 if options.full else 7)
    options.folder = options.folder.resolve()
    options.folder.mkdir(parents=True, exist_ok=True)
    key = options.folder / "key"
    if not key.exists():
        subprocess.run([options.binary, "key", "new", key], check=True, stdout=subprocess.DEVNULL)

    files = 200 if options.quick else 2000
    enhanced = ["enhanced-1000x100"] if options.quick else ["enhanced-3000x300", "enhanced-10000x900"]
    options.kept = [f"classic-{files}"]
    text = []

    def tell(words):
        print(words, flush=True)
        text.append(words)

    tell(f"# {datetime.date.today()}")
    tell("")
    tell(f"{machine()}. Load when it began: {os.getloadavg()[0]:.1f}. {rounds} rounds in {options.folder.parent}. {options.note}")
    tell("")
    tell("Ratios: minimum / median / maximum over the rounds, each to the first row of the corpus in the same round.")
    tell("")
    tell(HEAD)
    contestants = {"cp -r": cp}
    for profile in PROFILES:
        for jobs in (1, 2):
            contestants[f"{profile}, {jobs} job{'s' * (jobs > 1)}"] = ours(options, profile, jobs)
    if not options.no_peers:
        contestants.update(peers(options))
    for corpus in (f"classic-{files}", *enhanced):
        source = corpora.build(options.folder, corpus)
        for row in rows(corpus, source, measure(options, source, contestants, rounds), "cp -r"):
            tell(row)
        if corpus not in options.kept:
            shutil.rmtree(source)
    # An archive is unpacked, processed and packed again: the measure is what tar takes for that alone.
    for suffix in (".tar.gz", ".zip"):
        corpus = f"archive-{files // 10}{suffix}"
        source = corpora.build(options.folder, corpus)
        script = UNPACK_AND_PACK[suffix]
        tar = lambda source, out, script=script: ["sh", "-c", script, source, out, options.folder / "unpacked", sys.executable]
        packers = {"tar or zip: unpack, pack": tar}
        for profile in ("basic", "neuro"):
            for jobs in (1, 2):
                packers[f"{profile}, {jobs} job{'s' * (jobs > 1)}"] = ours(options, profile, jobs)
        for row in rows(corpus, source, measure(options, source, packers, min(rounds, 5), suffix), "tar or zip: unpack, pack"):
            tell(row)
    scale = 10 if options.quick else 1
    sizes = [n // scale for n in (500, 1000, 2000, 4000)]
    for sentence in curve(options, "files", [(n, f"classic-{n}") for n in sizes], min(rounds, 5)):
        tell(sentence)
    # Of 20 files each: the start of a run, on cold caches, is no part of what a frame costs.
    frames = [(n, f"enhanced-{n}x{n * 2000 / 1e6:g}x20") for n in (10, 100, 1000, 10000)]
    for sentence in curve(options, "frames (of 2 kB; 20 files)", frames, rounds):
        tell(sentence)
    if options.out:
        results = ROOT / "benches/results"
        path = results / f"{datetime.date.today()}.md" if options.out is True else Path(options.out)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(text) + "\n")
    if not options.keep:
        shutil.rmtree(options.folder)


if __name__ == "__main__":
    main()
