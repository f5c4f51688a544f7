"""A workbook with everything that openpyxl loses goes through every command, and only our cells change.

Its sheets are the built workbook's, with the features of ``feature_rich`` on sheet B2B.
"""

from __future__ import annotations

import json
import shutil
from io import BytesIO
from typing import TYPE_CHECKING

import feature_rich
import openpyxl
import pytest
import xlsxwriter
from click.testing import CliRunner
from scenarios import month
from scenarios.comparing import compare, parts_of

from ims_excel.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl.worksheet.worksheet import Worksheet

FEATURES = {
    "sparklines": b"sparklineGroup",
    "x14 data bars": b"x14:dataBar",
    "x14 validations": b"x14:dataValidation",
    "protected ranges": b"protectedRange ",
    "ignored errors": b"ignoredError ",
    "text box": b"A note of our own",
    "image": feature_rich.PIXEL,
    "threaded comments": b"threadedComment ",
    "persons": b"personList",
    "comment boxes": b"v:shape",
    "custom XML": b"urn:own",
    "printer settings": b"P\0r\0i\0n\0t\0",
    "checkbox": b"FeaturePropertyBag",
    "rich text": b"<r><t",
    "chart with a trend line": b"trendline",
    "slicers": b"<slicers",
    "pivot table": b"pivotTableDefinition",
}
"""By what it is called, something that is only there where it is."""


def rich_book(built: Path, path: Path) -> Path:
    """Write the values of a built workbook with XlsxWriter, and every feature on its sheet B2B."""
    source, draft = openpyxl.load_workbook(built), BytesIO()
    workbook = xlsxwriter.Workbook(draft, {"strings_to_urls": False, "strings_to_formulas": False})
    sheets = {title: workbook.add_worksheet(title) for title in ("B2B", "B2B-CN", "ECO", "_ims_xl")}
    for title, sheet in sheets.items():
        copy_values(workbook, source[title], sheet)
    red = workbook.add_format({"font_color": "red"})
    sheets["B2B"].write_rich_string("AZ6", "see ", red, "page", " 4")
    feature_rich._decorate(workbook, sheets["B2B"])
    sheets["_ims_xl"].very_hidden()
    for prop in source.custom_doc_props.props:
        workbook.set_custom_property(prop.name, str(prop.value))
    workbook.close()
    draft.seek(0)
    return feature_rich._inject(draft, path)


def copy_values(workbook: xlsxwriter.Workbook, source: Worksheet, target: xlsxwriter.worksheet.Worksheet):
    day = workbook.add_format({"num_format": "dd-mm-yyyy"})
    for row in source.iter_rows():
        for cell in row:
            place = cell.row - 1, cell.column - 1
            if cell.is_date:
                target.write_datetime(*place, cell.value, day)
            elif cell.value is not None:
                target.write(*place, cell.value)


def run(*arguments: object, code: int) -> None:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output


@pytest.fixture(params=[".xlsx", ".xlsm"])
def rich(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return rich_book(month.write_book(tmp_path), tmp_path / f"rich{request.param}")


def test_every_feature_is_there_to_be_lost(rich):
    contents = b"".join(parts_of(rich).values())
    assert [name for name, mark in FEATURES.items() if mark not in contents] == []


def test_only_our_cells_change(rich, tmp_path):
    before = shutil.copy(rich, tmp_path / "before.xlsx")
    run("harvest", rich, "-o", tmp_path / "upload.json", code=0)
    found = compare(before, rich)
    assert {cell.rpartition("!")[0] for cell in found.others} <= {"_ims_xl"}
    assert found.shown == found.unfiltered == set()
    run("errors", rich, month.write_error_report(tmp_path / "error.json"), code=0)
    found = compare(before, rich)
    assert {cell.rpartition("!")[0] for cell in found.others} <= {"_ims_xl"}
    assert found.ours == {
        f"B2B!{month.PORTAL_ERRORS}8",
        f"B2B!{month.PORTAL_FIELDS}8",
        f"B2B-CN!{month.PORTAL_ERRORS_OF_NOTES}7",
        f"B2B-CN!{month.PORTAL_FIELDS_OF_NOTES}7",
    }
    sent = json.loads((tmp_path / "upload.json").read_bytes())["invdata"]
    assert [len(records) for records in sent.values()] == [4, 3, 1]
