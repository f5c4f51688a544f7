"""Every scenario, played in a real LibreOffice or by another program, then harvested."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from ooxml import assert_no_worse, findings
from openxml_audit import FileFormat
from portal_simulator import Portal
from scenarios import month
from scenarios.all import SCENARIOS
from scenarios.comparing import compare

from ims_excel.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from libreoffice.office import Office
    from scenarios.table import Scenario

pytestmark = pytest.mark.libreoffice
NEWEST = (FileFormat.MICROSOFT_365,)
"""One version of Office is enough for what is changed here, and takes half the time."""
NOTED = {"_ims_xl", "Log"}
"""Sheets on which ims-xl notes for itself what was done."""
STANDING = {"R14", "R24", "R25", "R26", "R27", "R27a"}
"""The rules about rows that no longer stand as they were built."""


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return month.write_book(tmp_path_factory.mktemp("month"))


@pytest.fixture(scope="module")
def spared(office: Office, decided: Path) -> set[str]:
    """What the judges find in all that LibreOffice saves: known, so that not every file is judged twice."""
    with office.edit(decided, out=decided.with_name("saved.xlsx")):
        pass
    return set(findings(decided.with_name("saved.xlsx"), NEWEST))


@pytest.fixture(params=SCENARIOS, ids=lambda scenario: scenario.name)
def scenario(request: pytest.FixtureRequest) -> Scenario:
    return request.param


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_a_scenario(scenario: Scenario, office: Office, decided: Path, spared: set[str], tmp_path: Path):
    edited = tmp_path / f"edited{scenario.suffix}"
    scenario.play(office, decided, edited)
    book = shutil.copy(edited, tmp_path / f"book{scenario.suffix}")
    options = [decided.with_name("download.json") if o == "DOWNLOAD" else o for o in scenario.options]
    source = [o for o in options if o != "--skip-invalid"]
    result = run("validate", book, "--json", *source)
    if scenario.refused:
        assert_refused(scenario, result, edited, book)
        assert_refused(scenario, run("harvest", book, *options), edited, book)
        return
    assert result.exit_code == (scenario.code == 1), result.output
    said = json.loads(result.stdout)
    assert standing(said["findings"]) == {kind: sorted(cells) for kind, cells in scenario.found.items()}
    if not scenario.is_written:
        assert_findings_beside(scenario, edited, book, decided)
        return
    assert_only_ours_changed(scenario, edited, book, said)
    assert_harvest_uploads(scenario, book, options)
    assert_errors_find_their_rows(scenario, book, decided, source)
    marked = book.with_name(f"marked{scenario.suffix}")
    if not set(findings(marked, NEWEST)) <= spared:
        assert_no_worse(marked, edited, NEWEST)


def assert_refused(scenario: Scenario, result: Result, edited: Path, book: Path) -> None:
    assert result.exit_code == 2, result.output
    assert re.search(scenario.refused, result.stderr), result.stderr
    assert result.stderr.count("\n") == 1
    assert sorted(path.name for path in book.parent.iterdir()) == [book.name, edited.name]
    assert book.read_bytes() == edited.read_bytes()


def standing(findings: list[dict[str, Any]]) -> dict[str, list[str]]:
    """List the cells of every error, and of what is said on rows that stand otherwise than built."""
    found: dict[str, list[str]] = {}
    for finding in findings:
        if finding["severity"] == "error" or finding["rule"] in STANDING:
            found.setdefault(f"{finding['rule']} {finding['severity']}", []).append(finding["cell"])
    return {kind: sorted(cells) for kind, cells in found.items()}


def uploaded(upload: Path) -> dict[str, str] | None:
    """Send the upload to a portal and tell what it took, by document number; every record must be taken."""
    if not upload.exists():
        return None
    portal = Portal(month.RECIPIENT)
    for section, records in month.sections().items():
        for record in records:
            portal.add(section, record)
    answer = portal.upload(upload.read_bytes())
    assert (answer.status_cd, answer.message, answer.error_file) == ("P", "", None)
    assert portal.sent_unchanged == []
    sent = json.loads(upload.read_bytes())["invdata"]
    return {r.get("inum") or r["nt_num"]: r["action"] for records in sent.values() for r in records}


def assert_only_ours_changed(scenario: Scenario, edited: Path, book: Path, said: dict[str, Any]) -> None:
    found = compare(edited, book)
    assert found.others == scenario.restored
    assert found.shown == scenario.shown
    assert found.unfiltered == scenario.unfiltered
    assert found.new_parts == set()
    assert said["restored_cells"] == len(scenario.restored)
    if scenario.check:
        scenario.check(edited, book)


def assert_findings_beside(scenario: Scenario, edited: Path, book: Path, decided: Path) -> None:
    """A format that is only read: the findings stand in a file beside the workbook, the upload is written."""
    findings = book.with_name(f"{book.name}.findings.txt").read_text(encoding="utf-8")
    assert all(f"{cell}: " in findings for cells in scenario.found.values() for cell in cells)
    upload = book.with_name("upload.json")
    result = run("harvest", book, "-o", upload, *scenario.options)
    assert result.exit_code == scenario.code, result.output
    assert uploaded(upload) == scenario.upload
    report = month.write_error_report(book.with_name("error.json"))
    for refused in (run("errors", book, report), run("validate", book, "--out", book.with_name("x.xlsx"))):
        assert refused.exit_code == 2
        assert "format that is only read" in refused.stderr
    assert book.read_bytes() == edited.read_bytes()


def assert_harvest_uploads(scenario: Scenario, book: Path, options: list[Any]) -> None:
    """Harvest the validated workbook; only what ims-xl notes of the upload for itself may come in."""
    validated, upload = book.with_name(f"validated{scenario.suffix}"), book.with_name("upload.json")
    shutil.copy(book, validated)
    result = run("harvest", book, "-o", upload, *options)
    assert result.exit_code == scenario.code, result.output
    assert scenario.says in result.stdout
    assert uploaded(upload) == scenario.upload
    found = compare(validated, book)
    assert {cell.rpartition("!")[0] for cell in found.others} <= NOTED
    assert found.shown == found.unfiltered == set()


def assert_errors_find_their_rows(scenario: Scenario, book: Path, decided: Path, source: list[Any]) -> None:
    """Bring the portal's errors back into the harvested workbook: that, too, leaves all else alone."""
    report = month.write_error_report(book.with_name("error.json"))
    marked = book.with_name(f"marked{scenario.suffix}")
    result = run("errors", book, report, "--out", marked, "--json", *source)
    assert result.exit_code == 0, result.output
    assert len(json.loads(result.stdout)["matched"]) == scenario.matched
    found = compare(book, marked)
    assert {cell.rpartition("!")[0] for cell in found.others} <= NOTED
    assert found.shown == found.unfiltered == set()
