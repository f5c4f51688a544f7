"""The sample month from end to end, as the command line runs it."""

from __future__ import annotations

import json
import re
import shutil
from datetime import datetime, timezone
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from ims_excel.cli import main
from ims_excel.pipelines.demo import SAMPLE_RECIPIENT, decide
from ims_excel.pipelines.rulebook import SOURCES, rulebook
from ims_excel.resources import resource_dir

SAMPLES = resource_dir("samples")
DECIDED_ON = datetime(2026, 4, 3, tzinfo=timezone.utc)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    book = tmp_path_factory.mktemp("month") / "built.xlsx"
    result = run("build", SAMPLES / "download.json", "--gstin", SAMPLE_RECIPIENT, "-o", book)
    assert result.exit_code == 0, result.output
    return book


@pytest.fixture
def book(built, tmp_path) -> Path:
    return Path(shutil.copy(built, tmp_path / "book.xlsx"))


@pytest.fixture
def decided(built, tmp_path) -> Path:
    target = tmp_path / "decided.xlsx"
    assert decide(built, SAMPLES / "decisions.csv", target) == 14
    return target


def edit(book: Path, cell: str, value: object) -> None:
    """Type into a cell."""
    title, _, place = cell.partition("!")
    workbook = load_workbook(book)
    workbook[title][place] = value
    workbook.save(book)


def test_build_says_how_many_documents_wait_in_each_section(tmp_path):
    result = run("build", SAMPLES / "download.json", "--gstin", SAMPLE_RECIPIENT, "-o", tmp_path / "b.xlsx")
    assert "18 documents" in result.output
    assert "B2B 4 · B2BA 2 · B2B-DN 2 · B2B-DNA 2 · B2B-CN 3 · B2B-CNA 2 · ECO 2 · ECOA 1" in result.output


def test_the_sample_decisions_harvest_to_the_sample_upload(decided, tmp_path):
    upload = tmp_path / "upload.json"
    result = run("harvest", decided, "-o", upload)
    assert result.exit_code == 0, result.output
    assert json.loads(upload.read_bytes()) == json.loads((SAMPLES / "upload.json").read_bytes())
    assert not upload.read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_sample_workbook_harvests_to_the_sample_upload(tmp_path):
    worked_on = shutil.copy(SAMPLES / "worked-on.xlsx", tmp_path)
    result = run("harvest", worked_on, "-o", tmp_path / "upload.json")
    assert result.exit_code == 0, result.output
    sample = json.loads((SAMPLES / "upload.json").read_bytes())
    assert json.loads((tmp_path / "upload.json").read_bytes()) == sample


def test_nothing_changed_writes_no_file_and_says_why(book, tmp_path):
    before = book.read_bytes()
    upload = tmp_path / "upload.json"
    result = run("harvest", book, "-o", upload)
    assert result.exit_code == 3
    assert "Nothing to upload" in result.output
    assert not upload.exists()
    assert book.read_bytes() == before


def test_allow_empty_writes_the_envelope(book, tmp_path):
    upload = tmp_path / "upload.json"
    assert run("harvest", book, "-o", upload, "--allow-empty").exit_code == 0
    assert json.loads(upload.read_bytes()) == {"rtin": SAMPLE_RECIPIENT, "reqtyp": "SAVE", "invdata": {}}


@pytest.mark.parametrize("report", ["error_offline.json", "error_api.json"])
def test_the_portal_s_errors_reach_their_rows(decided, report, tmp_path):
    result = run("errors", decided, SAMPLES / report)
    assert result.exit_code == 0, result.output
    assert "B2B!" in result.output
    assert "'B2B-CN'!" in result.output
    assert "2 portal errors written" in result.output


def test_errors_of_another_gstin_are_refused(decided, tmp_path):
    report = json.loads((SAMPLES / "error_offline.json").read_bytes()) | {"rtin": "24ZZZFD2202C1ZQ"}
    path = tmp_path / "error.json"
    path.write_text(json.dumps(report), encoding="utf-8")
    before = decided.read_bytes()
    result = run("errors", decided, path)
    assert result.exit_code == 2
    assert "24ZZZFD2202C1ZQ" in result.output
    assert decided.read_bytes() == before


