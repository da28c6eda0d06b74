"""What a caller is told, in the language of the line. The platform's own voice speaks it."""

from matchline.adapters.dialogue import Collect
from matchline.engine.line import Line
from matchline.options import Option, Schema, Text

PLACE = "{digits}"  # how many digits the code has

# By the first part of the language's tag.
_CODE = {
    "en": "Please enter the {digits} digits of your code.",
    "de": "Bitte geben Sie die {digits} Ziffern Ihres Codes ein.",
    "es": "Introduzca los {digits} dígitos de su código.",
    "fr": "Veuillez saisir les {digits} chiffres de votre code.",
    "it": "Inserisca le {digits} cifre del suo codice.",
    "nl": "Voer de {digits} cijfers van uw code in.",
    "pt": "Digite os {digits} dígitos do seu código.",
}
_RETRY = {
    "en": "That was not right. Please enter the {digits} digits of your code again.",
    "de": "Das war nicht richtig. Bitte geben Sie die {digits} Ziffern Ihres Codes noch einmal ein.",
    "es": "No es correcto. Introduzca de nuevo los {digits} dígitos de su código.",
    "fr": "Ce n'est pas le bon code. Veuillez saisir à nouveau ses {digits} chiffres.",
    "it": "Il codice non è corretto. Inserisca di nuovo le {digits} cifre.",
    "nl": "Dat was niet juist. Voer de {digits} cijfers van uw code opnieuw in.",
    "pt": "O código não está correto. Digite novamente os {digits} dígitos.",
}
_OTHERS = "en"
_SPOKEN_BY_OTHERS = "en-US"


class Language:
    """A tag such as speech engines know (BCP 47)."""

    values = "a language tag such as `en-US`"

    def parse(self, text: str) -> str:
        parts = text.strip().split("-")
        if not (2 <= len(parts[0]) <= 8 and all(part.isascii() and part.isalnum() for part in parts)):
            raise ValueError(f"must be {self.values}")
        return text.strip()

    def schema(self) -> Schema:
        return {"type": "string", "pattern": "^[A-Za-z0-9]{2,8}(-[A-Za-z0-9]+)*$"}


# What lines have that speak to callers.
LANGUAGE = Option("language", Language(), "The language that callers are spoken to in.", "en-US")
PROMPT_OPTIONS = (
    LANGUAGE,
    Option(
        "prompt_code",
        Text(),
        f"What a caller hears who is to key in a code; `{PLACE}` stands for how many digits it has. Without it a "
        f"sentence in the line's language ({', '.join(sorted(_CODE))}), else in English.",
    ),
    Option("prompt_retry", Text(), "The same after a wrong code, or none."),
)


def prompt(line: Line, step: Collect) -> str:
    sentences = _CODE if step.attempt == 1 else _RETRY
    text = _own(line, step) or sentences.get(_primary(line), sentences[_OTHERS])
    return text.replace(PLACE, str(step.length))


def spoken_in(line: Line, step: Collect) -> str:
    """The language of the prompt, for platforms that choose a voice by it: English read as Japanese is neither."""
    if _own(line, step) or _primary(line) in _CODE:
        return line.given(LANGUAGE.name)
    return _SPOKEN_BY_OTHERS


def _own(line: Line, step: Collect) -> str | None:
    return line.text("prompt_code" if step.attempt == 1 else "prompt_retry")


def _primary(line: Line) -> str:
    return line.given(LANGUAGE.name).partition("-")[0].lower()
