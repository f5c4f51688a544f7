"""The guard: what a sheet's XML holds, learned by regular expressions before anybody parses it.

python-calamine is fast, but it lays a sheet out as a full rectangle (one far-out cell aborts the whole
process), shows an error value and a formula without a result as blanks, and knows no hidden rows. So each
sheet is looked through twice: ``check_bounds`` proves how large the rectangle can get, before the fast
reader may start; ``scan_cells`` finds the cells that it would show wrongly, while the fast reader works.

A cell is *plain* when it is written the way spreadsheet programs write a stored value; the few others are
looked at one by one, and anything stranger sends the sheet to ``exact``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from math import isfinite
from typing import TYPE_CHECKING

from ims_excel.workbook.cells import CellError, Uncalculated, column_index
from ims_excel.workbook.grid import LAST_ROW

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_DENSE_CELLS = 64 << 20
"""The largest rectangle that is laid out: 1,048,576 rows of 64 columns, some 2 GiB."""
MAX_EMPTINESS = 4
"""How many times more rows a rectangle may have than there are rows with cells …"""
FREE_ROWS = 100_000
"""… once it has more than this."""
MAX_ROW_BYTES = 64 << 20
"""The longest row, or stretch without rows, that is looked through."""
MAX_STRINGS = 32 << 20
"""Shared strings of a workbook: thirty to a row of a full sheet."""

_PLAIN_HEAD = re.compile(
    rb'(?:\xef\xbb\xbf)?(?:<\?xml(?![^>]*\bencoding=(?!"(?i:utf-?8|us-ascii)"))[^>]*\?>)?\s*<worksheet[\s>][^!]*'
)
_ROW = re.compile(rb'<row(?:\s[^>]*?\br="([0-9]{1,7})")?[^>]*?(/?)>(</row>)?')
_PREFIXED_CELL = re.compile(rb"<[^<>\s\"/]+:c[\s/>]")
_REFERENCE = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[\s/>]')
_ROW_OF_CELL = re.compile(rb'<c r="[A-Z]+([0-9]+)"')
_ROWS_AGAIN = re.compile(rb"<(?:\w+:)?(?:sheetData|row|c)[\s/>]")
_HIDDEN_ROW = re.compile(rb'<row\s(?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="([0-9]+)"')
_CRITERIA = re.compile(rb"<(?:\w+:)?filterColumn[\s/>]")
_NUMBER = rb"<v>-?[0-9.]{1,40}(?:[eE][-+]?[0-9]{1,2})?</v></c>"
_INLINE = rb'<is><t(?: xml:space="preserve")?>[^<]*</t></is></c>'
_ODD_CELL = re.compile(
    rb'<c(?! r="[A-Z]+[0-9]+"(?: s="[0-9]+")?'
    rb'(?:/>|>(?:%b|</c>)| t="(?:s|n|b)">%b| t="inlineStr">%b| t="str"><v>[^<]*</v></c>))'
    % (_NUMBER, _NUMBER, _INLINE)
)
_CELL = re.compile(rb'<c r="([A-Z]+)([0-9]+)"([^>]*?)(?:/>|>(.*?)</c>)', re.DOTALL)
_TYPE = re.compile(rb'\bt="(\w+)"')
_FORMULA = re.compile(rb"<f(?:\s[^>]*?)?(?:/>|>([^<]*)</f>)")
_VALUE = re.compile(rb"<v(?:\s[^>]*?)?(?:/>|>([^<]*)</v>)|<is>.*</is>", re.DOTALL)
_INSIDE = re.compile(rb"<(f|v|is)[\s/>]")
_ORDERS: tuple[list[bytes], ...] = ([], [b"f"], [b"v"], [b"is"], [b"f", b"v"], [b"f", b"is"])
"""What a cell may hold; the fast reader forgets a value that stands in front of the formula."""
_STRICT = b"purl.oclc.org/ooxml"
_MAX_TIERS = 27  # columns A to ZZ, twenty-six to a tier
_FULL_SHEET_DIGITS = 7


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


def check_bounds(chunks: Iterable[bytes]) -> str:
    """Say why a sheet, given as chunks of XML, may not go to the fast reader; "" when it may.

    It may when it is written plainly and no cell can make the rectangle larger than the bounds above.
    """
    bounds = _Bounds()
    try:
        for place, text in _pieces(chunks):
            bounds.take(place, text)
    except _OddError as oddity:
        return str(oddity)
    return ""


def scan_cells(chunks: Iterable[bytes]) -> SheetScan:
    """Find what the fast reader would show wrongly on a sheet whose bounds were checked."""
    scan = SheetScan()
    try:
        for place, text in _pieces(chunks):
            if place == "rows":
                _scan_rows(scan, text)
            elif place == "tail" and _CRITERIA.search(text):
                scan.filtered = True
    except _OddError as oddity:
        scan.oddity = str(oddity)
    return scan


def check_strings(chunks: Iterable[bytes]) -> str:
    """Say why the shared strings may not go to the fast reader; "" when they may."""
    count, before = 0, b""
    for number, chunk in enumerate(chunks):
        text = before + chunk
        if number == 0 and (b"<sst" not in text[:1024] or _STRICT in text[:1024]):
            return "shared strings in an unusual form"
        if b"<!" in text or b"\r" in text[1024:]:
            return "shared strings with markup that programs read differently"
        count += text.count(b"<si")
        if count > MAX_STRINGS:
            return "too many shared strings"
        before = chunk[-2:]
    return ""


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


class _Bounds:
    """How large the rectangle around the cells seen so far can be."""

    def __init__(self) -> None:
        self.tiers = 2
        self.rows_with_cells = 0
        self.last_row = 0

    def take(self, place: str, text: bytes) -> None:
        if place == "rows":
            self._take_rows(text)
        elif place == "head":
            if not _PLAIN_HEAD.fullmatch(text) or _STRICT in text:
                raise _OddError("an unusual beginning")
        elif _ROWS_AGAIN.search(text):
            raise _OddError("rows behind the rows")
        elif self.last_row > max(FREE_ROWS, self.rows_with_cells * MAX_EMPTINESS):
            raise _OddError("mostly empty")

    def _take_rows(self, rows: bytes) -> None:
        if b":c" in rows and _PREFIXED_CELL.search(rows):
            raise _OddError("names with a prefix")
        numbers = _row_numbers(rows)
        if not numbers:
            if b"<c" in rows:
                raise _OddError("cells outside of rows")
            return
        low, high = min(numbers), max(numbers)
        if high > LAST_ROW:
            raise _OddError("rows below the last")
        row_pattern, last_row = _rows_between(low, high)
        for match in _outside(self.tiers, row_pattern).finditer(rows):
            self._widen(_REFERENCE.match(rows, match.start()), low, high)
        self.rows_with_cells += len(numbers)
        self.last_row = max(self.last_row, last_row)
        if self.last_row * self.tiers * 26 > MAX_DENSE_CELLS:
            raise _OddError("too large a rectangle")

    def _widen(self, cell: re.Match[bytes] | None, low: int, high: int) -> None:
        if cell is None:
            raise _OddError("cells without a plain address")
        column = column_index(cell[1].decode())
        if not low <= int(cell[2]) <= high or column >= _MAX_TIERS * 26:
            raise _OddError("cells far out")
        self.tiers = max(self.tiers, column // 26 + 1)


def _row_numbers(rows: bytes) -> list[int]:
    """List the numbers of the rows that hold cells; a row without a number is odd."""
    found = _ROW.findall(rows)
    if any(not number for number, _, _ in found):
        raise _OddError("rows without numbers")
    return [int(number) for number, closed, empty in found if not closed and not empty]


@lru_cache(maxsize=64)
def _outside(tiers: int, row_pattern: bytes) -> re.Pattern[bytes]:
    """Compile what finds each cell without an address in the first tiers of columns and the given rows."""
    letters = b"[A-Z]" if tiers == 1 else b"[A-%c]?[A-Z]" % (63 + tiers)
    return re.compile(rb'<c(?! r="%s%s"[\s/>])' % (letters, row_pattern))


def _rows_between(low: int, high: int) -> tuple[bytes, int]:
    """Give a pattern that all row numbers from low to high match, and the largest number it matches."""
    first, last = str(low), str(high)
    digits = len(last)
    if digits == _FULL_SHEET_DIGITS:
        long, bound = rb"10[0-4][0-9]{4}", 1_049_999
    else:
        start = ord(first[0]) if len(first) == digits else ord("1")
        long = b"[%c-%c][0-9]{%d}" % (start, ord(last[0]), digits - 1)
        bound = (int(last[0]) + 1) * 10 ** (digits - 1) - 1
    if len(first) == digits:
        return long, bound
    return rb"(?:[0-9]{%d,%d}|%s)" % (len(first), digits - 1, long), bound


def _scan_rows(scan: SheetScan, rows: bytes) -> None:
    if b"<![CDATA[" in rows or b"\r" in rows:
        raise _OddError("markup that programs read differently")
    _check_addresses(rows)
    if b" hidden=" in rows:
        scan.hidden_rows.extend(map(int, _HIDDEN_ROW.findall(rows)))
    for match in _ODD_CELL.finditer(rows):
        cell = _CELL.match(rows, match.start())
        if cell is None:
            raise _OddError("cells in an unusual form")
        correction = _correction(cell[3], cell[4] or b"")
        if correction is not None:
            at = column_index(cell[1].decode())
            scan.corrections.setdefault(int(cell[2]), []).append((at, correction))


def _check_addresses(rows: bytes) -> None:
    """Make sure that no cell says that it stands in another row: the fast reader would put it there."""
    numbers = [number for number, closed, _ in _ROW.findall(rows) if not closed]
    for number, row in zip(numbers, rows.split(b"</row>")):  # noqa: B905  behind the last row nothing is left
        if not {number}.issuperset(_ROW_OF_CELL.findall(row)):
            raise _OddError("cells that claim another row")


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
