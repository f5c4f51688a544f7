"""Reading a cell's element: the quick way for usual cells says what the parser says."""

from __future__ import annotations

import re

import pytest

from ims_excel.workbook import celltext
from ims_excel.workbook.celltext import EMPTY, Said, is_usual, read_cell
from ims_excel.workbook.markup import MarkupError

USUAL = {
    b'<c r="A1"/>': EMPTY,
    b'<c r="A1" s="3"></c>': EMPTY,
    b'<c r="A1" t="s"><v>4</v></c>': Said("s", "4"),
    b'<c r="AB12" s="1"><v>1.5</v></c>': Said("n", "1.5"),
    b'<c r="A1" t="str"><v>x y</v></c>': Said("str", "x y"),
    b'<c r="A1" t="inlineStr"><is><t xml:space="preserve"> a\n</t></is></c>': Said("inlineStr", " a\n"),
    b'<c r="A1" s="2" t="inlineStr"><is><t></t></is></c>': Said("inlineStr", ""),
    '<c r="A1" t="str"><v>₹5 → ₹6, शर्मा 😀</v></c>'.encode(): Said("str", "₹5 → ₹6, शर्मा 😀"),
}
OTHERS = {
    b'<c r="A1"><f>1+1</f><v>2</v></c>': "2",
    b'<c r="A1" t="str"><v>a &amp; b</v></c>': "a & b",
    "<c r='A1' t='str'><v>₹</v></c>".encode(): "₹",
    b'<x:c r="A1"><x:v>1</x:v></x:c>': "1",
    b'<c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>': "ab",
    b'<c r="A1" t="str"><v>a\r\nb</v></c>': "a\nb",
}


@pytest.mark.parametrize(("data", "said"), USUAL.items())
def test_usual_cells_are_read_as_the_parser_reads_them(data, said, monkeypatch):
    assert is_usual(data)
    assert read_cell(data) == said
    monkeypatch.setattr(celltext, "_USUAL", re.compile(rb"(?!)"))
    assert read_cell(data) == said


@pytest.mark.parametrize(("data", "text"), OTHERS.items())
def test_all_others_go_to_the_parser(data, text):
    assert not is_usual(data)
    assert read_cell(data).text == text


@pytest.mark.parametrize(
    "data",
    [
        b'<c r="A1"/><c r="B1"/>',
        b'<c r="A1"><v>1</c>',
        b'<c r="A1"><v>\x01</v></c>',
        b'<c r="A1" t="str"><v>\xe2\x82</v></c>',
        b'<c r="A1" t="str"><v>\xed\xa0\x80</v></c>',
        b'<c r="A1" t="str"><v>\xef\xbf\xbf</v></c>',
    ],
)
def test_what_is_no_cell_is_refused(data):
    assert not is_usual(data)
    with pytest.raises(MarkupError):
        read_cell(data)