def test_unmatched_errors_are_listed_on_a_sheet_and_an_earlier_list_is_replaced(decided, tmp_path):
    from openpyxl import load_workbook

    report = json.loads((SAMPLES / "error_offline.json").read_bytes())
    report["imsDetailsErr"]["b2b"][0]["inum"] = "NOT-OURS"
    path = tmp_path / "error.json"
    path.write_text(json.dumps(report), encoding="utf-8")
    assert run("errors", decided, path).exit_code == 0
    sheet = load_workbook(decided)["Unmatched errors"]
    assert [cell.value for cell in sheet[2]][:3] == ["B2B", "07ZZZCY5505F1ZP", "NOT-OURS"]
    assert run("errors", decided, SAMPLES / "error_offline.json").exit_code == 0
    again = [cell.value for row in load_workbook(decided)["Unmatched errors"] for cell in row if cell.value]
    assert again == ["Every error of the last report found its row."]


def test_validate_writes_errors_into_the_workbook_and_no_upload(book, tmp_path):
    _type(book, "B2B-CN", "VP-CN-33", "Pending")
    result = run("validate", book)
    assert result.exit_code == 1
    assert "R2" in result.output
    assert "Error R2" in _row(book, "B2B-CN", "VP-CN-33")["Sheet validation errors"]
    assert not list(tmp_path.glob("*.json"))
    _type(book, "B2B-CN", "VP-CN-33", "Rejected")
    assert run("validate", book).exit_code == 0
    assert not _row(book, "B2B-CN", "VP-CN-33")["Sheet validation errors"]


def test_harvest_with_errors_writes_no_upload_unless_invalid_rows_are_skipped(decided, tmp_path):
    upload = tmp_path / "upload.json"
    _type(decided, "B2B-CN", "VP-CN-33", "Pending")
    assert run("harvest", decided, "-o", upload).exit_code == 1
    assert not upload.exists()
    result = run("harvest", decided, "-o", upload, "--skip-invalid")
    assert result.exit_code == 1
    assert "1 row with errors left out" in result.output
    sent = json.loads(upload.read_bytes())["invdata"]
    assert [note["nt_num"] for note in sent["b2bcn"]] == ["SA/CN/26/12", "DC-CN-019"]


def test_build_never_replaces_a_workbook_unasked(book):
    before = book.read_bytes()
    result = run("build", SAMPLES / "download.json", "--gstin", SAMPLE_RECIPIENT, "-o", book)
    assert result.exit_code == 2
    assert "--force" in result.output
    assert book.read_bytes() == before


def test_build_asks_for_the_gstin_that_the_download_lacks(tmp_path):
    result = run("build", SAMPLES / "download.json", "-o", tmp_path / "b.xlsx")
    assert result.exit_code == 2
    assert "--gstin" in result.output
    assert not (tmp_path / "b.xlsx").exists()


def test_a_lost_hidden_sheet_needs_the_download(decided, tmp_path):
    from openpyxl import load_workbook

    book = load_workbook(decided)
    del book["_ims_xl"]
    book.save(decided)
    result = run("harvest", decided, "-o", tmp_path / "u.json")
    assert result.exit_code == 2
    assert "--source" in result.output
    result = run("harvest", decided, "-o", tmp_path / "u.json", "--source", SAMPLES / "download.json")
    assert result.exit_code == 0, result.output
    assert json.loads((tmp_path / "u.json").read_bytes()) == json.loads(
        (SAMPLES / "upload.json").read_bytes()
    )


def test_the_json_report_names_rules_and_cells(book):
    _type(book, "B2B", "NT-902", "maybe")
    result = run("validate", book, "--json")
    report = json.loads(result.output)
    (finding,) = [finding for finding in report["findings"] if finding["rule"] == "R1"]
    assert finding["severity"] == "error"
    assert finding["cell"].startswith("B2B!")
    assert finding["place"]["sheet"] == "B2B"


def test_every_variant_of_the_download_builds_or_says_what_is_missing(tmp_path):
    for name in ("variant_flat_boolean", "variant_rtnTyp_snake"):
        result = run("build", SAMPLES / f"{name}.json", "-o", tmp_path / f"{name}.xlsx")
        assert result.exit_code == 0, result.output
    for name in ("variant_api_data", "variant_impg"):
        result = run(
            "build", SAMPLES / f"{name}.json", "--gstin", SAMPLE_RECIPIENT, "-o", tmp_path / f"{name}.xlsx"
        )
        assert result.exit_code == 0, result.output
    assert "Read-only: " in result.output


def test_the_demo_runs_and_says_where_each_file_is(tmp_path):
    result = run("demo", tmp_path / "demo")
    assert result.exit_code == 0, result.output
    for name in ("1-built.xlsx", "2-decided.xlsx", "3-upload.json", "4-portal-errors.xlsx"):
        assert (tmp_path / "demo" / name).is_file()
        assert name in result.output


def test_the_demo_runs_again_in_the_same_folder(tmp_path):
    first = run("demo", tmp_path).output
    assert run("demo", tmp_path).output == first


