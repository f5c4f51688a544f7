"""Ask all rules about a reading and put what they say in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.findings import Severity
from ims_excel.gst.codes import Action
from ims_excel.rules import action, exported, file, itc, merged, record, refreshed, remarks, rows, sequence
from ims_excel.rules import help as advice
from ims_excel.rules.outcome import (
    ItcAnswer,
    RemarksFate,
    has_itc_cells,
    is_changed,
    itc_answer,
    remarks_channel,
    repeats_refusal,
)
from ims_excel.rules.registry import FileRule, RowRule, Rule, SheetRule, Stage, Survey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ims_excel.decisions import Decision, Reading
    from ims_excel.findings import Finding, Place
    from ims_excel.rules.registry import Complaint, Context

_FAMILIES = (action, record, rows, remarks, itc, sequence, file, refreshed, exported, merged, advice)

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (rule for family in _FAMILIES for rule in vars(family).values() if isinstance(rule, Rule)),
        key=lambda rule: rule.order,
    )
)
"""The whole register, R1 to R71, and what we add to it: L1, M1, N1, N2."""

_SHEET_RULES = tuple(rule for rule in RULES if isinstance(rule, SheetRule))
_FILE_RULES = tuple(rule for rule in RULES if isinstance(rule, FileRule))
_ROW_RULES = {
    stage: tuple((rule.check, rule) for rule in RULES if isinstance(rule, RowRule) and rule.stage is stage)
    for stage in Stage
}
_Askable = tuple[tuple["Callable[[Decision, Context], Complaint | None]", RowRule], ...]
_TOUCHED, _CHANGED = _ROW_RULES[Stage.TOUCHED], _ROW_RULES[Stage.CHANGED]
_REMARKS_SENT = _ROW_RULES[Stage.REMARKS] + _ROW_RULES[Stage.REMARKS_SENT]
_REMARKS_UNSENT = _ROW_RULES[Stage.REMARKS] + _ROW_RULES[Stage.REMARKS_UNSENT]
_ITC, _ITC_UNSENT = _ROW_RULES[Stage.ITC], _ROW_RULES[Stage.ITC] + _ROW_RULES[Stage.ITC_UNSENT]
_NO_ITC_ANSWER = (ItcAnswer.NONE, ItcAnswer.INVALID)
_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def check(reading: Reading, context: Context) -> list[Finding]:
    """Ask every rule about a reading.

    Returns:
        Findings: errors, then warnings, then notices; each in the order of sheets and rows, those about the
        whole file first among errors and last among the others. Rows nobody touched only count in the totals.
    """
    findings: list[Finding] = []
    changed: list[Decision] = []
    edited: list[Decision] = []
    for decision in reading.decisions:
        if decision.is_touched or decision.entered.status is None:
            is_sent = is_changed(decision, context.options)
            (changed if is_sent else edited).append(decision)
            _ask_row_rules(decision, context, findings, is_sent=is_sent)
    findings = _without_advice_on_disputed(findings, reading)
    for sheet_rule in _SHEET_RULES:
        findings.extend(map(sheet_rule.finding, sheet_rule.check(reading, context)))
    blocked = blocked_places(findings)
    sent = tuple(
        decision
        for decision in changed
        if decision.place not in blocked and not repeats_refusal(decision, context.options)
    )
    survey = Survey(reading, len(changed), tuple(edited), sent)
    for file_rule in _FILE_RULES:
        findings.extend(map(file_rule.finding, file_rule.check(survey, context)))
    return _in_order(findings, reading)


def _without_advice_on_disputed(findings: list[Finding], reading: Reading) -> list[Finding]:
    """Drop what would be sent of rows that stay here until a conflict is settled (M1)."""
    disputed = {conflict.place for conflict in reading.conflicts if conflict.blocks}
    return [f for f in findings if f.place not in disputed or f.severity is Severity.ERROR]


def blocked_places(findings: Iterable[Finding]) -> set[Place]:
    """Collect the rows that an error keeps out of the upload."""
    return {
        finding.place
        for finding in findings
        if finding.severity is Severity.ERROR and finding.place is not None
    }


def _ask_row_rules(decision: Decision, context: Context, findings: list[Finding], *, is_sent: bool) -> None:
    for rules in _concerned(decision, context, is_sent=is_sent):
        for ask, rule in rules:
            complaint = ask(decision, context)
            if complaint is not None:
                findings.append(rule.finding_at(decision, complaint))


def _concerned(decision: Decision, context: Context, *, is_sent: bool) -> list[_Askable]:
    entered = decision.entered
    if entered.status is None:
        return [_TOUCHED]
    concerned = [_TOUCHED]
    answer = itc_answer(decision)
    if entered.remarks:
        goes_up = remarks_channel(decision, context.options, answer) is RemarksFate.SENT
        concerned.append(_REMARKS_SENT if goes_up else _REMARKS_UNSENT)
    answers = decision.record.section.carries_itc_reduction and entered.status is Action.ACCEPTED
    if answers or has_itc_cells(entered):
        concerned.append(_ITC_UNSENT if answer in _NO_ITC_ANSWER else _ITC)
    if is_sent:
        concerned.append(_CHANGED)
    return concerned


def _in_order(findings: list[Finding], reading: Reading) -> list[Finding]:
    sheets: dict[str, int] = {}
    for placed in (reading.decisions, reading.withdrawn, reading.misplaced, reading.strangers):
        for row in placed:
            sheets.setdefault(row.place.sheet, len(sheets))

    def order(finding: Finding) -> tuple[int, int, int]:
        weight = _WEIGHT[finding.severity]
        if finding.place is None:
            return (weight, -1 if weight == 0 else len(sheets) + 1, 0)
        sheet, row = finding.place
        return (weight, sheets.get(sheet, len(sheets)), row)

    return sorted(findings, key=order)
