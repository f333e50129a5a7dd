import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.core.consensus.histories import DOMAIN, OPTIONS, finding, proposal, record_of, task
from tests.unit.core.consensus.test_weighing import few
from workbench.core.consensus import ConsensusError, Record, decide
from workbench.core.consensus.mechanism import explain, logged
from workbench.core.consensus.standing import JUDGED_TO_SETTLE
from workbench.core.consensus.votes import votes_of
from workbench.core.consensus.weighing import weigh
from workbench.core.decisions import Standing
from workbench.core.evidence import Severity

ALL_RIGHT = [({"code": truth, "research": truth, "security": truth}, truth) for truth in OPTIONS * 8]


def three(verdict: str, confidence: float = 0.8):
    return [proposal(agent, verdict, confidence) for agent in ("code", "research", "security")]


@few
@given(
    st.lists(st.tuples(st.sampled_from(OPTIONS), st.floats(0.34, 1.0), st.booleans()), min_size=1, max_size=5),
    st.sampled_from([0, 3, 24]),
)
def test_prior_and_contributions_sum_exactly_to_the_posterior(votes, judged):
    proposals = [
        proposal(f"agent {index}", verdict, confidence, lineage="shared" if together else "", checks=(index, 4))
        for index, (verdict, confidence, together) in enumerate(votes)
    ]
    rounds = [({f"agent {n}": OPTIONS[(n + i) % 3] for n in range(5)}, OPTIONS[i % 3]) for i in range(judged)]
    decision = decide(task(), proposals, record_of(rounds))
    logs = {
        option: math.log(decision.prior[option])
        + math.fsum(contribution.log_odds[option] for contribution in decision.contributions)
        for option in OPTIONS
    }
    for option in OPTIONS:
        expected = math.log(decision.posterior[option] / decision.posterior[OPTIONS[0]])
        assert logs[option] - logs[OPTIONS[0]] == pytest.approx(expected, abs=1e-9)
    for contribution in decision.contributions:
        assert math.fsum(contribution.log_odds.values()) == pytest.approx(0, abs=1e-9)


def test_the_parts_of_a_contribution_explain_it():
    record = record_of(ALL_RIGHT[:9])
    decision = decide(task(), [proposal("code", "safe", 0.6, checks=(1, 4)), *three("safe")[1:]], record)
    for contribution in decision.contributions:
        whole = math.fsum(contribution.parts.values()) * contribution.independence
        shown = contribution.log_odds[contribution.verdict]
        assert shown == pytest.approx(whole) or (contribution.capped and shown < whole)
    code = decision.contributions[0]
    assert code.parts["quality"] < 0 < code.parts["record"], "checks that failed weigh against its record"


def test_the_first_day_shows_the_leading_verdict_as_provisional_and_says_what_would_settle_it():
    decision = decide(task(), three("do not use"), Record())
    assert (decision.verdict, decision.standing) == ("do not use", Standing.PROVISIONAL)
    assert decision.judged_to_settle == JUDGED_TO_SETTLE
    assert "no decision in review/python was judged yet" in decision.reason.lower()


def test_a_domain_with_record_and_a_clear_lead_is_settled():
    decision = decide(task(), three("safe", 0.95), record_of(ALL_RIGHT))
    assert (decision.verdict, decision.standing) == ("safe", Standing.SETTLED)
    assert decision.judged_to_settle == 0
    assert decision.contributions[0].right == decision.contributions[0].judged == len(ALL_RIGHT)


def test_too_little_record_elsewhere_does_not_settle_this_domain():
    elsewhere = record_of(ALL_RIGHT, domain="review/java")
    assert decide(task(), three("safe", 0.95), elsewhere).standing is Standing.PROVISIONAL
    assert decide(task(), three("safe", 0.95), record_of(ALL_RIGHT[:4])).judged_to_settle == JUDGED_TO_SETTLE - 4


def test_a_tie_goes_to_a_human_and_shows_the_safer_option_whatever_the_order():
    proposals = [proposal("stranger", "safe", 0.8), proposal("visitor", "do not use", 0.8)]
    for order in (proposals, proposals[::-1]):
        decision = decide(task(), order, Record())
        assert (decision.verdict, decision.standing) == ("do not use", Standing.NEEDS_A_HUMAN)
        assert "equally likely" in decision.reason


def test_with_a_record_a_close_call_needs_a_human():
    proposals = [proposal("code", "safe"), proposal("security", "do not use")]
    decision = decide(task(), proposals, record_of(ALL_RIGHT))
    assert decision.standing is Standing.NEEDS_A_HUMAN
    assert decision.judged_to_settle == 0


