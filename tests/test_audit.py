"""The log: what was done with a workbook, in the file beside it, in the workbook, and on its sheet."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import timedelta

import pytest
from click.testing import CliRunner
from life_helpers import NOW, Life, credit_note, identity, invoice
from month_helpers import Month
from openpyxl import load_workbook

from ims_excel import __version__, audit, read_log
from ims_excel.audit import log_path
from ims_excel.cli import main


@pytest.fixture
def life(tmp_path) -> Life:
    return Life(tmp_path, b2b=[invoice("SA/1"), invoice("SA/2")], b2bcn=[credit_note("CN/1")])


def lines(life: Life) -> list[dict]:
    return [json.loads(line) for line in log_path(life.book).read_text(encoding="utf-8").splitlines()]


def log_sheet(life: Life) -> list[tuple]:
    sheet = load_workbook(life.book)["Log"]
    assert sheet.sheet_state == "visible"
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows()]


def run(*arguments: object) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_every_verb_adds_one_line_with_time_user_version_and_hashes(life, monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: "asha")
    life.type("SA/1", "Accepted")
    as_read = hashlib.sha256(life.book.read_bytes()).hexdigest()
    upload = life.harvest().upload
    life.portal.refuse_next(identity("SA/1"), "no")
    life.take_back(life.upload(upload))
    life.type("SA/2", "Accepted")
    life.confirm(life.harvest().upload)
    events = lines(life)
    assert [event["event"] for event in events] == ["build", "harvest", "errors", "harvest", "confirm"]
    harvested = events[1]
    assert harvested["at"].startswith("2026-04-03T")
    assert harvested["at"][-6] in "+-"
    assert (harvested["user"], harvested["version"], harvested["book"]) == ("asha", __version__, "book.xlsx")
    assert harvested["files"] == [
        {"role": "workbook", "name": "book.xlsx", "sha256": as_read},
        {"role": "upload", "name": upload.name, "sha256": hashlib.sha256(upload.read_bytes()).hexdigest()},
    ]
    assert harvested["counts"]["exported"] == harvested["counts"]["Accepted"] == 1
    assert [mark["role"] for mark in events[2]["files"]] == ["workbook", "report", "upload"]
    assert events[2]["refused"] == ["SA/1 of Sahyadri Alloys"]


def test_decisions_are_logged_when_they_change_old_and_new(life):
    life.type("SA/1", "Accepted")
    life.type("CN/1", "Accepted", "not availed", "No")
    life.harvest()
    life.type("SA/1", "Rejected", "not ours")
    life.harvest()
    life.harvest()
    changes = [[(c["document"][:4], c["old"], c["new"]) for c in event["changes"]] for event in lines(life)]
    nothing = {"status": "No Action"}
    assert changes == [
        [],
        [("SA/1", nothing, {"status": "Accepted"}),
         ("CN/1", nothing, {"status": "Accepted", "remarks": "not availed", "itc_reduction": "No"})],
        [("SA/1", {"status": "Accepted"}, {"status": "Rejected", "remarks": "not ours"})],
        [],
    ]  # fmt: skip


def test_what_cannot_go_up_is_logged_too_and_only_once(life):
    life.type("SA/1", "maybe")
    life.harvest()
    life.harvest()
    life.type("SA/1", "No Action")
    life.harvest()
    told = [(c["old"]["status"], c["new"]["status"]) for event in lines(life) for c in event["changes"]]
    assert told == [("No Action", "maybe"), ("maybe", "No Action")]


def test_decisions_of_an_upload_that_failed_are_not_told_again(life):
    life.type("SA/1", "Accepted")
    life.harvest()
    life.status_report("ER")
    life.harvest()
    assert [len(event["changes"]) for event in lines(life)] == [0, 1, 0, 0]


def test_the_sheet_shows_the_newest_first_and_begins_with_the_build(life):
    life.type("SA/1", "Accepted")
    life.harvest()
    life.type("SA/1", "Pending")
    life.harvest()
    rows = log_sheet(life)
    assert rows[0][:5] == ("Time", "What", "Document", "Before", "Now")
    assert [row[1] for row in rows[1:]] == ["harvest", "decision", "harvest", "decision", "build"]
    assert rows[2][2:5] == ("SA/1 of Sahyadri Alloys", "Accepted", "Pending")
    assert load_workbook(life.book).sheetnames[-1] == "Log"


def test_a_harvest_without_effect_stands_only_in_the_file(life):
    life.type("SA/1", "Accepted")
    life.harvest()
    life.harvest()
    rows = len(log_sheet(life))
    life.harvest()
    assert len(log_sheet(life)) == rows
    assert len(lines(life)) == 4


def test_the_log_of_a_copy_continues_that_of_the_original(life, tmp_path):
    life.type("SA/1", "Accepted")
    life.harvest(out=tmp_path / "copy.xlsx")
    assert [event["event"] for event in lines(life)] == ["build"]
    life.book = tmp_path / "copy.xlsx"
    assert [event["event"] for event in lines(life)] == ["build", "harvest"]


def test_a_line_that_a_crash_cut_is_told_and_the_next_stands_by_itself(life):
    life.type("SA/1", "Accepted")
    life.harvest()
    path = log_path(life.book)
    path.write_bytes(path.read_bytes()[:-30])
    life.type("SA/2", "Accepted")
    life.harvest()
    result = read_log(life.book)
    assert [event.event for event in result.events] == ["build", "harvest"]
    assert result.damaged == (2,)
    assert "line 2" in run("log", life.book)


def test_without_the_file_the_workbook_tells_what_it_knows(life):
    life.type("SA/1", "Accepted")
    life.harvest()
    log_path(life.book).unlink()
    result = read_log(life.book)
    assert result.log is None
    assert [event.event for event in result.events] == ["build", "harvest"]
    assert "no log beside the workbook" in run("log", life.book)


def test_a_log_that_cannot_be_written_is_a_notice_not_a_failure(life, monkeypatch):
    log_path(life.book).unlink()
    log_path(life.book).mkdir()
    life.type("SA/1", "Accepted")
    result = life.harvest()
    assert result.upload is not None
    assert any("audit.jsonl could not be written" in notice for notice in result.notices)


def test_a_system_without_user_names_is_no_obstacle(life, monkeypatch):
    def nobody() -> str:
        raise OSError("no username set")

    monkeypatch.setattr("getpass.getuser", nobody)
    life.type("SA/1", "Accepted")
    life.harvest()
    assert lines(life)[-1]["user"] == ""


def test_one_document_s_life(life):
    life.type("SA/1", "Accepted")
    life.type("SA/2", "Accepted")
    upload = life.harvest().upload
    life.portal.refuse_next(identity("SA/1"), "no")
    life.take_back(life.upload(upload))
    life.type("SA/1", "Pending")
    second = life.harvest().upload
    told = run("log", life.book, "--document", "sa/1")
    assert "SA/2" not in told
    assert "SA/1 of Sahyadri Alloys: Accepted → Pending" in told
    assert f"Accepted in {upload.name}: refused by the portal" in told
    assert f"Pending in {second.name}: sent, not confirmed yet" in told
    assert run("log", life.book, "--document", "nothing") == "Nothing is logged about nothing.\n"


def test_the_log_as_json(life):
    life.type("SA/1", "Accepted")
    life.harvest()
    report = json.loads(run("log", life.book, "--json"))
    assert [event["event"] for event in report["events"]] == ["build", "harvest"]
    assert report["events"][1]["changes"][0]["new"] == {"status": "Accepted"}


def test_a_copy_that_travelled_alone_takes_its_history_along(life, tmp_path):
    life.type("SA/1", "Accepted")
    life.harvest()
    far = tmp_path / "far"
    far.mkdir()
    life.book = shutil.copy(life.book, far / "alone.xlsx")
    life.type("SA/2", "Pending")
    life.harvest()
    told = run("log", life.book)
    assert [line.split()[2] for line in told.splitlines() if line[:2].isdigit()] == [
        "build", "harvest", "harvest",
    ]  # fmt: skip
    assert "SA/1 of Sahyadri Alloys: No Action → Accepted" in told


def test_what_newer_downloads_brought_is_told_by_document(tmp_path):
    month = Month(tmp_path, NOW, b2b=[invoice("SA/1", srcfilstatus="Not Filed"), invoice("SA/2")])
    month.type("SA/1", "Accepted")
    month.portal.supplier_edits(identity("SA/1"), val=120000)
    month.portal.act_online(identity("SA/2"), "R")
    month.now += timedelta(days=1)
    month.refresh()
    month.look("B2B SA/1")
    month.harvest()
    about = run("log", month.book, "--document", "SA/1")
    assert "SA/1 of Sahyadri Alloys: changed by the supplier: Value: ₹1,18,000.00 → ₹1,20,000.00" in about
    assert "SA/1 of Sahyadri Alloys: looked at: the document had changed" in about
    assert "SA/2 of Sahyadri Alloys: acted on online: Status: No Action → Rejected" in run("log", month.book)
    assert ("Looked at", "SA/1 of Sahyadri Alloys") in {row[1:3] for row in log_sheet(month)}


def test_what_is_typed_beside_a_document_that_left_is_logged_once(tmp_path):
    month = Month(tmp_path, NOW, b2b=[invoice("SA/1", srcfilstatus="Not Filed"), invoice("SA/2")])
    month.portal.supplier_withdraws(identity("SA/1"))
    month.now += timedelta(days=1)
    month.refresh()
    month.type("SA/1", "Rejected", "typed while gone")
    month.harvest()
    month.now += timedelta(days=1)
    month.portal.add("b2b", invoice("SA/1", srcfilstatus="Not Filed"))
    month.refresh()
    month.look("B2B SA/1")
    assert month.sent() == {"SA/1": "R"}
    about = run("log", month.book, "--document", "SA/1")
    assert about.count("No Action → Rejected; remarks: typed while gone") == 1


def test_a_download_that_brings_nothing_is_logged(tmp_path):
    month = Month(tmp_path, NOW, b2b=[invoice("SA/1")])
    month.refresh(tmp_path / "download.json")
    assert [event["event"] for event in lines(month)] == ["build", "refresh"]


def test_the_sheet_is_bounded_and_says_what_it_leaves_out(life, monkeypatch):
    monkeypatch.setattr(audit.newest, "__defaults__", (2,))
    life.type("SA/1", "Accepted")
    life.type("SA/2", "Accepted")
    life.harvest()
    rows = log_sheet(life)
    assert [row[1] for row in rows[1:]] == ["harvest", "decision"]
    assert "1 more in the log beside the workbook" in rows[1][7]


def test_confirm_and_harvest_say_what_comes_next(life):
    life.type("SA/1", "Accepted")
    life.type("SA/2", "Accepted")
    told = run("harvest", life.book, "--max-records", 1)
    assert "Upload in 2 parts" in told
    assert "IMSSAV0015" in told
    first, second = sorted(life.folder.glob("IMS_*.json"))
    assert "2 parts" not in run("confirm", life.book, first)
    told = run("confirm", life.book, first)
    assert "knew that already" in told
    assert second.name in told
    told = run("confirm", life.book, second, "--failed")
    assert "1 record goes up again with the next harvest." in told
    assert json.loads(run("confirm", life.book, first, "--json"))["records"] == 1
