"""Property: in whatever order people decide, upload, lose and correct, the portal ends with the decisions.

And it never receives what it has already.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from life_helpers import LETTERS, Life, identity, invoice

from ims_excel.options import PortalOptions

NUMBERS = ["SA/1", "SA/2", "SA/3", "SA/4"]
IN_PARTS = PortalOptions(max_records=2)


class Exports(RuleBasedStateMachine):
    """Four documents, one of them accepted in the download."""

    @initialize()
    def build(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        records = [invoice(number) for number in NUMBERS[:3]] + [invoice(NUMBERS[3], action="A")]
        self.life = Life(self.folder, b2b=records)
        self.decided = dict.fromkeys(NUMBERS, "No Action") | {NUMBERS[3]: "Accepted"}
        self.waiting: list[Path] = []

    @rule(number=st.sampled_from(NUMBERS), status=st.sampled_from(list(LETTERS)))
    def decide(self, number: str, status: str) -> None:
        self.life.type(number, status)
        self.decided[number] = status

    @precondition(lambda self: not self.waiting)
    @rule(again=st.booleans())
    def harvest(self, again: bool) -> None:
        result = self.life.harvest(options=IN_PARTS, resend_refused=again)
        assert not result.errors
        self.waiting = list(result.uploads)

    @precondition(lambda self: self.waiting)
    @rule(refused=st.sets(st.sampled_from(NUMBERS)), told=st.booleans())
    def upload(self, refused: set[str], told: bool) -> None:
        """Send the next part; whether somebody confirms a success makes no difference."""
        path = self.waiting.pop(0)
        for number in refused:
            self.life.portal.refuse_next(identity(number), "not now")
        answer = self.life.upload(path)
        self.life.portal._scripted.clear()
        if answer.error_file:
            self.life.take_back(answer)
        elif told:
            self.life.confirm(path)

    @precondition(lambda self: self.waiting)
    @rule()
    def lose(self) -> None:
        """Find out that the next part never went up."""
        self.life.confirm(self.waiting.pop(0), failed=True)

    @invariant()
    def nothing_was_sent_unchanged(self) -> None:
        assert not hasattr(self, "life") or self.life.portal.sent_unchanged == []

    def teardown(self) -> None:
        if not hasattr(self, "life"):
            return
        try:
            self._finish()
        finally:
            shutil.rmtree(self.folder)

    def _finish(self) -> None:
        while self.waiting:
            self.upload(set(), told=True)
        self.harvest(again=True)
        while self.waiting:
            self.upload(set(), told=False)
        assert self.life.portal.sent_unchanged == []
        state = {key: answer.action for key, answer in self.life.portal.state().items()}
        assert state == {identity(number): LETTERS[status] for number, status in self.decided.items()}
        assert self.life.harvest().upload is None


TestExports = Exports.TestCase
TestExports.settings = settings(
    max_examples=15,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
