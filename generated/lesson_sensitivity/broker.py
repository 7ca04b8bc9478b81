"""The broker of a co-simulation, made by tdscen 0.1.0."""

# IEEE 14 + IEEE 34: what the interface voltage is sensitive to (lesson_sensitivity.tds)
#
# Runs HELICS's broker, makes the folder runs/NNNN of this run, and watches the federates: when one of them fails or
# is killed, the run ends at once with a status that is not 0 and the cause in words.

import sys

try:
    from tdscen.runtime import supervise
except ImportError as missing:
    print(f"{sys.executable} cannot run this ({missing}): activate the environment that has tdscen", file=sys.stderr)
    raise SystemExit(5) from None

supervise(__file__, federates=("ieee14", "ieee34"))