def test_with_a_record_one_voice_alone_needs_a_human():
    decision = decide(task(), [proposal("security", "do not use", 0.95)], record_of(ALL_RIGHT))
    assert decision.standing is Standing.NEEDS_A_HUMAN
    assert "one independent voice" in decision.reason


def test_a_permission_needs_more_certainty_than_a_refusal():
    halves = [({"code": truth, "security": truth}, truth) for truth in OPTIONS * 2] + [
        ({"code": OPTIONS[(i + 1) % 3], "security": OPTIONS[i % 3]}, OPTIONS[i % 3]) for i in range(6)
    ]
    record = record_of(halves)
    permitted, refused = (
        decide(task(), [proposal("code", verdict, 0.4), proposal("security", verdict, 0.4)], record)
        for verdict in ("safe", "do not use")
    )
    assert permitted.posterior["safe"] < 0.9
    assert permitted.standing is Standing.NEEDS_A_HUMAN
    assert "needs 90\u00a0%" in permitted.reason
    assert "needs 90\u00a0%" not in refused.reason


@pytest.mark.parametrize(
    ("found", "stands"),
    [
        ((finding(),), True),
        ((finding(confidence=0.5, witnesses=("bandit", "own rules")),), True),
        ((finding(confidence=0.79),), False),
        ((finding(severity=Severity.MEDIUM, confidence=1.0, witnesses=("a", "b", "c")),), False),
        ((), False),
    ],
)
def test_only_a_confirmed_finding_of_high_severity_is_a_gate(found, stands):
    proposals = [*three("do not use")[:2], proposal("security", "do not use", findings=found)]
    assert bool(decide(task(), proposals, Record()).gates) is stands


def test_no_vote_outweighs_a_gate():
    proposals = [*three("safe", 0.99)[:2], proposal("security", "safe", 0.99, findings=(finding(),))]
    decision = decide(task(), proposals, record_of(ALL_RIGHT))
    assert decision.verdict != "safe"
    assert decision.posterior["safe"] > 0.9, "the posterior still says how the agents voted"
    assert decision.standing is Standing.NEEDS_A_HUMAN
    assert decision.runner_up == "safe"
    assert "CWE-89" in decision.gates[0].reason
    assert "app.py, line 12" in decision.gates[0].reason
    assert decision.dissent == ("code", "research", "security")


def test_two_agents_that_saw_the_same_are_two_witnesses():
    half = finding(confidence=0.6, witnesses=("bandit",)), finding(confidence=0.6, witnesses=("own rules",))
    proposals = [
        proposal("code", "do not use", findings=half[:1]),
        proposal("security", "do not use", findings=half[1:]),
    ]
    assert len(decide(task(), proposals, Record()).gates) == 1


def test_the_dissenter_is_named_with_its_own_rationale_and_whether_it_would_change_the_verdict():
    decision = decide(task(), [*three("do not use")[:2], proposal("security", "safe")], Record())
    assert decision.dissent == ("security",)
    by_agent = {contribution.agent: contribution for contribution in decision.contributions}
    assert by_agent["security"].rationale == "security thinks so"
    assert not by_agent["security"].would_flip


def test_an_agent_that_carries_the_verdict_alone_is_said_to():
    decision = decide(task(), [proposal("code", "safe", 0.5), proposal("security", "do not use", 0.9)], Record())
    flips = {contribution.agent: contribution.would_flip for contribution in decision.contributions}
    assert decision.verdict == "do not use"
    assert flips == {"code": False, "security": True}


def test_agents_of_one_lineage_share_one_voice():
    alone = decide(task(), [proposal("a", "safe", lineage="m"), proposal("z", "do not use")], Record())
    twins = decide(
        task(),
        [proposal("a", "safe", lineage="m"), proposal("b", "safe", lineage="m"), proposal("z", "do not use")],
        Record(),
    )
    assert twins.posterior == pytest.approx(alone.posterior)
    assert [contribution.independence for contribution in twins.contributions] == [0.5, 0.5, 1.0]


def test_a_tasks_own_options_are_decided():
    options = ("ship", "wait")
    decision = decide(task(options=options), [proposal("code", "wait", options=options)], Record())
    assert (decision.verdict, set(decision.posterior)) == ("wait", set(options))


