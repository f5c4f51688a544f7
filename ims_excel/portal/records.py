"""Records: the documents of a section as a sequence that decodes while it is walked."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, overload

from ims_excel.portal.decoding import identifier
from ims_excel.portal.record import Record, row_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from ims_excel.portal.decoding import RawRecord
    from ims_excel.portal.sections import Section


class Records(Sequence[Record]):
    """A section's records; each decodes when its document is asked for, so a million of them fit in memory.

    Attributes:
        section: the section.
        raws: the raw records, slices of the file's own bytes.
        source_keys: the section keys as the files spelled them, each with the position it starts at.
        occurrences: by position, the occurrence number of records that are not the first with their identity.
        irregular: positions of records not written in the canonical way; None where nobody looked.
        same_as: an earlier version, and by position where it has to the byte what stands here.
    """

    def __init__(
        self,
        section: Section,
        raws: Sequence[RawRecord],
        source_keys: list[tuple[int, str]],
        occurrences: dict[int, int],
        irregular: AbstractSet[int] | None = None,
        *,
        same_as: tuple[Records, Mapping[int, int]] | None = None,
    ) -> None:
        self.section = section
        self.raws = raws
        self.source_keys = source_keys
        self.occurrences = occurrences
        self.irregular = irregular
        self.same_as = same_as
        self._starts = [start for start, _ in source_keys]

    def __len__(self) -> int:
        return len(self.raws)

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> list[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | list[Record]:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self.raws)))]
        position = range(len(self.raws))[index]
        occurrence = self.occurrences.get(position, 1)
        raw, source_key = self.raws[position], self.source_key(position)
        return Record(self.section, None, raw, source_key, occurrence, self._is_regular(position))

    def __iter__(self) -> Iterator[Record]:
        section, occurrence, is_regular = self.section, self.occurrences.get, self._is_regular
        ends = [*self._starts[1:], len(self.raws)]
        for (start, source_key), end in zip(self.source_keys, ends, strict=True):
            for position in range(start, end):
                raw, number = self.raws[position], occurrence(position, 1)
                yield Record(section, None, raw, source_key, number, is_regular(position))

    @cached_property
    def row_keys(self) -> list[str]:
        """The row keys, read without decoding more of the records than that, once."""
        identify = identifier(self.section)
        keys = [identify(raw) for raw in self.raws]
        for position, occurrence in self.occurrences.items():
            keys[position] = row_key(keys[position], occurrence)
        return keys

    def checked(self) -> dict[bytes, int]:
        """Give by its bytes where a record stands that is known to be written in the canonical way.

        Its row key is what identifies it: repeats of an identity are left out.
        """
        if self.irregular is None:
            return {}
        positions = {bytes(raw): position for position, raw in enumerate(self.raws)}
        for position in (*self.irregular, *self.occurrences):
            positions.pop(bytes(self.raws[position]), None)
        return positions

    def _is_regular(self, position: int) -> bool:
        return self.irregular is not None and position not in self.irregular

    def source_key(self, position: int) -> str:
        """Tell the section key that the file of a record used."""
        return self.source_keys[bisect_right(self._starts, position) - 1][1]

    def only(self, places: Sequence[int]) -> Records:
        """Leave the records at some positions, none of which shares its identity with another."""
        keys: list[tuple[int, str]] = []
        for number, place in enumerate(places):
            key = self.source_key(place)
            if not keys or keys[-1][1] != key:
                keys.append((number, key))
        kept = [self.raws[place] for place in places]
        irregular = {number for number, place in enumerate(places) if not self._is_regular(place)}
        return Records(self.section, kept, keys or self.source_keys[:1], {}, irregular)


def keyed(records: Sequence[Record]) -> Iterator[tuple[str, Record]]:
    """Give a section's records with their row keys, without decoding more of them than that."""
    if isinstance(records, Records):
        for key, record in zip(records.row_keys, records, strict=True):
            record.know(key)
            yield key, record
    else:
        yield from ((record.key, record) for record in records)


def without_same(
    old: Sequence[Record], new: Sequence[Record]
) -> tuple[Sequence[Record], Sequence[Record], int]:
    """Leave out what two versions of a section have to the byte, so that it need not be decoded.

    Where documents share an identity, which of them is the first may differ, so all are kept.

    Returns:
        what is left of each, and how many records were left out.
    """
    if not isinstance(old, Records) or not isinstance(new, Records) or old.occurrences or new.occurrences:
        return old, new, 0
    pairs = _same_to_the_byte(old, new)
    if not pairs:
        return old, new, 0
    staying = {*pairs.values()}
    gone = [position for position in range(len(old)) if position not in staying]
    come = [position for position in range(len(new)) if position not in pairs]
    return old.only(gone), new.only(come), len(pairs)


def _same_to_the_byte(old: Records, new: Records) -> Mapping[int, int]:
    """Find by position in ``new`` what stands in ``old`` too, none of which comes twice."""
    if new.same_as and new.same_as[0] is old:
        return new.same_as[1]
    before = {bytes(raw): position for position, raw in enumerate(old.raws)}
    found = ((position, before.get(bytes(raw))) for position, raw in enumerate(new.raws))
    return {position: there for position, there in found if there is not None}
