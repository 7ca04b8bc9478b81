"""What a master's own settings of the solution come to in a study."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tdscen.simulators.opendss.script import Setting

_SHAPED = ("daily", "yearly", "duty", "dutycycle", "peakday", "time", "ld1", "ld2")


def setting_remarks(settings: Sequence[tuple[str, Setting]]) -> Iterator[str]:
    """One sentence for the last mode and the last control mode that mean something else than in a study.

    `settings`: each with where it stands, in the order in which OpenDSS meets them.
    """
    last = {setting.key: (where, setting.value) for where, setting in settings}
    where, mode = last.get("mode", ("", "snapshot"))
    if any(name.startswith(mode) for name in _SHAPED):
        yield (
            f"{where} sets mode={mode}: a study solves snapshots, in which the model's load shapes do not act; "
            "profiles scale its loads"
        )
    elif not "snapshot".startswith(mode):
        yield f"{where} sets mode={mode}: a study solves snapshots instead"
    where, mode = last.get("controlmode", ("", "static"))
    if mode.startswith("of"):
        yield (
            f"{where} sets controlmode={mode}: regulators and capacitors settle at the start all the same; after that "
            "`controls` decides"
        )
