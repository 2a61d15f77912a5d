"""The owner never sees the key of a question: each has a name on the page of rules, or on the order's."""

import ast
from collections.abc import Iterator
from pathlib import Path

from pages.rules import ORDER_QUESTIONS, QUESTIONS

RULES = sorted((Path(__file__).parents[1] / "dinero" / "rules").glob("*.py"))


def keys_of(tree: ast.Module) -> Iterator[str]:
    """The keys of the questions that a file asks, each as far as it is fixed."""
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Question":
            key = node.args[0]
            key = constants.get(key.id, key) if isinstance(key, ast.Name) else key
            if isinstance(key, ast.JoinedStr):
                key = key.values[0]
            if isinstance(key, ast.Constant):
                yield str(key.value).partition(":")[0]


def test_every_question_has_a_name_for_the_owner() -> None:
    keys = {key for path in RULES for key in keys_of(ast.parse(path.read_text()))}
    assert len(keys) > 25, "the questions are not found as they are written"
    assert keys - {*QUESTIONS, *ORDER_QUESTIONS} == set()
