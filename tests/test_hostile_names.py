"""Whatever a scenario's names and texts are, generated scripts differ in constants and comments only."""

from __future__ import annotations

import ast
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plans import demo_plan

from tdscen.emit.scripts import broker_script, distribution_script, transmission_script
from tdscen.plan import Plan

TEXTS = st.one_of(
    st.sampled_from(
        ['"""', "'''", "\\", "{{ 7*7 }}", "{% x %}", "x\nimport os", "#", "__import__('os')", "\u2028", "\x00"]
    ),
    st.text(max_size=20),
)


class _Shape(ast.NodeTransformer):
    """A tree in which every constant is the same."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant(type(node.value).__name__)


def shapes(plan: Plan) -> list[str]:
    texts = [
        broker_script(plan),
        transmission_script(plan),
        *(distribution_script(plan, f) for f in plan.feeder_federates),
    ]
    return [ast.dump(_Shape().visit(ast.parse(text))) for text in texts]


EXPECTED = shapes(demo_plan())


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_texts_of_a_scenario_are_constants(title: str, case: str, path: str, load: str) -> None:
    plan = demo_plan()
    transmission = replace(plan.transmission, case=replace(plan.transmission.case, path=case))
    distributions = tuple(replace(d, model=replace(d.model, path=path)) for d in plan.distributions)
    interfaces = tuple(replace(i, load=f"L{load}") for i in plan.interfaces)
    hostile = replace(plan, title=title, transmission=transmission, distributions=distributions, interfaces=interfaces)
    assert shapes(hostile) == EXPECTED
