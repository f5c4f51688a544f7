"""Every row rule fires in one case and stays silent in a near miss."""

from __future__ import annotations

import pytest
from builders import (
    GUJARAT,
    MAHARASHTRA,
    A,
    N,
    P,
    R,
    credit_note,
    decision,
    entered,
    found,
    inter_state,
    record,
)

from ims_excel.findings import Severity
from ims_excel.portal.overlay import Overlay
from ims_excel.portal.sections import B2BA, B2BCN, B2BDN, ECOM, ECOMA, Section
from ims_excel.rules import RULES
from ims_excel.rules.registry import RowRule

IMPG = Section("impg", "IMPG", "Import of goods")
E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO  # noqa: E741
BLOCKED_NOTE = record(B2BCN, itc_blocked=True)
NOT_FILED = record(filing_status="Not Filed")
NO_REMARKS = record(remarks_blocked=True)
SOME, ZEROS = ("0", "1", "1", "0"), ("0", "0", "0", "0")
NIL = {"itc": False, "remarks": "ITC not availed"}

CASES = [
    ("R1", E, decision(None, status_cell="aceptd"), decision(A)),
    ("R2", E, decision(P, of=record(pending_blocked=True)), decision(P, of=record())),
    ("R3", W, decision(N, before=entered(R)), decision(R, before=entered(P))),
    ("R6", W, decision(A, of=NOT_FILED), decision(P, of=NOT_FILED)),
    ("R6", W, decision(A, of=NOT_FILED), decision(A, of=record(filing_status="F"))),
    ("R8", E, decision(R, of=record(IMPG)), decision(P, of=record(IMPG))),
    ("R10a", W, decision(A, of=record(supplier_gstin="27ZZZCS1101B1ZK")), decision(A)),
    ("R12", W, decision(A, of=record(place_of_supply="39")), decision(A, of=record(place_of_supply="97"))),
    ("R12", E, decision(A, of=record(place_of_supply=None)), decision(A, of=record(place_of_supply="27"))),
    ("R13", W, decision(A, of=record(number="A" * 17)), decision(A, of=record(number="A" * 16))),
    ("R13", W, decision(A, of=record(number="")), decision(A, of=record(number="1/A-2"))),
    ("R13", W, decision(A, of=record(number="-12")), decision(A, of=record(number="12-"))),
    ("R15", E, decision(A, of=record(date="31-02-2026")), decision(A, of=record(date="28-02-2026"))),
    ("R15", E, decision(A, of=record(B2BA, original_date=None)), decision(A, of=record(B2BA))),
    ("R16", W, decision(A, of=record(date="04-04-2026")), decision(A, of=record(date="03-04-2026"))),
    ("R16", W, decision(A, of=record(date="30-06-2017")), decision(A, of=record(date="01-07-2017"))),
    ("R17", I, decision(A, of=record(document_type="XX")), decision(A, of=record(document_type="CBW"))),
    ("R17", I, decision(A, of=record(source_form="R9")), decision(A, of=record(source_form="R1A"))),
    ("R17", E, decision(A, of=record(source_form=None)), decision(A, of=record(source_form="R1"))),
    ("R18", E, decision(A, of=record(return_period=None)), decision(A, of=record(return_period="03"))),
    ("R18", W, decision(A, of=record(return_period="132026")), decision(A, of=record(return_period="03"))),
    ("R19", E, credit_note(itc=True, amounts=("-1", None, None, None)), credit_note(itc=True)),
    ("R19", E, credit_note(itc=True, declared_cess_cell="1E5"), credit_note(itc=True)),
    ("R19", E, credit_note(itc=True, amounts=(None, "0.125", "0.125", None)),
     credit_note(itc=True, amounts=(None, "0.12", "0.12", None))),
    ("R19", E, decision(A, of=record(taxable_value=None)), decision(A, of=record(cess=None))),
    ("R19", W, decision(A, of=record(value="118000.005")), decision(A, of=record(value="118000.500"))),
    ("R20", W, decision(A, of=record(cgst="9000.01")), decision(A, of=record(cgst="9000.00"))),
    ("R21", W, decision(A, of=record(igst="1")), decision(A, of=record(igst="0"))),
    ("R22", I, decision(A, of=record(igst="18000", cgst="0", sgst="0")), decision(A, of=inter_state())),
    ("R22", I, decision(A, of=record(supplier_gstin=GUJARAT)),
     decision(A, of=inter_state(supplier_gstin=MAHARASHTRA, document_type="SEWP"))),
    ("R23", I, decision(A, of=record(value="118001.01")), decision(A, of=record(value="118001"))),
    ("R30", E, decision(R, "x" * 251), decision(R, "x" * 250)),
    ("R31", E, decision(R, "no", of=NO_REMARKS), decision(R, of=NO_REMARKS)),
    ("R31", E, decision(A, "no", of=NO_REMARKS), decision(A, "no")),
    ("R32", W, decision(N, "later"), decision(P, "later")),
    ("R33", W, decision(A, "fine"), decision(R, "fine")),
    ("R33", W, credit_note(itc=True, remarks="fine"), credit_note(**NIL)),
    ("R34", W, credit_note(itc=False), credit_note(**NIL)),
    ("R34", W, credit_note(itc=True, amounts=("0", "5", "5", "0")), credit_note(itc=True)),
    ("R36", I, decision(R, "two\nlines"), decision(R, "one line")),
    ("R37", W, decision(R, "माल नहीं मिला"), decision(R, "Goods not received (GRN 12/4).")),
    ("R37", W, decision(R, 'the "blue" one'), decision(R, "the blue one; see mail")),
    ("R37", E, decision(R, remarks_cell="#N/A"), decision(R)),
    ("R38", I, decision(R, "=SUM(A1)"), decision(R, "SUM = 1")),
    ("R40", E, decision(A, itc=True), decision(A)),
    ("R40", E, decision(A, of=record(B2BDN), amounts=("0", None, None, None)), decision(A, of=record(B2BDN))),
    ("R40", E, decision(A, of=record(ECOM), itc=False), decision(A, of=record(ECOM))),
    ("R41", E, credit_note(P, itc=True), credit_note(A, itc=True)),
    ("R41", E, credit_note(N, amounts=("1", None, None, None)), credit_note(N)),
    ("R42", E, credit_note(of=BLOCKED_NOTE, itc=True), credit_note(of=BLOCKED_NOTE)),
    ("R43", W, credit_note(), credit_note(of=BLOCKED_NOTE)),
    ("R43", W, credit_note(of=record(ECOMA)), credit_note(of=record(ECOMA, raw=b"{}"))),
    ("R44", E, credit_note(itc_reduction_cell="maybe"), credit_note(itc=True)),
    ("R45", E, credit_note(itc=False, amounts=SOME), credit_note(itc=False, amounts=ZEROS)),
    ("R45", E, credit_note(amounts=SOME), credit_note(itc=True, amounts=SOME)),
    ("R46", E, credit_note(itc=True, amounts=(None, "9000.01", "9000.01", None)),
     credit_note(itc=True, amounts=(None, "9000", "9000", None))),
    ("R47", E, credit_note(itc=True, amounts=(None, "10", "11", None)),
     credit_note(itc=True, amounts=(None, "10", "10", None))),
    ("R49", W, credit_note(itc=True, amounts=ZEROS), credit_note(itc=True)),
    ("R50", I, credit_note(itc=True, of=record(B2BCN, cess="7"), amounts=("0", "5", "5", None)),
     credit_note(itc=True, of=record(B2BCN, cess="7"), amounts=("0", "5", "5", "0"))),
    ("R51", I, credit_note(itc=True, amounts=(None, "9000", "9000", None)),
     credit_note(itc=True, amounts=(None, "8999", "8999", None))),
    ("L1", W, decision(R, "why", refused=Overlay(R, "why")), decision(R, "why!", refused=Overlay(R, "why"))),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "severity", "fires", "silent"), CASES)
def test_rule_fires_in_its_case_and_not_in_a_near_miss(rule, severity, fires, silent):
    (finding,) = found(fires, rule=rule)
    assert finding.severity is severity
    assert finding.place == fires.place
    assert finding.document == fires.record.label
    assert finding.fields
    assert finding.what
    assert found(silent, rule=rule) == []


def test_every_row_rule_has_a_case():
    assert {rule.id for rule in RULES if isinstance(rule, RowRule)} == {case[0] for case in CASES}
