"""Running charts to snapshots and back.

What a snapshot cannot hold: functions and cycles among the variables, `let` and `const` of scripts, that two
variables hold one and the same object, and what JSON changes (`Date`, `NaN`, `Map`). Scripts of the document run
again before the variables are set, so that the functions they define are there.
"""

from heapq import nsmallest

from matchline.clock import Instant
from matchline.scxml.chart import Chart
from matchline.scxml.document import Document
from matchline.scxml.faults import EvaluationError, Stopped
from matchline.scxml.host import Host
from matchline.scxml.interpreter import Interpreter
from matchline.scxml.parse import parse
from matchline.scxml.session import Origin, Session
from matchline.scxml.snapshot import VERSION, Delayed, SessionSnapshot, Snapshot


def snapshot(chart: Chart) -> Snapshot:
    """The chart between two steps. Raises `Stopped` when its variables are too large or deep to be stored."""
    try:
        sessions = [_session_snapshot(session) for session in chart.sessions.values()]
    except EvaluationError as error:
        raise Stopped(f"the variables cannot be stored: {error}") from None
    size = sum(len(json or "") for session in sessions for json in session.variables.values())
    if size > chart.host.limits.data_bytes:
        raise Stopped(f"the variables are more than {chart.host.limits.data_bytes:,} bytes")
    return Snapshot(VERSION, sessions, list(chart.waiting), _in_order(chart), chart.own_events)


def restore(document: Document, stored: Snapshot, host: Host, now: Instant, *, traced: bool = False) -> Chart:
    """Goes on where the snapshot was taken. `document` must be the one that the chart was started with."""
    if stored.version != VERSION:
        raise ValueError(f"a snapshot of version {stored.version}, not {VERSION}")
    chart = Chart(document, host, now, traced=traced)
    for one in stored.sessions:
        session = Session(one.id, _document_of(one, document, chart), _origin_of(one), chart)
        chart.sessions[one.id] = session
        _restore_session(session.interpreter, one)
        if one.parent is not None and one.invoke_id is not None:
            chart.sessions[one.parent].children[one.invoke_id] = one.id
    chart.own_events = stored.own_events
    chart.waiting.extend(stored.waiting)
    for delayed in stored.delayed:
        chart.push_delayed(delayed)
    return chart


def _in_order(chart: Chart) -> list[Delayed]:
    return [delayed for _, _, delayed in nsmallest(len(chart.delayed), chart.delayed)]


def _session_snapshot(session: Session) -> SessionSnapshot:
    interpreter, origin = session.interpreter, session.origin
    interpreter.datamodel.begin_event()
    states = session.document.states
    return SessionSnapshot(
        id=session.id,
        parent=origin.parent,
        invoke_id=origin.invoke_id,
        place=origin.place,
        source=origin.source,
        running=interpreter.running,
        stopped=interpreter.stopped,
        result=interpreter.result,
        active=[states[index].id for index in sorted(interpreter.active)],
        history={
            states[index].id: [states[one].id for one in remembered]
            for index, remembered in sorted(interpreter.history.items())
        },
        initialised=[states[index].id for index in sorted(interpreter.initialised)],
        invocations={
            name: (states[index].id, place) for name, (index, place) in interpreter.invocations.items()
        },
        internal=list(interpreter.internal),
        event=interpreter.event,
        variables=interpreter.datamodel.variables(),
        ids_made=interpreter.executor.ids_made,
    )


def _document_of(one: SessionSnapshot, root: Document, chart: Chart) -> Document:
    if one.source is not None:
        return parse(one.source, chart.host.load, chart.host.limits)
    if one.parent is None or one.place is None:
        return root
    content = chart.sessions[one.parent].document.invokes[one.place].payload.content
    if content is None or content.document is None:
        raise ValueError("the snapshot is of another document")
    return content.document


def _origin_of(one: SessionSnapshot) -> Origin:
    return Origin(one.parent, one.invoke_id, one.place, one.source)


def _restore_session(interpreter: Interpreter, one: SessionSnapshot) -> None:
    numbers = interpreter.document.by_id
    try:
        interpreter.active |= {numbers[name] for name in one.active}
        interpreter.initialised |= {numbers[name] for name in one.initialised}
        for name, remembered in one.history.items():
            interpreter.history[numbers[name]] = tuple(numbers[each] for each in remembered)
        for name, (state, place) in one.invocations.items():
            interpreter.invocations[name] = (numbers[state], place)
    except KeyError as missing:
        raise ValueError(f"the snapshot is of another document: there is no state {missing}") from None
    interpreter.internal.extend(one.internal)
    interpreter.running, interpreter.stopped, interpreter.result = one.running, one.stopped, one.result
    interpreter.executor.ids_made = one.ids_made
    _restore_data(interpreter, one)


def _restore_data(interpreter: Interpreter, one: SessionSnapshot) -> None:
    datamodel = interpreter.datamodel
    datamodel.begin_event()
    datamodel.restore(one.variables)  # scripts may read them
    for script in interpreter.document.scripts if one.running else ():
        try:
            datamodel.script(script.source)
        except EvaluationError:
            continue  # it failed as it may have failed at the start; what it set before is set again now
    datamodel.restore(one.variables)
    datamodel.set_active(one.active)
    if one.event is not None:
        interpreter.event = one.event
        datamodel.set_event(one.event)
