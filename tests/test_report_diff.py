from __future__ import annotations

from decimal import Decimal

from ims_excel.gst.codes import Action
from ims_excel.pipelines.diff import ACTED, ADDED, CHANGED, UNCHANGED, WITHDRAWN, DiffResult, DiffRow
from ims_excel.portal.differences import FACTS, FIELD_WORDS, FieldChange
from ims_excel.portal.record import DECLARED_HEADS
from ims_excel.report_diff import SHOWN_OF_A_KIND, diff_report


def row(what, number="SA/417", *, status=Action.NO_ACTION, changes=(), amends="", value="118000"):
    return DiffRow(
        what, "B2B", "27ZZZCS1101B1ZH", "Sahyadri Alloys", number, "12-03-2026",
        value and Decimal(value), status, changes, amends,
    )  # fmt: skip


def result(*rows, read_only=None):
    counts = dict.fromkeys((ADDED, CHANGED, ACTED, WITHDRAWN), 0) | {UNCHANGED: 1234}
    for found in rows:
        counts[found.what] += 1
    return DiffResult("27ZZZCK4501A1ZH", ("old.json",), ("a.json", "b.json"), counts, rows, read_only or {})


def test_the_report_counts_and_lists_what_differs():
    changes = (
        FieldChange("place_of_supply", "", "29-Karnataka"),
        FieldChange("remarks", "Not ours", ""),
    )
    text = diff_report(
        result(row(ADDED, "N/1", amends="SA/388 of 21-02-2026", value=None), row(CHANGED, changes=changes))
    )
    assert text.splitlines() == [
        "old.json → a.json, b.json  27ZZZCK4501A1ZH",
        "  1 new · 1 changed · 0 acted on · 0 gone · 1,234 unchanged",
        "",
        "1 new",
        "  B2B      N/1 of 12-03-2026, Sahyadri Alloys",
        "           amends SA/388 of 21-02-2026",
        "",
        "1 changed by the supplier",
        "  B2B      SA/417 of 12-03-2026, Sahyadri Alloys  ₹1,18,000.00",
        "           Place of supply: blank → 29-Karnataka",
        "           Remarks: Not ours → blank",
    ]


def test_long_lists_are_cut_and_say_so():
    text = diff_report(result(*(row(ADDED, f"N/{number}") for number in range(SHOWN_OF_A_KIND + 3))))
    assert f"N/{SHOWN_OF_A_KIND - 1} " in text
    assert f"N/{SHOWN_OF_A_KIND} " not in text
    assert "… and 3 more; --json lists them all." in text


def test_accepted_documents_that_are_gone_are_explained():
    assert "when GSTR-3B is filed" in diff_report(result(row(WITHDRAWN, status=Action.ACCEPTED)))
    assert "when GSTR-3B is filed" not in diff_report(result(row(WITHDRAWN, status=Action.PENDING)))


def test_read_only_sections_are_mentioned():
    text = diff_report(result(read_only={"impg": (2, 1), "novel": (1, 0)}))
    assert "Import of goods: 2 new or changed, 1 gone or changed." in text
    assert "novel: 1 new or changed" in text


def test_every_field_that_can_change_has_a_name():
    assert set(FIELD_WORDS) == {*FACTS, *DECLARED_HEADS, "status", "remarks", "itc_reduction"}
