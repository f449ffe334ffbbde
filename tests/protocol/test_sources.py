"""Sources are data: groups, tags and counterbalance follow from them, whatever their number."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iml_general.errors import UsageError
from iml_general.protocol import BUILT_IN, Protocol, Source, configure_protocol, episodes_of, protocol_options
from iml_general.protocol.sources import symbols_of
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements

FIVE = configure_protocol(
    {
        "sources": {
            "mostly": {"reliability": 0.75, "stage1": 40, "stage2": 10},
            "half": {"reliability": 0.5, "stage1": 40, "stage2": 10},
            "seldom": {"reliability": 0.25, "stage1": 40, "stage2": 10},
        }
    }
)


def episode(protocol: Protocol, index: int = 0, condition: str = "informative") -> tuple[pl.DataFrame, dict]:
    seed = Seed(0, "confirm", "statements", index)
    drawn = episodes_of(protocol, Statements(n_answers=50), seed, BUILT_IN)[condition]
    return drawn.stages[0].rows.with_columns(
        truth=pl.Series(drawn.world.answers[drawn.stages[0].rows["alias"], drawn.stages[0].rows["question"]])
    ), dict(drawn.symbols)


def test_groups_of_the_default_are_those_of_the_method() -> None:
    assert Protocol().groups == (
        "corroborated",
        "contradicted",
        "undefined",
        "new_reliable",
        "new_unreliable",
        "new_neutral",
        "new_conflict",
        "unseen",
    )


def test_a_further_source_has_a_group_in_each_stage_and_a_symbol() -> None:
    assert FIVE.groups[:5] == (
        "corroborated",
        "contradicted",
        "told_by_mostly",
        "told_by_half",
        "told_by_seldom",
    )
    assert {"new_mostly", "new_half", "new_seldom", "new_neutral"} <= set(FIVE.groups)
    assert FIVE.symbols == ("none", "A", "B", "C", "D", "E", "F")


def test_each_source_is_as_reliable_as_it_is_said_to_be() -> None:
    agreed: dict[str, list[bool]] = {}
    for index in range(6):
        rows, _ = episode(FIVE, index)
        told = rows.filter(kind="statement").group_by("group", "alias")
        for group, _, agrees in told.agg((pl.col("truth") == pl.col("answer")).all()).iter_rows():
            agreed.setdefault(group, []).append(agrees)
    shares = {group: sum(values) / len(values) for group, values in agreed.items()}
    assert shares["corroborated"] == 1
    assert shares["contradicted"] == 0
    for source in FIVE.taught[2:]:  # 240 aliases each: three standard errors are 0.1
        assert shares[source.taught_group] == pytest.approx(source.reliability, abs=0.1)


def test_symbols_of_stage_1_take_turns_and_others_keep_theirs() -> None:
    drawn = [episode(FIVE, index)[1] for index in range(6)]
    for source in FIVE.taught:
        assert {one[source.name] for one in drawn[:5]} == set("ABCDE")
        assert drawn[0][source.name] == drawn[5][source.name]
    assert {one["neutral"] for one in drawn} == {"F"}
    for one in drawn:
        assert len(set(one.values())) == len(one)


@given(index=st.integers(0, 30))
def test_shuffled_tags_of_many_sources_are_equally_often_true(index: int) -> None:
    rows, symbols = episode(FIVE, index, "shuffled")
    told = rows.filter(kind="statement").group_by("tag", "alias")
    by_alias = told.agg(true=(pl.col("truth") == pl.col("answer")).all())
    share = by_alias["true"].mean()
    by_tag = by_alias.group_by("tag").agg(pl.col("true").sum(), pl.len().alias("n"))
    sizes = dict(by_tag.select("tag", "n").iter_rows())
    for source in FIVE.taught:
        assert sizes[symbols[source.name]] == source.stage1
    off = (by_tag["true"] - share * by_tag["n"]).abs()
    assert off.max() < len(FIVE.taught)  # each but the last to within one alias


@given(
    st.builds(
        lambda extra, undefined: configure_protocol({"undefined": undefined, "sources": extra}),
        st.dictionaries(
            st.sampled_from(["reliable", "unreliable", "neutral", "fifth"]),
            st.fixed_dictionaries({"stage1": st.integers(2, 9), "stage2": st.integers(1, 9)}),
        ),
        st.integers(0, 50),
    )
)
def test_options_read_back_make_an_equal_protocol(protocol: Protocol) -> None:
    assert configure_protocol(protocol_options(protocol)) == protocol


def test_what_a_plan_says_of_one_source_leaves_the_others() -> None:
    changed = configure_protocol({"sources": {"reliable": {"reliability": 0.9}}})
    assert changed.source("reliable") == Source("reliable", 0.9, 100, 50)
    assert changed.sources[1:] == Protocol().sources[1:]


def test_there_are_symbols_for_any_number_of_sources() -> None:
    symbols = symbols_of(60)
    assert len(set(symbols)) == 61


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sources": {"Big One": {}}}, "source 'Big One' is not named by lower-case words"),
        ({"sources": {"reliable": {"stage1": 1}}}, "stage1 = 1; .*2 aliases or more, or none"),
        ({"sources": {"reliable": {"stage1": 0}}}, "source 'reliable' has stage1 = 0 .* both stages"),
        ({"sources": {"unreliable": {"stage2": 0}}}, "source 'unreliable' has .*stage2 = 0"),
        (
            {"sources": {"reliable": {"reliabilty": 1}}},
            "unknown option 'reliabilty'; did you mean 'reliability'",
        ),
        ({"sources": {"reliable": {"reliability": 2.0}}}, r"protocol.sources.reliable: reliability = 2.0"),
        ({"sources": {"reliable": {"name": "other"}}}, "its key is its name"),
        ({"sources": 5}, "sources = 5 is not a table by name"),
        ({"sources": {"reliable": 5}}, "is not a table by name"),
        ({"corroborated": 5}, "unknown option 'corroborated'"),
        ({"unseen": 0}, "unseen = 0"),
    ],
)
def test_wrong_sources_are_refused_in_one_line(options: dict, message: str) -> None:
    with pytest.raises(UsageError, match=message) as refused:
        configure_protocol(options)
    assert "\n" not in str(refused.value)
