"""Federates of others in a run: HELICS's own recorder, and a run that waits for somebody who is not wanted."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from cosimulations import SCENARIO, SCRIPTS

from tdscen.results import open_run
from tdscen.runtime import rendezvous
from tdscen.runtime.errors import NotStarted

RECORDER = SCRIPTS / "helics_recorder"


@pytest.mark.skipif(not RECORDER.exists(), reason="the helics package here has no helics_recorder")
def test_helics_recorder_hears_both_sides_and_changes_nothing(tmp_path: Path) -> None:
    study = tmp_path / "study"
    (tmp_path / "topics.txt").write_text("tag ieee14/ieee34/voltage_pu\ntag ieee34/power_mva\n", encoding="utf-8")
    command = [SCRIPTS / "tdscen", "run", SCENARIO, "-o", study, "--observers", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None
        said = run.stderr.readline()
        assert said.startswith("waits for 1 more to join with --core_type=zmq ")
        options = said.partition(" with ")[2].split()
        heard = tmp_path / "heard.json"
        recorder = [RECORDER, tmp_path / "topics.txt", *options, "--stop", "20s", "-o", heard]
        path = f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"
        subprocess.run(recorder, check=True, timeout=60, env={**os.environ, "PATH": path}, capture_output=True)
        assert run.wait(60) == 0
    found: dict[str, dict[int, complex]] = {"ieee14/ieee34/voltage_pu": {}, "ieee34/power_mva": {}}
    for point in json.loads(heard.read_text(encoding="utf-8"))["points"]:
        ((real, imaginary),) = json.loads(point["value"])
        found[point["key"]][round(point["time"])] = complex(real, imaginary)  # the last one of each step
    table = open_run(study).interfaces
    voltages, powers = found.values()
    assert sorted(powers) == list(range(16))
    np.testing.assert_array_equal([powers[k].real for k in range(16)], table["p_mw"])
    assert np.abs([voltages[15]])[0] == table["v_pu"].iloc[-1]  # Python's own abs differs in the last bit at times
    assert subprocess.run([SCRIPTS / "tdscen", "run", SCENARIO, "-o", study, "-q"], check=False).returncode == 0
    first, second = (open_run(study / "runs" / name).recording.values for name in ("0001", "0002"))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("text", ["one", "-1", "1.5", "9999", ""])
def test_a_number_of_observers_that_is_none_is_said(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(rendezvous.OBSERVERS, text)
    with pytest.raises(NotStarted, match="TDSCEN_OBSERVERS=1"):
        rendezvous.observers()
