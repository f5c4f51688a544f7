"""The guard: what a sheet's XML holds, learned by regular expressions before anybody parses it.

python-calamine is fast, but it lays cells out as a full rectangle (one far-out cell aborts the whole
process), shows an error value and a formula without a result as blanks, and knows no hidden rows. So every
stretch of rows is looked through before the fast reader may have it: how large its rectangle can get, that
each cell stands in the row it claims, and which cells would be shown wrongly.

A cell is *plain* when it is written the way spreadsheet programs write a stored value; the few others are
looked at one by one, and anything stranger sends the sheet to ``exact``.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from html import unescape
from math import isfinite
from typing import TYPE_CHECKING

from ims_excel.workbook.cells import CellError, Uncalculated, column_index
from ims_excel.workbook.grid import LAST_ROW

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_CELLS = 64 << 20
"""The most places the rectangles of a sheet may have: 1,048,576 rows of 64 columns, some 2 GiB."""
MAX_STRETCH_CELLS = 16 << 20
"""The most places of one stretch of rows, which is laid out at a time."""
MAX_ROW_BYTES = 64 << 20
"""The longest row, or stretch without rows, that is looked through."""
MAX_STRINGS = 32 << 20
"""Shared strings of a workbook: thirty to a row of a full sheet."""

_PLAIN_HEAD = re.compile(
    rb'(?:\xef\xbb\xbf)?(?:<\?xml(?![^>]*\bencoding=(?!"(?i:utf-?8|us-ascii)"))[^>]*\?>)?\s*<worksheet[\s>][^!]*'
)
_ROW = re.compile(rb'<row(?:\s[^>]*?\br="([0-9]{1,7})")?[^>]*?(/?)>')
_PREFIXED_CELL = re.compile(rb"<[^<>\s\"/]+:c[\s/>]")
_ROWS_AGAIN = re.compile(rb"<(?:\w+:)?(?:sheetData|row|c)[\s/>]")
_HIDDEN_ROW = re.compile(rb'<row\s(?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="([0-9]+)"')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_CRITERIA = re.compile(rb"<(?:\w+:)?filterColumn[\s/>]")

_KEEP = b"+" if sys.version_info >= (3, 11) else b""
"""Lets a repeat keep what it took, where Python can: nothing is tried twice, a third of the time is saved."""
_RESULT_OF = rb"(?:<f(?:\s[^<>]*)?(?:/>|>[^<]*%b</f>))?" % _KEEP
_NUMBER = rb"%b<v>-?[0-9.]{1,40}%b(?:[eE][-+]?[0-9]{1,2})?</v></c>" % (_RESULT_OF, _KEEP)
_TEXT = rb"%b<v>[^<]*%b</v></c>" % (_RESULT_OF, _KEEP)
_INLINE = rb'<is><t(?: xml:space="preserve")?>[^<]*%b</t></is></c>' % _KEEP
_PLAIN_CONTENT = (
    rb'(?: s="[0-9]*%b")?%b(?:/>| t="inlineStr">%b|>(?:%b|</c>)| t="(?:s|n|b)">%b| t="str">%b)'
    % (_KEEP, _KEEP, _INLINE, _NUMBER, _NUMBER, _TEXT)
)
_PLAIN_ROW = re.compile(
    rb'<row r="([0-9]{1,7})"([^<>]*%b)(?<!/)>(?:<c r="A?[A-Z]\1"%b)*%b</row>' % (_KEEP, _PLAIN_CONTENT, _KEEP)
)
"""A row of plain cells in the columns A to AZ, each in the row that it claims."""
_ODD_CELL = re.compile(rb'<c(?! r="[A-Z]+[0-9]+"%b)' % _PLAIN_CONTENT)
_ADDRESS = re.compile(rb'<c r="([A-Z]+)([0-9]+)"')
_CELL = re.compile(rb'<c r="([A-Z]+)[0-9]+"([^>]*?)(?:/>|>(.*?)</c>)', re.DOTALL)
_TYPE = re.compile(rb'\bt="(\w+)"')
_FORMULA = re.compile(rb"<f(?:\s[^>]*?)?(?:/>|>([^<]*)</f>)")
_VALUE = re.compile(rb"<v(?:\s[^>]*?)?(?:/>|>([^<]*)</v>)|<is>.*</is>", re.DOTALL)
_INSIDE = re.compile(rb"<(f|v|is)[\s/>]")
_ORDERS: tuple[list[bytes], ...] = ([], [b"f"], [b"v"], [b"is"], [b"f", b"v"], [b"f", b"is"])
"""What a cell may hold; the fast reader forgets a value that stands in front of the formula."""
_MARKUP = "markup that programs read differently"
_NONCHARACTER = re.compile(rb"_x[Ff]{3}[EeFf]_")
"""Stands for U+FFFE or U+FFFF; of what XML cannot hold, these two the fast reader leaves as they are."""
_LONGEST_NONCHARACTER = 7
_STRICT = b"purl.oclc.org/ooxml"
_NARROW = 52  # columns A to AZ
_WIDEST = 702  # columns A to ZZ


@dataclass
class SheetScan:
    """What the cells of a plain sheet hold that the fast reader does not tell.

    Attributes:
        oddity: why only the exact reader may read the sheet; "" when it is plain.
        corrections: by 1-based row, the 0-based columns and values of cells that the fast reader would show
            as blank: error values and formulas without a stored result.
        hidden_rows: numbers of the hidden rows.
        filtered: a filter with criteria stands on the sheet.
    """

    oddity: str = ""
    corrections: dict[int, list[tuple[int, CellError | Uncalculated]]] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    filtered: bool = False


class _OddError(Exception):
    """The sheet is not plain; the text says why."""


def scan_stretches(chunks: Iterable[bytes], scan: SheetScan, size: int) -> Iterator[bytes]:
    """Look a sheet through, given as chunks of XML, and give it again in stretches that were looked through.

    The stretches end early where the sheet turns out to be for the exact reader: then ``scan`` names an
    oddity.
    """
    guard = _Guard(scan)
    try:
        for stretch in _stretches(guard.looked_through(_pieces(chunks)), size):
            guard.end_stretch()
            yield stretch
    except _OddError as oddity:
        scan.oddity = str(oddity)


def cut_stretches(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Give a sheet that was looked through before in the same stretches again."""
    return _stretches(_pieces(chunks), size)


