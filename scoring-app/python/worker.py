"""Runs an Azure ML entry script for the scoring app, which starts this file: `python worker.py SCRIPT [--overlaps]`.
With --overlaps the app has another core: it serves what is answered while the next run() computes.

Standard library only, Python 3.8 or newer. File descriptor 3 is a Unix socket; scoring_worker/channel.py has its frames.
"""

# Processes that multiprocessing and joblib spawn import this file, too, by another name and without this folder.
if __name__ == "__main__":
    import sys

    from scoring_worker import loop

    # This folder is no part of what the script may import.
    sys.path.pop(0)
    loop.main(sys.argv[1], "--overlaps" in sys.argv[2:])
