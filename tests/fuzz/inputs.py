"""Hostile inputs from one seed: pieces of what is valid, mutated, and bytes that mean nothing."""

import random
from collections.abc import Callable, Iterator, Sequence

Mutation = Callable[[random.Random, bytes], bytes]

MAX_LENGTH = 400  # bytes: enough for every branch of the parsers, few enough for 100,000 inputs in a minute

_MAGIC = (
    b"\0",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"%",
    b"%zz",
    b"&",
    b"=",
    b'"',
    b"\\ud800",
    b"\r\n",
    b"--",
)


def inputs(seed: int, count: int, samples: Sequence[bytes]) -> Iterator[bytes]:
    """`count` inputs grown from the samples."""
    chance = random.Random(seed)
    for _ in range(count):
        text = chance.choice(samples)
        for _ in range(chance.randrange(5)):
            text = chance.choice(_MUTATIONS)(chance, text)
        yield text[:MAX_LENGTH]


def _flip(chance: random.Random, text: bytes) -> bytes:
    if not text:
        return bytes([chance.randrange(256)])
    place = chance.randrange(len(text))
    return text[:place] + bytes([chance.randrange(256)]) + text[place + 1 :]


def _insert(chance: random.Random, text: bytes) -> bytes:
    place = chance.randrange(len(text) + 1)
    return text[:place] + chance.choice(_MAGIC) + text[place:]


def _cut(chance: random.Random, text: bytes) -> bytes:
    start, end = sorted(chance.randrange(len(text) + 1) for _ in range(2))
    return text[:start] + text[end:]


def _repeat(chance: random.Random, text: bytes) -> bytes:
    start, end = sorted(chance.randrange(len(text) + 1) for _ in range(2))
    return text[:end] + text[start:end] * chance.randrange(4) + text[end:]


def _noise(chance: random.Random, text: bytes) -> bytes:
    return text + chance.randbytes(chance.randrange(9))


_MUTATIONS: tuple[Mutation, ...] = (_flip, _insert, _cut, _repeat, _noise)
