"""A study in Python is the study of the command line."""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from time import sleep

import pytest
import tomli_w
from polars.testing import assert_frame_equal
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import iml_general as iml
from iml_general.api.learners import LearnerLike
from iml_general.errors import BudgetSpentError, RunError, UsageError
from iml_general.plugins import registry

TOYS = str(Path(__file__).parents[1] / "plugins" / "toys.py")


def names(study: iml.Study) -> list[str]:
    controls = ("ideal-observer", "tag-blind")
    return [one["name"] for one in study.plan["learners"] if one["name"] not in controls]


def planned(study: iml.Study, name: str) -> dict[str, object]:
    return next(one for one in study.plan["learners"] if one["name"] == name)


def test_findings_are_those_of_the_command_line_and_either_goes_on_with_the_others_run(
    here: Path, result: iml.Result, learners: list[LearnerLike], small: dict[str, object]
) -> None:
    names = ("nearest-neighbors", "naive-bayes")
    tree = {"name": "sklearn.tree:DecisionTreeClassifier", "options": {"max_depth": 4}}
    plan = {"seeds": 3, "learners": [*({"name": name} for name in names), tree]}
    (here / "quick.toml").write_text(tomli_w.dumps(plan))
    sets = [part for key, value in small.items() for part in ("--set", f"{key}={toml(value)}")]
    command = [sys.executable, "-m", "iml_general.cli", "run", "./quick.toml", "--out", "cli", *sets]
    subprocess.run(command, check=True, capture_output=True)
    there = iml.open_run("cli")
    for name in ("findings", "verdicts", "effects", "scores"):
        assert_frame_equal(getattr(result, name), getattr(there, name))
    study = iml.Study("quick", learners=learners, seeds=3, settings=small, folder="cli")
    assert_frame_equal(study.run(progress=False).costs, there.costs)


def toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(one)}" for key, one in value.items()) + "}"
    return str(value)


def test_a_run_goes_on_where_it_was_interrupted(
    here: Path, run_folder: Path, result: iml.Result, small: dict[str, object]
) -> None:
    study = iml.Study({"name": "other"}, learners=["naive-bayes"], seeds=2, settings=small)

    def interrupt(done: int, total: int) -> None:
        told.append(done)
        if done >= 2:
            raise KeyboardInterrupt

    told: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        study.run(workers=1, progress=interrupt)
    assert study.folder == Path("runs/other-statements")
    told.clear()
    study.run(workers=1, progress=lambda done, total: told.append(done))
    assert told[0] >= 2
    assert told[-1] == 6
    both = iml.open_run(run_folder, study.folder)
    assert set(both.findings["study"]) == {"quick", "other"}
    assert_frame_equal(both.findings.filter(study="quick"), result.findings)


def test_a_plan_may_be_a_preset_a_file_or_a_dictionary(here: Path) -> None:
    (here / "mine.toml").write_text('seeds = 4\n[[learners]]\nname = "chance"\n')
    plan = {"seeds": 4, "learners": [{"name": "chance"}]}
    assert iml.Study("quick").plan["name"] == "quick"
    assert iml.Study("mine.toml").plan == iml.Study(Path("mine.toml")).plan
    assert {**iml.Study(plan).plan, "name": "mine"} == iml.Study("mine.toml").plan
    assert plan == {"seeds": 4, "learners": [{"name": "chance"}]}
    assert iml.Study(iml.Study(plan).plan).plan == iml.Study(plan).plan


def test_keywords_change_what_they_name(small: dict[str, object]) -> None:
    study = iml.Study(
        "quick", learners=["chance"], seeds=5, world="table", trials=3, settings={"protocol.unseen": 7}
    )
    plan = study.plan
    assert (plan["seeds"], plan["world"]["name"], plan["search"]["trials"]) == (5, "table", 3)
    assert plan["protocol"]["unseen"] == 7
    assert study.folder == Path("runs/quick-table")
    assert repr(study).startswith("<Study 'quick': chance, ideal-observer, tag-blind; world 'table', 5 seeds")


