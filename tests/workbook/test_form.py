"""The workbook that finance staff open."""

from __future__ import annotations

import hashlib
import json
import zipfile
from base64 import b64decode
from typing import TYPE_CHECKING

import openpyxl
import pytest
from ooxml import assert_valid
from workbook_helpers import BUILT_AT, IMPORTS, RECIPIENT, build, credit_note, invoice, sample_month, snapshot

from ims_excel.exceptions import WriteError
from ims_excel.portal.embedding import dump_snapshot, load_snapshot
from ims_excel.portal.sections import B2B, B2BCN
from ims_excel.workbook.embed import from_cells
from ims_excel.workbook.grid import (
    DATA_SHEET,
    FIRST_ROW,
    GROUP_ROW,
    HEADING_ROW,
    NAMES_ROW,
    PROPERTY_BUILT,
    PROPERTY_RECIPIENT,
    PROPERTY_SNAPSHOT,
    PROPERTY_SOURCES,
    PROPERTY_TOOL,
)
from ims_excel.workbook.layout import load_layout
from ims_excel.workbook.values import BATCH_ROWS

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl.worksheet.worksheet import Worksheet


PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def opened(folder: Path, found, **options: object) -> openpyxl.Workbook:
    path = folder / "book.xlsx"
    build(path, found, **options)
    return openpyxl.load_workbook(path)


def column(sheet: Worksheet, name: str) -> int:
    """The 1-based column with a machine name."""
    names = [str(cell.value).partition(":")[0] for cell in sheet[NAMES_ROW]]
    return names.index(name) + 1


def values(sheet: Worksheet, name: str) -> list[object]:
    """The data of the column with a machine name."""
    place = column(sheet, name)
    return [sheet.cell(row, place).value for row in range(FIRST_ROW, sheet.max_row + 1)]


def rule(sheet: Worksheet, name: str):
    """The validation of the first cell of a column."""
    address = sheet.cell(FIRST_ROW, column(sheet, name)).coordinate
    return next(found for found in sheet.data_validations.dataValidation if address in found.sqref)


class TestSheets:
    def test_home_first_then_summary_then_the_sections_in_the_official_order(self, tmp_path):
        book = opened(tmp_path, sample_month(tmp_path))
        assert book.sheetnames == [
            "Home", "Summary", "B2B", "B2BA", "B2B-DN", "B2B-DNA", "B2B-CN", "B2B-CNA", "ECO", "ECOA",
            DATA_SHEET,
        ]  # fmt: skip
        assert book.active.title == "Home"
        assert book[DATA_SHEET].sheet_state == "veryHidden"

    def test_sections_without_records_wait_out_of_sight_for_a_newer_download(self, tmp_path):
        book = opened(tmp_path, snapshot(tmp_path, b2bcn=[credit_note()]))
        assert [sheet.title for sheet in book if sheet.sheet_state == "visible"] == [
            "Home", "Summary", "B2B-CN",
        ]  # fmt: skip
        assert values(book["B2B"], "number") == [None]
        lines = {row[1].value: row[3].value for row in book["Home"].iter_rows() if row[1].value}
        assert lines["B2B"].startswith("=COUNTIFS(ims_b2b_key")
        assert book["Home"]["B12"].hyperlink.location == "'B2B-CN'!A1"
        assert book["Home"]["B13"].value == "B2B"
        assert book["Home"]["B13"].hyperlink is None

    def test_more_records_than_a_sheet_holds_continue_on_another(self, tmp_path):
        records = [invoice(f"INV-{number}") for number in range(5)]
        path = tmp_path / "book.xlsx"
        built = build(path, snapshot(tmp_path, b2b=records), rows_per_sheet=2)
        book = openpyxl.load_workbook(path)
        assert built.titles[2:5] == ("B2B", "B2B (2)", "B2B (3)")
        assert built.sections == {"B2B": 5}
        numbers = [values(book[title], "number") for title in built.titles[2:5]]
        assert numbers == [["INV-0", "INV-1"], ["INV-2", "INV-3"], ["INV-4"]]

    def test_progress_is_told_by_sheet(self, tmp_path):
        told = []
        found = snapshot(tmp_path, b2b=[invoice(f"INV-{number}") for number in range(700)])
        build(tmp_path / "book.xlsx", found, progress=lambda *step: told.append(step))
        steps = [*range(BATCH_ROWS, 700, BATCH_ROWS), 700]
        assert told == [("B2B", done, 700) for done in steps]


