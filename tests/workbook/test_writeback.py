"""Writing into a workbook: what is asked comes in, everything else stays."""

from __future__ import annotations

import errno
import os
import re
import shutil
import struct
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest
from feature_rich import feature_rich
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter
from python_calamine import CalamineWorkbook
from writeback_helpers import (
    assert_still_valid,
    changed_parts,
    read_parts,
    shared_strings,
    worksheet,
    write_package,
)

from ims_excel.exceptions import WorkbookError, WriteError
from ims_excel.workbook.writeback import BookPatch, NewSheet, SheetPatch, WriteBackResult, write_back

if TYPE_CHECKING:
    from libreoffice.office import Office

SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
A, B, C, D, E, F, G = range(7)


def cells(values: dict, *, title: str = "B2B") -> BookPatch:
    return BookPatch([SheetPatch(title, values, clear_filter=False)], [])


def sheets(*new: NewSheet) -> BookPatch:
    return BookPatch([], list(new))


def simple(path: Path, rows: str, parts: dict | None = None, *, book: str = "") -> Path:
    return write_package(path, {"B2B": worksheet(rows)}, parts, book=book)


def kept(path: Path) -> Path:
    """A copy to compare with."""
    return Path(shutil.copy(path, path.with_name(f"before-{path.name}")))


