"""What every store promises of lists."""

import pytest

from dialerd.domain.errors import DialerError
from dialerd.engine.ports import Loaded, Reports, Row, Store
from tests.adapters.store.making import T0, claim, number, numbers, rows, saved


async def test_new_rows_are_counted_as_new(store: Store) -> None:
    assert await store.load_targets("people", rows(3), T0) == Loaded(new=3, updated=0, unchanged=0)


async def test_the_same_chunk_twice_changes_nothing(store: Store) -> None:
    chunk = [*rows(5, city="Ulm"), Row(number(2), {"city": "Bonn"}), Row(number(2), {"zip": "1"})]
    assert await store.load_targets("people", chunk, T0) == Loaded(new=5, updated=0, unchanged=2)
    assert await store.load_targets("people", chunk, T0) == Loaded(new=0, updated=0, unchanged=7)


async def test_a_known_number_gets_the_new_variables_and_keeps_its_others(
    store: Store, reports: Reports
) -> None:
    await store.load_targets("people", [Row(number(1), {"city": "Ulm", "name": "Ada"})], T0)
    loaded = await store.load_targets("people", [Row(number(1), {"city": "Bonn", "zip": "1"})], T0)
    assert loaded == Loaded(new=0, updated=1, unchanged=0)
    (row,) = await reports.list_targets("people", 10, 0)
    assert row == {
        "id": 1,
        "number": number(1).e164,
        "variables": {"city": "Bonn", "name": "Ada", "zip": "1"},
    }


async def test_the_last_row_of_a_number_wins(store: Store, reports: Reports) -> None:
    await store.load_targets("people", [Row(number(1), {"x": "1"}), Row(number(1), {"x": "2"})], T0)
    assert [row["variables"] for row in await reports.list_targets("people", 10, 0)] == [{"x": "2"}]


async def test_a_number_may_be_in_several_lists(store: Store, reports: Reports) -> None:
    await store.load_targets("people", rows(2), T0)
    assert await store.load_targets("others", rows(2), T0) == Loaded(new=2, updated=0, unchanged=0)
    assert [(known["name"], known["targets"]) for known in await reports.lists()] == [
        ("others", 2),
        ("people", 2),
    ]


async def test_an_empty_chunk_makes_the_list(store: Store, reports: Reports) -> None:
    assert await store.load_targets("people", [], T0) == Loaded(0, 0, 0)
    assert await reports.lists() == [
        {"name": "people", "targets": 0, "created_at": "2023-11-14T22:13:20.000Z"}
    ]


async def test_a_chunk_too_large_is_refused(store: Store, reports: Reports) -> None:
    with pytest.raises(ValueError, match="2000"):
        await store.load_targets("people", rows(2_001), T0)
    assert await reports.lists() == []


async def test_any_text_comes_back_as_it_went_in(store: Store, reports: Reports) -> None:
    odd = {"name": 'Zoë "O\'Neil"; DROP TABLE x --', "نام": "\x00\x1f,=${}\n", "": "\U0001f600"}
    await store.load_targets("people", [Row(number(1), odd)], T0)
    assert [row["variables"] for row in await reports.list_targets("people", 10, 0)] == [odd]
    await store.write([saved()])
    assert [target.variables for target in (await claim(store)).targets] == [odd]


async def test_targets_are_shown_page_by_page_in_their_order(store: Store, reports: Reports) -> None:
    await store.load_targets("people", rows(5), T0)
    await store.load_targets("others", rows(5), T0)
    await store.load_targets("people", rows(5, start=5), T0)
    first = await reports.list_targets("people", 6, 0)
    second = await reports.list_targets("people", 6, first[-1]["id"])
    assert [row["number"] for row in first + second] == [number(n).e164 for n in range(10)]
    assert await reports.list_targets("people", 6, second[-1]["id"]) == []


async def test_a_list_that_is_not_there_is_refused(reports: Reports) -> None:
    with pytest.raises(DialerError, match="no list 'people'"):
        await reports.list_targets("people", 10, 0)


async def test_changed_variables_reach_a_campaign_that_runs(people: Store) -> None:
    before = await claim(people, 1)
    await people.load_targets("people", [Row(number(0), {"name": "Ada"})], T0)
    after = await claim(people, 1)
    assert (before.targets[0].variables, after.targets[0].variables) == ({"name": "someone"}, {"name": "Ada"})


async def test_rows_added_while_a_campaign_runs_are_called_last(people: Store) -> None:
    await claim(people, 30)
    await people.load_targets("people", rows(2, start=30), T0)
    claimed = await claim(people, 40)
    assert numbers(claimed) == [number(n).e164 for n in range(32)]
