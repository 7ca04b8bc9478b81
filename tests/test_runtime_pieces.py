"""The parts of the runtime one by one."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import helics
import numpy as np
import pytest
from federations import until
from plans import demo_plan

from tdscen.runtime import folder, heartbeat, locks, opening, ports, record, rendezvous, vectors
from tdscen.runtime.errors import NotStarted, RunError
from tdscen.runtime.heartbeat import Heartbeat, HeartbeatFile
from tdscen.runtime.journal import Journal
from tdscen.runtime.progress import find_run, is_running, progress
from tdscen.runtime.watch import Watch

ROOT = Path(__file__).parent.parent


def python(program: str, *arguments: object) -> subprocess.Popen[str]:
    """A child that runs `program` and says a line when it is ready."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True, cwd=ROOT)
    assert child.stdout is not None
    assert child.stdout.readline().strip() == "ready"
    return child


# --- folder


def test_runs_get_the_next_free_number_also_when_many_start_at_once(tmp_path: Path) -> None:
    (tmp_path / "runs" / "0007").mkdir(parents=True)
    (tmp_path / "runs" / "notes").mkdir()
    (tmp_path / "runs" / "0100").write_text("a file")
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(folder.next_run_folder, [tmp_path] * 20))
    assert sorted(run.name for run in made) == [f"{k:04d}" for k in range(8, 28)]
    assert folder.latest_run(tmp_path) == tmp_path / "runs" / "0027"
    assert folder.latest_run(tmp_path / "nowhere") is None


def test_numbers_above_9999_still_count_upwards(tmp_path: Path) -> None:
    (tmp_path / "runs" / "9999").mkdir(parents=True)
    assert folder.next_run_folder(tmp_path).name == "10000"
    assert folder.next_run_folder(tmp_path).name == "10001"


# --- journal


def test_a_journal_is_rows_of_float64_in_the_file_at_once(tmp_path: Path) -> None:
    run = folder.next_run_folder(tmp_path)
    journal = Journal(run, "feeder", ["a", "b"])
    journal.append(0.0, np.array([1.5, -2.0]))
    journal.append(0.1, np.array([np.nextafter(1, 2), 1e-300]))
    columns = json.loads((run / "journal" / "feeder.json").read_text())
    assert columns == {"columns": ["time_s", "a", "b"]}
    rows = np.fromfile(run / "journal" / "feeder.f64", "<f8").reshape(-1, 3)
    assert rows.tolist() == [[0.0, 1.5, -2.0], [0.1, np.nextafter(1, 2), 1e-300]]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_journal_takes_no_number_that_is_none(tmp_path: Path, bad: float) -> None:
    journal = Journal(folder.next_run_folder(tmp_path), "feeder", ["a", "b"])
    with pytest.raises(RunError, match="b is no finite number at t = 3 s"):
        journal.append(3.0, np.array([1.0, bad]))
    with pytest.raises(RunError, match="3 values for 2 recorded quantities"):
        journal.append(3.0, np.zeros(3))


def test_two_quantities_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="records a twice"):
        Journal(folder.next_run_folder(tmp_path), "feeder", ["a", "b", "a"])


# --- life and death

HOLD = """
import sys, time
from pathlib import Path
from tdscen.runtime.heartbeat import Heartbeat, HeartbeatFile
import os
file = HeartbeatFile(Path(sys.argv[1]))
file.write(Heartbeat("feeder", os.getpid(), "running", time_s=6.0))
print("ready", flush=True)
sys.stdin.read()
"""


def test_a_lock_is_free_the_moment_its_holder_is_killed_though_nobody_waited_for_it(tmp_path: Path) -> None:
    path = tmp_path / "feeder.json"
    assert not locks.is_held(path)
    child = python(HOLD, path)
    assert locks.is_held(path)
    woken_at: list[float] = []
    waiting = threading.Thread(target=lambda: (locks.wait_released(path), woken_at.append(time.monotonic())))
    waiting.start()
    time.sleep(0.1)
    assert not woken_at
    killed_at = time.monotonic()
    os.kill(child.pid, signal.SIGKILL)
    waiting.join(5)
    assert woken_at[0] - killed_at < 0.1
    assert not locks.is_held(path)  # the child is a zombie still
    assert child.wait() == -9


def test_a_heartbeat_is_read_back_and_a_shorter_one_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "feeder.json"
    assert heartbeat.read(path) is None
    file = HeartbeatFile(path)
    assert heartbeat.read(path) is None
    long = Heartbeat("feeder", 1, "failed", cause="ä" * 200, timings={"loop_s": 1.5}, notes=("one", "two"))
    for beat in (long, Heartbeat("feeder", 1, "running", time_s=1.0)):
        file.write(beat)
        assert heartbeat.read(path) == beat


