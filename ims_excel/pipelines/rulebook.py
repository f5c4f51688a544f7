"""rules: what is checked, for people to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ims_excel.exceptions import OptionError
from ims_excel.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class RuleEntry:
    """A rule as it is listed: id, severity, title, what it says, source and confidence."""

    id: str
    severity: str
    title: str
    text: str
    source: str
    confidence: str


def rulebook(ids: Sequence[str] = ()) -> list[RuleEntry]:
    """List the rules, all of them or those asked for.

    Raises:
        OptionError: an id that no rule has.
    """
    entries = [
        RuleEntry(rule.id, rule.severity.value, rule.title, rule.text, rule.source, rule.confidence)
        for rule in RULES
    ]
    wanted = {rule_id.upper() for rule_id in ids}
    unknown = wanted - {entry.id.upper() for entry in entries}
    if unknown:
        raise OptionError(f"no rule is called {', '.join(sorted(unknown))}; ims-xl rules lists them all.")
    return [entry for entry in entries if not wanted or entry.id.upper() in wanted]
