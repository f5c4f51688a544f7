"""OpenDocument spreadsheets are read exactly, and nothing in them can do harm."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from ims_excel.exceptions import WorkbookError
from ims_excel.workbook.archive import Archive, open_file
from ims_excel.workbook.cells import CellError, Uncalculated
from ims_excel.workbook.kinds import FileKind
from ims_excel.workbook.ods import read_ods

if TYPE_CHECKING:
    from pathlib import Path

    from ims_excel.workbook.foreignsheet import ForeignSheet

NAMES = {
    name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "table", "text", "meta")
}
NAMES["calcext"] = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
SPACES = " ".join(f'xmlns:{name}="{space}"' for name, space in NAMES.items())
META = (
    f"<office:document-meta {SPACES}><office:meta>"
    '<meta:user-defined meta:name="ims-xl version">1.2</meta:user-defined></office:meta>'
    "</office:document-meta>"
)


def write(path: Path, rows: str, **parts: str) -> Path:
    """A spreadsheet of one sheet; further parts replace those written, by the first word of their name."""
    content = (
        f"<office:document-content {SPACES}><office:body><office:spreadsheet>"
        f'<table:table table:name="B2B">{rows}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    members = {"mimetype": kind, "content.xml": content, "meta.xml": META}
    with ZipFile(path, "w", ZIP_DEFLATED) as package:
        for name, data in members.items():
            package.writestr(name, parts.pop(name.partition(".")[0], data))
        for name, data in parts.items():
            package.writestr(f"META-INF/{name}.xml", data)
    return path


def read(path: Path) -> tuple[dict[str, str], list[ForeignSheet]]:
    with open_file(path, {FileKind.ODS}) as file:
        return read_ods(Archive(path, file))


def values(path: Path, rows: str) -> list[tuple[int, list[object]]]:
    _, (sheet,) = read(write(path, rows))
    return [(row.number, list(row.values)) for row in sheet.rows]


def cell(inner: str = "", **attributes: str) -> str:
    """A cell; attributes are those of the office namespace but for three."""
    names = {"kind": "office:value-type", "formula": "table:formula", "run": "table:number-columns-repeated"}
    told = "".join(
        f' {names.get(name, f"office:{name}".replace("_", "-"))}="{value}"'
        for name, value in attributes.items()
    )
    return f"<table:table-cell{told}>{inner}</table:table-cell>"


def text(said: str, **attributes: str) -> str:
    return cell(f"<text:p>{said}</text:p>", kind="string", **attributes)


def row(*cells: str, run: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{run}">{"".join(cells)}</table:table-row>'


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (text("Accepted"), "Accepted"),
        (text("a</text:p><text:p>b"), "a\nb"),
        (text('a<text:s text:c="3"/>b<text:tab/>c<text:line-break/>d'), "a   b\tc\nd"),
        (text("a<text:span>b</text:span>"), "ab"),
        (cell("<office:annotation><text:p>why?</text:p></office:annotation><text:p>x</text:p>"), "x"),
        (cell("<text:p>1,18,000.00</text:p>", kind="float", value="118000"), 118000.0),
        (cell("<text:p>₹ 5</text:p>", kind="currency", value="5"), 5.0),
        (cell("<text:p>12-03-2026</text:p>", kind="date", date_value="2026-03-12"), date(2026, 3, 12)),
        (cell(kind="date", date_value="2026-03-12T10:00:00"), datetime(2026, 3, 12, 10)),
        (cell("<text:p>TRUE</text:p>", kind="boolean", boolean_value="true"), True),
        (cell(kind="string", string_value="shown"), "shown"),
        (text("Accepted", formula="of:=A1"), "Accepted"),
        (text("#N/A", formula="of:=A1"), CellError("#N/A")),
        (text("#N/A"), "#N/A"),
        (cell(formula="of:=A1"), Uncalculated("of:=A1")),
        ("<table:covered-table-cell><text:p>x</text:p></table:covered-table-cell>", "x"),
        (
            '<table:table-cell calcext:value-type="error"><text:p>Err:502</text:p></table:table-cell>',
            CellError("Err:502"),
        ),
    ],
)
def test_a_value_is_read(written, value, tmp_path):
    assert values(tmp_path / "a.ods", row(written)) == [(1, [value])]


def test_runs_of_rows_and_cells_are_counted(tmp_path):
    rows = row(cell(run="3"), text("x", run="2"), cell(run="16000")) + row(run=1_000_000)
    assert values(tmp_path / "a.ods", rows + row(text("x", run="2"), run=2)) == [
        (1, [None, None, None, "x", "x"]),
        (1_000_002, ["x", "x"]),
        (1_000_003, ["x", "x"]),
    ]


def test_grouped_rows_are_read_and_tables_within_cells_are_not(tmp_path):
    nested = cell(f'<text:p>x</text:p><table:table table:name="in">{row(text("y"))}</table:table>')
    rows = f"<table:table-row-group>{row(nested)}</table:table-row-group>{row(text('y'))}"
    assert values(tmp_path / "a.ods", rows) == [(1, ["x"]), (2, ["y"])]


def test_hidden_rows_and_properties_are_known(tmp_path):
    hidden = f'<table:table-row table:visibility="collapse">{text("x")}</table:table-row>'
    properties, (sheet,) = read(write(tmp_path / "a.ods", row() + hidden))
    assert sheet.hidden_rows == [2]
    assert properties == {"ims-xl version": "1.2"}


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param("<table:table-row>", id="cut off"),
        pytest.param(row(text("x"), run=1_048_576) + row(text("x")), id="too many rows"),
        pytest.param(row(text("x"), run=0), id="no rows"),
        pytest.param(row(text("x", run="-1")), id="minus"),
        pytest.param(row(text("x", run="9999999")), id="too wide"),
        pytest.param(row(cell(kind="float", value="many")), id="no number"),
        pytest.param(row(cell(kind="float", value="inf")), id="infinite"),
        pytest.param(row("<text:p>" * 300 + "</text:p>" * 300), id="deep"),
        pytest.param(row(text('<text:s text:c="1000000"/><text:s text:c="1000000"/>')), id="long"),
    ],
)
def test_damage_is_said_in_a_sentence(rows, tmp_path):
    with pytest.raises(WorkbookError, match=r"damaged in its part content.xml"):
        read(write(tmp_path / "a.ods", rows))


def test_a_claim_of_many_cells_takes_no_memory(tmp_path):
    with pytest.raises(WorkbookError, match="more cells than ims-xl reads"):
        read(write(tmp_path / "a.ods", row(text("x", run="1000"), run=1_048_000)))


def test_entities_are_refused(tmp_path):
    content = '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    with pytest.raises(WorkbookError, match="document type"):
        read(write(tmp_path / "a.ods", "", content=content))


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"mimetype": "application/vnd.oasis.opendocument.text"}, "not a spreadsheet"),
        ({"manifest": "<x><manifest:encryption-data/></x>"}, "password"),
    ],
)
def test_other_documents_are_refused(parts, says, tmp_path):
    with pytest.raises(WorkbookError, match=says):
        read(write(tmp_path / "a.ods", "", **parts))
