"""The sheet "Conflicts": what people may do with it, and what a word in Keep means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from team_helpers import built, change, copies_of, edited, keep, merged, rows_of, rules_in, says, sent

from ims_excel import harvest, merge, validate
from ims_excel.cli import main
from ims_excel.pipelines.conflictsheet import Choice, choice_of
from ims_excel.team import Dispute

if TYPE_CHECKING:
    from pathlib import Path

AMBIGUOUS = "may mean more than one thing; choose from the list"


def status(*said: str, names: tuple[str, ...] = ("A: asha.xlsx (Asha)", "B: ravi.xlsx")) -> Dispute:
    return Dispute(1, "key", "status", ("Before", *names), tuple((one,) for one in said))


def note(*said: str | float | None) -> Dispute:
    return Dispute(1, "key", "own:Chk", ("Before", "A: a.xlsx", "B: b.xlsx"), tuple((one,) for one in said))


NAME_TWICE = ("A: asha/march.xlsx", "B: ravi/march.xlsx")


@pytest.mark.parametrize(
    ("keeps", "dispute", "expected"),
    [
        ([], status("No Action", "Rejected", "Accepted"), None),
        (["before"], status("No Action", "Rejected", "Accepted"), 0),
        (["a: ASHA.xlsx  (asha)"], status("No Action", "Rejected", "Accepted"), 1),
        (["asha.xlsx"], status("No Action", "Rejected", "Accepted"), 1),
        (["B"], status("No Action", "Rejected", "Accepted"), 2),
        (["accept"], status("No Action", "Rejected", "Accepted"), 2),
        (["A"], status("No Action", "Accepted", "Rejected"), 1),
        (["A"], status("No Action", "Rejected", "Accepted"), "“A” in Keep " + AMBIGUOUS),
        (["A"], status("No Action", "Rejected", "Pending"), "“A” in Keep " + AMBIGUOUS),
        (["a", "A"], status("No Action", "Accepted", "Rejected"), 1),
        (["A", "B"], status("No Action", "Accepted", "Rejected"), "more than once, with different choices"),
        (["march.xlsx"], status("N", "Rejected", "Accepted", names=NAME_TWICE), AMBIGUOUS),
        (["ravi/march.xlsx"], status("N", "Rejected", "Accepted", names=NAME_TWICE), 2),
        (["mine"], status("No Action", "Rejected", "Accepted"), "“mine” in Keep is none of these"),
        (["Pending"], status("No Action", "Rejected", "Accepted"), "“Pending” in Keep is none of these"),
        (["A"], note(None, "B", "A"), AMBIGUOUS),
        (["A"], note(None, "A", "B"), 1),
        (["B: b.xlsx"], note(None, "B", "A"), 2),
        (["(blank)"], note(None, "x", "y"), 0),
        (["1.5"], note(None, 1.5, "y"), 1),
    ],
)  # fmt: skip
def test_a_word_that_may_mean_values_that_differ_is_no_choice(keeps, dispute, expected):
    chosen = choice_of(keeps, dispute)
    if isinstance(expected, str):
        assert chosen.value is None
        assert expected in chosen.snag
    else:
        assert chosen == Choice(expected)


TYPED = ({"INV-1": {"Status": "Accepted"}}, {"INV-1": {"Status": "Rejected"}})


@pytest.fixture
def book(tmp_path) -> Path:
    march = built(tmp_path)
    return merged(march, copies_of(march, *TYPED)).written


def test_rows_and_columns_that_people_insert_do_not_count(book):
    workbook = load_workbook(book)
    sheet = workbook["Conflicts"]
    sheet.insert_rows(1)
    sheet.insert_cols(1)
    sheet["A1"], sheet["B3"] = "To be settled by Friday", "B: b.xlsx"
    workbook.save(book)
    assert sent(book) == {"INV-1": "R"}
    assert load_workbook(book)["Conflicts"]["C3"].value == "B"


def test_a_conflict_that_stands_twice_with_two_choices_is_open(book):
    workbook = load_workbook(book)
    sheet = workbook["Conflicts"]
    for cell in sheet[2]:
        sheet.cell(4, cell.column).value = cell.value
    sheet["A2"], sheet["A4"] = "A: a.xlsx", "B: b.xlsx"
    workbook.save(book)
    result = validate(book)
    assert rules_in(result) == ["M1"]
    assert "more than once, with different choices in Keep" in result.errors[0].what
    keep(book, {"INV-1": "B: b.xlsx"})
    assert sent(book) == {"INV-1": "R"}
    assert [load_workbook(book)["Conflicts"][cell].value for cell in ("B2", "B4")] == ["B", "B"]


@pytest.mark.parametrize(("typed", "shown"), [("#N/A", "#N/A"), ("=1+1", "=1+1")])
def test_what_stands_in_keep_is_named_as_people_see_it(book, typed, shown):
    change(book, title="Conflicts", A2=typed)
    assert f"“{shown}” in Keep is none of these" in validate(book).errors[0].what


def test_the_command_names_our_sheet_where_people_have_one_of_that_name(tmp_path):
    march = built(tmp_path)
    copies = copies_of(march, *TYPED)
    workbook = load_workbook(copies[0])
    workbook.create_sheet("Conflicts")["A1"] = "mine"
    workbook.save(copies[0])
    run = ["merge", *map(str, (march, *copies)), "-o", str(tmp_path / "out.xlsx")]
    assert 'choose on the sheet "Conflicts (2)"' in CliRunner().invoke(main, run).output
    assert (
        validate(tmp_path / "out.xlsx")
        .errors[0]
        .fix.startswith('Choose one in the column Keep of the sheet "Conflicts (2)"')
    )


def test_nothing_is_said_of_what_goes_up_of_a_row_that_waits(tmp_path):
    march = built(tmp_path)
    typed = ({"Status": "Accepted", "Remarks": "a"}, {"Status": "Accepted", "Remarks": "b"})
    copies = copies_of(march, *({"CN-1": cells, "CN-2": typed[0]} for cells in typed))
    out = merged(march, copies).written
    assert rules_in(validate(out), "CN-1") == ["M1"]
    assert rules_in(validate(out), "CN-2") == ["R33", "R43"]


def test_what_was_settled_stays_listed_after_a_merge_without_conflicts(book):
    keep(book, {"INV-1": "B: b.xlsx"})
    harvest(book, book.with_name("upload.json"))
    listed = rows_of(book, "Conflicts")
    copies = [edited(book, book.with_name(f"{n}.xlsx"), {f"INV-{n}": {"Status": "Pending"}}) for n in (2, 3)]
    out = merge(book, copies, book.with_name("again.xlsx")).written
    assert rows_of(out, "Conflicts") == listed
    assert not load_workbook(out)["Conflicts"].data_validations.dataValidation
    assert (rules_in(validate(out)), says(out, "INV-1", "Status")) == ([], "Rejected")
