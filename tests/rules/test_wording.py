"""What the findings say, where the words decide whether a person can act on them."""

from __future__ import annotations

import pytest
from builders import A, N, P, R, credit_note, decision, entered, found, inter_state, record, rules_of

from ims_excel.decisions import NO_STORED_RESULT
from ims_excel.findings import Severity
from ims_excel.portal.sections import B2BCN
from ims_excel.rules import RULES

CHOOSE = "Choose Accepted, Rejected, Pending or No Action."


@pytest.mark.parametrize(
    ("text", "what", "fix"),
    [
        ("", "Status is blank.", CHOOSE),
        ("aceptd", "Status says “aceptd”.", "Did you mean Accepted? " + CHOOSE),
        ("no actoin", "Status says “no actoin”.", "Did you mean No Action? " + CHOOSE),
        ("zzz", "Status says “zzz”.", CHOOSE),
        ("#N/A", "Status shows the error #N/A.", "Correct the formula. " + CHOOSE),
    ],
)  # fmt: skip
def test_a_status_that_cannot_be_used(text, what, fix):
    (finding,) = found(decision(None, status_cell=text), rule="R1")
    assert (finding.what, finding.fix, finding.fields) == (what, fix, ("status",))


def test_a_formula_without_result_is_told_apart_from_a_blank():
    (finding,) = found(decision(None, status_cell=NO_STORED_RESULT), rule="R1")
    assert finding.what == "Status is a formula whose result was not stored."
    assert "let it calculate" in finding.fix


def test_an_unusable_answer_gets_a_suggestion():
    (finding,) = found(credit_note(itc_reduction_cell="Yess"), rule="R44")
    assert finding.fix == "Did you mean Yes? Choose Yes or No."


def test_an_excess_shows_both_figures_and_names_the_head():
    note = credit_note(of=inter_state(B2BCN), itc=True, amounts=("123456.5", None, None, None))
    (finding,) = found(note, rule="R46")
    assert finding.what == "Declared integrated tax ₹1,23,456.50 exceeds the document's ₹4,500.00."
    assert finding.fields[0] == "declared_igst"


def test_uneven_halves_show_both_figures():
    (finding,) = found(credit_note(itc=True, amounts=(None, "10", None, None)), rule="R47")
    assert finding.what == "Declared central tax is ₹10.00, declared State/UT tax ₹0.00."


def test_the_default_answer_says_what_is_sent():
    (finding,) = found(credit_note(), rule="R43")
    assert finding.what == "“Whether ITC to be reduced” is not answered. Yes, in full (₹18,000.00), is sent."


def test_itc_cells_at_fault_are_all_named():
    (finding,) = found(
        decision(A, itc=False, amounts=(None, "1", None, None), declared_cess_cell="x"), rule="R40"
    )
    assert finding.fields == ("itc_reduction", "declared_cgst", "declared_cess")


def test_a_missing_amount_quotes_what_the_download_said():
    (finding,) = found(decision(A, of=record(igst=None, value=None, unreadable={"igst": "NIL"})), rule="R19")
    assert finding.what == (
        "The download gives no number for Document value and Integrated tax (“NIL”), and the upload needs it."
    )


@pytest.mark.parametrize("rule", ["R34", "R43"])
def test_strict_makes_errors_of_what_is_only_advised(rule):
    row = credit_note(itc=False) if rule == "R34" else credit_note()
    assert [f.severity for f in found(row, rule=rule, strict=True)] == [Severity.ERROR]


@pytest.mark.parametrize(
    ("row", "rule", "options"),
    [
        (decision(R, "x" * 251), "R30", {"long_remarks": "truncate"}),
        (decision(R, "no", of=record(remarks_blocked=True)), "R31", {"blocked_remarks": "drop"}),
        (credit_note(P, itc=True), "R41", {"itc_without_accept": "ignore"}),
    ],
)
def test_options_turn_a_stop_into_a_warning(row, rule, options):
    assert [f.severity for f in found(row, rule=rule)] == [Severity.ERROR]
    assert [f.severity for f in found(row, rule=rule, **options)] == [Severity.WARNING]


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (decision(P, "old", before=entered(R, "old"), of=record(remarks_blocked=True)), "R31"),
        (credit_note(R, itc=True, before=entered(A, itc=True)), "R41"),
        (credit_note(A, itc=True, before=entered(P, itc=True), of=record(B2BCN, itc_blocked=True)), "R42"),
    ],
)
def test_what_the_portal_itself_had_does_not_stop_a_row(row, rule):
    assert [f.severity for f in found(row, rule=rule)] == [Severity.WARNING]


def test_accept_remarks_decides_on_r33_and_r34():
    plain, partial = decision(A, "why"), credit_note(itc=False, remarks="why")
    assert rules_of(found(plain, accept_remarks="always")) & {"R33"} == set()
    assert rules_of(found(partial, accept_remarks="never")) >= {"R33"}
    assert rules_of(found(credit_note(itc=False), accept_remarks="never")) & {"R34"} == set()


def test_a_withdrawal_that_is_left_out_sends_people_to_the_dashboard():
    row = decision(N, before=entered(A))
    assert "Reset" in found(row, rule="R3", undo="leave-out")[0].fix
    assert "withdrawn" in found(row, rule="R3")[0].what


def test_the_blank_answer_beside_zeros_is_sent_as_no():
    rules = rules_of(found(credit_note(amounts=("0", "0", "0", "0"), remarks="not availed")))
    assert {"R43", "R49"} <= rules


def test_facts_of_the_portal_are_only_told_of_rows_that_go_there():
    odd = record(place_of_supply="39", date="31-02-2026")
    assert found(decision(N, of=odd), rule="R12") == []
    assert found(decision(N, "a remark that goes nowhere", of=odd), rule="R15") == []
    assert found(decision(A, of=odd), rule="R12") != []


def test_an_ordinary_decision_draws_no_complaint():
    assert rules_of(found(decision(A))) == set()
    assert rules_of(found(decision(R, "Goods not received"))) == {"R5"}


def test_the_register_is_complete_and_in_order():
    numbers = [*range(1, 28), *range(30, 39), *range(40, 52), *range(60, 72)]
    expected = [f"R{n}" for n in numbers]
    expected.insert(expected.index("R10") + 1, "R10a")
    expected.insert(expected.index("R27") + 1, "R27a")
    assert [rule.id for rule in RULES] == [*expected, "L1", "M1", "N1", "N2"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_entry_says_what_it_wants_and_who_says_so(rule):
    assert rule.title
    assert rule.source
    assert rule.confidence
    assert rule.says.endswith(".")
    assert rule.text.startswith(rule.says)


def test_the_text_of_an_entry_says_when_it_weighs_differently():
    (entry,) = (rule for rule in RULES if rule.id == "R43")
    assert entry.text.endswith("A blank is sent as Yes, in full. (Error with --strict.)")
