"""What a merge leaves behind of a copy: all of it counted and named, and nothing else."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook
from team_helpers import built, change, copies_of, download, edited, keep, merged, refreshed

from ims_excel import harvest, split, validate

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def march(tmp_path) -> Path:
    return built(tmp_path)


@pytest.fixture
def pair(march) -> list[Path]:
    return copies_of(march, {"INV-1": {"Status": "Accepted"}}, {"INV-2": {"Status": "Accepted"}})


@pytest.mark.parametrize(
    ("title", "cells", "said"),
    [
        ("B2B", {"AD5": "Remarks", "AD6": "mine"}, '1 cell in B2B!AD, a second column "Remarks"'),
        ("B2B", {"AD5": "Note", "AD14": "below"}, "1 cell of B2B in rows without a document (AD14)"),
        ("B2B", {"AZ14": 1, "AZ15": 2}, "2 cells of B2B in rows without a document (AZ14, AZ15)"),
        ("B2B", {"F12": "=SUM(F6:F11)"}, "1 cell of B2B in rows without a document (F12)"),
        ("B2B", {"AZ6": 1, "AZ7": 2}, "2 cells in B2B!AZ, a column without a heading"),
        ("B2B", {"AD2": "Group"}, "1 cell of B2B above the headings (AD2)"),
        ("Home", {"J3": "Call Asha"}, "1 cell of Home (J3)"),
        ("Summary", {"M3": "=1+1", "M4": 5}, "2 cells of Summary (M3, M4)"),
    ],
)
def test_cells_of_another_copy_are_counted_and_named(march, pair, title, cells, said):
    change(pair[1], title=title, **cells)
    assert merged(march, pair).not_carried == (f"b.xlsx: {said}.",)
    assert merged(march, pair[::-1]).not_carried == ()


@pytest.mark.parametrize(
    ("title", "cells"),
    [("B2B", {"AZ14": "total"}), ("B2B", {"AZ6": "x"}), ("B2B", {"AD2": "Group"}), ("Home", {"J3": "x"})],
)
def test_cells_that_the_base_or_the_first_copy_has_too_are_not(march, pair, title, cells):
    for path in pair:
        change(path, title=title, **cells)
    assert merged(march, pair).not_carried == ()


@pytest.mark.parametrize("title", ["Conflicts", "Log", "What changed", "Unmatched errors"])
def test_a_sheet_of_people_s_own_is_named_though_we_call_one_of_ours_so(march, pair, title):
    workbook = load_workbook(pair[1])
    workbook.create_sheet(title)["A1"] = "my notes"
    workbook.save(pair[1])
    assert merged(march, pair).not_carried == (f'b.xlsx: sheet "{title}".',)


def test_what_the_tool_writes_is_not_named(march):
    """Parts with their banners, harvested and validated; sheets of ours, one of them renamed."""
    parts = [part.path for part in split(march, parts=2).parts]
    edited(parts[0], parts[0], {"INV-2": {"Status": "Accepted"}})
    edited(parts[1], parts[1], {"INV-1": {"Status": None}})
    harvest(parts[0], parts[0].with_suffix(".json"))
    validate(parts[1])
    for order in (parts, parts[::-1]):
        assert merged(march, order).not_carried == ()
    copies = copies_of(march, {"INV-1": {"Status": "Accepted"}}, {"INV-1": {"Status": "Rejected"}})
    book = merged(march, copies).written
    keep(book, {"INV-1": "A: a.xlsx"})
    workbook = load_workbook(book)
    workbook["Conflicts"].title = "To discuss"
    workbook.defined_names["_ims_xl.Conflicts"].attr_text = "'To discuss'!$A$1"
    workbook.save(book)
    other = shutil.copy(copies[1], march.with_name("other.xlsx"))
    assert merged(march, [other, book], "again.xlsx").not_carried == ()


def test_downloads_that_came_between_are_not_named(march, pair):
    data = download()
    data["imsDetails"]["b2b"].pop()
    copies = [refreshed(path, data, f"{path.stem}R.xlsx") for path in pair]
    assert merged(refreshed(march, data, "base.xlsx"), copies).not_carried == ()
    again = built(march.parent, data, "again.xlsx")
    assert merged(again, copies).not_carried == ()


@pytest.mark.libreoffice
def test_saving_a_copy_in_libreoffice_adds_nothing(office, march, pair, tmp_path):
    with office.edit(pair[1], tmp_path / "saved.xlsx"):
        pass
    assert merged(march, [pair[0], tmp_path / "saved.xlsx"]).not_carried == ()
