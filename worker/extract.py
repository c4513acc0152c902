"""Find language, entities, topics and claims in each article; what reading means is in worker/extraction."""

from collections.abc import Iterator, Sequence

from wirewatch.db import Transaction
from wirewatch.messages import Message, NewMessage
from wirewatch.models import Analysis
from wirewatch.store import analyses, articles, terms
from worker.stage import Context, Record


def extract(messages: Sequence[Message], context: Context) -> Iterator[Record]:
    # Imports spaCy: the relay and the workers of other queues know this stage by its name alone.
    from worker.extraction import Document

    with context.database.statements() as tx:
        known = articles.get_many(tx, [message.subject_id for message in messages])
    documents = [Document(article.id, article.version, article.title, article.text) for article in known.values()]
    found = dict(zip(known, context.catalogue.extractor().analyse(documents), strict=True))
    read = {one.id: terms.read_terms(one.id, one.version, one.title, one.text) for one in known.values()}

    def write(tx: Transaction, counting: frozenset[str]) -> list[NewMessage]:
        current: list[tuple[str, int, Analysis]] = [
            (id_, known[id_].version, analysis) for id_, analysis in found.items() if id_ in counting
        ]
        analyses.upsert(tx, current)
        terms.put(tx, [read[id_] for id_, _, _ in current])
        articles.mark_extracted(tx, [(id_, analysis.lang) for id_, _, analysis in current])
        return [NewMessage("ArticleExtracted", id_, version) for id_, version, _ in current]

    yield Record(messages, write)
