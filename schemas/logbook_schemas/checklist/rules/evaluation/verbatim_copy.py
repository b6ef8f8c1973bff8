"""A language model that writes its training text.

What it checks: whether what the best weights write by themselves, from the beginnings of two validation rows, has a
stretch of more than 50 tokens that stands word for word in the training text, and at least twice as long as any that
the validation text itself has in common with it.

Why it matters: a low loss may be memory. Such a model says little new, and may repeat what it shouldn't.

Instead: take repeated passages out of the text, stop earlier, take more text or a smaller network.

Source: What to do when a neural network does not learn (S4-53).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import end, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.records.measures import VerbatimRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    found = evidence.end.verbatim if evidence.end else None
    if found is None or found.longest <= at.tokens or found.longest < at.times * found.natural:
        return
    yield Said(
        message=f"Of {found.generated} tokens that the model wrote by itself, {found.longest} in a row stand in the"
        f" training text: {found.text[:60]!r}.",
        where="generated text",
        measured=found.longest,
        expected=f"at most {int(at.tokens)} tokens in a row",
        remedy="Take repeated passages out of the text, stop earlier, or take more text or a smaller network.",
    )


RULE = Rule(
    code="E105",
    name="verbatim-copy",
    severity="note",
    moment="end",
    title="The language model writes its training text",
    why="A low loss may be memory: such a model says little new, and may repeat what it shouldn't.",
    source=cite("S4-53"),
    check=check,
    bad=lambda: evidence(end=end(verbatim=VerbatimRecord(prompts=2, prompt_tokens=32, generated=120, longest=88))),
    good=lambda: evidence(end=end(verbatim=VerbatimRecord(prompts=2, prompt_tokens=32, generated=120, longest=14))),
    doc=__doc__ or "",
    thresholds={
        "tokens": Threshold(50.0, "tokens in a row that stand in the training text (S4-53)"),
        "times": Threshold(2.0, "times as many as the validation text itself has in common with it"),
    },
)
