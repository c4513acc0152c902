"""Forms of English verbs and nouns, where no tree is there yet or its lemma is wrong ("routed" as a form of rout)."""

IRREGULAR = frozenset(
    "gave given sent sold resold bought sought got gotten lent made built shipping shipped supplying supplied donor "
    "paid took taken went gone came come flew flown arming bound stopped".split()
)


def inflections(word: str) -> set[str]:
    """Regular English forms of a verb or noun."""
    stem = word[:-1] if word.endswith("e") else word
    forms = {word, word + "s", word + "es", stem + "ed", stem + "ing", word + word[-1] + "ed", word + word[-1] + "ing"}
    if word.endswith("y"):
        forms |= {word[:-1] + "ies", word[:-1] + "ied"}
    return forms
