"""The exact reader: every spelling of a cell, bounded memory, nothing silently lost."""

import re
import tracemalloc
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
from tables import MAIN, read_part, replace_part, sheet_xml, with_xlsxwriter

from ims_excel.exceptions import WorkbookError
from ims_excel.workbook import exact
from ims_excel.workbook.cells import CellError, Uncalculated
from ims_excel.workbook.exact import SheetReader, read_strings
from ims_excel.workbook.package import open_package
from ims_excel.workbook.serials import read_date_styles

STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STYLES = f"""<styleSheet xmlns="{MAIN}">
<numFmts><numFmt numFmtId="164" formatCode="dd\\-mm\\-yyyy"/><numFmt numFmtId="165" formatCode="[h]:mm"/>
<numFmt numFmtId="166" formatCode="[Red]0.00&quot;d&quot;"/></numFmts>
<cellStyleXfs count="1"><xf numFmtId="14"/></cellStyleXfs>
<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/>
<xf numFmtId="22"/></cellXfs></styleSheet>"""
STRINGS = (
    f'<sst xmlns="{MAIN}"><si><t>plain</t></si>'
    '<si><r><rPr><b/></rPr><t>Acc</t></r><r><t xml:space="preserve">epted </t></r></si>'
    "<si><t>課きく</t><rPh sb='0' eb='1'><t>カ</t></rPh><phoneticPr fontId='1'/></si>"
    "<si><t>two_x000D__x000A_lines _x005F_x000D_</t></si><si/><si><t><![CDATA[a<b]]></t></si></sst>"
)


@pytest.fixture
def book(tmp_path):
    """A workbook with one sheet to be written by hand, the styles and the strings above."""
    path = with_xlsxwriter(tmp_path / "book.xlsx", {"B2B": "x"})
    relations = read_part(path, "xl/_rels/workbook.xml.rels")
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    link = f'<Relationship Id="rId77" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'
    replace_part(path, "xl/_rels/workbook.xml.rels", relations.replace("</Relationships>", link))
    replace_part(path, "xl/sharedStrings.xml", STRINGS)
    return replace_part(path, "xl/styles.xml", STYLES)


def read(path, xml, *, columns=64, last=1 << 20):
    replace_part(path, "xl/worksheets/sheet1.xml", xml)
    with open_package(path) as package:
        strings = read_strings(package)
        reader = SheetReader(
            package, "xl/worksheets/sheet1.xml", read_date_styles(package), strings.get, columns
        )
        rows = {number: list(values) for number, values in reader.rows(last)}
        return rows, reader


