"""Rules about the file, its totals and rows beside each other: each in its case and in a near miss."""

from __future__ import annotations

import pytest
from builders import (
    MAHARASHTRA,
    RECIPIENT,
    A,
    N,
    P,
    R,
    context,
    credit_note,
    decision,
    entered,
    inter_state,
    reading,
    record,
)

from ims_excel.decisions import Conflict, EditedCell, Misplaced, Stranger, Unconfirmed, Withdrawn
from ims_excel.findings import Place, Severity
from ims_excel.portal.sections import B2B, B2BA, B2BCN, B2BCNA, B2BDN, B2BDNA, ECOM, ECOMA
from ims_excel.rules import RULES, blocked_places, check
from ims_excel.rules.registry import FileRule, SheetRule

E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO  # noqa: E741
ROW = Place("B2B", 9)
OTHER_GSTIN = "24ZZZFD2202C1ZQ"


def edited(field="taxable_value", portal="100000", sheet="90000", *, turned_numeric=False, place=ROW):
    return EditedCell(record(), place, field, portal, sheet, turned_numeric)


def disputed(*, blocks=True):
    said = (("Before", "No Action"), ("A: asha.xlsx", "Accepted"), ("B: ravi.xlsx", "Rejected"))
    return Conflict(record(), ROW, "status", "Status", said, sheet="Conflicts", blocks=blocks)


def asked(status, *, is_conflict=False):
    """A row that a newer download changed, decided in some way."""
    row = decision(status)
    return {"unconfirmed": (Unconfirmed(row, "Value: ₹1.00 → ₹2.00", is_conflict),)}


def original(status):
    return decision(status, of=record(number="SA/388", date="21-02-2026"), row=6)


def amendment(status, **facts):
    return decision(status, of=record(B2BA, number="SA/388R", **facts), row=7)


def when(*decisions, rest=None, **options):
    """A reading of some decisions (and the rest of a Reading), and the context's options."""
    return reading(*decisions, **(rest or {})), options


TURNED = edited("number", "1234567890123456", "1.23457E+15", turned_numeric=True)
GONE = record(number="sa/388", date="21-02-2026")
GONE_REJECTED = record(number="SA/388", date="21-02-2026", action=R)
REJECTED_WITH_REASON, ACCEPTED = decision(R, "no goods"), decision(A, row=7, of=record(number="2"))
WITHDRAWN = decision(N, before=entered(A))
PAIRED, UNPAIRED = amendment(A), amendment(A, original_number="SA/389")

CASES = [
    ("R4", I, when(decision(N)), when(decision(A))),
    ("R5", W, when(decision(R)), when(decision(P))),
    ("R7", W, when(decision(N)), when(decision(P))),
    ("R7", W, when(rest={"missing": (record(),)}), when(rest={"missing": (record(action=A),)})),
    ("R7", W, when(WITHDRAWN), when(WITHDRAWN, undo="leave-out")),
    ("M1", E, when(rest={"conflicts": (disputed(),)}), when()),
    ("M1", W, when(rest={"conflicts": (disputed(blocks=False),)}), when()),
    ("R9", W, when(rest={"read_only": (("impg", 3),)}), when()),
    ("R10", E, when(recipient=None), when()),
    ("R10", E, when(recipient="27ZZZCK4501"), when()),
    ("R10", W, when(recipient=RECIPIENT[:-1] + "A"), when()),
    ("R11", E, when(book=OTHER_GSTIN), when(book=RECIPIENT.lower())),
    ("R14", W, when(rest={"edited": (TURNED,)}), when(rest={"edited": (edited(),)})),
    ("R24", W, when(rest={"edited": (edited(),)}), when(rest={"edited": (TURNED,)})),
    ("R24", E, when(rest={"misplaced": (Misplaced(record(), ROW, ("number",), "SA/500"),)}), when()),
    ("R24", I, when(decision(A), rest={"by_natural_key": (Place("B2B", 6),)}), when(decision(A))),
    ("R25", E, when(rest={"strangers": (Stranger(ROW, "X-1"),)}), when()),
    ("R26", W, when(rest={"missing": (record(),)}), when()),
    ("R35", I, when(decision(R)), when(REJECTED_WITH_REASON, ACCEPTED)),
    ("R35", I, when(decision(P)), when(decision(P, of=record(remarks_blocked=True)))),
    ("R48", I, when(credit_note(itc=True)), when(credit_note(itc=False))),
    ("R60", W, when(original(N), PAIRED), when(original(A), PAIRED)),
    ("R60", W, when(original(N), amendment(R)), when(original(N), amendment(N))),
    ("R60", W, when(original(N), PAIRED), when(original(N), UNPAIRED)),
    ("R60", W, when(PAIRED, rest={"missing": (GONE,)}), when(PAIRED, rest={"missing": (GONE_REJECTED,)})),
    ("R61", I, when(original(A), PAIRED), when(original(A), amendment(A, return_period="042026"))),
    ("R61", I, when(original(A), PAIRED), when(original(A), amendment(N))),
    ("R61", I, when(PAIRED, rest={"missing": (GONE,)}), when(UNPAIRED, rest={"missing": (GONE,)})),
    ("R66", E, when(rest=asked(A)), when(rest=asked(N))),
    ("R66", E, when(rest=asked(A)), when(rest=asked(A, is_conflict=True))),
    ("N1", E, when(rest=asked(A, is_conflict=True)), when(rest=asked(N, is_conflict=True))),
    ("N1", E, when(rest=asked(A, is_conflict=True)), when(rest=asked(A))),
    ("N2", I, when(rest={"withdrawn": (Withdrawn(record(), ROW, entered(), entered()),)}), when()),
    ("N2", W, when(rest={"withdrawn": (Withdrawn(record(), ROW, entered(A), entered()),)}), when()),
    ("R70", W, when(downloaded="30-03-2026"), when(downloaded="31-03-2026")),
    ("R70", W, when(downloaded="31-03-2026", max_age_days=2), when(downloaded="30-03-2026", max_age_days=4)),
]


