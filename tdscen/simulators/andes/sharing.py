"""ANDES's generated code with every subexpression computed once: fewer numpy operations, the same bits.

ANDES writes each equation of a model as one expression; what several of them contain (the sine of an angle, a power) is
written, and computed, several times. Only what stands there literally twice is shared, and nothing is reordered, so
that every operation has the operands that it had before.
"""

from __future__ import annotations

import ast
from collections import Counter

_OWN_SELECT = "from tdscen.simulators.andes.choosing import select"


def shared(source: str) -> str:
    """A generated module with shared subexpressions in its functions, and with `select` as `choosing` has it."""
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            _share(node)
    last_import = max((i for i, n in enumerate(tree.body) if isinstance(n, ast.ImportFrom)), default=None)
    if last_import is not None:
        tree.body.insert(last_import + 1, ast.parse(_OWN_SELECT).body[0])
    return f"{ast.unparse(ast.fix_missing_locations(tree))}\n"


def _share(function: ast.FunctionDef) -> None:
    """Give names to what the function's `return` computes more than once."""
    match function.body:
        case [ast.Return(value=ast.expr() as value)]:
            sharing = _Sharing(value, {argument.arg for argument in function.args.args})
            returned = sharing.written(value)
            function.body = [*sharing.statements, ast.Return(returned)]


class _Sharing:
    """The subexpressions of one expression: how often each is needed, and the statements that compute them."""

    def __init__(self, expression: ast.expr, taken: set[str]) -> None:
        self.statements: list[ast.stmt] = []
        self._taken = taken
        self._needed: Counter[str] = Counter()
        self._names: dict[str, str] = {}
        self._count(expression)

    def _count(self, node: ast.expr) -> None:
        """What a subexpression contains counts once, however often that itself is needed."""
        key = _key(node)
        self._needed[key] += 1
        if self._needed[key] == 1:
            for part in _parts(node):
                self._count(part)

    def written(self, node: ast.expr) -> ast.expr:
        """The expression with names in the place of what is shared; statements for those come to be on the way."""
        key = _key(node)
        if key in self._names:
            return ast.Name(self._names[key], ast.Load())
        _replace_parts(node, [self.written(part) for part in _parts(node)])
        if self._needed[key] == 1 or not isinstance(node, ast.BinOp | ast.UnaryOp | ast.Call):
            return node
        name = self._names[key] = self._free_name()
        self.statements.append(ast.Assign([ast.Name(name, ast.Store())], node))
        return ast.Name(name, ast.Load())

    def _free_name(self) -> str:
        number = len(self._names)
        while (name := f"_{number}") in self._taken:
            number += 1
        return name


def _parts(node: ast.expr) -> list[ast.expr]:
    """The expressions that make up this one, in the order in which they are computed."""
    match node:
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.UnaryOp(operand=operand):
            return [] if isinstance(operand, ast.Constant) else [operand]
        case ast.Call(args=args, keywords=keywords):
            return [*args, *(keyword.value for keyword in keywords)]
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            return elements
    return []


def _replace_parts(node: ast.expr, parts: list[ast.expr]) -> None:
    match node:
        case ast.BinOp():
            node.left, node.right = parts
        case ast.UnaryOp() if parts:
            node.operand = parts[0]
        case ast.Call(args=args, keywords=keywords):
            node.args = parts[: len(args)]
            for keyword, value in zip(keywords, parts[len(args) :], strict=True):
                keyword.value = value
        case ast.Tuple() | ast.List():
            node.elts = parts


def _key(node: ast.expr) -> str:
    return ast.dump(node)
