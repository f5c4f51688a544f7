"""Which bytes of a sheet change so that its cells say what is asked."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ims_excel.workbook.celltext import Plain, fitted
from ims_excel.workbook.edits import SheetTask
from ims_excel.workbook.markup import MarkupError, spliced, spliced_chunks
from ims_excel.workbook.sheetpatch import SheetSurvey

A, B, C, D, E, Z = 0, 1, 2, 3, 4, 25
T = '<is><t xml:space="preserve">{}</t></is>'


def chunks(data: bytes, size: int):
    return (data[start : start + size] for start in range(0, len(data), size))


def patch(rows: str, cells: dict[tuple[int, int], Plain], *, head: str = "", prefix: str = "", **task) -> str:
    """Patch the rows of a sheet, in chunks of every kind of size, and give the new rows."""
    p = prefix
    opening, closing = f"<{p}worksheet>{head}<{p}sheetData>", f"</{p}sheetData></{p}worksheet>"
    data = (opening + rows + closing).encode()
    results = set()
    for size in (1, 7, 64, len(data)):
        survey = SheetSurvey(chunks(data, size), SheetTask(cells, **task))
        splices = sorted((s for row in survey.rows for s in row.splices()), key=lambda splice: splice.start)
        assert survey.head.decode() == opening
        assert survey.tail.decode() == closing
        assert data[survey.tail_start :] == survey.tail
        whole = spliced(data, splices)
        assert b"".join(spliced_chunks(chunks(data, size), splices)) == whole
        results.add(whole.decode())
    (result,) = results
    return result.removeprefix(opening).removesuffix(closing)


def inline(address: str, text: str, style: int = 0) -> str:
    attributes = f' s="{style}"' if style else ""
    return f'<c r="{address}"{attributes} t="inlineStr">{T.format(text)}</c>'


class TestCellsThatStand:
    def test_an_empty_styled_cell_gets_a_text_and_keeps_its_style(self):
        rows = '<row r="6" spans="1:3" ht="15"><c r="A6" s="4"/><c r="B6" s="7"/></row>'
        assert patch(rows, {(6, B): "wrong"}) == rows.replace('<c r="B6" s="7"/>', inline("B6", "wrong", 7))

    @pytest.mark.parametrize(
        "old",
        [
            '<c r="A1" s="2" t="s"><v>12</v></c>',
            '<c r="A1" s="2"><v>12.5</v></c>',
            '<c r="A1" s="2" t="str"><f>B1&amp;"x"</f><v>yx</v></c>',
            '<c r="A1" s="2" t="b"><v>1</v></c>',
            '<c r="A1" s="2" t="e"><v>#N/A</v></c>',
            '<c t="inlineStr" r="A1" s="2"><is><r><t>ri</t></r><r><t>ch</t></r></is></c>',
            "<c r='A1' s='2' t='n' ><v>1</v></c >",
            '<c s="2" r="A1" cm="1" vm="3"><f t="array" ref="A1">X()</f><v>1</v></c>',
            '<c r="A1" s="2" ><v><!-- 1 --></v></c>',
        ],
    )
    def test_whatever_a_cell_said_it_says_the_text(self, old: str):
        new = patch(f'<row r="1">{old}<c r="B1"/></row>', {(1, A): "new"})
        assert new.startswith('<row r="1"><c ')
        assert new.endswith(f'{T.format("new")}</c><c r="B1"/></row>')
        tag = new[len('<row r="1">') : new.index("<is>")]
        assert sorted(tag.replace("'", '"')[3:-1].split()) == ['r="A1"', 's="2"', 't="inlineStr"']

    def test_a_number_keeps_its_digits(self):
        rows = '<row r="1"><c r="A1" s="1" t="s"><v>0</v></c></row>'
        assert patch(rows, {(1, A): Decimal("1E+5")}) == '<row r="1"><c r="A1" s="1"><v>100000</v></c></row>'
        assert patch(rows, {(1, A): Decimal("-0.10")}) == '<row r="1"><c r="A1" s="1"><v>-0.10</v></c></row>'

    def test_none_empties_a_cell_and_keeps_its_style(self):
        rows = '<row r="1"><c r="A1" s="1" t="s"><v>0</v></c><c r="B1"><f>1</f></c></row>'
        assert patch(rows, {(1, A): None, (1, B): None}) == '<row r="1"><c r="A1" s="1"/><c r="B1"/></row>'

    @pytest.mark.parametrize(
        ("cell", "value"),
        [
            ('<c r="A1" s="1"/>', None),
            ('<c r="A1" t="inlineStr"><is><t>a &amp; b</t></is></c>', "a & b"),
            (
                '<c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t> b</t></r><rPh><t>x</t></rPh></is></c>',
                "a b",
            ),
            ('<c r="A1" t="inlineStr"><is><t><![CDATA[a<b]]></t></is></c>', "a<b"),
            ('<c r="A1" t="inlineStr"><is><t>_x0001_ _x005F_x0041_</t></is></c>', "\1 _x0041_"),
            ('<c r="A1" t="str"><f>"x"</f><v>x</v></c>', "x"),
            ('<c r="A1"><v>0.1</v></c>', Decimal("0.10")),
            ('<c r="A1"><v>1.1E3</v></c>', Decimal(1100)),
            ('<c r="A1" t="n"><v>118.00000000000001</v></c>', Decimal("118.00000000000001")),
        ],
    )
    def test_a_cell_that_says_so_already_is_left_alone(self, cell: str, value: Plain):
        assert patch(f'<row r="1">{cell}</row>', {(1, A): value}) == f'<row r="1">{cell}</row>'

    @pytest.mark.parametrize(
        ("cell", "value"),
        [
            ('<c r="A1" t="str"><v>5</v></c>', Decimal(5)),
            ('<c r="A1"><v>5</v></c>', "5"),
            ('<c r="A1" t="b"><v>1</v></c>', Decimal(1)),
            ('<c r="A1"><f>1+1</f></c>', None),
            ('<c r="A1" t="e"><v>#N/A</v></c>', "#N/A"),
        ],
    )
    def test_a_cell_that_only_looks_so_is_written(self, cell: str, value: Plain):
        assert patch(f'<row r="1">{cell}</row>', {(1, A): value}) != f'<row r="1">{cell}</row>'


class TestCellsThatAreMissing:
    def test_they_are_put_in_their_column(self):
        rows = '<row r="2"><c r="B2"/><c r="D2"/></row>'
        new = patch(rows, {(2, A): "a", (2, C): "c", (2, E): "e"})
        a, c, e = inline("A2", "a"), inline("C2", "c"), inline("E2", "e")
        assert new == f'<row r="2">{a}<c r="B2"/>{c}<c r="D2"/>{e}</row>'

    def test_beyond_z_columns_are_in_order(self):
        rows = '<row r="2"><c r="Z2"/><c r="AB2"/></row>'
        assert (
            patch(rows, {(2, 26): "aa"}) == f'<row r="2"><c r="Z2"/>{inline("AA2", "aa")}<c r="AB2"/></row>'
        )

    def test_an_empty_row_gets_an_end(self):
        assert patch('<row r="2" ht="20"/>', {(2, A): "a"}) == f'<row r="2" ht="20">{inline("A2", "a")}</row>'
        assert patch('<row r="2"></row>', {(2, A): "a"}) == f'<row r="2">{inline("A2", "a")}</row>'

    def test_rows_are_put_in_their_place(self):
        rows = '<row r="2"/>\n<row r="5"/>\n'
        new = patch(rows, {(1, A): "1", (3, A): "3", (4, B): "4", (9, A): "9"})
        one, three = f'<row r="1">{inline("A1", "1")}</row>', f'<row r="3">{inline("A3", "3")}</row>'
        four, nine = f'<row r="4">{inline("B4", "4")}</row>', f'<row r="9">{inline("A9", "9")}</row>'
        assert new == f'{one}<row r="2"/>\n{three}{four}<row r="5"/>\n{nine}'

    def test_nothing_needs_no_cell(self):
        assert patch('<row r="2"/>', {(1, A): None, (2, A): None, (3, A): None}) == '<row r="2"/>'

    def test_spans_that_leave_them_out_go(self):
        rows = '<row r="2" spans="1:2" ht="9"><c r="A2"/></row>'
        assert patch(rows, {(2, C): "c"}) == f'<row r="2" ht="9"><c r="A2"/>{inline("C2", "c")}</row>'
        assert 'spans="1:2"' in patch(rows, {(2, B): "b"})

    def test_they_look_like_their_row_or_column(self):
        cols = '<cols><col min="2" max="3" width="9" style="5"/></cols>'
        assert patch('<row r="1"/>', {(1, C): "c"}, head=cols) == f'<row r="1">{inline("C1", "c", 5)}</row>'
        rows = '<row r="1" s="8" customFormat="1"/>'
        assert inline("C1", "c", 8) in patch(rows, {(1, C): "c"}, head=cols)
        assert inline("C1", "c", 5) in patch('<row r="1" s="8"/>', {(1, C): "c"}, head=cols)


class TestSpellings:
    def test_prefixes(self):
        rows = '<x:row r="1"><x:c r="A1"/></x:row>'
        text = '<x:is><x:t xml:space="preserve">a</x:t></x:is>'
        new = patch(rows, {(1, A): "a", (1, B): Decimal(2), (2, A): None, (3, A): "a"}, prefix="x:")
        assert new == (
            f'<x:row r="1"><x:c r="A1" t="inlineStr">{text}</x:c><x:c r="B1"><x:v>2</x:v></x:c></x:row>'
            f'<x:row r="3"><x:c r="A3" t="inlineStr">{text}</x:c></x:row>'
        )

    def test_rows_and_cells_without_addresses_are_counted(self):
        rows = "<row><c/><c/></row><row/><row r='7'><c r='C7'/><c/></row><row><c/></row>"
        new = patch(rows, {(1, B): Decimal(1), (2, A): Decimal(2), (7, D): Decimal(3), (8, A): Decimal(4)})
        assert new == (
            '<row><c/><c><v>1</v></c></row><row><c r="A2"><v>2</v></c></row>'
            "<row r='7'><c r='C7'/><c><v>3</v></c></row><row><c><v>4</v></c></row>"
        )

    def test_attributes_in_any_order_and_quotes(self):
        rows = "<row ht = '15'\n r='3' x:y=\"a>b\" ><c s='1'\tr='B3' /></row >"
        new = "<row ht = '15'\n r='3' x:y=\"a>b\" ><c s='1'\tr='B3'><v>1</v></c></row >"
        assert patch(rows, {(3, B): Decimal(1)}) == new

    def test_comments_and_cdata_do_not_fool(self):
        fake = '<c r="A1" t="inlineStr"><is><t><![CDATA[</is></c><c r="B1"/></row><row r="2">]]></t></is></c>'
        before = '<!-- <row r="1"><c r="A1"/></row> --><row r="1"><!-- <c r="A1"/></row> -->'
        behind = '</row><?x <row r="2"/> ?>'
        rows = f'{before}{fake}<c r="B1"/>{behind}'
        assert patch(rows, {(1, B): Decimal(1)}) == f'{before}{fake}<c r="B1"><v>1</v></c>{behind}'
        assert patch(rows, {(1, A): Decimal(1)}) == f'{before}<c r="A1"><v>1</v></c><c r="B1"/>{behind}'

    def test_other_rows_keep_every_byte(self):
        odd = "<row  r = '4' ><c  r='A4'   t = 's'\n><v>1</v ></c\t></row>\n  <row r='5'/>"
        rows = f'{odd}<row r="6"><c r="A6"/></row>'
        assert patch(rows, {(6, A): Decimal(1)}) == f'{odd}<row r="6"><c r="A6"><v>1</v></c></row>'

    def test_a_sheet_without_rows(self):
        survey = SheetSurvey([b"<worksheet><sheetData/><x/></worksheet>"], SheetTask({(2, A): "a"}))
        assert survey.is_empty
        assert survey.tail == b"<x/></worksheet>"
        assert [row.number for row in survey.rows] == [2]

    def test_a_bom_stays(self):
        data = b"\xef\xbb\xbf<worksheet><sheetData></sheetData></worksheet>"
        assert SheetSurvey([data], SheetTask({})).head == data[: data.index(b"</")]

    @pytest.mark.parametrize(
        "data",
        [
            "<worksheet><sheetData></sheetData></worksheet>".encode("utf-16"),
            b'<?xml version="1.0" encoding="windows-1252"?><worksheet><sheetData/></worksheet>',
            b"<chartsheet/>",
            b"",
            b'<worksheet><sheetData><row r="1"><c r="A1"/>',
            b'<worksheet><sheetData><row r="1"></sheetData></worksheet>',
            b'<worksheet><sheetData><row r="2"/><row r="1"/></sheetData></worksheet>',
            b'<worksheet><sheetData><row r="1"><c r="C1"/><c r="B1"/></row></sheetData></worksheet>',
            b'<worksheet><sheetData><row r="1"><c r="A1"><v>1</row></sheetData></worksheet>',
        ],
    )
    def test_what_is_no_sheet_or_damaged_is_refused(self, data: bytes):
        with pytest.raises(MarkupError):
            SheetSurvey([data], SheetTask({(1, D): "x", (1, A): "x"}))


class TestFormulas:
    SHARED = (
        '<row r="1"><c r="A1"><f t="shared" ref="A1:C1" si="4">D1*$Z$1&amp;"x"</f><v>1</v></c>'
        '<c r="B1"><f t="shared" si="4"/><v>2</v></c><c r="C1"><f t="shared" si="4"/><v>3</v></c></row>'
    )

    def test_the_next_cell_inherits_a_shared_formula(self):
        new = patch(self.SHARED, {(1, A): None})
        assert new == (
            '<row r="1"><c r="A1"/>'
            '<c r="B1"><f t="shared" ref="B1:C1" si="4">E1*$Z$1&amp;"x"</f><v>2</v></c>'
            '<c r="C1"><f t="shared" si="4"/><v>3</v></c></row>'
        )

    def test_a_cell_in_another_row_inherits(self):
        rows = (
            '<row r="1"><c r="A1"><f t="shared" ref="A1:A9" si="0">B1</f></c></row><row r="2"/>'
            '<row r="3"><c r="A3"><f t="shared" si="0"/></c></row>'
        )
        heir = '<c r="A3"><f t="shared" ref="A3:A9" si="0">B3</f></c>'
        assert (
            patch(rows, {(1, A): None}) == f'<row r="1"><c r="A1"/></row><row r="2"/><row r="3">{heir}</row>'
        )

    def test_cells_that_are_overwritten_themselves_do_not_inherit(self):
        new = patch(self.SHARED, {(1, A): None, (1, B): None})
        heir = '<c r="C1"><f t="shared" ref="C1" si="4">F1*$Z$1&amp;"x"</f><v>3</v></c>'
        assert new == f'<row r="1"><c r="A1"/><c r="B1"/>{heir}</row>'

    def test_overwriting_a_follower_leaves_the_group_alone(self):
        new = patch(self.SHARED, {(1, B): None})
        assert new == self.SHARED.replace('<c r="B1"><f t="shared" si="4"/><v>2</v></c>', '<c r="B1"/>')

    def test_array_formulas_are_noticed(self):
        rows = (
            b'<row r="1"><c r="A1"><f t="array" ref="A1:A3">X</f></c>'
            b'<c r="B1"><f ref="B1" t="array">X</f></c></row>'
        )
        data = b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>"
        log = SheetSurvey([data], SheetTask({})).formulas
        cell, box = log.in_the_way([(4, A), (3, A)])
        assert (cell, str(box)) == ((3, A), "A1:A3")
        assert log.in_the_way([(1, B), (4, A)]) is None


class TestWholeSheets:
    def test_cells_that_are_not_asked_for_are_emptied(self):
        rows = (
            '<row r="1"><c r="A1" s="1" t="s"><v>1</v></c><c r="B1" s="2"/></row>'
            '<row r="2"><c r="C2"><v>9</v></c></row>'
        )
        new = patch(rows, {(1, A): "a"}, is_whole=True)
        first = f'<row r="1">{inline("A1", "a", 1)}<c r="B1" s="2"/></row>'
        assert new == f'{first}<row r="2"><c r="C2"/></row>'

    def test_new_cells_take_the_style_given(self):
        assert patch("", {(1, A): "a"}, style=lambda row, column: row + column + 6) == (
            f'<row r="1">{inline("A1", "a", 7)}</row>'
        )


class TestTexts:
    @pytest.mark.parametrize(
        ("text", "written"),
        [
            ("a<b>&\"'c", "a&lt;b&gt;&amp;\"'c"),
            (" two  blanks ", " two  blanks "),
            ("line\nline\ttab", "line\nline\ttab"),
            ("\r\x01\x1f\ufffe", "_x000D__x0001__x001F__xFFFE_"),
            ("_x0041_", "_x005F_x0041_"),
            ("_x0041_x0042_", "_x005F_x0041_x005F_x0042_"),
            ("₹ 1,00,000 शर्मा 😀", "₹ 1,00,000 शर्मा 😀"),
            ("=1+1", "=1+1"),
        ],
    )
    def test_they_are_escaped(self, text: str, written: str):
        assert patch('<row r="1"/>', {(1, A): text}) == f'<row r="1">{inline("A1", written)}</row>'

    def test_long_ones_are_cut_to_what_a_cell_takes(self):
        assert fitted("a" * 32_767) == "a" * 32_767
        assert fitted("a" * 32_768) == "a" * 32_766 + "…"
        cut = fitted("😀" * 20_000)
        assert len(cut.encode("utf-16-le")) // 2 <= 32_767
        assert cut == "😀" * 16_383 + "…"

    def test_half_characters_are_replaced(self):
        assert fitted("a\ud800b") == "a\ufffdb"
