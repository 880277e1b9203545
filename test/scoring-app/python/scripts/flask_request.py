"""A run() without @rawhttp that uses Flask, in whose request Azure ML's server calls it."""

import json

from flask import current_app, jsonify, make_response, request


def init():
    pass


def run(data):
    what = json.loads(data)
    if what == "header":
        return [request.method, request.headers["X-Mine"], request.content_type, request.endpoint, request.url_rule.rule]
    if what == "json":
        return request.get_json()
    if what == "jsonify":
        return jsonify(a=1)
    if what == "made":
        return make_response({"a": 1}, 201)
    if what == "app":
        return current_app.debug
    return request.get_data(as_text=True)
