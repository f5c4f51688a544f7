"""Property: build, decide with openpyxl, harvest gives the changed records, each its raw record overlaid.

The expectation is computed here from the raw JSON, without any of the code under test.
"""

from __future__ import annotations

import json
import tempfile
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from ims_excel import build, harvest

SUPPLIERS = [
    ("27ZZZCS1101B1ZH", "Sahyadri Alloys"),
    ("24ZZZFD2202C1ZQ", "=HYPERLINK(Dandi)"),
    ("33ZZZCV4404E1Z3", None),
    ("07ZZZCY5505F1ZP", "यमुना Components ₹"),
]
NOTES = ("b2bdn", "b2bdna", "b2bcn", "b2bcna")
AMENDED = ("b2ba", "b2bdna", "b2bcna", "ecoma")
WITH_ITC = ("b2ba", "b2bdna", "b2bcn", "b2bcna", "ecoma")
SHEETS = {
    "b2b": "B2B", "b2ba": "B2BA", "b2bdn": "B2B-DN", "b2bdna": "B2B-DNA",
    "b2bcn": "B2B-CN", "b2bcna": "B2B-CNA", "ecom": "ECO", "ecoma": "ECOA",
}  # fmt: skip
WORDS = {"A": "Accepted", "R": "Rejected", "P": "Pending", "N": "No Action"}

amounts = st.one_of(st.integers(0, 10**9), st.integers(0, 10**9).map(lambda paise: paise / 100))
numbers = st.text("ABCXYZ0123456789/-", min_size=1, max_size=14).map(lambda text: "D" + text)
days = st.dates(min_value=date(2025, 4, 1), max_value=date(2026, 3, 31))
remarks = st.text("abc XYZ019,.-/():", min_size=1, max_size=250).map(str.strip).filter(bool)


@st.composite
def records(draw, section: str, number: str) -> dict:
    note = section in NOTES
    gstin, name = draw(st.sampled_from(SUPPLIERS))
    record: dict = {"stin": gstin, "tradenm": name}
    if section in AMENDED:
        record["ont_num" if note else "oinum"] = draw(numbers)
        record["ont_dt" if note else "oidt"] = draw(days).strftime("%d-%m-%Y")
    record["nt_num" if note else "inum"] = number
    if not section.startswith("eco"):
        record["inv_typ"] = draw(st.sampled_from(["R", "DE", "SEWP", "CBW", "NEW"]))
    record["nt_dt" if note else "idt"] = draw(days).strftime("%d-%m-%Y")
    tax = draw(amounts)
    record |= {"val": draw(amounts), "action": draw(st.sampled_from("NNNARP")), "pos": "27"}
    record |= {"txval": draw(amounts), "iamt": draw(amounts), "camt": tax, "samt": tax, "cess": draw(amounts)}
    record |= {"srcform": draw(st.sampled_from(["R1", "R1A", "R5"])), "rtnprd": "032026"}
    record |= {"srcfilstatus": draw(st.sampled_from(["Filed", "Not Filed"])), "newKey": {"kept": [1, None]}}
    record["ispendactblocked"] = draw(st.sampled_from("YN")) if record["action"] != "P" else "N"
    record["isRemarksBlocked"] = draw(st.sampled_from("YNN"))
    if section in WITH_ITC:
        record["itcRedReqBlocked"] = draw(st.sampled_from("YN"))
    return record


@st.composite
def months(draw) -> dict[str, list[dict]]:
    sections = draw(st.lists(st.sampled_from(list(SHEETS)), min_size=1, max_size=3, unique=True))
    month = {}
    for section in sections:
        chosen = draw(st.lists(numbers, min_size=1, max_size=4, unique_by=str.casefold))
        month[section] = [draw(records(section, number)) for number in chosen]
    return month


