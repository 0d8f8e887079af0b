"""What is kept of lists of names is bounded, whatever callers ask for."""

from featuremill_serving.kept import _MOST, KeptByNames


def test_a_value_is_found_by_its_entity_and_names() -> None:
    kept = KeptByNames[int]()
    kept.keep("airport", ("a", "b"), 1)
    assert kept.get("airport", ("a", "b")) == 1
    assert kept.get("airport", ("b", "a")) is None
    assert kept.get("aircraft", ("a", "b")) is None


def test_names_are_dropped_before_they_are_too_many() -> None:
    kept = KeptByNames[int]()
    lists = [(f"{number}" + "x" * 10_000,) for number in range(2 * _MOST // 10_000)]
    for number, names in enumerate(lists):
        kept.keep("airport", names, number)
        assert kept.get("airport", names) == number
    there = [names for names in lists if kept.get("airport", names) is not None]
    assert 0 < sum(len(name) for [name] in there) <= _MOST


def test_many_short_names_count_by_their_number() -> None:
    kept = KeptByNames[int]()
    for number in range(100):
        kept.keep("airport", tuple(f"{number}.{each}" for each in range(1000)), number)
    lists = [tuple(f"{number}.{each}" for each in range(1000)) for number in range(100)]
    assert sum(kept.get("airport", names) is not None for names in lists) < 70


def test_a_list_that_is_too_long_by_itself_drops_no_other() -> None:
    kept = KeptByNames[int]()
    kept.keep("airport", ("a",), 1)
    kept.keep("airport", ("x" * (_MOST + 1),), 2)
    assert kept.get("airport", ("x" * (_MOST + 1),)) is None
    assert kept.get("airport", ("a",)) == 1