def value(path, cell):
    rows, _ = read(path, sheet_xml(f'<row r="1">{cell}</row>'))
    return rows[1][0] if rows else None


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('<c r="A1" t="s"><v>0</v></c>', "plain"),
        ('<c r="A1" t="s"><v>1</v></c>', "Accepted "),
        ('<c r="A1" t="s"><v>2</v></c>', "課きく"),
        ('<c r="A1" t="s"><v>3</v></c>', "two\r\nlines _x000D_"),
        ('<c r="A1" t="s"><v>4</v></c>', None),
        ('<c r="A1" t="s"><v>5</v></c>', "a<b"),
        ('<c r="A1" t="inlineStr"><is><t> in line </t></is></c>', " in line "),
        (
            '<c r="A1" t="inlineStr"><is><r><t>rich</t></r><r><t>er</t></r><rPh><t>x</t></rPh></is></c>',
            "richer",
        ),
        ('<c r="A1" t="str"><v>_xD83D_ _x0009_</v></c>', "_xD83D_ \t"),
        ('<c r="A1" t="inlineStr"><is><t>=1+1 &amp; _x0041_</t></is></c>', "=1+1 & A"),
        ('<c r="A1" t="str"><f>A2&amp;"x"</f><v>made</v></c>', "made"),
        ('<c r="A1" t="str"><f>""</f><v></v></c>', None),
        ('<c r="A1"><v>12</v></c>', 12.0),
        ('<c r="A1" t="n"><v>1.5E3</v></c>', 1500.0),
        ('<c r="A1"><f>1+1</f><v>2</v></c>', 2.0),
        ('<c r="A1"><f>VLOOKUP(1,A:B,2)</f></c>', Uncalculated("=VLOOKUP(1,A:B,2)")),
        ('<c r="A1"><f t="shared" si="1"/><v/></c>', Uncalculated("=")),
        ('<c r="A1" t="e"><v>#REF!</v></c>', CellError("#REF!")),
        ('<c r="A1" t="b"><v>1</v></c>', True),
        ('<c r="A1" t="b"><v>0</v></c>', False),
        ('<c r="A1" s="1"><v>46082</v></c>', date(2026, 3, 1)),
        ('<c r="A1" s="4"><v>46082.5</v></c>', datetime(2026, 3, 1, 12)),
        ('<c r="A1" s="4"><v>0.25</v></c>', time(6)),
        ('<c r="A1" s="1"><v>-1</v></c>', -1.0),
        ('<c r="A1" s="1"><v>99999999</v></c>', 99999999.0),
        ('<c r="A1" s="2"><v>1.25</v></c>', timedelta(hours=30)),
        ('<c r="A1" s="3"><v>46082</v></c>', 46082.0),
        ('<c r="A1" s="9999"><v>46082</v></c>', 46082.0),
        ('<c r="A1" t="d"><v>2026-03-01</v></c>', date(2026, 3, 1)),
        ('<c r="A1" t="d"><v>2026-03-01T10:30:00</v></c>', datetime(2026, 3, 1, 10, 30)),
        ('<c r="A1" t="d"><v>soon</v></c>', "soon"),
        ('<c r="A1"><v>no number</v></c>', "no number"),
        ('<c r="A1"><v>NaN</v></c>', "NaN"),
        ('<c r="A1"><v>1e400</v></c>', "1e400"),
        ('<c r="A1" s="1"/>', None),
        ('<c t="n"><v>7</v></c>', 7.0),
        ('\n <c r="A1">\n  <v>7</v>\n </c>\n', 7.0),
        ('<c r="A1"><v>7</v><extLst><x:v xmlns:x="urn:x">8</x:v></extLst></c>', 7.0),
    ],
)
def test_values(book, cell, expected):
    found = value(book, cell)
    assert found == expected
    assert type(found) is type(expected)


def test_1904_dates(book):
    workbook = read_part(book, "xl/workbook.xml")
    replace_part(book, "xl/workbook.xml", workbook.replace("<workbookPr ", '<workbookPr date1904="true" '))
    assert value(book, '<c r="A1" s="1"><v>44620</v></c>') == date(2026, 3, 1)


CELLS = (
    '<row><c t="str"><v>a</v></c><c><v>2</v></c></row>'
    '<row r="7" hidden="1"><c r="C7" t="str"><v>c</v></c><c/></row>'
)


@pytest.mark.parametrize(
    "xml",
    [
        sheet_xml(CELLS),
        sheet_xml(CELLS, namespace=STRICT),
        re.sub(r"<(/?)(?=\w)", r"<\1x:", sheet_xml(CELLS)).replace(" xmlns=", " xmlns:x="),
        sheet_xml(CELLS).replace("UTF-8", "UTF-16").encode("utf-16"),
    ],
    ids=["plain", "strict", "prefixed", "utf-16"],
)
def test_rows_and_cells_without_addresses_in_any_spelling(book, xml):
    rows, reader = read(book, xml)
    assert rows == {1: ["a", 2.0], 7: [None, None, "c"]}
    assert reader.hidden_rows == [7]


def test_filters_with_criteria_are_noticed(book):
    criteria = '<autoFilter ref="A1:B4"><filterColumn colId="0"/></autoFilter>'
    assert read(book, sheet_xml(CELLS, after=criteria))[1].filtered
    assert not read(book, sheet_xml(CELLS, after='<autoFilter ref="A1:B4"/>'))[1].filtered


def test_far_out_cells_are_passed_over(book):
    far = '<row r="2"><c r="A2"><v>1</v></c><c r="XFD2"><v>2</v></c><c r="ZZZZZZZ2"><v>3</v></c></row>'
    rows, _ = read(book, sheet_xml(far + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))
    assert rows == {2: [1.0]}


@pytest.mark.parametrize(
    "row",
    [
        '<row r="1048577"><c r="A1048577"><v>1</v></c></row>',
        '<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>',
        '<row r="9"><c r="A7"><v>1</v></c></row>',
        '<row r="9"><c r="A"><v>1</v></c></row>',
        '<row><c r="A2"><v>1</v></c></row>',
    ],
)
def test_a_cell_where_none_can_be_is_damage(book, row):
    with pytest.raises(WorkbookError, match="damaged"):
        read(book, sheet_xml(row))


