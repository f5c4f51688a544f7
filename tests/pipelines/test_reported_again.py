"""Documents that had left the IMS and are reported again: nothing that was decided then counts unasked."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import openpyxl
import pytest
from click.testing import CliRunner
from life_helpers import credit_note, identity, invoice
from month_helpers import Month

from ims_excel.cli import main
from ims_excel.workbook.grid import CHANGES_SHEET
from ims_excel.workbook.read import read_book
from ims_excel.workbook.shown import as_text

if TYPE_CHECKING:
    from pathlib import Path

ONE = identity("SA/1")
OPEN = {"srcfilstatus": "Not Filed"}
BEGINS = datetime(2026, 4, 3, 6, 0, tzinfo=timezone.utc)


class Again(Month):
    """SA/1 is decided, withdrawn, and reported once more."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, BEGINS, b2b=[invoice("SA/1", **OPEN), invoice("SA/2", **OPEN)])

    def later(self):
        self.now += timedelta(hours=1)
        return self.refresh()

    def withdrawn(self) -> None:
        self.portal.supplier_withdraws(ONE)
        assert self.later().counts["withdrawn"] == 1
        assert self.marks() == [("withdrawn", self.cell("SA/1", "changed"))]

    def report(self, **facts: object):
        self.portal.add("b2b", invoice("SA/1", **{**OPEN, **facts}))
        return self.later()

    def rows(self) -> list[dict[str, str]]:
        """What each row of B2B says, by machine name."""
        sheet = next(sheet for sheet in read_book(self.book).sheets if sheet.title == "B2B")
        return [
            {
                name: as_text(row.values[at]) if at < len(row.values) else ""
                for name, at in sheet.columns.items()
            }
            for row in sheet.rows
        ]

    def statuses(self) -> list[str]:
        return [cells["status"] for cells in self.rows()]

    def marks(self) -> list[tuple[str, str]]:
        """What stands beside each row of SA/1."""
        return [(cells["change"], cells["changed"]) for cells in self.rows() if cells["number"] == "SA/1"]

    def stops(self) -> set[str]:
        return {f.rule for f in self.harvest(skip_invalid=True).findings if f.severity.value == "error"}


@pytest.fixture
def month(tmp_path) -> Again:
    return Again(tmp_path)


class TestUnderTheSameIdentity:
    def test_the_row_is_no_longer_struck_through_and_asks_again(self, month):
        month.type("SA/1", "Accepted")
        month.withdrawn()
        result = month.report()
        assert month.marks() == [("changed", "Back in the IMS")]
        assert (result.counts["returned"], result.asked) == (1, 1)
        assert month.stops() == {"R66"}
        month.look("B2B SA/1")
        assert month.sent() == {"SA/1": "A"}

    def test_an_undecided_row_is_only_shown(self, month):
        month.withdrawn()
        assert month.report().asked == 0
        assert month.marks() == [("seen", "Back in the IMS")]
        assert month.sent() == {}

    def test_what_was_uploaded_then_is_asked_again_too(self, month):
        month.type("SA/1", "Accepted")
        (upload,) = month.harvest().uploads
        assert month.upload(upload).status_cd == "P"
        month.confirm(upload)
        month.withdrawn()
        month.report()
        assert month.stops() == {"R66"}
        month.look("B2B SA/1")
        assert month.sent() == {"SA/1": "A"}

    def test_a_row_that_says_what_the_portal_has_needs_no_look(self, month):
        month.type("SA/1", "Accepted")
        month.withdrawn()
        assert month.report(action="A").asked == 0
        assert month.sent() == {}

    def test_what_was_open_when_it_left_is_open_again(self, month):
        month.type("SA/1", "Rejected", "not ours")
        month.portal.act_online(ONE, "A")
        assert month.later().asked == 1
        was = month.marks()[0][1]
        month.withdrawn()
        assert month.marks()[0][1].endswith(f"Open when it left: {was}")
        month.report()
        assert month.marks() == [
            (
                "changed",
                f"Back in the IMS\n{was}\nPortal: Status: Accepted → No Action (taken off with the change)",
            )
        ]
        assert month.stops() == {"R66"}

    def test_even_where_only_a_file_of_the_download_had_been_forgotten(self, month, tmp_path):
        month.type("SA/1", "Rejected", "not ours")
        month.portal.act_online(ONE, "A")
        assert month.later().asked == 1
        part = tmp_path / "part.json"
        part.write_text(json.dumps({"imsDetails": {"b2b": [invoice("SA/2", **OPEN)]}}), encoding="utf-8")
        rest = tmp_path / "rest.json"
        rest.write_text(
            json.dumps({"imsDetails": {"b2b": [invoice("SA/1", action="A", **OPEN)]}}), encoding="utf-8"
        )
        month.now += timedelta(days=365)
        month.refresh(part)
        month.refresh([part, rest])
        assert month.stops() == {"R66"}


