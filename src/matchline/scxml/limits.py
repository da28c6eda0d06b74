"""What a chart may use up. Every bound has a default that a contact-centre chart stays far below."""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Limits:
    document_bytes: int = MIB  # of one document, before it is read
    document_depth: int = 100  # elements within elements; the interpreter recurses over them
    microsteps: int = 1000  # for one external event
    contents: int = 20_000  # elements of executable content run for one external event
    own_events: int = 10_000  # that a chart sends itself before it comes to rest or takes one from outside
    queued: int = 1000  # events waiting in one chart, internal and external
    delayed: int = 1000  # delayed sends waiting in one chart
    data_bytes: int = MIB  # of one event's data, and of all variables when they are stored
    memory_bytes: int = 16 * MIB  # of one session's data model while it runs
    script_ms: int = 200  # processor time of one expression or script
    event_ms: int = 5000  # of all scripts for one external event, as a clock on the wall sees it
    invoke_depth: int = 5  # invoked charts within invoked charts
    sessions: int = 50  # of one chart, invoked ones included


DEFAULT_LIMITS = Limits()
