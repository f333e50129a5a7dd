import csv
import random

import pytest

from workbench.core.consensus import ConsensusError
from workbench.evaluation.consensus import evaluate


def write(path, header, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


@pytest.fixture
def panel(tmp_path):
    """One good agent, three that copy each other's mistakes, 150 questions of two options."""
    chance = random.Random(7)
    votes, truths = [], []
    for number in range(150):
        truth = chance.choice("01")
        wrong = "1" if truth == "0" else "0"
        crowd = truth if chance.random() < 0.45 else wrong
        votes.append((number, "good", truth if chance.random() < 0.9 else wrong, 0.7))
        votes += [(number, f"crowd {index}", crowd, 0.99) for index in range(3)]
        truths.append((number, truth, "even" if number % 2 else "odd"))
    write(tmp_path / "small.csv", ("task", "worker", "label", "conf"), votes)
    write(tmp_path / "small.truth.csv", ("task", "truth", "domain"), truths)
    return tmp_path


def test_the_record_finds_the_good_agent_where_the_majority_follows_the_crowd(panel):
    scores = evaluate(panel)["sets"]["small"]
    assert set(scores) == {"accuracy", "log_loss", "brier", "ece", "decisions", "best_agent", "majority"}
    assert scores["decisions"] == 150
    assert scores["majority"] < 0.6 < scores["accuracy"]
    assert 0.84 < scores["best_agent"] <= 0.96
    assert scores["accuracy"] > scores["best_agent"] - 0.12
    assert 0 < scores["brier"] < 0.25
    assert 0 < scores["ece"] < 0.2


def test_the_same_data_give_the_same_figures(panel):
    assert evaluate(panel) == evaluate(panel)


def test_an_agent_that_seldom_votes_is_not_the_best_agent(panel):
    truth = (panel / "small.truth.csv").read_text(encoding="utf-8").splitlines()[1].split(",")[1]
    with (panel / "small.csv").open("a", encoding="utf-8") as file:
        file.write(f"0,lucky,{truth},1\n")
    assert evaluate(panel)["sets"]["small"]["best_agent"] < 1.0


def test_a_folder_without_sets_and_a_file_without_columns_are_named(tmp_path):
    with pytest.raises(ConsensusError, match="nothing to score"):
        evaluate(tmp_path)
    write(tmp_path / "odd.csv", ("task", "who", "label"), [(1, "a", "0")])
    write(tmp_path / "odd.truth.csv", ("task", "truth"), [(1, "0")])
    with pytest.raises(ConsensusError, match="no column worker"):
        evaluate(tmp_path)
