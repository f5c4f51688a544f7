"""Scenarios: what a person or a program does to the workbook, what comes of it, and how that is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scenarios.month import DECIDED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from libreoffice.office import Document, Office

    Steps = Callable[[Document], None]
    Check = Callable[[Path, Path], None]


@dataclass(frozen=True)
class Scenario:
    """One thing that happens to a workbook.

    Attributes:
        name: the steps' name, which is the test's.
        group: the heading it stands under in docs/round-trip.md.
        does: what the person or program does, for a reader.
        happens: what ims-xl makes of it, for a reader.
        play: does it: (LibreOffice, the decided workbook, the file to make).
        found: by rule and severity ("R24 error"), the cells that harvest names; "" for the whole file. All
            errors count, and of warnings and notes those on rows that no longer stand as they were built.
        upload: what goes up, by document number; None when nothing does.
        refused: what the refusal says; "" when the workbook is read.
        says: what the report says, besides.
        options: of the harvest.
        suffix: of the file made.
        restored: portal cells that are put back, such as "B2B!F6".
        shown: rows a filter had hidden and that are shown again, such as "B2B!7".
        unfiltered: sheets (or table parts) whose filter is cleared.
        matched: how many of the two portal errors of the month find their rows.
        is_written: findings are written into the workbook; False where the program's format is not written.
        check: further assertions on the workbook before and after the harvest.
    """

    name: str
    group: str
    does: str
    happens: str
    play: Callable[[Office, Path, Path], None]
    found: Mapping[str, list[str]]
    upload: Mapping[str, str] | None
    refused: str
    says: str
    options: tuple[str, ...]
    suffix: str
    restored: frozenset[str]
    shown: frozenset[str]
    unfiltered: frozenset[str]
    matched: int
    is_written: bool
    check: Check | None

    @property
    def code(self) -> int:
        """The exit code of harvest."""
        if self.refused:
            return 2
        if any(kind.endswith(" error") for kind in self.found):
            return 1
        return 0 if self.upload else 3


SCENARIOS: list[Scenario] = []


@dataclass(frozen=True)
class Group:
    """The scenarios under one heading; its methods add to them."""

    title: str
    options: dict[str, Any] = field(default_factory=dict)

    def in_office(
        self,
        does: str,
        happens: str,
        then: Callable[[Path], None] = lambda path: None,
        *,
        password: str = "",
        **outcome: Any,
    ) -> Callable[[Steps], Steps]:
        """Add what a person does in LibreOffice; the steps are given the open document.

        It is saved, with a password if there is one, and ``then`` is done to the saved file.
        """

        def add(steps: Steps) -> Steps:
            def play(office: Office, book: Path, out: Path) -> None:
                with office.edit(book) as document:
                    steps(document)
                    document.save_as(out, password)
                then(out)

            self._add(steps.__name__, does, happens, play, outcome)
            return steps

        return add

    def by_program(self, does: str, happens: str, **outcome: Any) -> Callable[[Any], Any]:
        """Add what another program makes of the file; the steps are given both paths."""

        def add(steps: Callable[[Path, Path], None]) -> Callable[[Path, Path], None]:
            def play(office: Office, book: Path, out: Path) -> None:
                steps(book, out)

            self._add(steps.__name__, does, happens, play, outcome)
            return steps

        return add

    def _add(self, name: str, does: str, happens: str, play: Any, outcome: dict[str, Any]) -> None:
        assert all(known.name != name for known in SCENARIOS), name
        SCENARIOS.append(build(name, self.title, does, happens, play, **outcome))


def build(
    name: str,
    group: str,
    does: str,
    happens: str,
    play: Any,
    *,
    found: Mapping[str, list[str]] | None = None,
    upload: Mapping[str, str | None] | None = None,
    refused: str = "",
    says: str = "",
    options: tuple[str, ...] = (),
    suffix: str = ".xlsx",
    restored: Iterable[str] = (),
    shown: Iterable[str] = (),
    unfiltered: Iterable[str] = (),
    matched: int = 2,
    is_written: bool = True,
    check: Check | None = None,
) -> Scenario:
    """Make a scenario; ``upload`` says how it differs from what was decided (None: not in it)."""
    merged = {number: action for number, action in {**DECIDED, **(upload or {})}.items() if action}
    has_errors = any(kind.endswith(" error") for kind in found or {})
    nothing = refused or (has_errors and "--skip-invalid" not in options)
    return Scenario(
        name=name,
        group=group,
        does=does,
        happens=happens,
        play=play,
        found=found or {},
        upload=None if nothing else merged,
        refused=refused,
        says=says,
        options=options,
        suffix=suffix,
        restored=frozenset(restored),
        shown=frozenset(shown),
        unfiltered=frozenset(unfiltered),
        matched=matched,
        is_written=is_written,
        check=check,
    )
