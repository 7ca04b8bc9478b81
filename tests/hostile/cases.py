"""All hostile inputs."""

from __future__ import annotations

from hostile import models, scenarios
from hostile.case import Case

ALL: tuple[Case, ...] = (*scenarios.CASES, *models.CASES)