def _stretches(pieces: Iterable[tuple[str, bytes]], size: int) -> Iterator[bytes]:
    """Make sheets of whole rows, each of ``size`` bytes and a little more."""
    head, rows, length = b"", [b""], 0
    for place, text in pieces:
        if place == "head":
            head = text + b"<sheetData>"
        elif place == "rows":
            rows.append(text)
            length += len(text)
        if length >= size or (place == "tail" and length):
            yield b"".join([head, *rows, b"</sheetData></worksheet>"])
            rows, length = [], 0


def check_strings(chunks: Iterable[bytes]) -> str:
    """Say why the shared strings may not go to the fast reader; "" when they may."""
    count, before = 0, b""
    for number, chunk in enumerate(chunks):
        text = before + chunk
        if number == 0 and (b"<sst" not in text[:1024] or _STRICT in text[:1024]):
            return "shared strings in an unusual form"
        if b"<!" in text or b"\r" in text[1024:] or _has_noncharacter(text):
            return "shared strings with markup that programs read differently"
        count += text.count(b"<si", max(0, len(before) - 2))
        if count > MAX_STRINGS:
            return "too many shared strings"
        before = chunk[1 - _LONGEST_NONCHARACTER :]
    return ""


def _has_noncharacter(text: bytes) -> bool:
    start = text.find(b"_")  # mostly there is none, which takes a sixth of a search for all of it
    return start >= 0 and _NONCHARACTER.search(text, start) is not None


