"""What a reconciling function did: counts by word, and a line for each thing done."""

from dataclasses import dataclass, field


@dataclass
class Result:
    """The outcome of a step. Commands print it, tests compare it whole.

    `counts` maps a word ("opened", "lapsed") to how many; `lines` says each in a sentence, for people;
    `warnings` are things to look at that stopped nothing.
    """

    counts: dict[str, int] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def add(self, word: str, line: str = "", *, times: int = 1) -> None:
        """Count one thing done, with its sentence."""
        self.counts[word] = self.counts.get(word, 0) + times
        if line:
            self.lines.append(line)

    def merge(self, other: "Result") -> None:
        """Take in another step's outcome."""
        for word, number in other.counts.items():
            self.counts[word] = self.counts.get(word, 0) + number
        self.lines += other.lines
        self.warnings += other.warnings

    @property
    def changed(self) -> int:
        """How many things were done in all."""
        return sum(self.counts.values())

    def __str__(self) -> str:
        return ", ".join(f"{word} {number}" for word, number in self.counts.items()) or "nothing to do"
