from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timezone
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ims_excel.portal.comparing import Comparison, FieldChange, compare
from ims_excel.portal.download import read_downloads
from ims_excel.portal.record import Document, Record
from ims_excel.portal.sections import B2B
from ims_excel.portal.snapshot import Snapshot

RECIPIENT = "27ZZZCK4501A1ZH"


@pytest.fixture
def compared(tmp_path):
    """Compare two downloads given by section."""
    names = count()

    def read(sections):
        path = tmp_path / f"{next(names)}.json"
        path.write_text(json.dumps({"rtin": RECIPIENT, "imsDetails": sections}), encoding="utf-8")
        return read_downloads([path])

    def compare_twice(old, new):
        """Read the newer one as refresh does too, which checks nothing again that it knows."""
        before, after = read(old), read(new)
        found = compare(before, after)
        assert compare(before, read_downloads([tmp_path / "1.json"], known=before)) == found
        return found

    return compare_twice


def invoice(number="SA/417", **facts):
    return {
        "stin": "27ZZZCS1101B1ZH", "tradenm": "Sahyadri Alloys", "inum": number, "inv_typ": "R",
        "idt": "12-03-2026", "val": 118000, "action": "N", "pos": "27", "txval": 100000, "iamt": 0,
        "camt": 9000, "samt": 9000, "cess": 0, "srcform": "R1", "rtnprd": "032026",
        "srcfilstatus": "Not Filed", "ispendactblocked": "N", "isRemarksBlocked": "N", **facts,
    }  # fmt: skip


def note(**facts):
    record = invoice(**facts) | {"itcRedReqBlocked": "N", **facts}
    record["nt_num"], record["nt_dt"] = record.pop("inum"), record.pop("idt")
    return record


def changes(changed):
    """The only change there is, as {field: (old, new)}."""
    (change,) = changed
    return {found.field: (found.old, found.new) for found in change.changes}


def test_the_same_download_has_no_differences(compared):
    found = compared({"b2b": [invoice("1"), invoice("2")]}, {"b2b": [invoice("2"), invoice("1")]})
    assert found == Comparison(unchanged=2)
    assert found.is_empty


def test_what_came_and_what_went(compared):
    found = compared({"b2b": [invoice("1"), invoice("2")]}, {"b2b": [invoice("2"), invoice("3")]})
    assert [record.document.number for record in found.added] == ["3"]
    assert [record.document.number for record in found.withdrawn] == ["1"]
    assert (found.unchanged, found.is_empty) == (1, False)


def test_a_supplier_s_edit_is_told_in_the_words_people_read(compared):
    edited = invoice(
        val=94400.5, txval=80000, camt=7200, samt=7200, pos="29", inv_typ="DE", srcfilstatus="F",
        tradenm="Sahyadri", ispendactblocked="Y",
    )  # fmt: skip
    found = compared({"b2b": [invoice()]}, {"b2b": [edited]})
    assert changes(found.changed) == {
        "value": ("₹1,18,000.00", "₹94,400.50"),
        "taxable_value": ("₹1,00,000.00", "₹80,000.00"),
        "cgst": ("₹9,000.00", "₹7,200.00"),
        "sgst": ("₹9,000.00", "₹7,200.00"),
        "place_of_supply": ("27-Maharashtra", "29-Karnataka"),
        "document_type": ("Regular", "Deemed exports"),
        "filing_status": ("Not filed", "Filed"),
        "supplier_name": ("Sahyadri Alloys", "Sahyadri"),
        "pending_blocked": ("No", "Yes"),
    }
    assert (found.acted, found.unchanged, found.rekeyed) == ((), 0, {})


