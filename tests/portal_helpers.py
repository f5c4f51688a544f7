"""Files and records of the portal, small enough to be seen whole in a test."""

from __future__ import annotations

import json
from pathlib import Path

RECIPIENT = "27ZZZCK4501A1ZH"
SAMPLES = Path(__file__).parent.parent / "samples"

INVOICE = {
    "stin": "27ZZZCS1101B1ZH", "tradenm": "Sahyadri Alloys", "inum": "SA/417", "inv_typ": "R",
    "idt": "12-03-2026", "val": 118000, "action": "N", "pos": "27", "txval": 100000, "iamt": 0,
    "camt": 9000, "samt": 9000, "cess": 0, "srcform": "R1", "rtnprd": "032026", "srcfilstatus": "Filed",
    "ispendactblocked": "N", "isRemarksBlocked": "N",
}  # fmt: skip
NOTE = {
    "stin": "27ZZZCS1101B1ZH", "nt_num": "CN/12", "inv_typ": "R", "nt_dt": "28-03-2026", "val": 11800,
    "action": "N", "pos": "27", "txval": 10000, "iamt": 0, "camt": 900, "samt": 900, "cess": 0,
    "srcform": "R1", "rtnprd": "032026", "itcRedReqBlocked": "N",
}  # fmt: skip


def invoice(**changes: object) -> dict[str, object]:
    """Make an invoice; a change to ... takes the key away."""
    return {key: value for key, value in {**INVOICE, **changes}.items() if value is not ...}


def note(**changes: object) -> dict[str, object]:
    """Make a note; a change to ... takes the key away."""
    return {key: value for key, value in {**NOTE, **changes}.items() if value is not ...}


def raw(record: object) -> bytes:
    """Write a record compactly."""
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode()


def write(path: Path, content: object) -> Path:
    """Write content as JSON, or bytes and texts as they are."""
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def download(path: Path, **sections: list[object]) -> Path:
    """Write an offline download that names its recipient."""
    return write(path, {"rtin": RECIPIENT, "imsDetails": sections})
