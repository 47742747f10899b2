"""The parser's view of the tokens: the next one, and methods that consume it."""

from __future__ import annotations

from diagramkit.sources.mermaid.tokens import Lexer, Token


class UnexpectedError(Exception):
    """A token that the grammar does not allow at its position.

    `construct` names what was being read (a key of `mistakes._EXPLAINERS`), `token` is the unexpected token, and
    `start` is the token that the construct starts with.
    """

    def __init__(self, construct: str, token: Token, start: Token) -> None:
        self.construct, self.token, self.start = construct, token, start
        super().__init__(construct)


class Cursor:
    """A position in the tokens of a text: `token` is the next token, `end` the offset after the last consumed one."""

    def __init__(self, text: str) -> None:
        self._lexer = Lexer(text)
        self.seek(0)

    def seek(self, offset: int) -> None:
        """Continue at `offset`, which must be the start of a statement."""
        self._tokens = self._lexer.tokens(offset)
        self.token: Token = next(self._tokens)
        self.end = offset

    def next(self) -> Token:
        """Consume the next token and return it."""
        token = self.token
        self.end = token.end
        self.token = next(self._tokens)
        return token

    def accept(self, *kinds: str) -> Token | None:
        """Consume and return the next token if it is one of `kinds`; return None otherwise."""
        return self.next() if self.token.kind in kinds else None

    def expect(self, construct: str, start: Token, *kinds: str) -> Token:
        """Consume and return the next token, which must be one of `kinds`. Raises `UnexpectedError`."""
        if self.token.kind not in kinds:
            raise UnexpectedError(construct, self.token, start)
        return self.next()

    def take_while(self, kinds: frozenset[str]) -> str:
        """Consume tokens as long as they are of `kinds`, and return their text (empty if there are none)."""
        start = self.token.start
        end = start
        while self.token.kind in kinds:
            end = self.next().end
        return self._lexer.text[start:end]
