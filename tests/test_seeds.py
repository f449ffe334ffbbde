"""Seeds are independent of each other and of the process."""

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from iml_general.seeds import Seed

seeds = st.builds(
    Seed,
    root=st.integers(0, 2**40),
    purpose=st.sampled_from(["search", "confirm"]),
    world=st.text(max_size=5),
    index=st.integers(0, 1000),
)


@given(one=seeds, other=seeds, component=st.text(max_size=5))
def test_different_seeds_give_different_numbers(one: Seed, other: Seed, component: str) -> None:
    same = one.generator(component).random(4).tolist() == other.generator(component).random(4).tolist()
    assert same == (one == other)


@given(one=seeds)
def test_search_and_confirmation_seeds_are_disjoint(one: Seed) -> None:
    twin = Seed(one.root, "search" if one.purpose == "confirm" else "confirm", one.world, one.index)
    assert one.generator("world").random() != twin.generator("world").random()


@given(one=seeds)
def test_components_are_independent_and_integers_fit_every_library(one: Seed) -> None:
    assert one.generator("world").random() != one.generator("split").random()
    assert 0 <= one.integer("fit") < 2**31


def test_another_process_with_another_hash_seed_derives_the_same() -> None:
    code = "from iml_general.seeds import Seed; print(Seed(3, 'confirm', 'table', 5).integer('fit'))"
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": n},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for n in ("1", "2")
    }
    assert printed == {f"{Seed(3, 'confirm', 'table', 5).integer('fit')}\n"}