class TestCells:
    def test_texts_numbers_and_dates_are_read_back(self, tmp_path: Path):
        book = simple(
            tmp_path / "book.xlsx", '<row r="2"><c r="B2" s="1"/><c r="C2" s="2"/><c r="D2" s="3"/></row>'
        )
        values = {(2, B): "₹ <1>", (2, C): Decimal("1234.50"), (2, D): date(2026, 3, 31)}
        result = write_back(book, cells(values), book)
        sheet = openpyxl.load_workbook(book)["B2B"]
        assert [cell.value for cell in sheet[2]][1:3] == ["₹ <1>", 1234.5]
        assert sheet["D2"].value.date() == date(2026, 3, 31)
        assert result == WriteBackResult(changed=True, cells_written=3)

    def test_dates_of_old_macs(self, tmp_path: Path):
        path = tmp_path / "book.xlsx"
        book = write_package(path, {"B2B": worksheet('<row r="1"><c r="A1" s="3"/></row>')})
        parts = read_parts(book)
        parts[BOOK] = parts[BOOK].replace(b"<bookViews>", b'<workbookPr date1904="1"/><bookViews>')
        write_parts(book, parts)
        write_back(book, cells({(1, A): date(2026, 3, 31)}), book)
        assert openpyxl.load_workbook(book)["B2B"]["A1"].value.date() == date(2026, 3, 31)

    def test_a_second_run_touches_nothing(self, tmp_path: Path):
        book = simple(tmp_path / "book.xlsx", '<row r="1"><c r="A1"/></row>')
        patch = cells({(1, A): "x", (1, B): Decimal(1), (3, C): date(2026, 3, 31), (4, A): None})
        write_back(book, patch, book)
        written = book.read_bytes(), book.stat().st_mtime_ns
        assert write_back(book, patch, book) == WriteBackResult(changed=False)
        assert (book.read_bytes(), book.stat().st_mtime_ns) == written

    def test_shared_strings_that_say_so_are_left_alone(self, tmp_path: Path):
        places = (("A1", 1), ("B1", 2), ("C1", 0))
        rows = "".join(f'<c r="{place}" t="s"><v>{index}</v></c>' for place, index in places)
        rows = f'<row r="1">{rows}</row>'
        strings = shared_strings("<t>no</t>", "<r><t>ye</t></r><r><t>s</t></r>", "<t/>")
        book = simple(tmp_path / "book.xlsx", rows, {"xl/sharedStrings.xml": strings})
        before = kept(book)
        assert not write_back(book, cells({(1, A): "yes", (1, B): None, (1, C): "no"}), book).changed
        assert write_back(book, cells({(1, A): "yes", (1, C): "yes"}), book).cells_written == 1
        assert changed_parts(before, book) == {SHEET, BOOK}

    def test_out_leaves_the_workbook_alone(self, tmp_path: Path):
        book, out = simple(tmp_path / "book.xlsx", '<row r="1"/>'), tmp_path / "out.xlsx"
        before = book.read_bytes()
        assert write_back(book, cells({(1, A): "x"}), out).changed
        assert book.read_bytes() == before
        assert openpyxl.load_workbook(out)["B2B"]["A1"].value == "x"

    def test_out_is_a_copy_when_there_is_nothing_to_write(self, tmp_path: Path):
        book, out = simple(tmp_path / "book.xlsx", '<row r="1"/>'), tmp_path / "out.xlsx"
        assert not write_back(book, cells({(1, A): None}), out).changed
        assert out.read_bytes() == book.read_bytes()

    def test_new_cells_widen_the_dimension(self, tmp_path: Path):
        sheet = worksheet('<row r="2"><c r="B2"/></row>', before='<dimension ref="B2"/>')
        book = write_package(tmp_path / "book.xlsx", {"B2B": sheet})
        write_back(book, cells({(4, D): "x", (1, C): "y"}), book)
        assert b'<dimension ref="B1:D4"/>' in read_parts(book)[SHEET]

    def test_a_sheet_without_rows_gets_some(self, tmp_path: Path):
        book = write_package(
            tmp_path / "book.xlsx", {"B2B": worksheet("").replace("<sheetData></sheetData>", "<sheetData/>")}
        )
        write_back(book, cells({(2, B): "x"}), book)
        assert openpyxl.load_workbook(book)["B2B"]["B2"].value == "x"

    def test_the_calculation_chain_goes_with_a_formula(self, tmp_path: Path):
        rows = '<row r="1"><c r="A1"><f>1</f><v>1</v></c><c r="B1"><f>2</f><v>2</v></c></row>'
        chain = '<calcChain xmlns="x"><c r="A1" i="1"/><c r="B1"/></calcChain>'
        book = simple(tmp_path / "book.xlsx", rows, {"xl/calcChain.xml": chain})
        before = kept(book)
        write_back(book, cells({(2, A): "x"}), book)
        assert "xl/calcChain.xml" in read_parts(book)
        write_back(book, cells({(1, A): "x"}), book)
        assert changed_parts(before, book) == {
            SHEET, BOOK, "xl/calcChain.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels",
        }  # fmt: skip
        assert not any(b"calcChain" in data for data in read_parts(book).values())
        assert openpyxl.load_workbook(book)["B2B"]["B1"].value == "=2"


