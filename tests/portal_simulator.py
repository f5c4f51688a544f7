"""An independent portal for tests: it holds documents, takes uploads, answers with errors, makes downloads.

It speaks the portal's JSON and knows nothing of ims_excel.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portal_wire import (
    AMOUNTS,
    ANSWER,
    MODIFIED,
    RETURN_FILED,
    SHAPES,
    TWICE,
    UNKNOWN,
    Answer,
    Held,
    Refusal,
    SchemaError,
    Wire,
    answer_of,
    check_answer,
    check_record,
    effective,
    identity_of,
    is_filed,
    may_reduce,
    money,
    months,
    must,
    strict_json,
    wire,
)

if TYPE_CHECKING:
    from decimal import Decimal

__all__ = ["Answer", "Portal", "Refusal", "UploadAnswer", "identity_of"]


@dataclass
class UploadAnswer:
    """What the portal makes of an upload: "P", "PE" with an error file, or "ER" for a file refused whole."""

    status_cd: str
    error_file: Wire | None = None
    accepted: list[str] = field(default_factory=list)
    message: str = ""


class Portal:
    """The IMS of one recipient.

    Attributes:
        documents: what is in the IMS, by identity.
        closed: what left with a filed GSTR-3B (R62); its answer is final, N is deemed accepted.
        gone: identities that suppliers withdrew or edited away.
        sent_unchanged: identities of uploaded records that said what the portal had already, in order.
    """

    def __init__(self, recipient: str, *, most_records: int | None = None) -> None:
        self.recipient = recipient
        self.most_records = most_records
        self.documents: dict[str, Held] = {}
        self.closed: dict[str, Held] = {}
        self.gone: set[str] = set()
        self.sent_unchanged: list[str] = []
        self._scripted: defaultdict[str, list[Refusal]] = defaultdict(list)

    # What suppliers do

    def add(self, section: str, record: Wire) -> str:
        """Let a supplier report a document, in wire form; an answer in it counts. Returns its identity."""
        lacking = SHAPES[section].required - {"action"} - record.keys()
        if lacking:
            raise ValueError(f"the record lacks {sorted(lacking)}")
        facts = {key: value for key, value in record.items() if key not in ANSWER}
        held = Held(section, facts, effective(facts, answer_of(record)))
        return self._put(held, "reported")

    def supplier_edits(self, identity: str, **changes: object) -> str:
        """Replace a record that is saved, not filed; the action is reset (R66). Returns its new identity."""
        held = self._unfiled(identity)
        edited = Held(held.section, {**held.record, **changes}, history=held.history)
        if identity_of(edited.section, edited.record) != identity:
            new = self._put(edited, f"edited: {sorted(changes)}")
            self.supplier_withdraws(identity)
            return new
        self.documents[identity] = edited
        self._note(identity, f"edited: {sorted(changes)}")
        return identity

    def supplier_files(self, identity: str) -> None:
        """Let the supplier file the form the record stands in."""
        self._note(identity, "filed by the supplier").record["srcfilstatus"] = "Filed"

    def supplier_withdraws(self, identity: str) -> None:
        """Take a record that is saved, not filed, out of the IMS."""
        self._unfiled(identity)
        del self.documents[identity]
        self.gone.add(identity)

    def supplier_amends(self, identity: str, *, period: str, **changes: object) -> str:
        """Report an amendment of a filed record, in IMS or closed, for a later period. Returns its identity.

        Whether ITC reduction may be declared follows FAQ25, unless ``changes`` says it.
        """
        original = self.documents.get(identity) or self.closed[identity]
        if not is_filed(original.record):
            raise ValueError("a record that is not filed is edited, not amended")
        section = SHAPES[original.section].amended
        shape, was = SHAPES[section], SHAPES[original.section]
        names = (original.record[was.number], original.record[was.date])
        record = {
            **original.record, "rtnprd": period, "srcfilstatus": "Not Filed", "ispendactblocked": "N",
            **dict(zip(shape.originals, names, strict=True)), **changes,
        }  # fmt: skip
        if "itcRedReqBlocked" not in changes:
            deemed = identity in self.closed and original.answer.action == "N"
            accepted = deemed or original.answer.action == "A"
            allowed = may_reduce(section, record, original, accepted=accepted)
            record["itcRedReqBlocked"] = "N" if allowed else "Y"
        return self._put(Held(section, record), f"amends {identity}")

    def set_flags(self, identity: str, **flags: str) -> None:
        """Block or free Pending, remarks or ITC reduction, as the portal does when a time limit passes."""
        self._note(identity, f"flags {flags}").record.update(flags)

    # What the recipient does

    def act_online(
        self,
        identity: str,
        action: str,
        remarks: str = "",
        *,
        reduce: str | None = None,
        declared: tuple[Decimal, ...] | None = None,
    ) -> None:
        """Act on the dashboard.

        Raises:
            Refusal: the portal does not take it.
        """
        held = self.documents[identity]
        answer = Answer(action, remarks, reduce, declared)
        check_answer(held.section, held.record, answer)
        held.answer = effective(held.record, answer)
        held.history.append(f"online: {held.answer}")

    def file_gstr3b(self, period: str | None = None) -> list[str]:
        """File the return of a period, MMYYYY, or of all (R62). Returns what left the IMS.

        Pending records, those of later periods and those the supplier has not filed stay.
        """
        leaving = [
            identity
            for identity, held in self.documents.items()
            if held.answer.action != "P"
            and is_filed(held.record)
            and (period is None or months(held.record["rtnprd"]) <= months(period))
        ]
        for identity in leaving:
            self._note(identity, "left with GSTR-3B")
            self.closed[identity] = self.documents.pop(identity)
        return leaving

    def refuse_next(self, identity: str, message: str, code: str = "") -> None:
        """Script a refusal of the next upload of a record; several are used up one by one."""
        self._scripted[identity].append(Refusal(message, code))

    # What the Offline tab does

    def download(self, *, with_recipient: bool = False) -> Wire:
        """Make the offline download (E1; E2 with the recipient): everything that is in the IMS now."""
        sections = {key: [wire(held) for held in self._of(key)] for key in SHAPES}
        download: Wire = {"imsDetails": {key: records for key, records in sections.items() if records}}
        return {"rtin": self.recipient, **download} if with_recipient else download

    def upload(self, upload: Wire | bytes) -> UploadAnswer:
        """Take an upload: good records replace what was there, the others come back in an error file.

        Bytes are also checked for how they are written (domain file 2.8, 2.9).
        """
        try:
            data = strict_json(upload) if isinstance(upload, bytes) else upload
            self._check_schema(data)
        except SchemaError as problem:
            return UploadAnswer("ER", message=str(problem))
        answer, errors, seen = UploadAnswer("P"), defaultdict(list), set[str]()
        for section, records in data["invdata"].items():
            for record in records:
                identity = identity_of(section, record)
                try:
                    self._take(identity, section, record, seen)
                    answer.accepted.append(identity)
                except Refusal as refusal:
                    code = {"error_cd": refusal.code} if refusal.code else {}
                    errors[section].append({**record, **code, "error_msg": refusal.message})
        if errors:
            answer.status_cd, answer.error_file = "PE", {"imsDetailsErr": copy.deepcopy(dict(errors))}
        return answer

    def state(self) -> dict[str, Answer]:
        """Tell the answer to every document in the IMS, by identity."""
        return {identity: held.answer for identity, held in self.documents.items()}

    def final_state(self) -> dict[str, Answer]:
        """Tell the answer to every document that was not withdrawn, those that left with a return too."""
        return {identity: held.answer for identity, held in self.closed.items()} | self.state()

    def _take(self, identity: str, section: str, record: Wire, seen: set[str]) -> None:
        if identity in seen:
            raise Refusal(TWICE)
        seen.add(identity)
        if self._scripted[identity]:
            raise self._scripted[identity].pop(0)
        held = self._echoed(identity, section, record)
        answer = answer_of(record)
        check_answer(section, held.record, answer)
        settled = effective(held.record, answer)
        if settled == held.answer:
            self.sent_unchanged.append(identity)
        held.answer = settled
        held.history.append(f"upload: {settled}")

    def _echoed(self, identity: str, section: str, record: Wire) -> Held:
        """Find the record that is meant; every fact must be echoed as the portal has it now."""
        if identity in self.closed:
            raise Refusal(RETURN_FILED)
        held = self.documents.get(identity)
        if held is None:
            raise Refusal(MODIFIED if identity in self.gone else UNKNOWN)
        texts = all(record[key] == held.record[key] for key in SHAPES[section].texts)
        if not texts or any(money(record[key]) != money(held.record[key]) for key in AMOUNTS):
            raise Refusal(MODIFIED)
        return held

    def _check_schema(self, upload: object) -> None:
        must(isinstance(upload, dict) and upload.keys() == {"rtin", "reqtyp", "invdata"}, "keys of the file")
        must(upload["rtin"] == self.recipient, f"rtin is {upload['rtin']}")
        must(upload["reqtyp"] == "SAVE", "reqtyp must be SAVE")
        sections = upload["invdata"]
        must(isinstance(sections, dict) and sections.keys() <= SHAPES.keys(), "sections of invdata")
        must(all(isinstance(records, list) for records in sections.values()), "sections must be arrays")
        count = sum(map(len, sections.values()))
        must(self.most_records is None or count <= self.most_records, f"{count} records are too many")
        for section, records in sections.items():
            for index, record in enumerate(records):
                check_record(f"{section}[{index}]", SHAPES[section], record)

    def _put(self, held: Held, event: str) -> str:
        identity = identity_of(held.section, held.record)
        if identity in self.documents or identity in self.closed:
            raise ValueError(f"{identity} is there already")
        held.history.append(event)
        self.documents[identity] = held
        self.gone.discard(identity)
        return identity

    def _of(self, section: str) -> list[Held]:
        return [held for held in self.documents.values() if held.section == section]

    def _note(self, identity: str, event: str) -> Held:
        held = self.documents[identity]
        held.history.append(event)
        return held

    def _unfiled(self, identity: str) -> Held:
        held = self.documents[identity]
        if is_filed(held.record):
            raise ValueError("a filed record is amended, not edited or withdrawn")
        return held
