"""Virtual time."""

from dialerd.simulator.kernel import Kernel


def test_callbacks_happen_by_time_and_in_their_order_within_a_millisecond() -> None:
    kernel, seen = Kernel(1_000), list[str]()
    for name, delay_ms in (("c", 5), ("a", 2), ("d", 5), ("b", 2)):
        kernel.after(delay_ms, lambda name=name: seen.append(f"{name}@{kernel.now}"))  # type: ignore[misc]
    kernel.run_until(1_005)
    assert seen == ["a@1002", "b@1002", "c@1005", "d@1005"]


def test_what_a_callback_plans_for_the_same_moment_still_happens_in_it() -> None:
    kernel, seen = Kernel(), list[int]()
    kernel.after(3, lambda: kernel.after(0, lambda: seen.append(kernel.now)) and None)
    kernel.run_until(3)
    assert seen == [3]


def test_a_cancelled_callback_does_not_happen_and_does_not_count_as_next() -> None:
    kernel, seen = Kernel(), list[str]()
    first = kernel.after(1, lambda: seen.append("first"))
    kernel.after(2, lambda: seen.append("second"))
    first.cancel()
    assert kernel.next_at == 2
    while kernel.run_next():
        pass
    assert seen == ["second"]
    assert kernel.next_at is None


def test_a_time_that_has_passed_means_now_and_time_never_goes_back() -> None:
    kernel, seen = Kernel(100), list[int]()
    kernel.at(50, lambda: seen.append(kernel.now))
    kernel.run_until(90)
    assert seen == []
    kernel.run_until(100)
    assert seen == [100]
    assert kernel.now == 100
