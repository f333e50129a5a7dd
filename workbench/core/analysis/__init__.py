"""Static analysis of attached code: it is parsed, never run.

`worker.AnalysisWorker` is what agents use: it keeps one warm child process that parses untrusted code under limits.
Inside the child, `analyse.analyse_unit` normalises a unit (`source`), asks Bandit (`bandit_run`) and our own rules
(`own_rules`, one file per family in `families`), and merges what they saw (`merge`).
"""
