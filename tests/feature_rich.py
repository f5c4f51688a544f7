"""A workbook with everything that openpyxl loses, for tests that nothing of it is lost.

XlsxWriter makes what it can: sparklines, x14 data bars, protected ranges, ignored errors, a text box, an
image, a checkbox, rich text, comments, a chart, a table, conditional formats, validations. The rest is put
into the package by hand, as Excel writes it: threaded comments and persons, an x14 validation, custom XML,
printer settings, slicers, a pivot table, a calculation chain, a VBA project.
"""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import xlsxwriter
from writeback_helpers import HEAD, MAIN, OFFICE, PACKAGE, read_parts

if TYPE_CHECKING:
    from pathlib import Path

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc000000301"
    "0100c9fe92ef0000000049454e44ae426082"
)
X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
THREADED = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
MICROSOFT = "http://schemas.microsoft.com/office"
OFFICIAL = "application/vnd.openxmlformats-officedocument.spreadsheetml"
VENDOR = "application/vnd.ms-excel"

VALIDATION = (
    f'<ext uri="{{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}}" xmlns:x14="{X14}"><x14:dataValidations '
    'xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main" count="1">'
    '<x14:dataValidation type="list" allowBlank="1"><x14:formula1><xm:f>Lists!$A$1:$A$3</xm:f></x14:formula1>'
    "<xm:sqref>D2:D9</xm:sqref></x14:dataValidation></x14:dataValidations></ext>"
)

INJECTED = {
    "xl/threadedComments/threadedComment1.xml": (
        f"{VENDOR}.threadedcomments+xml",
        (
            f'<ThreadedComments xmlns="{THREADED}"><threadedComment ref="B3" dT="2026-04-02T10:00:00.00" '
            'personId="{11111111-2222-3333-4444-555555555555}" id="{AAAAAAAA-2222-3333-4444-555555555555}">'
            "<text>Ask the supplier</text></threadedComment></ThreadedComments>"
        ),
    ),
    "xl/persons/person.xml": (
        f"{VENDOR}.person+xml",
        (
            f'<personList xmlns="{THREADED}"><person displayName="Asha" '
            'id="{11111111-2222-3333-4444-555555555555}" userId="asha" providerId="None"/></personList>'
        ),
    ),
    "customXml/item1.xml": ("", '<note xmlns="urn:own">kept</note>'),
    "customXml/itemProps1.xml": (
        "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
        (
            '<ds:datastoreItem xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml" '
            'ds:itemID="{BBBBBBBB-2222-3333-4444-555555555555}"><ds:schemaRefs/></ds:datastoreItem>'
        ),
    ),
    "xl/printerSettings/printerSettings1.bin": (f"{OFFICIAL}.printerSettings", "P\0r\0i\0n\0t\0"),
    "xl/slicers/slicer1.xml": (
        f"{VENDOR}.slicer+xml",
        f'<slicers xmlns="{X14}"><slicer name="Status" cache="Slicer_Status" rowHeight="241300"/></slicers>',
    ),
    "xl/slicerCaches/slicerCache1.xml": (
        f"{VENDOR}.slicerCache+xml",
        f'<slicerCacheDefinition xmlns="{X14}" name="Slicer_Status" sourceName="Status"/>',
    ),
    "xl/pivotTables/pivotTable1.xml": (
        f"{OFFICIAL}.pivotTable+xml",
        (
            f'<pivotTableDefinition xmlns="{MAIN}" name="Pivot" cacheId="1" dataCaption="Values">'
            '<location ref="H1:I4" firstHeaderRow="1" firstDataRow="1" firstDataCol="1"/>'
            "</pivotTableDefinition>"
        ),
    ),
    "xl/pivotCache/pivotCacheDefinition1.xml": (
        f"{OFFICIAL}.pivotCacheDefinition+xml",
        (
            f'<pivotCacheDefinition xmlns="{MAIN}" saveData="0" refreshOnLoad="1">'
            '<cacheSource type="worksheet">'
            '<worksheetSource ref="A1:D9" sheet="B2B"/></cacheSource><cacheFields count="0"/>'
            "</pivotCacheDefinition>"
        ),
    ),
    "xl/calcChain.xml": (
        f"{OFFICIAL}.calcChain+xml",
        f'<calcChain xmlns="{MAIN}"><c r="F2" i="1"/><c r="F3" i="1"/><c r="F4" i="1"/></calcChain>',
    ),
    "xl/vbaProject.bin": (f"{VENDOR[:-9]}.vbaProject", "\xd0\xcf\x11\xe0 a macro"),
}
OF_WORKBOOK = {
    "xl/persons/person.xml": "http://schemas.microsoft.com/office/2017/10/relationships/person",
    "xl/slicerCaches/slicerCache1.xml": f"{MICROSOFT}/2007/relationships/slicerCache",
    "xl/pivotCache/pivotCacheDefinition1.xml": f"{OFFICE}/pivotCacheDefinition",
    "xl/calcChain.xml": f"{OFFICE}/calcChain",
    "xl/vbaProject.bin": f"{MICROSOFT}/2006/relationships/vbaProject",
    "customXml/item1.xml": f"{OFFICE}/customXml",
}
OF_SHEET = {
    "xl/threadedComments/threadedComment1.xml": f"{MICROSOFT}/2017/10/relationships/threadedComment",
    "xl/printerSettings/printerSettings1.bin": f"{OFFICE}/printerSettings",
    "xl/slicers/slicer1.xml": f"{MICROSOFT}/2007/relationships/slicer",
    "xl/pivotTables/pivotTable1.xml": f"{OFFICE}/pivotTable",
}


