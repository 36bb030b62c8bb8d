"""Find the file that a label table means by what it calls it."""

from __future__ import annotations

from collections.abc import Sequence

#: Stands in the index for a name that several files have.
_SEVERAL = -1
#: So many last parts are the whole of every name.
_WHOLE = 0


class NameIndex:
    """Files by the ends of their names: "b/c.jpg" finds "set/b/c.jpg", and "c" does where only one file is called so.

    The whole name is tried first, then as many last parts as the table gives, then the same without the ending;
    upper and lower case are one.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._by: dict[tuple[int, bool], dict[str, int]] = {}

    def find(self, written: str) -> int | None:
        """Return the place of the file that `written` means, None when it is none or could be several."""
        asked = written.strip().replace("\\", "/").casefold()
        while asked.startswith(("./", "/")):
            asked = asked.removeprefix(".").removeprefix("/")
        if not asked:
            return None
        parts = asked.count("/") + 1
        for place in (
            self._index(_WHOLE, True).get(asked),
            self._index(parts, True).get(asked),
            self._index(parts, False).get(asked),
        ):
            if place is not None:
                return place if place != _SEVERAL else None
        # A table may say more of the way than the source does ("/home/ann/data/cat/1.jpg").
        while parts > 1:
            asked = asked.partition("/")[2]
            parts -= 1
            place = self._index(parts, True).get(asked)
            if place is not None:
                return place if place != _SEVERAL else None
        return None

    def _index(self, parts: int, has_suffix: bool) -> dict[str, int]:
        """File places by their last `parts` parts, with or without the ending; made when first asked for."""
        if (parts, has_suffix) not in self._by:
            made: dict[str, int] = {}
            for place, name in enumerate(self._names):
                tail = "/".join(name.casefold().split("/")[-parts:])
                folder, slash, last = tail.rpartition("/")
                key = tail if has_suffix else f"{folder}{slash}{last.rpartition('.')[0] or last}"
                made[key] = _SEVERAL if key in made else place
            self._by[parts, has_suffix] = made
        return self._by[parts, has_suffix]
