"""A newer download that is silent about remarks and ITC answers does not contradict an upload with them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ims_excel import build, harvest, refresh
from ims_excel.pipelines.demo import SAMPLE_RECIPIENT, decide
from ims_excel.resources import resource_dir

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES = resource_dir("samples")


@pytest.fixture
def harvested(tmp_path) -> Path:
    book = tmp_path / "book.xlsx"
    build(SAMPLES / "download.json", tmp_path / "built.xlsx", gstin=SAMPLE_RECIPIENT)
    decide(tmp_path / "built.xlsx", SAMPLES / "decisions.csv", book)
    harvest(book, tmp_path / "upload.json")
    return book


def newer(folder: Path, **answer: object) -> Path:
    """A download with the actions that went up, without remarks and ITC answers but for one invoice."""
    download = json.loads((SAMPLES / "download.json").read_bytes())["imsDetails"]
    sent = json.loads((SAMPLES / "upload.json").read_bytes())["invdata"]
    for section, records in sent.items():
        actions = {record.get("inum") or record["nt_num"]: record["action"] for record in records}
        for record in download[section]:
            record["action"] = actions.get(record.get("inum") or record["nt_num"], "N")
    download["b2b"][1].update(answer)
    path = folder / "newer.json"
    path.write_text(json.dumps({"imsDetails": download}), encoding="utf-8")
    return path


def test_the_action_alone_says_that_an_upload_was_taken(harvested, tmp_path):
    result = refresh(harvested, newer(tmp_path))
    assert result.counts["taken"] == 14
    assert not result.counts["conflict"]
    assert harvest(harvested, tmp_path / "again.json").upload is None


def test_another_remark_on_the_portal_is_a_conflict(harvested, tmp_path):
    result = refresh(harvested, newer(tmp_path, remarks="Somebody else was here"))
    assert result.counts["conflict"] == 1


def test_a_remark_that_was_repeated_once_and_is_gone_is_a_conflict(harvested, tmp_path):
    (sent,) = [
        record["remarks"]
        for record in json.loads((SAMPLES / "upload.json").read_bytes())["invdata"]["b2b"]
        if record["inum"] == "DC-2026-0093"
    ]
    assert refresh(harvested, newer(tmp_path, remarks=sent)).counts["taken"] == 14
    assert refresh(harvested, newer(tmp_path)).counts["conflict"] == 1


def test_an_itc_answer_that_was_repeated_once_and_is_gone_is_a_conflict(harvested, tmp_path):
    path = newer(tmp_path)
    download = json.loads(path.read_bytes())
    download["imsDetails"]["b2bdna"][0]["itcRedReq"] = "N"
    path.write_text(json.dumps(download), encoding="utf-8")
    assert refresh(harvested, path).counts["taken"] == 14
    assert refresh(harvested, newer(tmp_path)).counts["conflict"] == 1


def test_the_same_download_after_an_upload_says_that_it_shows_none_of_it(harvested):
    result = refresh(harvested, SAMPLES / "download.json")
    assert result.written is None
    assert "shows nothing of upload.json, uploaded since" in result.notices[1]
    assert "--failed" in result.notices[1]
