"""By what a workbook can be split: suppliers, values, taxes, or the texts of a column."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ims_excel.exceptions import OptionError
from ims_excel.findings import Place
from ims_excel.gst.amounts import ZERO, format_rupees
from ims_excel.splitting import Group, name_ranges
from ims_excel.workbook.layout import load_layout
from ims_excel.workbook.shown import as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from decimal import Decimal

    from ims_excel.decisions import Decision
    from ims_excel.pipelines.copies import Copy
    from ims_excel.portal.record import Record
    from ims_excel.workbook.read import SheetRead

SUPPLIER, VALUE, TAX = "supplier", "value", "tax"
BY_AMOUNT = (VALUE, TAX)
KINDS = {SUPPLIER: "suppliers", VALUE: "values", TAX: "taxes"}
"""What a workbook can be split by beside its columns, and what there may be too few of."""
BLANK = "(blank)"

_LONGEST_LABEL = 60


def meant_by(copy: Copy, by: str) -> str:
    """Read "Supplier" as supplier, unless a column is headed so."""
    headings = {_fold(text) for sheet in copy.book.sheets for text in sheet.headings.values()}
    return _fold(by) if _fold(by) in KINDS and _fold(by) not in headings else by


def grouped(copy: Copy, by: str) -> list[Group]:
    """Put documents that belong together into groups, in the order in which they are shared out.

    Raises:
        OptionError: no sheet has a column of that heading.
    """
    if by == SUPPLIER:
        return _by_supplier(copy)
    if by in KINDS:
        return _by_amount(copy, _value if by == VALUE else _tax)
    return _by_column(copy, by)


def labels(by: str, shares: Sequence[Sequence[Group]]) -> list[str]:
    """Say what each part holds."""
    names = [[group.name for group in share] for share in shares]
    if by == SUPPLIER:
        return [f"suppliers {label}" for label in name_ranges(names)]
    if by in KINDS:
        what = "documents" if by == VALUE else "documents with tax"
        return [_amount_label(what, number, share) for number, share in enumerate(_with_last(names))]
    return [_cut(f"{by} {', '.join(share)}") for share in names]


def _with_last(names: list[list[str]]) -> Iterator[tuple[list[str], bool]]:
    return ((share, share is names[-1]) for share in names)


def _amount_label(what: str, number: int, share: tuple[list[str], bool]) -> str:
    names, is_last = share
    if number == 0 and is_last:
        return f"all {what}"
    if number == 0:
        return f"{what} of {names[-1]} and more"
    if is_last:
        return f"{what} of {names[0]} and less"
    return f"{what} of {names[-1]} to {names[0]}" if len(names) > 1 else f"{what} of {names[0]}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1] + "…"


def shared_rows(copy: Copy) -> dict[str, Decision]:
    """Choose the documents to be shared out: all that have a row; of a part only those that it shows."""
    hidden = {sheet.title: sheet.hidden for sheet in copy.book.sheets} if copy.team.part else {}
    firsts = {key: rows[0] for key, rows in copy.rows.items()}
    return {key: row for key, row in firsts.items() if row.place.row not in hidden.get(row.place.sheet, ())}


def _records(copy: Copy) -> Iterable[Record]:
    return (row.record for row in shared_rows(copy).values())


def _by_supplier(copy: Copy) -> list[Group]:
    """Sort suppliers by name; of two with one name, and of those without, the GSTIN tells."""
    names: dict[str, str] = {}
    keys: dict[str, list[str]] = defaultdict(list)
    for record in _records(copy):
        gstin = record.document.supplier_gstin.strip().upper()
        keys[gstin].append(record.key)
        names[gstin] = names.get(gstin) or " ".join((record.document.supplier_name or "").split())
    full = {gstin: f"{name} {gstin}".strip() for gstin, name in names.items()}
    order = sorted(keys, key=lambda gstin: (full[gstin].casefold(), gstin))
    return [Group(full[gstin], tuple(keys[gstin])) for gstin in order]


def _value(record: Record) -> Decimal:
    return record.document.value or ZERO


def _tax(record: Record) -> Decimal:
    document = record.document
    return sum((head or ZERO for head in (document.igst, document.cgst, document.sgst, document.cess)), ZERO)


def _by_amount(copy: Copy, amount: Callable[[Record], Decimal]) -> list[Group]:
    """Sort documents by size, the largest first; those of one size stay together."""
    keys: dict[Decimal, list[str]] = defaultdict(list)
    for record in _records(copy):
        keys[amount(record)].append(record.key)
    return [Group(format_rupees(size), tuple(keys[size])) for size in sorted(keys, reverse=True)]


def _by_column(copy: Copy, heading: str) -> list[Group]:
    """Group documents by what stands in a column, in any case and spacing; blank cells come last."""
    names: dict[str, str] = {}
    keys: dict[str, list[str]] = defaultdict(list)
    for key, text in _texts(copy, heading):
        folded = _fold(text)
        names.setdefault(folded, " ".join(text.split()) or BLANK)
        keys[folded].append(key)
    return [Group(names[text], tuple(keys[text])) for text in sorted(keys, key=lambda text: (not text, text))]


def _texts(copy: Copy, heading: str) -> Iterator[tuple[str, str]]:
    columns = {
        sheet.title: next((c for c, text in sheet.headings.items() if _fold(text) == _fold(heading)), None)
        for sheet in copy.book.sheets
    }
    if all(column is None for column in columns.values()):
        known = dict.fromkeys(text for sheet in copy.book.sheets for text in _shown_headings(sheet))
        raise OptionError(
            f"no sheet has a column “{heading}”. Split by supplier, value, tax, or one of: "
            f"{', '.join(known)}."
        )
    keys = {row.place: key for key, row in shared_rows(copy).items()}
    for sheet in copy.book.sheets:
        column = columns[sheet.title]
        for row in sheet.rows:
            key = keys.get(Place(sheet.title, row.number))
            if key is not None:
                said = row.values[column] if column is not None and column < len(row.values) else None
                yield key, as_text(said)


def _shown_headings(sheet: SheetRead) -> Iterator[str]:
    """Give the headings that people see; our hidden columns are nothing to split by."""
    hidden = {column.name for column in load_layout().sheets[sheet.section].columns if column.hidden}
    ours = {place for name, place in sheet.columns.items() if name in hidden}
    yield from (text for place, text in sorted(sheet.headings.items()) if place not in ours)


def _fold(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split()).casefold()
