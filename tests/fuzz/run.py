"""Fuzzing for as long as one likes: ``make fuzz MINUTES=10``, or ``python -m fuzz.run --help`` in tests/.

The time is shared evenly among the readers. Every finding is kept as the file that causes it; of findings
with one cause the first three. The exit code is 1 when there is one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from itertools import chain, count
from pathlib import Path

from fuzz.targets import TARGETS, Target
from fuzz.watching import Verdict, Watch, make

KEPT_OF_A_CAUSE = 3

say = partial(print, flush=True)


def main() -> int:
    """Fuzz, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1, help="where the numbers of the mutations begin")
    parser.add_argument("--target", choices=TARGETS, action="append", help="only this reader")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"), help="where findings go")
    parser.add_argument(
        "--only", help="one seed of one target: a number, or the name of a file of the corpus"
    )
    chosen = parser.parse_args()
    targets = [TARGETS[name] for name in chosen.target or TARGETS]
    if chosen.only:
        return replay(targets[0], chosen.only)
    seconds = chosen.minutes * 60 / len(targets)
    return sum(campaign(target, seconds, chosen.seed, chosen.keep) for target in targets) > 0


def campaign(target: Target, seconds: float, first: int, keep: Path) -> int:
    """Fuzz one reader, the corpus first; return how many causes of findings there are."""
    end = time.monotonic() + seconds
    outcomes: Counter[str] = Counter()
    causes: Counter[str] = Counter()
    slowest = most = 0.0
    corpus = [path.name for path in target.seeds()]
    with Watch(target) as watch:
        for seed in chain(corpus, map(str, count(first))):
            if time.monotonic() > end and seed.isdecimal():
                break
            verdict = watch.try_seed(seed)
            outcomes[verdict.outcome] += 1
            slowest, most = max(slowest, verdict.seconds), max(most, verdict.megabytes)
            if verdict.is_bad:
                causes[verdict.where] += 1
                if causes[verdict.where] <= KEPT_OF_A_CAUSE:
                    keep_it(target, verdict, keep)
    each = ", ".join(f"{times:,} {outcome}" for outcome, times in sorted(outcomes.items()))
    bounds = f"slowest {slowest:.2f} s, most memory {most:.0f} MB"
    say(f"{target.name}: {sum(outcomes.values()):,} inputs ({each}); {bounds}")
    for cause, times in causes.most_common():
        say(f"  {times:,} × {cause}")
    return len(causes)


def keep_it(target: Target, verdict: Verdict, folder: Path) -> None:
    """Keep the input of a finding, and say what it is."""
    folder.mkdir(parents=True, exist_ok=True)
    data = make(target, verdict.seed)[0]
    path = folder / f"{target.name}-{verdict.seed}{target.suffix_of(data)}"
    path.write_bytes(data)
    say(
        f"{target.name} {verdict.seed}: {verdict.outcome}: {verdict.what[:1500]}\n  {verdict.where}\n  {path}"
    )


def replay(target: Target, seed: str) -> int:
    """Try one input in this process and let its exception through."""
    data, changed, origin, random = make(target, seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"input{target.suffix_of(data)}"
        path.write_bytes(data)
        say(f"{origin.name}, changed: {', '.join(changed) or 'anything'}")
        say(target.check(path, random, changed, origin))
    return 0


if __name__ == "__main__":
    sys.exit(main())