def test_the_watch_kills_only_who_holds_its_lock(tmp_path: Path) -> None:
    run = folder.next_run_folder(tmp_path)
    child = python(HOLD, folder.status_file(run, "feeder"))
    bystander = python("print('ready', flush=True); import sys; sys.stdin.read()")
    left = HeartbeatFile(folder.status_file(run, "gone"))
    left.write(Heartbeat("gone", bystander.pid, "running"))  # a process id that was used again
    left.close()
    watch = Watch(run, ["feeder", "gone"], timeout_s=100)
    failure = watch.look()
    assert failure is not None
    assert failure.cause == "gone was killed (no last words) before t = 0"
    watch.kill()
    assert child.wait(5) == -9
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_a_process_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    program = """
import subprocess, sys
inner = subprocess.Popen([sys.executable, "-c", '''
from tdscen.runtime.lifeline import die_with_parent
import time
die_with_parent()
print("tied", flush=True)
time.sleep(60)
'''], stdout=subprocess.PIPE, text=True)
inner.stdout.readline()
print("ready", flush=True)
print(inner.pid, flush=True)
sys.stdin.read()
"""
    outer = python(program)
    assert outer.stdout is not None
    inner = int(outer.stdout.readline())
    outer.kill()
    outer.wait()
    until(lambda: not _alive(inner), "the inner process ends")


def _alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


# --- ports and rendezvous


def test_blocks_of_ports_do_not_overlap_and_are_given_back() -> None:
    held = [ports.reserve(3, None) for _ in range(30)]
    starts = sorted(taken.port for taken in held)
    assert all(b - a >= 10 for a, b in pairwise(starts))
    assert all(20000 <= port < 32000 for port in starts)
    with pytest.raises(NotStarted, match=f"the ports {starts[0]} to {starts[0] + 9}"):
        ports.reserve(3, starts[0])
    for taken in held:
        taken.release()
    ports.reserve(3, starts[0]).release()


def test_a_large_federation_gets_a_large_block() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        used = listening.getsockname()[1]
        with pytest.raises(NotStarted, match=rf"the ports {used - 65} to {used + 4}"):
            ports.reserve(64, used - 65)  # 5 + 64 ports and one to spare: 70


def test_blocks_that_overlap_are_not_both_given_whatever_their_widths() -> None:
    free = ports.reserve(64, None)
    free.release()
    small = ports.reserve(3, free.port + 33)  # nothing listens there yet, as before HELICS has started
    with pytest.raises(NotStarted, match="asks for are not all free"):
        ports.reserve(64, free.port)
    small.release()
    large = ports.reserve(64, free.port)
    with pytest.raises(NotStarted, match="are not all free"):
        ports.reserve(3, free.port + 33)
    large.release()


def test_a_rendezvous_counts_only_while_its_broker_lives(tmp_path: Path) -> None:
    run = folder.next_run_folder(tmp_path)
    status = HeartbeatFile(folder.status_file(run, folder.BROKER))
    invitation = rendezvous.Rendezvous(run.name, 20000, "key")
    stale = tmp_path / "runs" / ".rendezvous" / "1-2.json"
    stale.parent.mkdir()
    stale.write_text('{"key": "k", "port": 1, "run": "0099"}')
    path = rendezvous.announce(tmp_path, invitation)
    assert not stale.exists()
    assert path.name == f"{os.getppid()}-{rendezvous.started(os.getppid())}.json"
    assert rendezvous.wait(tmp_path, 0.1) == invitation
    status.close()
    with pytest.raises(NotStarted, match=r"no broker\.py showed up within 0\.1 s"):
        rendezvous.wait(tmp_path, 0.1)


# --- vectors


@pytest.fixture(scope="module")
def wire() -> Iterator[Any]:
    """A federate that sends to itself: `wire(values)` publishes and returns the subscription."""
    taken = ports.reserve(1, None)
    broker = helics.helicsCreateBroker("zmq", "vectors", f"--federates=1 --port={taken.port}")
    info = helics.helicsCreateFederateInfo()
    helics.helicsFederateInfoSetCoreTypeFromString(info, "zmq")
    address = f"--federates=1 --broker_address=tcp://127.0.0.1 --brokerport={taken.port}"
    helics.helicsFederateInfoSetCoreInitString(info, address)
    federate = helics.helicsCreateValueFederate("alone", info)
    kind = helics.HELICS_DATA_TYPE_COMPLEX_VECTOR
    publication = helics.helicsFederateRegisterGlobalPublication(federate, "values", kind, "")
    source = helics.helicsFederateRegisterSubscription(federate, "values", "")
    helics.helicsFederateEnterExecutingMode(federate)
    steps = iter(range(1, 1000))

    def send(values: Any) -> Any:
        if values is not None:
            vectors.publish(publication, values)
            helics.helicsFederateRequestTime(federate, next(steps))
        return source

    yield send
    helics.helicsFederateDisconnect(federate)
    helics.helicsBrokerWaitForDisconnect(broker, 5000)


def receive(source: Any, count: int) -> Any:
    return vectors.receive(source, [f"i{k}" for k in range(count)], "voltage", "ieee14", "at t = 3 s")


