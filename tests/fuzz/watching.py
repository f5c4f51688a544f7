"""Watching: broken files are read in a process of their own, which may abort, hang or take all memory.

``Watch`` starts that process, waits no longer than it should, and starts another one when it dies. ``serve``
is that process: it takes seeds from stdin, one a line, and answers each with a line of JSON.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from fuzz.mutations import mutate
from fuzz.targets import TARGETS, FindingError, Target

if TYPE_CHECKING:
    from typing_extensions import Self

LONGEST_SECONDS = 30
MOST_MEGABYTES = 700
START_SECONDS = 60
_ADDRESS_SPACE = 6 << 30
"""Bytes after which the process dies rather than the computer."""
_TESTS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Verdict:
    """What became of one input.

    Attributes:
        seed: what it was made from.
        outcome: "read", "refused", "finding", "abort", "hang" or "memory".
        what: of a finding, what it is.
        where: of a finding, what it has in common with others of the same cause.
        seconds: how long it took.
        megabytes: the most memory the process had so far; 0 where the system does not tell.
    """

    seed: str
    outcome: str
    what: str = ""
    where: str = ""
    seconds: float = 0
    megabytes: float = 0

    @property
    def is_bad(self) -> bool:
        """It is a finding."""
        return self.outcome not in {"read", "refused"}


def make(target: Target, seed: str) -> tuple[bytes, frozenset[str], Path, Random]:
    """Make the input of a seed: a file of the corpus by name, or the number of a mutation."""
    seeds = target.seeds()
    if not seed.isdecimal():
        path = next(path for path in seeds if path.name == seed)
        return path.read_bytes(), frozenset(), path, Random(seed)
    random = Random(f"{target.name} {seed}")
    path = random.choice(seeds)
    data, changed = mutate(path.read_bytes(), target.kind, random)
    return data, changed, path, random


class Watch:
    """Tries inputs of one target in a process beside this one; use it as a context manager."""

    def __init__(self, target: Target, *, first: str = "") -> None:
        """``first`` is Python that the process runs before it begins, for tests of the watch itself."""
        self.target = target
        self._program = f"{first}\nfrom fuzz.watching import serve\nserve({target.name!r})"
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def try_seed(self, seed: str) -> Verdict:
        """Try one input."""
        process = self._process or self._start()
        started = time.monotonic()
        try:
            assert process.stdin
            process.stdin.write(seed + "\n")
            process.stdin.flush()
            answer = self._answers.get(timeout=LONGEST_SECONDS)
        except (queue.Empty, BrokenPipeError):
            answer = None
        seconds = time.monotonic() - started
        if answer:
            verdict = Verdict(**json.loads(answer))
        elif process.poll() is None and answer is None:
            verdict = Verdict(seed, "hang", f"more than {LONGEST_SECONDS} s", "hang", seconds)
        else:
            code = process.wait()
            verdict = Verdict(seed, "abort", f"the process ended with {code}", f"abort {code}", seconds)
        if verdict.megabytes > MOST_MEGABYTES and not verdict.is_bad:
            verdict = Verdict(
                seed, "memory", f"{verdict.megabytes:.0f} MB", "memory", seconds, verdict.megabytes
            )
        if verdict.outcome in {"hang", "abort", "memory"}:
            self._stop()
        return verdict

    def _start(self) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": f"{_TESTS}{os.pathsep}{_TESTS.parent}", "PYTHONUTF8": "1"}
        process = subprocess.Popen(
            [sys.executable, "-c", self._program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment,
        )
        answers: queue.Queue[str] = queue.Queue()
        threading.Thread(target=_listen, args=(process, answers), daemon=True).start()
        if answers.get(timeout=START_SECONDS).strip() != "ready":
            raise RuntimeError("the process that reads broken files did not start")
        self._process, self._answers = process, answers
        return process

    def _stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _listen(process: subprocess.Popen[str], answers: queue.Queue[str]) -> None:
    """Pass answers on; "" says that the process ended."""
    assert process.stdout
    for line in process.stdout:
        answers.put(line)
    answers.put("")


def try_here(target: Target, seed: str, folder: Path) -> Verdict:
    """Try one input in this process."""
    data, changed, origin, random = make(target, seed)
    path = folder / f"input{target.suffix_of(data)}"
    path.write_bytes(data)
    started = time.monotonic()
    try:
        outcome, what, where = target.check(path, random, changed, origin), "", ""
    except Exception as problem:  # noqa: BLE001  whatever it is, it is a finding
        outcome, what = "finding", f"{origin.name}: {type(problem).__name__}: {problem}"
        where = _where(problem)
    seconds = time.monotonic() - started
    if path.read_bytes() != data:
        outcome, what, where = "finding", "the input was changed", "input changed"
    litter = [file.name for file in folder.iterdir() if file.name.endswith(".tmp")]
    if litter:
        outcome, what, where = "finding", f"left behind: {litter}", "litter"
    for file in folder.iterdir():
        file.unlink()
    return Verdict(seed, outcome, what, where, seconds, _megabytes())


def _where(problem: Exception) -> str:
    """Name a finding by its kind and the place it comes from, not by its input."""
    frames = traceback.extract_tb(problem.__traceback__)
    own = [frame for frame in frames if "ims_excel" in frame.filename] or frames
    text = str(problem) if isinstance(problem, FindingError) else ""
    return f"{type(problem).__name__} {Path(own[-1].filename).name}:{own[-1].name} {text.partition(':')[0]}"


def _megabytes() -> float:
    try:
        import resource
    except ImportError:  # Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def serve(name: str) -> None:
    """Try the inputs whose seeds come in, until no more come."""
    target = TARGETS[name]
    with suppress(ImportError, ValueError, OSError):  # Windows cannot limit it
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    answers, sys.stdout = sys.stdout, sys.stderr
    answers.write("ready\n")
    with tempfile.TemporaryDirectory() as folder:
        while True:
            answers.flush()
            seed = sys.stdin.readline().strip()
            if not seed:
                return
            answers.write(json.dumps(vars(try_here(target, seed, Path(folder)))) + "\n")
