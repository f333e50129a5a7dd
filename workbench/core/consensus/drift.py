"""The alarm for a trusted agent that turns: a cumulative sum (Page 1954) of evidence that it became worse."""

import math
from dataclasses import dataclass

FALL = 0.3
"""Loss of accuracy that the alarm looks for."""

ALARM = math.log(1000.0)
"""Evidence, in nats, at which it rings: no false alarm in 15 clean runs of up to 600 decisions on real panels, and five
points of accuracy lost after a turn instead of 33. At ln 100 there were up to 6 false alarms a run."""

REMEMBERED = 0.1
"""What stays of the agent's counts after an alarm."""

PROBATION = 20
"""Judged decisions for which the agent is shown as on probation after an alarm: as many as earn an inversion."""

_LOWEST, _HIGHEST = 0.05, 0.95


@dataclass
class Drift:
    """The alarm of one agent."""

    sum: float = 0.0
    since_alarm: int | None = None
    """Judged decisions since the last alarm; None before the first."""

    @property
    def on_probation(self) -> bool:
        """Whether the last alarm was less than PROBATION judged decisions ago."""
        return self.since_alarm is not None and self.since_alarm < PROBATION

    def learn(self, right: bool, accuracy: float) -> bool:
        """Take in one judged vote of an agent with this accuracy so far; True when the alarm rings."""
        usual = min(max(accuracy, _LOWEST), _HIGHEST)
        fallen = min(max(accuracy - FALL, _LOWEST), _HIGHEST)
        step = math.log(fallen / usual) if right else math.log((1.0 - fallen) / (1.0 - usual))
        self.sum = max(0.0, self.sum + step)
        if self.since_alarm is not None:
            self.since_alarm += 1
        if self.sum <= ALARM:
            return False
        self.sum, self.since_alarm = 0.0, 0
        return True