def test_nothing_published_is_an_error(wire: Any) -> None:
    with pytest.raises(RunError, match="ieee14 sent no voltage for i0 at t = 3 s"):
        receive(wire(None), 1)


@pytest.mark.parametrize("count", [1, 2, 3, 700])
def test_vectors_arrive_bit_for_bit_and_with_their_length(wire: Any, count: int) -> None:
    random = np.random.default_rng(count)
    sent = random.normal(size=count) + 1j * random.normal(size=count)
    np.testing.assert_array_equal(receive(wire(sent), count), sent)
    for other in (count - 1, count + 1):
        with pytest.raises(RunError, match=f"ieee14 sent {count} numbers as voltage at t = 3 s where {other}"):
            receive(wire(sent), other)


def test_a_list_and_a_strided_array_arrive_too(wire: Any) -> None:
    assert receive(wire([1 + 2j, 3]), 2).tolist() == [1 + 2j, 3]
    assert receive(wire(np.arange(6.0)[::2] + 0j), 3).tolist() == [0, 2, 4]


@pytest.mark.parametrize("bad", [complex(np.nan, 0), complex(0, np.inf), -1e49])
def test_numbers_not_to_compute_with_name_the_interface(wire: Any, bad: complex) -> None:
    with pytest.raises(RunError, match="ieee14 sent no voltage for i1 at t = 3 s"):
        receive(wire([1.0, bad, 1.0]), 3)


# --- run.json and progress


def test_the_first_cause_stays(tmp_path: Path) -> None:
    run = folder.next_run_folder(tmp_path)
    opening.open_record(run, demo_plan(), 20000)
    record.fail(run, "first", "ieee34", 6.0)
    record.fail(run, "second", "ieee14", 7.0)
    info = record.read(run)
    assert (info["state"], info["cause"], info["federate"], info["failed_at_s"]) == ("failed", "first", "ieee34", 6.0)
    assert info["exit_status"] == 3


def test_a_run_that_was_killed_with_its_broker_is_closed_and_no_other(tmp_path: Path) -> None:
    run = folder.next_run_folder(tmp_path)
    record.close_abandoned(run)  # it has only just begun
    assert not (run / "run.json").exists()
    broker = HeartbeatFile(folder.status_file(run, folder.BROKER))
    opening.open_record(run, demo_plan(), 20000)
    record.close_abandoned(run)
    assert record.read(run)["state"] == "running"
    broker.close()
    record.close_abandoned(run)
    assert record.read(run)["cause"] == "the run and its broker were killed (no last words)"
    assert record.read(run)["exit_status"] == 3


def test_a_federate_that_is_just_joining_or_just_ending_is_never_taken_for_gone(tmp_path: Path) -> None:
    paths = [tmp_path / f"{k}.json" for k in range(300)]
    current = [paths[0]]
    gone: list[Heartbeat | None] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            beat, is_gone = heartbeat.look(current[0])
            gone.extend([beat] if is_gone else [])

    looking = threading.Thread(target=look)
    looking.start()
    for path in paths:
        current[0] = path
        file = HeartbeatFile(path)
        for state in ("joined", "running", "finished"):
            file.write(Heartbeat("feeder", 1, state))  # type: ignore[arg-type]
        file.close()
    done.set()
    looking.join()
    assert gone == []


def test_progress_of_a_run_in_every_state(tmp_path: Path) -> None:
    from tdscen import codec

    run = folder.next_run_folder(tmp_path)
    (run / folder.PLAN).write_text(codec.dumps(demo_plan()))
    opening.open_record(run, demo_plan(), 20000)
    assert find_run(tmp_path, os.getppid()) == run
    assert find_run(tmp_path, 1) is None
    assert not is_running(run)
    assert [f.state for f in progress(run)] == ["starting", "starting"]
    file = HeartbeatFile(folder.status_file(run, "ieee14"))
    file.write(Heartbeat("ieee14", 1, "running", time_s=2.0, exchanges=5, wall_s=0.5))
    shown = progress(run)[0]
    assert (shown.name, shown.state, shown.time_s, shown.exchanges, shown.wall_s) == ("ieee14", "running", 2.0, 5, 0.5)
    file.close()
    assert progress(run)[0].state == "gone"


def test_readers_of_runs_load_neither_helics_nor_a_simulator() -> None:
    program = (
        "import sys, tdscen.runtime.folder, tdscen.runtime.status, tdscen.runtime.progress\n"
        "print(sorted({'helics', 'numpy', 'pandas', 'andes', 'dss'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_starting_a_run_loads_neither_numpy_nor_the_plan() -> None:
    """Between the command and the start of its processes nothing is imported that only they need."""
    program = (
        "import sys, tdscen.cli.run, tdscen.runtime.launch\n"
        "print(sorted({'numpy', 'pyarrow', 'rich', 'tdscen.plan', 'tdscen.facts'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