def _pieces(chunks: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """Cut a sheet into its head, stretches of whole rows, and its tail in stretches."""
    place, head = "head", b""
    for block in _blocks(chunks):
        text = head + block
        if place == "head":
            head, found, text = text.partition(b"<sheetData")
            if not found:
                raise _OddError("no rows")
            yield "head", head
            head, (inside, _, text) = b"", text.partition(b">")
            place = "tail" if inside.endswith(b"/") else "rows"
        if place == "rows":
            rows, end, text = text.partition(b"</sheetData>")
            yield "rows", rows
            place = "tail" if end else "rows"
        if place == "tail":
            yield "tail", text
    if place != "tail":
        raise _OddError("no end of the rows")


def _blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut the XML in front of rows, so that no row is cut in two; all behind the last row is one block."""
    buffer = b""
    for chunk in chunks:
        buffer += chunk
        cut = buffer.rfind(b"<row ")
        if cut > 0:
            yield buffer[:cut]
            buffer = buffer[cut:]
        elif len(buffer) > MAX_ROW_BYTES:
            raise _OddError("a row of uncommon length")
    yield buffer


class _Guard:
    """Looks pieces of a sheet through, and knows how large the rectangles around their cells can be."""

    def __init__(self, scan: SheetScan) -> None:
        self._scan = scan
        self._columns = _NARROW
        self._low, self._high = LAST_ROW, 0
        self._cells = 0

    def looked_through(self, pieces: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
        """Look each piece through before it goes on."""
        for place, text in pieces:
            self._take(place, text)
            yield place, text

    def _take(self, place: str, text: bytes) -> None:
        if place == "rows":
            self._take_rows(text)
        elif place == "head":
            if not _PLAIN_HEAD.fullmatch(text) or _STRICT in text:
                raise _OddError("an unusual beginning")
        elif _ROWS_AGAIN.search(text):
            raise _OddError("rows behind the rows")
        elif _CRITERIA.search(text):
            self._scan.filtered = True

    def end_stretch(self) -> None:
        """Make sure that the rows since the last stretch can be laid out."""
        cells = max(0, self._high - self._low + 1) * self._columns
        self._cells += cells
        if cells > MAX_STRETCH_CELLS or self._cells > MAX_CELLS:
            raise _OddError("too large a rectangle")
        self._low, self._high = LAST_ROW, 0

    def _take_rows(self, text: bytes) -> None:
        if b"\r" in text or _has_noncharacter(text):
            raise _OddError(_MARKUP)
        numbers, position = [], 0
        for row in _PLAIN_ROW.finditer(text):
            start, end = row.span()
            if start > position:
                self._take_other_rows(text[position:start])
            number, attributes = row.groups()
            numbers.append(number)
            if b"hidden" in attributes and _HIDDEN.search(attributes):
                self._scan.hidden_rows.append(int(number))
            position = end
        self._span(numbers)
        self._take_other_rows(text[position:])

    def _take_other_rows(self, text: bytes) -> None:
        """Look at rows of which at least one is not plain."""
        if b"<!" in text:
            raise _OddError(_MARKUP)
        if b":c" in text and _PREFIXED_CELL.search(text):
            raise _OddError("names with a prefix")
        found = _ROW.findall(text)
        numbers = [number for number, is_closed in found if not is_closed]
        *rows, rest = text.split(b"</row>")
        if len(rows) != len(numbers) or b"<c" in rest:
            raise _OddError("rows in an unusual form")
        for number, row in zip(numbers, rows, strict=True):
            self._look_closer(number, row)
        self._span([number for number, _ in found])
        if b" hidden=" in text:
            self._scan.hidden_rows.extend(map(int, _HIDDEN_ROW.findall(text)))

    def _span(self, numbers: list[bytes]) -> None:
        if not all(numbers):
            raise _OddError("rows without numbers")
        rows = [*map(int, numbers)]
        self._low, self._high = min([*rows, self._low]), max([*rows, self._high])
        if self._high > LAST_ROW:
            raise _OddError("rows below the last")

    def _look_closer(self, number: bytes, row: bytes) -> None:
        """Look at a row that may hold something else than plain cells of the first columns."""
        addresses = _ADDRESS.findall(row)
        if not {number}.issuperset([digits for _, digits in addresses]):
            raise _OddError("cells that claim another row")
        self._columns = max([self._columns, *(1 + _column_at(letters) for letters, _ in addresses)])
        for match in _ODD_CELL.finditer(row):
            cell = _CELL.match(row, match.start())
            if cell is None:
                raise _OddError("cells in an unusual form")
            correction = _correction(cell[2], cell[3] or b"")
            if correction is not None:
                corrections = self._scan.corrections.setdefault(int(number), [])
                corrections.append((_column_at(cell[1]), correction))


def _column_at(letters: bytes) -> int:
    column = column_index(letters.decode())
    if column >= _WIDEST:
        raise _OddError("cells far out")
    return column


def _correction(attributes: bytes, content: bytes) -> CellError | Uncalculated | None:
    """Say what a cell holds that the fast reader would show as blank; None when it would read it right."""
    kind = _TYPE.search(attributes)
    kind_name = kind[1] if kind else b"n"
    formula, value = _FORMULA.search(content), _VALUE.search(content)
    is_orderly = _INSIDE.findall(content) in _ORDERS
    if kind_name == b"d" or (content and not formula and not value) or not is_orderly:
        raise _OddError("values of an unusual kind")
    text = ((value and value[1]) or b"").decode("utf-8", "replace")
    if kind_name == b"e" and text:
        return CellError(unescape(text))
    if kind_name == b"n" and text and not _is_finite(text):
        raise _OddError("numbers that a spreadsheet cannot hold")
    if formula and not text and kind_name != b"str":
        return Uncalculated("=" + unescape((formula[1] or b"").decode("utf-8", "replace")))
    return None


def _is_finite(text: str) -> bool:
    try:
        return isfinite(float(text))
    except ValueError:
        return False
