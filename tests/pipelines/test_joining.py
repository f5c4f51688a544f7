"""Rows find their records by key, whatever people did to the sheet (R14, R24-R27a)."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal
from types import SimpleNamespace

import pytest

from ims_excel.findings import Place
from ims_excel.gst.codes import Action
from ims_excel.pipelines.joining import join
from ims_excel.portal.record import Document, Record
from ims_excel.portal.sections import B2B
from ims_excel.portal.snapshot import Snapshot
from ims_excel.workbook.read import RowRead, SheetRead

ALLOYS, CHEMICALS = "27ZZZCS1101B1ZH", "24ZZZFD2202C1ZQ"
COLUMNS = {
    "supplier_gstin": 0,
    "number": 1,
    "date": 2,
    "taxable_value": 3,
    "status": 4,
    "remarks": 5,
    "key": 6,
}


def record(gstin: str, number: str, day: str, taxable: int) -> Record:
    document = Document(
        supplier_gstin=gstin,
        number=number,
        date=day,
        taxable_value=Decimal(taxable),
        return_period="032026",
        source_form="R1",
    )
    return Record(B2B, document, b"{}")


A1 = record(ALLOYS, "SA/1", "12-03-2026", 100)
A2 = record(ALLOYS, "SA/2", "13-03-2026", 200)
C9 = record(CHEMICALS, "1234567890123456", "14-03-2026", 300)


def row_of(of: Record, status="No Action", **changes) -> list:
    """A row as build wrote it, with some cells changed."""
    day, month, year = map(int, of.document.date.split("-"))
    shown = {
        "supplier_gstin": of.document.supplier_gstin,
        "number": of.document.number,
        "date": date(year, month, day),
        "taxable_value": float(of.document.taxable_value),
        "status": status,
        "remarks": None,
        "key": of.key,
    } | changes
    return [shown[name] for name in COLUMNS]


def joined(*rows: list, columns=COLUMNS, records=(A1, A2, C9)):
    read = [RowRead(6 + n, values) for n, values in enumerate(rows)]
    sheet = SheetRead(title="B2B", section=B2B, columns=columns, heading_row=5, rows=read)
    moment = datetime(2026, 4, 1, tzinfo=timezone.utc)
    snapshot = Snapshot("27ZZZCK4501A1ZH", (), moment, {B2B: list(records)})
    return join(SimpleNamespace(sheets=[sheet]), snapshot)


def statuses(reading) -> dict[str, Action | None]:
    return {d.record.document.number: d.entered.status for d in reading.decisions}


def test_rows_sorted_whole_keep_their_decisions():
    reading = joined(row_of(C9, "Rejected"), row_of(A2, "Accepted"), row_of(A1, "Pending"))
    assert statuses(reading) == {
        "SA/1": Action.PENDING,
        "SA/2": Action.ACCEPTED,
        "1234567890123456": Action.REJECTED,
    }
    assert not any((reading.edited, reading.misplaced, reading.strangers, reading.missing))


def test_an_untouched_row_is_not_touched():
    reading = joined(row_of(A1), row_of(A2), row_of(C9))
    assert not any(decision.is_touched for decision in reading.decisions)


def test_a_sort_that_left_the_key_behind_is_caught_row_by_row():
    reading = joined(row_of(A1, "Accepted", key=A2.key), row_of(A2, key=A1.key), row_of(C9))
    assert [(m.place.row, m.record.document.number, m.fields[0]) for m in reading.misplaced] == [
        (6, "SA/2", "number"),
        (7, "SA/1", "number"),
    ]
    assert statuses(reading) == {"1234567890123456": Action.NO_ACTION}
    assert not reading.missing


def test_a_changed_amount_is_reported_and_the_decision_stands():
    reading = joined(row_of(A1, "Accepted", taxable_value=100.5), row_of(A2), row_of(C9))
    (cell,) = reading.edited
    assert (cell.field, cell.portal, cell.sheet, cell.place) == (
        "taxable_value",
        "100",
        "100.5",
        Place("B2B", 6),
    )
    assert statuses(reading)["SA/1"] is Action.ACCEPTED


def test_a_number_that_excel_rounded_is_the_same_document():
    reading = joined(row_of(A1), row_of(A2), row_of(C9, "Accepted", number=1.23457e15))
    (cell,) = reading.edited
    assert cell.turned_numeric
    assert not reading.misplaced


def test_dates_may_come_back_as_text_or_serial_numbers():
    reading = joined(
        row_of(A1, date="12-03-2026"), row_of(A2, date=46094.0), row_of(C9, date=datetime(2026, 3, 14))
    )
    assert [(cell.field, cell.is_respelled) for cell in reading.edited] == [("date", True)]


def test_rows_are_found_by_what_they_show_when_the_key_column_is_gone():
    columns = {name: column for name, column in COLUMNS.items() if name != "key"}
    reading = joined(row_of(A2, "Accepted"), row_of(A1), row_of(C9), columns=columns)
    assert statuses(reading)["SA/2"] is Action.ACCEPTED
    assert [place.row for place in reading.by_natural_key] == [6, 7, 8]


def test_two_records_with_one_identity_each_get_a_row_without_keys():
    twin = record(ALLOYS, "SA/1", "12-03-2026", 999)
    twin.occurrence = 2
    columns = {name: column for name, column in COLUMNS.items() if name != "key"}
    reading = joined(row_of(twin, "Accepted"), row_of(A1, "Rejected"), columns=columns, records=(A1, twin))
    assert [(d.record.occurrence, d.entered.status) for d in reading.decisions] == [
        (2, Action.ACCEPTED),
        (1, Action.REJECTED),
    ]


def test_a_row_from_elsewhere_is_a_stranger():
    other = record(CHEMICALS, "X/9", "01-03-2026", 5)
    reading = joined(row_of(A1), row_of(A2), row_of(C9), row_of(other, "Accepted"))
    (stranger,) = reading.strangers
    assert stranger.place.row == 9
    assert "X/9" in stranger.shown


def test_a_status_below_the_last_row_is_a_stranger_and_a_total_is_not():
    below = [None, None, None, None, "Accepted", None, None]
    total = [None, None, None, 600.0, None, None, None]
    reading = joined(row_of(A1), row_of(A2), row_of(C9), below, total)
    assert [stranger.place.row for stranger in reading.strangers] == [9]


def test_deleted_rows_are_missing_and_duplicated_rows_come_twice():
    reading = joined(row_of(A1, "Accepted"), row_of(A1, "Rejected"))
    assert [record.document.number for record in reading.missing] == ["SA/2", "1234567890123456"]
    assert [decision.entered.status for decision in reading.decisions] == [Action.ACCEPTED, Action.REJECTED]


def test_blanked_identity_cells_are_restored_not_misplaced():
    reading = joined(row_of(A1, "Accepted", number=None), row_of(A2), row_of(C9))
    assert not reading.misplaced
    assert [cell.field for cell in reading.edited] == ["number"]


@pytest.mark.parametrize("text", ["100", "1,00.00", "₹ 100"])
def test_amounts_that_became_texts_are_put_back_without_a_word(text):
    (cell,) = joined(row_of(A1, taxable_value=text), records=[A1]).edited
    assert cell.is_respelled


@pytest.mark.parametrize(
    ("number", "day"),
    [("03-04", date(2026, 4, 3)), ("3/4", date(2026, 3, 4)), ("MAR-26", datetime(2026, 3, 26))],
)
def test_numbers_that_became_dates_are_the_same_documents(number, day):
    of = record(ALLOYS, number, "12-03-2026", 100)
    (cell,) = joined(row_of(of, number=day), records=[of]).edited
    assert cell.turned_numeric


def test_a_number_that_became_another_date_is_another_document():
    of = record(ALLOYS, "03-04", "12-03-2026", 100)
    assert joined(row_of(of, number=date(2026, 5, 6)), records=[of]).misplaced
