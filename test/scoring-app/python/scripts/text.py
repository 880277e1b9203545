"""An undecorated run(): what the body says, it does."""

import json
import logging
import math
import os
import sys
import time

calls = 0


def init():
    global greeting
    greeting = "initialised"
    print("init() of text.py")


class Number:
    pass


def run(raw_data):
    global calls
    calls += 1
    try:
        asked = json.loads(raw_data)
    except ValueError:
        return {"text": raw_data}
    what = asked.get("do") if isinstance(asked, dict) else None
    if what == "value":
        return asked["value"]
    if what == "python":
        return eval(asked["value"], {"math": math, "json": json, "Number": Number})
    if what == "execute":
        names = {}
        exec(asked["code"], names)
        return names.get("result")
    if what == "raise":
        raise ValueError("as asked")
    if what == "exit":
        sys.exit(3)
    if what == "print":
        print("printed", asked["text"])
        print("and to stderr", file=sys.stderr)
        logging.warning("logged %s", asked["text"])
        return "printed"
    if what == "sleep":
        time.sleep(asked["seconds"])
        return calls
    if what == "late":
        while True:
            pass
    if what == "die":
        os._exit(5)
    if what == "fork":
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
        os._exit(6)
    if what == "environment":
        return {name: os.environ.get(name) for name in asked["names"]}
    if what == "paths":
        return {"cwd": os.getcwd(), "first": sys.path[0], "last": sys.path[-1], "greeting": greeting}
    return asked
