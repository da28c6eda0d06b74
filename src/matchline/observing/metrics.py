"""What is counted and measured, declared once, and the counters of one process.

No label holds a number, a code, an id or anything else of a customer (rule 22).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from matchline import __version__

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# Seconds. Most steps take below a millisecond; half a minute is the longest that anybody waits.
_DURATIONS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 30.0)
_WAITS = (1, 2, 5, 10, 15, 20, 30, 45, 60, 120, 300, 600, 1800)  # seconds until a customer has dialled
_BATCHES = (1, 2, 4, 8, 16, 32, 64, 128)  # steps; the last is the largest batch


class Kind(StrEnum):
    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """One name of the exposition; a counter's ends with `_total`."""

    name: str
    kind: Kind
    doc: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


RESERVATIONS = Metric(
    "matchline_reservations_total",
    Kind.COUNTER,
    "Reservations made (kind `reserved`) and prolonged (`renewed`).",
    ("group", "kind"),
)
EXHAUSTED = Metric(
    "matchline_exhausted_total", Kind.COUNTER, "Requests refused because no slot was free.", ("group",)
)
MATCHES = Metric(
    "matchline_matches_total",
    Kind.COUNTER,
    "Calls asked about. Verdict: `matched`, `none`, `code-needed`, `ambiguous`. Reason: `first`, `late` or "
    "`repeated` of a match; `unknown-number`, `wrong-code`, `guessed-too-often` or `nobody` of none; else empty.",
    ("verdict", "reason"),
)
MATCH_WAIT = Metric(
    "matchline_match_wait_seconds",
    Kind.HISTOGRAM,
    "From the reservation to the call that matched it.",
    buckets=_WAITS,
)
POOL = Metric(
    "matchline_pool_numbers",
    Kind.GAUGE,
    "Numbers of an exclusive resource group, by state: `free`, `reserved`, `cooling`. Of the whole installation.",
    ("group", "state"),
)
GUESSES_REFUSED = Metric(
    "matchline_guesses_refused_total",
    Kind.COUNTER,
    "Calls whose access code was not compared because the caller had guessed too often.",
)
REQUESTS = Metric(
    "matchline_requests_total",
    Kind.COUNTER,
    "Requests answered. The operation is `none` when there is nothing at the address.",
    ("operation", "status"),
)
REQUEST_TIME = Metric(
    "matchline_request_seconds",
    Kind.HISTOGRAM,
    "From a request's head to the end of its answer.",
    ("operation",),
    _DURATIONS,
)
STORE_TIME = Metric(
    "matchline_store_step_seconds",
    Kind.HISTOGRAM,
    "From asking the store for a step to its answer.",
    ("step",),
    _DURATIONS,
)
STORE_ERRORS = Metric(
    "matchline_store_errors_total", Kind.COUNTER, "Steps that the store could not answer.", ("step",)
)
COMMIT_BATCH = Metric(
    "matchline_commit_batch_steps",
    Kind.HISTOGRAM,
    "Steps that one commit made durable. Of SQLite stores.",
    buckets=_BATCHES,
)
COMMIT_TIME = Metric(
    "matchline_commit_seconds",
    Kind.HISTOGRAM,
    "To run the steps of one commit and to make them durable. Of SQLite stores.",
    buckets=_DURATIONS,
)
SWEPT = Metric("matchline_swept_total", Kind.COUNTER, "What sweeps removed because it was over.", ("kind",))
WEBHOOKS = Metric(
    "matchline_webhooks_total",
    Kind.COUNTER,
    "Deliveries of events: `sent`, `failed` (to be tried again), `dead` (given up).",
    ("result",),
)
OUTBOX = Metric(
    "matchline_outbox_events", Kind.GAUGE, "Events that wait for delivery. Of the whole installation."
)
OUTBOX_AGE = Metric(
    "matchline_outbox_age_seconds",
    Kind.GAUGE,
    "How long the first of them waits. Of the whole installation.",
)
LINE_EVENTS = Metric(
    "matchline_line_events_total",
    Kind.COUNTER,
    "Events of connected telephony. Outcome: `handed-over`, `collect`, `queue`, `queue-flagged` when something "
    "failed, `noted` when nothing was asked, `forged` when the signature was wrong.",
    ("line", "outcome"),
)
READY = Metric("matchline_node_ready", Kind.GAUGE, "1 while this node wants work, else 0.")
BUILD = Metric("matchline_build_info", Kind.GAUGE, "1; the version is the label.", ("version",))