@pytest.fixture
def few_things(here: Path) -> dict[str, object]:
    """Settings of a world of 90 entities, two of them with gaps."""
    rows = [f"thing {row},{row * row % 101},{'abc'[row % 3]}" for row in range(88)]
    (here / "things.csv").write_text("\n".join(["name,size,kind", *rows, "thing 88,,a", "thing 89,7,"]))
    return {"world.options.path": "things.csv"}


def test_a_small_table_is_refused_or_fitted_with_a_warning_of_what_that_costs(
    few_things: dict[str, object],
) -> None:
    with pytest.raises(UsageError, match=r"missing in 1 of 90 rows.* has 88 .*in Python fit=True"):
        iml.Study("quick", learners=["chance"], world="table", settings=few_things)
    with pytest.warns(UserWarning, match=r"room for 88 aliases: .*cost power: intervals get about"):
        study = iml.Study("quick", learners=["chance"], world="table", settings=few_things, fit=True)
    assert study.plan["world"]["options"]["missing"] == "drop"
    assert study.plan["protocol"]["new_conflict"] < 20
    with pytest.warns(UserWarning, match="cost power"):
        found = iml.measure("chance", seeds=2, world="table", settings=few_things, fit=True, progress=False)
    assert found.findings.height == 3


def test_a_forecast_is_that_of_a_dry_run_and_shrinks_with_what_is_done(
    here: Path, run_folder: Path, learners: list[LearnerLike], small: dict[str, object]
) -> None:
    study = iml.Study("quick", learners=learners, seeds=3, settings=small, folder=here / "new")
    expected = study.forecast()
    assert expected["learner"][0] == "nearest-neighbors"
    assert expected["units"].sum() == 15
    assert expected.filter(learner="naive-bayes")["seconds"][0] > 0
    assert not (here / "new").exists()
    done = iml.Study("quick", learners=learners, seeds=3, settings=small, folder=run_folder).forecast()
    assert done["units"].sum() == 0
    assert done["scores"].to_list() == expected["scores"].to_list()


def test_a_run_is_held_against_what_was_preregistered(here: Path, small: dict[str, object]) -> None:
    study = iml.Study("quick", learners=["naive-bayes"], seeds=2, settings=small)
    digest = study.preregister("before.toml", claims=["It does not trust."])
    assert digest == sha256((here / "before.toml").read_bytes()).hexdigest()
    with pytest.raises(UsageError, match="is not written over"):
        study.preregister("before.toml")
    sleep(1.1)  # dates are written to the second, and the run has to come after
    result = study.run(workers=1, progress=False, preregistration="before.toml")
    (page,) = result.report("out", "md")
    assert "The run kept to what was preregistered" in page.read_text()
    (other,) = iml.open_run(study.folder).report("other", "md")
    assert "reregister" not in other.read_text()


def test_a_spent_time_budget_gives_what_there_is_and_the_same_call_goes_on(
    here: Path, small: dict[str, object]
) -> None:
    study = iml.Study("quick", learners=[f"{TOYS}:Slow", "chance"], seeds=8, settings=small)
    with pytest.raises(UsageError, match=r"time_budget = '30' is not a length of time: write it as 90s"):
        study.run(time_budget="30")
    assert list(here.iterdir()) == []
    with pytest.raises(BudgetSpentError, match="before anything was measured"):
        study.run(workers=1, progress=False, time_budget="0.001s")
    result = study.run(workers=1, progress=False)
    assert (result.unfinished, result.valid) == ("", True)


def test_a_learner_may_be_a_name_a_dictionary_a_class_or_an_instance() -> None:
    forest = registry.learner("random-forest")
    only = {"name": "naive-bayes", "rules": ["retrain"]}
    study = iml.Study("quick", learners=["chance", only, forest])
    assert names(study) == ["chance", "naive-bayes", "random-forest"]
    assert planned(study, "naive-bayes")["rules"] == ["retrain"]
    assert planned(study, "random-forest")["rules"] == list(forest.info.rules)
    instance = forest(n_estimators=20, rule="grow")  # type: ignore[call-arg]
    study = iml.Study("quick", learners=[instance])
    assert planned(study, "random-forest")["rules"] == ["grow"]
    assert planned(study, "random-forest")["options"]["n_estimators"] == 20  # type: ignore[index]
    toy = f"{TOYS}:Raises"
    assert names(iml.Study("quick", learners=[registry.learner(toy)])) == [toy]


