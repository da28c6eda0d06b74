"""Executable content, payloads and data: elements to the nodes of `document`."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import replace

from matchline.scxml import orchestration
from matchline.scxml.delays import milliseconds
from matchline.scxml.document import (
    Assign,
    Block,
    Branch,
    Cancel,
    Content,
    Data,
    Document,
    Foreach,
    Given,
    If,
    Inline,
    Invoke,
    Log,
    Param,
    Payload,
    Raise,
    Script,
    Send,
)
from matchline.scxml.faults import DocumentFault
from matchline.scxml.markup import SCXML, Element
from matchline.scxml.orchestration import Action, action


class ContentParser(ABC):
    def __init__(self, load: Callable[[str], str]) -> None:
        self.load = load
        self.faults: list[DocumentFault] = []
        self.warnings: list[DocumentFault] = []
        self.invokes: list[Invoke] = []
        self._readers: dict[str, Callable[[Element], Content]] = {
            "raise": lambda element: Raise(element.line, element.attributes.get("event", "")),
            "log": self._log,
            "assign": self._assign,
            "script": self.script,
            "if": self._if,
            "foreach": self._foreach,
            "send": self._send,
            "cancel": lambda element: Cancel(element.line, self._one_of(element, "sendid")),
        }

    @abstractmethod
    def parse_inline(self, root: Element) -> Document | None:
        """A document within the document, whose faults are this one's."""

    def fault(self, element: Element, message: str) -> None:
        self.faults.append(DocumentFault(element.line, element.tag, message))

    def warn(self, element: Element, message: str) -> None:
        self.warnings.append(DocumentFault(element.line, element.tag, message))

    def children(self, element: Element, *tags: str) -> Iterator[Element]:
        return (child for child in element.elements() if child.namespace == SCXML and child.tag in tags)

    def block(self, element: Element) -> Block:
        return tuple(self._one_content(child) for child in element.elements() if self.is_content(child))

    def is_content(self, element: Element) -> bool:
        if element.namespace == SCXML:
            return element.tag in self._readers
        return action(element.namespace, element.tag) is not None

    def _one_content(self, element: Element) -> Content:
        wanted = action(element.namespace, element.tag)
        return self._action(element, wanted) if wanted else self._readers[element.tag](element)

    def script(self, element: Element) -> Script:
        return Script(element.line, self._text(element))

    def data(self, element: Element) -> Data:
        self._demand_no_text_beside(element, "expr")
        return Data(
            element.line,
            element.attributes.get("id", ""),
            element.attributes.get("expr"),
            self._text(element),
        )

    def invoke(self, element: Element) -> Invoke:
        finalize = next(self.children(element, "finalize"), None)
        payload = self.payload(element)
        src = self._one_of(element, "src")
        if payload.content and not src.absent:
            self.fault(element, "has both a source and <content>")
        return Invoke(
            element.line,
            len(self.invokes),
            self._one_of(element, "type"),
            src,
            element.attributes.get("id"),
            element.attributes.get("idlocation"),
            element.attributes.get("autoforward") == "true",
            payload,
            self.block(finalize) if finalize else None,
        )

    def payload(self, element: Element) -> Payload:
        contents = list(self.children(element, "content"))
        params = tuple(self._param(child) for child in self.children(element, "param"))
        names = tuple(element.attributes.get("namelist", "").split())
        if len(contents) > 1 or (contents and element.tag != "invoke" and (params or names)):
            self.fault(element, "has <content> beside other content or parameters")
        return Payload(names, params, self._content(contents[0]) if contents else None)

    def _param(self, element: Element) -> Param:
        expr = element.attributes.get("expr", element.attributes.get("location"))
        if expr is None:
            self.fault(element, "needs an expr or a location")
        return Param(element.line, element.attributes.get("name", ""), expr)

    def _content(self, element: Element) -> Inline:
        self._demand_no_text_beside(element, "expr")
        charts = list(self.children(element, "scxml"))
        document = self.parse_inline(charts[0]) if charts else None
        return Inline(element.line, element.attributes.get("expr"), element.text(), document)

    def _log(self, element: Element) -> Log:
        return Log(element.line, element.attributes.get("label", ""), element.attributes.get("expr"))

    def _assign(self, element: Element) -> Assign:
        self._demand_no_text_beside(element, "expr")
        attributes = element.attributes
        return Assign(element.line, attributes.get("location", ""), attributes.get("expr"), element.text())

    def _if(self, element: Element) -> If:
        branches: list[Branch] = []
        head, contents = element, list[Content]()
        for child in element.elements():
            if self.is_content(child):
                contents.append(self._one_content(child))
                continue
            if (child.namespace, child.tag) not in ((SCXML, "elseif"), (SCXML, "else")):
                continue
            branches.append(self._branch(head, contents))
            if head.tag == "else":
                self.fault(child, "stands after <else>")
            head, contents = child, []
        branches.append(self._branch(head, contents))
        return If(element.line, tuple(branches))

    def _branch(self, head: Element, contents: list[Content]) -> Branch:
        cond = None if head.tag == "else" else head.attributes.get("cond", "")
        return Branch(head.line, head.tag, cond, tuple(contents))

    def _foreach(self, element: Element) -> Foreach:
        attributes = element.attributes
        return Foreach(
            element.line,
            attributes.get("array", ""),
            attributes.get("item", ""),
            attributes.get("index"),
            self.block(element),
        )

    def _send(self, element: Element) -> Send:
        send = Send(
            element.line,
            self._one_of(element, "event"),
            self._one_of(element, "target"),
            self._one_of(element, "type"),
            self._one_of(element, "delay"),
            element.attributes.get("id"),
            element.attributes.get("idlocation"),
            self.payload(element),
        )
        if send.event.absent and send.payload.content is None and send.type.absent:
            self.fault(element, "needs an event or <content>")
        if send.delay.literal is not None and milliseconds(send.delay.literal) is None:
            self.fault(element, f"the delay {send.delay.literal!r} is no time like 1.5s or 200ms")
        if not send.delay.absent and send.target.literal == "#_internal":
            self.fault(element, "an event for #_internal cannot be delayed")
        return send

    def _action(self, element: Element, wanted: Action) -> Send:
        attributes, payload = element.attributes, self.payload(element)
        if payload.content is None:
            ahead = orchestration.parameters(element.line, attributes, wanted)
            payload = replace(payload, params=(*ahead, *payload.params))
        given = orchestration.given
        target = given(attributes, *wanted.target)
        if target.absent:
            self.fault(element, f"needs the attribute {wanted.target[0]!r}")
        event = given(attributes, wanted.event) if wanted.event else Given(None, None)
        location = attributes.get(wanted.location) if wanted.location else None
        kind, none = Given(wanted.type, None), Given(None, None)
        return Send(element.line, event, target, kind, none, None, location, payload, element.tag)

    def _one_of(self, element: Element, name: str) -> Given:
        return Given(element.attributes.get(name), element.attributes.get(f"{name}expr"))

    def _text(self, element: Element) -> str:
        """The text in the element, or that of its `src`."""
        address = element.attributes.get("src")
        if address is None:
            return element.text()
        if element.text().strip():
            self.fault(element, "has both a source and content")
        try:
            return self.load(address)
        except (OSError, ValueError) as error:
            self.fault(element, f"{address} cannot be loaded: {error}")
            return ""

    def _demand_no_text_beside(self, element: Element, attribute: str) -> None:
        if attribute in element.attributes and element.text().strip():
            self.fault(element, f"has both {attribute!r} and content")
