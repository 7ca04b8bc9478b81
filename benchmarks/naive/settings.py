"""What both scripts have to agree on, by hand. The feeder's model lies beside them."""

import numpy as np

BUS, LOAD = 4, "PQ_3"
FEEDER = "ieee34.dss"
SCALE = 47.8 / 2.05137  # MW of the case at bus 4 over MW of the feeder
STEP_S, STOP_S, TSTEP_S = 1.0, 15.0, 1 / 30
TOLERANCE = 1e-4  # of ANDES's steps: its own default
INITIAL_EXCHANGES = 6
MULTIPLIERS = 1 + 0.025 * np.random.RandomState(981).randn(round(STOP_S / STEP_S) + 1)
