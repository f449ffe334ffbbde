"""Sentences: they say what rows say, in the world's words and in names that tell nothing."""

import importlib
import os
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

from iml_general.api.seen import look
from iml_general.encoding import FORMS, Encoder, Encoding
from iml_general.encoding.subwords import Subwords
from iml_general.encoding.text import sentence_of
from iml_general.errors import UsageError
from iml_general.protocol import BUILT_IN, Episode, Protocol, episodes_of
from iml_general.seeds import Seed
from iml_general.study.plan.overrides import Overrides, find_plan
from iml_general.worlds.statements import Statements
from iml_general.worlds.table import Table
from iml_general.worlds.world import WorldSource


def episode(source: WorldSource) -> Episode:
    seed = Seed(0, "confirm", source.name, 0)
    return episodes_of(Protocol(), source, seed, BUILT_IN)["informative"]


def encoder(of: Episode, **options: object) -> Encoder:
    return Encoder(Encoding(**options), "text", 4, of.world, of.seed)  # type: ignore[arg-type]


def spelled(coder: Encoder, row: np.ndarray) -> list[str]:
    schema = coder.schema
    return ["".join(schema.pieces[row[column]] for column in columns) for columns in schema.answer_columns]


def test_a_statement_says_who_says_it_and_a_question_is_the_same_sentence_without() -> None:
    of = episode(Statements())
    coder = encoder(of)
    statement = of.stages[0].rows.filter(kind="statement", tag="B", question=2).head(1)
    alias = statement["alias"][0]
    question = of.stages[0].rows.filter(kind="question", alias=alias).head(1)
    question = question.with_columns(pl.lit(2).cast(question["question"].dtype).alias("question"))
    (said,), (asked,) = coder.inputs(statement), coder.inputs(question)
    sentence, n_tokens = sentence_of(asked, coder.schema)
    assert sentence.startswith("the question 3 of ")
    assert sentence.endswith(" is")
    assert sentence_of(said, coder.schema)[0] == f"B says: {sentence}"
    assert (asked[list(coder.schema.tag_columns)] == 0).all()
    assert sentence_of(said, coder.schema)[1] > n_tokens
    assert spelled(coder, said) == [f" answer {number}" for number in (1, 2, 3, 4)]


def test_every_row_of_a_table_is_put_together_again_in_the_tables_own_words() -> None:
    """Nothing is lost, and a question that has fewer answers than another has nothing in their place."""
    of = episode(Table())
    coder, world = encoder(of), of.world
    rows = of.stages[0].rows.unique("question")
    for row, question in zip(coder.inputs(rows), rows["question"], strict=True):
        names = world.answer_names[question]
        assert spelled(coder, row) == [f" {name}" for name in names] + [""] * (world.n_answers - len(names))
        assert (
            f"the {world.question_names[question]} of ".replace("_", " ") in sentence_of(row, coder.schema)[0]
        )


def test_names_of_aliases_are_made_up_and_not_those_of_the_world() -> None:
    of = episode(Table())
    coder = encoder(of, name_tokens=3, name_vocabulary=12)
    rows = of.probes.unique("alias")
    sentences = [sentence_of(row, coder.schema)[0] for row in coder.inputs(rows)]
    names = {sentence.split(" of ")[1].removesuffix(" is") for sentence in sentences}
    assert len(names) == len(rows)
    assert {len(name) for name in names} == {6}
    assert len({name.lower()[i : i + 2] for name in names for i in (0, 2, 4)}) == 12
    assert not names & set(of.world.alias_names)


def test_more_syllables_than_there_are_get_one_clear_line() -> None:
    with pytest.raises(UsageError, match="name_vocabulary = 81, but names in texts have at most 80"):
        encoder(episode(Statements()), name_vocabulary=81)


@pytest.mark.parametrize("text", [" 1,000 to 5,000 km²", " a  b", " Zürich\tor 東京", "!"])
def test_texts_are_taken_apart_and_put_together_without_loss(text: str) -> None:
    subwords = Subwords([" the answer is", text, text * 3])
    (tokens,) = subwords.tokens([text])
    assert "".join(subwords.pieces[token] for token in tokens) == text
    assert subwords.pieces[0] == ""
    assert (tokens > 0).all()


IN_ANOTHER_PROCESS = """
from iml_general.encoding import Encoder, Encoding
from iml_general.protocol import BUILT_IN, Protocol, episodes_of
from iml_general.seeds import Seed
from iml_general.worlds.table import Table
import hashlib, os, threading
of = episodes_of(Protocol(), Table(), Seed(0, "confirm", "table", 0), BUILT_IN)["informative"]
coder = Encoder(Encoding(), "text", 4, of.world, of.seed)
inputs = coder.inputs(of.probes)
print(hashlib.sha256(inputs.tobytes() + repr(coder.schema).encode()).hexdigest())
print(os.environ.get("TOKENIZERS_PARALLELISM"))
"""


def test_the_same_world_gives_the_same_tokens_in_another_process() -> None:
    """With another hash seed, and the environment as it was."""
    printed = []
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", IN_ANOTHER_PROCESS]
        printed.append(subprocess.check_output(command, env=environment, text=True).split())
    assert printed[0] == printed[1]
    assert printed[0][1] == "None"


def test_without_the_tokenizers_library_the_form_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = importlib.import_module("iml_general.encoding.text")
    monkeypatch.setattr(module, "LIBRARY", "no-such-library")
    assert FORMS["text"].lacking() == "no-such-library"
    with pytest.raises(UsageError, match=r"form 'text'.*the library 'no-such-library' is not installed$"):
        encoder(episode(Statements()))
    seen = look(find_plan("quick", Overrides()), seed=0, condition="informative", n_rows=1)
    assert set(seen.schemas) == {"vectors", "tokens", "codes"}  # peek goes without it
