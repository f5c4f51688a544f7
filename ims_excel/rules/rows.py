"""Rules about rows that no longer stand as they were built (domain file 5.2, R14 and R24–R27a)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.findings import Severity
from ims_excel.rules.registry import Complaint, file_rule, sheet_rule
from ims_excel.rules.wording import column, counted, first_few, listed, place_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ims_excel.decisions import Decision, EditedCell, Reading
    from ims_excel.findings import Place
    from ims_excel.rules.registry import Context, Survey


def _by_row(cells: tuple[EditedCell, ...], *, turned_numeric: bool) -> Iterator[list[EditedCell]]:
    rows: dict[Place, list[EditedCell]] = {}
    for cell in cells:
        if cell.turned_numeric is turned_numeric and not cell.is_respelled:
            rows.setdefault(cell.place, []).append(cell)
    return iter(rows.values())


def _edited_row(cells: list[EditedCell], what: str, fix: str) -> Complaint:
    first = cells[0]
    fields = tuple(cell.field for cell in cells)
    return Complaint(what, fix, fields, place=first.place, document=first.record.label)


@sheet_rule(
    "R14", Severity.WARNING, title="Numbers that a spreadsheet program rewrote", source="IG",
    confidence="multiple", otherwise="the register's error is answered by restoring the number",
)  # fmt: skip
def identifiers_stay_text(reading: Reading, context: Context) -> Iterator[Complaint]:
    """Know that a document number turned into a figure (1.23457E+15) or a date is put back as it was."""
    for cells in _by_row(reading.edited, turned_numeric=True):
        parts = [f"{column(cell.field)} {cell.portal} became {cell.sheet}" for cell in cells]
        yield _edited_row(cells, f"{listed(parts)}.", "It is restored; the portal gets the original.")


@sheet_rule(
    "R24", Severity.WARNING, title="Portal columns stay as they are", source="IRP", confidence="ours",
    otherwise="error where a row shows another document than its hidden key belongs to",
)  # fmt: skip
def portal_columns_are_untouched(reading: Reading, context: Context) -> Iterator[Complaint]:
    """Leave the portal's columns alone: what is sent always comes from the download.

    A changed cell is put back. A row whose GSTIN, number or date belongs to another document than its
    hidden key is an error: sorting only some of the columns moves decisions to other documents.
    """
    for row in reading.misplaced:
        yield Complaint(
            f"This row shows {row.shown or 'no document'}, but its hidden key belongs to {row.record.label}: "
            "some columns were sorted or pasted without the others.",
            "Undo that, or enter the decision again in a freshly built workbook; sort all columns together.",
            row.fields,
            Severity.ERROR,
            row.place,
            row.record.label,
        )
    for cells in _by_row(reading.edited, turned_numeric=False):
        parts = [
            f"{column(cell.field)} was changed from {_quoted(cell.portal)} to {_quoted(cell.sheet)}"
            for cell in cells
        ]
        yield _edited_row(cells, f"{listed(parts)}.", "The portal's value is used and put back.")
    if reading.by_natural_key:
        rows = first_few([place_text(place) for place in reading.by_natural_key])
        yield Complaint(
            f"{counted(len(reading.by_natural_key), 'row')} had lost the hidden key and was found again "
            f"by GSTIN, number and date: {rows}.",
            "Nothing to do; keep the hidden columns when copying rows.",
            severity=Severity.INFO,
        )


def _quoted(text: str) -> str:
    return f"“{text}”" if text else "blank"


@sheet_rule("R25", Severity.ERROR, title="Rows cannot be added", source="OURS", confidence="ours")
def rows_come_from_the_download(reading: Reading, context: Context) -> Iterator[Complaint]:
    """Do not add documents: the portal only takes decisions on the ones it gave."""
    for row in reading.strangers:
        shown = f"{row.shown} is" if row.shown else "This row names a document that is"
        yield Complaint(
            f"{shown} not in the downloaded file; rows cannot be added.",
            "Delete the row; if the document is new on the portal, download again and run ims-xl refresh.",
            ("number", "supplier_gstin", "date"),
            place=row.place,
            document=row.shown,
        )


@file_rule("R26", Severity.WARNING, title="Rows that were deleted", source="OURS", confidence="ours")
def no_row_is_missing(survey: Survey, context: Context) -> Iterator[Complaint]:
    """Know that deleting a row decides nothing: its document keeps what the portal has."""
    missing = survey.reading.missing
    if missing:
        names = first_few([f"{record.label} ({record.section.sheet})" for record in missing])
        verb, them = ("is", "it") if len(missing) == 1 else ("are", "them")
        yield Complaint(
            f"{counted(len(missing), 'document')} of the download {verb} no longer in the workbook: {names}. "
            f"Nothing is sent for {them}.",
            "Nothing to do if that is meant; else build the workbook again.",
        )


def _twins(reading: Reading) -> Iterator[list[Decision]]:
    """Group the decisions on one and the same document, where there are several."""
    identities = [decision.record.identity for decision in reading.decisions]
    if len({*identities}) == len(identities):
        return iter(())
    groups: dict[str, Decision | list[Decision]] = {}
    for key, decision in zip(identities, reading.decisions, strict=True):
        known = groups.setdefault(key, decision)
        if isinstance(known, list):
            known.append(decision)
        elif known is not decision:
            groups[key] = [known, decision]
    return (group for group in groups.values() if isinstance(group, list))


def _others(group: list[Decision], decision: Decision) -> str:
    return first_few([place_text(other.place) for other in group if other is not decision])


def _conflicts(group: list[Decision]) -> bool:
    return any(other.entered != group[0].entered for other in group)


@sheet_rule("R27", Severity.ERROR, title="One document, one decision", source="OURS", confidence="ours")
def twins_agree(reading: Reading, context: Context) -> Iterator[Complaint]:
    """Decide alike in all rows of the same document (section, supplier, number, date, period and source)."""
    for group in _twins(reading):
        if not _conflicts(group):
            continue
        for decision in group:
            yield Complaint(
                f"The same document stands in {_others(group, decision)} with another decision.",
                "Make the rows agree, or delete the copy.",
                ("status",),
                place=decision.place,
                document=decision.record.label,
            )


@sheet_rule(
    "R27a",
    Severity.INFO,
    title="A document listed twice",
    source="CGST Rule 46(b), IG P31",
    confidence="ours",
)
def twins_are_known(reading: Reading, context: Context) -> Iterator[Complaint]:
    """Know of documents that are listed twice with the same decision; they are never merged or added up."""
    for group in _twins(reading):
        if _conflicts(group):
            continue
        for decision in group:
            yield Complaint(
                f"The same document stands in {_others(group, decision)} too, with the same decision.",
                "",
                ("number",),
                place=decision.place,
                document=decision.record.label,
            )
