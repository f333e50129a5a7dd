"""Properties that hold whatever the history: what no agent can do, and what always follows."""

import math
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.core.consensus.histories import AGENTS, DOMAIN, OPTIONS, judge, option_sets, situations, vote, votes_on
from workbench.core.consensus.pool import CAP
from workbench.core.consensus.record import Record
from workbench.core.consensus.weighing import weigh

few = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def odds(posterior, of, against):
    return math.log(posterior[of] / posterior[against])


@few
@given(situations(), st.randoms(use_true_random=False))
def test_the_order_of_the_proposals_changes_nothing(situation, random):
    options, record, votes = situation
    shuffled = random.sample(votes, len(votes))
    assert weigh(votes, DOMAIN, options, record) == weigh(shuffled, DOMAIN, options, record)


@few
@given(situations(), st.floats(0.34, 1.0), st.floats(0.34, 1.0))
def test_more_confidence_never_lowers_an_agents_own_verdict(situation, one, other):
    options, record, votes = situation
    posteriors = []
    for confidence in sorted((one, other)):
        mine = votes[0].model_copy(update={"confidence": confidence})
        posteriors.append(weigh([mine, *votes[1:]], DOMAIN, options, record).posterior[options.index(mine.verdict)])
    assert posteriors[1] >= posteriors[0] - 1e-9


@few
@given(situations(), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_more_checks_passed_never_lower_an_agents_own_verdict(situation, one, other):
    options, record, votes = situation
    posteriors = []
    for quality in sorted((one, other)):
        mine = votes[0].model_copy(update={"quality": quality})
        posteriors.append(weigh([mine, *votes[1:]], DOMAIN, options, record).posterior[options.index(mine.verdict)])
    assert posteriors[1] >= posteriors[0] - 1e-9


@few
@given(situations())
def test_changing_to_a_verdict_never_lowers_its_odds(situation):
    options, record, votes = situation
    agent = votes[0].agent
    if (DOMAIN, options) in record.history(agent).confusion.contrarian:
        return
    before, after = options[0], options[1]
    posteriors = {
        verdict: weigh(
            [votes[0].model_copy(update={"verdict": verdict}), *votes[1:]], DOMAIN, options, record
        ).posterior
        for verdict in (before, after)
    }
    assert odds(posteriors[after], 1, 0) >= odds(posteriors[before], 1, 0) - 1e-9


@few
@given(option_sets().flatmap(lambda options: st.tuples(st.just(options), votes_on(options))))
def test_a_declared_duplicate_changes_nothing(case):
    options, votes = case
    first = votes[0].model_copy(update={"lineage": "the same model"})
    others = [other for other in votes[1:] if other.lineage != "one model"]
    twin = first.model_copy(update={"agent": "stranger with the same model"})
    first = first.model_copy(update={"agent": "another stranger"})
    once = weigh([first, *others], DOMAIN, options, Record()).posterior
    twice = weigh([first, twin, *others], DOMAIN, options, Record()).posterior
    assert twice == pytest.approx(once, abs=1e-12)


@few
@given(situations(), st.data())
def test_one_voice_swings_no_odds_by_more_than_twice_the_cap(situation, data):
    options, record, votes = situation
    votes = [one.model_copy(update={"lineage": one.agent}) for one in votes]
    liar = data.draw(votes_on(options).map(lambda lies: lies[0]))
    liar = liar.model_copy(update={"agent": votes[0].agent, "lineage": votes[0].lineage})
    honest = weigh(votes, DOMAIN, options, record).posterior
    lied = weigh([liar, *votes[1:]], DOMAIN, options, record).posterior
    for index in range(len(options)):
        assert abs(odds(honest, index, 0) - odds(lied, index, 0)) <= 2 * CAP + 1e-9


@few
@given(situations())
def test_a_lone_agent_never_goes_beyond_ninety_to_ten(situation):
    options, record, votes = situation
    weighing = weigh(votes[:1], DOMAIN, options, record)
    for index in range(len(options)):
        moved = odds(weighing.posterior, index, 0) - (weighing.log_prior[index] - weighing.log_prior[0])
        assert abs(moved) <= CAP + 1e-9


@few
@given(st.lists(st.sampled_from(OPTIONS), min_size=1, max_size=len(AGENTS)))
def test_without_record_and_with_equal_expertise_the_most_votes_lead_and_ties_stay_ties(verdicts):
    votes = [vote(f"stranger {index}", verdict, 0.6) for index, verdict in enumerate(verdicts)]
    posterior = weigh(votes, DOMAIN, OPTIONS, Record()).posterior
    counts = Counter(verdicts)
    for one in range(len(OPTIONS)):
        for other in range(len(OPTIONS)):
            difference = counts[OPTIONS[one]] - counts[OPTIONS[other]]
            if difference:
                assert (posterior[one] > posterior[other]) == (difference > 0)
            else:
                assert posterior[one] == pytest.approx(posterior[other], abs=1e-12)


@few
@given(situations(least=2))
def test_the_posterior_is_a_distribution_and_no_option_is_ruled_out(situation):
    options, record, votes = situation
    posterior = weigh(votes, DOMAIN, options, record).posterior
    assert math.fsum(posterior) == pytest.approx(1.0)
    assert min(posterior) > 0


def test_a_vote_of_an_unlucky_agent_is_silenced_but_not_turned_round():
    record = Record()
    for _ in range(12):
        judge(record, [vote("unlucky", "safe")], "do not use")
    evidence = weigh([vote("unlucky", "safe", 0.9)], DOMAIN, OPTIONS, record).voices[0][0].log_odds
    assert max(evidence) == evidence[0]


def test_an_agent_reliably_worse_than_chance_counts_the_other_way_and_is_called_contrarian():
    options, record = ("yes", "no"), Record()
    for index in range(80):
        said, truth = options[index % 2], options[1 - index % 2]
        judge(record, [vote("liar", said)], truth, options)
    assert weigh([vote("liar", "yes")], DOMAIN, options, record).posterior[0] < 0.5
    assert "contrarian" in record.remark("liar", DOMAIN, options)
    assert weigh([vote("liar", "yes")], "another/domain", options, record).posterior[0] >= 0.5 - 1e-12


def test_an_agent_right_in_one_domain_counts_more_there_than_elsewhere():
    record = Record()
    for index in range(20):
        truth = OPTIONS[index % 3]
        judge(record, [vote("expert", truth)], truth, domain="review/python")
        judge(record, [vote("expert", OPTIONS[(index + index // 3) % 3])], truth, domain="review/java")
    at_home = weigh([vote("expert", "safe")], "review/python", OPTIONS, record).posterior[0]
    abroad = weigh([vote("expert", "safe")], "review/java", OPTIONS, record).posterior[0]
    assert at_home > abroad + 0.05


def test_an_agent_whose_confidence_means_nothing_is_no_longer_heard_for_it():
    record, options = Record(), ("yes", "no")
    for index in range(120):
        truth = options[index % 2]
        said = truth if index % 3 else options[1 - index % 2]
        judge(record, [vote("boaster", said, 0.95 if index % 5 < 2 else 0.6)], truth, options)
    sure = weigh([vote("boaster", "yes", 0.99)], DOMAIN, options, record).voices[0][0]
    assert abs(sure.parts["confidence"]) < 0.3 * abs(sure.parts["record"])
