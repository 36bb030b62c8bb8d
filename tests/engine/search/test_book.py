from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.search.book import Book
from engine.search.ledger import Ledger
from engine.specs.search import SearchSpec, TrialRecord, TrialState
from engine.specs.training import Candidate


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.jsonl") as opened:
        yield opened


def _loss(score: float | None) -> float:
    return float("inf") if score is None else -score


def _record(number: int, state: TrialState, score: float | None = None, order: int = 0) -> TrialRecord:
    candidate = Candidate(id=f"a-t{number}", family="a")
    return TrialRecord(number=number, candidate=candidate, state=state, score=score, order=order or number)


def test_the_latest_fact_about_each_trial_counts(ledger: Ledger) -> None:
    book = Book(ledger, _loss)
    assert (book.next_number(), book.best, book.spent) == (0, None, ())
    for record in (
        _record(0, "running"),
        _record(1, "running"),
        _record(0, "complete", 0.5),
        _record(2, "refused"),
        _record(1, "running"),
        _record(3, "complete", 0.7),
        _record(4, "failed"),
    ):
        book.note(record)
    again = Book(ledger, _loss)
    for one in (book, again):
        assert [record.state for record in one.records] == [
            "complete",
            "running",
            "refused",
            "complete",
            "failed",
        ]
        assert [record.number for record in one.spent] == [0, 3, 4]
        assert one.best is not None
        assert one.best.number == 3
        assert one.next_number() == 5
        assert one.has(2)
        assert not one.has(9)
        assert one.starts() == {0: 1, 1: 2, 2: 0, 3: 0, 4: 0}
    assert again.next_order() == 8


def test_gains_are_counted_in_the_order_of_starts(ledger: Ledger) -> None:
    book = Book(ledger, _loss)
    for number, score in enumerate((0.5, 0.4, 0.6, 0.6)):
        book.note(_record(number, "complete", score))
    assert book.without_gain == 1
    book.note(_record(4, "pruned"))
    assert book.without_gain == 2
    book.learn(Candidate(id="b", family="b"), 0.9, ())
    assert book.without_gain == 5


def test_a_trial_is_compared_with_running_and_learnt_ones_of_its_family(ledger: Ledger) -> None:
    book, spec = Book(ledger, _loss), SearchSpec(pruner="asha", first_step=1)
    book.note(_record(0, "running"))
    weak = _record(9, "running")
    assert not book.is_hopeless(weak, [(1, 0.1)], spec, {0: [(1, 0.9)]})
    book.learn(Candidate(id="b", family="b"), 0.9, [(1, 0.9)])
    assert not book.is_hopeless(weak, [(1, 0.1)], spec, {0: [(1, 0.9)]})
    book.learn(Candidate(id="a", family="a"), 0.9, [(1, 0.9)])
    assert book.is_hopeless(weak, [(1, 0.1)], spec, {0: [(1, 0.9)]})
    assert not book.is_hopeless(weak, [(1, 0.95)], spec, {0: [(1, 0.9)]})
