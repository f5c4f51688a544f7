"""What the formulas of Home and Summary come to once a patch is in the workbook.

Excel calculates when it opens a workbook that we wrote into. LibreOffice, previews and Excel's protected view
show the results that are stored beside the formulas, so those that a patch moves are stored anew. A result
that cannot be told here is taken away, upon which LibreOffice, too, calculates it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from ims_excel.workbook.cells import column_letters
from ims_excel.workbook.celltext import EMPTY, Result, read_cell
from ims_excel.workbook.counting import Documents, UnknownError, as_stored, named_areas
from ims_excel.workbook.exact import unescape
from ims_excel.workbook.grid import CHANGE, HOME_SHEET, SUMMARY_SHEET
from ims_excel.workbook.home import HOME_TITLE
from ims_excel.workbook.markup import parse
from ims_excel.workbook.overwriting import Box, translated
from ims_excel.workbook.package import open_package
from ims_excel.workbook.patches import SheetPatch
from ims_excel.workbook.read import peek
from ims_excel.workbook.sharedtexts import shared_texts
from ims_excel.workbook.summary import SUMMARY_TITLE
from ims_excel.workbook.totals import HEADS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ims_excel.workbook.celltext import Said
    from ims_excel.workbook.counting import Area
    from ims_excel.workbook.markup import Node
    from ims_excel.workbook.package import Package, SheetPart
    from ims_excel.workbook.patches import BookPatch
    from ims_excel.workbook.read import Book

_MOVING = ("key", "status", CHANGE, *HEADS)
"""Columns that the sums are made of."""
_LONGEST_PAGE = 4 << 20
"""Bytes; ours have some ten thousand, and people may have put anything on them."""
_DEEPEST, _WIDEST = 20, 64
"""Formulas that call each other, and cells of a SUM; ours do three deep and have four."""
_TERM = re.compile(
    r"(?P<sign>[+-]?)(?:(?P<name>COUNTIFS|SUMIFS|SUM)\((?P<inside>[^()]*)\)|(?P<cell>\$?[A-Z]{1,3}\$?\d{1,7})|0)"
)
_TITLES = (HOME_SHEET, SUMMARY_SHEET, HOME_TITLE, SUMMARY_TITLE)

_Place = tuple[int, int]
"""1-based row and 0-based column."""


@dataclass(frozen=True)
class _Term:
    """A part of a formula that is added or subtracted.

    Attributes:
        sign: 1 or -1.
        function: "COUNTIFS", "SUMIFS" or "SUM"; "" for a cell; "0" for nought.
        arguments: as they are written; the cell's address.
    """

    sign: int
    function: str
    arguments: tuple[str, ...]


@dataclass
class _Page:
    """Home or Summary: its formulas of the kind that ours are of, and what other cells say."""

    title: str
    formulas: dict[_Place, tuple[_Term, ...]] = field(default_factory=dict)
    others: dict[_Place, Said] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)

    def text(self, place: _Place) -> str:
        """Read a cell that says something itself."""
        said = self.others.get(place)
        if said is None or said.kind not in {"s", "str", "inlineStr"}:
            raise UnknownError
        index = said.shared_index
        return unescape(said.text) if index is None else self.texts.get(index, "")

    def number(self, place: _Place) -> Decimal:
        """Read a cell that holds a number, or nothing."""
        said = self.others.get(place, EMPTY)
        if said.kind != "n":
            raise UnknownError
        try:
            return as_stored(float(said.text or 0))
        except ValueError:
            raise UnknownError from None


def sums_patches(book: Book, patch: BookPatch) -> Iterator[SheetPatch]:
    """Store the results that the formulas of Home and Summary have once a patch is in the workbook.

    Args:
        book: what the workbook says without it.
        patch: all that is to be written.

    Raises:
        WorkbookError: when a sheet is damaged.
    """
    if not _moves_sums(book, patch):
        return
    with open_package(book.path) as package:
        pages = list(_pages(package, {sheet.title for sheet in book.sheets}))
        names = named_areas(package)
    called = {name for page in pages for terms in page.formulas.values() for name in _names_in(terms)}
    documents = Documents(book, patch, {names[name] for name in called if name in names})
    for page in pages:
        sums = _Sums(page, names, documents)
        results = {place: Result(sums.try_at(place)) for place in page.formulas}
        yield SheetPatch(page.title, {}, clear_filter=False, results=results)


def _moves_sums(book: Book, patch: BookPatch) -> bool:
    moving = {
        sheet.title: {sheet.columns[name] for name in _MOVING if name in sheet.columns}
        for sheet in book.sheets
    }
    return any(
        sheet.title in moving
        and (sheet.rows or any(column in moving[sheet.title] for _, column in sheet.cells))
        for sheet in patch.sheets
    )


def _pages(package: Package, sections: set[str]) -> Iterator[_Page]:
    """Find Home and Summary, by what their tabs or their first rows say."""
    sheets = [
        sheet
        for sheet in package.sheets
        if sheet.is_worksheet
        and sheet.title not in sections
        and sheet.state != "veryHidden"
        and package.info(sheet.name).file_size <= _LONGEST_PAGE
    ]
    tops = peek(package, sheets)
    for sheet in sheets:
        said = {value for row in tops[sheet.title] for value in row.values if isinstance(value, str)}
        if sheet.title in _TITLES or said.intersection(_TITLES):
            yield _read_page(package, sheet)


def _read_page(package: Package, sheet: SheetPart) -> _Page:
    page = _Page(sheet.title)
    shared: dict[str, tuple[str, str]] = {}
    with package.naming_damage(sheet.name):
        data = package.read(sheet.name)
        for place, node in _cells(parse(data)):
            said = read_cell(data[node.start : node.end])
            formula = _formula(said.formula, place, shared) if said.formula else None
            terms = _terms(formula) if formula else None
            if terms:
                page.formulas[place] = terms
            elif said.formula is None:
                page.others[place] = said
    indexes = {said.shared_index for said in page.others.values()} - {None}
    page.texts = shared_texts(package, {index for index in indexes if index is not None})
    return page


def _cells(root: Node) -> Iterator[tuple[_Place, Node]]:
    """Give the cells of a sheet that say where they are, as all common programs have it."""
    for cell in root.named("sheetData", "row", "c"):
        box = Box.of(cell.attributes.get("r", ""))
        if box.top == box.bottom and box.left == box.right:
            yield (box.top, box.left), cell


def _formula(formula: Node, place: _Place, shared: dict[str, tuple[str, str]]) -> str:
    """Read a cell's formula; those that share one have it from the first."""
    kind, here = formula.attributes.get("t", "normal"), f"{column_letters(place[1])}{place[0]}"
    if kind == "normal":
        return formula.text
    if kind != "shared":
        return ""
    index = formula.attributes.get("si", "")
    if formula.text:
        shared[index] = formula.text, here
    if index not in shared:
        return ""
    return translated(*shared[index], here) or ""


