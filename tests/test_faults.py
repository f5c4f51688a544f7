"""Commands that are killed or cannot write: the workbook is the old or the new one, whole; nothing is lost.

``python -m fuzz.kill`` does the same hundreds of times; what must hold is said in ``fuzz/aftermath.py``.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from fuzz.aftermath import EARLIER, Desk
from fuzz.faults import BROKEN, FORBIDDEN, FULL, KILLED, Mortals, Step, failing, full_from, only, watched
from hostile.running import run

if TYPE_CHECKING:
    from collections.abc import Iterator

VERBS = ["harvest", "validate", "errors"]
CASES = [*((verb, False) for verb in VERBS), ("harvest", True)]
"""Verbs, and whether another file stands where the upload goes."""

every_case = pytest.mark.parametrize(("verb", "has_earlier"), CASES, ids=[*VERBS, "harvest again"])
can_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")


@pytest.fixture(scope="module")
def mortals() -> Iterator[Mortals]:
    with Mortals() as mortals:
        yield mortals


def steps_of(desk: Desk) -> list[Step]:
    """List the times a command touches the disk; of writes in a row the first and the last."""
    with watched(lambda _: None) as steps:
        assert run(*desk.arguments).code in {0, 1}
    kinds = [step.kind for step in steps]
    return [s for s in steps if kinds[max(s.number - 2, 0) : s.number + 1] != ["write"] * 3]


# killed


@can_fork
@every_case
def test_killed_at_a_touch_of_the_disk(verb: str, has_earlier: bool, mortals: Mortals, tmp_path: Path):
    steps = steps_of(Desk(tmp_path / "whole", verb, has_earlier))
    for step in Random(verb).sample(steps, 5):
        desk = Desk(tmp_path / str(step.number), verb, has_earlier)
        assert mortals.run(*desk.arguments, step=step.number)[0] == KILLED
        desk.state()
        desk.finish(lambda *arguments: run(*arguments).code)


@can_fork
def test_killed_at_any_time(mortals: Mortals, tmp_path: Path):
    _, whole = mortals.run(*Desk(tmp_path / "whole", "harvest").arguments)
    for number in range(6):
        desk = Desk(tmp_path / str(number), "harvest")
        code, _ = mortals.run(*desk.arguments, seconds=whole * number / 5)
        assert code in {KILLED, 0}
        desk.state()
        desk.finish(lambda *arguments: run(*arguments).code)


def test_a_draft_that_was_left_behind_goes_after_a_day(tmp_path: Path):
    desk = Desk(tmp_path / "desk", "validate")
    young, old = desk.folder / ".ims-xl-0123456789ab.tmp", desk.folder / ".ims-xl-ba9876543210.tmp"
    own = desk.folder / "notes.tmp"
    for path in (young, old, own):
        path.write_bytes(b"half")
    day_ago = time.time() - 25 * 60 * 60
    os.utime(old, (day_ago, day_ago))
    os.utime(own, (day_ago, day_ago))
    assert run(*desk.arguments).code == 0
    assert (young.exists(), old.exists(), own.exists()) == (True, False, True)


# cannot write


def refuses(desk: Desk, says: str) -> None:
    """Run a command that cannot write: exit code 2, one sentence, and nothing has happened."""
    outcome = run(*desk.arguments)
    assert outcome.code == 2, outcome
    assert outcome.out == ""
    assert outcome.err.startswith("ims-xl: ")
    assert outcome.err.count("\n") == 1
    assert says in outcome.err
    untouched(desk)


def untouched(desk: Desk) -> None:
    assert desk.state() == "old"
    assert desk.drafts == []
    assert not desk.book.with_suffix(".audit.jsonl").exists()
    assert (desk.upload.read_bytes() if desk.upload.exists() else b"") == EARLIER * desk.has_earlier


@every_case
@pytest.mark.parametrize("number", [FULL, BROKEN], ids=["full", "broken"])
def test_a_touch_of_the_disk_fails(verb: str, has_earlier: bool, number: int, tmp_path: Path):
    outcomes = set()
    for step in steps_of(Desk(tmp_path / "whole", verb, has_earlier)):
        desk = Desk(tmp_path / str(step.number), verb, has_earlier)
        with failing(only(step.number), number):
            outcome = run(*desk.arguments)
        outcomes.add(outcome.code)
        if outcome.code == 2:
            assert outcome.err.count("\n") == 1
            untouched(desk)
        else:  # a failure that does not matter: a folder that cannot be synchronised, the log beside
            assert desk.state() == "new"
    assert 2 in outcomes


@every_case
def test_the_disk_is_full_from_some_moment_on(verb: str, has_earlier: bool, tmp_path: Path):
    for step in steps_of(Desk(tmp_path / "whole", verb, has_earlier)):
        desk = Desk(tmp_path / str(step.number), verb, has_earlier)
        with failing(full_from(step.number), FULL):
            outcome = run(*desk.arguments)
        if outcome.code == 2:
            assert "the disk is full" in outcome.err
            untouched(desk)
        else:
            assert desk.state() == "new"


@every_case
def test_the_workbook_is_open_in_excel(verb: str, has_earlier: bool, tmp_path: Path):
    desk = Desk(tmp_path / "desk", verb, has_earlier)
    whole = Desk(tmp_path / "whole", verb, has_earlier)
    with watched(lambda _: None) as steps:
        run(*whole.arguments)
    replacements = [step.number for step in steps if step.kind == "replace"]
    with failing(only(replacements[-1]), FORBIDDEN):
        refuses(desk, "If it is open in Excel, close it there, or name another file with --out.")


def test_an_upload_that_cannot_be_taken_away_is_named(tmp_path: Path):
    desk = Desk(tmp_path / "desk", "harvest")

    def fails(step: Step) -> bool:
        is_sent = desk.upload.exists()
        return is_sent and (step.kind == "replace" or Path(step.path) == desk.upload)

    with failing(fails, FORBIDDEN):
        outcome = run(*desk.arguments)
    assert outcome.code == 2
    assert outcome.err.startswith(f"ims-xl: {desk.upload}: could not be taken back")
    assert outcome.err.count("\n") == 1
    assert desk.state() == "old"


@pytest.mark.parametrize("verb", VERBS)
def test_the_folder_is_read_only(verb: str, tmp_path: Path):
    desk = Desk(tmp_path / "desk", verb)
    with failing(lambda step: step.kind == "open", FORBIDDEN):
        refuses(desk, "is read-only; name another file with --out in a folder of your own.")


@can_fork
def test_a_file_may_not_grow(tmp_path: Path):
    import resource
    import subprocess
    import sys

    desk = Desk(tmp_path / "desk", "harvest")
    outcome = subprocess.run(
        [sys.executable, "-m", "ims_excel", *map(str, desk.arguments)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
        capture_output=True,
        check=False,
        text=True,
    )
    assert outcome.returncode == 2
    assert "the disk is full" in outcome.stderr
    assert outcome.stderr.count("\n") == 1
    untouched(desk)
