"""A month of a large recipient: the download, the workbook after people decided, the portal's error report.

Everything follows from the number of documents alone, so every run measures the same files.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ims_excel.gst.gstin import check_digit
from ims_excel.portal.sections import SECTIONS
from ims_excel.workbook.read import read_book
from ims_excel.workbook.writeback import BookPatch, SheetPatch, write_back

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ims_excel.workbook.read import SheetRead

RECIPIENT = "27ZZZCK4501A1ZH"
SUPPLIERS = 3_000
REASON = "Goods not received; awaiting GRN of the March lot"
PORTAL_MESSAGE = "Supplier has modified or deleted this record after it was downloaded."

_SECTIONS = {section.key: section for section in SECTIONS}
_STATES = ("27", "27", "27", "27", "24", "29", "33", "07", "09", "19")
_PLACES = ("Sahyadri", "Yamuna", "Dandi", "Malabar", "Aravalli", "Konkan", "Deccan", "Nilgiri", "Godavari")
_TRADES = ("Alloys", "Chemicals", "Components", "Packaging", "Logistics", "Textiles", "Foods", "Instruments")
_FORMS = ("Private Limited", "LLP", "& Sons", "Enterprises", "(India) Limited")
_RATES = (5, 12, 18, 18, 18, 28)
_WRONG = 41
"""The last two digits of the documents people decide wrongly."""
_GONE, _CHANGED, _ACTED_ON = 13, 24, 30
"""Of fifty documents each, the one that a newer download lacks, and those that it tells something new of."""


def write_download(path: Path, records: int, sections: Sequence[str] = ("b2b",)) -> None:
    """Write a download of so many documents, spread over sections in turn."""
    suppliers = [supplier(number) for number in range(SUPPLIERS)]
    details = {
        section: [document(number, section, suppliers) for number in range(start, records, len(sections))]
        for start, section in enumerate(sections)
    }
    path.write_text(json.dumps({"rtin": RECIPIENT, "imsDetails": details}), encoding="utf-8")


def write_newer_download(path: Path, records: int) -> None:
    """Write the download of some days later: of a hundred invoices each, eight have news.

    Two have left, two are new, the supplier has changed the amounts of two, and two were acted on online.
    """
    suppliers = [supplier(number) for number in range(SUPPLIERS)]
    kept = (number for number in range(records) if number % 50 != _GONE)
    invoices = [document(number, "b2b", suppliers) | _news(number) for number in kept]
    invoices += [document(records + number, "b2b", suppliers) for number in range(records // 50)]
    path.write_text(json.dumps({"rtin": RECIPIENT, "imsDetails": {"b2b": invoices}}), encoding="utf-8")


def write_decided(built: Path, decided: Path) -> None:
    """Copy a built workbook as people leave it: three rows in ten decided, one in a hundred wrongly."""
    patches = [SheetPatch(sheet.title, dict(_decisions(sheet)), False) for sheet in read_book(built).sheets]
    write_back(built, BookPatch(patches, []), decided)


def write_error_report(path: Path, records: int) -> None:
    """Write the portal's error report on every tenth of a download's documents, which are all invoices."""
    suppliers = [supplier(number) for number in range(SUPPLIERS)]
    wrong = [
        document(number, "b2b", suppliers) | {"error_msg": PORTAL_MESSAGE} for number in range(0, records, 10)
    ]
    path.write_text(json.dumps({"imsDetailsErr": {"b2b": wrong}}), encoding="utf-8")


def supplier(number: int) -> tuple[str, str]:
    """Make a supplier: a GSTIN with its check digit, and a trade name."""
    body = f"{_STATES[number % 10]}ZZZC{chr(65 + number % 26)}{number:04d}{chr(65 + number // 26 % 26)}1Z"
    name = f"{_PLACES[number % 9]} {_TRADES[number // 9 % 8]} {number // 72 + 1} {_FORMS[number % 5]}"
    return body + check_digit(body), name


def document(number: int, section: str, suppliers: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Make a record: suppliers, rates and flags mixed, amounts with paise, a document number of its own."""
    mixed = number * 7_919 % 1_000_003
    gstin, name = suppliers[mixed % SUPPLIERS]
    taxable = mixed * 131 % 90_000_000 + 10_000
    taxes = _taxes(taxable, _RATES[mixed % 6], is_local=gstin[:2] == RECIPIENT[:2])
    number_key, date_key = ("nt_num", "nt_dt") if _SECTIONS[section].is_note else ("inum", "idt")
    return {
        "stin": gstin,
        "tradenm": name,
        number_key: f"{name[0]}/25-26/{number:07d}",
        "inv_typ": "R" if mixed % 20 else "SEWP",
        date_key: f"{1 + mixed % 28:02d}-03-2026",
        "val": (taxable + sum(taxes)) / 100,
        "action": "N",
        "pos": RECIPIENT[:2],
        "txval": taxable / 100,
        **dict(zip(("iamt", "camt", "samt", "cess"), (tax / 100 for tax in taxes), strict=True)),
        "srcform": "R1" if mixed % 10 else "R1A",
        "rtnprd": "032026",
        "srcfilstatus": "Filed" if mixed % 40 else "Not Filed",
        "ispendactblocked": "Y" if _is_wrong(number) or mixed % 50 == 0 else "N",
        "isRemarksBlocked": "N",
    } | ({"itcRedReqBlocked": "N"} if _SECTIONS[section].carries_itc_reduction else {})


def _taxes(taxable: int, rate: int, *, is_local: bool) -> tuple[int, int, int, int]:
    """Split the tax on an amount (both in paise) over IGST, CGST, SGST and cess."""
    half = taxable * rate // 200
    return (0, half, half, 0) if is_local else (taxable * rate // 100, 0, 0, 0)


def _news(number: int) -> dict[str, Any]:
    """Give what a newer download says otherwise of an invoice."""
    if number % 50 == _CHANGED:
        return {"val": 2360, "txval": 2000, "iamt": 360, "camt": 0, "samt": 0}
    return {"action": "A"} if number % 50 == _ACTED_ON else {}


def _is_wrong(number: int) -> bool:
    """Tell whether people choose Pending for this document although the portal has closed it (R2)."""
    return number % 100 == _WRONG


def _decisions(sheet: SheetRead) -> Iterator[tuple[tuple[int, int], str]]:
    """Give what people type into a sheet: a status in three rows of ten, a reason with every second no."""
    status, remarks, number_at = (sheet.columns[name] for name in ("status", "remarks", "number"))
    for row in sheet.rows:
        number = int(str(row.values[number_at]).rpartition("/")[2])
        if _is_wrong(number):
            yield (row.number, status), "Pending"
        elif number % 10 in {1, 4, 7}:
            choice = "Accepted" if number % 10 < 7 else "Rejected"  # noqa: PLR2004
            yield (row.number, status), choice
            if choice == "Rejected" and number % 20 < 10:  # noqa: PLR2004
                yield (row.number, remarks), REASON
