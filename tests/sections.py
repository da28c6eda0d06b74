"""Sections of configuration files: the standard services under their usual names."""


def builtins(*names: str) -> str:
    """Services that are named like their built-ins; lines that follow are options of the last."""
    return "\n\n".join(f'[service.{name}]\n_type = "builtin"\n_service = "{name}"' for name in names)


STANDARD = builtins("request-interaction", "request-access", "match-interaction", "get")