def feature_rich(path: Path) -> Path:
    """Write the workbook: data in B2B!A1:F9, our error column at G, empty and with a style."""
    draft = BytesIO()
    workbook = xlsxwriter.Workbook(draft, {"strings_to_urls": False})
    sheet = workbook.add_worksheet("B2B")
    lists = workbook.add_worksheet("Lists")
    _fill(workbook, sheet)
    _decorate(workbook, sheet)
    lists.write_column("A1", ["Accepted", "Rejected", "Pending"])
    lists.add_table("C1:D4", {"data": [["a", 1], ["b", 2], ["c", 3]]})
    workbook.define_name("Statuses", "=Lists!$A$1:$A$3")
    workbook.set_custom_property("ims-xl version", "0.1.0")
    workbook.close()
    draft.seek(0)
    return _inject(draft, path)


def _fill(workbook: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet) -> None:
    bold, red = workbook.add_format({"bold": True}), workbook.add_format({"font_color": "red"})
    sheet.write_row("A1", ["Number", "Value", "Date", "Status", "Remarks", "Own", "Errors"], bold)
    for row in range(1, 9):
        sheet.write_string(row, 0, f"INV/{row:03}")
        sheet.write_number(row, 1, 118.5 * row, workbook.add_format({"num_format": "#,##0.00"}))
        sheet.write_number(row, 2, 46_113 + row, workbook.add_format({"num_format": "dd-mm-yyyy"}))
        sheet.write_string(row, 3, "Accepted")
        sheet.write_rich_string(row, 4, "see ", bold, "page", " 4")
        sheet.write_formula(row, 5, f"=B{row + 1}*2", None, 237 * row)
        sheet.write_blank(row, 6, None, red)


def _decorate(workbook: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet) -> None:
    sheet.freeze_panes(1, 1)
    sheet.autofilter("A1:G9")
    sheet.add_sparkline("H2", {"range": "B2:B9"})
    sheet.conditional_format("B2:B9", {"type": "data_bar", "data_bar_2010": True})
    sheet.conditional_format(
        "A2:G9", {"type": "formula", "criteria": '=$G2<>""', "format": workbook.add_format()}
    )
    sheet.data_validation("E2:E9", {"validate": "length", "criteria": "<=", "value": 200})
    sheet.protect("", {"sort": True, "autofilter": True})
    sheet.unprotect_range("A1:G9", "table")
    sheet.ignore_errors({"number_stored_as_text": "A1:A9"})
    sheet.insert_textbox("J2", "A note of our own")
    sheet.insert_image("J9", "pixel.png", {"image_data": BytesIO(PIXEL)})
    sheet.insert_checkbox("K1", True)
    sheet.write_comment("B3", "Ask the supplier", {"x_scale": 2})
    chart = workbook.add_chart({"type": "column"})
    chart.add_series({"values": "=B2B!$B$2:$B$9", "trendline": {"type": "linear"}})
    sheet.insert_chart("J20", chart)
    sheet.set_header("&L&G", {"image_left": "pixel.png", "image_data_left": BytesIO(PIXEL)})
    sheet.print_area("A1:G9")
    sheet.repeat_rows(0)


def _inject(draft: BytesIO, path: Path) -> Path:
    """Add what XlsxWriter cannot make."""
    parts = read_parts(draft)
    parts |= {name: text.encode("latin-1") for name, (_, text) in INJECTED.items()}
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, (kind, _) in INJECTED.items() if kind
    )
    types = parts["[Content_Types].xml"].decode()
    types = types.replace("</Types>", f"{overrides}</Types>")
    if path.suffix == ".xlsm":
        types = types.replace(f"{OFFICIAL}.sheet.main+xml", f"{VENDOR}.sheet.macroEnabled.main+xml")
    parts["[Content_Types].xml"] = types.encode()
    _relate(parts, "xl/_rels/workbook.xml.rels", OF_WORKBOOK, "/")
    _relate(parts, "xl/worksheets/_rels/sheet1.xml.rels", OF_SHEET, "/")
    relation = f"{OFFICE}/customXmlProps"
    parts["customXml/_rels/item1.xml.rels"] = (
        f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{relation}" '
        'Target="itemProps1.xml"/></Relationships>'
    ).encode()
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    sheet, count = re.subn("<extLst>", f"<extLst>{VALIDATION}", sheet, count=1)
    assert count
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def _relate(parts: dict[str, bytes], name: str, targets: dict[str, str], root: str) -> None:
    entries = "".join(
        f'<Relationship Id="rIdX{number}" Type="{kind}" Target="{root}{target}"/>'
        for number, (target, kind) in enumerate(targets.items())
    )
    parts[name] = parts[name].replace(b"</Relationships>", f"{entries}</Relationships>".encode())
