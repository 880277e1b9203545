"""What a client is told, with MLflow's names of faults."""


class Fault(Exception):
    """The request is refused."""

    def __init__(self, message, code="BAD_REQUEST", status=400, failed=False):
        super().__init__(message)
        self.code = code
        self.status = status
        # Whether it was the model that refused it.
        self.failed = failed


class Unsupported(Fault):
    """Of the wrong content type: told as text."""

    def __init__(self, message):
        super().__init__(message, status=415)


def invalid_input(message):
    return Fault(f"Invalid input. {message}")


def invalid_value(message):
    return Fault(message, "INVALID_PARAMETER_VALUE")
