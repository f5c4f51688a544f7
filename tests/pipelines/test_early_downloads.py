"""A download made before anybody noted that an upload went through: it may be older than the upload."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from life_helpers import NOW, identity, invoice
from month_helpers import Month

from ims_excel import merge
from ims_excel.pipelines.judging import CONFIRMED_LATER

ONE, TWO = identity("SA/1"), identity("SA/2")


def at(minute: int) -> datetime:
    return NOW + timedelta(minutes=minute)


def rejected_online(life: Month) -> None:
    life.portal.act_online(ONE, "R", "online reason")


class Day(Month):
    """Accepted and harvested at 10:00; the portal has not worked on the upload yet."""

    def __init__(self, folder: Path, *numbers: str) -> None:
        super().__init__(folder, at(-5), b2b=[invoice("SA/1"), invoice("SA/2")])
        self.now = at(0)
        for number in numbers:
            self.type(number, "Accepted")
        (self.upload_file,) = self.harvest().uploads

    def download_at(self, minute: int) -> Path:
        """Download; a new document each time, as the very same bytes would be no newer download."""
        self.now = at(minute)
        self.portal.add("b2b", invoice(f"SA/at-{minute}"))
        return self.download()

    def confirm_at(self, minute: int) -> None:
        self.now = at(minute)
        self.confirm(self.upload_file)

    def refresh_at(self, minute: int, download: Path):
        self.now = at(minute)
        return self.refresh(download)

    def row(self, number: str = "SA/1") -> tuple[str, str]:
        return self.cell(number, "change"), self.cell(number, "changed")

    def stops(self) -> set[str]:
        return {f.rule for f in self.harvest(skip_invalid=True).findings if f.severity.value == "error"}


@pytest.fixture
def day(tmp_path) -> Day:
    return Day(tmp_path, "SA/1")


@pytest.mark.parametrize("how", ["confirmed", "reported"])
def test_it_contradicts_nothing_and_the_next_one_does(day, how):
    early = day.download_at(5)
    day.now = at(10)
    day.confirm(day.upload_file) if how == "confirmed" else day.status_report("P")
    result = day.refresh_at(12, early)
    assert (day.row(), result.asked) == (("", ""), 0)
    assert "was made before you noted that the upload went through" in " ".join(result.notices)
    assert day.sent() == {}
    assert day.refresh_at(16, day.download_at(15)).asked == 1
    assert day.row() == ("conflict", "Portal: Accepted (uploaded) → No Action\nThis row: Accepted")
    assert day.stops() == {"N1"}


def test_noting_it_twice_counts_from_the_first_time(day):
    day.confirm_at(10)
    between = day.download_at(15)
    was = day.book.read_bytes()
    day.confirm_at(20)
    assert day.book.read_bytes() == was
    assert day.refresh_at(21, between).asked == 1


@pytest.fixture
def shown(day) -> Day:
    """Rejected online, seen by a download that is older than the confirmation of our upload."""
    rejected_online(day)
    early = day.download_at(5)
    day.confirm_at(10)
    assert day.refresh_at(12, early).asked == 0
    return day


def test_what_was_done_online_is_shown_and_the_row_stays_as_uploaded(shown):
    word, text = shown.row()
    assert word == "seen"
    assert text.splitlines() == [
        "Portal: Status: No Action → Rejected; Remarks: blank → online reason (online)",
        f"This row: Accepted, {CONFIRMED_LATER}",
    ]
    assert shown.cell("SA/1", "status") == "Accepted"
    assert shown.sent() == {}


def test_the_next_download_shows_that_the_upload_counts(shown):
    shown.portal.act_online(ONE, "A")
    shown.refresh_at(16, shown.download_at(15))
    assert shown.row() == ("taken", "")
    assert shown.sent() == {}


def test_the_next_download_shows_that_it_does_not(shown):
    assert shown.refresh_at(16, shown.download_at(15)).asked == 1
    assert shown.row() == ("conflict", "Portal: Accepted (uploaded) → Rejected\nThis row: Accepted")
    assert shown.stops() == {"N1"}


def test_another_decision_since_then_is_a_conflict_with_what_was_done_online(day):
    rejected_online(day)
    early = day.download_at(5)
    day.confirm_at(10)
    day.type("SA/1", "Pending")
    assert day.refresh_at(12, early).asked == 1
    assert day.stops() == {"N1"}


def test_another_record_of_the_same_upload_shows_that_the_upload_is_older(tmp_path):
    day = Day(tmp_path, "SA/1", "SA/2")
    day.portal.act_online(TWO, "A")
    early = day.download_at(5)
    day.confirm_at(10)
    day.refresh_at(12, early)
    assert day.row("SA/2") == ("taken", "")
    assert day.stops() == {"N1"}


def test_merged_copies_count_from_the_first_that_knew(day, tmp_path):
    base, other = (Path(shutil.copy(day.book, tmp_path / name)) for name in ("base.xlsx", "other.xlsx"))
    day.confirm_at(10)
    mine, day.book = day.book, other
    day.confirm_at(30)
    day.book = merge(base, [other, mine], tmp_path / "merged.xlsx").written
    assert day.refresh_at(40, day.download_at(20)).asked == 1


@pytest.mark.parametrize("change", [{"val": 118001}, {"idt": "09-03-2026"}], ids=str)
def test_what_a_change_took_off_and_nobody_wants_any_more_is_not_taken_back_again(tmp_path, change):
    life = Month(tmp_path, at(0), b2b=[invoice("SA/1", srcfilstatus="Not Filed")])
    life.type("SA/1", "Accepted")
    (path,) = life.harvest().uploads
    assert not life.upload(path).error_file
    life.confirm(path)
    life.portal.supplier_edits(ONE, **change)
    life.type("SA/1", "No Action")
    life.now = at(10)
    life.refresh(life.download())
    assert life.harvest().upload is None