class TestRefusals:
    def test_a_cell_of_an_array_formula(self, tmp_path: Path):
        array = '<c r="A1"><f t="array" ref="A1:A3">B1:B3</f><v>1</v></c>'
        rows = f'<row r="1">{array}</row><row r="2"><c r="A2"/></row>'
        book = simple(tmp_path / "book.xlsx", rows)
        before = book.read_bytes()
        with pytest.raises(
            WorkbookError, match="B2B!A2: belongs to the array formula or data table in A1:A3"
        ):
            write_back(book, cells({(2, A): "x"}), book)
        assert book.read_bytes() == before

    def test_a_signed_workbook(self, tmp_path: Path):
        book = simple(tmp_path / "book.xlsx", '<row r="1"/>', {"_xmlsignatures/sig1.xml": "<x/>"})
        with pytest.raises(WriteError, match="digitally signed"):
            write_back(book, cells({(1, A): "x"}), book)
        assert write_back(book, cells({(1, A): "x"}), tmp_path / "out.xlsx").changed

    def test_a_sheet_that_is_not_there(self, tmp_path: Path):
        with pytest.raises(WorkbookError, match="has no sheet CN"):
            write_back(
                simple(tmp_path / "book.xlsx", ""), cells({(1, A): "x"}, title="CN"), tmp_path / "out.xlsx"
            )

    @pytest.mark.parametrize(
        "sheet", ["<worksheet>", worksheet("").encode("utf-16"), worksheet('<row r="x"/>')]
    )
    def test_a_damaged_sheet(self, tmp_path: Path, sheet: str | bytes):
        book = write_package(tmp_path / "book.xlsx", {"B2B": sheet})
        with pytest.raises(WorkbookError, match=r"sheet1\.xml"):
            write_back(book, cells({(1, A): "x"}), book)

    def test_a_sheet_with_a_document_type(self, tmp_path: Path):
        sheet = worksheet("").replace("<worksheet", '<!DOCTYPE a [<!ENTITY b "c">]><worksheet')
        with pytest.raises(WorkbookError, match="document type"):
            write_back(
                write_package(tmp_path / "book.xlsx", {"B2B": sheet}),
                cells({(1, A): "x"}),
                tmp_path / "out.xlsx",
            )

    def test_a_full_disk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        book = simple(tmp_path / "book.xlsx", '<row r="1"/>')
        before = book.read_bytes()

        def fail(self, comment=b""):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr("ims_excel.workbook.rawzip.ZipRewriter.finish", fail)
        with pytest.raises(WriteError, match="the disk is full"):
            write_back(book, cells({(1, A): "x"}), book)
        assert book.read_bytes() == before
        assert [path.name for path in tmp_path.iterdir()] == ["book.xlsx"]


