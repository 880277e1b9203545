"""Runs an Azure ML entry script for the scoring app, which starts this file: `python worker.py SCRIPT`.

Standard library only, Python 3.8 or newer. File descriptor 3 is a Unix socket; scoring_worker/channel.py has its frames.
"""

import sys

from scoring_worker import loop

if __name__ == "__main__":
    # This folder is no part of what the script may import.
    sys.path.pop(0)
    loop.main(sys.argv[1])
