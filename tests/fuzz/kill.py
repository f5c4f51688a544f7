"""Killing commands a few hundred times: ``make kill``, or ``python -m fuzz.kill --help`` in tests/.

Half of them die at a touch of the disk, every one in turn, and half after a random time. With --small DIR, a
folder on a disk that can be filled, harvest also meets a disk that is really full, by more and more bytes.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from fuzz.aftermath import Desk
from fuzz.faults import KILLED, Mortals, watched
from hostile.running import run

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = [("harvest", False), ("harvest", True), ("validate", False), ("errors", False)]
BLOCK = 4096

say = partial(print, flush=True)


def main() -> int:
    """Kill, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--times", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--small", type=Path, help="a folder on a disk of its own, of some megabytes, to fill"
    )
    chosen = parser.parse_args()
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, Mortals() as mortals:
        for number, (verb, has_earlier, how) in enumerate(
            deaths(chosen.times, Random(chosen.seed), mortals, Path(folder))
        ):
            desk = Desk(Path(folder) / str(number), verb, has_earlier)
            code, _ = mortals.run(*desk.arguments, **how)
            outcomes[f"{verb}: {'killed' if code == KILLED else 'ended first'}, {after(desk)}"] += 1
            shutil.rmtree(desk.folder)
    if chosen.small:
        outcomes.update(fill(chosen.small))
    for outcome, times in sorted(outcomes.items()):
        say(f"{times:5} {outcome}")
    return any("WRONG" in outcome for outcome in outcomes)


def after(desk: Desk) -> str:
    """Look at what a command left, and finish its work."""
    try:
        state = desk.state()
        draft = ", a draft left" if desk.drafts else ""
        desk.finish(lambda *arguments: run(*arguments).code)
    except Exception as problem:  # noqa: BLE001  whatever it is, it is wrong
        say(f"{desk.folder}: {type(problem).__name__}: {problem}")
        return "WRONG"
    return f"{state} workbook{draft}"


def deaths(
    times: int, random: Random, mortals: Mortals, folder: Path
) -> Iterator[tuple[str, bool, dict[str, float]]]:
    """Choose the commands and how each of them dies."""
    for verb, has_earlier in CASES:
        with watched(lambda _: None) as steps:
            run(*Desk(folder / f"{verb} {has_earlier} a", verb, has_earlier).arguments)
        _, seconds = mortals.run(*Desk(folder / f"{verb} {has_earlier} b", verb, has_earlier).arguments)
        for number in range(times // len(CASES)):
            if number % 2:
                yield verb, has_earlier, {"seconds": random.uniform(0, 1.1) * seconds}
            else:
                yield verb, has_earlier, {"step": 1 + (number // 2) % len(steps)}


def fill(folder: Path) -> Counter[str]:
    """Let harvest meet a full disk, each time with a block more of room, until it has enough."""
    outcomes: Counter[str] = Counter()
    room, code = 0, 2
    while code == 2:
        desk = Desk(folder / "desk", "harvest", has_earlier=True)
        ballast = folder / "ballast"
        ballast.write_bytes(bytes(max(shutil.disk_usage(folder).free - room, 0)))
        outcome = run(*desk.arguments)
        code = outcome.code
        state = "WRONG" if code == 2 and "disk is full" not in outcome.err else after_full(desk, code)
        outcomes[f"harvest on a full disk: exit code {code}, {state}"] += 1
        shutil.rmtree(desk.folder)
        ballast.unlink()
        room += BLOCK
    return outcomes


def after_full(desk: Desk, code: int) -> str:
    """Look at what a command left that could not write."""
    try:
        state = desk.state()
    except AssertionError as problem:
        say(f"{desk.folder}: {problem}")
        return "WRONG"
    return f"{state} workbook" if (state == "old") == (code == 2) and not desk.drafts else "WRONG"


if __name__ == "__main__":
    sys.exit(main())