class TestUnderAnotherDate:
    def again(self, month: Again, *typed: str, **facts: object):
        if typed:
            month.type("SA/1", *typed)
        month.withdrawn()
        return month.report(**{"idt": "20-03-2026", "val": 120000, **facts})

    def test_the_new_row_says_what_it_was_and_what_was_decided_and_takes_nothing_over(self, month):
        result = self.again(month, "Rejected", "not ours")
        gone, new = month.marks()
        assert gone[0] == "withdrawn"
        assert new[0] == "new"
        assert new[1] == (
            "Reported again: was SA/1 of 12-03-2026, which left the IMS.\n"
            "Date: 12-03-2026 → 20-03-2026; Value: ₹1,18,000.00 → ₹1,20,000.00\n"
            "Decided then: Rejected; remarks: not ours. Nothing of it was taken over."
        )
        (row,) = (row for row in result.rows if row.what == "new")
        assert row.again == "SA/1 of 12-03-2026, Rejected; remarks: not ours"
        assert [change.field for change in row.changes] == ["date", "value"]
        assert month.statuses() == ["Rejected", "No Action", "No Action"]
        assert month.sent() == {}

    def test_people_see_it(self, month):
        self.again(month, "Accepted")
        opened = openpyxl.load_workbook(month.book)
        names = [cell.value for cell in opened["B2B"][3]]
        letter = opened["B2B"].cell(3, names.index("changed") + 1).column_letter
        assert not opened["B2B"].column_dimensions[letter].hidden
        lines = [[cell.value for cell in row] for row in opened[CHANGES_SHEET]]
        assert lines[1][0] == "New; reported again, was SA/1 of 12-03-2026, Accepted"
        assert lines[1][6:9] == ["Date", "12-03-2026", "20-03-2026"]

    def test_another_period_is_told_too(self, month):
        self.again(month, idt="12-03-2026", val=118000, rtnprd="042026")
        assert month.marks()[1][1].splitlines() == [
            "Reported again: was SA/1 of 12-03-2026, which left the IMS.",
            "Return period: Mar-2026 → Apr-2026",
        ]

    @pytest.mark.parametrize(
        ("section", "record"),
        [
            ("b2b", invoice("SA/1", idt="20-04-2026", **OPEN)),
            ("b2b", invoice("SA/1", idt="20-03-2026", stin="24ZZZFD2202C1ZQ", **OPEN)),
            ("b2bcn", credit_note("SA/1", idt="20-03-2026", **OPEN)),
        ],
    )
    def test_a_number_of_another_year_supplier_or_section_is_another_document(self, month, section, record):
        month.type("SA/1", "Accepted")
        month.withdrawn()
        month.portal.add(section, record)
        (row,) = (row for row in month.later().rows if row.what == "new")
        assert row.again == ""
        assert month.marks()[1:] in ([("new", "")], [])

    def test_what_two_documents_may_have_been_is_said_of_both(self, month):
        """The download that lacks the one has two under other dates: nobody guesses, both are told."""
        month.type("SA/1", "Accepted")
        month.portal.supplier_withdraws(ONE)
        month.portal.add("b2b", invoice("SA/1", idt="20-03-2026", **OPEN))
        month.report(idt="21-03-2026")
        texts = [text.splitlines()[0] for _, text in month.marks()[1:]]
        assert texts == ["Reported again: was SA/1 of 12-03-2026, which left the IMS."] * 2

    def test_the_command_says_it(self, month):
        month.type("SA/1", "Accepted")
        month.withdrawn()
        month.portal.add("b2b", invoice("SA/1", idt="20-03-2026", **OPEN))
        month.now += timedelta(hours=1)
        result = CliRunner().invoke(main, ["refresh", str(month.book), str(month.download())])
        assert "reported again, was SA/1 of 12-03-2026, Accepted" in result.output