class TestHeadings:
    @pytest.fixture
    def sheet(self, tmp_path):
        return opened(tmp_path, snapshot(tmp_path, b2bcn=[credit_note()]))["B2B-CN"]

    def test_the_hidden_names_row_names_every_column_and_the_section(self, sheet):
        names = [column.name for column in load_layout().sheets[B2BCN].columns]
        found = [cell.value for cell in sheet[NAMES_ROW]]
        assert found == [name if name != "key" else "key:b2bcn" for name in names]
        assert sheet.row_dimensions[NAMES_ROW].hidden

    def test_groups_stand_above_headings_unmerged(self, sheet):
        declared = column(sheet, "declared_igst")
        assert sheet.cell(GROUP_ROW, declared).value == "Amount declared for ITC reduction"
        assert sheet.cell(HEADING_ROW, declared).value == "Declared Integrated Tax (₹)"
        assert not sheet.merged_cells.ranges

    def test_filters_cover_everything_with_the_hidden_key(self, sheet):
        last = sheet.cell(FIRST_ROW, len(sheet[NAMES_ROW])).column_letter
        assert sheet.auto_filter.ref == f"A{HEADING_ROW}:{last}{FIRST_ROW}"
        assert sheet.column_dimensions[sheet.cell(1, column(sheet, "key")).column_letter].hidden

    def test_panes_freeze_below_the_headings_and_behind_the_number(self, sheet):
        assert sheet.freeze_panes == sheet.cell(FIRST_ROW, column(sheet, "number") + 1).coordinate

    @pytest.mark.parametrize(
        ("order", "frozen"),
        [('["number", "status"]', "B6"), ('["remarks", "alerts", "sheet_errors", "number"]', "A6")],
    )
    def test_any_order_leaves_title_and_hints_readable(self, tmp_path, order, frozen):
        """The number first, or so far to the right that freezing up to it would fill the window."""
        (tmp_path / "b2b.toml").write_text(f"order = {order}", encoding="utf-8")
        path = tmp_path / "book.xlsx"
        build(path, snapshot(tmp_path, b2b=[invoice()]), load_layout(tmp_path))
        sheet = openpyxl.load_workbook(path)["B2B"]
        assert sheet.freeze_panes == frozen
        texts = [str(cell.value) for row in sheet["A1:D2"] for cell in row if cell.value]
        assert [text.split(" ")[0] for text in texts] == [
            "←",
            "B2B",
            RECIPIENT,
            "Portal",
            "You",
            "ims-xl",
            "Fill",
        ]
        assert_valid(path)

    def test_printing_repeats_headings_and_frozen_columns_on_landscape_a4(self, sheet):
        assert sheet.print_title_rows == f"${GROUP_ROW}:${HEADING_ROW}"
        assert sheet.print_title_cols == "$A:$C"
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.page_setup.pageOrder == "overThenDown"
        assert RECIPIENT in sheet.oddFooter.left.text

    @pytest.mark.parametrize("title", ["B2B", "B2BA", "B2B-CN", "B2B-CNA", "ECO"])
    def test_print_is_large_enough_to_be_read(self, tmp_path, title):
        """Not below sixty per cent: A4 landscape takes 150 characters at full size."""
        sheet = opened(tmp_path, sample_month(tmp_path))[title]
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToHeight == 0
        shown = [found for found in sheet.column_dimensions.values() if not found.hidden]
        width = sum(found.width * (found.max - found.min + 1) for found in shown)
        frozen = "ABCDE"[: "ABCDE".index(sheet.print_title_cols[-1]) + 1]
        repeated = sum(sheet.column_dimensions[letters].width for letters in frozen)
        pages = int(sheet.page_setup.fitToWidth)
        assert 150 * pages / (width + (pages - 1) * repeated) >= 0.59
        assert pages <= 4

    def test_the_way_back_to_home(self, sheet):
        assert sheet["A1"].hyperlink.location == "'Home'!A1"


