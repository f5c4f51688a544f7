"""Workbooks built in a test from records that stand in it."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ims_excel.portal.download import read_downloads
from ims_excel.portal.embedding import dump_snapshot
from ims_excel.workbook.form import BuiltWorkbook, plan_book, write_workbook
from ims_excel.workbook.layout import Layout, load_layout

if TYPE_CHECKING:
    from ims_excel.portal.snapshot import Snapshot
    from ims_excel.workbook.bookplan import BookPlan

RECIPIENT = "27ZZZCK4501A1ZH"
BUILT_AT = datetime(2026, 4, 2, 10, 30, tzinfo=timezone.utc)
SAMPLES = Path(__file__).parent.parent / "samples"
IMPORTS = json.loads((SAMPLES / "variant_impg.json").read_text(encoding="utf-8"))["data"]

INVOICE: dict[str, Any] = {
    "stin": "27ZZZCS1101B1ZH",
    "tradenm": "Sahyadri Alloys Private Limited",
    "inum": "SA/25-26/0417",
    "inv_typ": "R",
    "idt": "12-03-2026",
    "val": 118000,
    "action": "N",
    "pos": "27",
    "txval": 100000,
    "iamt": 0,
    "camt": 9000,
    "samt": 9000,
    "cess": 0,
    "srcform": "R1",
    "rtnprd": "032026",
    "srcfilstatus": "Filed",
    "ispendactblocked": "N",
    "isRemarksBlocked": "N",
}


def invoice(number: str = "INV-1", **changes: object) -> dict[str, Any]:
    """Make an invoice with some keys changed."""
    return {**INVOICE, "inum": number, **changes}


def credit_note(number: str = "CN-1", **changes: object) -> dict[str, Any]:
    """Make a credit note with some keys changed."""
    record = {**INVOICE, "nt_num": number, "nt_dt": INVOICE["idt"], "itcRedReqBlocked": "N", **changes}
    return {key: value for key, value in record.items() if key not in {"inum", "idt"}}


def snapshot(folder: Path, **sections: list[dict[str, Any]]) -> Snapshot:
    """Read a download with these sections."""
    path = folder / "download.json"
    path.write_text(json.dumps({"rtin": RECIPIENT, "imsDetails": sections}), encoding="utf-8")
    return read_downloads([path])


def sample_month(folder: Path, **more: list[dict[str, Any]]) -> Snapshot:
    """Read the sample month, with further sections."""
    text = (SAMPLES / "download.json").read_text(encoding="utf-8")
    return snapshot(folder, **json.loads(text, parse_float=float)["imsDetails"], **more)


def build(path: Path, found: Snapshot, layout: Layout | None = None, **options: Any) -> BuiltWorkbook:
    """Write the workbook of a snapshot."""
    blob = dump_snapshot(found)
    options = {"built_at": BUILT_AT, "tool_version": "1.2.3", **options}
    return write_workbook(path, found, blob, layout or load_layout(), **options)


def plan(found: Snapshot, layout: Layout | None = None, **options: Any) -> BookPlan:
    """Plan the workbook of a snapshot."""
    blob = dump_snapshot(found)
    options = {"built_at": BUILT_AT, "tool_version": "1.2.3", **options}
    return plan_book(found, blob, layout or load_layout(), **options)


def rupees(text: str) -> Decimal:
    """Read an amount, for tables in tests."""
    return Decimal(text)
