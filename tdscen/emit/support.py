"""What a plan may ask for that generated federations cannot do yet: said aloud, never left out silently."""

from __future__ import annotations

from tdscen.plan import Plan


def unsupported(plan: Plan) -> tuple[str, ...]:
    """One sentence for each such thing; empty for a plan that can be written out."""
    found = {
        "hosts": bool(plan.federation.hosts),
        "external federates": bool(plan.external_federates),
    }
    return tuple(
        f"{plan.source}: {what} cannot be written out yet; take it out of the scenario to run the rest"
        for what, asked in found.items()
        if asked
    )
