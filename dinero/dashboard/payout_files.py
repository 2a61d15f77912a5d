"""Files of payouts: told apart, read by the reader that knows them or by the columns that the owner named, and stored
whole or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dinero.acquirers.acquirer import FileRead, PayoutFile, PayoutReader
from dinero.acquirers.columns.layout import Layout, layout_of
from dinero.acquirers.columns.mapping import ColumnMapping
from dinero.acquirers.columns.proposing import Proposal, proposal
from dinero.acquirers.columns.reading import order_refs, read_by_columns
from dinero.acquirers.opening import open_file
from dinero.acquirers.readers import READERS, recognized
from dinero.acquirers.words import MEANINGS, NO_WORDS, UNKNOWN_KIND, UnknownWord, Words, meaning_of, plain_word
from dinero.intake.matching import candidates
from dinero.model.acquirers import acquirer_of
from dinero.model.documents import Event
from dinero.model.errors import SettingsError
from dinero.model.i18n import Text
from dinero.model.payouts import Payout, RowProblem
from dinero.store import Store
from dinero.store.column_mappings import WORDS
from dinero.store.payouts import Refused

LONGEST_FILE_NAME = 80
OTHER_ACCOUNT = "other_account"  # the problem of a file that is of another merchant account than those before


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of a file: the rows of its new payouts, how many were here already, how many of these got lines that
    the file before had lost, and what it has besides. Or why
    nothing of it was stored, or the columns or words about which the owner is asked. `unknown` has the words beside
    problems of the figures too, where it may be the words that were explained wrongly."""

    name: str
    new: tuple[int, ...] = ()
    known: int = 0
    completed: int = 0
    notes: tuple[Text, ...] = ()
    problems: tuple[RowProblem, ...] = ()
    proposal: Proposal | None = None
    unknown: tuple[UnknownWord, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether nothing of the file could be used."""
        return bool(self.problems) or self.proposal is not None

    @property
    def sentences(self) -> tuple[Text, ...]:
        """What became of it, in words."""
        if self.problems:
            return (*(problem.text for problem in self.problems), *([WORDS_UNKNOWN] if self.unknown else ()))
        if self.proposal is not None:
            return (COLUMNS_UNKNOWN,)
        told = [Text("{n} new payout was read.", "{n} new payouts were read.", n=len(self.new))] if self.new else []
        if self.known:
            text = Text("{n} payout was read before.", "{n} payouts were read before.", n=self.known)
            told.append(text)
        if self.completed:
            text = Text(
                "{n} of them has rows here that were missing then, and was completed.",
                "{n} of them have rows here that were missing then, and were completed.",
                n=self.completed,
            )
            told.append(text)
        return (*told, *self.notes)


@dataclass(frozen=True, slots=True)
class Columns:
    """What a file would be with a mapping, and of the rows that name an order (`named`) how many name one that is here
    (`hits`)."""

    proposal: Proposal
    named: int
    hits: int


COLUMNS_UNKNOWN = Text("The file's columns are not known yet. Open it under Payouts, and say what each of them is.")
WORDS_UNKNOWN = Text("Open the file under Payouts, and say what its words mean.")


class Files:
    """Reads files into one data folder."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(
        self,
        name: str,
        data: bytes,
        *,
        reader: str = "",
        mapping: ColumnMapping | None = None,
        words: Words = NO_WORDS,
        another: bool = False,
    ) -> FileOutcome:
        """Reads a file by the columns that are chosen, by the reader that is named (one of `readers`), or by what
        recognizes it, and stores its payouts, all or none. `words` is what the owner says that words mean which the
        reader does not know; it is kept for the next file when the figures hold. `another` lets in a merchant account
        that nothing was read of before. Raises SettingsError for a reader that is not known."""
        if reader and reader not in self.readers():
            raise SettingsError(
                Text(
                    "There is no reader “{name}”. There are {known}.", name=reader[:40], known=", ".join(self.readers())
                )
            )
        name = _file_name(name)
        file = open_file(name, data)
        if isinstance(file, RowProblem):
            return FileOutcome(name, problems=(file,))
        known = self._reader(file, reader) if mapping is None else None
        told = self._told(file, mapping) if known is None else self._told_by(known, file, words)
        if isinstance(told, Proposal):
            return FileOutcome(name, proposal=told)
        problems = told.problems or (() if another else self._of_others(told.payouts))
        if problems:
            asks = mapping is not None or (not told.unknown and any(one.code == UNKNOWN_KIND for one in problems))
            asked = proposal(file, mapping) if asks else None
            return FileOutcome(name, problems=problems, proposal=asked, unknown=told.unknown)
        return self._stored(file, told, mapping, known, words)

    def readers(self) -> list[str]:
        """The formats that are known, by the names that `read` takes."""
        return [one.name for one in READERS]

    def columns(self, name: str, data: bytes, mapping: ColumnMapping) -> Columns | RowProblem:
        """What a file would be with these columns, as far as they are chosen; nothing is stored."""
        file = open_file(_file_name(name), data)
        if isinstance(file, RowProblem):
            return file
        named = [reference for reference in order_refs(file, mapping) if reference]
        return Columns(proposal(file, mapping), len(named), self.hits(named))

    def hits(self, references: Sequence[str]) -> int:
        """How many of these mean an order that is here, and one alone."""
        found = candidates(self._store, references)
        return sum(len(found.get(reference.strip(), ())) == 1 for reference in references)

    def _reader(self, file: PayoutFile, reader: str) -> PayoutReader | None:
        """The reader that is named, or that knows the file; None where the owner named the columns of such files: what
        the owner said goes before what is known here."""
        if reader:
            return next(one for one in READERS if one.name == reader)
        return recognized(file) if self._kept(layout_of(file)) is None else None

    def _told_by(self, reader: PayoutReader, file: PayoutFile, words: Words) -> FileRead:
        """What a file says to a reader, with the words that the owner explained. Where the figures do not hold with
        these, they are asked about anew."""
        said = {**self._words(reader), **_plain(words)}
        told = reader.read(file, said)
        if not told.problems or told.unknown or not said:
            return told
        asked = [replace(one, suggestion=said.get(one.key, one.suggestion)) for one in reader.read(file).unknown]
        return replace(told, unknown=tuple(asked))

    def _told(self, file: PayoutFile, mapping: ColumnMapping | None) -> FileRead | Proposal:
        """What a file says by its columns, or what the owner is to be asked about them."""
        if mapping is not None:
            return read_by_columns(file, mapping)
        layout = layout_of(file)
        if isinstance(layout, RowProblem):
            return FileRead(problems=(layout,))
        kept = self._kept(layout)
        if kept is not None:
            told = read_by_columns(file, kept)
            return told if told.payouts else proposal(file, kept)
        last = _mapping(self._store.column_mappings.newest())
        if last is not None and 2 * len(last.roles.keys() & layout.places.keys()) > len(last.roles):
            return proposal(file, last)
        return proposal(file)

    def _kept(self, layout: Layout | RowProblem) -> ColumnMapping | None:
        """What the owner said of files with these columns."""
        if isinstance(layout, RowProblem):
            return None
        return _mapping(self._store.column_mappings.of(layout.fingerprint))

    def _words(self, reader: PayoutReader) -> Words:
        """What the owner said of words that a reader does not know; a meaning that a newer version knows is none."""
        kept = self._store.column_mappings.of(WORDS + reader.name) or {}
        return {word: meaning_of(meaning) for word, meaning in kept.items() if meaning in MEANINGS}

    def _of_others(self, payouts: Sequence[Payout]) -> tuple[RowProblem, ...]:
        """Why a file may be another merchant's: the first account of an acquirer is the owner's, any other is asked
        about."""
        found = []
        for acquirer in dict.fromkeys(payout.acquirer for payout in payouts):
            accounts = list(dict.fromkeys(payout.account for payout in payouts if payout.acquirer == acquirer))
            known = self._store.payouts.accounts(acquirer) or accounts[:1]
            found += [_of_other(acquirer, account, known) for account in accounts if account not in known]
        return tuple(found)

    def _stored(
        self, file: PayoutFile, told: FileRead, mapping: ColumnMapping | None, known: PayoutReader | None, words: Words
    ) -> FileOutcome:
        try:
            with self._store.transaction():
                added = self._store.payouts.add(told.payouts, source=file.name)
                layout = layout_of(file) if mapping is not None else None
                if mapping is not None and not isinstance(layout, RowProblem) and layout and layout.fingerprint:
                    self._store.column_mappings.keep(layout.fingerprint, mapping.kept().to_json())
                if known is not None and words:
                    self._store.column_mappings.keep(WORDS + known.name, {**self._words(known), **_plain(words)})
                self._store.history.add(_read(file.name, len(added.new), added.known))
        except Refused as error:
            return FileOutcome(file.name, problems=(error.problem,))
        return FileOutcome(file.name, added.new, added.known, len(added.completed), told.notes)


