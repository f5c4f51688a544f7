"""A workbook's life against the simulated portal: build, type, harvest, upload, take errors back."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from portal_simulator import Portal, UploadAnswer

from ims_excel import build, confirm, errors, harvest
from ims_excel.workbook.read import read_book
from ims_excel.workbook.shown import as_text
from ims_excel.workbook.writeback import BookPatch, SheetPatch, write_back

if TYPE_CHECKING:
    from pathlib import Path

RECIPIENT = "27ZZZCK4501A1ZH"
MAHARASHTRA, GUJARAT = "27ZZZCS1101B1ZH", "24ZZZFD2202C1ZQ"
NOW = datetime(2026, 4, 3, 6, 30, tzinfo=timezone.utc)
LETTERS = {"Accepted": "A", "Rejected": "R", "Pending": "P", "No Action": "N"}
_INPUTS = ("status", "remarks", "itc_reduction")


def invoice(number: str, *, stin: str = MAHARASHTRA, action: str = "N", **more: object) -> dict:
    """An intra-State invoice of ₹1,00,000 with ₹9,000 + ₹9,000."""
    return {
        "stin": stin, "tradenm": "Sahyadri Alloys", "inum": number, "inv_typ": "R", "idt": "12-03-2026",
        "val": 118000, "action": action, "pos": "27", "txval": 100000, "iamt": 0, "camt": 9000, "samt": 9000,
        "cess": 0, "srcform": "R1", "rtnprd": "032026", "srcfilstatus": "Filed", "ispendactblocked": "N",
        "isRemarksBlocked": "N", **more,
    }  # fmt: skip


def credit_note(number: str, **more: object) -> dict:
    record = invoice(number, itcRedReqBlocked="N", **more)
    return {**record, "nt_num": record.pop("inum"), "nt_dt": record.pop("idt")}


def identity(number: str, section: str = "b2b", stin: str = MAHARASHTRA) -> str:
    return f"{section}|{stin}|{number.casefold()}|12-03-2026|032026|R1"


class Life:
    """One workbook and the portal it came from.

    Attributes:
        portal: the simulated portal.
        book: the workbook.
        now: what the clock says.
    """

    now = NOW

    def __init__(self, folder: Path, **sections: list[dict]) -> None:
        self.folder = folder
        self.portal = Portal(RECIPIENT)
        for section, records in sections.items():
            for record in records:
                self.portal.add(section, record)
        self.book = folder / "book.xlsx"
        build(self.save_download("download.json"), self.book, gstin=RECIPIENT)

    def save_download(self, name: str) -> Path:
        """Save what is on the portal now."""
        path = self.folder / name
        path.write_text(json.dumps(self.portal.download()), encoding="utf-8")
        return path

    def type(self, number: str, *values: str) -> None:
        """Type Status, Remarks and the ITC answer of a document, as far as given."""
        for sheet in read_book(self.book).sheets:
            for row in sheet.rows:
                if as_text(row.values[sheet.columns["number"]]) == number:
                    cells = {
                        (row.number, sheet.columns[name]): value or None
                        for name, value in zip(_INPUTS, values, strict=False)
                    }
                    write_back(self.book, BookPatch([SheetPatch(sheet.title, cells, False)], []), self.book)
                    return
        raise AssertionError(number)

    def cell(self, number: str, name: str) -> str:
        for sheet in read_book(self.book).sheets:
            for row in sheet.rows:
                if as_text(row.values[sheet.columns["number"]]) == number:
                    column = sheet.columns[name]
                    return as_text(row.values[column]) if column < len(row.values) else ""
        raise AssertionError(number)

    def harvest(self, **more):
        return harvest(self.book, now=self.now, **more)

    def sent(self, **more) -> dict[str, str]:
        """Harvest; give the action of each record in the upload by its number."""
        return actions_in(*self.harvest(**more).uploads)

    def upload(self, path: Path) -> UploadAnswer:
        return self.portal.upload(path.read_bytes())

    def take_back(self, answer: UploadAnswer, **more):
        """Bring the portal's error file into the workbook."""
        report = self.folder / "error.json"
        report.write_text(json.dumps({"rtin": RECIPIENT, **answer.error_file}), encoding="utf-8")
        return errors(self.book, report, now=self.now, **more)

    def report_file(self, number: str, **repeated: object) -> Path:
        """Write an error file that names a document, and repeats of its upload what is given."""
        section, record = next(
            (section, record)
            for section, records in self.portal.download()["imsDetails"].items()
            for record in records
            if number in (record.get("inum"), record.get("nt_num"))
        )
        named = {
            key: record[key] for key in ("stin", "inum", "nt_num", "idt", "nt_dt", "rtnprd") if key in record
        }
        error = {**named, "error_msg": "No.", **repeated}
        path = self.folder / "error.json"
        path.write_text(json.dumps({"imsDetailsErr": {section: [error]}}), encoding="utf-8")
        return path

    def report(self, number: str, *, upload: Path | None = None, **repeated: object):
        """Bring in an error file that names a document."""
        return errors(self.book, self.report_file(number, **repeated), upload=upload, now=self.now)

    def status_report(self, status: str, **more):
        """Bring in a report of the interface that says only how the upload as a whole went."""
        report = self.folder / "status.json"
        report.write_text(json.dumps({"status_cd": status}), encoding="utf-8")
        return errors(self.book, report, now=self.now, **more)

    def confirm(self, upload: Path | str, **more):
        return confirm(self.book, upload, now=self.now, **more)


def actions_in(*uploads: Path) -> dict[str, str]:
    found = {}
    for path in uploads:
        for records in json.loads(path.read_bytes())["invdata"].values():
            found |= {record.get("inum") or record["nt_num"]: record["action"] for record in records}
    return found