class TestCells:
    def test_a_record_as_people_read_it(self, tmp_path):
        sheet = opened(tmp_path, snapshot(tmp_path, b2b=[invoice("0417", txval=1234567.5)]))["B2B"]
        shown = {
            name: values(sheet, name)[0] for name in ("number", "document_type", "place_of_supply", "status")
        }
        assert shown == {
            "number": "0417",
            "document_type": "Regular",
            "place_of_supply": "27-Maharashtra",
            "status": "No Action",
        }
        date = sheet.cell(FIRST_ROW, column(sheet, "date"))
        assert (date.value.date().isoformat(), date.number_format) == ("2026-03-12", "dd-mm-yyyy")
        amount = sheet.cell(FIRST_ROW, column(sheet, "taxable_value"))
        assert amount.value == 1234567.5
        assert amount.number_format == load_layout().theme.formats["amount"]
        assert sheet.cell(FIRST_ROW, column(sheet, "number")).number_format == "@"

    def test_what_the_portal_had_stands_in_the_input_columns_and_as_previous(self, tmp_path):
        note = credit_note(action="A", remarks="agreed", itcRedReq="Y", declCgst=10, declSgst=10)
        sheet = opened(tmp_path, snapshot(tmp_path, b2bcn=[note]))["B2B-CN"]
        had = {"status": "Accepted", "remarks": "agreed", "itc_reduction": "Yes", "declared_cgst": 10}
        for name, value in had.items():
            assert values(sheet, name) == values(sheet, f"previous_{name}") == [value]

    def test_alerts_and_flags(self, tmp_path):
        notes = [
            credit_note("1", ispendactblocked="Y"),
            credit_note("2", srcfilstatus="Not Filed", isRemarksBlocked="Y", itcRedReqBlocked="Y"),
            credit_note("3", srcfilstatus="NF", ispendactblocked="Y"),
            credit_note("4"),
        ]
        sheet = opened(tmp_path, snapshot(tmp_path, b2bcn=notes))["B2B-CN"]
        assert values(sheet, "alerts") == [
            "Pending not available",
            "Supplier has not filed",
            "Supplier has not filed; Pending not available",
            None,
        ]
        assert values(sheet, "pending_blocked") == ["Y", "N", "Y", "N"]
        assert values(sheet, "remarks_blocked") == ["N", "Y", "N", "N"]
        assert values(sheet, "itc_blocked") == ["N", "Y", "N", "N"]

    def test_a_cell_without_text_is_blank(self, tmp_path):
        """An empty text would not be: ISBLANK, COUNTA and the filter's (Blanks) tell the difference."""
        path = tmp_path / "book.xlsx"
        build(path, snapshot(tmp_path, b2b=[invoice(tradenm="", remarks="")]))
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        assert not [name for name, part in parts.items() if b"<t></t>" in part or b"<t/>" in part]

    def test_the_original_stands_beside_the_revised(self, tmp_path):
        record = invoice("INV-1R", oinum="INV-1", oidt="01-02-2026")
        sheet = opened(tmp_path, snapshot(tmp_path, b2ba=[record]))["B2BA"]
        assert values(sheet, "original_number") == ["INV-1"]
        assert values(sheet, "number") == ["INV-1R"]
        assert sheet.cell(FIRST_ROW, 2).value.date().isoformat() == "2026-02-01"

    def test_a_text_too_long_for_a_cell_is_cut_and_kept_whole_inside(self, tmp_path):
        path, name = tmp_path / "book.xlsx", "𝟙x" * 20_000
        found = snapshot(tmp_path, b2b=[invoice(tradenm=name)])
        build(path, found)
        book = openpyxl.load_workbook(path)
        (shown,) = values(book["B2B"], "supplier_name")
        assert len(shown.encode("utf-16-le")) // 2 <= 32_767
        assert shown.endswith("…")
        inside = load_snapshot(from_cells([cell.value for cell in book[DATA_SHEET]["A"] if cell.value]))
        (record,) = next(iter(inside.sections.values()))
        assert record.document.supplier_name == name

    def test_an_amount_that_is_no_number_is_shown_as_it_came(self, tmp_path):
        sheet = opened(tmp_path, snapshot(tmp_path, b2b=[invoice(txval="n/a")]))["B2B"]
        assert values(sheet, "taxable_value") == ["n/a"]

    def test_dates_that_excel_cannot_hold_are_shown_as_text(self, tmp_path):
        records = [invoice("1", idt="12-03-1899"), invoice("2", idt="31-02-2026")]
        sheet = opened(tmp_path, snapshot(tmp_path, b2b=records))["B2B"]
        assert values(sheet, "date") == ["12-03-1899", "31-02-2026"]

    def test_hidden_blanks_take_no_cells(self, tmp_path):
        path = tmp_path / "book.xlsx"
        build(path, snapshot(tmp_path, b2b=[invoice()]))
        letters = load_layout().sheets[B2B].letters("portal_fields")
        with zipfile.ZipFile(path) as archive:
            part = archive.read("xl/worksheets/sheet3.xml").decode()
        assert f'r="{letters}{NAMES_ROW}"' in part
        assert f'r="{letters}{FIRST_ROW}"' not in part


