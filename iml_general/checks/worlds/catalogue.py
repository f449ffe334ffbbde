"""All checks of worlds: the claim of each."""

from __future__ import annotations

from iml_general.checks.check import Check
from iml_general.checks.worlds import answers, conduct, draws, studies

WORLD_CHECKS = (
    Check("options survive JSON", draws.options_survive_json),
    Check("it says what it asks", conduct.says_what_it_asks),
    Check("same seed, same world", draws.same_seed_same_world),
    Check("another seed, another world", draws.other_seed_other_world),
    Check("as many aliases as asked for", draws.exactly_as_many),
    Check("1,000 aliases, or room says how many", draws.many_or_room),
    Check("every draw asks the same questions", draws.same_questions),
    Check("what is drawn is drawn anew", draws.drawn_anew),
    Check("global random numbers are left alone", draws.global_randomness_left_alone),
    Check("answers are classes of their questions", answers.are_classes),
    Check("every class occurs", answers.every_class_occurs),
    Check("every question can be missed", answers.can_be_missed),
    Check("names are distinct", answers.names_are_distinct),
    Check("the order of aliases tells nothing", answers.order_tells_nothing),
    Check("groups are alike", studies.groups_are_alike),
    Check("tags take turns over seeds", studies.tags_take_turns),
    Check("lies can be told", studies.lies_can_be_told),
    Check("every form it offers can be read", studies.every_form_can_be_read),
    Check("the controls come out right", studies.controls_come_out_right),
    Check("same world in another process", conduct.same_world_elsewhere),
    Check("importing it loads nothing heavy", conduct.imports_nothing_heavy),
    Check("nothing is printed", conduct.prints_nothing),
    Check("no file is written", conduct.writes_no_files),
    Check("its files are there", conduct.files_are_there),
)
"""Claims in the order in which they are looked into; those that need a study or a process last."""
