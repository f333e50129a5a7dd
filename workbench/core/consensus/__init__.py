"""The consensus mechanism and the record it learns: many sealed proposals in, one explained decision out."""

from workbench.core.consensus.mechanism import ALGORITHM, decide
from workbench.core.consensus.record import AgentRecord, Record
from workbench.core.consensus.store import RecordStore
from workbench.core.consensus.votes import ConsensusError

__all__ = ["ALGORITHM", "AgentRecord", "ConsensusError", "Record", "RecordStore", "decide"]
