"""Measure ims-xl side by side with what else there is: time and memory of whole processes.

    python benchmarks/run.py                       1,000, 10,000 and 100,000 documents (make bench)
    python benchmarks/run.py --sizes 1000000       a million (make bench-large)

The processes take turns, so that a busy moment of the machine does not fall on one of them alone. Every run
is kept in benchmarks/results/, of which report.py makes the table and the plot.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path
from statistics import median

from measure import Run, machine, measure

HERE = Path(__file__).parent
RESULTS = HERE / "results"


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description="Measure ims-xl side by side with its peers.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000], metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="tasks or peers to measure")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the files, and use those there")
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="ims-xl-bench-"))
    try:
        for size in options.sizes:
            runs = measure_size(folder / str(size), size, options.rounds, options.only)
            if not options.only:
                save(size, runs)
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)


def measure_size(folder: Path, documents: int, rounds: int, only: list[str]) -> dict[str, list[Run]]:
    """Run every case on a month of so many documents, in turns; give the runs by "task: name"."""
    print(f"{documents:,} documents: making the files", flush=True)
    made = subprocess.run(
        [sys.executable, str(HERE / "cases.py"), str(folder), str(documents)],
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    chosen = [
        case
        for case in json.loads(made.stdout)
        if documents <= case["most"] and (not only or {case["task"], case["name"]} & {*only})
    ]
    runs: dict[str, list[Run]] = defaultdict(list)
    for turn in range(rounds):
        for case in chosen:
            label = f"{case['task']}: {case['name']}"
            runs[label].append(measure(case["command"], case["expected"]))
            print(f"  {turn + 1}/{rounds} {label:32} {_line(runs[label])}", flush=True)
    return runs


def _line(runs: list[Run]) -> str:
    last = runs[-1]
    return f"{last.wall:8.2f} s {last.peak:8.0f} MB   median so far {median(run.wall for run in runs):8.2f} s"


def save(documents: int, runs: dict[str, list[Run]]) -> None:
    """Keep every run, with the machine it ran on."""
    RESULTS.mkdir(exist_ok=True)
    found = {
        "documents": documents,
        "machine": machine(),
        "runs": {label: [asdict(run) for run in several] for label, several in runs.items()},
    }
    text = json.dumps(found, indent=1)
    (RESULTS / f"{documents}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
