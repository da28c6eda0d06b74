"""Steps over who is there: visits of the UI, and nodes."""

import msgspec

from matchline.clock import Instant
from matchline.errors import NotFound
from matchline.kept.attendance import GONE_AFTER, NodeReport, NodeSeen, Role, Visit
from matchline.kept.audit import AuditEntry
from matchline.store.sql import Database, Reader, audit

_report = msgspec.json.Decoder(NodeReport).decode


def begin_visit(db: Database, visit: Visit, now: Instant) -> None:
    db.run("end_visits_over", {"now": now})
    db.run(
        "begin_visit",
        {
            "digest": visit.digest,
            "name": visit.name,
            "role": str(visit.role),
            "proof": visit.proof,
            "ends_at": visit.ends_at,
            "idle_at": visit.idle_at,
        },
    )


def visit(db: Reader, digest: str, now: Instant) -> Visit:
    found = db.row("find_visit", {"digest": digest, "now": now})
    if found is None:
        raise NotFound
    digest, name, role, proof, ends_at, idle_at = found
    return Visit(digest, name, Role(role), proof, ends_at, idle_at)


def prolong_visit(db: Database, digest: str, idle_at: Instant) -> None:
    db.run("prolong_visit", {"digest": digest, "idle_at": idle_at})


def end_visit(db: Database, digest: str) -> None:
    db.run("end_visit", {"digest": digest})


def report_node(db: Database, report: NodeReport, now: Instant) -> bool:
    db.run("leave_gone_nodes", {"gone": now - GONE_AFTER})
    db.run("report_node", {"id": report.id, "now": now, "report": msgspec.json.encode(report).decode()})
    found = db.row("is_node_switched_off", {"id": report.id})
    return found is not None and bool(found[0])


def nodes(db: Reader, now: Instant) -> tuple[NodeSeen, ...]:
    rows = db.rows("list_nodes", {"gone": now - GONE_AFTER})
    seen = (NodeSeen(_report(report), at, bool(off)) for report, at, off in rows)
    return tuple(sorted(seen, key=lambda each: (each.report.started_at, each.report.id)))


def switch_node(db: Database, node_id: str, off: bool, entry: AuditEntry, now: Instant) -> None:
    if db.row("is_node_switched_off", {"id": node_id}) is None:
        raise NotFound
    db.run("switch_node", {"id": node_id, "off": int(off)})
    audit.add(db, entry, now)


def leave_node(db: Database, node_id: str) -> None:
    db.run("leave_node", {"id": node_id})
