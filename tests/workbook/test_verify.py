"""A workbook that did not come out as meant is noticed, and nothing is replaced."""

from __future__ import annotations

import zipfile
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from writeback_helpers import read_parts, relationships, shared_strings, worksheet, write_package

from ims_excel.exceptions import WriteError
from ims_excel.workbook import writeback
from ims_excel.workbook.celltext import Result
from ims_excel.workbook.writeback import BookPatch, NewSheet, SheetPatch, write_back

if TYPE_CHECKING:
    from collections.abc import Callable

SHEET, BOOK, TYPES = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"
FILTER = '<autoFilter ref="A1:C5"><filterColumn colId="0"><filters/></filterColumn></autoFilter>'
ROWS = (
    '<row r="1" spans="1:3"><c r="A1" t="s"><v>0</v></c><c r="B1" s="2"><f>1+1</f><v>2</v></c>'
    '<c r="C1"/></row>'
    '<row r="2" hidden="1"><c r="A2"><v>2</v></c></row><row r="3" ht="9"><c r="A3"><v>3</v></c></row>'
    '<row r="5"><c r="A5"><f t="shared" ref="A5:B5" si="0">C5</f><v>5</v></c>'
    '<c r="B5"><f t="shared" si="0"/><v>6</v></c></row>'
)
CELLS = {(1, 1): "wrong", (3, 2): Decimal(7), (4, 0): "new", (5, 0): None}
PATCH = BookPatch(
    [SheetPatch("B2B", CELLS, clear_filter=True)], [NewSheet("Unmatched errors", [["Number"], ["INV/1"]])]
)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    parts = {
        "xl/sharedStrings.xml": shared_strings("<t>a</t>"),
        "xl/calcChain.xml": '<calcChain xmlns="x"><c r="B1" i="1"/></calcChain>',
        "xl/media/image1.png": b"\x89PNG\0\1\2",
        "xl/worksheets/_rels/sheet1.xml.rels": relationships({"../media/image1.png": "image"}),
    }
    sheet = worksheet(ROWS, before='<dimension ref="A1:B5"/>', behind=f"{FILTER}<pageMargins left='1'/>")
    return write_package(tmp_path / "book.xlsx", {"B2B": sheet, "Own": worksheet(ROWS)}, parts)


def write_tampered(
    monkeypatch: pytest.MonkeyPatch, book: Path, tamper: Callable[[dict], object], patch: BookPatch = PATCH
) -> None:
    """Write the patch back, while something goes wrong between the writing and the reading."""
    rewrite = writeback._rewrite

    def rewrite_wrongly(package, plan, target):
        rewrite(package, plan, target)
        target.flush()
        parts = read_parts(Path(target.name))
        tamper(parts)
        target.seek(0)
        target.truncate()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in parts.items():
                archive.writestr(name, data)

    monkeypatch.setattr(writeback, "_rewrite", rewrite_wrongly)
    write_back(book, patch, book)


def test_what_was_asked_passes(book: Path):
    result = write_back(book, PATCH, book)
    assert (result.cells_written, result.shown_rows, result.cleared_filters) == (4, 1, ("B2B",))


def swap(part: str, old: str, new: str) -> Callable[[dict], object]:
    def tamper(parts: dict[str, bytes]) -> None:
        assert parts[part].count(old.encode()) >= 1, parts[part]
        parts[part] = parts[part].replace(old.encode(), new.encode(), 1)

    return tamper