def _terms(formula: str) -> tuple[_Term, ...] | None:
    """Take a formula apart; None for one of a kind that ours are not of."""
    terms, end = [], 0
    while end < len(formula):
        found = _TERM.match(formula, end)
        if found is None or (end and not found["sign"]):
            return None
        arguments = found["inside"].split(",") if found["name"] else [found["cell"] or ""]
        function = found["name"] or ("" if found["cell"] else "0")
        terms.append(_Term(-1 if found["sign"] == "-" else 1, function, tuple(arguments)))
        end = found.end()
    return tuple(terms)


def _names_in(terms: Sequence[_Term]) -> Iterator[str]:
    for term in terms:
        if term.function in {"COUNTIFS", "SUMIFS"}:
            yield from term.arguments


class _Sums:
    """Works out the formulas of a page; each is worked out once."""

    def __init__(self, page: _Page, names: Mapping[str, Area], documents: Documents) -> None:
        self._page = page
        self._names = names
        self._documents = documents
        self._known: dict[_Place, Decimal | None] = {}

    def try_at(self, place: _Place, depth: int = 0) -> Decimal | None:
        """Give what the formula at a place comes to; None where that cannot be told."""
        if place not in self._known:
            try:
                terms = self._page.formulas[place]
                amount = sum((term.sign * self._value(term, depth) for term in terms), Decimal())
                self._known[place] = amount.normalize()
            except UnknownError:
                self._known[place] = None
        return self._known[place]

    def _value(self, term: _Term, depth: int) -> Decimal:
        if depth > _DEEPEST:
            raise UnknownError
        if term.function in {"COUNTIFS", "SUMIFS"}:
            return self._over_documents(term)
        if term.function == "0":
            return Decimal()
        box = Box.of(term.arguments[0])
        rows, columns = range(box.top, box.bottom + 1), range(box.left, box.right + 1)
        if len(term.arguments) > 1 or len(rows) * len(columns) > _WIDEST:
            raise UnknownError
        return sum((self._cell((row, column), depth) for row in rows for column in columns), Decimal())

    def _cell(self, place: _Place, depth: int) -> Decimal:
        if place in self._page.formulas:
            amount = self.try_at(place, depth + 1)
            if amount is None:
                raise UnknownError
            return amount
        return self._page.number(place)

    def _over_documents(self, term: _Term) -> Decimal:
        summed, pairs = term.arguments[:1], term.arguments[1:]
        if term.function == "COUNTIFS":
            summed, pairs = (), term.arguments
        if len(pairs) % 2 or any(name not in self._names for name in (*summed, *pairs[::2])):
            raise UnknownError
        criteria = tuple(
            (self._names[name], self._criterion(text))
            for name, text in zip(pairs[::2], pairs[1::2], strict=True)
        )
        if summed:
            return self._documents.sum(self._names[summed[0]], criteria)
        return Decimal(self._documents.count(criteria))

    def _criterion(self, written: str) -> str:
        """Read what documents are chosen by: a quoted text, or what a cell says."""
        if written.startswith('"'):
            return written[1:-1]
        box = Box.of(written)
        if (box.top, box.left) != (box.bottom, box.right):
            raise UnknownError
        return self._page.text((box.top, box.left))
