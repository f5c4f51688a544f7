"""What is sent, and when a row counts as changed."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from builders import A, N, P, R, credit_note, decision, declared, entered, inter_state, record
from hypothesis import assume, given
from hypothesis import strategies as st

from ims_excel.decisions import Decision, Entered
from ims_excel.findings import Place
from ims_excel.gst.codes import Action
from ims_excel.options import PortalOptions
from ims_excel.portal.overlay import ItcReduction, Overlay
from ims_excel.portal.record import Document, Record
from ims_excel.portal.sections import B2B, B2BA, B2BCN, B2BDNA, ECOMA, SECTIONS, section_for
from ims_excel.resources import resource_dir
from ims_excel.rules.outcome import is_changed, overlay_for

DEFAULTS = PortalOptions()
FULL, NO = ItcReduction(True), ItcReduction(False)
BLOCKED_NOTE = record(B2BCN, itc_blocked=True)


def partial(*amounts):
    return ItcReduction(True, declared(*amounts))


@pytest.mark.parametrize(
    ("row", "sent"),
    [
        (decision(A), Overlay(A)),
        (decision(R, "no goods"), Overlay(R, "no goods")),
        (decision(P, " two\r\nlines\there "), Overlay(P, "two lines here")),
        (decision(N, "later"), Overlay(N)),
        (decision(N, before=entered(A)), Overlay(N)),
        (decision(A, "dropped"), Overlay(A)),
        (decision(R, "x" * 300), Overlay(R, "x" * 250)),
        (decision(R, "no", of=record(remarks_blocked=True)), Overlay(R)),
        (credit_note(itc=True), Overlay(A, "", FULL)),
        (credit_note(), Overlay(A, "", FULL)),
        (credit_note(itc=True, remarks="dropped"), Overlay(A, "", FULL)),
        (credit_note(itc=False, remarks="not availed"), Overlay(A, "not availed", NO)),
        (credit_note(itc=True, remarks="half", amounts=(None, "5", "5", None)),
         Overlay(A, "half", partial("0", "5", "5", "0"))),
        (credit_note(itc=True, amounts=("0", "0", "0", "0")), Overlay(A, "", NO)),
        (credit_note(itc=True, amounts=("0", "9000", "9000.00", None)), Overlay(A, "", FULL)),
        (credit_note(of=record(B2BCN, sgst="8999"), itc=True, amounts=("0", "9000", "8999", "0")),
         Overlay(A, "", FULL)),
        (credit_note(R, "no", itc=True), Overlay(R, "no")),
        (credit_note(P), Overlay(P)),
        (credit_note(of=BLOCKED_NOTE, itc=True), Overlay(A)),
        (credit_note(of=record(ECOMA)), Overlay(A, "", FULL)),
        (credit_note(of=record(ECOMA, raw=b'{"stin": "27"}')), Overlay(A)),
        (credit_note(of=record(ECOMA, raw=b'{"stin": "27"}'), itc=False), Overlay(A, "", NO)),
        (credit_note(of=record(B2BA), itc=True), Overlay(A, "", FULL)),
        (credit_note(of=inter_state(B2BDNA), itc=True), Overlay(A, "", FULL)),
        (decision(A, itc=True), Overlay(A)),
    ],
)  # fmt: skip
def test_what_is_sent(row, sent):
    assert overlay_for(row, DEFAULTS) == sent


@pytest.mark.parametrize(
    ("row", "choice", "remarks"),
    [
        (decision(A, "why"), "always", "why"),
        (decision(A, "why"), "never", ""),
        (credit_note(itc=False, remarks="why"), "never", ""),
        (credit_note(itc=True, remarks="why"), "always", "why"),
        (decision(A, "why", of=record(remarks_blocked=True)), "always", ""),
    ],
)
def test_accept_remarks_is_an_option(row, choice, remarks):
    assert overlay_for(row, PortalOptions(accept_remarks=choice)).remarks == remarks


SAVED_FULL = entered(A, itc=True)

CHANGED = [
    decision(A),
    decision(R),
    decision(N, before=entered(A)),
    decision(R, "new", before=entered(R)),
    decision(R, "", before=entered(R, "old")),
    decision(None, status_cell="#N/A"),
    credit_note(itc=True, before=entered(A)),
    credit_note(itc=False, before=SAVED_FULL),
    credit_note(itc=None, before=entered(A, itc=False)),
    credit_note(itc=True, amounts=(None, "5", "5", None), before=SAVED_FULL),
    credit_note(itc=True, amounts=(None, "5", "6", None), before=SAVED_FULL),
    credit_note(itc=False, remarks="new reason", before=entered(A, "old reason", itc=False)),
]

UNCHANGED = [
    decision(N),
    decision(A, before=entered(A)),
    decision(N, "only a remark"),
    decision(N, itc=True),
    decision(A, "dropped", before=entered(A)),
    decision(A, "dropped", before=entered(A, "saved before")),
    decision(R, "no", before=entered(R), of=record(remarks_blocked=True)),
    decision(R, "a\nb", before=entered(R, "a b")),
    credit_note(itc=True, remarks="dropped", before=SAVED_FULL),
    credit_note(itc=True, amounts=("0", "9000", "9000", "0"), before=SAVED_FULL),
    credit_note(itc=True, before=entered(A, itc=True, amounts=("0", "9000", "9000", "0"))),
    credit_note(itc=True, amounts=("0", "0", "0", "0"), before=entered(A, itc=False)),
    credit_note(itc=None, before=SAVED_FULL),
    credit_note(of=BLOCKED_NOTE, itc=True, before=entered(A)),
]


@pytest.mark.parametrize("row", CHANGED)
def test_a_difference_to_the_portal_is_a_change(row):
    assert is_changed(row, DEFAULTS)


@pytest.mark.parametrize("row", UNCHANGED)
def test_no_difference_to_the_portal_is_no_change(row):
    assert not is_changed(row, DEFAULTS)


def test_a_withdrawal_can_be_left_out():
    assert not is_changed(decision(N, before=entered(A)), PortalOptions(undo="leave-out"))
    assert is_changed(decision(P, before=entered(A)), PortalOptions(undo="leave-out"))


# The month of the samples: what its upload says, decided on what its download says.

_FIELDS = {
    "supplier_gstin": ("stin",), "number": ("inum", "nt_num"), "date": ("idt", "nt_dt"),
    "original_number": ("oinum", "ont_num"), "original_date": ("oidt", "ont_dt"),
}  # fmt: skip
_AMOUNTS = {"igst": "iamt", "cgst": "camt", "sgst": "samt", "cess": "cess"}


def sample(name):
    return json.loads((resource_dir("samples") / name).read_text(encoding="utf-8"))


def sample_record(key, raw):
    section = section_for(key)
    facts = {field: next((raw[k] for k in keys if k in raw), "") for field, keys in _FIELDS.items()}
    facts |= {field: Decimal(str(raw[k])) for field, k in _AMOUNTS.items()}
    flags = {
        "itc_blocked": raw.get("itcRedReqBlocked") == "Y",
        "pending_blocked": raw["ispendactblocked"] == "Y",
    }
    return Record(section, Document(**facts, **flags), json.dumps(raw).encode(), key)


def sample_month(*, answered):
    uploaded = {
        (key, raw["stin"], raw.get("inum") or raw["nt_num"]): raw
        for key, records in sample("upload.json")["invdata"].items()
        for raw in records
    }
    for key, records in sample("download.json")["imsDetails"].items():
        for raw in records:
            known = sample_record(key, raw)
            sent = uploaded.get((key, raw["stin"], known.document.number))
            yield (
                Decision(
                    known, Place(known.section.sheet, 6), _as_entered(sent, answered=answered), entered()
                ),
                sent,
            )


def _as_entered(sent, *, answered):
    if sent is None:
        return entered()
    amounts = tuple(
        str(sent[k]) if k in sent else None for k in ("declIgst", "declCgst", "declSgst", "declCess")
    )
    answer = {"Y": True, "N": False, None: None}[sent.get("itcRedReq")]
    if answer and amounts[0] is None and not answered:
        answer = None
    return entered(Action(sent["action"]), sent.get("remarks", ""), answer, amounts)


@pytest.mark.parametrize("answered", [True, False], ids=["Yes chosen", "Yes left to the default"])
def test_the_sample_month_sends_what_its_upload_says(answered):
    month = list(sample_month(answered=answered))
    assert len(month) == 18
    assert sum(is_changed(row, DEFAULTS) for row, _ in month) == 14
    for row, sent in month:
        assert is_changed(row, DEFAULTS) == (sent is not None)
        if sent is not None:
            assert as_keys(overlay_for(row, DEFAULTS)) == {k: sent[k] for k in _OVERLAID if k in sent}


_OVERLAID = ("action", "remarks", "itcRedReq", "declIgst", "declCgst", "declSgst", "declCess")


def as_keys(overlay):
    keys = {"action": overlay.action.value}
    if overlay.remarks:
        keys["remarks"] = overlay.remarks
    if overlay.itc is not None:
        keys["itcRedReq"] = "Y" if overlay.itc.reduce else "N"
        if overlay.itc.declared is not None:
            keys |= zip(_OVERLAID[3:], overlay.itc.declared, strict=True)
    return keys


statuses = st.sampled_from([A, R, P, N, None])
amounts = st.none() | st.sampled_from([Decimal(t) for t in ("0", "5", "9000", "9000.001", "-1", "10000")])
texts = st.text(max_size=300)
entries = st.builds(
    Entered,
    status=statuses,
    remarks=texts.map(str.strip),
    itc_reduction=st.none() | st.booleans(),
    declared=st.tuples(amounts, amounts, amounts, amounts),
    unreadable=st.just(())
    | st.sampled_from([(("status", ""),), (("itc_reduction", "x"),), (("remarks", "#N/A"),)]),
)
records = st.builds(
    record,
    st.sampled_from(SECTIONS),
    itc_blocked=st.booleans(),
    remarks_blocked=st.booleans(),
    pending_blocked=st.booleans(),
    igst=st.none() | st.just("9000"),
)
options = st.builds(
    PortalOptions,
    accept_remarks=st.sampled_from(["auto", "always", "never"]),
    undo=st.sampled_from(["save", "leave-out"]),
    remarks_limit=st.integers(1, 250),
)
decisions = st.builds(
    lambda record, entered, before: Decision(record, Place("B2B", 6), entered, before),
    records,
    entries,
    entries,
)


@given(decisions, options)
def test_whatever_is_entered_an_overlay_keeps_the_portal_s_limits(row, settings):
    sent, document = overlay_for(row, settings), row.record.document
    assert len(sent.remarks) <= settings.remarks_limit
    assert sent.remarks == "" or (sent.action is not N and not document.remarks_blocked)
    assert not set("\n\r\t\0") & set(sent.remarks)
    if sent.itc is not None:
        assert row.record.section.carries_itc_reduction
        assert sent.action is A
        assert not document.itc_blocked
        assert sent.itc.reduce or sent.itc.declared is None
        assert sent.itc.declared is None or any(sent.itc.declared)


@given(records, entries, options)
def test_a_row_nobody_touched_never_changes(known, entry, settings):
    assert not is_changed(Decision(known, Place("B2B", 6), entry, entry), settings)


@given(decisions)
def test_what_was_sent_is_no_change_once_the_portal_has_it(row):
    assume(
        not row.entered.unreadable
    )  # an answer that cannot be read is not sent; a blank one stands for Yes
    sent = overlay_for(row, DEFAULTS)
    itc = sent.itc
    saved = Entered(
        sent.action, sent.remarks, itc and itc.reduce, (itc and itc.declared) or (None, None, None, None)
    )
    again = Decision(row.record, row.place, Entered(*_inputs(row.entered)), saved)
    if row.entered.status is not None and not _is_stopped(again):
        assert not is_changed(again, DEFAULTS)


def _inputs(entry):
    return entry.status, entry.remarks, entry.itc_reduction, entry.declared


def _is_stopped(row):
    from builders import context, reading

    from ims_excel.rules import blocked_places, check

    return bool(blocked_places(check(reading(row), context())))


def test_b2b_never_carries_the_block():
    assert overlay_for(decision(A, itc=True, of=record(B2B)), DEFAULTS).itc is None