METRICS = (
    *(RESERVATIONS, EXHAUSTED, MATCHES, MATCH_WAIT, POOL, GUESSES_REFUSED, REQUESTS, REQUEST_TIME),
    *(STORE_TIME, STORE_ERRORS, COMMIT_BATCH, COMMIT_TIME, SWEPT, WEBHOOKS, OUTBOX, OUTBOX_AGE),
    *(LINE_EVENTS, READY, BUILD),
)

_Child = Counter | Gauge | Histogram


class Metrics:
    """The counters of one process; of several that share a folder (`workers`) a scrape of one shows the sum."""

    def __init__(self, shared_folder: str | None = None) -> None:
        self._registry = CollectorRegistry()
        self._shared_folder = shared_folder
        self._made = {metric: self._make(metric) for metric in METRICS}
        self._children: dict[tuple[Metric, Sequence[str]], _Child] = {}
        self.set(BUILD, 1, __version__)

    def add(self, metric: Metric, *labels: str, by: float = 1) -> None:
        child = self._child(metric, labels)
        assert isinstance(child, Counter)
        child.inc(by)

    def observe(self, metric: Metric, value: float, *labels: str) -> None:
        child = self._child(metric, labels)
        assert isinstance(child, Histogram)
        child.observe(value)

    def set(self, metric: Metric, value: float, *labels: str) -> None:
        child = self._child(metric, labels)
        assert isinstance(child, Gauge)
        child.set(value)

    def clear(self, metric: Metric) -> None:
        """Forget what was set, of whatever labels."""
        self._made[metric].clear()
        self._children = {key: child for key, child in self._children.items() if key[0] is not metric}

    def total(self, metric: Metric) -> float:
        """What this process counted, whatever the labels."""
        samples = (sample for family in self._made[metric].collect() for sample in family.samples)
        return sum(sample.value for sample in samples if sample.name == metric.name)

    def counted(self, metric: Metric) -> Mapping[tuple[str, ...], int]:
        """What this process counted, by the labels."""
        samples = (sample for family in self._made[metric].collect() for sample in family.samples)
        return {
            tuple(sample.labels[label] for label in metric.labels): int(sample.value)
            for sample in samples
            if sample.name == metric.name
        }

    def exposition(self) -> bytes:
        """In Prometheus' text format."""
        if self._shared_folder is None:
            return bytes(generate_latest(self._registry))
        shared = CollectorRegistry()
        MultiProcessCollector(shared, self._shared_folder)  # type: ignore[no-untyped-call]
        return bytes(generate_latest(shared))

    def _make(self, metric: Metric) -> _Child:
        named = (metric.name, metric.doc, metric.labels)
        match metric.kind:
            case Kind.COUNTER:
                return Counter(*named, registry=self._registry)
            case Kind.GAUGE:
                return Gauge(*named, registry=self._registry, multiprocess_mode="mostrecent")
            case Kind.HISTOGRAM:
                return Histogram(*named, registry=self._registry, buckets=metric.buckets)

    def _child(self, metric: Metric, labels: tuple[str, ...]) -> _Child:
        key = (metric, labels)
        child = self._children.get(key)
        if child is None:
            made = self._made[metric]
            child = self._children[key] = made.labels(*labels) if labels else made
        return child
