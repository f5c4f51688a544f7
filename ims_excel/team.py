"""What a workbook carries for several people: which part of a split it is, and what a merge left open.

It travels on the hidden sheet beside the snapshot, so that no conflict is lost with the sheet that lists it.
"""

from __future__ import annotations

import msgspec

FORMAT = "ims-xl team"
VERSION = 1

Scalar = str | float | None
"""A value of a cell as it is kept: a text, a number, or nothing."""


class Part(msgspec.Struct, frozen=True):
    """The part of a split workbook.

    Attributes:
        number: 1 is the first.
        of: how many there are.
        label: what it holds ("suppliers A–F").
        digest: of what everybody had entered when it was split.
    """

    number: int
    of: int
    label: str
    digest: str

    @property
    def title(self) -> str:
        """What people read: "Part 1 of 3: suppliers A–F"."""
        return f"Part {self.number} of {self.of}: {self.label}"


class Dispute(msgspec.Struct, frozen=True):
    """A conflict of a merge that nobody has settled yet.

    Attributes:
        number: by which the sheet of conflicts names it.
        key: the record.
        field: "status", "remarks", "itc", or the heading of an own column behind "own:".
        names: how the sheet of conflicts names the values, that of the base first.
        values: what the cells of the field say, the base's first, then each copy's.
    """

    number: int
    key: str
    field: str
    names: tuple[str, ...]
    values: tuple[tuple[Scalar, ...], ...]

    @property
    def base(self) -> tuple[Scalar, ...]:
        """What the row says until somebody settles it."""
        return self.values[0]


class Team(msgspec.Struct, frozen=True):
    """What is noted in a workbook for several people."""

    format: str = FORMAT
    version: int = VERSION
    part: Part | None = None
    disputes: tuple[Dispute, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing is noted."""
        return self.part is None and not self.disputes


class _Head(msgspec.Struct):
    format: str
    version: int


def dump_team(team: Team) -> bytes:
    """Write it as one JSON document (UTF-8)."""
    return msgspec.json.encode(team)


def load_team(data: bytes) -> Team:
    """Read it back.

    Raises:
        ValueError: the bytes are something else, or of a newer version of ims-xl.
    """
    try:
        head = msgspec.json.decode(data, type=_Head)
        if head.format != FORMAT or head.version != VERSION:
            raise ValueError(
                f"version {head.version} of {head.format} is not one this version of ims-xl reads"
            )
        return msgspec.json.decode(data, type=Team)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise ValueError(f"what split and merge noted cannot be read: {problem}") from problem