class TestValidations:
    @pytest.fixture
    def sheet(self, tmp_path):
        return opened(tmp_path, snapshot(tmp_path, b2bcn=[credit_note(), credit_note("2")]))["B2B-CN"]

    def test_the_status_list_looks_at_the_row(self, sheet):
        blocked = sheet.cell(FIRST_ROW, column(sheet, "pending_blocked")).column_letter
        found = rule(sheet, "status")
        assert found.formula1 == f'IF(${blocked}{FIRST_ROW}="Y",ims_status_without_pending,ims_status)'
        assert "Choose Accepted, Rejected, Pending or No Action" in found.error
        assert str(found.sqref) == "G6:G7"

    def test_the_lists_stand_where_their_names_say(self, tmp_path):
        book = opened(tmp_path, snapshot(tmp_path, b2b=[invoice()]))
        lists = {}
        for name in ("ims_status", "ims_status_without_pending"):
            title, cells = next(book.defined_names[name].destinations)
            lists[name] = [row[0].value for row in book[title][cells]]
        assert lists == {
            "ims_status": ["Accepted", "Rejected", "Pending", "No Action"],
            "ims_status_without_pending": ["Accepted", "Rejected", "No Action"],
        }

    def test_remarks_answers_and_amounts(self, sheet):
        remarks, answer, amount = (
            rule(sheet, name) for name in ("remarks", "itc_reduction", "declared_igst")
        )
        assert (remarks.type, remarks.operator, remarks.formula1) == ("textLength", "lessThanOrEqual", "250")
        assert (answer.type, answer.formula1) == ("list", '"Yes,No"')
        assert (amount.type, amount.operator, amount.formula1) == ("decimal", "greaterThanOrEqual", "0")

    @pytest.mark.parametrize(
        "name", ["supplier_gstin", "number", "value", "filing_status", "key", "sheet_errors"]
    )
    def test_what_is_not_theirs_refuses_typing(self, sheet, name):
        found = rule(sheet, name)
        assert (found.type, found.formula1) == ("custom", "FALSE")
        assert found.errorTitle
        assert found.error

    def test_a_firms_own_column_takes_anything_and_is_styled(self, tmp_path):
        (tmp_path / "b2b.toml").write_text(
            'columns = [{ name = "cost_centre", heading = "Cost centre", after = "number" }]',
            encoding="utf-8",
        )
        found = snapshot(tmp_path, b2b=[invoice()])
        path = tmp_path / "book.xlsx"
        build(path, found, load_layout(tmp_path))
        sheet = openpyxl.load_workbook(path)["B2B"]
        cell = sheet.cell(FIRST_ROW, column(sheet, "cost_centre"))
        assert cell.value is None
        assert cell.border.bottom.style == "thin"
        with pytest.raises(StopIteration):
            rule(sheet, "cost_centre")
        assert_valid(path)

    def test_excel_takes_every_message(self, tmp_path):
        book = opened(tmp_path, sample_month(tmp_path))
        rules = [found for sheet in book for found in sheet.data_validations.dataValidation]
        assert all(len(found.prompt or "") <= 255 and len(found.error or "") <= 255 for found in rules)
        assert all(
            len(found.promptTitle or "") <= 32 and len(found.errorTitle or "") <= 32 for found in rules
        )


