"""What an exhibit is asked: the parameters of its link, typed and read in one place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Self, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from recon.errors import BadRequest

LINK_VERSION = "1"
RANK_DAY, DAY_SHOWN = "rank day", "day shown"
AS_OF, VERSION = "as_of", "v"
Parameters = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class OneOf:
    """A choice among a few words, whatever their case."""

    choices: tuple[str, ...]

    def __call__(self, value: str) -> str:
        """Return the choice that a link means; ValueError where there is none."""
        for choice in self.choices:
            if choice.lower() == value.lower():
                return choice
        raise ValueError(f"choose one of {', '.join(self.choices)}")


def one_of(choices: Iterable[str]) -> AfterValidator:
    """Return what limits a text of a question to `choices`."""
    return AfterValidator(OneOf(tuple(choices)))


class Question(BaseModel):
    """The day an exhibit is of; each study adds its own parameters.

    A field's `title` and `description` label its control on a page.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    as_of: date = Field(title="As of")

    @classmethod
    def read(cls, parameters: Parameters, as_of: date) -> tuple[Self, list[str]]:
        """Read a link's parameters; return the question and what was not followed.

        The link's own day does not count: `as_of` is the session it stands for.
        """
        texts, unread = cls._texts(parameters)
        while True:
            try:
                return cls(**{**texts, AS_OF: as_of}), unread
            except ValidationError as error:
                for problem in error.errors():
                    name = str(problem["loc"][0])
                    value = texts.pop(name, None)
                    said = value if isinstance(value, str) else ",".join(value or ())
                    why = problem["msg"].removeprefix("Value error, ")
                    unread.append(f"{name}={said} cannot be read: {why}")

    @classmethod
    def asked(cls, parameters: Parameters, as_of: date) -> Self:
        """Read parameters that must all be understood.

        Raises
        ------
        BadRequest
            Naming what was not understood and what can be asked.
        """
        question, unread = cls.read(parameters, as_of)
        if unread:
            raise BadRequest(f"{'; '.join(unread)}. {cls.usage()}")
        return question

    def ranking(self) -> tuple[date, str]:
        """Return the day, and which ranking of it is asked for."""
        return self.as_of, getattr(self, "ranked", RANK_DAY)

    def narrowed(self, to: type["Question"]) -> "Question":
        """Return the part of this question that another asks."""
        names = set(to.model_fields) & set(type(self).model_fields)
        return to(**{name: getattr(self, name) for name in names})

    @classmethod
    def parameters(cls) -> list[str]:
        """Return the names of the parameters beside the day."""
        return [name for name in cls.model_fields if name != AS_OF]

    @classmethod
    def usage(cls) -> str:
        """Return which parameters there are, in one sentence."""
        names = ", ".join(cls.parameters())
        return f"Parameters here: {names}." if names else "No parameter is known here."

    def link(self) -> dict[str, list[str]]:
        """Return the parameters that differ from their defaults, and the day."""
        changed = self.model_dump(mode="json", exclude_defaults=True)
        named = {name: _words(value) for name, value in changed.items()}
        return {**named, AS_OF: [self.as_of.isoformat()]}

    @classmethod
    def _texts(cls, parameters: Parameters) -> tuple[dict[str, Any], list[str]]:
        """Return the texts of each known field, and which names are not known."""
        texts: dict[str, Any] = {}
        unread = []
        for name, values in parameters.items():
            if name in (AS_OF, VERSION) or not values:
                continue
            if name not in cls.parameters():
                unread.append(f"{name} is not known here")
            elif get_origin(cls.model_fields[name].annotation) is tuple:
                texts[name] = [word for text in values for word in text.split(",")]
            else:
                texts[name] = values[0]
        return texts, unread


class RankedQuestion(Question):
    """Which ranking: rank day's once it has come, or the what-if of the day shown."""

    ranked: Literal["rank day", "day shown"] = Field(
        "rank day",
        title="Ranked on",
        description="Rank day decides the event (Ground Rules 6.9); the day shown is "
        "a what-if",
    )


def choices_of(question: type[Question], name: str) -> tuple[str, ...]:
    """Return what a field can be, where it is one or several of a few words."""
    field = question.model_fields[name]
    inner = [*field.metadata]
    for argument in getattr(field.annotation, "__args__", ()):
        inner += getattr(argument, "__metadata__", ())
    limits = [getattr(each, "func", None) for each in inner]
    return next((each.choices for each in limits if isinstance(each, OneOf)), ())


def _words(value: Any) -> list[str]:
    if isinstance(value, (list, tuple)):
        return [str(each) for each in value]
    return [str(value).lower() if isinstance(value, bool) else str(value)]
