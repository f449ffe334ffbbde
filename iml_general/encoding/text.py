"""Text: a row as a sentence, taken apart by a tokenizer that was trained on sentences of the same world.

"A says: the country of Bafokizu is" is a statement, without "A says:" it is the question. How it may end,
with the words of each answer, stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from importlib.util import find_spec
from itertools import accumulate, cycle, islice
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from iml_general.encoding.form import Coder, Form, Numbered, Things, names_of, zeroed
from iml_general.encoding.options import Encoding
from iml_general.encoding.subwords import NOTHING, Subwords
from iml_general.encoding.tables import distinct_digits
from iml_general.encoding.tokens import suggested_names
from iml_general.errors import UsageError
from iml_general.extras import not_installed
from iml_general.learner import Inputs, Schema
from iml_general.protocol.sources import symbols_of
from iml_general.worlds.statements import CONSONANTS, VOWELS

if TYPE_CHECKING:
    import optuna

LIBRARY = "tokenizers"
SYLLABLES = tuple(consonant + vowel for consonant in CONSONANTS for vowel in VOWELS)

SAID, ASKED, NAMED, ENDED, ANSWERED = "{} says:", " the {} of", " {}", " is", " {}"
"""The template: who says it (nobody in a question), the question, the alias, and how the sentence ends."""


class Text(Form):
    """Columns by part of the sentence, each as wide as its longest text, and 0 where one has fewer tokens.

    Names of aliases are made up, of as many syllables as names have letters in the token form, and never
    those of the world: a name must tell nothing. Questions and answers keep the world's words, but for an
    answer that is an entity: it is called the same wherever it stands.
    """

    name: ClassVar[str] = "text"

    def lacking(self) -> str:
        """The tokenizer's library, where it is not installed; see `Form.lacking`."""
        return "" if find_spec(LIBRARY) else LIBRARY

    def draw(
        self, encoding: Encoding, things: Things, generator: Callable[[str], np.random.Generator]
    ) -> Coder:
        """Draw the names of aliases, and train the tokenizer; see `Form.draw`."""
        if self.lacking():
            raise UsageError(f"form 'text' can't be drawn: {not_installed(LIBRARY)}")
        if things.n_beside:
            raise UsageError(
                "form 'text' can't show a statement beside a question: leave out protocol.in_context, or the"
                " learners that read text"
            )
        words = _Words(things, _names(encoding, things.n_aliases, generator))
        subwords = Subwords(words.sentences())
        said, asked, named, ended = (subwords.tokens(texts) for texts in words.parts)
        answered = _answers(subwords, words.answers)
        n_answers, width = answered.shape[1:]
        sentence = {"tag": said, "question": asked, "alias": named, "is": ended}
        widths = {part: table.shape[1] for part, table in sentence.items()}
        columns, tags = names_of(widths | {f"answer {number}": width for number in range(n_answers)})
        first = sum(widths.values())
        spelled = tuple(
            tuple(range(start, start + width)) for start in range(first, first + n_answers * width, width)
        )

        def encode(rows: Numbered) -> Inputs:
            ending = np.broadcast_to(ended, (len(rows.tags), ended.shape[1]))
            answers = answered[rows.questions].reshape(len(rows.tags), n_answers * width)
            parts = [said[rows.tags], asked[rows.questions], named[rows.aliases], ending, answers]
            return np.concatenate(parts, axis=1)

        schema = Schema(
            self.name,
            columns,
            (len(subwords.pieces),),
            tags,
            pieces=subwords.pieces,
            answer_columns=spelled,
        )
        return Coder(schema, encode)

    def suggest(self, trial: optuna.Trial, base: Encoding, fixed: Container[str]) -> Encoding:
        """Draw how long names are, and of how many syllables they are made; see `Form.suggest`."""
        return suggested_names(trial, base, fixed)

    def untagged(self, inputs: Inputs, schema: Schema) -> Inputs:
        """Leave out who says it; see `Form.untagged`."""
        return zeroed(inputs, schema.tag_columns)


def sentence_of(row: Inputs, schema: Schema) -> tuple[str, int]:
    """Put one row's sentence together again, without the answers beside it.

    Args:
        row: Shape (n_columns,).
        schema: What its columns mean.

    Returns:
        The sentence and its number of tokens.
    """
    beside = {column for columns in schema.answer_columns for column in columns}
    tokens = [token for place, token in enumerate(row.tolist()) if token and place not in beside]
    return "".join(schema.pieces[token] for token in tokens).strip(), len(tokens)


class _Words:
    """The texts of all parts of a world's sentences."""

    def __init__(self, things: Things, names: Sequence[str]) -> None:
        said = [SAID.format(symbol) for symbol in symbols_of(things.n_symbols - 1)[1:]]
        asked = [ASKED.format(question.replace("_", " ")) for question in things.question_names]
        named = [NAMED.format(name) for name in names]
        self.parts = (["", *said], asked, named, [ENDED])
        answer_names = list(things.answer_names)
        if things.n_entities:
            answer_names[0] = tuple(names[-things.n_entities :])
        self.answers = [[ANSWERED.format(answer) for answer in of_one] for of_one in answer_names]

    def sentences(self) -> list[str]:
        """Sentences with all words: tags and answers take turns, and which is true is left out of account."""
        said, asked, named, (ended,) = self.parts
        found = []
        for question, answers in zip(asked, self.answers, strict=True):
            n = max(len(said), len(named), len(answers))
            turns = (islice(cycle(texts), n) for texts in (said, named, answers))
            found += [
                f"{who}{question}{name}{ended}{answer}" for who, name, answer in zip(*turns, strict=True)
            ]
        return found


def _names(encoding: Encoding, n_aliases: int, generator: Callable[[str], np.random.Generator]) -> list[str]:
    """Make up distinct names, such as ``"Bafokizu"``."""
    n = encoding.name_vocabulary
    if n > len(SYLLABLES):
        raise UsageError(
            f"encoding: name_vocabulary = {n}, but names in texts have at most {len(SYLLABLES)} syllables"
        )
    option = f"name_tokens = {encoding.name_tokens} out of name_vocabulary = {n}"
    letters = distinct_digits(n_aliases, encoding.name_tokens, n, generator("names"), option)
    syllables = generator("syllables").permutation(SYLLABLES)[:n]
    return ["".join(syllables[name]).capitalize() for name in letters]


def _answers(subwords: Subwords, texts: Sequence[Sequence[str]]) -> NDArray[np.int64]:
    """The tokens of each answer to each question, int64 of shape (n_questions, n_answers, longest).

    A question that has fewer answers than another has nothing in place of the others.
    """
    counts = [len(of_question) for of_question in texts]
    tokens = subwords.tokens([text for of_question in texts for text in of_question])
    table = np.full((len(texts), max(counts), tokens.shape[1]), NOTHING, dtype=np.int64)
    starts = accumulate(counts, initial=0)
    for of_question, n, start in zip(table, counts, starts, strict=False):
        of_question[:n] = tokens[start : start + n]
    return table
