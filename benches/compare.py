#!/usr/bin/env python3
"""Measures `deidentification` against `cp -r` and whichever peers are installed, on corpora it makes itself.

    benches/compare.py [--folder DIR] [--binary FILE] [--runs N] [--quick] [--out FILE.md]

Needs Python 3 and a release build. Each round runs everything once, in turn, so that all see the same machine; ratios
are taken within a round, and their minimum, median and maximum over the rounds are printed. Put the folder on a file
system that does not scatter (tmpfs). Peers that are looked for on PATH: dcmanon, dicom-anonymizer, gdcmanon, dcmodify.
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


def run(command):
    """CPU seconds, wall seconds and peak memory (bytes) of a command, or None if it failed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak, done = [0], threading.Event()

    def watch():
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


def size(path):
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def remove(path):
    shutil.rmtree(path, ignore_errors=True)
    for other in [path, *path.parent.glob(path.name + ".*")]:
        if other.is_file():
            other.unlink()


def ours(binary, key, profile, jobs):
    return lambda source, out: [binary, source, out, "-c", profile, "--key", key, "--jobs", str(jobs)]


def peers():
    found = {}
    if shutil.which("dcmanon"):
        found["dcmanon"] = lambda source, out: ["dcmanon", "-r", "-i", source, "-o", out]
    if shutil.which("dicom-anonymizer"):
        found["dicom-anonymizer"] = lambda source, out: ["dicom-anonymizer", source, out]
    if shutil.which("gdcmanon"):
        found["gdcmanon"] = lambda source, out: ["gdcmanon", "--dumb", "--empty", "10,10", "--empty", "10,20", "--remove", "10,30", "-r", source, out]
    return found


def spread(values):
    return f"{min(values):.2f} / {statistics.median(values):.2f} / {max(values):.2f}"


def measure(corpus, runs, contestants, scratch):
    """A table row for each contestant: ratios against cp of the same round."""
    source = corpora.build(scratch, corpus)
    files = sum(1 for path in source.rglob("*") if path.is_file())
    read = size(source)
    figures = {name: [] for name in contestants}
    written = {}
    out = Path(scratch) / "out"
    for _ in range(runs):
        for name, command in contestants.items():
            remove(out)
            if name in ("gdcmanon", "dicom-anonymizer"):
                out.mkdir()
            result = run([str(word) for word in command(source, out)])
            if result is not None:
                figures[name].append(result)
                written[name] = size(out) if out.exists() else 0
    remove(out)
    rows = []
    for name, results in figures.items():
        if len(results) != runs:
            rows.append(f"| {corpus} | {name} | failed | | | | | |")
            continue
        cpu = [a[0] / b[0] for a, b in zip(results, figures["cp"]) if b[0] > 0]
        wall = [a[1] / b[1] for a, b in zip(results, figures["cp"]) if b[1] > 0]
        seconds = statistics.median(result[1] for result in results)
        memory = max(result[2] for result in results) / 2**20
        rows.append(
            f"| {corpus} | {name} | {spread(cpu)} | {spread(wall)} | {files / seconds:.0f} | "
            f"{read / 1e6 / seconds:.0f} | {written[name] / 1e6:.0f} of {read / 1e6:.0f} | {memory:.0f} |"
        )
        print(rows[-1], flush=True)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", default="/dev/shm/deidentification-bench", type=Path)
    parser.add_argument("--binary", default=ROOT / "target/release/deidentification", type=Path)
    parser.add_argument("--runs", default=7, type=int)
    parser.add_argument("--quick", action="store_true", help="the classic corpus and one enhanced file only")
    parser.add_argument("--out", type=Path, help="append the table to this file")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    key = options.folder / "key"
    if not key.exists():
        subprocess.run([options.binary, "key", "new", key], check=True)
    contestants = {"cp": lambda source, out: ["cp", "-r", source, out]}
    for profile in ("basic", "cati_collector", "neuro"):
        contestants[f"{profile}, 1 job"] = ours(options.binary, key, profile, 1)
        contestants[f"{profile}, 2 jobs"] = ours(options.binary, key, profile, 2)
    contestants.update(peers())
    plan = ["classic-2000", "enhanced-3000x300"]
    if not options.quick:
        plan += ["enhanced-10000x900", "archives"]
        plan += ["classic-500", "classic-1000", "classic-4000"]
        plan += [f"enhanced-{frames}x{frames * 20_000 // 1_000_000 or 1}" for frames in (10, 100, 1000, 10000)]
    head = [
        f"## {datetime.date.today()}, {platform.machine()}, {os.cpu_count()} processors, {options.folder} "
        f"({options.runs} rounds)",
        "",
        "Minimum / median / maximum of the ratios to `cp -r` in the same round.",
        "",
        "| corpus | what | CPU against cp | wall against cp | files/s | MB/s | MB written | peak MiB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    print("\n".join(head))
    rows = []
    for corpus in plan:
        rows += measure(corpus, options.runs, contestants, options.folder)
    if options.out:
        with options.out.open("a") as file:
            file.write("\n".join(head + rows) + "\n\n")


if __name__ == "__main__":
    main()
