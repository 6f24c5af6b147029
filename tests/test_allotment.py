"""A time limit stops loops over samples, never before the fewest that a figure needs, and deals out what is left."""

import pytest

from genmo_studio.training.allotment import Allotment, shares


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def taken(allotment: Allotment, clock: Clock, *, each: float, **how: float) -> list[str]:
    found = []
    for number, sample in allotment.over("abcdefgh", **how):
        assert "abcdefgh"[number] == sample
        found.append(sample)
        clock.now += each
    return found


def test_without_a_limit_every_sample_is_taken() -> None:
    clock = Clock()
    allotment = Allotment(None, now=clock)
    assert taken(allotment, clock, each=1e6) == list("abcdefgh")
    assert not allotment.cut_short


def test_a_limit_stops_when_the_time_is_over_and_says_so() -> None:
    clock = Clock()
    allotment = Allotment(10, now=clock)
    assert taken(allotment, clock, each=3) == list("abcd")  # the fourth begins after 9 s
    assert allotment.cut_short


def test_the_fewest_samples_come_in_any_case() -> None:
    clock = Clock()
    assert taken(Allotment(1, now=clock), clock, each=50, at_least=3) == list("abc")


def test_a_loop_may_have_a_part_of_the_time() -> None:
    clock = Clock()
    allotment = Allotment(10, now=clock)
    assert taken(allotment, clock, each=2, until=0.5) == list("abc")
    assert taken(allotment, clock, each=2) == list("abc")  # what is left of ten seconds


def test_who_fits_in_is_not_cut_short() -> None:
    clock = Clock()
    allotment = Allotment(100, now=clock)
    assert taken(allotment, clock, each=3) == list("abcdefgh")
    assert not allotment.cut_short


def test_parts_share_what_is_left_by_weight() -> None:
    weights = [1, 2, 1]
    assert shares(None, weights, spent=0, done=0) is None
    assert shares(2, weights, spent=0, done=0) == pytest.approx(30)
    assert shares(2, weights, spent=10, done=1) == pytest.approx(110 * 2 / 3)  # 20 s of the first are the others'
    assert shares(2, weights, spent=130, done=2) == 0
