"""An embedded engine for State Chart XML, W3C SCXML 1.0 (2015), usable as a library on its own.

`parse` or `checked` make a `Document` of a text, `Chart` runs it, `snapshot` and `restore` carry it elsewhere. The
engine does no I/O, reads no clock and knows nothing of Matchline: a host carries out what stands in the effects.
"""

from matchline.scxml.chart import Chart
from matchline.scxml.check import Report, check, checked
from matchline.scxml.document import Document
from matchline.scxml.events import Event
from matchline.scxml.faults import DocumentFault, DocumentRefused, Stopped
from matchline.scxml.host import AllowList, Host
from matchline.scxml.limits import Limits
from matchline.scxml.parse import parse
from matchline.scxml.restoring import restore, snapshot
from matchline.scxml.snapshot import Snapshot

__all__ = [
    "AllowList",
    "Chart",
    "Document",
    "DocumentFault",
    "DocumentRefused",
    "Event",
    "Host",
    "Limits",
    "Report",
    "Snapshot",
    "Stopped",
    "check",
    "checked",
    "parse",
    "restore",
    "snapshot",
]
