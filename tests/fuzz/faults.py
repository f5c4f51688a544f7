"""Faults: the Nth time a command touches the disk fails, or is the last thing its process does.

A step is an opening for writing, a write, a flush to the disk, a renaming or a removal. ``failing`` lets
steps raise an error in this process. ``Mortals`` runs commands in processes that are killed at a step or
after a time; they are forked from one that has imported everything, so hundreds of them take a minute.
"""

from __future__ import annotations

import builtins
import errno
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typing_extensions import Self

_TESTS = Path(__file__).parents[1]
KILLED = -9


class Step(NamedTuple):
    """A touch of the disk.

    Attributes:
        number: from 1.
        kind: "open", "write", "sync", "replace" or "remove".
        path: the file; of a replacement, the one that takes the other's name.
        half: does half of a write, as a process does that is killed in it.
    """

    number: int
    kind: str
    path: str
    half: Callable[[], object] = lambda: None


@contextmanager
def watched(act: Callable[[Step], None]) -> Iterator[list[Step]]:
    """Call ``act`` before every step, and list the steps."""
    steps: list[Step] = []

    def step(kind: str, path: object, half: Callable[[], object] = lambda: None) -> None:
        taken = Step(len(steps) + 1, kind, os.fspath(path) if isinstance(path, (str, Path)) else "", half)
        steps.append(taken)
        act(taken)

    class Watched(io.FileIO):
        def write(self, data: Any, /) -> int:
            step("write", self.name, lambda: super(Watched, self).write(bytes(data)[: len(data) // 2]))
            return super().write(data)

    def opened(file: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
        if isinstance(file, int) or not set(mode) & set("wxa+"):
            return usual(file, mode, *more, **named)
        step("open", file)
        raw = Watched(file, mode.replace("b", "").replace("t", ""))
        both = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return both if "b" in mode else io.TextIOWrapper(both, *more[1:], **named)

    def before(kind: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def done(path: Any = None, *more: Any, **named: Any) -> Any:
            step(kind, path)
            return call(path, *more, **named)

        return done

    usual = builtins.open
    with ExitStack() as patches:
        for place in (builtins, io):
            patches.enter_context(patch.object(place, "open", opened))
        patches.enter_context(patch.object(Path, "open", opened))
        patches.enter_context(patch.object(Path, "replace", before("replace", Path.replace)))
        patches.enter_context(patch.object(Path, "unlink", before("remove", Path.unlink)))
        patches.enter_context(patch.object(os, "fsync", before("sync", os.fsync)))
        patches.enter_context(patch.object(shutil, "_USE_CP_SENDFILE", False, create=True))
        yield steps


@contextmanager
def failing(fails: Callable[[Step], bool], number: int) -> Iterator[list[Step]]:
    """Let chosen steps fail with an error number."""

    def act(step: Step) -> None:
        if fails(step):
            raise OSError(number, os.strerror(number), step.path)

    with watched(act) as steps:
        yield steps


def full_from(first: int) -> Callable[[Step], bool]:
    """Let the disk be full from a step on: nothing can be written, all can be renamed and removed."""
    return lambda step: step.number >= first and step.kind in {"open", "write", "sync"}


def only(number: int) -> Callable[[Step], bool]:
    """Let one step fail."""
    return lambda step: step.number == number


class Mortals:
    """Runs commands that are killed; use it as a context manager."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": f"{_TESTS}{os.pathsep}{_TESTS.parent}"}
        self._parent = subprocess.Popen(
            [sys.executable, "-c", "from fuzz.faults import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._parent.communicate()

    def run(self, *arguments: object, step: int = 0, seconds: float | None = None) -> tuple[int, float]:
        """Run a command and kill it before a step, counted from 1, or after a time.

        In a step that writes, half is written. Returns the exit code, KILLED if it was, and the seconds.
        """
        order = {"arguments": [str(argument) for argument in arguments], "step": step, "seconds": seconds}
        assert self._parent.stdin
        assert self._parent.stdout
        self._parent.stdin.write(json.dumps(order) + "\n")
        self._parent.stdin.flush()
        code, took = json.loads(self._parent.stdout.readline())
        return code, took


def serve() -> None:
    """Fork a process for every order that comes in, and answer with what became of it."""
    from ims_excel import cli, report  # noqa: F401  imported once, for all that are forked
    from ims_excel.pipelines import build, errors, harvest, validate  # noqa: F401

    answers, sys.stdout = os.fdopen(os.dup(1), "w", encoding="utf-8"), sys.stderr
    for line in sys.stdin:
        order = json.loads(line)
        started = time.monotonic()
        child = os.fork()
        if not child:
            _die_or_live(order)
        if order["seconds"] is not None:
            time.sleep(order["seconds"])
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        answers.write(json.dumps([status, time.monotonic() - started]) + "\n")
        answers.flush()


def _die_or_live(order: dict[str, Any]) -> None:
    """Run a command in a forked process and end it."""
    from ims_excel.cli import main

    code = 99

    def act(step: Step) -> None:
        if step.number == order["step"]:
            step.half()
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        with watched(act):
            main(order["arguments"], standalone_mode=True)
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        os._exit(code)


FULL, FORBIDDEN, BROKEN = errno.ENOSPC, errno.EACCES, errno.EIO
