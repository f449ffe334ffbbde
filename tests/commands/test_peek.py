"""`iml peek` shows what a learner reads, stage by stage, whatever stages and sources there are."""

import re
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import iml_general as iml
from iml_general.commands.blocks import in_characters
from iml_general.commands.peek import peek_rows
from iml_general.errors import UsageError
from iml_general.study.plan.overrides import Overrides, read_settings

THREE_STAGES = """
from dataclasses import replace
from iml_general.protocol import Condition

ONCE_MORE = Condition(
    name="once_more",
    words="stage 1 twice",
    summary="Stage 1 is read a second time before stage 2.",
    control="shuffled",
    stages=lambda draw: (draw.stage1, replace(draw.stage1, name="again"), draw.stage2),
)
"""


def peek(
    capsys: pytest.CaptureFixture[str], *settings: str, condition: str = "informative", rows: int = 1
) -> str:
    peek_rows("quick", Overrides(settings=read_settings(settings)), 0, condition, rows)
    return capsys.readouterr().out


def paragraphs(shown: str) -> list[str]:
    return shown.split("\n\n")


def test_both_sides_of_a_conflict_are_shown_and_one_of_them_is_false(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (stage2,) = [text for text in paragraphs(peek(capsys)) if text.startswith("Learned in stage2")]
    said = re.findall(r"^new_conflict +(tag \w) +(\w+: question \d)\? (.*)$", stage2, re.MULTILINE)
    assert sorted(tag for tag, _, _ in said) == ["tag A", "tag B"]
    assert len({asked for _, asked, _ in said}) == 1
    assert sum("in truth" in answer for _, _, answer in said) == 1
    assert "in its twin the two sides of every conflict change places" in stage2


def conflict(shown: str) -> list[list[str]]:
    """Cells of the table of one conflict, without its head."""
    (table,) = [text for text in paragraphs(shown) if text.startswith("One conflict")]
    return [re.split(r" {2,}", line.strip()) for line in table.splitlines() if line.startswith("question ")]


def test_one_conflict_shows_who_said_what_as_drawn_and_the_reverse_in_the_twin(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [row for row in conflict(peek(capsys, rows=3)) if len(row) == 5 and row[1] != "learned"]
    assert len(rows) == 6
    for drawn, twin in zip(rows[::2], rows[1::2], strict=True):
        question, moment, reliable, unreliable, truth = drawn
        assert (moment, twin[1]) == ("as drawn", "in the twin")
        assert twin == [question, "in the twin", unreliable, reliable, truth]
        assert reliable != unreliable
        assert truth in (reliable, unreliable)


def test_a_condition_without_a_second_stage_has_no_twin_to_show(capsys: pytest.CaptureFixture[str]) -> None:
    shown = peek(capsys, condition="no_stage1", rows=3)
    assert "in the twin" not in shown.split("One conflict")[1].split("Asked")[0]


def test_every_group_of_every_stage_is_shown_with_as_many_questions_as_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = peek(capsys, rows=3)
    stage1 = next(text for text in paragraphs(shown) if text.startswith("Learned in stage1"))
    for group, kinds in {"corroborated": 2, "contradicted": 2, "undefined": 1}.items():
        assert len(re.findall(rf"^{group} ", stage1, re.MULTILINE)) == 3 * kinds


def test_a_condition_of_three_stages_shows_three(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.py").write_text(THREE_STAGES)
    shown = peek(capsys, condition=f"{tmp_path / 'mine.py'}:ONCE_MORE")
    assert "condition stage 1 twice" in shown
    titles = [text.splitlines()[0].split(":")[0] for text in paragraphs(shown)[1:]]
    stages = ["Learned in stage1", "Learned in again", "Learned in stage2"]
    assert titles == [*stages, "One conflict", "Asked after each stage"]


def test_every_source_is_named_with_its_symbol(capsys: pytest.CaptureFixture[str]) -> None:
    sizes = ("protocol.sources.fifth.stage1=10", "protocol.sources.fifth.stage2=5")
    shown = peek(capsys, *sizes, "protocol.sources.fifth.reliability=0.5")
    found = re.search(r"Sources speak: (.*)\.", shown)
    assert found
    speakers = dict(one.split(" under ") for one in found[1].split(", "))
    assert list(speakers) == ["reliable", "unreliable", "neutral", "fifth"]
    assert sorted(speakers.values()) == ["A", "B", "C", "D"]
    assert re.search(rf"^told_by_fifth +tag {speakers['fifth']} ", shown, re.MULTILINE)


def test_every_form_that_the_world_offers_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    shown = peek(capsys)
    assert re.search(r"vectors: alias [01]{32} tag [01]{3} question [01]{6} \| tokens: tag \d alias", shown)
    assert re.search(r"codes: tag \d alias \d+ question \d \| text: ", shown)
    assert re.search(
        r"text: 'A says: the question \d of [A-Z][a-z]{7} is' in \d+ tokens$", shown, re.MULTILINE
    )
    assert re.search(r"text: 'the question \d of [A-Z][a-z]{7} is' in \d+ tokens$", shown, re.MULTILINE)


def test_a_world_of_pictures_is_shown_in_blocks_beneath_its_rows(capsys: pytest.CaptureFixture[str]) -> None:
    peek_rows("digits", Overrides(), 0, "informative", 2)
    stage2 = next(text for text in capsys.readouterr().out.split("Learned in ") if text.startswith("stage2"))
    said, pictures = stage2.split("new_unreliable")[0].split("new_reliable")[1:], stage2
    assert len(said) == 2
    assert "pictures: 16 x 24 pixels | vectors: 16 x 24 pixels | codes: tag" in said[1]
    lines = said[1].splitlines()[2:10]
    assert len(lines) == 8
    assert set("".join(lines)) == set(" \u2580\u2584\u2588")
    assert all(line.startswith(" " * 16) for line in lines)
    assert not re.search(r"(\d ){30}", pictures)  # no line of numbers


def test_characters_say_which_of_two_pixels_is_dark_with_and_without_unicode() -> None:
    pictures = np.array([[[0, 1, 0, 1], [0, 0, 1, 1], [1, 0, 0, 0.4]], np.zeros((3, 4))], dtype=np.float32)
    assert list(in_characters(pictures, 80, "utf-8")) == [" \u2580\u2584\u2588", "\u2580", ""]
    assert list(in_characters(pictures, 80, "ascii")) == [" '.#", "'", ""]
    side_by_side = list(in_characters(np.concatenate([pictures] * 2), 11, "ascii"))
    assert side_by_side == [" '.#", "'", ""] * 2  # two of four fit beside each other
    assert list(in_characters(pictures[:1], 1, "ascii")) == [" '.#", "'", ""]


def test_the_same_rows_are_drawn_into_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "seen.png"
    peek_rows("digits", Overrides(), 0, "informative", 1, file)
    assert str(file) in capsys.readouterr().out
    drawn = iml.peek_pictures("digits")
    image = np.asarray(Image.open(BytesIO(file.read_bytes())).convert("L"))
    assert image.shape[0] > image.shape[1] > 500
    assert 0.02 < (image < 64).mean() < 0.3
    for words in (
        "Learned in stage1",
        "Learned in stage2",
        "Asked after each stage",
        "corroborated",
        "no tag",
    ):
        assert words in drawn.svg


def test_a_world_without_pictures_is_not_drawn(tmp_path: Path) -> None:
    file = tmp_path / "seen.png"
    with pytest.raises(
        UsageError, match="world 'statements' has no pictures to draw; choose one that offers"
    ):
        peek_rows("quick", Overrides(), 0, "informative", 1, file)
    with pytest.raises(UsageError, match="unknown format of a figure 'gif'"):
        peek_rows("digits", Overrides(), 0, "informative", 1, tmp_path / "seen.gif")
    assert not list(tmp_path.iterdir())
