"""The agents: project manager, code, security, research. Each works on steps and ends with one Proposal."""