def test_a_trusted_agent_that_turns_is_put_on_probation_and_loses_its_say():
    good = [({"security": OPTIONS[i % 3], "code": OPTIONS[i % 3]}, OPTIONS[i % 3]) for i in range(60)]
    turned = [({"security": OPTIONS[(i + 1) % 3], "code": OPTIONS[i % 3]}, OPTIONS[i % 3]) for i in range(12)]
    before, after = record_of(good), record_of(good + turned)
    assert not before.remark("security", DOMAIN, OPTIONS)
    assert "on probation" in after.remark("security", DOMAIN, OPTIONS)
    said = [proposal("security", "safe"), proposal("code", "do not use")]
    assert decide(task(), said, after).posterior["safe"] < 0.2 < decide(task(), said, before).posterior["safe"]
    shown = {c.agent: c.remark for c in decide(task(), said, after).contributions}
    assert "on probation" in shown["security"]
    assert not shown["code"]


@pytest.mark.parametrize(
    ("proposals", "word"),
    [
        ([], "nothing to decide"),
        ([proposal("code", "safe"), proposal("code", "safe")], "two proposals"),
        ([proposal("code", "yes", options=("yes", "no"))], "other options"),
    ],
)
def test_proposals_that_cannot_be_weighed_are_refused_in_one_sentence(proposals, word):
    with pytest.raises(ConsensusError, match=word):
        decide(task(), proposals, Record())


def even(agent: str, rationale: str = "Not analysed: no analyser for COBOL. Nothing is claimed."):
    return proposal(agent, "do not use", 1 / 3).model_copy(update={"rationale": rationale})


def test_a_uniform_proposal_adds_nothing_and_is_no_dissent():
    spoke = [proposal("code", "safe"), proposal("security", "safe", 0.9)]
    without = decide(task(), spoke, Record())
    decision = decide(task(), [*spoke, even("research")], Record())
    assert decision.posterior == pytest.approx(without.posterior, abs=1e-12)
    assert (decision.standing, decision.dissent) == (without.standing, ())
    silent = decision.contributions[1]
    assert silent.abstained
    assert "no opinion" in silent.remark
    assert set(silent.log_odds.values()) == set(silent.parts.values()) == {0.0}
    assert not silent.would_flip


def test_a_uniform_proposal_takes_no_share_of_its_lineages_voice():
    shared = [proposal("code", "safe", lineage="m"), even("research").model_copy(update={"lineage": "m"})]
    assert decide(task(), shared, Record()).posterior == pytest.approx(
        decide(task(), shared[:1], Record()).posterior, abs=1e-12
    )


def test_when_nobody_has_an_opinion_a_human_is_needed_and_the_prior_stays():
    decision = decide(task(), [even("code"), even("security"), even("research")], record_of(ALL_RIGHT))
    assert decision.standing is Standing.NEEDS_A_HUMAN
    assert decision.posterior == pytest.approx(decision.prior)
    assert decision.reason.startswith("Security has no opinion (“Not analysed: no analyser for COBOL”)")


def test_others_do_not_stand_in_for_the_expert_who_could_not_look():
    others = [proposal("code", "safe after fixes", 0.9), proposal("research", "safe after fixes", 0.9)]
    decision = decide(task(), [*others, even("security")], record_of(ALL_RIGHT))
    assert decision.standing is Standing.NEEDS_A_HUMAN
    assert "security has no opinion" in decision.reason.lower()
    assert (decision.verdict, decision.runner_up) == ("do not use", "safe after fixes")
    assert decision.posterior["safe after fixes"] > decision.posterior["do not use"]
    assert decision.reason.endswith("the more cautious of the two leading options is shown")
    heard = [proposal("security", "do not use"), *others[:1], even("research")]
    assert "no opinion" not in decide(task(), heard, Record()).reason


def test_nothing_is_learned_of_an_agent_that_had_no_opinion():
    options = tuple(OPTIONS)
    weighing = weigh(votes_of([proposal("code", "safe"), even("security")], options), DOMAIN, options, Record())
    decision = explain(weighing, [proposal("code", "safe"), even("security")], Record())
    record = Record()
    record.note(logged("run", weighing, decision))
    record.learn(logged("run", weighing, decision), "safe")
    assert [(line.agent, line.right, line.judged) for line in record.table()] == [("code", 1, 1)]


def test_what_is_shown_for_an_expert_not_heard_is_never_bolder_than_the_lead():
    careful = [proposal("code", "do not use", 0.9), proposal("research", "do not use", 0.9)]
    decision = decide(task(), [*careful, even("security")], record_of(ALL_RIGHT))
    assert (decision.verdict, decision.standing) == ("do not use", Standing.NEEDS_A_HUMAN)
    assert "more cautious" not in decision.reason