class TestHighlights:
    def formulas(self, sheet: Worksheet, name: str) -> list[str]:
        address = sheet.cell(FIRST_ROW, column(sheet, name)).coordinate
        found = sheet.conditional_formatting
        return [rule.formula[0] for cells in found if address in cells.sqref for rule in cells.rules]

    def test_a_cell_at_fault_is_found_by_its_machine_name(self, tmp_path):
        sheet = opened(tmp_path, snapshot(tmp_path, b2b=[invoice()]))["B2B"]
        fields = sheet.cell(1, column(sheet, "sheet_fields")).column_letter
        expected = f'ISNUMBER(SEARCH(";"&A${NAMES_ROW}&";",${fields}{FIRST_ROW}))'
        assert expected in self.formulas(sheet, "status")
        assert expected in self.formulas(sheet, "supplier_gstin")

    def test_a_sheet_carries_few_rules(self, tmp_path):
        book = opened(tmp_path, sample_month(tmp_path))
        for title in ("B2B", "B2B-CN"):
            assert sum(len(cells.rules) for cells in book[title].conditional_formatting) <= 15

    def test_itc_cells_grey_where_they_cannot_be_filled_in(self, tmp_path):
        sheet = opened(tmp_path, snapshot(tmp_path, b2bcn=[credit_note()]))["B2B-CN"]
        blocked = sheet.cell(1, column(sheet, "itc_blocked")).column_letter
        assert f'OR(${blocked}6="Y",$G6<>"Accepted")' in self.formulas(sheet, "declared_cess")


class TestReadOnlySections:
    def test_imports_are_shown_with_a_warning_and_in_words(self, tmp_path):
        book = opened(tmp_path, snapshot(tmp_path, b2b=[invoice()], **IMPORTS))
        assert book.sheetnames[10:12] == ["Import of goods", "Import of goods - amended"]
        sheet = book["Import of goods"]
        assert "Read-only" in sheet["A2"].value
        headings, record = ([cell.value for cell in sheet[row]] for row in (HEADING_ROW, FIRST_ROW))
        shown = dict(zip(headings, record, strict=True))
        assert shown["Bill of entry number"] == "7012345"
        assert shown["Bill of entry date"].date().isoformat() == "2026-03-09"
        assert shown["Integrated Tax (₹)"] == 90000
        assert sheet.protection.sheet
        assert any("Read-only" in str(cell.value) for row in book["Home"].iter_rows() for cell in row)

    def test_unknown_sections_keep_every_key_and_value(self, tmp_path):
        records = [{"a": "0012", "nested": {"x": [1, 2.5]}}, {"b": True, "a": None, "n": 12}]
        path = tmp_path / "book.xlsx"
        built = build(
            path, snapshot(tmp_path, b2b=[invoice()], **{"new/section: of the portal, 2027": records})
        )
        (title,) = built.read_only
        assert len(title) <= 31
        assert not set(title) & set("[]:*?/\\")
        sheet = openpyxl.load_workbook(path)[title]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=HEADING_ROW)]
        assert rows == [
            ["a", "nested", "b", "n"],
            ["0012", '{"x": [1.0, 2.5]}', None, None],
            [None, None, "Y", "12"],
        ]
        assert_valid(path)

    def test_any_record_has_its_place(self, tmp_path):
        """Without any key, no object at all, an amount beyond any number."""
        path = tmp_path / "book.xlsx"
        build(path, snapshot(tmp_path, b2b=[invoice()], bare=[{}], odd=[7, None, ["x"], {"txval": 10**400}]))
        book = openpyxl.load_workbook(path)
        assert book["bare"].cell(HEADING_ROW, 1).value == "Record"
        rows = [[cell.value for cell in row] for row in book["odd"].iter_rows(min_row=HEADING_ROW)]
        assert rows[0] == ["Record", "Taxable Value (₹)"]
        assert [row[0] for row in rows[1:]] == ["7", None, '["x"]', None]
        assert rows[4][1] == str(10**400)
        assert_valid(path)

    def test_more_keys_than_columns_share_the_last(self, tmp_path):
        path = tmp_path / "book.xlsx"
        record = {f"key{place}": f"value {place}" for place in range(17_000)}
        build(path, snapshot(tmp_path, b2b=[invoice()], wide=[record, {"key0": "only"}]))
        sheet = openpyxl.load_workbook(path)["wide"]
        assert sheet.max_column == 500
        assert sheet.cell(HEADING_ROW, 500).value == "Further fields"
        rest = json.loads(sheet.cell(FIRST_ROW, 500).value.rstrip("…").rpartition(", ")[0] + "}")
        assert rest["key499"] == "value 499"
        assert sheet.cell(FIRST_ROW + 1, 500).value is None
        assert_valid(path)

    def test_more_records_than_a_sheet_holds_continue_on_another(self, tmp_path):
        built = build(
            tmp_path / "book.xlsx", snapshot(tmp_path, isd=[{"a": 1}, {"a": 2}, {"a": 3}]), rows_per_sheet=2
        )
        assert built.read_only == {"ISD invoices": 2, "ISD invoices (2)": 1}
        assert_valid(built.path)

    def test_two_sections_never_share_a_title(self, tmp_path):
        long = "a section with a very long name "
        sections = {f"{long}1": [{"a": 1}], f"{long}2": [{"a": 1}], "Home": [{"a": 1}], "ISDCN": [{"a": 1}]}
        path = tmp_path / "book.xlsx"
        built = build(path, snapshot(tmp_path, b2b=[invoice()], **sections))
        assert len({title.casefold() for title in built.titles}) == len(built.titles)
        assert "Home (2)" in built.titles
        assert_valid(path)