def test_an_estimator_becomes_a_name_and_the_options_that_differ_from_its_defaults() -> None:
    forest = RandomForestClassifier(max_depth=3, random_state=1, n_jobs=2)
    study = iml.Study("quick", learners=[forest, SGDClassifier])
    assert names(study) == ["sklearn.ensemble:RandomForestClassifier", "sklearn.linear_model:SGDClassifier"]
    options = planned(study, names(study)[0])["options"]
    cls = registry.learner(names(study)[0])
    expected = {**vars(cls()), "max_depth": 3, "rule": None}
    assert options == {name: value for name, value in expected.items() if value is not None}


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"plan": "quik"}, "unknown preset 'quik'; did you mean 'quick'"),
        ({"plan": {"sedes": 3}}, "given as a dictionary: unknown key 'sedes'; did you mean 'seeds'"),
        ({"plan": "./no.toml"}, "does not exist"),
        ({"learners": ["xgbost"]}, "unknown learner 'xgbost'; did you mean 'xgboost'"),
        ({"learners": "xgboost"}, r"learners = 'xgboost' is no list: write learners=\[...\]"),
        ({"learners": [3]}, "3 is no learner: give a name"),
        ({"learners": [StandardScaler()]}, "StandardScaler is no classifier"),
        ({"learners": [make_pipeline(StandardScaler(), SGDClassifier())]}, "can't be loaded by worker"),
        ({"learners": [RandomForestClassifier(class_weight={0: 2})]}, "can't be loaded by worker"),
        ({"seeds": 1}, "seeds = 1: Input should be greater than or equal to 2"),
        ({"settings": {"protocl.unseen": 3}}, "unknown key 'protocl'; did you mean 'protocol'"),
        ({"settings": {"seeds.x": 3}}, "setting 'seeds.x': 'seeds' holds no keys"),
        ({"world": "tabel"}, "unknown world 'tabel'; did you mean 'table'"),
        ({"storage": "mysql://x"}, "has the scheme 'mysql'"),
    ],
)
def test_what_is_not_allowed_is_refused_in_one_line_before_anything_runs(
    here: Path, keywords: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        iml.Study(**keywords)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    assert list(here.iterdir()) == []


def test_a_folder_with_another_plan_is_refused_and_left_as_it_is(
    run_folder: Path, small: dict[str, object]
) -> None:
    before = (run_folder / "run.sqlite3").read_bytes()
    study = iml.Study("quick", learners=["chance"], seeds=3, settings=small, folder=run_folder)
    with pytest.raises(UsageError, match=r"another plan .*in Python, folder"):
        study.run(progress=False)
    assert (run_folder / "run.sqlite3").read_bytes() == before
    with pytest.raises(UsageError, match="workers = 0: give 1 or more"):
        study.run(workers=0)


def test_a_run_in_which_every_learner_failed_raises_and_keeps_the_traceback(
    here: Path, small: dict[str, object]
) -> None:
    study = iml.Study("quick", learners=[f"{TOYS}:Raises"], seeds=2, settings=small)
    with pytest.raises(RunError, match=r"no learner was measured, only controls: .*ZeroDivisionError"):
        study.run(workers=1, progress=False)
    failures = iml.open_run(study.folder).failures
    assert "Traceback" in failures["traceback"][0]


def test_a_script_needs_no_main_guard(here: Path, small: dict[str, object]) -> None:
    (here / "script.py").write_text(
        "import iml_general as iml\n"
        "print('begun')\n"
        f"study = iml.Study('quick', learners=['naive-bayes'], seeds=2, settings={small})\n"
        "print(study.run(workers=2))\n"
    )
    done = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, check=True)
    assert done.stdout.count("begun") == 1
    assert "naive-bayes" in done.stdout
    assert done.stderr == ""