@pytest.mark.parametrize(("rule", "severity", "fires", "silent"), CASES)
def test_rule_fires_in_its_case_and_not_in_a_near_miss(rule, severity, fires, silent):
    (finding,) = findings_of(rule, *fires)
    assert finding.severity is severity
    assert findings_of(rule, *silent) == []


def findings_of(rule, a_reading, options):
    return [finding for finding in check(a_reading, context(**options)) if finding.rule == rule]


@pytest.mark.parametrize(
    ("rule", "severity", "first", "second"),
    [("R27", E, decision(A, row=6), decision(R, row=8)), ("R27a", I, decision(A, row=6), decision(A, row=8))],
)
def test_rows_of_one_document_are_all_named(rule, severity, first, second):
    findings = [f for f in check(reading(first, second), context()) if f.rule in ("R27", "R27a")]
    assert [(f.rule, f.severity, f.place.row) for f in findings] == [(rule, severity, 6), (rule, severity, 8)]
    assert "B2B row 8" in findings[0].what
    assert "B2B row 6" in findings[1].what


@pytest.mark.parametrize(
    "other",
    [
        record(number="SA/418"),
        record(supplier_gstin=OTHER_GSTIN),
        record(date="13-03-2026"),
        record(return_period="022026"),
        record(source_form="R1A"),
        record(B2BDN),
    ],
)
def test_documents_that_differ_in_identity_are_no_twins(other):
    findings = check(reading(decision(A, row=6), decision(R, row=8, of=other)), context())
    assert not {f.rule for f in findings} & {"R27", "R27a"}


def test_twins_in_the_download_itself_are_compared_without_their_occurrence():
    first, second = decision(A, row=6), decision(A, row=7, of=record(occurrence=2, number="sa/417 "))
    assert [f.rule for f in check(reading(first, second), context()) if f.rule.startswith("R27")] == [
        "R27a",
        "R27a",
    ]


def test_every_file_and_sheet_rule_has_a_case():
    tested = {case[0] for case in CASES} | {"R27", "R27a"}
    assert {rule.id for rule in RULES if isinstance(rule, (FileRule, SheetRule))} == tested


@pytest.mark.parametrize(("amended", "base"), [(B2BA, B2B), (B2BDNA, B2BDN), (B2BCNA, B2BCN), (ECOMA, ECOM)])
def test_an_amendment_is_paired_with_its_own_section(amended, base):
    first = decision(N, of=record(base, number="SA/388", date="21-02-2026"))
    second = decision(A, itc=True, of=record(amended))
    (finding,) = [f for f in check(reading(first, second), context()) if f.rule == "R60"]
    assert finding.place == second.place
    assert f"{base.sheet} row 6" in finding.what


