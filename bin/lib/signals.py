"""How a run ends early: by a signal, after which everything is still cleaned up."""

import signal

from processes import ENDING


class Stopped(BaseException):
    """A signal asked for the end; not an Exception, so that nothing but the clean-up holds it up."""


def stop_on_signals():
    """From now on the signals that end a run raise Stopped, once."""
    for number in ENDING:
        signal.signal(number, _stop)


def ignore_signals():
    """The clean-up is not to be cut short by a second Ctrl-C; each of its steps has its own time limit."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


def _stop(_number, _frame):
    ignore_signals()
    raise Stopped
