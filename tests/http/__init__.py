"""The HTTP API, in process."""  # noqa: A005 - always imported as tests.http
