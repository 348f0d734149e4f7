"""What is known of a compilation under way, tested without compiling anything."""

from typing import Any

import pytest

from realpolitik_model.engine import cache, compiling


class Uncompiled:
    """A kernel as numba makes one, which notes what is said of it while it is called for the first time."""

    def __init__(self, function: Any, **options: Any) -> None:
        self.py_func = function
        self.targetoptions = options
        self.overloads: dict[str, Any] = {}
        self.said: list[compiling.Compilation | None] = []

    def __call__(self) -> None:
        """Compile the inner function, then this one."""
        self.said.append(compiling.compilation())
        inner.overloads["done"] = None
        self.said.append(compiling.compilation())
        self.overloads["done"] = None
        self.said.append(compiling.compilation())  # now it runs


inner = Uncompiled(lambda: None)
copied = Uncompiled(lambda: inner(), inline="always")


def outer() -> None:
    """Call a function that is compiled with this one, and one that is copied into it and calls that one too."""
    inner()
    copied()


def test_the_first_call_says_how_many_functions_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """During its first call a kernel is counted with all that is compiled for it; before and after there is nothing."""
    made = Uncompiled(outer)
    monkeypatch.setattr(compiling, "kernel", lambda _: made)
    monkeypatch.setattr(cache, "seal", lambda _: None)
    call: Any = compiling.entry(outer)
    assert compiling.compilation() is None
    call()
    call()
    first, second, *later = [one and (one.done, one.functions) for one in made.said]
    assert (first, second) == ((0, 2), (1, 2))
    assert later == [None] * 4
    assert compiling.compilation() is None


def test_a_first_call_that_fails_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that raises is not waited for any more."""
    made = Uncompiled(outer)
    monkeypatch.setattr(compiling, "kernel", lambda _: made)
    monkeypatch.setattr(Uncompiled, "__call__", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        compiling.entry(outer)()
    assert compiling.compilation() is None


def test_a_kernel_of_the_model_has_its_functions() -> None:
    """The functions of the kernel that plays worlds are found by their names in its code."""
    from realpolitik_model.engine import schedule

    assert len(compiling._functions_of(schedule.play_month)) > 40