class TestEverythingElse:
    """The features that openpyxl loses, part by part."""

    @pytest.fixture(params=["book.xlsx", "book.xlsm"])
    def book(self, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
        return feature_rich(tmp_path / request.param)

    def test_the_workbook_has_what_openpyxl_loses(self, book: Path):
        parts = read_parts(book)
        names = " ".join(parts)
        for feature in (
            "threadedComment", "person", "customXml", "printerSettings", "slicer", "slicerCache",
            "pivotTable", "calcChain", "vbaProject", "featurePropertyBag", "media/image", "chart", "drawing",
            "comments",
        ):  # fmt: skip
            assert feature in names
        for feature in (
            "x14:sparkline",
            "x14:dataValidation",
            "protectedRange",
            "ignoredErrors",
            "x14:cfRule",
        ):
            assert feature.encode() in parts[SHEET]
        assert b"A note of our own" in parts["xl/drawings/drawing1.xml"]
        assert b"<r><rPr>" in parts["xl/sharedStrings.xml"]

    def test_only_our_cells_change(self, book: Path):
        before = kept(book)
        result = write_back(book, cells({(3, G): "wrong", (5, B): Decimal(474), (6, B): Decimal(7)}), book)
        assert result.cells_written == 2
        assert changed_parts(before, book) == {SHEET}
        old, new = read_parts(before)[SHEET].decode(), read_parts(book)[SHEET].decode()
        style = re.search(r'<c r="G3" s="(\d+)"/>', old)
        text = f'<c r="G3" s="{style[1]}" t="inlineStr"><is><t xml:space="preserve">wrong</t></is></c>'
        assert new == old.replace(style[0], text).replace(
            '<v>592.5</v></c><c r="C6"', '<v>7</v></c><c r="C6"'
        )

    def test_members_keep_their_very_bytes_and_order(self, book: Path):
        before = kept(book)
        write_back(book, cells({(3, G): "wrong"}), book)
        old, new = raw_members(before), raw_members(book)
        assert list(old) == list(new)
        assert {name for name in old if old[name] != new[name]} == {SHEET}

    def test_nothing_becomes_invalid(self, book: Path):
        before = kept(book)
        write_back(
            book,
            BookPatch(
                [
                    SheetPatch(
                        "B2B",
                        {(3, G): "wrong", (12, G): "new row", (2, F): "formula gone"},
                        clear_filter=True,
                    )
                ],
                [NewSheet("Unmatched errors", [["Number"], ["INV/9"]], [20], ("B2B", 1, A), ("B2B", 2, G))],
            ),
            book,
        )
        assert_still_valid(book, before)


def write_parts(path: Path, parts: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def raw_members(path: Path) -> dict[str, tuple]:
    """By name, each member's bytes from its local header on, and what the directory says of it."""
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        infos, start = archive.infolist(), archive.start_dir
    ends = sorted([info.header_offset for info in infos] + [start])
    described = (
        "date_time",
        "CRC",
        "comment",
        "extra",
        "flag_bits",
        "external_attr",
        "create_system",
        "extract_version",
    )
    return {
        info.filename: (
            data[info.header_offset : ends[ends.index(info.header_offset) + 1]],
            *(getattr(info, name) for name in described),
        )
        for info in infos
    }


class Unseekable:
    """A stream that lets zipfile write sizes behind the data."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")

    def write(self, data: bytes) -> int:
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()


class TestZips:
    """Members that are copied keep everything their writer gave them."""

    @pytest.fixture
    def parts(self, tmp_path: Path) -> dict[str, bytes]:
        return read_parts(simple(tmp_path / "model.xlsx", '<row r="1"/>'))

    def check(self, book: Path) -> None:
        old = raw_members(book)
        comment = zipfile.ZipFile(book).comment
        write_back(book, cells({(1, A): "x"}), book)
        new = raw_members(book)
        assert {name for name in old if old[name] != new[name]} == {SHEET, BOOK}
        assert list(old) == list(new)
        with zipfile.ZipFile(book) as archive:
            assert archive.testzip() is None
            assert archive.comment == comment
        assert openpyxl.load_workbook(book)["B2B"]["A1"].value == "x"

    def test_sizes_behind_the_data(self, tmp_path: Path, parts: dict[str, bytes]):
        target = Unseekable(tmp_path / "book.xlsx")
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in parts.items():
                archive.writestr(name, data)
        target.close()
        self.check(tmp_path / "book.xlsx")

    def test_zip64_stored_members_comments_and_names(self, tmp_path: Path, parts: dict[str, bytes]):
        parts["xl/media/नमूना.png"] = b"image"
        with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as archive:
            archive.comment = b"of the archive"
            for number, (name, data) in enumerate(parts.items()):
                info = zipfile.ZipInfo(name, (2026, 4, 2, 10, 30, number * 2))
                info.comment = f"of {number}".encode()
                info.extra = struct.pack("<2H4s", 0xCAFE, 4, b"mine")
                info.external_attr = 0o640 << 16
                info.compress_type = zipfile.ZIP_STORED if number % 2 else zipfile.ZIP_DEFLATED
                with archive.open(info, "w", force_zip64=number % 3 == 0) as member:
                    member.write(data)
        self.check(tmp_path / "book.xlsx")

    def test_names_in_an_old_code_page(self, tmp_path: Path, parts: dict[str, bytes]):
        parts["xl/media/bXd.png"] = b"image"
        book = tmp_path / "book.xlsx"
        write_parts(book, parts)
        book.write_bytes(book.read_bytes().replace(b"bXd.png", b"b\x84d.png"))
        self.check(book)
        assert b"b\x84d.png" in book.read_bytes()


class TestNewSheets:
    ROWS = (
        ("Number", "Value", "Date"),
        ("INV/1", Decimal("1.50"), date(2026, 3, 31)),
        (None, "_x0041_", "=1"),
    )

    @pytest.fixture
    def book(self, tmp_path: Path) -> Path:
        rows = '<row r="5"><c r="A5" s="1"/></row><row r="6"><c r="A6" s="2"/><c r="B6" s="3"/></row>'
        return write_package(tmp_path / "book.xlsx", {"B2B": worksheet(rows), "Own": worksheet("")})

    def new(self, *rows: tuple, title: str = "Unmatched errors") -> BookPatch:
        new = NewSheet(
            title, [list(row) for row in rows or self.ROWS], [12, 20.5, 9], ("B2B", 5, A), ("B2B", 6, A)
        )
        new.columns_like = [None, None, ("B2B", 6, B)]
        return sheets(new)

    def test_it_comes_last_and_says_what_it_should(self, book: Path):
        before = kept(book)
        assert write_back(book, self.new(), book).changed
        workbook = openpyxl.load_workbook(book)
        sheet = workbook["Unmatched errors"]
        assert workbook.sheetnames == ["B2B", "Own", "Unmatched errors"]
        assert [cell.value for cell in sheet[1]] == ["Number", "Value", "Date"]
        assert sheet["B2"].value == 1.5
        assert sheet["C2"].value.date() == date(2026, 3, 31)
        assert sheet["C3"].data_type == "s"
        assert [cell.style_id for cell in sheet[1]] == [1, 1, 1]
        assert [cell.style_id for cell in sheet[2]] == [2, 2, 3]
        assert sheet.freeze_panes == "A2"
        assert sheet.column_dimensions["B"].width == 20.5
        assert (sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight) == (True, 0)
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert (
            CalamineWorkbook.from_path(book).get_sheet_by_name("Unmatched errors").to_python()[2][1]
            == "_x0041_"
        )
        assert_still_valid(book, before)

    def test_without_a_style_for_it_a_date_is_text(self, book: Path):
        write_back(book, sheets(NewSheet("List", [["Date"], [date(2026, 3, 31)]])), book)
        assert openpyxl.load_workbook(book)["List"]["A2"].value == "31-03-2026"

    def test_the_next_run_replaces_its_rows(self, book: Path):
        write_back(book, self.new(), book)
        write_back(book, self.new(("Number",), ("INV/2",), ("INV/3",), ("INV/4",)), book)
        workbook = openpyxl.load_workbook(book)
        assert workbook.sheetnames == ["B2B", "Own", "Unmatched errors"]
        rows = [[cell.value for cell in row] for row in workbook["Unmatched errors"].iter_rows()]
        assert rows == [
            ["Number", None, None],
            ["INV/2", None, None],
            ["INV/3", None, None],
            ["INV/4"] + [None] * 2,
        ]

    def test_the_same_rows_again_change_nothing(self, book: Path):
        write_back(book, self.new(), book)
        assert write_back(book, self.new(), book) == WriteBackResult(changed=False)

    def test_no_rows_empty_it(self, book: Path):
        write_back(book, self.new(), book)
        write_back(book, sheets(NewSheet("Unmatched errors", [])), book)
        rows = openpyxl.load_workbook(book)["Unmatched errors"].iter_rows()
        assert not any(cell.value for row in rows for cell in row)

    def test_no_rows_make_none(self, book: Path):
        assert not write_back(book, sheets(NewSheet("Unmatched errors", [])), book).changed

    def test_a_sheet_of_someone_elses_is_left_alone(self, book: Path):
        write_back(book, self.new(title="Own"), book)
        write_back(book, self.new(("Number",), ("INV/7",), title="Own"), book)
        workbook = openpyxl.load_workbook(book)
        assert workbook.sheetnames == ["B2B", "Own", "Own (2)"]
        assert workbook["Own"].max_row == 1
        assert workbook["Own (2)"]["A2"].value == "INV/7"

    def test_ours_is_found_under_another_name(self, book: Path):
        write_back(book, self.new(), book)
        workbook = openpyxl.load_workbook(book)
        workbook["Unmatched errors"].title = "It's old!"
        for name in workbook.defined_names.values():
            name.value = "'It''s old!'!$A$1"
        workbook.save(book)
        write_back(book, self.new(("Number",), ("INV/7",)), book)
        workbook = openpyxl.load_workbook(book)
        assert workbook.sheetnames == ["B2B", "Own", "It's old!"]
        assert workbook["It's old!"]["A2"].value == "INV/7"

    def test_after_it_was_deleted_it_is_made_again(self, book: Path):
        write_back(book, self.new(), book)
        workbook = openpyxl.load_workbook(book)
        del workbook["Unmatched errors"]
        for name in workbook.defined_names.values():
            name.value = "#REF!"
        workbook.save(book)
        write_back(book, self.new(), book)
        workbook = openpyxl.load_workbook(book)
        assert workbook.sheetnames == ["B2B", "Own", "Unmatched errors"]
        assert len(workbook.defined_names) == 1

    def test_several_at_once(self, book: Path):
        before = kept(book)
        long = "A title that is far too long for a sheet's tab"
        write_back(
            book,
            BookPatch([], [NewSheet("One", [["1"]]), NewSheet("Two", [["2"]]), NewSheet(long, [["3"]])]),
            book,
        )
        workbook = openpyxl.load_workbook(book)
        assert workbook.sheetnames == ["B2B", "Own", "One", "Two", long[:31]]
        assert [workbook[title]["A1"].value for title in workbook.sheetnames[2:]] == ["1", "2", "3"]
        assert_still_valid(book, before)

    def test_strict_namespaces_and_other_prefixes(self, book: Path):
        parts = read_parts(book)
        strict = {
            b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
            b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": b"http://purl.oclc.org/ooxml/"
            b"officeDocument/relationships",
            b"xmlns:r=": b"xmlns:rel=",
            b" r:id=": b" rel:id=",
        }
        for name, data in parts.items():
            for old, new in strict.items():
                data = data.replace(old, new)  # noqa: PLW2901
            parts[name] = data
        write_parts(book, parts)
        write_back(book, self.new(), book)
        parts = read_parts(book)
        assert parts["xl/worksheets/sheet3.xml"].count(b"http://purl.oclc.org/ooxml/spreadsheetml/main") == 1
        assert b' rel:id="rId4"/></sheets>' in parts[BOOK]
        assert (
            parts["xl/_rels/workbook.xml.rels"].count(
                b"purl.oclc.org/ooxml/officeDocument/relationships/worksheet"
            )
            == 3
        )


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=8
).filter(lambda text: "_x" not in text and not text.startswith("="))
VALUES = st.one_of(TEXTS, st.decimals(-(10**9), 10**9, places=2), st.none())
PLACES = st.tuples(st.integers(1, 12), st.integers(0, 30))
GRIDS = st.dictionaries(PLACES, st.one_of(TEXTS, st.integers(-1000, 1000)), max_size=25)


def spelled(grid: dict, draw: st.DataObject) -> str:
    """Write a grid as rows, each in one of the ways programs write them."""
    rows = []
    for row in sorted({place[0] for place in grid}):
        columns = sorted(place[1] for place in grid if place[0] == row)
        items = []
        for column in columns:
            counted = column == (columns[columns.index(column) - 1] if column != columns[0] else -1) + 1
            address = (
                "" if counted and draw.draw(st.booleans()) else f' r="{get_column_letter(column + 1)}{row}"'
            )
            value = grid[row, column]
            if isinstance(value, int):
                items.append(f"<c{address}><v>{value}</v></c>")
            else:
                text = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
                items.append(
                    f'<c s="1"{address} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
                )
        spans = draw.draw(st.sampled_from(["", f' spans="{columns[0] + 1}:{columns[-1] + 1}"']))
        blank = draw.draw(st.sampled_from(["", "\n  "]))
        rows.append(f'{blank}<row r="{row}"{spans}>{blank.join(items)}</row>')
    return "".join(rows)


@settings(max_examples=60, deadline=None)
@given(grid=GRIDS, patch=st.dictionaries(PLACES, VALUES, min_size=1, max_size=12), draw=st.data())
def test_any_patch_lies_over_any_grid(tmp_path_factory, grid: dict, patch: dict, draw: st.DataObject):
    book = simple(tmp_path_factory.mktemp("grid") / "book.xlsx", spelled(grid, draw))
    write_back(book, cells(patch), book)
    read = {
        (cell.row, cell.column - 1): cell.value
        for row in openpyxl.load_workbook(book)["B2B"].iter_rows()
        for cell in row
        if cell.value is not None
    }
    expected = grid | {place: float(v) if isinstance(v, Decimal) else v for place, v in patch.items()}
    assert read == {place: value for place, value in expected.items() if value is not None}


def test_what_openpyxl_saved(tmp_path: Path):
    book = tmp_path / "book.xlsx"
    workbook = openpyxl.Workbook()
    workbook.active.title = "B2B"
    for row in range(1, 20):
        workbook.active.append([f"INV/{row}", row, "Accepted" if row % 2 else "Rejected"])
    workbook.active.auto_filter.ref = "A1:C19"
    workbook.active.auto_filter.add_filter_column(2, ["Accepted"])
    for row in range(2, 20, 2):
        workbook.active.row_dimensions[row].hidden = True
    workbook.save(book)
    before = kept(book)
    result = write_back(
        book, BookPatch([SheetPatch("B2B", {(4, D): "wrong", (4, A): "INV/4"}, clear_filter=True)], []), book
    )
    assert result == WriteBackResult(changed=True, cleared_filters=("B2B",), shown_rows=9, cells_written=1)
    sheet = openpyxl.load_workbook(book)["B2B"]
    assert sheet["D4"].value == "wrong"
    assert not any(sheet.row_dimensions[row].hidden for row in range(1, 20))
    assert not sheet.auto_filter.filterColumn
    assert sheet.auto_filter.ref == "A1:C19"
    assert changed_parts(before, book) == {SHEET}
    assert_still_valid(book, before)


@pytest.mark.libreoffice
class TestLibreOffice:
    @pytest.fixture
    def saved(self, office: Office, tmp_path: Path) -> Path:
        """The feature-rich workbook, filtered and saved by LibreOffice."""
        out = tmp_path / "saved.xlsx"
        with office.edit(feature_rich(tmp_path / "book.xlsx"), out=out) as document:
            sheet = document.sheet("B2B")
            sheet.set("D4", "Rejected")
            sheet.filter("A1:G9", D="Rejected")
        return out

    def test_what_it_saved_is_written_and_it_reads_what_we_wrote(self, office: Office, saved: Path):
        before = kept(saved)
        patch = BookPatch(
            [SheetPatch("B2B", {(3, G): "wrong", (4, B): Decimal("9.25")}, clear_filter=True)], []
        )
        result = write_back(saved, patch, saved)
        assert (result.cells_written, result.cleared_filters, result.shown_rows) == (2, ("B2B",), 7)
        assert changed_parts(before, saved) == {SHEET, BOOK}
        with office.edit(saved) as document:
            sheet = document.sheet("B2B")
            assert sheet.visible_rows(1, 9) == list(range(1, 10))
            assert sheet.get("G3") == [["wrong"]]
            assert sheet.get("B4") == [[9.25]]
            assert len(sheet.comments()) == 1
        assert_still_valid(saved, before)

    def test_a_second_run_after_it_saved_changes_nothing(self, office: Office, saved: Path, tmp_path: Path):
        new = NewSheet("Unmatched errors", [["Number"], ["INV/9"]], [20], ("B2B", 1, A), None)
        patch = BookPatch(
            [SheetPatch("B2B", {(3, G): "wrong\nand more", (9, G): "₹"}, clear_filter=True)], [new]
        )
        write_back(saved, patch, saved)
        again = tmp_path / "again.xlsx"
        with office.edit(saved, out=again):
            pass
        assert write_back(again, patch, again) == WriteBackResult(changed=False)
