"""Copies of one workbook brought together, conflicts settled, nothing lost."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from life_helpers import GUJARAT, invoice
from ooxml import assert_no_worse
from openpyxl import load_workbook
from openpyxl.chart import BarChart
from openpyxl.comments import Comment
from team_helpers import NUMBERS, built, delete_row, download, edited, keep, rows_of, says, statuses, table

from ims_excel import OptionError, WorkbookError, WriteError, harvest, merge, validate
from ims_excel.cli import main
from ims_excel.workbook.extras import read_extras

ITC, CGST = "Whether ITC to be reduced", "Declared Central Tax (₹)"
NO_ACTION = dict.fromkeys(NUMBERS, "No Action")


@pytest.fixture(scope="module")
def march(tmp_path_factory) -> Path:
    return built(tmp_path_factory.mktemp("march"))


@pytest.fixture
def team(march, tmp_path):
    """Make two copies from what each person types, and merge them."""

    class Team:
        base = march
        out = tmp_path / "merged.xlsx"

        def copy(self, name, rows, author=""):
            return edited(march, tmp_path / f"{name}.xlsx", rows, author=author)

        def merge(self, asha, ravi, *more):
            named = zip(("asha", "ravi", "meera"), (asha, ravi, *more), strict=False)
            copies = [self.copy(name, rows) if isinstance(rows, dict) else rows for name, rows in named]
            return merge(march, copies, self.out)

    return Team()


def upload(book):
    """Harvest and give the actions that go up, by number."""
    path = book.with_name("upload.json")
    path.unlink(missing_ok=True)
    result = harvest(book, path)
    data = json.loads(path.read_bytes())["invdata"] if result.upload else {}
    return result, {
        r.get("inum") or r.get("nt_num"): r["action"] for records in data.values() for r in records
    }


def offered(book):
    """The texts that cells of the sheet of conflicts offer, by cell."""
    sheet = load_workbook(book)["Conflicts"]
    return {
        sheet.cell(*place).coordinate: [name.value for (name,) in zip(*sheet[lists.formula1], strict=True)]
        for lists in sheet.data_validations.dataValidation
        for cells in lists.sqref.ranges
        for place in cells.cells
    }


def rules_of(result):
    return [finding.rule for finding in result.errors]


def test_what_one_copy_changed_is_taken_and_what_none_changed_stays(team):
    result = team.merge(
        {"INV-1": {"Status": "Accepted"}}, {"INV-2": {"Status": "Rejected", "Remarks": "late"}}
    )
    assert statuses(team.out) == {**NO_ACTION, "INV-1": "Accepted", "INV-2": "Rejected"}
    assert says(team.out, "INV-2", "Remarks") == "late"
    assert (result.changed, result.agreed, result.conflicts) == (3, 0, ())
    assert [(copy.changed, copy.alone) for copy in result.copies] == [(1, 1), (2, 2)]
    assert "Conflicts" not in load_workbook(team.out).sheetnames


def test_the_same_change_twice_is_no_conflict_however_it_is_typed(team):
    result = team.merge({"INV-1": {"Status": "Accepted"}}, {"INV-1": {"Status": " accept "}})
    assert (result.changed, result.agreed, result.conflicts) == (1, 1, ())
    assert says(team.out, "INV-1", "Status") == "Accepted"


def test_status_and_remarks_of_one_document_are_merged_apart(team):
    result = team.merge({"INV-1": {"Status": "Rejected"}}, {"INV-1": {"Remarks": "not ours"}})
    assert not result.conflicts
    assert says(team.out, "INV-1", "Status", "Remarks") == ("Rejected", "not ours")


def test_the_itc_answer_and_its_amounts_are_one_answer(team):
    asha = {"CN-1": {"Status": "Accepted", ITC: "Yes", CGST: 100}, "CN-2": {ITC: "Yes", CGST: 50}}
    ravi = {"CN-1": {"Status": "Accepted", ITC: "Yes", CGST: 200}}
    result = team.merge(asha, ravi)
    (conflict,) = result.conflicts
    assert conflict.what == "ITC to be reduced"
    assert list(conflict.values.values()) == ["(blank)", "Yes; CGST ₹100.00", "Yes; CGST ₹200.00"]
    assert says(team.out, "CN-1", "Status", ITC, CGST) == ("Accepted", None, None)
    assert says(team.out, "CN-2", ITC, CGST) == ("Yes", 50)
    keep(team.out, {"CN-1": "B"})
    assert "M1" not in rules_of(validate(team.out))
    assert says(team.out, "CN-1", ITC, CGST) == ("Yes", 200)


def test_a_conflict_stands_at_what_was_before_and_is_listed_with_both_values_and_authors(march, tmp_path):
    asha = edited(march, tmp_path / "a.xlsx", {"INV-1": {"Status": "Accepted"}}, author="Asha Rao")
    ravi = edited(march, tmp_path / "b.xlsx", {"INV-1": {"Status": "Rejected"}})
    out = tmp_path / "merged.xlsx"
    (conflict,) = merge(march, [asha, ravi], out).conflicts
    assert conflict.values == {
        "Before": "No Action",
        "A: a.xlsx (Asha Rao)": "Accepted",
        "B: b.xlsx": "Rejected",
    }
    assert says(out, "INV-1", "Status") == "No Action"
    headings, row = rows_of(out, "Conflicts")
    assert headings[-3:] == ("Before", "A: a.xlsx (Asha Rao)", "B: b.xlsx")
    assert dict(zip(headings, row, strict=True)) == {
        "Keep": None, "Settled": None, "No.": 1, "Sheet": "B2B", "Supplier": "Sahyadri Alloys",
        "GSTIN": "27ZZZCS1101B1ZH", "Number": "INV-1", "Date": "12-03-2026", "What": "Status",
        "Before": "No Action", "A: a.xlsx (Asha Rao)": "Accepted", "B: b.xlsx": "Rejected",
    }  # fmt: skip
    assert offered(out) == {"A2": ["Before", "A: a.xlsx (Asha Rao)", "B: b.xlsx"]}
    assert_no_worse(out, before=asha)


def test_the_cells_to_choose_in_look_like_cells_to_fill_in(team):
    team.merge({"INV-1": {"Status": "Accepted"}}, {"INV-1": {"Status": "Rejected"}})
    workbook = load_workbook(team.out)
    keep, settled, *_ = workbook["Conflicts"][2]
    remarks = next(cell for cell in workbook["B2B"][5] if cell.value == "Remarks")
    assert keep.fill.fgColor.rgb == workbook["B2B"].cell(6, remarks.column).fill.fgColor.rgb
    assert keep.fill.fgColor.rgb != settled.fill.fgColor.rgb


def test_an_open_conflict_blocks_harvest_and_says_where_to_choose(team):
    team.merge(
        {"INV-1": {"Status": "Accepted"}, "INV-2": {"Status": "Accepted"}}, {"INV-1": {"Status": "Rejected"}}
    )
    result, sent = upload(team.out)
    (finding,) = result.errors
    assert (finding.rule, finding.cell) == ("M1", "B2B!G6")
    assert "A: asha.xlsx says Accepted; B: ravi.xlsx says Rejected; it was No Action" in finding.what
    assert "Conflicts" in finding.fix
    assert sent == {}
    assert "Error M1" in says(team.out, "INV-1", "Sheet validation errors")
    assert harvest(team.out, team.out.with_name("rest.json"), skip_invalid=True).exported_documents == 1


@pytest.mark.parametrize("choice", ["B: ravi.xlsx", "b", " RAVI.xlsx ", "rejected"])
def test_a_choice_is_applied_by_harvest_by_name_letter_file_or_value(team, choice):
    team.merge({"INV-1": {"Status": "Accepted"}}, {"INV-1": {"Status": "Rejected"}})
    keep(team.out, {"INV-1": choice})
    result, sent = upload(team.out)
    assert sent == {"INV-1": "R"}
    assert not result.errors
    assert says(team.out, "INV-1", "Status") == "Rejected"
    assert rows_of(team.out, "Conflicts")[1][1] == "B"


def test_to_keep_what_was_before_settles_it_too(team):
    team.merge(
        {"INV-1": {"Status": "Accepted"}}, {"INV-1": {"Status": "Rejected"}, "INV-2": {"Status": "Accepted"}}
    )
    keep(team.out, {"INV-1": "Before"})
    assert upload(team.out)[1] == {"INV-2": "A"}
    assert rows_of(team.out, "Conflicts")[1][1] == "Before"


def test_a_word_that_is_none_of_the_choices_settles_nothing(team):
    team.merge({"INV-1": {"Status": "Accepted"}}, {"INV-1": {"Status": "Rejected"}})
    keep(team.out, {"INV-1": "mine"})
    result, _ = upload(team.out)
    assert rules_of(result) == ["M1"]
    assert "“mine” in Keep is none of these" in result.errors[0].what


@pytest.mark.parametrize("first", [2, 3], ids=["more copies", "fewer copies"])
def test_a_merge_of_a_merge_offers_the_copies_and_conflicts_of_its_own(march, tmp_path, first):
    def merged(base, name, numbers, copies):
        said = ["Accepted", "Rejected", "Pending"][:copies]
        made = [
            edited(base, tmp_path / f"{name}{n}.xlsx", {number: {"Status": status} for number in numbers})
            for n, status in enumerate(said)
        ]
        merge(base, made, tmp_path / f"{name}.xlsx")
        return tmp_path / f"{name}.xlsx"

    numbers = [["INV-1", "INV-2", "INV-3"], ["INV-4"]]
    once = merged(march, "once", numbers[first - 2], first)
    keep(once, dict.fromkeys(numbers[first - 2], "A"))
    harvest(once, tmp_path / "upload.json")
    twice = merged(once, "twice", numbers[3 - first], 5 - first)
    letters = "AB" if first == 3 else "ABC"
    names = ["Before", *(f"{letter}: twice{n}.xlsx" for n, letter in enumerate(letters))]
    rows = [f"A{2 + n}" for n in range(len(numbers[3 - first]))]
    assert offered(twice) == dict.fromkeys(rows, names)
    keep(twice, dict.fromkeys(numbers[3 - first], letters[-1]))
    assert rules_of(validate(twice)) == []
    none = merged(twice, "none", [], 2)
    assert offered(none) == {}


def test_a_conflict_is_settled_in_the_row_itself(team):
    team.merge({"INV-1": {"Status": "Accepted"}}, {"INV-1": {"Status": "Rejected"}})
    edited(team.out, team.out, {"INV-1": {"Status": "Pending"}})
    keep(team.out, {"INV-1": "A"})
    assert upload(team.out)[1] == {"INV-1": "P"}
    assert rows_of(team.out, "Conflicts")[1][1] == "in the row"


def test_a_settled_conflict_does_not_come_back_over_a_later_decision(team):
    team.merge({"INV-1": {"Status": "Accepted"}}, {"INV-1": {"Status": "Rejected"}})
    keep(team.out, {"INV-1": "A"})
    validate(team.out)
    assert says(team.out, "INV-1", "Status") == "Accepted"
    edited(team.out, team.out, {"INV-1": {"Status": "No Action"}})
    result, sent = upload(team.out)
    assert (sent, result.errors) == ({}, ())


def test_deleting_or_renaming_the_sheet_of_conflicts_settles_nothing(team):
    team.merge({"INV-1": {"Status": "Accepted"}}, {"INV-1": {"Status": "Rejected"}})
    workbook = load_workbook(team.out)
    workbook["Conflicts"].title = "To discuss"
    workbook.save(team.out)
    assert rules_of(validate(team.out)) == ["M1"]
    keep(team.out, {"INV-1": "nobody"}, title="To discuss")
    assert "To discuss" in validate(team.out).errors[0].fix
    workbook = load_workbook(team.out)
    del workbook["To discuss"]
    workbook.save(team.out)
    (finding,) = validate(team.out).errors
    assert finding.rule == "M1"
    assert "in the row" in finding.fix


def test_three_copies_merge_at_once(team):
    result = team.merge(
        {"INV-1": {"Status": "Accepted"}, "INV-2": {"Status": "Accepted"}},
        {"INV-2": {"Status": "Accepted"}, "INV-3": {"Status": "Rejected"}},
        {"INV-3": {"Status": "Pending"}, "CN-1": {"Status": "Accepted"}},
    )
    expected = {**NO_ACTION, "INV-1": "Accepted", "INV-2": "Accepted", "CN-1": "Accepted"}
    assert statuses(team.out) == expected
    (conflict,) = result.conflicts
    assert list(conflict.values.values()) == ["No Action", "No Action", "Rejected", "Pending"]


def test_the_base_may_be_a_workbook_people_worked_on(march, tmp_path):
    base = edited(
        march, tmp_path / "base.xlsx", {"INV-1": {"Status": "Accepted"}, "INV-2": {"Status": "Accepted"}}
    )
    asha = edited(base, tmp_path / "asha.xlsx", {"INV-1": {"Status": "No Action"}})
    ravi = edited(base, tmp_path / "ravi.xlsx", {"INV-2": {"Status": "Rejected"}})
    result = merge(base, [asha, ravi], tmp_path / "out.xlsx")
    assert not result.conflicts
    assert statuses(tmp_path / "out.xlsx") == {**NO_ACTION, "INV-2": "Rejected"}


def test_a_base_that_was_worked_on_later_is_noticed(march, tmp_path):
    base = edited(march, tmp_path / "base.xlsx", {"INV-1": {"Status": "Accepted"}})
    asha = edited(march, tmp_path / "asha.xlsx", {"INV-2": {"Status": "Accepted"}})
    ravi = edited(march, tmp_path / "ravi.xlsx", {})
    result = merge(base, [asha, ravi], tmp_path / "out.xlsx")
    assert "1 answer of base.xlsx stand" in " ".join(result.notices)


class TestBeside:
    """Own columns, own sheets, formulas, rows that came and went."""

    def test_own_columns_are_merged_by_record(self, march, tmp_path):
        base = edited(march, tmp_path / "base.xlsx", {"INV-1": {"Note": "look"}, "INV-2": {"Note": "x"}})
        asha = edited(base, tmp_path / "asha.xlsx", {"INV-1": {"Note": "seen"}, "INV-3": {"Hours": 1.5}})
        ravi = edited(base, tmp_path / "ravi.xlsx", {"INV-2": {"Note": None}, "INV-4": {"Room": "12"}})
        out = tmp_path / "out.xlsx"
        result = merge(base, [asha, ravi], out)
        assert [says(out, number, "Note") for number in ("INV-1", "INV-2")] == ["seen", None]
        assert says(out, "INV-3", "Hours") == 1.5
        assert says(out, "INV-4", "Room") == "12"
        assert (result.own_columns, result.conflicts) == (("Room",), ())
        assert_no_worse(out, before=asha)

    def test_a_conflict_in_an_own_column_warns_and_the_choice_is_written(self, team):
        result = team.merge({"INV-1": {"Note": "a"}}, {"INV-1": {"Note": "b", "Status": "Accepted"}})
        assert [conflict.what for conflict in result.conflicts] == ["Note"]
        assert says(team.out, "INV-1", "Note") is None
        result, sent = upload(team.out)
        assert sent == {"INV-1": "A"}
        assert "M1" in [finding.rule for finding in result.findings]
        keep(team.out, {"INV-1": "B"})
        assert "M1" not in [finding.rule for finding in validate(team.out).findings]
        assert says(team.out, "INV-1", "Note") == "b"

    def test_formulas_in_own_columns_stay_and_are_no_conflict(self, march, tmp_path):
        base = edited(
            march, tmp_path / "base.xlsx", {"INV-1": {"Twice": "=F6*2"}, "INV-2": {"Twice": "=F7*2"}}
        )
        asha = edited(base, tmp_path / "asha.xlsx", {"INV-3": {"Status": "Accepted"}})
        ravi = edited(base, tmp_path / "ravi.xlsx", {"INV-2": {"Twice": 7}})
        out = tmp_path / "out.xlsx"
        assert not merge(base, [asha, ravi], out).conflicts
        assert [says(out, number, "Twice") for number in ("INV-1", "INV-2")] == ["=F6*2", 7]

    def test_a_confirmation_after_a_refresh_counts_like_an_answer(self, march, tmp_path):
        asked = {number: {"Changed since the last download": "confirm"} for number in ("INV-1", "INV-2")}
        base = edited(march, tmp_path / "base.xlsx", asked)
        asha = edited(base, tmp_path / "asha.xlsx", {"INV-3": {"Status": "Accepted"}})
        ravi = edited(base, tmp_path / "ravi.xlsx", {"INV-1": {"Changed since the last download": None}})
        merge(base, [asha, ravi], tmp_path / "out.xlsx")
        said = table(tmp_path / "out.xlsx", "Changed since the last download")
        assert (said["INV-1"], said["INV-2"]) == ((None,), ("confirm",))

    def test_sheets_of_other_copies_stay_behind_and_are_named(self, march, tmp_path):
        asha = edited(march, tmp_path / "asha.xlsx", {})
        for path, text in ((asha, "mine"), (edited(march, tmp_path / "ravi.xlsx", {}), "his")):
            workbook = load_workbook(path)
            workbook.create_sheet("Working")["A1"] = text
            if text == "his":
                workbook.create_sheet("Pivot")["B2"] = 1
            workbook.save(path)
        out = tmp_path / "out.xlsx"
        result = merge(march, [asha, tmp_path / "ravi.xlsx"], out)
        assert result.not_carried == (
            'ravi.xlsx: sheet "Working", of which asha.xlsx has another version.',
            'ravi.xlsx: sheet "Pivot".',
        )
        assert load_workbook(out)["Working"]["A1"].value == "mine"

    def test_cells_in_columns_without_a_heading_are_named(self, march, tmp_path):
        ravi = edited(march, tmp_path / "ravi.xlsx", {})
        workbook = load_workbook(ravi)
        workbook["B2B"]["AZ6"] = "scribble"
        workbook.save(ravi)
        result = merge(march, [edited(march, tmp_path / "a.xlsx", {}), ravi], tmp_path / "out.xlsx")
        assert result.not_carried == ("ravi.xlsx: 1 cell in B2B!AZ, a column without a heading.",)

    def test_comments_charts_and_formulas_of_other_copies_are_counted_and_named(self, march, tmp_path):
        base = edited(march, tmp_path / "base.xlsx", {"INV-1": {"Twice": "=F6*2"}})
        comment(base, "B2B", B6="Known")
        asha = edited(base, tmp_path / "asha.xlsx", {"INV-2": {"Room": "12"}})
        comment(asha, "B2B", C6="Mine")
        ravi = edited(base, tmp_path / "ravi.xlsx", {"INV-2": {"Twice": "=F7*2", "Half": "=F7/2"}})
        comment(ravi, "B2B", C7="Ask Dandi", C8="Seen", C9="Mine")
        comment(ravi, "B2B-CN", C6="Why?")
        workbook = load_workbook(ravi)
        workbook["B2B"].add_chart(BarChart(), "AZ20")
        workbook.create_chartsheet("Graph").add_chart(BarChart())
        workbook.create_sheet("Empty")
        workbook.save(ravi)
        result = merge(base, [asha, ravi], tmp_path / "out.xlsx")
        assert result.not_carried == (
            'ravi.xlsx: sheet "Graph".',
            "ravi.xlsx: 2 comments in B2B (C7, C8).",
            "ravi.xlsx: 1 comment in B2B-CN (C6).",
            "ravi.xlsx: 1 chart or picture in B2B.",
            'ravi.xlsx: 1 formula in the column "Twice" of B2B.',
            'ravi.xlsx: 1 formula in the column "Half" of B2B.',
        )
        assert {load_workbook(tmp_path / "out.xlsx")["B2B"][cell].comment.text for cell in ("B6", "C6")} == {
            "Known", "Mine",
        }  # fmt: skip

    def test_the_command_names_what_stays_behind(self, march, tmp_path):
        asha, ravi = (edited(march, tmp_path / f"{name}.xlsx", {}) for name in ("asha", "ravi"))
        comment(ravi, "B2B", C7="Ask Dandi")
        run = ["merge", *map(str, (march, asha, ravi)), "-o", str(tmp_path / "out.xlsx"), "--force"]
        said = CliRunner().invoke(main, run).output
        assert "Colours, formats, comments, charts and own sheets are those of asha.xlsx. Not in" in said
        assert "  ravi.xlsx: 1 comment in B2B (C7)." in said
        found = json.loads(CliRunner().invoke(main, [*run, "--json"]).output)
        assert found["not_carried"] == ["ravi.xlsx: 1 comment in B2B (C7)."]

    def test_a_thread_is_one_comment(self, tmp_path):
        from feature_rich import feature_rich

        found = read_extras(feature_rich(tmp_path / "rich.xlsx"))
        assert list(found.comments["B2B"]) == ["B3"]
        assert "Ask the supplier" in found.comments["B2B"]["B3"]

    def test_deleted_rows_decide_nothing_and_another_copy_is_started_from(self, march, tmp_path):
        asha = edited(march, tmp_path / "asha.xlsx", {"INV-2": {"Status": "Accepted"}})
        delete_row(asha, "INV-1")
        ravi = edited(march, tmp_path / "ravi.xlsx", {"INV-1": {"Status": "Rejected"}})
        out = tmp_path / "out.xlsx"
        result = merge(march, [asha, ravi], out)
        assert statuses(out) == {**NO_ACTION, "INV-1": "Rejected", "INV-2": "Accepted"}
        assert [copy.missing for copy in result.copies] == [1, 0]
        assert result.start == ravi

    def test_rows_deleted_in_every_copy_and_the_base_are_refused_when_needed(self, march, tmp_path):
        base = edited(march, tmp_path / "base.xlsx", {})
        asha = edited(march, tmp_path / "asha.xlsx", {"INV-2": {"Status": "Accepted"}})
        ravi = edited(march, tmp_path / "ravi.xlsx", {"INV-1": {"Status": "Rejected"}})
        for path, number in ((base, "INV-1"), (asha, "INV-1"), (ravi, "INV-2")):
            delete_row(path, number)
        with pytest.raises(WorkbookError, match=r"base\.xlsx: lacks the rows of 1 document"):
            merge(base, [asha, ravi], tmp_path / "out.xlsx")

    def test_strangers_are_left_out_and_named(self, march, tmp_path):
        ravi = edited(march, tmp_path / "ravi.xlsx", {"INV-1": {"Status": "Accepted"}})
        workbook = load_workbook(ravi)
        sheet = workbook["B2B"]
        row = sheet.max_row + 1
        sheet.cell(row, 1, GUJARAT)
        sheet.cell(row, 3, "NEW-1")
        sheet.cell(row, 7, "Accepted")
        workbook.save(ravi)
        out = tmp_path / "out.xlsx"
        result = merge(march, [edited(march, tmp_path / "a.xlsx", {}), ravi], out)
        assert result.copies[1].strangers == (f"B2B row {row}: {GUJARAT} / NEW-1",)
        assert rules_of(validate(out)) == []
        assert statuses(out) == {**NO_ACTION, "INV-1": "Accepted"}

    def test_sorted_and_filtered_copies_merge(self, march, tmp_path):
        asha = edited(march, tmp_path / "asha.xlsx", {"INV-1": {"Status": "Accepted"}})
        workbook = load_workbook(asha)
        sheet = workbook["B2B"]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=6)]
        for place, values in enumerate(reversed(rows), start=6):
            for column, value in enumerate(values, start=1):
                sheet.cell(place, column).value = value
        sheet.auto_filter.add_filter_column(6, ["Accepted"])
        sheet.row_dimensions[7].hidden = True
        workbook.save(asha)
        ravi = edited(march, tmp_path / "ravi.xlsx", {"INV-2": {"Status": "Rejected"}})
        out = tmp_path / "out.xlsx"
        result = merge(march, [asha, ravi], out)
        assert statuses(out) == {**NO_ACTION, "INV-1": "Accepted", "INV-2": "Rejected"}
        assert (result.cleared_filters, result.shown_rows) == (("B2B",), 1)

    def test_a_copy_that_lost_its_hidden_sheet_still_counts(self, march, tmp_path):
        asha = edited(march, tmp_path / "asha.xlsx", {"INV-1": {"Status": "Accepted"}})
        workbook = load_workbook(asha)
        del workbook["_ims_xl"]
        workbook.save(asha)
        ravi = edited(march, tmp_path / "ravi.xlsx", {"INV-1": {"Status": "Rejected"}})
        result = merge(march, [asha, ravi], tmp_path / "out.xlsx")
        assert result.start == ravi
        assert rules_of(validate(tmp_path / "out.xlsx")) == ["M1"]


def comment(path: Path, title: str, **texts: str) -> None:
    workbook = load_workbook(path)
    for cell, text in texts.items():
        workbook[title][cell].comment = Comment(text, "Ravi")
    workbook.save(path)


class TestRefusals:
    def test_a_copy_whose_columns_were_sorted_apart(self, march, tmp_path):
        ravi = edited(march, tmp_path / "ravi.xlsx", {})
        workbook = load_workbook(ravi)
        sheet = workbook["B2B"]
        for column in ("A", "C"):
            cells = sheet[f"{column}6"], sheet[f"{column}7"]
            cells[0].value, cells[1].value = cells[1].value, cells[0].value
        workbook.save(ravi)
        with pytest.raises(WorkbookError, match=r"ravi\.xlsx: Sheet B2B, row 6: .*sorted or pasted"):
            merge(march, [edited(march, tmp_path / "a.xlsx", {}), ravi], tmp_path / "out.xlsx")

    def test_a_copy_that_decides_twice_on_one_document(self, march, tmp_path):
        ravi = edited(march, tmp_path / "ravi.xlsx", {})
        workbook = load_workbook(ravi)
        sheet = workbook["B2B"]
        values = [cell.value for cell in sheet[6]]
        values[6] = "Rejected"
        sheet.append(values)
        workbook.save(ravi)
        with pytest.raises(WorkbookError, match=r"ravi\.xlsx: Sheet B2B: says one thing of INV-1"):
            merge(march, [edited(march, tmp_path / "a.xlsx", {}), ravi], tmp_path / "out.xlsx")

    def test_a_formula_without_a_result_in_an_answer(self, march, tmp_path):
        ravi = edited(march, tmp_path / "ravi.xlsx", {"INV-1": {"Status": '="Accepted"'}})
        with pytest.raises(WorkbookError, match=r"ravi\.xlsx: B2B!G6: holds a formula"):
            merge(march, [edited(march, tmp_path / "a.xlsx", {}), ravi], tmp_path / "out.xlsx")

    def test_copies_of_another_download_say_which_to_refresh(self, march, tmp_path):
        data = download()
        data["imsDetails"]["b2b"].append(invoice("INV-7"))
        newer = built(tmp_path, data, "newer.xlsx")
        with pytest.raises(WorkbookError, match=r"march\.xlsx: was made from .*refresh") as caught:
            merge(march, [edited(march, tmp_path / "a.xlsx", {}), newer], tmp_path / "out.xlsx")
        assert "newer.xlsx" in str(caught.value)

    def test_the_same_download_built_twice_is_the_same(self, march, tmp_path):
        again = built(tmp_path, None, "again.xlsx")
        asha = edited(again, tmp_path / "a.xlsx", {"INV-1": {"Status": "Accepted"}})
        merge(march, [asha, again], tmp_path / "out.xlsx")
        assert says(tmp_path / "out.xlsx", "INV-1", "Status") == "Accepted"

    def test_another_recipient(self, march, tmp_path):
        data = {**download(), "rtin": "24ZZZFD2202C1ZQ"}
        source = tmp_path / "other.json"
        source.write_text(json.dumps(data), encoding="utf-8")
        from ims_excel import build

        other = build(source, tmp_path / "other.xlsx").book
        with pytest.raises(WorkbookError, match="24ZZZFD2202C1ZQ"):
            merge(march, [edited(march, tmp_path / "a.xlsx", {}), other], tmp_path / "out.xlsx")

    @pytest.mark.parametrize("lacking", ["base", "a copy"])
    def test_a_workbook_without_its_sheets_of_documents(self, march, tmp_path, lacking):
        empty = tmp_path / "empty.xlsx"
        workbook = load_workbook(march)
        for title in {*workbook.sheetnames} - {"Home", "Summary", "_ims_xl"}:
            del workbook[title]
        workbook.save(empty)
        whole = [edited(march, tmp_path / name, {}) for name in ("a.xlsx", "b.xlsx")]
        books = [empty, *whole] if lacking == "base" else [march, whole[0], empty]
        command = ["merge", *map(str, books), "-o", str(tmp_path / "out.xlsx")]
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 2
        assert result.output.count("empty.xlsx: has none of its sheets of documents left") == 1
        assert not (tmp_path / "out.xlsx").exists()
        result = CliRunner().invoke(main, ["split", str(empty)])
        assert (result.exit_code, "none of its sheets of documents" in result.output) == (2, True)

    def test_conflicts_that_are_still_open(self, team, tmp_path):
        team.merge({"INV-1": {"Status": "Accepted"}}, {"INV-1": {"Status": "Rejected"}})
        other = team.copy("third", {"INV-2": {"Status": "Accepted"}})
        with pytest.raises(WorkbookError, match="1 unsettled conflict of an earlier merge"):
            merge(team.base, [team.out, other], tmp_path / "again.xlsx")
        keep(team.out, {"INV-1": "A"})
        merge(team.base, [team.out, other], tmp_path / "again.xlsx")
        assert statuses(tmp_path / "again.xlsx") == {**NO_ACTION, "INV-1": "Accepted", "INV-2": "Accepted"}
        assert rules_of(validate(tmp_path / "again.xlsx")) == []

    def test_paths_that_cannot_be(self, march, tmp_path):
        asha, ravi = (edited(march, tmp_path / name, {}) for name in ("a.xlsx", "b.xlsx"))
        with pytest.raises(OptionError, match="two or more copies"):
            merge(march, [asha], tmp_path / "out.xlsx")
        with pytest.raises(OptionError, match="named twice"):
            merge(march, [asha, asha], tmp_path / "out.xlsx")
        with pytest.raises(WriteError, match="one of the workbooks to be merged"):
            merge(march, [asha, ravi], ravi, overwrite=True)
        out = Path(shutil.copy(march, tmp_path / "out.xlsx"))
        with pytest.raises(WriteError, match="exists already"):
            merge(march, [asha, ravi], out)
        assert merge(march, [asha, ravi], out, overwrite=True).written == out


def test_what_copies_exported_is_not_sent_again(team):
    asha = team.copy("asha", {"INV-1": {"Status": "Accepted"}})
    ravi = team.copy("ravi", {"INV-2": {"Status": "Rejected"}, "INV-3": {"Status": "Accepted"}})
    assert upload(asha)[1] == {"INV-1": "A"}
    assert harvest(ravi, ravi.with_suffix(".json")).exported_documents == 2
    edited(ravi, ravi, {"INV-3": {"Status": "Pending"}})
    merge(team.base, [asha, ravi], team.out)
    assert upload(team.out)[1] == {"INV-3": "P"}
    log = [row[1] for row in rows_of(team.out, "Log")[1:]]
    assert log.count("harvest") == 3
    assert log.count("merge") == 1
    lines = team.out.with_suffix(".audit.jsonl").read_text(encoding="utf-8").splitlines()
    events = [json.loads(line)["event"] for line in lines]
    assert events == ["build", "harvest", "harvest", "merge", "harvest"]


def test_the_command_says_what_came_of_it(march, tmp_path):
    asha = edited(march, tmp_path / "asha.xlsx", {"INV-1": {"Status": "Accepted"}}, author="Asha")
    ravi = edited(march, tmp_path / "ravi.xlsx", {"INV-1": {"Status": "Rejected"}})
    quiet = edited(march, tmp_path / "quiet.xlsx", {})
    out = tmp_path / "out.xlsx"
    result = CliRunner().invoke(main, ["merge", *map(str, (march, asha, ravi)), "-o", str(out)])
    assert result.exit_code == 1
    assert "1 conflict:" in result.output
    assert "A: asha.xlsx (Asha) says Accepted; B: ravi.xlsx says Rejected; it was No Action" in result.output
    assert f"ims-xl harvest {out}" in result.output
    result = CliRunner().invoke(
        main, ["merge", *map(str, (march, asha, quiet)), "-o", str(out), "--force", "--json"]
    )
    assert result.exit_code == 0
    assert json.loads(result.output)["conflicts"] == []
    result = CliRunner().invoke(main, ["merge", str(march), str(asha), "-o", str(out)])
    assert result.exit_code == 2


@pytest.mark.libreoffice
class TestInLibreOffice:
    def test_the_list_of_a_conflict_is_offered_where_it_is_to_be_settled(self, office, team, tmp_path):
        team.merge(
            {"INV-1": {"Status": "Accepted"}, "INV-2": {"Status": "Accepted"}},
            {"INV-1": {"Status": "Rejected"}, "INV-2": {"Status": "Pending"}},
        )
        with office.edit(team.out, tmp_path / "settled.xlsx") as document:
            sheet = document.sheet("Conflicts")
            names = ["Before", "A: asha.xlsx", "B: ravi.xlsx"]
            assert [sheet.validation(cell)["entries"] for cell in ("A2", "A3", "A4")] == [names, names, None]
            sheet.set("A2", "A: asha.xlsx", "B: ravi.xlsx")
        assert upload(tmp_path / "settled.xlsx")[1] == {"INV-1": "A", "INV-2": "P"}

    def test_a_merge_of_what_it_saved_offers_its_own_copies(self, office, team, tmp_path):
        team.merge({"INV-1": {"Status": "Accepted"}}, {"INV-1": {"Status": "Rejected"}})
        keep(team.out, {"INV-1": "A"})
        harvest(team.out, tmp_path / "upload.json")
        with office.edit(team.out, tmp_path / "once.xlsx"):
            pass
        once, out = tmp_path / "once.xlsx", tmp_path / "twice.xlsx"
        said = {"a": "Accepted", "b": "Rejected", "c": "Pending"}
        copies = [
            edited(once, tmp_path / f"{name}.xlsx", {n: {"Status": status} for n in ("INV-2", "INV-3")})
            for name, status in said.items()
        ]
        merge(once, copies, out)
        with office.edit(out, tmp_path / "settled.xlsx") as document:
            sheet = document.sheet("Conflicts")
            names = ["Before", "A: a.xlsx", "B: b.xlsx", "C: c.xlsx"]
            assert [sheet.validation(cell)["entries"] for cell in ("A2", "A3", "A4")] == [names, names, None]
            sheet.set("A2", "C: c.xlsx", "B: b.xlsx")
        assert upload(tmp_path / "settled.xlsx")[1] == {"INV-2": "P", "INV-3": "R"}


answers = st.fixed_dictionaries(
    {},
    optional={
        "Status": st.sampled_from(["Accepted", "Rejected", "Pending", "No Action"]),
        "Remarks": st.sampled_from(["late", "not ours", None]),
    },
)
typing = st.dictionaries(st.sampled_from(NUMBERS), answers, max_size=5)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=typing, sides=st.lists(typing, min_size=2, max_size=3))
def test_random_edits_conflict_exactly_where_copies_differ_from_the_base_and_each_other(
    march, tmp_path, before, sides
):
    base = edited(march, tmp_path / "base.xlsx", before)
    copies = [edited(base, tmp_path / f"{n}.xlsx", typed) for n, typed in enumerate(sides)]
    out = tmp_path / "out.xlsx"
    result = merge(base, copies, out, overwrite=True)
    conflicts = {(c.document.split(" of ")[0], c.what) for c in result.conflicts}
    was, now, *said = (table(book, "Status", "Remarks") for book in (base, out, *copies))
    for number in NUMBERS:
        for place, what in enumerate(("Status", "Remarks")):
            changed = {copy[number][place] for copy in said} - {was[number][place]}
            assert ((number, what) in conflicts) == (len(changed) > 1)
            assert now[number][place] == (changed.pop() if len(changed) == 1 else was[number][place])
