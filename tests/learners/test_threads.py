import pytest
from threadpoolctl import threadpool_info

from learners.threads import one_thread


def numbers() -> dict[str, int]:
    return {library["filepath"]: library["num_threads"] for library in threadpool_info()}


def fail_on_one_thread() -> None:
    with one_thread():
        raise ZeroDivisionError


def test_one_thread_holds_inside_and_ends_even_with_an_error():
    before = numbers()
    with one_thread():
        assert {count for path, count in numbers().items() if "openblas" in path} == {1}
    assert numbers() == before
    with pytest.raises(ZeroDivisionError):
        fail_on_one_thread()
    assert numbers() == before