def _type(book: Path, sheet: str, number: str, status: str) -> None:
    """Type a status with openpyxl, as an independent program would."""
    from openpyxl import load_workbook

    workbook = load_workbook(book)
    cells = _by_heading(workbook[sheet], number)
    cells["Status"].value = status
    workbook.save(book)


def _row(book: Path, sheet: str, number: str) -> dict[str, object]:
    from openpyxl import load_workbook

    return {name: cell.value for name, cell in _by_heading(load_workbook(book)[sheet], number).items()}


def _by_heading(sheet, number):
    headings = [cell.value for cell in sheet[5]]
    for row in sheet.iter_rows(min_row=6):
        if any(cell.value == number for cell in row):
            return dict(zip(headings, row, strict=False))
    raise AssertionError(number)


def test_a_marked_copy_is_named_in_what_comes_next(decided, tmp_path):
    """The copy carries the notes about the upload; the original knows nothing of it."""
    marked, upload = tmp_path / "marked.xlsx", tmp_path / "upload.json"
    said = run("harvest", decided, "-o", upload, "--out", marked).output
    assert f"ims-xl confirm {marked} {upload}" in said
    assert run("confirm", marked, upload).exit_code == 0
    said = run("errors", marked, SAMPLES / "error_offline.json", "--out", tmp_path / "again.xlsx").output
    assert f"ims-xl harvest {tmp_path / 'again.xlsx'}" in said


@pytest.mark.parametrize("verb", ["harvest", "validate", "errors", "confirm", "refresh"])
def test_a_marked_copy_is_not_named_like_an_upload(decided, tmp_path, verb):
    more = [SAMPLES / "error_offline.json"] if verb in {"errors", "confirm", "refresh"} else []
    result = run(verb, decided, *more, "--out", tmp_path / "upload.json")
    assert result.exit_code == 2
    assert "--out names the workbook to write and must end in .xlsx" in result.output
    assert not list(tmp_path.glob("*.json"))


def test_skip_invalid_is_only_offered_where_it_leaves_something_to_send(book, decided, tmp_path):
    edit(book, "B2B!G6", "ok")
    said = run("harvest", book, "-o", tmp_path / "upload.json").output
    assert said.splitlines()[-1] == "No upload was written: correct the errors above and harvest again."
    edit(decided, "B2B!G6", "ok")
    said = run("harvest", decided, "-o", tmp_path / "upload.json").output
    assert said.splitlines()[-1].endswith("or leave those rows out with --skip-invalid.")


def test_a_single_error_that_matches_no_row(decided, tmp_path):
    report = json.loads((SAMPLES / "error_offline.json").read_bytes())
    report["imsDetailsErr"]["b2b"][0]["inum"] = "NOT-OURS"
    (tmp_path / "error.json").write_text(json.dumps(report), encoding="utf-8")
    said = run("errors", decided, tmp_path / "error.json").output
    assert '1 portal error that matches no row, listed on the sheet "Unmatched errors":' in said
    assert "  B2B 07ZZZCY5505F1ZP NOT-OURS: " in said


def test_a_download_without_documents_asks_for_no_decision(tmp_path):
    source = SAMPLES / "variant_impg.json"
    said = run("build", source, "--gstin", SAMPLE_RECIPIENT, "-o", tmp_path / "book.xlsx").output
    assert f"No documents of {SAMPLE_RECIPIENT} to decide on." in said
    assert "Import of goods (1)" in said
    assert "Next:" not in said


def test_the_log_counts_in_words(book):
    run("harvest", book, "-o", book.with_name("upload.json"))
    assert "18 documents · 1 warning\n" in run("log", book).output


def test_rules_explain_the_codes_of_their_sources():
    said = run("rules", "R7", "R24").output
    assert said.splitlines()[-4:] == [
        "Sources",
        "  FAQ24  GSTN's advisory and FAQs on the IMS, September and October 2024",
        "  IG     itc-guard, an open reading of the official workbook's macros",
        "  IRP    IMS Recon Pro, an open tool that was corrected after real refusals of the portal",
    ]


def test_every_rule_names_sources_that_are_explained_or_speak_for_themselves():
    words = re.compile(r"\b[A-Z]{2,}[0-9]*\b")  # not pages and issues, such as P31 and #4228
    named = {code for entry in rulebook() for code in words.findall(entry.source)}
    assert {code for code in named - SOURCES.keys() if not code.startswith("ER")} <= {"CGST", "GST", "IGST"}


@pytest.mark.parametrize("verb", ["validate", "harvest"])
def test_help_says_nothing_that_only_we_can_look_up(verb):
    assert not re.search(r"\(\d", run(verb, "--help").output)
