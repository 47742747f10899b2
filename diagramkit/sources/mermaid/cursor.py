"""Walks over the words of a text, one ahead, and says where the grammar is left."""

from __future__ import annotations

from diagramkit.sources.mermaid.tokens import Lexer, Token


class UnexpectedError(Exception):
    """A word that cannot stand where it stands.

    `place` is what was being read (a key of `mistakes`), `since` the word that began it.
    """

    def __init__(self, place: str, found: Token, since: Token) -> None:
        self.place, self.found, self.since = place, found, since
        super().__init__(place)


class Cursor:
    """The word that is next, and the way to those behind it."""

    def __init__(self, text: str) -> None:
        self._lexer = Lexer(text)
        self.move(0)

    def move(self, pos: int) -> None:
        """Read on from an offset, at the beginning of a statement."""
        self._tokens = self._lexer.tokens(pos)
        self.now: Token = next(self._tokens)
        self.end = pos

    def next(self) -> Token:
        """The word that was next, which is now behind."""
        token = self.now
        self.end = token.end
        self.now = next(self._tokens)
        return token

    def skip(self, *kinds: str) -> Token | None:
        """Go over the next word if it is one of `kinds`."""
        return self.next() if self.now.kind in kinds else None

    def want(self, place: str, since: Token, *kinds: str) -> Token:
        """Go over the next word, which must be one of `kinds`. Raises `UnexpectedError`."""
        if self.now.kind not in kinds:
            raise UnexpectedError(place, self.now, since)
        return self.next()

    def run(self, kinds: frozenset[str]) -> str:
        """The text of the words from here on that are of `kinds`; empty where the next is not."""
        start = self.now.start
        end = start
        while self.now.kind in kinds:
            end = self.next().end
        return self._lexer.text[start:end]