class TestMetadata:
    def test_properties_say_whose_and_from_what(self, tmp_path):
        found = snapshot(tmp_path, b2b=[invoice()])
        book = opened(tmp_path, found)
        custom = {prop.name: prop.value for prop in book.custom_doc_props.props}
        assert custom == {
            PROPERTY_TOOL: "1.2.3",
            PROPERTY_RECIPIENT: RECIPIENT,
            PROPERTY_BUILT: BUILT_AT.isoformat(),
            PROPERTY_SNAPSHOT: hashlib.sha256(dump_snapshot(found)).hexdigest(),
            PROPERTY_SOURCES: f"download.json sha256:{found.sources[0].sha256}",
        }
        assert RECIPIENT in book.properties.title

    def test_the_snapshot_travels_inside(self, tmp_path):
        found = sample_month(tmp_path, **IMPORTS)
        book = opened(tmp_path, found)
        cells = [cell.value for cell in book[DATA_SHEET]["A"] if cell.value]
        assert from_cells(cells) == dump_snapshot(found)

    def test_the_firm_stands_on_home(self, tmp_path):
        (tmp_path / "logo.png").write_bytes(b64decode(PIXEL))
        (tmp_path / "theme.toml").write_text(
            '[firm]\nname = "Patil & Co"\nlogo = "logo.png"', encoding="utf-8"
        )
        path = tmp_path / "book.xlsx"
        build(path, snapshot(tmp_path, b2b=[invoice()]), load_layout(tmp_path))
        book = openpyxl.load_workbook(path)
        assert "Patil & Co" in [cell.value for cell in book["Home"][2]]
        assert book.properties.creator == "ims-xl"
        with zipfile.ZipFile(path) as archive:
            assert "xl/media/image1.png" in archive.namelist()
            assert b"Patil &amp; Co" in archive.read("docProps/app.xml")
        assert_valid(path)


class TestProtection:
    def test_sheets_are_open_by_default(self, tmp_path):
        assert not opened(tmp_path, snapshot(tmp_path, b2b=[invoice()]))["B2B"].protection.sheet

    def test_protected_sheets_leave_the_input_open_and_filters_usable(self, tmp_path):
        sheet = opened(tmp_path, snapshot(tmp_path, b2b=[invoice()]), protect=True)["B2B"]
        assert sheet.protection.sheet
        assert sheet.protection.autoFilter is sheet.protection.sort is sheet.protection.formatColumns is False
        cells = [sheet.cell(FIRST_ROW, column(sheet, name)) for name in ("number", "status", "remarks")]
        assert [cell.protection.locked for cell in cells] == [True, False, False]


