"""An init() that needs more memory than there is: the system ends its process."""

import os
import signal


def init():
    os.kill(os.getpid(), signal.SIGKILL)


def run(data):
    return data
