"""The least that a run() does."""


def init():
    pass


def run(raw_data):
    return "ok"
