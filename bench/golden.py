"""The five labelled documents: are their people, bodies, places and weapons found, and is nothing else linked?"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.scoring import SEEDS, Json, load_scorer, read_golden
from wirewatch.models import Analysis, Entity, Mention
from worker.extraction import Document, Extractor
from worker.extraction.gazetteer import Gazetteer

Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One document: labelled names that were missed, names linked beyond the labels, and how many of each there are."""

    document: str
    missed: tuple[str, ...]
    wrong: tuple[str, ...]
    labelled: int
    linked: int
    missing_topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """What a name stands for: whatever the knowledge base knows by it, or the plain name itself."""

    gazetteer: Gazetteer
    plain: Callable[[str], str]

    def of_name(self, name: str) -> Names:
        known = frozenset(s.entity.id for s in self.gazetteer.senses(name) if s.kind != "demonym")
        return known | {self.plain(name)}

    def of_mention(self, mention: Mention) -> Names:
        """A mention whose name the knowledge base has, but which is not linked, finds nothing."""
        if mention.entity_id is not None:
            return frozenset({mention.entity_id, self.plain(mention.name)})
        names = self.of_name(mention.name)
        return names if len(names) == 1 else frozenset()


def judge_golden(
    extractor: Extractor, entities: Iterable[Entity], recast: Callable[[str], str] = lambda text: text
) -> list[Verdict]:
    """Read the labelled documents; `recast` gives texts and labels another cast, which `entities` must then know."""
    golden = read_golden()
    identity = Identity(Gazetteer.build(entities), load_scorer().canonical)
    documents = [Document(name, 1, "", recast((SEEDS / name).read_text("utf-8"))) for name in golden]
    analyses = extractor.analyse(documents)
    return [_judge(name, golden[name], a, identity, recast) for name, a in zip(golden, analyses, strict=True)]


def _judge(
    document: str, labels: Json, analysis: Analysis, identity: Identity, recast: Callable[[str], str]
) -> Verdict:
    must, may = ([recast(name) for name in labels["entities"][key]] for key in ("must", "may"))
    present = _union(identity.of_mention(mention) for mention in analysis.mentions)
    allowed = _union(identity.of_name(name) for name in (*must, *may))
    linked: Mapping[str, Mention] = {m.entity_id: m for m in analysis.mentions if m.entity_id is not None}
    topics = {topic.id for topic in analysis.topics}
    return Verdict(
        document,
        tuple(name for name in must if not identity.of_name(name) & present),
        tuple(m.name for m in linked.values() if not identity.of_mention(m) & allowed),
        len(must),
        len(linked),
        tuple(topic for topic in labels["topics"]["must"] if topic not in topics),
    )


def recall(verdicts: Sequence[Verdict]) -> float:
    return 1 - sum(len(v.missed) for v in verdicts) / sum(v.labelled for v in verdicts)


def precision(verdicts: Sequence[Verdict]) -> float:
    return 1 - sum(len(v.wrong) for v in verdicts) / sum(v.linked for v in verdicts)


def _union(names: Iterable[Names]) -> Names:
    return frozenset().union(*names)
