"""Running commands on hostile files, in this process or apart, and what is asserted of each."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from click.testing import CliRunner
from hostile import jsons

from ims_excel.cli import main
from ims_excel.pipelines.demo import SAMPLE_RECIPIENT

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLES = Path(__file__).parents[2] / "samples"
DOWNLOAD = (SAMPLES / "download.json").read_text(encoding="utf-8")
REPORT = (SAMPLES / "error_offline.json").read_text(encoding="utf-8")
MOST_MEGABYTES = 700
LONGEST_SECONDS = 60


class Outcome(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


def run(*arguments: object) -> Outcome:
    """Run a command in this process; an exception that it lets through fails the test."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], color=True)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Outcome(result.exit_code, result.stdout, result.stderr)


def run_apart(*arguments: object) -> Outcome:
    """Run a command in a process of its own, which may abort, and hold it to the bounds."""
    command = [sys.executable, "-m", "ims_excel", *map(str, arguments)]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(command, stdout=out, stderr=err)
        watchdog = threading.Timer(LONGEST_SECONDS, process.kill)
        watchdog.start()
        code, megabytes = ended(process)
        watchdog.cancel()
        assert megabytes < MOST_MEGABYTES
        return Outcome(code, *(stream.seek(0) or stream.read().decode() for stream in (out, err)))


def ended(process: subprocess.Popen[bytes]) -> tuple[int, float]:
    """Wait for a process; return its exit code and, where the system tells, the most memory it took."""
    if not hasattr(os, "wait4"):
        return process.wait(), 0
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def assert_refused(outcome: Outcome, says: str) -> None:
    """Assert exit code 2 and one line on stderr that says what is wrong."""
    assert outcome.code == 2, outcome
    assert outcome.out == ""
    assert outcome.err.startswith("ims-xl: ")
    assert outcome.err.endswith("\n")
    assert outcome.err.count("\n") == 1
    assert re.search(says, outcome.err), outcome.err


def contents(folder: Path) -> dict[Path, bytes]:
    """Read every file of a folder."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def build(download: Path, runner: Callable[..., Outcome] = run) -> Outcome:
    return runner("build", download, "-o", download.with_name("book.xlsx"), "--gstin", SAMPLE_RECIPIENT)


TEXTS_REFUSED = {
    jsons.deep: "nested too deep",
    jsons.deep_objects_cut_off: "nested too deep",
    jsons.deep_in_unknown_key: "nested too deep",
    jsons.deep_in_record: "nested too deep",
    jsons.top_key_twice: "twice",
    jsons.record_key_twice: '"stin" twice',
    jsons.section_twice: '"b2b" twice',
    jsons.cut_off: "cut off|not JSON: line",
    jsons.empty: "empty",
    jsons.blank: "empty",
    jsons.null: "not an object",
    jsons.only_text: "not an object",
    jsons.empty_object: "not a download|not an error report",
    jsons.login_page: "not JSON|web page",
    jsons.invalid_utf8: "not UTF-8",
    jsons.overlong_utf8: "not UTF-8",
    jsons.cp1252: "not UTF-8",
    jsons.utf16_le: "UTF-16",
    jsons.utf16_be: "UTF-16",
    jsons.utf16_unmarked: "UTF-16",
    jsons.utf32: "UTF-16|UTF-32",
    jsons.behind_the_end: "not JSON: line",
    jsons.commented: "not JSON: line 1",
    jsons.nan: "NaN",
    jsons.infinity: "Infinity",
    jsons.minus_infinity: "-Infinity",
    jsons.raw_control_character: "not JSON: line",
    jsons.lone_surrogate: "half a character",
    jsons.reversed_surrogates: "half a character",
}
"""Refused wherever a JSON of the portal is read."""
