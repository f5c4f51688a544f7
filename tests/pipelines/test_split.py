"""Workbooks split for several people, and merged back without loss."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from life_helpers import RECIPIENT
from ooxml import assert_no_worse, assert_valid
from openpyxl import load_workbook
from team_helpers import NUMBERS, built, edited, keep, says, shown, statuses

from ims_excel import OptionError, WorkbookError, WriteError, harvest, merge, split, validate
from ims_excel.cli import main
from ims_excel.report_team import split_report

if TYPE_CHECKING:
    from pathlib import Path

SAHYADRI = {"INV-1", "INV-4", "CN-1", "CN-2"}
DANDI, VAIGAI = {"INV-2", "INV-5"}, {"INV-3", "INV-6"}


@pytest.fixture(scope="module")
def march(tmp_path_factory) -> Path:
    return built(tmp_path_factory.mktemp("march"))


def paths(result):
    return [part.path for part in result.parts]


def facts(book, title="B2B"):
    return next(c.value for c in load_workbook(book)[title][1] if c.value and RECIPIENT in str(c.value))


def test_suppliers_are_shared_out_by_name_and_each_part_shows_its_own(march, tmp_path):
    result = split(march, "supplier", 3, directory=tmp_path)
    assert [part.path.name for part in result.parts] == [f"march-part{n}of3.xlsx" for n in (1, 2, 3)]
    assert [part.title for part in result.parts] == [
        "Part 1 of 3: suppliers D", "Part 2 of 3: suppliers S", "Part 3 of 3: suppliers V"
    ]  # fmt: skip
    assert [part.documents for part in result.parts] == [2, 4, 2]
    assert result.parts[1].groups == (("Sahyadri Alloys 27ZZZCS1101B1ZH", 4),)
    assert [shown(path) for path in paths(result)] == [DANDI, SAHYADRI, VAIGAI]
    for part in result.parts:
        assert facts(part.path).startswith(f"{part.title}  ·  {RECIPIENT}")
        assert statuses(part.path) == statuses(march)
        assert_valid(part.path)


def test_parts_come_together_as_if_nothing_had_been_split(march, tmp_path):
    one, two = paths(split(march, parts=2, directory=tmp_path))
    edited(one, one, {"INV-2": {"Status": "Accepted", "Remarks": "checked"}})
    edited(two, two, {"INV-1": {"Status": "Rejected"}, "CN-2": {"Status": "Accepted"}})
    out = tmp_path / "merged.xlsx"
    result = merge(march, [one, two], out)
    assert [copy.part for copy in result.copies] == ["Part 1 of 2: suppliers D", "Part 2 of 2: suppliers S–V"]
    decided = {"INV-1": "Rejected", "INV-2": "Accepted", "CN-2": "Accepted"}
    assert statuses(out) == {**statuses(march), **decided}
    assert says(out, "INV-2", "Remarks") == "checked"
    assert shown(out) == set(NUMBERS)
    assert facts(out) == facts(march)
    assert (result.conflicts, result.notices, result.not_carried) == ((), (), ())
    assert_no_worse(out, before=one)


def test_untouched_parts_merge_to_the_very_sheets_that_were_split(march, tmp_path):
    parts = paths(split(march, parts=2, directory=tmp_path))
    out = tmp_path / "merged.xlsx"
    merge(march, parts, out)
    before, after = load_workbook(march), load_workbook(out)
    for title in ("B2B", "B2B-CN"):
        assert [[c.value for c in row] for row in after[title].iter_rows()] == [
            [c.value for c in row] for row in before[title].iter_rows()
        ]


def test_documents_are_shared_out_by_value_the_largest_first(march, tmp_path):
    result = split(march, "value", 2, directory=tmp_path)
    assert [part.title for part in result.parts] == [
        "Part 1 of 2: documents of ₹3,000.00 and more", "Part 2 of 2: documents of ₹2,000.00 and less"
    ]  # fmt: skip
    assert shown(paths(result)[0]) == {"INV-3", "INV-4", "INV-5", "INV-6"}


def test_documents_of_one_size_stay_together(march, tmp_path):
    result = split(march, "value", 3, directory=tmp_path)
    assert [shown(path) for path in paths(result)] == [
        {"INV-4", "INV-5", "INV-6"}, {"INV-2", "INV-3"}, {"INV-1", "CN-1", "CN-2"}
    ]  # fmt: skip
    with pytest.raises(OptionError, match="all documents are of one kind by tax"):
        split(march, "tax", 2, directory=tmp_path)


def test_a_column_gives_a_part_for_each_of_its_texts(march, tmp_path):
    typed = {"INV-1": "Asha", "INV-2": "ravi ", "INV-3": "Ravi", "CN-1": "ASHA"}
    book = edited(march, tmp_path / "march.xlsx", {n: {"Checked by": who} for n, who in typed.items()})
    result = split(book, "checked  by")
    assert [part.title.partition(": ")[2] for part in result.parts] == [
        "checked  by Asha", "checked  by ravi", "checked  by (blank)"
    ]  # fmt: skip
    assert [shown(path) for path in paths(result)] == [
        {"INV-1", "CN-1"}, {"INV-2", "INV-3"}, {"INV-4", "INV-5", "INV-6", "CN-2"}
    ]  # fmt: skip
    assert [part.documents for part in split(book, "Checked by", 2).parts] == [4, 4]


@pytest.mark.parametrize(
    ("by", "parts", "complaint"),
    [
        ("Chekked by", None, "no sheet has a column “Chekked by”. Split by supplier, value, tax"),
        ("supplier", 4, "4 parts are too many: there are only 3 different suppliers"),
        ("Place of supply", None, "nothing to split"),
    ],
)
def test_what_cannot_be_shared_out_is_refused(march, tmp_path, by, parts, complaint):
    with pytest.raises(OptionError, match=complaint):
        split(march, by, parts, directory=tmp_path)
    assert not list(tmp_path.glob("*.xlsx"))


@pytest.mark.parametrize("by", ["Supplier", " VALUE "])
def test_what_to_share_out_by_is_read_in_any_case(march, tmp_path, by):
    assert split(march, by, 2, directory=tmp_path).by == by.strip().casefold()


def test_a_column_of_that_heading_counts_more_than_what_it_means_in_another_case(march, tmp_path):
    book = edited(march, tmp_path / "march.xlsx", {"INV-1": {"Value": "low"}, "INV-2": {"Value": "high"}})
    titles = [part.title.partition(": ")[2] for part in split(book, "Value").parts]
    assert titles == ["Value high", "Value low", "Value (blank)"]
    assert split(book, "value", 2, overwrite=True).by == "value"


def test_texts_of_a_column_are_named_as_people_see_them(march, tmp_path):
    typed = {"INV-1": "#N/A", "INV-2": "=1+1", "INV-3": True}
    book = edited(march, tmp_path / "march.xlsx", {n: {"Chk": value} for n, value in typed.items()})
    titles = [part.title.partition(": ")[2] for part in split(book, "Chk").parts]
    assert titles == ["Chk #N/A", "Chk =1+1", "Chk TRUE", "Chk (blank)"]


def test_labels_and_refusals_name_one_size_and_no_text_once(march, tmp_path):
    result = split(march, "value", 7, directory=tmp_path)
    assert result.parts[1].title == "Part 2 of 7: documents of ₹5,000.00"
    book = edited(march, tmp_path / "march.xlsx", {"INV-1": {"Chk": None}})
    with pytest.raises(OptionError, match=r"of one kind by Chk \(blank\): nothing to split"):
        split(book, "Chk")


def test_existing_parts_are_not_replaced_unasked(march, tmp_path):
    first = paths(split(march, directory=tmp_path))[0]
    edited(first, first, {"INV-2": {"Status": "Accepted"}})
    with pytest.raises(WriteError, match="may hold people's decisions"):
        split(march, directory=tmp_path)
    split(march, directory=tmp_path, overwrite=True)
    assert says(first, "INV-2", "Status") == "No Action"
    with pytest.raises(WriteError, match="no such folder"):
        split(march, directory=tmp_path / "nowhere")


def test_a_decision_about_somebody_else_s_document_counts_and_may_conflict(march, tmp_path):
    one, two = paths(split(march, parts=2, directory=tmp_path))
    edited(one, one, {"INV-1": {"Status": "Accepted"}, "INV-3": {"Status": "Accepted"}})
    edited(two, two, {"INV-1": {"Status": "Rejected"}})
    result = merge(march, [one, two], tmp_path / "out.xlsx")
    assert [conflict.document for conflict in result.conflicts] == ["INV-1 of Sahyadri Alloys"]
    assert says(tmp_path / "out.xlsx", "INV-3", "Status") == "Accepted"


def test_rows_people_hid_before_stay_hidden_and_filters_are_cleared(march, tmp_path):
    book = edited(march, tmp_path / "march.xlsx", {})
    workbook = load_workbook(book)
    workbook["B2B"].row_dimensions[6].hidden = True
    workbook["B2B-CN"].auto_filter.add_filter_column(6, ["Accepted"])
    workbook["B2B-CN"].row_dimensions[6].hidden = True
    workbook.save(book)
    parts = paths(split(book, parts=2))
    assert [shown(path) for path in parts] == [DANDI, (SAHYADRI | VAIGAI) - {"INV-1"}]
    merge(book, parts, tmp_path / "out.xlsx")
    assert shown(tmp_path / "out.xlsx") == set(NUMBERS) - {"INV-1"}


def test_rows_sorted_in_a_part_are_all_shown_again(march, tmp_path):
    one, two = paths(split(march, parts=2, directory=tmp_path))
    workbook = load_workbook(one)
    sheet = workbook["B2B"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=6)]
    for place, values in enumerate(reversed(rows), start=6):
        for column, value in enumerate(values, start=1):
            sheet.cell(place, column).value = value
    workbook.save(one)
    merge(march, [one, two], tmp_path / "out.xlsx")
    assert shown(tmp_path / "out.xlsx") == set(NUMBERS)


def test_a_book_worked_on_after_it_was_split_is_no_base_for_its_parts(march, tmp_path):
    book = edited(march, tmp_path / "march.xlsx", {})
    parts = paths(split(book, parts=2))
    edited(book, book, {"INV-1": {"Status": "Accepted"}})
    with pytest.raises(WorkbookError, match=r"march\.xlsx: was worked on after it was split"):
        merge(book, parts, tmp_path / "out.xlsx")
    result = merge(march, [*parts, book], tmp_path / "out.xlsx")
    assert says(tmp_path / "out.xlsx", "INV-1", "Status") == "Accepted"
    assert not result.conflicts


def test_a_part_that_is_not_named_is_noticed(march, tmp_path):
    parts = paths(split(march, parts=3, directory=tmp_path))
    result = merge(march, parts[:2], tmp_path / "out.xlsx")
    assert result.notices == ("Part 3 of 3 was not named: its documents are as they were.",)
    result = merge(parts[0], parts[1:], tmp_path / "whole.xlsx")
    assert result.notices == ()
    four = paths(split(march, "value", 4, directory=tmp_path))
    result = merge(march, [four[0], four[3]], tmp_path / "out.xlsx", overwrite=True)
    assert result.notices == ("Parts 2 and 3 of 4 were not named: their documents are as they were.",)
    assert shown(tmp_path / "out.xlsx") == set(NUMBERS)


def test_a_part_may_be_split_again(march, tmp_path):
    whole = paths(split(march, parts=2, directory=tmp_path))
    halves = paths(split(whole[1], parts=2))
    assert [shown(path) for path in halves] == [SAHYADRI, VAIGAI]
    edited(halves[0], halves[0], {"INV-1": {"Status": "Accepted"}})
    merged = tmp_path / "two.xlsx"
    merge(whole[1], halves, merged)
    assert shown(merged) == SAHYADRI | VAIGAI
    assert facts(merged) == facts(whole[1])
    merge(march, [whole[0], merged], tmp_path / "out.xlsx")
    assert shown(tmp_path / "out.xlsx") == set(NUMBERS)
    assert says(tmp_path / "out.xlsx", "INV-1", "Status") == "Accepted"


def test_parts_are_harvested_apart_and_the_merged_book_sends_nothing_again(march, tmp_path):
    one, two = paths(split(march, parts=2, directory=tmp_path))
    edited(one, one, {"INV-2": {"Status": "Accepted"}})
    edited(two, two, {"INV-1": {"Status": "Rejected"}})
    assert [harvest(p, p.with_suffix(".json")).exported_documents for p in (one, two)] == [1, 1]
    out = tmp_path / "out.xlsx"
    merge(march, [one, two], out)
    assert harvest(out, tmp_path / "again.json").upload is None


def test_own_columns_stand_in_all_parts_and_merge(march, tmp_path):
    book = edited(march, tmp_path / "march.xlsx", {"INV-1": {"Note": "a"}, "INV-2": {"Note": "b"}})
    one, two = paths(split(book, parts=2))
    edited(one, one, {"INV-2": {"Note": "seen"}})
    edited(two, two, {"INV-1": {"Note": "paid"}, "CN-1": {"Note": "new"}})
    result = merge(book, [one, two], tmp_path / "out.xlsx")
    out = tmp_path / "out.xlsx"
    assert [says(out, number, "Note") for number in ("INV-1", "INV-2", "CN-1")] == ["paid", "seen", "new"]
    assert not result.conflicts


def test_a_choice_among_conflicts_goes_along_into_the_parts(march, tmp_path):
    asha = edited(march, tmp_path / "asha.xlsx", {"INV-1": {"Status": "Accepted"}})
    ravi = edited(march, tmp_path / "ravi.xlsx", {"INV-1": {"Status": "Rejected"}})
    book = tmp_path / "merged.xlsx"
    merge(march, [asha, ravi], book)
    with pytest.raises(WorkbookError, match=r"1 unsettled conflict .* Settle it on the sheet .* first;"):
        split(book)
    keep(book, {"INV-1": "A"})
    for path in paths(split(book)):
        assert says(path, "INV-1", "Status") == "Accepted"
        assert not validate(path).errors


def test_the_command_lists_suppliers_and_says_how_to_merge(march, tmp_path):
    result = CliRunner().invoke(main, ["split", str(march), "-n", "2", "-o", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "Part 2 of 2: suppliers S–V: 6 documents" in result.output
    assert "4 documents  Sahyadri Alloys 27ZZZCS1101B1ZH" in result.output
    assert f"ims-xl merge {march}" in result.output
    result = CliRunner().invoke(main, ["split", str(march), "-o", str(tmp_path), "--force", "--json"])
    assert json.loads(result.output)["parts"][0]["documents"] == 2
    assert CliRunner().invoke(main, ["split", str(march), "-n", "1"]).exit_code == 2


def test_a_log_stands_beside_each_part(march, tmp_path):
    parts = paths(split(march, parts=2, directory=tmp_path))
    for part in parts:
        lines = part.with_suffix(".audit.jsonl").read_text(encoding="utf-8").splitlines()
        assert [json.loads(line)["event"] for line in lines][-1] == "split"


statuses_typed = st.sampled_from(["Accepted", "Rejected", "Pending", "No Action"])


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    how=st.tuples(st.sampled_from(["supplier", "value"]), st.integers(2, 3)),
    decided=st.dictionaries(st.sampled_from(NUMBERS), statuses_typed),
    before=st.dictionaries(st.sampled_from(NUMBERS), statuses_typed),
)
def test_random_decisions_over_random_parts_are_all_there_after_merging(
    march, tmp_path, how, decided, before
):
    base = edited(march, tmp_path / "base.xlsx", {number: {"Status": s} for number, s in before.items()})
    parts = paths(split(base, *how, overwrite=True))
    for part in parts:
        edited(part, part, {n: {"Status": s} for n, s in decided.items() if n in shown(part)})
    out = tmp_path / "out.xlsx"
    result = merge(base, parts, out, overwrite=True)
    assert not result.conflicts
    assert statuses(out) == {**dict.fromkeys(NUMBERS, "No Action"), **before, **decided}
    assert shown(out) == set(NUMBERS)


@pytest.mark.libreoffice
def test_libreoffice_shows_each_part_its_rows_and_the_merged_workbook_all(office, march, tmp_path):
    base = edited(march, tmp_path / "base.xlsx", {})
    workbook = load_workbook(base)
    workbook["B2B"].row_dimensions[9].hidden = True  # INV-4, by somebody who meant it
    workbook.save(base)
    saved = []
    for part, rows in zip(paths(split(base, "supplier", 3)), ([7, 10], [6, 9], [8, 11]), strict=True):
        saved.append(part.with_suffix(".saved.xlsx"))
        with office.edit(part, saved[-1]) as document:
            sheet = document.sheet("B2B")
            assert sheet.visible_rows(6, 11) == [row for row in rows if row != 9]
            assert document.sheet("B2B-CN").visible_rows(6, 7) == ([6, 7] if 6 in rows else [])
            sheet.set(f"G{rows[0]}", "Accepted")
    out = tmp_path / "merged.xlsx"
    merge(base, saved, out)
    with office.edit(out) as document:
        sheet = document.sheet("B2B")
        assert sheet.visible_rows(6, 11) == [6, 7, 8, 10, 11]
        assert document.sheet("B2B-CN").visible_rows(6, 7) == [6, 7]
        assert sheet.column("G6:G11") == ["Accepted", "Accepted", "Accepted", *["No Action"] * 3]


def test_only_columns_that_people_see_are_offered_to_split_by(march, tmp_path):
    with pytest.raises(OptionError) as refused:
        split(march, "nothing", directory=tmp_path)
    offered = str(refused.value).partition("one of: ")[2]
    assert offered.startswith("GSTIN of supplier, Trade/Legal name, Invoice number, ")
    assert not {"Key", "Previous Status", "IsPendingBlocked", "Change"} & set(offered.rstrip(".").split(", "))


def test_the_report_names_suppliers_and_no_single_values(march, tmp_path):
    assert "Dandi Chemicals" in split_report(split(march, "supplier", directory=tmp_path))
    said = split_report(split(march, "value", directory=tmp_path, overwrite=True))
    assert "Part 1 of 2: " in said
    assert " document  ₹" not in said
