"""Why an order is held, and what the owner can do: mend it, or answer a question.

A question is asked where the right booking depends on the owner's accountant. Its answer counts for one order,
or for all orders when it is remembered as a rule under the question's key.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dinero.model.i18n import Text

Answers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question: `value` is stable, `text` says what follows from it."""

    value: str
    text: Text


@dataclass(frozen=True, slots=True)
class Question:
    """A decision that is not ours. `key` names it for answers and rules; `explanation` says what depends on it.

    Without `can_be_rule` it must be answered order by order, because the answer never follows from the last one.
    """

    key: str
    explanation: Text
    choices: tuple[Choice, ...]
    can_be_rule: bool = True

    def answer(self, answers: Answers) -> str | None:
        """The answer that was given, None when there is none or it is no longer one of the choices."""
        given = answers.get(self.key)
        return given if given in {choice.value for choice in self.choices} else None


@dataclass(frozen=True, slots=True)
class Finding:
    """Why an order is held (or not due), and what the owner can do. `code` is stable; texts are translated."""

    code: str
    text: Text
    fix: Text | None = None
    question: Question | None = None


def told_of(findings: Iterable[Finding], shop: str) -> list[Finding]:
    """The findings with the name of the shop that they are about in their sentences."""
    return [_told_of(finding, shop) for finding in findings]


def _told_of(finding: Finding, shop: str) -> Finding:
    text, asked = finding.text.filled(shop=shop), finding.question
    fix = finding.fix.filled(shop=shop) if finding.fix is not None else None
    if asked is not None:
        choices = tuple(Choice(choice.value, choice.text.filled(shop=shop)) for choice in asked.choices)
        asked = replace(asked, explanation=asked.explanation.filled(shop=shop), choices=choices)
    return Finding(finding.code, text, fix, asked)


def advised_once(findings: Iterable[Finding]) -> list[Finding]:
    """The findings as they are told together: the same advice once, with the last one that it is for."""
    told: list[Finding] = []
    later: list[Text] = []
    for finding in reversed(list(findings)):
        told.append(replace(finding, fix=None) if finding.fix in later else finding)
        later += [finding.fix] if finding.fix else []
    return told[::-1]


def dumps(findings: Sequence[Finding]) -> str:
    """Findings as JSON for the store."""
    return json.dumps([_pack(finding) for finding in findings], ensure_ascii=False)


def loads(packed: str) -> list[Finding]:
    """The findings that `dumps` packed."""
    return [_unpack(row) for row in json.loads(packed)]


def _pack(finding: Finding) -> dict[str, Any]:
    packed: dict[str, Any] = {
        "code": finding.code,
        "text": finding.text.to_json(),
        "fix": finding.fix.to_json() if finding.fix else None,
    }
    if finding.question is not None:
        question = finding.question
        packed["question"] = {
            "key": question.key,
            "explanation": question.explanation.to_json(),
            "choices": [[choice.value, choice.text.to_json()] for choice in question.choices],
            "can_be_rule": question.can_be_rule,
        }
    return packed


def _unpack(row: Mapping[str, Any]) -> Finding:
    asked = row.get("question")
    question = None
    if asked is not None:
        choices = tuple(Choice(value, Text.from_json(text)) for value, text in asked["choices"])
        question = Question(asked["key"], Text.from_json(asked["explanation"]), choices, asked["can_be_rule"])
    fix = Text.from_json(row["fix"]) if row.get("fix") else None
    return Finding(row["code"], Text.from_json(row["text"]), fix, question)