@st.composite
def decisions(draw, section: str, record: dict) -> dict | None:
    """A legal decision for a record, or None to leave its row alone."""
    actions = "ARN" if record["ispendactblocked"] == "Y" else "ARPN"
    action = draw(st.sampled_from([None, *actions]))
    if action is None:
        return None
    decision: dict = {"action": action}
    if action in "RP" and record["isRemarksBlocked"] == "N":
        decision["remarks"] = draw(st.one_of(st.none(), remarks))
    if action == "A" and section in WITH_ITC and record["itcRedReqBlocked"] == "N":
        decision["itc"] = draw(st.sampled_from(["full", "none", "part"]))
        if decision["itc"] != "full" and record["isRemarksBlocked"] == "N":
            decision["remarks"] = draw(remarks)
    return decision


ORDER = [
    "stin", "oinum", "ont_num", "oidt", "ont_dt", "inum", "nt_num", "inv_typ", "idt", "nt_dt",
    "val", "action", "pos", "txval", "iamt", "camt", "samt", "cess",
]  # fmt: skip


def expected(record: dict, decision: dict) -> dict | None:
    """What the portal should receive; None when it has it already."""
    sent = {key: record[key] for key in ORDER if key in record} | {"action": decision["action"]}
    extra: dict = {}
    if decision.get("itc") == "none":
        extra["itcRedReq"] = "N"
    elif decision.get("itc"):
        extra["itcRedReq"] = "Y"
    if decision.get("itc") == "part" and part_of(record) is not None:
        extra |= dict(zip(("declIgst", "declCgst", "declSgst", "declCess"), part_of(record), strict=True))
    if decision.get("remarks") and not (decision.get("itc") == "part" and part_of(record) is None):
        extra["remarks"] = decision["remarks"]
    if decision["action"] == record["action"] and not extra:
        return None
    return sent | extra | {"srcform": record["srcform"], "rtnprd": record["rtnprd"]}


def part_of(record: dict) -> tuple | None:
    """A partial reduction, of the IGST alone; None where there is no IGST to leave a part of."""
    whole = int(record["iamt"])
    return (whole - 1, 0, 0, 0) if whole > 1 else None


def type_in(sheet, record: dict, decision: dict) -> None:
    headings = {cell.value: cell.column for cell in sheet[5]}
    names = {cell.value: cell.column for cell in sheet[3]}
    number = record.get("inum") or record["nt_num"]
    (row,) = [r for r in range(6, sheet.max_row + 1) if sheet.cell(r, names["number"]).value == number]
    sheet.cell(row, headings["Status"]).value = WORDS[decision["action"]]
    if decision.get("remarks"):
        sheet.cell(row, headings["Remarks"]).value = decision["remarks"]
    if decision.get("itc"):
        sheet.cell(row, names["itc_reduction"]).value = "No" if decision["itc"] == "none" else "Yes"
    if decision.get("itc") == "part" and part_of(record) is not None:
        heads = ("declared_igst", "declared_cgst", "declared_sgst", "declared_cess")
        for head, amount in zip(heads, part_of(record), strict=True):
            sheet.cell(row, names[head]).value = amount


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(st.data(), months())
def test_harvest_gives_exactly_the_changed_records(data, month):
    wanted: dict[str, list[dict]] = {}
    with tempfile.TemporaryDirectory() as folder:
        download, book, upload = (Path(folder) / name for name in ("d.json", "b.xlsx", "u.json"))
        download.write_text(json.dumps({"imsDetails": month}), encoding="utf-8")
        build(download, book, gstin="27ZZZCK4501A1ZH")
        workbook = load_workbook(book)
        for section in SHEETS:
            for record in month.get(section, []):
                decision = data.draw(decisions(section, record))
                if decision is not None:
                    type_in(workbook[SHEETS[section]], record, decision)
                    sent = expected(record, decision)
                    if sent is not None:
                        wanted.setdefault(section, []).append(sent)
        workbook.save(book)
        result = harvest(book, upload)
        assert not result.errors, result.errors
        if not wanted:
            assert result.upload is None
            return
        sent = json.loads(upload.read_bytes())["invdata"]
    assert sent == wanted
    assert [list(r) for rs in sent.values() for r in rs] == [list(r) for rs in wanted.values() for r in rs]
