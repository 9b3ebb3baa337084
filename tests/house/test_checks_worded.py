"""Every check has a short name and a sentence, and the sentence names nothing that its facts do not tell."""

from __future__ import annotations

from duban.core.checks import CHECKS
from duban.web.check_names import CHECKS as NAMES
from duban.web.sentences import SENTENCES


def test_every_check_has_a_short_name_and_a_sentence():
    assert list(NAMES) == list(CHECKS)
    assert not set(CHECKS) - set(SENTENCES)
    names = [str(name) for name in NAMES.values()]
    assert len(set(names)) == len(names)
