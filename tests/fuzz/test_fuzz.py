"""A short pass of the fuzzer, the same on every run; ``make fuzz`` runs it for as long as one likes."""

from __future__ import annotations

import io
import zipfile
from random import Random

import pytest
from fuzz.mutations import mutate
from fuzz.targets import CORPUS, TARGETS
from fuzz.watching import Watch

MUTATIONS = {"download": 300, "workbook": 60, "report": 300}


@pytest.mark.parametrize("name", TARGETS)
def test_a_broken_file_is_refused_or_read_rightly(name: str):
    target = TARGETS[name]
    seeds = [path.name for path in target.seeds()] + [str(seed) for seed in range(MUTATIONS[name])]
    with Watch(target) as watch:
        verdicts = [watch.try_seed(seed) for seed in seeds]
    assert [verdict for verdict in verdicts if verdict.is_bad] == []
    outcomes = {verdict.outcome for verdict in verdicts}
    assert outcomes == {"read", "refused"}  # else the mutations no longer reach anything


def test_a_seed_always_makes_the_same_file():
    good = (CORPUS / "workbook" / "openpyxl.xlsx").read_bytes()
    made = [mutate(good, "xlsx", Random(seed)) for seed in range(20)]
    assert made == [mutate(good, "xlsx", Random(seed)) for seed in range(20)]
    assert len({data for data, _ in made}) > 15


def test_only_the_members_named_differ():
    good = (CORPUS / "workbook" / "openpyxl.xlsx").read_bytes()
    for seed in range(60):
        data, changed = mutate(good, "xlsx", Random(seed))
        if changed:
            assert members(data).keys() == members(good).keys()
            assert {name for name in members(good) if members(data)[name] != members(good)[name]} <= changed


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("raise KeyError('x')", "finding"),
        ("raise ImsError('Errno 2: no such file or directory')", "finding"),
        ("paths[0].write_bytes(b'')", "finding"),
        ("paths[0].with_name('.ims-xl-0.tmp').write_bytes(b'')", "finding"),
        ("os.abort()", "abort"),
        ("time.sleep(60)", "hang"),
        ("(b'x' * (800 << 20)).count(b'y')", "memory"),
    ],
    ids=["exception", "message", "changed input", "litter", "abort", "hang", "memory"],
)
def test_the_watch_notices(code: str, outcome: str, monkeypatch: pytest.MonkeyPatch):
    if outcome == "memory":
        pytest.importorskip("resource")
    if outcome == "hang":
        monkeypatch.setattr("fuzz.watching.LONGEST_SECONDS", 2)
    with Watch(TARGETS["report"], first=BROKEN.format(code)) as watch:
        assert watch.try_seed("error_api.json").outcome == outcome
        assert watch.try_seed("error_api.json").outcome == outcome  # and goes on


BROKEN = """
import os, time
import fuzz.targets as targets
from ims_excel.exceptions import ImsError
from ims_excel.portal.errors import ErrorReport

def broken(paths):
    {}
    return ErrorReport()

targets.read_error_reports = broken
"""
