"""What every test may rely on."""

import signal


def pytest_configure() -> None:
    """Ctrl-C reaches the processes that tests start, also where pytest runs behind `nohup` or in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
