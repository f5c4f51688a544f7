"""Conflicts of a merge, or with the portal, whose documents a later download moves or withdraws."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from life_helpers import actions_in, identity, invoice
from month_helpers import Month
from team_helpers import edited, keep, rows_of

from ims_excel import merge, validate

if TYPE_CHECKING:
    from pathlib import Path

ONE = identity("INV-1")
OPEN = {"srcfilstatus": "Not Filed"}
BEGINS = datetime(2026, 4, 3, 6, 0, tzinfo=timezone.utc)
MOVES = {"date": {"idt": "20-03-2026"}, "period": {"rtnprd": "042026"}}


class Team(Month):
    """A workbook that several people work on, while the supplier of INV-1 changes his mind."""

    def __init__(self, folder: Path, **facts: object) -> None:
        records = [invoice(f"INV-{n}", **OPEN) for n in (1, 2)]
        records[0] |= facts
        super().__init__(folder, BEGINS, b2b=records)

    def later(self):
        self.now += timedelta(hours=1)
        return self.refresh()

    def merge(self, asha: dict, ravi: dict, name: str = "merged.xlsx"):
        """Let two people type into copies, and merge these."""
        base = self.folder / f"base-of-{name}"
        shutil.copy(self.book, base)
        copies = [
            edited(base, self.folder / f"{who}-{name}", typed) for who, typed in (("a", asha), ("b", ravi))
        ]
        result = merge(base, copies, self.folder / name, now=self.now)
        self.book = result.written
        return result

    def move(self, how: str) -> None:
        self.portal.supplier_edits(ONE, **MOVES[how])

    def stops(self) -> set[str]:
        return {f.rule for f in self.harvest(skip_invalid=True).findings if f.severity.value == "error"}

    def listed(self) -> dict[str, object]:
        """What the sheet says of the first conflict, by heading."""
        headings, row = rows_of(self.book, "Conflicts")[:2]
        return dict(zip(headings, row, strict=True))


ASHA, RAVI = {"INV-1": {"Status": "Accepted"}}, {"INV-1": {"Status": "Rejected", "Remarks": "late"}}


@pytest.fixture
def team(tmp_path) -> Team:
    return Team(tmp_path)


@pytest.mark.parametrize("how", MOVES)
class TestAConflictWithThePortal:
    """Rejected here, accepted online: N1."""

    def conflict(self, team: Team) -> str:
        team.type("INV-1", "Rejected", "late")
        team.portal.act_online(ONE, "A")
        assert team.later().asked == 1
        assert team.stops() == {"N1"}
        return team.cell("INV-1", "changed")

    def test_goes_on_asking_when_the_document_moves(self, team, how):
        text = self.conflict(team)
        team.move(how)
        assert team.later().asked == 1
        assert team.cell("INV-1", "change") == "conflict"
        assert team.cell("INV-1", "changed").startswith(f"{text}\n")
        assert team.stops() == {"N1"}
        assert (team.cell("INV-1", "status"), team.cell("INV-1", "remarks")) == ("Rejected", "late")
        team.look("B2B INV-1")
        assert team.sent() == {"INV-1": "R"}

    def test_is_settled_by_what_the_portal_has_since(self, team, how):
        self.conflict(team)
        team.move(how)
        team.later()
        team.type("INV-1", "No Action", "")
        assert (team.stops(), team.sent()) == (set(), {})


@pytest.mark.parametrize("how", MOVES)
class TestAConflictOfAMerge:
    def test_moves_with_its_document_and_is_settled_by_the_same_choice(self, team, how):
        team.merge(ASHA, RAVI)
        team.move(how)
        team.later()
        assert team.stops() == {"M1"}
        assert team.listed()["Date"] == MOVES[how].get("idt", "12-03-2026")
        keep(team.book, {"INV-1": "B"})
        team.harvest()
        assert (team.cell("INV-1", "status"), team.cell("INV-1", "remarks")) == ("Rejected", "late")
        assert team.listed()["Settled"] == "B"

    def test_that_was_settled_but_not_harvested_is_not_lost(self, team, how):
        team.merge(ASHA, RAVI)
        keep(team.book, {"INV-1": "B"})
        team.move(how)
        team.later()
        assert team.listed()["Keep"] == "B"
        assert team.stops() == {"R66"}
        team.look("B2B INV-1")
        assert team.sent() == {"INV-1": "R"}

    def test_in_a_column_of_peoples_own_moves_too(self, team, how):
        team.merge({"INV-1": {"Note": "mine"}}, {"INV-1": {"Note": "his"}})
        team.move(how)
        team.later()
        assert "M1" in {finding.rule for finding in validate(team.book).findings}
        keep(team.book, {"INV-1": "B"})
        assert "M1" not in {finding.rule for finding in validate(team.book).findings}


class TestAConflictWhoseDocumentLeaves:
    def test_waits_and_is_open_again_when_it_is_back(self, team):
        team.merge(ASHA, RAVI)
        team.portal.supplier_withdraws(ONE)
        team.later()
        assert team.listed()["Settled"] == "left the IMS"
        assert team.stops() == set()
        team.portal.add("b2b", invoice("INV-1", **OPEN))
        team.later()
        assert team.listed()["Settled"] is None
        assert team.stops() == {"M1"}
        keep(team.book, {"INV-1": "A"})
        assert team.sent() == {"INV-1": "A"}

    def test_waits_through_another_merge_under_a_number_of_its_own(self, team):
        team.merge(ASHA, RAVI)
        team.portal.supplier_withdraws(ONE)
        team.later()
        team.merge({"INV-2": {"Status": "Accepted"}}, {"INV-2": {"Status": "Rejected"}}, "again.xlsx")
        team.portal.add("b2b", invoice("INV-1", **OPEN))
        team.later()
        keep(team.book, {"INV-2": "A"})
        result = team.harvest(skip_invalid=True)
        (finding,) = result.errors
        assert (finding.rule, finding.document) == ("M1", "INV-1 of Sahyadri Alloys")
        assert finding.fix.startswith("Enter what counts in the row")
        team.type("INV-1", "Rejected")
        assert team.stops() == set()


class TestAConflictWhoseDocumentIsActedOnOnline:
    def test_stays_open_beside_what_the_row_took(self, team):
        team.merge(ASHA, {"INV-1": {"Status": "Rejected"}})
        team.portal.act_online(ONE, "P")
        team.later()
        assert team.cell("INV-1", "status") == "Pending"
        assert team.listed()["Before"] == "Pending"
        result = team.harvest(skip_invalid=True)
        assert [finding.rule for finding in result.errors] == ["M1"]
        assert "it was Pending" in result.errors[0].what
        keep(team.book, {"INV-1": "Before"})
        assert (team.stops(), team.sent()) == (set(), {})

    def test_is_settled_where_the_row_had_settled_it(self, team):
        team.merge(ASHA, {"INV-1": {"Status": "Rejected"}})
        team.type("INV-1", "Rejected")
        team.portal.act_online(ONE, "R")
        team.later()
        assert (team.stops(), team.sent()) == (set(), {})


class TestChoicesThatNoHarvestHasSeen:
    """What somebody chose in Keep is judged by a refresh like a decision in the row."""

    @pytest.fixture
    def team(self, tmp_path) -> Team:
        team = Team(tmp_path)
        team.merge(ASHA, RAVI)
        keep(team.book, {"INV-1": "B"})
        return team

    def test_decided_online_in_another_way_it_is_a_conflict(self, team):
        team.portal.act_online(ONE, "P")
        assert team.later().counts["conflict"] == 1
        assert team.cell("INV-1", "status") == "Rejected"
        assert team.stops() == {"N1"}
        team.look("B2B INV-1")
        assert team.sent() == {"INV-1": "R"}

    def test_of_a_document_that_changed_it_is_asked_for_again(self, team):
        team.portal.supplier_edits(ONE, val=120000)
        assert team.later().asked == 1
        assert team.stops() == {"R66"}

    def test_it_stands_in_the_row_when_the_document_leaves(self, team):
        team.portal.supplier_withdraws(ONE)
        team.later()
        assert team.cell("INV-1", "status") == "Rejected"
        assert not team.stops()

    def test_what_is_left_open_stays_so(self, tmp_path):
        team = Team(tmp_path)
        typed = {"INV-2": {"Status": "Pending"}}
        team.merge({**ASHA, **typed}, {**RAVI, "INV-2": {"Status": "Accepted"}})
        keep(team.book, {"INV-1": "B"})
        team.portal.supplier_edits(identity("INV-2"), idt="20-03-2026")
        team.later()
        result = team.harvest(skip_invalid=True)
        assert {finding.rule for finding in result.errors} == {"M1"}
        assert actions_in(*result.uploads) == {"INV-1": "R"}