@pytest.mark.parametrize(
    "other",
    [
        {"srcfilstatus": "NF"},
        {"val": 118000.00},
        {"cess": None},
        {"ispendactblocked": False},
        {"hash": "0f"},
        {"tradenm": " Sahyadri Alloys "},
        {"remarks": ""},
    ],
)
def test_another_spelling_is_no_change(compared, other):
    assert compared({"b2b": [invoice()]}, {"b2b": [invoice(**other)]}) == Comparison(unchanged=1)


def test_an_action_taken_meanwhile_is_no_edit(compared):
    found = compared({"b2b": [invoice()]}, {"b2b": [invoice(action="R", remarks="Not ours")]})
    assert changes(found.acted) == {"status": ("No Action", "Rejected"), "remarks": ("", "Not ours")}
    assert (found.changed, found.unchanged) == ((), 0)


def test_an_edit_that_reset_the_action_is_both(compared):
    """R66: the supplier replaced an accepted record before filing."""
    found = compared({"b2b": [invoice(action="A")]}, {"b2b": [invoice(txval=90000)]})
    assert changes(found.changed) == {"taxable_value": ("₹1,00,000.00", "₹90,000.00")}
    assert changes(found.acted) == {"status": ("Accepted", "No Action")}


def test_a_partial_reduction_shows_its_amounts(compared):
    partial = {"declIgst": 0, "declCgst": 4500, "declSgst": 4500, "declCess": 0}
    found = compared(
        {"b2bcn": [note(action="A", itcRedReq="Y")]}, {"b2bcn": [note(action="A", itcRedReq="Y", **partial)]}
    )
    assert changes(found.acted) == {
        "declared_igst": ("", "₹0.00"),
        "declared_cgst": ("", "₹4,500.00"),
        "declared_sgst": ("", "₹4,500.00"),
        "declared_cess": ("", "₹0.00"),
    }


@pytest.mark.parametrize("declared", [{"declCgst": 9000, "declSgst": 9000}, {"declIgst": None}])
def test_a_full_reduction_is_the_same_with_and_without_amounts(compared, declared):
    found = compared(
        {"b2bcn": [note(action="A", itcRedReq="Y")]}, {"b2bcn": [note(action="A", itcRedReq="Y", **declared)]}
    )
    assert found == Comparison(unchanged=1)


@pytest.mark.parametrize(
    ("moved", "field"), [({"idt": "15-03-2026"}, "date"), ({"rtnprd": "042026"}, "return_period")]
)
def test_a_document_that_was_redated_or_moved_is_still_the_same(compared, moved, field):
    found = compared({"b2b": [invoice()]}, {"b2b": [invoice(**moved)]})
    assert [change.field for change in found.changed[0].changes] == [field]
    assert (found.added, found.withdrawn) == ((), ())
    ((old_key, new_key),) = found.rekeyed.items()
    assert (old_key, new_key) == (found.changed[0].old.key, found.changed[0].new.key)
    assert old_key != new_key


def test_a_number_used_again_in_another_financial_year_is_another_document(compared):
    found = compared({"b2b": [invoice(idt="31-03-2026")]}, {"b2b": [invoice(idt="01-04-2026")]})
    assert (len(found.added), len(found.withdrawn), found.changed) == (1, 1, ())


def test_two_candidates_are_not_guessed_between(compared):
    found = compared({"b2b": [invoice()]}, {"b2b": [invoice(idt="15-03-2026"), invoice(idt="16-03-2026")]})
    assert (len(found.added), len(found.withdrawn), found.changed) == (2, 1, ())


def test_an_unreal_date_pairs_with_nothing(compared):
    found = compared({"b2b": [invoice(idt="31-02-2026")]}, {"b2b": [invoice(idt="28-02-2026")]})
    assert (len(found.added), len(found.withdrawn)) == (1, 1)


def test_the_same_number_of_another_section_or_supplier_is_another_document(compared):
    found = compared({"b2b": [invoice()]}, {"ecom": [invoice()], "b2b": [invoice(stin="24ZZZFD2202C1ZQ")]})
    assert (len(found.added), len(found.withdrawn)) == (2, 1)


