"""The sums that stand stored on Home and Summary when a command has changed decisions: the true ones."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

import pytest
from life_helpers import NOW, Life, credit_note, identity, invoice
from team_helpers import built, edited

from ims_excel import harvest, merge, refresh, validate
from ims_excel.pipelines.demo import demo
from ims_excel.workbook.grid import HEADING_ROW

if TYPE_CHECKING:
    from pathlib import Path

    from libreoffice.office import Office, Sheet

OPEN = {"srcfilstatus": "Not Filed"}
pytestmark = pytest.mark.libreoffice


def assert_stored_sums_are_true(office: Office, book: Path) -> None:
    """Compare what LibreOffice shows of a workbook as it is with what it calculates itself."""
    with office.edit(book) as document:
        pages = {"Home": "D10:G24", "Summary": "B5:J73"}
        shown = {title: document.sheet(title).get(cells) for title, cells in pages.items()}
        document.recalculate()
        calculated = {title: document.sheet(title).get(cells) for title, cells in pages.items()}
    for title, rows in calculated.items():
        for row, found in zip(rows, shown[title], strict=True):
            numbers = [value if isinstance(value, float) else None for value in row]
            assert [value if isinstance(value, float) else None for value in found] == pytest.approx(numbers)
    assert calculated["Summary"][5][2] + calculated["Summary"][6][2] > 0  # accepted or rejected


def column(sheet: Sheet, row: int, heading: str) -> str:
    """The letter of the column with a heading."""
    return string.ascii_uppercase[sheet.get(f"A{row}:Z{row}")[0].index(heading)]


def test_after_the_demo(office, tmp_path):
    list(demo(tmp_path))
    assert_stored_sums_are_true(office, tmp_path / "2-decided.xlsx")
    assert_stored_sums_are_true(office, tmp_path / "4-portal-errors.xlsx")


def test_after_a_refresh(office, tmp_path):
    """Documents that came, changed and went; a section that had none."""
    life = Life(tmp_path, b2b=[invoice("SA/1"), invoice("SA/2", action="A", **OPEN), invoice("SA/3", **OPEN)])
    life.portal.add("b2b", invoice("SA/4", action="R"))
    life.portal.add("b2bcn", credit_note("CN/1"))
    life.portal.supplier_edits(identity("SA/2"), val=120000, txval=101694.92)
    life.portal.supplier_withdraws(identity("SA/3"))
    refresh(life.book, life.save_download("newer.json"), now=NOW)
    assert_stored_sums_are_true(office, life.book)


def test_after_a_merge_and_a_settled_conflict(office, tmp_path):
    march = built(tmp_path)
    typed = {
        "asha": {"INV-1": {"Status": "Accepted"}, "CN-1": {"Status": "Rejected"}},
        "ravi": {"INV-1": {"Status": "Rejected"}, "INV-2": {"Status": "Pending"}},
    }
    copies = [edited(march, tmp_path / f"{name}.xlsx", rows) for name, rows in typed.items()]
    merged = merge(march, copies, tmp_path / "merged.xlsx").written
    assert_stored_sums_are_true(office, merged)
    with office.edit(merged, merged) as document:
        conflicts = document.sheet("Conflicts")
        conflicts.set(f"{column(conflicts, 1, 'Keep')}2", "B")
    harvest(merged, tmp_path / "upload.json", skip_invalid=True)
    assert_stored_sums_are_true(office, merged)


def test_after_a_portal_amount_was_put_back(office, tmp_path):
    march = built(tmp_path)
    with office.edit(march, tmp_path / "edited.xlsx") as document:
        sheet = document.sheet("B2B")
        sheet.set(f"{column(sheet, HEADING_ROW, 'Taxable Value (₹)')}6", 1.0)
        sheet.set("G6", "Accepted")
        document.recalculate()
    assert validate(tmp_path / "edited.xlsx").restored_cells == 1
    assert_stored_sums_are_true(office, tmp_path / "edited.xlsx")
