"""A rule: what it refuses, why, and an example of each that --self-test tries."""

ALL = []


class Rule:
    def __init__(self, name, reason, bad, good, check):
        self.name, self.reason = name, reason
        self.bad, self.good, self.check = bad, good, check


def rule(name, reason, bad, good):
    """Makes a rule of a function from Tree to Findings.

    `bad` is a list of trees, each a dictionary from path to text, that the rule must refuse; `good`
    is one that it must let pass. `reason` follows every finding.
    """
    def add(check):
        ALL.append(Rule(name, reason, bad, good, check))
        return check
    return add
