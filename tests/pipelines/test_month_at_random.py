"""Property: in whatever order a month happens, the portal ends with people's last decisions, nothing lost.

People decide in the workbook and online, suppliers report, edit, withdraw, file and amend, uploads go up, are
refused or get lost, newer downloads come in early or late, the return is filed.

Many more months, by hand:  IMS_XL_MONTHS=2000 pytest -n 0 --timeout 0 tests/pipelines/test_month_at_random.py
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from life_helpers import LETTERS, credit_note, invoice
from month_helpers import INDIA, TITLES, Month, called
from portal_wire import Answer, Held, answer_of, is_filed

from ims_excel import PortalOptions
from ims_excel.workbook.grid import ASKED, CONFLICT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal_wire import Wire

IN_PARTS = PortalOptions(max_records=3)
OPEN = {"srcfilstatus": "Not Filed"}
LABELS = {letter: label for label, letter in LETTERS.items()}
SECTIONS = {title: section for section, title in TITLES.items()}
ANSWERS = [Answer(), Answer("A"), Answer("R"), Answer("R", "not ours"), Answer("P"), Answer("P", "not come")]
SOME = st.integers(0, 11)
MONTHS = int(os.environ.get("IMS_XL_MONTHS", "6"))


class RandomMonth(RuleBasedStateMachine):
    """What people know of their month, beside the workbook and the portal.

    Attributes:
        said: what each row says.
        known: what the workbook can know of the portal's answer to the document of each row.
        there: the documents of the download that came in last.
        decided: people's last decision on each document of the portal; None where only the row can tell,
            because the supplier took the document back and reported it once more.
        uploaded: when the last upload of each document arrived; edited: when its supplier edited it last,
            as long as the workbook cannot know.
        unsure: documents of uploads that nobody had confirmed when a newer download came in.
        waiting: uploads that have not gone up; untold: those that have, and nobody has told the workbook.
        taken_back: what suppliers withdrew, but for what would come back with another date.
        downloads: newer downloads that have not come in, with the portal's answers of that time.
    """

    @initialize()
    def build(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        records = [
            invoice("SA/1"),
            invoice("SA/2", action="A"),
            invoice("SA/3", **OPEN),
            invoice("SA/4", **OPEN),
        ]
        begins = datetime(2026, 4, 2, 10, tzinfo=INDIA)
        self.month = Month(self.folder, begins, b2b=records, b2bcn=[credit_note("CN/1")])
        self.portal = self.month.portal
        self.said = self.answers()
        self.known = dict(self.said)
        self.there = set(self.said)
        self.decided: dict[str, Answer | None] = dict(self.said)
        self.unsure: set[str] = set()
        self.waiting: list[Path] = []
        self.untold: list[Path] = []
        self.downloads: list[tuple[Path, dict[str, Answer]]] = []
        self.taken_back: dict[str, Held] = {}
        self.uploaded: dict[str, datetime] = {}
        self.edited: dict[str, datetime] = {}
        self.numbers = 4

    # What people do

    @rule(
        decisions=st.dictionaries(SOME, st.sampled_from(ANSWERS), min_size=1, max_size=3), excel=st.booleans()
    )
    def decide(self, decisions: dict[int, Answer], excel: bool) -> None:
        rows = sorted(self.said)
        self.type({rows[number % len(rows)]: answer for number, answer in decisions.items()}, excel=excel)

    @rule()
    def look(self) -> None:
        """Look at all that is asked for; what was decided last is entered, and the mark is taken away."""
        asked = [name for name, word in self.month.words().items() if word in (ASKED, CONFLICT)]
        self.type({name: self.decided.get(name) or self.said[name] for name in asked})
        if asked:
            self.month.look(*asked)

    @precondition(lambda self: self.portal.documents)
    @rule(which=SOME, answer=st.sampled_from(ANSWERS))
    def act_online(self, which: int, answer: Answer) -> None:
        name, held = self.pick(which, self.portal.documents.values())
        answer = fitting(name, answer)
        if answer != held.answer:
            self.portal.act_online(self.month.known()[name], *answer[:2], reduce=answer.reduce)
            self.decided[name] = answer

    # What goes up

    @precondition(lambda self: not self.waiting)
    @rule(again=st.booleans())
    def harvest(self, again: bool) -> None:
        self.tick()
        result = self.month.harvest(options=IN_PARTS, resend_refused=again, skip_invalid=True)
        assert {finding.rule for finding in result.errors} <= {"R66", "N1"}
        self.waiting = list(result.uploads)
        for name, record in self.records(*self.waiting):
            assert answer_of(record) == self.said[name], name
            assert self.said[name] != self.known[name] or name in self.unsure, name
            assert name in self.there, name

    @precondition(lambda self: self.waiting)
    @rule(refused=st.sets(SOME, max_size=2), told=st.booleans())
    def upload(self, refused: set[int], told: bool) -> None:
        """Send the next part, of which the portal may not like some records."""
        self.tick()
        path = self.waiting.pop(0)
        identities = sorted(self.portal.documents)
        for number in refused & set(range(len(identities))):
            self.portal.refuse_next(identities[number], "not now")
        answer = self.month.upload(path)
        self.portal._scripted.clear()
        assert answer.status_cd in ("P", "PE"), answer.message
        for name, held in self.held():
            if self.month.known()[name] in answer.accepted:
                self.arrived(name, held)
        if answer.error_file:
            self.month.take_back(answer)
        elif told:
            self.month.confirm(path)
        else:
            self.untold.append(path)

    @rule()
    def send(self) -> None:
        """Let all that is decided go up, as on a good day."""
        if not self.waiting:
            self.harvest(again=True)
        while self.waiting:
            self.upload(set(), told=True)

    @precondition(lambda self: self.waiting)
    @rule()
    def lose(self) -> None:
        """Find out that the next part never went up."""
        self.month.confirm(self.waiting.pop(0), failed=True)

    @precondition(lambda self: self.untold)
    @rule()
    def tell(self) -> None:
        """Tell the workbook at last how an upload went."""
        self.tick()
        path = self.untold.pop(0)
        self.month.confirm(path)

    # What comes in

    @precondition(lambda self: not self.waiting)
    @rule()
    def download(self) -> None:
        self.tick()
        self.downloads.append((self.month.download(), self.answers()))
        self.tick()

    @precondition(lambda self: self.downloads or not self.waiting)
    @rule()
    def refresh(self) -> None:
        """Bring the newest download in; nobody's open decision is touched."""
        if not self.downloads:
            self.download()
        (path, answers), self.downloads = self.downloads[-1], []
        made = datetime.fromtimestamp(path.stat().st_mtime, INDIA)
        before = self.said
        self.month.refresh(path)
        self.said, self.there = self.sheet(), set(answers)
        self.unsure |= {name for name, _ in self.records(*self.untold)}
        assert self.said.keys() == before.keys() | answers.keys()
        words = self.month.words()
        edited = {name for name, at in self.edited.items() if at < made and name in answers}
        for name, answer in self.said.items():
            known = self.known.get(name)
            now = answers.get(name, known)
            if now != known and (name not in self.uploaded or self.uploaded[name] < made):
                self.known[name] = now
            if name not in before:
                assert answer == now
            elif answer != before[name]:
                assert (before[name], answer) == (known, now), f"{name}: a decision was overwritten"
            elif answer != now and (self.known[name] != known or name in edited) and name not in self.unsure:
                assert words.get(name) in (ASKED, CONFLICT), f"{name}: nobody is asked"
        self.edited = {name: at for name, at in self.edited.items() if name not in edited}

    # What suppliers do, and the return

    @rule()
    def report(self) -> None:
        self.numbers += 1
        self.portal.add("b2b", invoice(f"SA/{self.numbers}", **OPEN))
        self.decided[f"B2B SA/{self.numbers}"] = Answer()

    @precondition(lambda self: self.open())
    @rule(which=SOME, redated=st.booleans())
    def edit(self, which: int, redated: bool) -> None:
        """Take off what the portal had, if there is a choice from an upload; the row alone is left."""
        taken = [held for held in self.open() if made_by(held) == "upload"]
        name, _ = self.pick(which, taken or self.open())
        self.numbers += 1
        change = {"val": 118000 + self.numbers}
        if redated:
            change["idt"] = f"{1 + self.numbers % 28:02}-03-2026"
        self.portal.supplier_edits(self.month.known()[name], **change)
        self.decided[name] = self.said.get(name, Answer())
        self.edited[name] = self.month.now

    @precondition(lambda self: self.open())
    @rule(which=SOME)
    def file(self, which: int) -> None:
        name, _ = self.pick(which, self.open())
        self.portal.supplier_files(self.month.known()[name])

    @precondition(lambda self: self.open())
    @rule(which=SOME)
    def withdraw(self, which: int) -> None:
        name, held = self.pick(which, self.open())
        self.portal.supplier_withdraws(self.month.known()[name])
        if self.edited.pop(name, None) is None:
            self.taken_back[name] = held
        del self.decided[name]

    @precondition(lambda self: self.taken_back)
    @rule(which=SOME)
    def report_again(self, which: int) -> None:
        name, held = self.pick(which, self.taken_back.values())
        self.portal.add(held.section, held.record)
        del self.taken_back[name]
        self.decided[name] = None if name in self.said else Answer()

    @precondition(lambda self: self.amendable())
    @rule(which=SOME)
    def amend(self, which: int) -> None:
        name, held = self.pick(which, self.amendable())
        identity = self.month.known()[name]
        taxes = {tax: held.record[tax] + 900 for tax in ("camt", "samt")}
        self.portal.supplier_amends(identity, period="042026", **taxes)
        new = name.replace("B2B ", "B2BA ")
        self.decided[new] = None if self.taken_back.pop(new, None) else Answer()

    @precondition(lambda self: not self.portal.closed)
    @rule()
    def file_the_return(self) -> None:
        self.portal.file_gstr3b("032026")
        there = dict(self.held())
        self.decided = {name: answer for name, answer in self.decided.items() if name in there}

    # The end

    def teardown(self) -> None:
        if not hasattr(self, "month"):
            return
        try:
            self.finish()
        finally:
            shutil.rmtree(self.folder)

    def finish(self) -> None:
        """Let everything go up, come in and be looked at, until nothing is left to do."""
        self.send()
        while self.untold:
            self.tell()
        for _ in range(2):
            self.downloads.clear()
            self.refresh()
            self.look()
            self.send()
        wanted = {name: answer or self.said[name] for name, answer in self.decided.items()}
        assert self.answers() == wanted
        assert self.sheet() == self.said
        assert self.month.harvest().upload is None

    # Helpers

    def tick(self) -> None:
        self.month.now += timedelta(minutes=1)

    def held(self) -> list[tuple[str, Held]]:
        return sorted((called(held.section, held.record), held) for held in self.portal.documents.values())

    def answers(self) -> dict[str, Answer]:
        return {name: held.answer for name, held in self.held()}

    def open(self) -> list[Held]:
        return [held for held in self.portal.documents.values() if not is_filed(held.record)]

    def amendable(self) -> list[Held]:
        there = [*self.portal.documents.values(), *self.portal.closed.values()]
        amended = {held.record["oinum"] for held in there if held.section == "b2ba"}
        return [
            h for h in there if h.section == "b2b" and is_filed(h.record) and h.record["inum"] not in amended
        ]

    def pick(self, which: int, held) -> tuple[str, Held]:
        by_name = sorted((called(found.section, found.record), found) for found in held)
        return by_name[which % len(by_name)]

    def sheet(self) -> dict[str, Answer]:
        """What the rows say, as the portal would take it."""
        return {
            name: fitting(name, Answer(LETTERS[cells["status"]], cells["remarks"]))
            for name, cells in self.month.says().items()
        }

    def type(self, rows: dict[str, Answer], *, excel: bool = False) -> None:
        fitted = {name: fitting(name, answer) for name, answer in rows.items()}
        cells = {
            name: {"status": LABELS[answer.action], "remarks": answer.remarks or None}
            | ({"itc_reduction": "Yes" if answer.reduce else None} if "CN" in name else {})
            for name, answer in fitted.items()
        }
        (self.month.fill if excel else self.month.put)(cells)
        for name, answer in fitted.items():
            self.has_said(name, answer)

    def has_said(self, name: str, answer: Answer) -> None:
        """Saying what the row said already is no decision, and going back to the portal's leaves it alone."""
        was, self.said[name] = self.said[name], answer
        if name in self.decided and answer != was:
            held = dict(self.held())[name]
            is_left = answer == self.known[name] and made_by(held) == "online"
            self.decided[name] = held.answer if is_left else answer

    def arrived(self, name: str, held: Held) -> None:
        """Note that an upload arrived: the workbook has the last word, until somebody acts again."""
        identity = self.month.known()[name]
        if identity in self.portal.sent_unchanged:
            # Nobody could know, for somebody had decided the same online.
            assert made_by(held, before=1) == "online", held.history
            self.portal.sent_unchanged.remove(identity)
        self.known[name] = held.answer
        self.uploaded[name] = self.month.now
        self.unsure.discard(name)
        self.decided[name] = self.said[name]

    def records(self, *paths: Path) -> Iterator[tuple[str, Wire]]:
        for path in paths:
            for section, records in json.loads(path.read_bytes())["invdata"].items():
                for record in records:
                    yield called(section, record), record


def made_by(held: Held, *, before: int = 0) -> str:
    """Say what gave a document its answer, so many events ago."""
    events = [event.split(":")[0] for event in held.history[: len(held.history) - before]]
    return next((event for event in reversed(events) if event in ("online", "upload", "edited")), "reported")


def fitting(name: str, answer: Answer) -> Answer:
    """Make an answer one that the document may be given: a credit note is not kept pending."""
    if SECTIONS[name.split(maxsplit=1)[0]] != "b2bcn":
        return answer
    action = "N" if answer.action == "P" else answer.action
    return Answer(action, answer.remarks if action == "R" else "", "Y" if action == "A" else None)


TestRandomMonth = RandomMonth.TestCase
TestRandomMonth.settings = settings(
    max_examples=MONTHS,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
