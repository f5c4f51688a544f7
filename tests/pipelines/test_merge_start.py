"""What the merged workbook is made from: the copy with which no row gets lost, and its kind of file."""

from __future__ import annotations

import shutil
import zipfile
from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from team_helpers import (
    NUMBERS,
    built,
    copies_of,
    delete_row,
    delete_sheet,
    edited,
    merged,
    says,
    sent,
    shown,
    statuses,
)

from ims_excel import WorkbookError, WriteError, merge, split

if TYPE_CHECKING:
    from pathlib import Path

MACROS = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"


@pytest.fixture
def march(tmp_path) -> Path:
    return built(tmp_path)


def with_macros(book: Path) -> Path:
    """The same as a workbook with macros."""
    out = book.with_suffix(".xlsm")
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "[Content_Types].xml":
                plain = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
                data = data.replace(plain, MACROS.encode())
            new.writestr(name, data)
    return out


def kind_of(book: Path) -> str:
    return "macros" if MACROS.encode() in zipfile.ZipFile(book).read("[Content_Types].xml") else "plain"


class TestRows:
    TYPED = ({"INV-2": {"Status": "Accepted"}}, {"INV-3": {"Status": "Accepted"}})

    def test_a_decision_of_the_base_is_kept_whose_row_the_first_copy_deleted(self, march):
        edited(march, march, {"INV-1": {"Status": "Accepted"}})
        copies = copies_of(march, *self.TYPED)
        delete_row(copies[0], "INV-1")
        for order in permutations(copies):
            result = merged(march, order)
            assert sent(result.written) == {"INV-1": "A", "INV-2": "A", "INV-3": "A"}
            assert result.start_name == "b.xlsx"

    def test_so_is_a_sheet_that_the_first_copy_deleted(self, march):
        edited(march, march, {"CN-1": {"Status": "Pending"}})
        copies = copies_of(march, *self.TYPED)
        delete_sheet(copies[0], "B2B-CN")
        assert sent(merged(march, copies).written) == {"INV-2": "A", "INV-3": "A", "CN-1": "P"}

    def test_rows_nobody_decided_on_are_kept_too(self, march):
        copies = copies_of(march, *self.TYPED)
        delete_row(copies[0], "INV-1")
        assert set(statuses(merged(march, copies).written)) == set(NUMBERS)

    def test_the_base_is_taken_where_every_copy_lacks_a_row(self, march):
        edited(march, march, {"INV-1": {"Status": "Accepted"}})
        copies = copies_of(march, *self.TYPED)
        for copy, number in zip(copies, ("INV-1", "INV-5"), strict=True):
            delete_row(copy, number)
        result = merged(march, copies)
        assert (result.start, set(statuses(result.written))) == (march, set(NUMBERS))

    def test_undecided_rows_that_no_one_workbook_has_all_of_are_named(self, march):
        copies = copies_of(march, *self.TYPED)
        for book, number in zip((march, *copies), ("INV-4", "INV-5", "INV-6"), strict=True):
            delete_row(book, number)
        result = merged(march, copies)
        assert result.start == copies[0]
        (said,) = (notice for notice in result.notices if "No workbook has all rows" in notice)
        assert said == (
            "No workbook has all rows. The merged one lacks 1 row in which nobody entered anything (R26): "
            "INV-5 of Dandi Chemicals."
        )

    def test_notes_in_rows_nobody_decided_on_are_not_given_up(self, march):
        edited(march, march, {"INV-5": {"Note": "ask"}})
        copies = copies_of(march, *self.TYPED)
        for book, number in zip((march, *copies), ("INV-4", "INV-5", "INV-6"), strict=True):
            delete_row(book, number)
        result = merged(march, copies)
        assert (result.start, says(result.written, "INV-5", "Note")) == (copies[1], "ask")

    def test_a_formula_is_nothing_that_somebody_entered(self, march):
        edited(march, march, {number: {"Twice": "=F6*2"} for number in NUMBERS})
        copies = copies_of(march, *self.TYPED)
        for book, number in zip((march, *copies), ("INV-4", "INV-5", "INV-6"), strict=True):
            delete_row(book, number)
        assert merged(march, copies).start == copies[0]

    def test_hidden_rows_deleted_in_a_part_are_there_again(self, march):
        edited(march, march, {"INV-1": {"Status": "Accepted"}})
        one, two = (part.path for part in split(march, parts=2).parts)
        for number in set(NUMBERS) - shown(one):
            delete_row(one, number)
        out = merged(march, [one, two]).written
        assert statuses(out)["INV-1"] == "Accepted"
        assert shown(out) == set(NUMBERS)


class TestKinds:
    def test_a_workbook_with_macros_stays_one(self, march):
        a, b = copies_of(march, {"INV-1": {"Status": "Accepted"}}, {})
        macros = with_macros(a)
        with pytest.raises(WriteError, match=r"merged\.xlsx: is made from a\.xlsm, so .* must end in \.xlsm"):
            merged(march, [macros, b])
        assert not march.with_name("merged.xlsx").exists()
        out = merged(march, [macros, b], "merged.xlsm").written
        assert kind_of(out) == "macros"
        assert statuses(out)["INV-1"] == "Accepted"

    def test_one_without_does_not_become_one(self, march):
        a, b = copies_of(march, {}, {})
        with pytest.raises(WriteError, match=r"is made from b\.xlsx, so its name must end in \.xlsx"):
            merged(march, [b, with_macros(a)], "merged.xlsm")
        assert kind_of(merged(march, [b, with_macros(a)]).written) == "plain"
        with pytest.raises(WriteError, match=r"must end in \.xlsx, or in \.xlsm"):
            merged(march, [a, b], "merged.ods")

    def test_parts_are_of_the_kind_of_the_whole(self, march):
        parts = [part.path for part in split(with_macros(march), parts=2).parts]
        assert [(path.name, kind_of(path)) for path in parts] == [
            ("march-part1of2.xlsm", "macros"), ("march-part2of2.xlsm", "macros")
        ]  # fmt: skip


class TestNames:
    def test_copies_of_one_name_are_told_apart_by_their_folders(self, march, tmp_path):
        copies = []
        for who, status in (("asha", "Rejected"), ("ravi", "Accepted")):
            (tmp_path / who).mkdir()
            rows = {"INV-1": {"Status": status}}
            copies.append(edited(march, tmp_path / who / "march.xlsx", rows))
        result = merge(march, copies, tmp_path / "out.xlsx")
        assert [copy.name for copy in result.copies] == ["asha/march.xlsx", "ravi/march.xlsx"]
        assert list(result.conflicts[0].values)[1:] == ["A: asha/march.xlsx", "B: ravi/march.xlsx"]
        assert result.start_name == "asha/march.xlsx"

    def test_the_tool_is_nobody_who_saved_a_copy(self, march, tmp_path):
        untouched = shutil.copy(march, tmp_path / "untouched.xlsx")
        by_tool = edited(march, tmp_path / "a.xlsx", {}, author="ims-xl")
        result = merge(march, [untouched, by_tool], tmp_path / "out.xlsx")
        assert [copy.author for copy in result.copies] == ["", ""]


@pytest.mark.parametrize("verb", ["merge", "split"])
def test_a_workbook_without_its_hidden_sheet_is_sent_for_what_these_verbs_know(march, verb):
    copies = copies_of(march, {}, {})
    delete_sheet(march, "_ims_xl")
    with pytest.raises(WorkbookError, match="go back to an earlier copy of it, or build it again") as refused:
        merged(march, copies) if verb == "merge" else split(march)
    assert "--source" not in str(refused.value)