def test_a_hundred_thousand_blank_rows_cost_no_memory(book):
    blanks = "".join(
        f'<row r="{n}" s="1" customFormat="1"><c r="A{n}" s="1"/></row>' for n in range(1, 100_001)
    )
    replace_part(book, "xl/worksheets/sheet1.xml", sheet_xml(blanks))
    with open_package(book) as package:
        reader = SheetReader(package, "xl/worksheets/sheet1.xml", read_date_styles(package), {}.get, 64)
        tracemalloc.start()
        assert list(reader.rows()) == []
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 4_000_000


def test_reading_stops_at_a_row(book):
    many = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 50_000))
    rows, _ = read(book, sheet_xml(many), last=3)
    assert rows[3] == [3.0]
    assert len(rows) < 40_000


@pytest.mark.parametrize(
    ("xml", "says"),
    [
        (sheet_xml("<row>").replace("</worksheet>", ""), "is damaged in its part xl/worksheets/sheet1.xml"),
        ("<worksheet>", "is damaged in its part"),
        (b"\xff\xfe\x00", "is damaged in its part"),
        (sheet_xml("<row/>").encode().replace(b"<row", b"<ro\xffw"), "is damaged in its part"),
        (sheet_xml("<row/>").replace("UTF-8", "KLINGON"), "is damaged in its part"),
        (sheet_xml("<row r='1'><c><v>&bomb;</v></c></row>"), "is damaged in its part"),
        (
            '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>',
            "declares a document type",
        ),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><worksheet/>', "declares a document type"),
    ],
)
def test_broken_and_hostile_sheets_are_refused(book, xml, says):
    with pytest.raises(WorkbookError) as caught:
        read(book, xml)
    assert says in caught.value.what


def test_hostile_shared_strings_are_refused(book):
    replace_part(book, "xl/sharedStrings.xml", '<!DOCTYPE s [<!ENTITY a "b">]><sst><si><t>&a;</t></si></sst>')
    with pytest.raises(WorkbookError, match="declares a document type"):
        read(book, sheet_xml(""))


def test_bounds(book, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(exact, "MAX_CELLS_KEPT", 3)
        with pytest.raises(WorkbookError, match="holds more than ims-xl reads"):
            read(book, sheet_xml('<row r="1"><c r="E1"><v>1</v></c></row>'))
    with monkeypatch.context() as patch:
        patch.setattr(exact, "MAX_TEXT", 3)
        with pytest.raises(WorkbookError, match="holds more than ims-xl reads"):
            read(book, sheet_xml('<row r="1"><c r="A1" t="str"><v>abcdef</v></c></row>'))
    with monkeypatch.context() as patch:
        patch.setattr(exact, "MAX_STRINGS", 3)
        with pytest.raises(WorkbookError, match="holds more than ims-xl reads"):
            read(book, sheet_xml(""))
    monkeypatch.setattr(exact, "MAX_STRINGS_BYTES", 3)
    with pytest.raises(WorkbookError, match="more than ims-xl reads"):
        read(book, sheet_xml(""))


def test_only_the_wanted_strings_are_kept(book):
    with open_package(book) as package:
        assert read_strings(package, {1, 3}).keys() == {1, 3}


def test_openpyxl_agrees(tmp_path):
    """An independent witness on ordinary content."""
    moment = datetime(2026, 3, 1, 10, 30)
    table = [["GSTIN", 12.5, date(2026, 3, 1), None, True], [None, "₹ 1,20,000", moment, 3, False]]
    written = openpyxl.Workbook()
    for row in table:
        written.active.append(row)
    written.save(tmp_path / "book.xlsx")
    with open_package(tmp_path / "book.xlsx") as package:
        part = package.sheets[0].name
        reader = SheetReader(package, part, read_date_styles(package), read_strings(package).get, 64)
        ours = [list(values) for _, values in reader.rows()]
    assert ours == table
    witness = openpyxl.load_workbook(tmp_path / "book.xlsx").active.iter_rows(values_only=True)
    days = [[v.date() if type(v) is datetime and v != moment else v for v in row] for row in witness]
    assert ours == days
