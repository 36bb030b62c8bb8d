"""What jobs share out among themselves. For now that is lanes with so many places; devices will be leased here too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, Protocol

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


def may_start(claim: Claim, running: Iterable[Claim]) -> bool:
    """Tell whether a queued job may start beside those that run: its lane has a place, and its subject is free."""
    running = tuple(running)
    taken = sum(other.lane == claim.lane for other in running)
    is_free = all(other.subject != claim.subject for other in running)
    return is_free and taken < LANES.get(claim.lane, 1)  # type: ignore[call-overload]
