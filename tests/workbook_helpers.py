"""Snapshots made by hand, for tests of the writing side."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path

from ims_excel.gst.codes import Action
from ims_excel.portal.record import Document, Record
from ims_excel.portal.sections import SECTIONS, section_for
from ims_excel.portal.snapshot import Snapshot, SourceFile

IST = datetime(2026, 4, 2, 10, 30, tzinfo=timezone.utc)
RECIPIENT = "27ZZZCK4501A1ZH"

_KEYS = {
    "stin": "supplier_gstin", "tradenm": "supplier_name", "inum": "number", "nt_num": "number", "idt": "date",
    "nt_dt": "date", "oinum": "original_number", "ont_num": "original_number", "oidt": "original_date",
    "ont_dt": "original_date", "inv_typ": "document_type", "val": "value", "txval": "taxable_value", "iamt": "igst",
    "camt": "cgst", "samt": "sgst", "cess": "cess", "pos": "place_of_supply", "srcform": "source_form",
    "rtnprd": "return_period", "srcfilstatus": "filing_status", "remarks": "remarks",
}  # fmt: skip


def document(raw: dict) -> Document:
    """Turn a portal record into a document, as the samples need it."""
    fields = {_KEYS[key]: value for key, value in raw.items() if key in _KEYS}
    return Document(
        **fields,
        action=Action(raw.get("action", "N")),
        pending_blocked=raw.get("ispendactblocked") == "Y",
        remarks_blocked=raw.get("isRemarksBlocked") == "Y",
        itc_blocked=raw.get("itcRedReqBlocked") == "Y",
    )


def snapshot(sections: dict[str, list[dict]], others: dict[str, list[dict]] | None = None) -> Snapshot:
    """Make a snapshot of portal records by section key."""
    records = {}
    for section in SECTIONS:
        for key, raws in sections.items():
            if section_for(key) is section and raws:
                records[section] = [Record(section, document(raw), json.dumps(raw, default=str).encode(), key) for raw in raws]
    return Snapshot(
        recipient=RECIPIENT,
        sources=(SourceFile("download.json", hashlib.sha256(b"download").hexdigest()),),
        downloaded_at=IST,
        sections=records,
        others={key: [json.dumps(raw).encode() for raw in raws] for key, raws in (others or {}).items()},
    )


def sample_snapshot(others: dict[str, list[dict]] | None = None) -> Snapshot:
    """The sample month."""
    path = Path(__file__).parent.parent / "samples" / "download.json"
    return snapshot(json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal, parse_int=Decimal)["imsDetails"], others)
