"""Who starts now: by lane, by subject, in the order of asking."""

from __future__ import annotations

from dataclasses import dataclass

from app.jobs.leases import LANES, who_may_start


@dataclass(frozen=True)
class Wish:
    lane: str
    subject: str


def test_each_lane_has_its_places() -> None:
    wishes = [Wish(lane, f"{lane}:{i}") for i in range(4) for lane in LANES]
    started = who_may_start(wishes, [])
    assert {lane: sum(wish.lane == lane for wish in started) for lane in LANES} == dict(LANES)
    assert who_may_start([Wish("training", "b")], [Wish("training", "a")]) == ()
    assert who_may_start([Wish("quick", "b")], [Wish("training", "a")]) == (Wish("quick", "b"),)


def test_one_thing_is_worked_on_by_one_job_in_the_order_of_asking() -> None:
    assert who_may_start([Wish("quick", "a")], [Wish("training", "a")]) == ()
    full = [Wish("data", "x")]
    first, second, other = Wish("data", "a"), Wish("quick", "a"), Wish("quick", "b")
    assert who_may_start([first, second, other], full) == (other,)
    assert who_may_start([second, first], full) == (second,)


def test_an_unknown_lane_has_one_place() -> None:
    assert len(who_may_start([Wish("new", "a"), Wish("new", "b")], [])) == 1
