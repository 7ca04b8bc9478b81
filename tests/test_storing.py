"""Energy of a storage: sums that can be done by hand."""

from __future__ import annotations

import pytest

from tdscen.simulators.storing import Store


def test_energy_advances_once_a_step_however_often_it_is_solved() -> None:
    store = Store(10.0, 0.5, 1.0)
    store.close_step(0.0, 0.0)
    for k in range(1, 11):
        store.open_step(60.0 * k)
        for power_kw in (99.0, 3.0, 6.0):  # what is repeated does not count, only the accepted power does
            store.kwh(power_kw)
        store.close_step(60.0 * k, 6.0)
    assert store.kwh(0.0) == pytest.approx(5.0 - 6.0 * 10 / 60)


def test_half_of_the_loss_is_on_each_way() -> None:
    store = Store(10.0, 0.5, 0.81)
    store.open_step(3600.0)
    assert store.kwh(0.9) == pytest.approx(4.0)
    assert store.kwh(-1.0) == pytest.approx(5.9)


def test_a_request_is_cut_to_what_empties_or_fills_it() -> None:
    store = Store(10.0, 0.1, 0.81)
    store.open_step(1800.0)
    assert store.allowed_kw(1.0) == 1.0
    assert store.allowed_kw(50.0) == pytest.approx(1.8)  # 1 kWh in half an hour, less a tenth
    assert store.allowed_kw(-50.0) == pytest.approx(-20.0)  # 9 kWh in half an hour, of which a tenth is lost
    store.close_step(1800.0, store.allowed_kw(50.0))
    assert store.kwh(0.0) == pytest.approx(0.0, abs=1e-12)
    store.open_step(1801.0)
    assert store.allowed_kw(50.0) == 0.0
    assert store.allowed_kw(-2.0) == -2.0


def test_steps_of_a_tenth_of_a_millisecond_and_of_minutes_add_up() -> None:
    store = Store(1.0, 1.0, 1.0)
    for time_s in (1e-4, 2e-4, 0.1, 120.0):
        store.open_step(time_s)
        store.close_step(time_s, 3.0)
    assert store.kwh(0.0) == pytest.approx(1.0 - 3.0 * 120 / 3600)
