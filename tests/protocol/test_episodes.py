"""What METHOD sections 2 and 3 demand of the episodes of one seed, row by row."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iml_general.protocol import BUILT_IN, Episode, Protocol, Source, episodes_of
from iml_general.protocol.lies import derangement
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements

TAUGHT = ["corroborated", "contradicted", "undefined"]


def seed(index: int = 0) -> Seed:
    return Seed(root=7, purpose="confirm", world="statements", index=index)


def episodes(index: int = 0, protocol: Protocol | None = None, **world: int) -> dict[str, Episode]:
    return episodes_of(protocol or Protocol(), Statements(**world), seed(index), BUILT_IN)


def stage(episode: Episode, name: str) -> pl.DataFrame:
    return next(one.rows for one in episode.stages if one.name == name)


def sources(
    reliable: tuple[float, int, int], unreliable: tuple[float, int, int], neutral: int
) -> tuple[Source, ...]:
    return (
        Source("reliable", *reliable),
        Source("unreliable", *unreliable),
        Source("neutral", 0.5, 0, neutral),
    )


reliabilities = st.sampled_from([0.0, 0.3, 0.9, 1.0])
small_protocols = st.builds(
    Protocol,
    sources=st.builds(
        sources,
        st.tuples(reliabilities, st.integers(2, 12), st.integers(1, 5)),
        st.tuples(reliabilities, st.integers(2, 12), st.integers(1, 5)),
        st.integers(0, 5),
    ),
    undefined=st.integers(0, 5),
    new_conflict=st.integers(1, 5),
    unseen=st.integers(1, 5),
)


def rows_of(frame: pl.DataFrame, **wanted: str) -> pl.DataFrame:
    return frame.filter(*[pl.col(column) == value for column, value in wanted.items()])


def truth(episode: Episode, frame: pl.DataFrame) -> np.ndarray:
    answers: np.ndarray = episode.world.answers[frame["alias"].to_numpy(), frame["question"].to_numpy()]
    return answers


@given(protocol=small_protocols, index=st.integers(0, 50))
def test_every_alias_is_in_exactly_one_group_of_the_asked_size(protocol: Protocol, index: int) -> None:
    drawn = episodes(index, protocol)["informative"]
    stage1, stage2 = stage(drawn, "stage1"), stage(drawn, "stage2")
    everything = pl.concat([stage1, stage2, drawn.probes.select(stage1.columns)])
    membership = everything.select("alias", "group").unique()
    assert membership["alias"].is_duplicated().sum() == 0
    sizes = dict(membership["group"].value_counts().iter_rows())
    assert sizes == {group: size for group, size in protocol.group_sizes.items() if size}


@given(protocol=small_protocols, index=st.integers(0, 50))
def test_stage_2_probes_and_world_are_the_same_in_all_conditions(protocol: Protocol, index: int) -> None:
    drawn = episodes(index, protocol)
    first = drawn["informative"]
    for condition in BUILT_IN:
        assert drawn[condition.name].stages[-1] is first.stages[-1]
        assert drawn[condition.name].probes is first.probes
        assert drawn[condition.name].world is first.world


@given(protocol=small_protocols, index=st.integers(0, 50))
def test_informative_and_shuffled_stage_1_differ_in_nothing_but_tags_of_statements(
    protocol: Protocol, index: int
) -> None:
    drawn = episodes(index, protocol)
    informative, shuffled = (stage(drawn[name], "stage1") for name in ("informative", "shuffled"))
    assert informative.drop("tag").equals(shuffled.drop("tag"))
    assert informative["tag"].value_counts().sort("tag").equals(shuffled["tag"].value_counts().sort("tag"))
    questions = (informative["kind"] == "question").to_numpy()
    assert (informative["tag"].to_numpy()[questions] == "none").all()
    assert (shuffled["tag"].to_numpy()[questions] == "none").all()


@given(protocol=small_protocols, index=st.integers(0, 50))
def test_in_shuffled_both_tags_are_true_equally_often_to_within_one_alias(
    protocol: Protocol, index: int
) -> None:
    drawn = episodes(index, protocol, n_answers=50)["shuffled"]  # 50 classes: agreement is no accident
    statements = rows_of(stage(drawn, "stage1"), kind="statement")
    true = pl.Series("true", truth(drawn, statements) == statements["answer"].to_numpy())
    by_alias = statements.with_columns(true).group_by("tag", "alias").agg(pl.col("true").all())
    by_tag = by_alias.group_by("tag").agg(pl.col("true").sum(), pl.len().alias("n"))
    expected = by_alias["true"].sum() * by_tag["n"] / len(by_alias)
    assert ((by_tag["true"] - expected).abs() < 1).all()


@given(protocol=small_protocols, index=st.integers(0, 50))
def test_in_shuffled_each_alias_has_one_tag(protocol: Protocol, index: int) -> None:
    statements = rows_of(stage(episodes(index, protocol)["shuffled"], "stage1"), kind="statement")
    assert statements.select("alias", "tag").unique()["alias"].is_duplicated().sum() == 0


def test_no_stage1_has_stage_2_alone() -> None:
    assert [one.name for one in episodes()["no_stage1"].stages] == ["stage2"]


@given(protocol=small_protocols, index=st.integers(0, 50))
def test_the_held_out_question_is_probed_and_never_asked_in_stage_1(protocol: Protocol, index: int) -> None:
    drawn = episodes(index, protocol)["informative"]
    asked = rows_of(stage(drawn, "stage1"), kind="question")
    probed = rows_of(drawn.probes, kind="question").filter(pl.col("group").is_in(TAUGHT))
    assert len(asked.join(probed, on=["alias", "question"])) == 0
    n_taught = sum(protocol.group_sizes[group] for group in TAUGHT)
    assert len(probed) == probed["alias"].n_unique() == n_taught
    assert len(asked) == n_taught * (drawn.world.n_questions - 1)


@given(protocol=small_protocols, index=st.integers(0, 50))
def test_aliases_of_stage_2_and_unseen_ones_do_not_occur_in_stage_1(protocol: Protocol, index: int) -> None:
    drawn = episodes(index, protocol)["informative"]
    assert set(stage(drawn, "stage1")["group"].unique()) <= set(TAUGHT)
    assert not set(stage(drawn, "stage1")["alias"]) & set(stage(drawn, "stage2")["alias"])
    assert "unseen" not in stage(drawn, "stage2")["group"]


def test_question_rows_and_probes_are_true() -> None:
    drawn = episodes()["informative"]
    for frame in (rows_of(stage(drawn, "stage1"), kind="question"), rows_of(drawn.probes, kind="question")):
        assert (truth(drawn, frame) == frame["answer"].to_numpy()).all()


def test_statements_of_corroborated_aliases_are_true_under_the_reliable_tag() -> None:
    drawn = episodes()["informative"]
    statements = rows_of(stage(drawn, "stage1"), group="corroborated", kind="statement")
    assert set(statements["tag"]) == {drawn.symbols["reliable"]}
    assert (truth(drawn, statements) == statements["answer"].to_numpy()).all()
    assert len(statements) == 100 * 6


@pytest.mark.parametrize("n_answers", [2, 4, 50])
def test_statements_of_contradicted_aliases_are_all_true_of_one_other_alias_of_the_group(
    n_answers: int,
) -> None:
    drawn = episodes(n_answers=n_answers)["informative"]
    statements = rows_of(stage(drawn, "stage1"), group="contradicted", kind="statement").sort(
        "alias", "question"
    )
    members = statements["alias"].unique(maintain_order=True).to_numpy()
    said = statements["answer"].to_numpy().reshape(len(members), -1)
    true = drawn.world.answers[members]
    # Said and true are the same rows in another order: every marginal is unchanged.
    assert sorted(map(tuple, said)) == sorted(map(tuple, true))
    if n_answers == 50:
        assert (said != true).any(axis=1).all()


@given(n=st.integers(2, 40), number=st.integers(0, 1000))
def test_a_derangement_is_a_permutation_without_a_fixed_point(n: int, number: int) -> None:
    permutation = derangement(n, np.random.default_rng(number))
    assert sorted(permutation) == list(range(n))
    assert (permutation != np.arange(n)).all()


def test_derangements_of_three_are_equally_likely() -> None:
    generator = np.random.default_rng(0)
    drawn = [tuple(derangement(3, generator)) for _ in range(2000)]
    assert set(drawn) == {(1, 2, 0), (2, 0, 1)}
    assert 900 < drawn.count((1, 2, 0)) < 1100


def test_reliability_is_the_share_of_true_aliases() -> None:
    protocol = Protocol(sources=sources((0.8, 400, 50), (0.3, 400, 50), 50))
    drawn = episodes(0, protocol, n_answers=50)["informative"]
    for group, reliability in {"corroborated": 0.8, "contradicted": 0.3}.items():
        statements = rows_of(stage(drawn, "stage1"), group=group, kind="statement")
        agrees = truth(drawn, statements) == statements["answer"].to_numpy()
        share = (
            statements.with_columns(pl.Series("agrees", agrees)).group_by("alias").agg(pl.col("agrees").all())
        )
        # Standard deviation of a share of 400: at most 0.025; four of them.
        assert abs(share["agrees"].mean() - reliability) < 0.1


def test_a_lone_false_alias_says_what_is_true_of_another_of_its_group() -> None:
    protocol = Protocol(sources=sources((0.5, 2, 50), (0.0, 100, 50), 50))
    lone = 0
    for index in range(40):
        drawn = episodes(index, protocol, n_answers=50)["informative"]
        statements = rows_of(stage(drawn, "stage1"), group="corroborated", kind="statement").sort(
            "alias", "question"
        )
        members = statements["alias"].unique(maintain_order=True).to_numpy()
        said = statements["answer"].to_numpy().reshape(2, -1)
        false = [i for i in range(2) if (said[i] != drawn.world.answers[members[i]]).any()]
        if len(false) == 1:
            lone += 1
            assert (said[false[0]] == drawn.world.answers[members[1 - false[0]]]).all()
    assert lone > 0


def test_stage_2_statements_are_true_under_the_tag_of_their_group() -> None:
    drawn = episodes()["informative"]
    assert drawn.symbols["neutral"] == "C"
    for name, symbol in drawn.symbols.items():
        statements = rows_of(stage(drawn, "stage2"), group=f"new_{name}")
        assert set(statements["tag"]) == {symbol}
        assert (truth(drawn, statements) == statements["answer"].to_numpy()).all()
    assert "C" not in stage(drawn, "stage1")["tag"]


@given(protocol=small_protocols, index=st.integers(0, 50), n_answers=st.integers(2, 5))
def test_in_new_conflict_the_tags_disagree_on_every_question_and_one_is_right(
    protocol: Protocol, index: int, n_answers: int
) -> None:
    drawn = episodes(index, protocol, n_answers=n_answers)["informative"]
    disputed = rows_of(drawn.probes, group="new_conflict", kind="question")
    reliable, unreliable = disputed["said_reliable"].to_numpy(), disputed["said_unreliable"].to_numpy()
    assert (reliable != unreliable).all()
    assert ((reliable == disputed["answer"].to_numpy()) ^ (unreliable == disputed["answer"].to_numpy())).all()
    assert max(reliable.max(), unreliable.max()) < n_answers
    right = disputed.filter(pl.col("said_reliable") == pl.col("answer"))["alias"].n_unique()
    assert abs(2 * right - protocol.new_conflict) <= 1


def test_probes_of_new_conflict_say_what_stage_2_said() -> None:
    drawn = episodes()["informative"]
    disputed = rows_of(drawn.probes, group="new_conflict", kind="question")
    said = rows_of(stage(drawn, "stage2"), group="new_conflict", tag=drawn.symbols["reliable"])
    joined = disputed.join(said, on=["alias", "question"], suffix="_stage2")
    assert len(joined) == len(disputed)
    assert (joined["said_reliable"] == joined["answer_stage2"]).all()
    others = drawn.probes.filter((pl.col("group") != "new_conflict") | (pl.col("kind") == "statement"))
    assert others["said_reliable"].null_count() == len(others)


def test_statement_probes_are_the_statements_of_stage_2() -> None:
    drawn = episodes()["informative"]
    probes = rows_of(drawn.probes, kind="statement").select(stage(drawn, "stage2").columns)
    order = ["alias", "question", "tag"]
    assert probes.sort(order).equals(stage(drawn, "stage2").sort(order))


def test_the_reliable_symbol_alternates_with_the_seed() -> None:
    assert [episodes(index)["informative"].symbols["reliable"] for index in range(4)] == ["A", "B", "A", "B"]


def test_stage_1_is_not_ordered_by_group() -> None:
    groups = stage(episodes()["informative"], "stage1")["group"]
    assert groups[:100].n_unique() > 1
    assert groups[-100:].n_unique() > 1