def _plain(words: Words) -> Words:
    return {plain_word(word): meaning for word, meaning in words.items()}


def _file_name(name: str) -> str:
    """A file's name as it is told: without folders and signs that are not shown, and not too long."""
    plain = "".join(sign for sign in name.replace("\\", "/").rsplit("/", 1)[-1] if sign.isprintable())
    return plain[:LONGEST_FILE_NAME] or "–"


def _of_other(acquirer: str, account: str, known: Sequence[str]) -> RowProblem:
    text = Text(
        "The file is of account {account} at {acquirer}, and what was read before is of {known}. If {account} is yours "
        "too, say so.",
        account=account,
        acquirer=acquirer_of(acquirer).name,
        known=", ".join(known),
    )
    return RowProblem(None, OTHER_ACCOUNT, text)


def _mapping(packed: Any) -> ColumnMapping | None:
    """A mapping that was kept; None where there is none, or one that a newer or older version wrote."""
    try:
        return ColumnMapping.from_json(packed) if packed else None
    except (KeyError, ValueError, TypeError):
        return None


def _read(name: str, new: int, known: int) -> Event:
    text = Text("{file} was read: {new} new payouts, {known} that were read before.", file=name, new=new, known=known)
    return Event("payouts read", text, detail={"new": new, "known": known})