def test_an_amendment_is_shown_beside_its_original_field_by_field():
    rows = original(N), amendment(A, value="90000", date="13-03-2026")
    assert text_of("R60", reading(*rows)) == (
        "The original SA/388 of 21-02-2026 is still at No Action (B2B row 6). The amendment changes: "
        "Number: SA/388 → SA/388R; Date: 21-02-2026 → 13-03-2026; Value: ₹1,18,000.00 → ₹90,000.00."
    )
    assert text_of("R61", reading(*rows)) == (
        "Amends SA/388 of 21-02-2026: Number: SA/388 → SA/388R; Date: 21-02-2026 → 13-03-2026; "
        "Value: ₹1,18,000.00 → ₹90,000.00. Both are of one period, so only the amendment counts."
    )


def text_of(rule, a_reading, **options):
    (finding,) = [f for f in check(a_reading, context(**options)) if f.rule == rule]
    return finding.what


def test_totals_say_count_and_tax_with_credit_notes_apart():
    rows = (decision(N, row=6), decision(N, row=7, of=inter_state(number="2")), credit_note(N))
    assert text_of("R7", reading(*rows)) == (
        "Still at No Action, and so deemed accepted: 2 documents with ₹22,500.00 of ITC and "
        "1 credit note with ₹18,000.00 of ITC reduced."
    )


def test_rejections_say_what_they_cost_whom():
    rows = (decision(R, "no", row=6), credit_note(R, "no"))
    assert text_of("R5", reading(*rows)) == (
        "Rejected: 1 document with ₹18,000.00 of ITC not taken and "
        "1 credit note with ₹18,000.00 added back to the suppliers' next GSTR-3B."
    )


def test_totals_leave_out_rows_that_errors_stop():
    stopped = decision(R, "x" * 300)
    assert "R5" not in {f.rule for f in check(reading(stopped), context())}


def test_edits_that_make_no_difference_are_named():
    rows = (
        decision(N, "only a remark", row=6),
        decision(N, row=7, of=record(number="2")),
        decision(A, row=8, of=record(number="3")),
    )
    assert text_of("R4", reading(*rows)) == (
        "2 of 3 rows are unchanged and not exported. "
        "Among them 1 row edited without a difference to the portal: B2B row 6."
    )


def test_deleted_rows_are_counted_and_the_first_named():
    gone = tuple(record(number=f"SA/{n}") for n in range(1, 6))
    assert text_of("R26", reading(missing=gone)).startswith(
        "5 documents of the download are no longer in the workbook: SA/1 of Sahyadri Alloys (B2B), SA/2 of "
    )
    assert "and 2 more" in text_of("R26", reading(missing=gone))


def test_a_row_with_several_edited_cells_is_one_finding_naming_all():
    cells = (edited("taxable_value", "100000", "90000"), edited("supplier_name", "Sahyadri Alloys", ""))
    (finding,) = [f for f in check(reading(edited=cells), context()) if f.rule == "R24"]
    assert finding.fields == ("taxable_value", "supplier_name")
    assert finding.what == (
        "Taxable value was changed from “100000” to “90000” and "
        "Trade/legal name was changed from “Sahyadri Alloys” to blank."
    )


def test_read_only_sections_are_named_in_words():
    assert "Import of goods (3) and oddities (1)" in text_of(
        "R9", reading(read_only=(("IMPG", 3), ("oddities", 1)))
    )


def test_findings_come_errors_first_then_in_the_order_of_sheets_and_rows():
    later = decision(None, status_cell="", row=9)
    earlier = decision(None, status_cell="", row=7, of=record(number="2"))
    note = credit_note(itc=False, row=6)
    findings = check(
        reading(note, later, earlier, strangers=(Stranger(Place("B2B", 8), "X"),)), context(recipient=None)
    )
    weights = [(E, W, I).index(f.severity) for f in findings]
    assert weights == sorted(weights)
    errors = [f for f in findings if f.severity is E]
    assert [f.place and tuple(f.place) for f in errors] == [None, ("B2B", 7), ("B2B", 8), ("B2B", 9)]


def test_a_partial_sort_does_not_hide_what_other_rows_say():
    findings = check(
        reading(
            decision(A, of=record(supplier_gstin=MAHARASHTRA)),
            misplaced=(Misplaced(record(), ROW, ("date",), ""),),
        ),
        context(),
    )
    assert blocked_places(findings) == {ROW}


def test_unknown_download_time_and_unknown_workbook_recipient_are_no_findings():
    from dataclasses import replace

    findings = check(reading(), replace(context(), downloaded_at=None, book_recipient=None))
    assert findings == []
