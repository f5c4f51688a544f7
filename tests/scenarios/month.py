"""The month that every scenario plays in: a small download, and the decisions already made on it.

Three sections, so that one can be lost while others stay; numbers that spreadsheet programs like to rewrite.
On sheet B2B the documents stand in rows 6 to 13, in the order below, under the headings of row 5.
"""

from __future__ import annotations

import csv
import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from ims_excel import build
from ims_excel.pipelines.demo import decide
from ims_excel.portal.sections import section_for
from ims_excel.workbook.cells import column_letters
from ims_excel.workbook.layout import load_layout

if TYPE_CHECKING:
    from pathlib import Path

SHEETS = {key: load_layout().sheets[section_for(key)] for key in ("b2b", "b2bcn", "ecom")}


def letters(key: str, *names: str) -> list[str]:
    """Name the columns of a section's sheet by their letters."""
    return [column_letters(SHEETS[key].positions[name]) for name in names]


KEY, ERRORS, PORTAL_ERRORS, PORTAL_FIELDS = letters(
    "b2b", "key", "sheet_errors", "portal_errors", "portal_fields"
)
PORTAL_ERRORS_OF_NOTES, PORTAL_FIELDS_OF_NOTES = letters("b2bcn", "portal_errors", "portal_fields")
LAST, FREE, NEXT = (column_letters(len(SHEETS["b2b"].columns) + further) for further in (-1, 1, 2))
"""On sheet B2B: ims-xl's last column, and two that are the user's own."""
LAST_OF_NOTES, LAST_OF_RIDES = (column_letters(len(SHEETS[key].columns) - 1) for key in ("b2bcn", "ecom"))

RECIPIENT = "27ZZZCK4501A1ZH"
NOW = datetime(2026, 4, 3, tzinfo=timezone.utc)

SAHYADRI = ("27ZZZCS1101B1ZH", "Sahyadri Alloys Private Limited")
DANDI = ("24ZZZFD2202C1ZQ", "Dandi Chemicals")
YAMUNA = ("07ZZZCY5505F1ZP", "Yamuna Components Private Limited")
NANDI = ("29ZZZFN3303D1Z0", "Nandi Tooling LLP")
VAIGAI = ("33ZZZCV4404E1Z3", "Vaigai Packaging Private Limited")
RAAHI = ("27ZZZCR6606G1ZO", "Raahi Rides Platform Private Limited")

INVOICES = [
    (SAHYADRI, "SA/25-26/0417", "12-03-2026", 100000),
    (DANDI, "DC-2026-0093", "18-03-2026", 48250.5),
    (YAMUNA, "1234567890123456", "27-03-2026", 275000),
    (NANDI, "NT-902", "28-03-2026", 15000),
    (VAIGAI, "000417", "05-03-2026", 7200),
    (VAIGAI, "1E5", "06-03-2026", 64000),
    (SAHYADRI, "03-04", "09-03-2026", 31000),
    (SAHYADRI, "SA/25-26/0418", "30-03-2026", 880),
]
NOTES = [
    (SAHYADRI, "SA/CN/26/12", "28-03-2026", 10000, "N"),
    (DANDI, "DC-CN-019", "29-03-2026", 25000, "N"),
    (VAIGAI, "VP-CN-33", "30-01-2026", 6400, "Y"),
]
RIDES = [(RAAHI, "RR2603-00811", "15-03-2026", 2400), (RAAHI, "RR2603-01204", "22-03-2026", 1800)]

DECISIONS = """\
section,supplier_gstin,number,status,remarks,itc_reduction,declared_igst,declared_cgst,declared_sgst,declared_cess
b2b,27ZZZCS1101B1ZH,SA/25-26/0417,Accepted,,,,,,
b2b,24ZZZFD2202C1ZQ,DC-2026-0093,Rejected,Goods not received,,,,,
b2b,07ZZZCY5505F1ZP,1234567890123456,Pending,Awaiting GRN,,,,,
b2b,33ZZZCV4404E1Z3,000417,Accepted,,,,,,
b2bcn,27ZZZCS1101B1ZH,SA/CN/26/12,Accepted,,Yes,,,,
b2bcn,24ZZZFD2202C1ZQ,DC-CN-019,Accepted,Part of the invoice,Yes,2250,0,0,0
b2bcn,33ZZZCV4404E1Z3,VP-CN-33,Rejected,Not agreed,,,,,
ecom,27ZZZCR6606G1ZO,RR2603-00811,Accepted,,,,,,
"""
DECIDED = {
    "SA/25-26/0417": "A",
    "DC-2026-0093": "R",
    "1234567890123456": "P",
    "000417": "A",
    "SA/CN/26/12": "A",
    "DC-CN-019": "A",
    "VP-CN-33": "R",
    "RR2603-00811": "A",
}
"""What goes up when nothing is done to the workbook any more."""


def record(supplier: tuple[str, str], date: str, value: float, **more: Any) -> dict[str, Any]:
    """Build a record of the download with 18 % of IGST."""
    tax = round(value * 0.18, 2)
    return {
        "stin": supplier[0],
        "tradenm": supplier[1],
        **more,
        "val": round(value + tax, 2),
        "action": "N",
        "pos": "27",
        "txval": value,
        "iamt": tax,
        "camt": 0,
        "samt": 0,
        "cess": 0,
        "srcform": "R1",
        "rtnprd": f"{date[3:5]}{date[6:]}",
        "srcfilstatus": "Filed",
        "ispendactblocked": "N",
        "isRemarksBlocked": "N",
    }


def sections() -> dict[str, list[dict[str, Any]]]:
    """The download's records by section."""
    return {
        "b2b": [record(s, date, value, inum=n, inv_typ="R", idt=date) for s, n, date, value in INVOICES],
        "b2bcn": [
            record(s, date, value, nt_num=n, inv_typ="R", nt_dt=date)
            | {"ispendactblocked": blocked, "itcRedReqBlocked": "N"}
            for s, n, date, value, blocked in NOTES
        ],
        "ecom": [record(s, date, value, inum=n, idt=date) for s, n, date, value in RIDES],
    }


def write_download(path: Path) -> Path:
    path.write_text(json.dumps({"rtin": RECIPIENT, "imsDetails": sections()}), encoding="utf-8")
    return path


def write_error_report(path: Path) -> Path:
    """Let the portal complain about one invoice and one credit note."""
    month = sections()
    errors = {
        "b2b": [month["b2b"][2] | {"error_msg": "Supplier has modified this record."}],
        "b2bcn": [month["b2bcn"][1] | {"error_msg": "GSTR-3B for the period has been filed."}],
    }
    path.write_text(json.dumps({"rtin": RECIPIENT, "imsDetailsErr": errors}), encoding="utf-8")
    return path


def write_book(folder: Path, **options: Any) -> Path:
    """Build the workbook and make the decisions."""
    built = build(write_download(folder / "download.json"), folder / "built.xlsx", **options).book
    (folder / "decisions.csv").write_text(DECISIONS, encoding="utf-8")
    made = decide(built, folder / "decisions.csv", folder / "decided.xlsx")
    assert made == len(list(csv.DictReader(DECISIONS.splitlines())))
    return folder / "decided.xlsx"
