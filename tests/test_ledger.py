"""The ledger: what the portal has of each record, whatever was exported, taken, refused or lost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ims_excel.audit import Change, Event, FileMark
from ims_excel.decisions import Entered
from ims_excel.gst.codes import Action
from ims_excel.ledger import Item, Ledger, Part, Standing, dump_ledger, load_ledger
from ims_excel.portal.overlay import ItcReduction, Overlay
from ims_excel.workbook.embed import from_cells, to_cells

A, R, P = Action.ACCEPTED, Action.REJECTED, Action.PENDING
AT = "2026-04-03T12:00:00+05:30"


def part(name: str, **actions: Action) -> Part:
    return Part(name, name * 3, [Item(key, Entered(a), Overlay(a)) for key, a in actions.items()])


def sent(*parts: Part) -> Ledger:
    """A ledger of harvests of one upload each."""
    ledger = Ledger()
    for one in parts:
        ledger = ledger.with_parts([one], AT)
    return ledger


def held(ledger: Ledger, key: str) -> Action | None:
    """What the portal has beside the download."""
    state = ledger.state(key)
    return state.overlay.action if state and state.overlay else None


def test_a_record_that_was_never_exported_has_no_state():
    assert Ledger().state("x") is None


def test_the_last_sending_counts():
    assert held(sent(part("u1", x=A), part("u2", x=R)), "x") is R


def test_a_refusal_brings_back_what_was_sent_before():
    ledger = sent(part("u1", x=A), part("u2", x=R)).settled([1], refused=["x"])
    assert held(ledger, "x") is A
    assert ledger.state("x").refused == Overlay(R)


def test_a_first_refusal_brings_back_the_download():
    state = sent(part("u1", x=A)).settled([0], refused=["x"]).state("x")
    assert state == (None, None, Overlay(A))


def test_a_late_refusal_of_an_earlier_upload_leaves_the_later_one():
    state = sent(part("u1", x=A), part("u2", x=R)).settled([0], refused=["x"]).state("x")
    assert (state.overlay, state.refused) == (Overlay(R), None)


def test_a_correction_that_was_taken_closes_the_refusal():
    ledger = sent(part("u1", x=A)).settled([0], refused=["x"]).with_parts([part("u2", x=R)], AT)
    state = ledger.settled([1]).state("x")
    assert (state.overlay, state.refused) == (Overlay(R), None)


def test_a_void_upload_counts_as_never_sent():
    ledger = sent(part("u1", x=A), part("u2", x=R)).settled([1], otherwise=Standing.VOID)
    assert ledger.state("x") == (Entered(A), Overlay(A), None)
    assert [upload.standing for upload in ledger.uploads] == [Standing.SENT, Standing.VOID]


def test_what_a_taken_sending_replaced_is_dropped():
    ledger = sent(part("u1", x=A), part("u2", x=R), part("u3", x=P)).settled([1])
    assert [sending.upload for sending in ledger.sendings["x"]] == [1, 2]


def test_unsure_records_stay_as_they_are():
    ledger = sent(part("u1", x=A, y=A)).settled([0], unsure=["y"])
    assert [ledger.sendings[key][0].standing for key in "xy"] == [Standing.TAKEN, Standing.SENT]


def test_a_ledger_from_before_uploads_noted_when_they_were_told_is_read():
    written = dump_ledger(sent(part("u1", x=A)).settled([0]))
    older = written.replace(b',"taken",0,"",false]', b',"taken",0]')
    assert older != written
    assert load_ledger(older).uploads[0].told == ""


def test_parts_of_one_harvest_belong_together():
    ledger = sent(part("u1", x=A)).with_parts([part("p1", y=A), part("p2", z=A)], AT)
    assert [upload.name for upload in ledger.of_harvest(1)] == ["p1", "p2"]
    assert ledger.keys_of([1, 2]) == {"y", "z"}


def test_forgetting_a_refusal_forgets_only_that():
    ledger = sent(part("u1", x=A), part("u2", x=R)).settled([1], refused=["x"])
    assert ledger.without_refusals(["x"]).state("x") == (Entered(A), Overlay(A), None)


def test_events_give_way_when_they_become_too_many():
    changes = tuple(Change(str(n), "", {}, {}) for n in range(4_000))
    old, new = (Event(at, "harvest", "", "", "", changes=changes) for at in ("1", "2"))
    kept = Ledger().with_event(old, new).events
    assert [(event.at, len(event.changes), event.omitted) for event in kept] == [
        ("1", 998, 3_002),
        ("2", 4_000, 0),
    ]


amounts = st.one_of(st.none(), st.decimals(0, 10**6, places=2))
declared = st.tuples(amounts, amounts, amounts, amounts)
actions = st.sampled_from(Action)
texts = st.text(max_size=20)
entered = st.builds(
    Entered,
    st.one_of(st.none(), actions),
    texts,
    st.one_of(st.none(), st.booleans()),
    declared,
    st.lists(st.tuples(st.sampled_from(["status", "remarks"]), texts), max_size=2).map(tuple),
)
paise = st.decimals(0, 10**6, places=2)
overlays = st.builds(
    Overlay,
    actions,
    texts,
    st.one_of(
        st.none(),
        st.builds(ItcReduction, st.booleans(), st.one_of(st.none(), st.tuples(paise, paise, paise, paise))),
    ),
)
items = st.builds(Item, st.sampled_from(["x", "y", "z"]), entered, overlays)
parts = st.builds(Part, texts, texts, st.lists(items, max_size=3))


@given(st.lists(parts, max_size=4), st.data())
def test_whatever_was_noted_is_read_back_from_the_cells(uploads, data):
    ledger = Ledger().with_parts(uploads, AT)
    if uploads:
        some = data.draw(st.sets(st.integers(0, len(uploads) - 1)))
        ledger = ledger.settled(some, refused=data.draw(st.sets(st.sampled_from("xyz"))))
    event = Event(AT, "harvest", "me", "1", "b.xlsx", (FileMark("upload", "u", "ab"),), {"exported": 1})
    ledger = ledger.with_event(event)
    assert load_ledger(from_cells(to_cells(dump_ledger(ledger)))) == ledger


def test_amounts_keep_their_paise():
    heads = (Decimal("1.10"), None, Decimal(0), Decimal("99999999999999.99"))
    item = Item("x", Entered(A, "", True, heads), Overlay(A))
    again = load_ledger(dump_ledger(Ledger().with_parts([Part("u", "s", [item])], AT)))
    assert str(again.state("x").entered.declared) == str(heads)


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{}", b'{"format":"other","version":1}', b'{"format":"ims-xl ledger","version":2}', b"\xff",
     b'{"format":"ims-xl ledger","version":1,"uploads":3}'],
)  # fmt: skip
def test_bytes_that_are_no_ledger_are_refused(data):
    with pytest.raises(ValueError, match=r"ledger|version"):
        load_ledger(data)