class TestWriting:
    @pytest.mark.parametrize("options", [{}, {"protect": True}, {"rows_per_sheet": 1}], ids=str)
    def test_excel_finds_nothing_to_repair(self, tmp_path, options):
        path = tmp_path / "book.xlsx"
        build(path, sample_month(tmp_path, **IMPORTS), **options)
        assert_valid(path)

    def test_a_download_without_any_record_makes_a_valid_workbook(self, tmp_path):
        path = tmp_path / "book.xlsx"
        built = build(path, snapshot(tmp_path, b2b=[]))
        assert [sheet.title for sheet in openpyxl.load_workbook(path) if sheet.sheet_state == "visible"] == [
            "Home", "Summary",
        ]  # fmt: skip
        assert built.sections == {}
        assert_valid(path)

    def test_a_failure_leaves_the_old_file_and_no_draft(self, tmp_path):
        folder = tmp_path / "out"
        folder.mkdir()
        path = folder / "book.xlsx"
        path.write_bytes(b"old")

        def fail(*_: object) -> None:
            raise OSError(28, "No space left on device")

        with pytest.raises(WriteError, match="disk is full"):
            build(path, snapshot(tmp_path, b2b=[invoice()]), progress=fail)
        assert path.read_bytes() == b"old"
        assert list(folder.iterdir()) == [path]

    def test_the_same_download_makes_the_same_bytes(self, tmp_path):
        found = sample_month(tmp_path)
        one, other = tmp_path / "one.xlsx", tmp_path / "other.xlsx"
        build(one, found)
        build(other, found)
        assert one.read_bytes() == other.read_bytes()

    def test_no_part_is_named_twice_and_content_types_come_first(self, tmp_path):
        path = tmp_path / "book.xlsx"
        build(path, sample_month(tmp_path))
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            assert archive.testzip() is None
        assert names[0] == "[Content_Types].xml"
        assert len(set(names)) == len(names)


@pytest.mark.libreoffice
class TestInLibreOffice:
    def test_pending_cannot_be_typed_where_it_is_blocked_even_after_sorting(self, office, tmp_path):
        path = tmp_path / "book.xlsx"
        notes = [credit_note("1", ispendactblocked="Y", val=300), credit_note("2", val=100)]
        build(path, snapshot(tmp_path, b2bcn=notes))
        with office.edit(path, tmp_path / "saved.xlsx") as document:
            sheet = document.sheet("B2B-CN")
            assert not sheet.allows("G6", "Pending")
            assert sheet.allows("G6", "Rejected")
            assert sheet.allows("G7", "Pending")
            sheet.sort("A6:AM7", by="F")
            assert sheet.get("C6:C7") == [["2"], ["1"]]
            assert sheet.allows("G6", "Pending")
            assert not sheet.allows("G7", "Pending")

    def test_portal_columns_refuse_typing_and_input_columns_take_what_they_should(self, office, tmp_path):
        path = tmp_path / "book.xlsx"
        build(path, snapshot(tmp_path, b2bcn=[credit_note()]))
        with office.edit(path, tmp_path / "saved.xlsx") as document:
            sheet = document.sheet("B2B-CN")
            assert not sheet.allows("C6", "CN-2")
            assert sheet.allows("S6", "x" * 250)
            assert not sheet.allows("S6", "x" * 251)
            assert not sheet.allows("N6", "perhaps")
            assert sheet.allows("O6", 12.5)
            assert not sheet.allows("O6", -1)

    def test_amounts_are_grouped_the_indian_way_and_keep_their_sign(self, office, tmp_path):
        amounts = [5, 99999.5, 123456.78, 12345678.9, 1234567890.12, -5.25, -123456.7]
        path = tmp_path / "book.xlsx"
        build(
            path,
            snapshot(tmp_path, b2b=[invoice(str(place), val=value) for place, value in enumerate(amounts)]),
        )
        with office.edit(path, tmp_path / "saved.xlsx") as document:
            sheet = document.sheet("B2B")
            shown = [sheet.describe(f"F{row}")["shown"] for row in range(6, 13)]
        assert shown == [
            "5.00",
            "99,999.50",
            "1,23,456.78",
            "1,23,45,678.90",
            "123,45,67,890.12",
            "-5.25",
            "-123,456.70",
        ]
