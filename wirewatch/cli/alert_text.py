"""An alert as people read it: what watch, which story, from whom, and the words that prove it."""

from rich.text import Text

from wirewatch.cli.output import cell, plain
from wirewatch.client import ApiError, Client, Json

MAX_QUOTES = 4
REASONS = {
    "new_story": "new story",
    "new_article": "new article",
    "material_change": "changed",
    "amended": "amended",
    "withdrawn": "withdrawn",
}


class AlertText:
    """Formats alerts; asks for the watch, story and articles that an alert names, and keeps names of watches."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._watches: dict[str, str] = {}

    def of(self, alert: Json) -> Text:
        story = self._find(f"/v1/stories/{alert['story_id']}") or {}
        # In the stream an alert comes with the update that is told.
        update = alert.get("update") or (alert.get("updates") or [{}])[-1]
        reason = str(update.get("reason", ""))
        lines = Text()
        lines.append(f"{cell(alert.get('updated_at'))}  ", style="dim")
        lines.append(self._watch_name(str(alert["watch_id"])), style="bold cyan")
        lines.append(f"  {REASONS.get(reason, reason)}\n", style="yellow")
        lines.append(f"  {cell(story.get('title')) or '(story ' + cell(alert['story_id']) + ')'}\n", style="bold")
        lines.append(f"  {_sources(story)}\n")
        for change in update.get("changes") or ():
            lines.append(f"    {plain(change)}\n", style="yellow")
        for quote in quotes(alert.get("evidence") or []):
            lines.append(f"    {quote}\n", style="green")
        return lines

    def _watch_name(self, watch_id: str) -> str:
        if watch_id not in self._watches:
            watch = self._find(f"/v1/watches/{watch_id}") or {}
            self._watches[watch_id] = cell(watch.get("name")) or f"watch {watch_id}"
        return self._watches[watch_id]

    def _find(self, path: str) -> Json | None:
        """What the alert names may have been deleted or merged away since."""
        try:
            found: Json = self._client.get(path)
        except ApiError as error:
            if error.status != 404:
                raise
            return None
        return found


def quotes(evidence: list[Json]) -> list[str]:
    """The quoted words, each once, the longest kinds of proof first, with the clause they satisfy."""
    ordered = sorted(evidence, key=lambda item: item.get("kind") != "claim")
    lines = (
        f"“{' '.join(plain(item['text']).split())}”  {plain(item.get('clause'))}"
        for item in ordered
        if item.get("text")
    )
    unique = list(dict.fromkeys(lines))
    more = len(unique) - MAX_QUOTES
    return unique[:MAX_QUOTES] + ([f"and {more} more"] if more > 0 else [])


def _sources(story: Json) -> str:
    names = [cell(source) for source in story.get("sources") or ()]
    independent = story.get("independent_sources")
    return f"{', '.join(names) or 'no source'}" + (f" ({independent} independent)" if independent is not None else "")
