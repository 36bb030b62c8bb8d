"""What jobs share out among themselves. For now that is lanes with so many places; devices will be leased here too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Protocol, TypeVar

Lane = Literal["training", "data", "quick"]

#: Jobs that run side by side in each lane: a long training holds up neither an import nor a quick answer.
LANES: Mapping[Lane, int] = {"training": 1, "data": 1, "quick": 2}


class Claim(Protocol):
    """What a job asks for."""

    @property
    def lane(self) -> str:
        """The lane it belongs to."""
        ...

    @property
    def subject(self) -> str:
        """What it works on: two jobs never work on the same thing at once."""
        ...


C = TypeVar("C", bound=Claim)


def who_may_start(waiting: Iterable[C], running: Sequence[Claim]) -> tuple[C, ...]:
    """Return which of the waiting jobs start now: their lane has a place, and nobody works on the same thing.

    waiting: in the order of their asking. One that must wait keeps later ones away from its subject, so that what
    was asked first is done first; it keeps nobody else waiting.
    """
    taken = Counter(other.lane for other in running)
    busy = {other.subject for other in running}
    started = []
    for claim in waiting:
        if claim.subject not in busy and taken[claim.lane] < LANES.get(claim.lane, 1):  # type: ignore[call-overload]
            taken[claim.lane] += 1
            started.append(claim)
        busy.add(claim.subject)
    return tuple(started)
