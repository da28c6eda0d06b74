"""What is logged, as text for people or as one JSON object a line for collectors, each with its request's id."""

import logging
import sys

import msgspec

from matchline.clock import SECOND, moment
from matchline.observing.context import request_id

FORMATS = ("text", "json")

_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_TEXT_OF_REQUEST = "%(asctime)s %(levelname)s %(name)s [%(request_id)s]: %(message)s"


class TextFormatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__(_TEXT)
        self._of_request = logging.Formatter(_TEXT_OF_REQUEST)

    def format(self, record: logging.LogRecord) -> str:
        asked = request_id()
        if asked is None:
            return super().format(record)
        record.request_id = asked
        return self._of_request.format(record)


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": moment(int(record.created * SECOND)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        asked = request_id()
        if asked:
            entry["request_id"] = asked
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(entry).decode()


def formatter(form: str) -> logging.Formatter:
    return JsonFormatter() if form == "json" else TextFormatter()


def configure_logs(level: str, form: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(form))
    logging.basicConfig(level=level.upper(), handlers=[handler])
    logging.getLogger("uvicorn").setLevel("WARNING")
    logging.getLogger("httpx").setLevel("WARNING")  # it would tell the address of each delivery
