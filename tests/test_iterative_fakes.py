"""Iterative coupling among several federates of fakes: who is asked, what ends a step, what ends a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeFeeder
from federations import faked, journal, run
from plans import with_simulation
from test_runtime_coupling import STEPS, three_interfaces

from tdscen import open_run
from tdscen.profiles import Constant

TOLERANCE_PU = 1e-8


def test_two_feeder_federates_iterate_together(tmp_path: Path) -> None:
    """The voltage of the last interface moves an exchange later than the first, and both federates see it."""
    plan = with_simulation(three_interfaces("iterative"), tolerance_pu=TOLERANCE_PU, max_exchanges=20)
    edits = {"ieee14": {"FakeTransmission as": "LinkedTransmission as"}}
    ended = run(faked(tmp_path / "study", plan, edits))
    assert ended.status == 0, ended.said
    table = open_run(tmp_path / "study").table
    assert len(table) == STEPS + 1
    for interface in plan.interfaces:
        of = {name: table[f"{interface.name}/{name}"].to_numpy() for name in ("v_pu", "fed_v_pu", "p_mw", "q_mvar")}
        np.testing.assert_allclose(of["fed_v_pu"], of["v_pu"], rtol=0, atol=TOLERANCE_PU)
        fake = FakeFeeder(None, None, observe=())
        power_kva = [fake.solve(v, m) for v, m in zip(of["v_pu"], table[f"{interface.name}/multiplier"], strict=True)]
        expected_mw = interface.scale.p_factor * np.real(power_kva) / 1000
        np.testing.assert_allclose(of["p_mw"], expected_mw, rtol=1e-7)
        np.testing.assert_allclose(table[f"{interface.name}/drawn_p_mw"], of["p_mw"], rtol=0, atol=1e-12)
        np.testing.assert_allclose(table[f"{interface.name}/drawn_q_mvar"], of["q_mvar"], rtol=0, atol=1e-12)
    exchanges = {interface.name: table[f"{interface.name}/exchanges"][1:] for interface in plan.interfaces}
    assert (exchanges["south"] >= 3).all()
    assert (exchanges["north"] == exchanges["south"]).all()
    assert (exchanges["east"] == exchanges["south"]).all()
    assert np.ptp(table["east/v_pu"]) > 1e-5  # which is what the link does


def test_a_step_that_is_not_agreed_on_ends_the_run_and_says_where(tmp_path: Path) -> None:
    """From the third step on the answers move the voltage for ever."""
    plan = with_simulation(three_interfaces("iterative"), tolerance_pu=TOLERANCE_PU, max_exchanges=5)
    unstable = (
        "system.attempt(time_s, federate.receive() * (2.0 + (-1) ** federate._exchanges if time_s > 0.25 else 1))"
    )
    ended = run(
        faked(
            tmp_path / "study",
            plan,
            {"ieee14": {"system.attempt(time_s, federate.receive(), federate.answered_pu)": unstable}},
        )
    )
    assert ended.status == 1  # of the unmodified `helics run`
    info = ended.info
    assert (info["state"], info["exit_status"], info["federate"]) == ("failed", 3, "ieee14")
    assert info["failed_at_s"] == pytest.approx(0.3)
    for part in (
        "do not agree at t = 0.3 s at south: after 5 exchanges its voltage still moves by ",
        " pu, from 0.",
        " rad to 0.",
    ):
        assert part in info["cause"]
    assert ended.run is not None
    for federate in ("ieee14", "pair", "single"):
        assert len(journal(ended.run, federate)[1]) == 3  # t = 0, 0.1, 0.2 s


def test_a_script_that_does_not_repeat_is_told(tmp_path: Path) -> None:
    plan = with_simulation(three_interfaces("iterative"), tolerance_pu=TOLERANCE_PU, max_exchanges=5)
    loop = "while federate.iterate():\n            federate.send_if_moved(system.attempt"
    edits = {"ieee14": {loop: loop.replace("while", "if")}}
    ended = run(faked(tmp_path / "study", plan, edits))
    assert ended.status == 1
    assert "the script of ieee14 did not repeat its step until the sides agreed" in ended.info["cause"]


def test_small_movements_of_many_steps_are_sent_in_the_end(tmp_path: Path) -> None:
    """T's voltage drifts by 0.4 of the tolerance a step: the feeders' voltage never stays behind by more than it."""
    plan = with_simulation(three_interfaces("iterative"), tolerance_pu=1e-4, max_exchanges=5)
    plan = replace(plan, interfaces=tuple(replace(i, profile=Constant(1.0)) for i in plan.interfaces))
    attempt = "system.attempt(time_s, federate.receive(), federate.answered_pu)"
    drifting = {attempt: "system.power_flow(federate.receive()) - 4e-4 * time_s"}
    study = faked(tmp_path / "study", plan, {"ieee14": drifting})
    ended = run(study)
    assert ended.status == 0, ended.said
    table = open_run(study).table
    behind_pu = table["east/mismatch_pu"].to_numpy()
    assert (behind_pu <= 1e-4).all()
    assert table["east/fed_v_pu"][0] - table["east/fed_v_pu"][STEPS] > 1e-4