TAMPERINGS = {
    "another text": swap(SHEET, ">wrong<", ">wrung<"),
    "another number": swap(SHEET, "<v>7</v>", "<v>8</v>"),
    "another style": swap(SHEET, 's="2"', 's="1"'),
    "the formula is still there": swap(SHEET, '<c r="A5"/>', '<c r="A5"><f>1</f></c>'),
    "a cell beside": swap(SHEET, '<c r="A1" t="s"><v>0</v></c>', '<c r="A1" t="s"><v>1</v></c>'),
    "a cell too few": swap(SHEET, '<c r="C1"/>', ""),
    "a cell too many": swap(SHEET, '<c r="C1"/>', '<c r="C1"/><c r="D1"/>'),
    "a cell in another place": swap(SHEET, 'r="C3"', 'r="D3"'),
    "a cell in another row": swap(SHEET, 'r="C3"', 'r="C4"'),
    "a row in another place": swap(SHEET, '<row r="4">', '<row r="6">'),
    "another height": swap(SHEET, 'ht="9"', 'ht="8"'),
    "a row not asked for": swap(SHEET, '<c r="A2"><v>2</v>', '<c r="A2"><v>9</v>'),
    "a row still hidden": swap(SHEET, '<row r="2">', '<row r="2" hidden="1">'),
    "another row hidden": swap(SHEET, '<row r="3" ht', '<row r="3" hidden="1" ht'),
    "an inherited formula is gone": swap(SHEET, ">D5</f>", "></f>"),
    "an inherited result": swap(SHEET, "<v>6</v>", "<v>5</v>"),
    "the filter itself": swap(SHEET, '<autoFilter ref="A1:C5">', '<autoFilter ref="A1:C4">'),
    "what follows the rows": swap(SHEET, "<pageMargins", "<pageSetup"),
    "what precedes them": swap(SHEET, "<worksheet ", "<worksheet x='1' "),
    "not well-formed": swap(SHEET, "wrong</t>", "wrong</x>"),
    "cut off": lambda parts: parts.update({SHEET: parts[SHEET][:-9]}),
    "longer": lambda parts: parts.update({SHEET: parts[SHEET] + b" "}),
    "another sheet": swap("xl/worksheets/sheet2.xml", "<v>2</v>", "<v>3</v>"),
    "an image": swap("xl/media/image1.png", "PNG", "PNH"),
    "a part lost": lambda parts: parts.pop("xl/media/image1.png"),
    "a part more": lambda parts: parts.update({"xl/media/image2.png": b""}),
    "the new sheet": swap("xl/worksheets/sheet3.xml", "INV/1", "INV/2"),
    "the new sheet's name": swap(BOOK, 'name="Unmatched errors"', 'name="Unmatched"'),
    "another sheet's name": swap(BOOK, 'name="Own"', 'name="Mine"'),
    "a sheet hidden": swap(BOOK, '<sheet name="Own"', '<sheet state="hidden" name="Own"'),
    "the name of ours": swap(BOOK, "'Unmatched errors'!$A$1", "'Unmatched errors'!$A$2"),
    "how it calculates": swap(BOOK, 'fullCalcOnLoad="1"', 'fullCalcOnLoad="1" calcMode="manual"'),
    "a content type": swap(TYPES, "spreadsheetml.styles+xml", "spreadsheetml.style+xml"),
    "a relationship": swap("xl/_rels/workbook.xml.rels", 'Target="styles.xml"', 'Target="media/image1.png"'),
}


@pytest.mark.parametrize("tamper", TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_anything_else_is_refused(
    monkeypatch: pytest.MonkeyPatch, book: Path, tamper: Callable[[dict], object]
):
    before = book.read_bytes()
    with pytest.raises(WriteError, match="did not come out as meant"):
        write_tampered(monkeypatch, book, tamper)
    assert book.read_bytes() == before
    assert [path.name for path in book.parent.iterdir()] == ["book.xlsx"]


@pytest.mark.parametrize(
    "tamper",
    [
        swap(SHEET, "<v>3</v>", "<v>4</v>"),
        swap(SHEET, "<v>3</v>", ""),
        swap(SHEET, "<f>1+1</f>", "<f>1+2</f>"),
        swap(SHEET, "<f>1+1</f>", ""),
        swap(SHEET, 's="2"', 's="1"'),
    ],
)
def test_no_more_than_a_formulas_result_changes(monkeypatch: pytest.MonkeyPatch, book: Path, tamper):
    patch = BookPatch([SheetPatch("B2B", {}, clear_filter=False, results={(1, 1): Result(Decimal(3))})], [])
    with pytest.raises(WriteError, match="did not come out as meant"):
        write_tampered(monkeypatch, book, tamper, patch)


def test_a_workbook_saved_meanwhile_is_not_overwritten(monkeypatch: pytest.MonkeyPatch, book: Path):
    rewrite = writeback._rewrite

    def rewrite_slowly(package, plan, target):
        rewrite(package, plan, target)
        write_package(book, {"B2B": worksheet("")})

    monkeypatch.setattr(writeback, "_rewrite", rewrite_slowly)
    with pytest.raises(WriteError, match="saved by another program meanwhile"):
        write_back(book, PATCH, book)
    assert read_parts(book)[SHEET].decode() == worksheet("")
