"""People's own columns in copies: merged like answers, formulas apart, and settled like answers."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook
from team_helpers import (
    built,
    change,
    copies_of,
    delete_sheet,
    edited,
    keep,
    merged,
    rows_of,
    rules_in,
    says,
)

from ims_excel import WorkbookError, harvest, split, validate

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def march(tmp_path) -> Path:
    return built(tmp_path)


def settled(book: Path) -> object:
    headings, row = rows_of(book, "Conflicts")[:2]
    return row[headings.index("Settled")]


def rename(book: Path, heading: str, other: str) -> None:
    workbook = load_workbook(book)
    for sheet in workbook:
        for cell in sheet[5] if sheet.max_row > 4 else ():
            if cell.value == heading:
                cell.value = other
    workbook.save(book)


class TestFormulas:
    def test_a_new_one_in_the_first_copy_stays_and_values_in_its_place_are_named(self, march):
        edited(march, march, {"INV-1": {"Due": "x"}})
        first = {"INV-1": {"Due": "=F6*2"}, "INV-2": {"Due": "=F7*2"}, "INV-3": {"Due": "=F8*2"}}
        second = {"INV-1": {"Status": "Accepted"}, "INV-2": {"Due": 5}, "INV-3": {"Remarks": "late"}}
        copies = copies_of(march, first, second)
        result = merged(march, copies)
        dues = [says(result.written, number, "Due") for number in first]
        assert dues == ["=F6*2", "=F7*2", "=F8*2"]
        assert result.not_carried == (
            'b.xlsx: 1 value in the column "Due" of B2B, where a.xlsx has a formula.',
        )
        result = merged(march, copies[::-1])
        assert [says(result.written, number, "Due") for number in first] == ["x", 5, None]
        assert result.not_carried == ('a.xlsx: 3 formulas in the column "Due" of B2B.',)

    def test_those_of_other_rows_are_counted_though_the_first_copy_has_as_many(self, march):
        copies = copies_of(march, {"INV-1": {"Due": "=F6"}}, {"INV-2": {"Due": "=F7"}})
        assert merged(march, copies).not_carried == ('b.xlsx: 1 formula in the column "Due" of B2B.',)

    def test_what_others_disagree_on_beside_one_is_named_and_no_conflict(self, march):
        typed = ({"INV-1": {"Due": "=F6"}}, {"INV-1": {"Due": 1}}, {"INV-1": {"Due": 2}})
        result = merged(march, copies_of(march, *typed))
        assert result.conflicts == ()
        assert len(result.not_carried) == 2

    def test_before_is_no_choice_where_it_was_a_formula_until_somebody_enters_it(self, march):
        edited(march, march, {"INV-1": {"Due": "=F6"}})
        copies = copies_of(march, {"INV-1": {"Due": "x"}}, {"INV-1": {"Due": "y"}})
        out = merged(march, copies).written
        keep(out, {"INV-1": "Before"})
        (finding,) = (f for f in validate(out).findings if f.rule == "M1")
        assert "formula, which only you can put back" in finding.what
        assert settled(out) is None
        edited(out, out, {"INV-1": {"Due": "=F6"}})
        assert rules_in(validate(out)) == []
        assert (settled(out), says(out, "INV-1", "Due")) == ("Before", "=F6")


class TestConflicts:
    TYPED = ({"INV-1": {"Note": "mine"}}, {"INV-1": {"Note": "his"}})

    def test_the_cell_says_what_it_said_before_whatever_the_order(self, march):
        edited(march, march, {"INV-1": {"Note": "old"}})
        for order in permutations(copies_of(march, *self.TYPED)):
            assert says(merged(march, order).written, "INV-1", "Note") == "old"

    def test_a_choice_is_written_where_the_first_copy_has_no_such_column(self, march):
        copies = copies_of(march, {"INV-2": {"Status": "Accepted"}}, *self.TYPED)
        result = merged(march, copies)
        (conflict,) = result.conflicts
        assert load_workbook(result.written)["B2B"][conflict.cell.partition("!")[2]].value is None
        keep(result.written, {"INV-1": "C"})
        validate(result.written)
        assert (settled(result.written), says(result.written, "INV-1", "Note")) == ("C", "his")

    def test_a_choice_for_a_column_with_another_heading_settles_nothing(self, march):
        out = merged(march, copies_of(march, *self.TYPED)).written
        rename(out, "Note", "Our note")
        keep(out, {"INV-1": "B"})
        (finding,) = (f for f in validate(out).findings if f.rule == "M1")
        assert "No column of B2B is headed “Note” any more" in finding.what
        assert settled(out) is None
        rename(out, "Our note", "Note")
        validate(out)
        assert (settled(out), says(out, "INV-1", "Note")) == ("B", "his")

    def test_the_warning_points_to_the_cell(self, march):
        result = merged(march, copies_of(march, *self.TYPED))
        (finding,) = (f for f in validate(result.written).findings if f.rule == "M1")
        assert finding.cell == result.conflicts[0].cell

    @pytest.mark.parametrize("place", [0, 1])
    def test_a_choice_that_was_not_harvested_counts_in_the_next_merge(self, march, place):
        book = merged(march, copies_of(march, *self.TYPED)).written
        keep(book, {"INV-1": "B"})
        other = edited(march, march.with_name("c.xlsx"), {"INV-2": {"Status": "Accepted"}})
        copies = [other]
        copies.insert(place, book)
        out = merged(march, copies, "again.xlsx").written
        assert says(out, "INV-1", "Note") == "his"

    def test_without_the_sheet_it_is_settled_in_its_cell(self, march):
        out = merged(march, copies_of(march, *self.TYPED)).written
        delete_sheet(out, "Conflicts")
        (finding,) = (f for f in validate(out).findings if f.rule == "M1")
        assert finding.fix == "Enter what counts in its cell, or merge the copies again."
        with pytest.raises(WorkbookError, match="Settle it in its row first"):
            split(out)
        edited(out, out, {"INV-1": {"Note": "both"}})
        assert rules_in(validate(out)) == []
        assert len(split(out).parts) == 2

    def test_the_cell_counts_more_than_the_choice(self, march):
        out = merged(march, copies_of(march, *self.TYPED)).written
        edited(out, out, {"INV-1": {"Note": "both"}})
        keep(out, {"INV-1": "A"})
        harvest(out, out.with_name("upload.json"))
        assert (settled(out), says(out, "INV-1", "Note")) == ("in the row", "both")


class TestHeadings:
    def test_case_and_spaces_do_not_make_another_column(self, march):
        copies = copies_of(march, {"INV-1": {"Checked by": "x"}}, {"INV-2": {"checked  By ": "y"}})
        result = merged(march, copies)
        assert result.own_columns == ()
        assert [says(result.written, number, "Checked by") for number in ("INV-1", "INV-2")] == ["x", "y"]

    def test_several_of_one_heading_all_come_along(self, march):
        a, b = copies_of(march, {}, {})
        change(b, AD5="Note", AE5="Note", AF5="Note (2)", AD6="1", AE6="2", AF6="3")
        result = merged(march, [a, b])
        values = {heading: says(result.written, "INV-1", heading) for heading in result.own_columns}
        assert sorted(values.values()) == ["1", "2", "3"]
        assert len(values) == 3

    def test_a_column_the_first_copy_deleted_is_there_again(self, march):
        edited(march, march, {"INV-1": {"Note": "x"}, "INV-2": {"Note": "y"}})
        a, b = copies_of(march, {}, {"INV-2": {"Note": "z"}})
        workbook = load_workbook(a)
        workbook["B2B"].delete_cols(workbook["B2B"].max_column)
        workbook.save(a)
        out = merged(march, [a, b]).written
        assert [says(out, number, "Note") for number in ("INV-1", "INV-2")] == ["x", "z"]

    def test_line_breaks_are_the_same_however_a_program_writes_them(self, march):
        edited(march, march, {"INV-1": {"Note": "a\r\nb"}})
        copies = copies_of(march, {"INV-1": {"Note": "a\nb"}}, {"INV-1": {"Note": "c"}})
        result = merged(march, copies)
        assert (result.conflicts, says(result.written, "INV-1", "Note")) == ((), "c")


class TestALaterBase:
    def test_notes_typed_after_a_split_make_it_no_base(self, march):
        edited(march, march, {"INV-1": {"Note": "a"}})
        parts = [part.path for part in split(march, parts=2).parts]
        later = edited(march, march.with_name("later.xlsx"), {"INV-1": {"Note": "later"}})
        with pytest.raises(WorkbookError, match=r"later\.xlsx: was worked on after it was split"):
            merged(later, parts)
        out = merged(march, [*parts, later]).written
        assert says(out, "INV-1", "Note") == "later"

    def test_notes_that_no_copy_has_are_noticed(self, march):
        copies = copies_of(march, {"INV-2": {"Note": "b"}}, {"INV-2": {"Note": "b"}})
        base = edited(march, march.with_name("base.xlsx"), {"INV-1": {"Note": "later"}})
        result = merged(base, copies)
        (said,) = (notice for notice in result.notices if "base.xlsx" in notice)
        assert said == (
            "1 entry of base.xlsx stands in no copy, in columns of your own: the copies agree on something "
            "else. Was it worked on after the copies were made?"
        )