def test_repeats_meet_by_what_they_say_before_their_order(compared):
    """The first of two documents with one identity goes: the second is not taken for it."""
    found = compared({"b2b": [invoice(val=1), invoice(val=2)]}, {"b2b": [invoice(val=2)]})
    assert [record.document.value for record in found.withdrawn] == [1]
    assert (found.changed, found.unchanged) == ((), 1)
    ((old_key, new_key),) = found.rekeyed.items()
    assert old_key == f"{new_key}#2"


def test_a_repeat_that_comes_first_is_the_new_one(compared):
    found = compared({"b2b": [invoice(val=1)]}, {"b2b": [invoice(val=2), invoice(val=1)]})
    assert [record.document.value for record in found.added] == [2]
    assert (found.changed, found.unchanged) == ((), 1)


def test_edited_repeats_meet_in_their_order(compared):
    found = compared(
        {"b2b": [invoice(val=1), invoice(val=2), invoice(val=3)]},
        {"b2b": [invoice(val=10), invoice(val=2), invoice(val=30)]},
    )
    assert [(str(c.old.document.value), str(c.new.document.value)) for c in found.changed] == [
        ("1", "10"),
        ("3", "30"),
    ]
    assert found.unchanged == 1


def test_an_amount_that_is_none_shows_as_it_came(compared):
    found = compared({"b2b": [invoice()]}, {"b2b": [invoice(val="nil", txval=100000.004, cess=1e30)]})
    assert found.changed[0].changes[:2] == (
        FieldChange("value", "₹1,18,000.00", "nil"),
        FieldChange("taxable_value", "₹1,00,000.00", "₹100000.004"),
    )


def test_read_only_sections_are_counted(compared):
    bill = {"boenum": "1", "txval": 1}
    found = compared(
        {"impg": [bill, bill | {"boenum": "2"}], "isd": [bill]},
        {"impg": [bill, bill | {"boenum": "3"}, bill | {"boenum": "4"}], "isd": [bill]},
    )
    assert found.others == {"impg": (2, 1)}
    assert not found.is_empty


DOCUMENTS = st.lists(
    st.tuples(
        st.sampled_from("12"), st.sampled_from(["31-03-2026", "01-04-2026", "02-04-2026"]), st.integers(1, 2)
    ),
    max_size=7,
)


def snapshot(documents):
    """A download of documents given as number, date and value; repeats are numbered."""
    seen = Counter()
    records = []
    for number, day, value in documents:
        seen[number, day] += 1
        document = Document(supplier_gstin="S", number=number, date=day, value=Decimal(value))
        records.append(Record(B2B, document, f"{number} {day} {value}".encode(), "b2b", seen[number, day]))
    return Snapshot(RECIPIENT, (), datetime(2026, 4, 2, tzinfo=timezone.utc), {B2B: records})


@given(DOCUMENTS, DOCUMENTS)
def test_every_record_of_either_download_is_told_once(old, new):
    found = compare(snapshot(old), snapshot(new))
    pairs = len(found.changed) + found.unchanged
    assert len(old) == pairs + len(found.withdrawn)
    assert len(new) == pairs + len(found.added)
    old_keys = [record.key for record in found.withdrawn] + [change.old.key for change in found.changed]
    new_keys = [record.key for record in found.added] + [change.new.key for change in found.changed]
    assert len(set(old_keys)) == len(old_keys)
    assert len(set(new_keys)) == len(new_keys)
    assert len(set(found.rekeyed.values())) == len(found.rekeyed)


@given(DOCUMENTS, DOCUMENTS)
def test_backwards_it_tells_the_same(old, new):
    there, back = compare(snapshot(old), snapshot(new)), compare(snapshot(new), snapshot(old))
    assert len(there.added) == len(back.withdrawn)
    assert len(there.changed) == len(back.changed)
    assert there.unchanged == back.unchanged
