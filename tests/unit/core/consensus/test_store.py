import sqlite3

import pytest

from tests.unit.core.consensus.histories import proposal, task
from workbench.core.consensus import ConsensusError, RecordStore
from workbench.core.consensus.standing import JUDGED_TO_SETTLE
from workbench.core.database import Database
from workbench.core.decisions import Standing


@pytest.fixture
def database(tmp_path):
    database = Database(tmp_path / "workbench.db")
    database.open()
    yield database
    database.close()


@pytest.fixture
def store(database):
    return RecordStore(database)


def three(verdict="do not use", dissenter="safe"):
    return [proposal("code", dissenter), proposal("research", verdict), proposal("security", verdict)]


def test_what_was_judged_is_used_in_the_next_run(store):
    first = store.decide("run 1", task(), three())
    store.judge("run 1", right=False, instead="safe")
    second = store.decide("run 2", task(), three())
    assert second.judged_to_settle == first.judged_to_settle - 1
    assert second.posterior["safe"] > first.posterior["safe"]
    tally = {contribution.agent: (contribution.right, contribution.judged) for contribution in second.contributions}
    assert tally == {"code": (1, 1), "research": (0, 1), "security": (0, 1)}


def test_the_record_survives_the_program(database, tmp_path):
    store = RecordStore(database)
    store.decide("run 1", task(), three())
    store.judge("run 1", right=True)
    table = store.table()
    database.close()
    again = Database(tmp_path / "workbench.db")
    again.open()
    assert RecordStore(again).table() == table
    again.close()
    assert [(line.agent, line.right, line.judged) for line in table] == [
        ("code", 0, 1),
        ("research", 1, 1),
        ("security", 1, 1),
    ]


def test_judging_again_replaces_what_was_said_before(store):
    for number in range(3):
        store.decide(f"run {number}", task(), three())
        store.judge(f"run {number}", right=True)
    once = store.record()
    store.judge("run 1", right=False, instead="safe")
    assert store.judgement("run 1") == "safe"
    assert store.record() != once
    store.judge("run 1", right=True)
    assert store.judgement("run 1") == "do not use"
    assert store.record().table() == once.table()
    assert store.record().judged("review/python") == 3


def test_replaying_the_log_gives_the_same_state_to_the_bit(store):
    for number in range(30):
        decision = store.decide(f"run {number}", task(), three())
        store.judge(f"run {number}", right=number % 3 > 0, instead=decision.runner_up)
    assert store.record() == store.record()
    assert store.record().beta != 1.0, "after 25 judged decisions the factor was fitted"


def test_enough_judged_decisions_settle_a_domain(store):
    agreed = [proposal(agent, "do not use", 0.9) for agent in ("code", "research", "security")]
    for number in range(JUDGED_TO_SETTLE):
        assert store.decide(f"run {number}", task(), agreed).standing is Standing.PROVISIONAL
        store.judge(f"run {number}", right=True)
    assert store.decide("the next", task(), agreed).standing is Standing.SETTLED


def test_a_run_that_decides_again_decides_the_same_and_counts_once(store):
    first = store.decide("run", task(), three())
    assert store.decide("run", task(), three()) == first
    store.judge("run", right=True)
    assert store.record().judged("review/python") == 1
    assert store.record().histories["code"].habits.confidence.count == 1


def test_the_same_task_run_again_before_anyone_judged_is_decided_the_same(store):
    first = store.decide("one", task(), three())
    assert store.decide("two", task(), three()) == first
    store.judge("one", right=True)
    assert store.decide("three", task(), three()) != first


def test_a_wrong_decision_must_say_what_was_right_unless_only_one_option_is_left(store):
    store.decide("run", task(), three())
    for instead in (None, "", "do not use", "something else"):
        with pytest.raises(ConsensusError, match="should have been"):
            store.judge("run", right=False, instead=instead)
    options = ("ship", "wait")
    store.decide("two", task(options=options), [proposal("code", "ship", options=options)])
    store.judge("two", right=False)
    assert store.judgement("two") == "wait"


def test_a_run_without_a_decision_cannot_be_judged(store):
    with pytest.raises(ConsensusError, match="no decision"):
        store.judge("nowhere", right=True)


def test_the_log_cannot_be_changed_in_silence(store, database):
    for number in range(3):
        store.decide(f"run {number}", task(), three())
    assert store.is_intact()
    with pytest.raises(sqlite3.IntegrityError, match="append-only"), database.write() as connection:
        connection.execute("UPDATE record_log SET run_id = 'x' WHERE seq = 2")
    with database.write() as connection:
        connection.execute("DROP TRIGGER record_log_is_append_only")
        connection.execute("UPDATE record_log SET body = replace(body, 'do not use', 'safe') WHERE seq = 2")
    assert not store.is_intact()


def test_the_log_holds_no_text_of_task_or_rationale(store, database):
    secret = "the canary sings at midnight"
    store.decide("run", task(description=secret), [proposal("code", "safe")])
    with database.read() as connection:
        stored = " ".join(str(row) for row in connection.execute("SELECT * FROM record_log"))
    assert secret not in stored
    assert "thinks so" not in stored
