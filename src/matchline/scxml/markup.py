"""XML to a tree of elements that know their lines.

Documents come from strangers: a document type declaration is refused, so that there are no entities and
nothing is fetched; size and depth are bounded.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from matchline.scxml.faults import DocumentFault, DocumentRefused
from matchline.scxml.limits import DEFAULT_LIMITS, Limits

SCXML = "http://www.w3.org/2005/07/scxml"
_SEPARATOR = " "  # cannot occur in a namespace or a name


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    namespace: str
    tag: str
    line: int
    attributes: dict[str, str]  # those without a namespace
    children: list["Element | str"] = field(default_factory=list)

    def elements(self) -> Iterator["Element"]:
        return (child for child in self.children if isinstance(child, Element))

    def text(self) -> str:
        """The content as text; elements in it are written as XML."""
        return "".join(child if isinstance(child, str) else write(child) for child in self.children)


def write(element: Element, inherited: str = "") -> str:
    """XML for an element, with every namespace spelled out where it changes."""
    namespace = "" if element.namespace == inherited else f" xmlns={quoteattr(element.namespace)}"
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in element.attributes.items())
    inner = "".join(
        escape(child) if isinstance(child, str) else write(child, element.namespace)
        for child in element.children
    )
    return f"<{element.tag}{namespace}{attributes}>{inner}</{element.tag}>"


def read(source: str | bytes, limits: Limits = DEFAULT_LIMITS) -> Element:
    """Raises `DocumentRefused` for what is not XML, is too large or too deep, or declares a document type."""
    if len(source) > limits.document_bytes:
        raise DocumentRefused([DocumentFault(1, "scxml", f"larger than {limits.document_bytes:,} bytes")])
    return _Reader(limits.document_depth).read(source)


class _Reader:
    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._open: list[Element] = []
        self._root: Element | None = None
        self._parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype

    def read(self, source: str | bytes) -> Element:
        try:
            self._parser.Parse(source, True)
        except expat.ExpatError as error:
            message = f"not well-formed XML: {expat.ErrorString(error.code)}"
            raise DocumentRefused([self._fault(message, error.lineno)]) from None
        except (UnicodeError, LookupError, ValueError) as error:
            if isinstance(error, DocumentRefused):
                raise
            raise DocumentRefused([self._fault(f"unreadable: {error}")]) from None
        assert self._root is not None, "well-formed XML has a root"
        return self._root

    def _fault(self, message: str, line: int | None = None) -> DocumentFault:
        element = self._open[-1].tag if self._open else "scxml"
        return DocumentFault(line or self._parser.CurrentLineNumber, element, message)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, tag = name.rpartition(_SEPARATOR)
        own = {key: value for key, value in attributes.items() if _SEPARATOR not in key}
        element = Element(namespace, tag, self._parser.CurrentLineNumber, own)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element
        self._open.append(element)
        if len(self._open) > self._depth:
            raise DocumentRefused([self._fault(f"more than {self._depth} elements within each other")])

    def _end(self, _name: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1].children.append(text)

    def _refuse_doctype(self, *_declared: object) -> None:
        raise DocumentRefused([self._fault("a document type declaration (entities) is not allowed")])
