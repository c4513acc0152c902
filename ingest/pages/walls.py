"""Recognising what stands in place of an article: questions for consent, paywalls, checks against robots.

Nearly every page carries a cookie banner and an offer to subscribe beside its article, and there are articles about
both, so words alone prove nothing. They count where they are most of what the page says and are said to the reader, or
where hardly any text is left of the article and they come behind it.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ingest.pages.page import Verdict

SHORT_WORDS = 120
LOCKED_WORDS = 250
# What also stands in footers, and in articles about it, is a check only where there is next to nothing else.
HARDLY_ANY_WORDS = 40
CONSENT_SHARE = 0.34
# Of the sentences that speak of consent, so many speak to the reader where it is asked for.
ADDRESSED_SHARE = 0.3
# How near its end a text breaks off with an offer.
END_CHARS = 400
BEGINNING_CHARS = 60

CONSENT_HOSTS = re.compile(r"^(?:consent|guce|privacy|cookies?|myprivacy|cmp)\.|^consent-|\bconsent\.", re.IGNORECASE)
CONSENT_PATHS = re.compile(r"/(?:cookie-?consent|cookiewall|consent|privacy-?gate|gdpr)(?:[/?._-]|$)", re.IGNORECASE)
CONSENT_TITLE = re.compile(
    r"^(?:before you continue|bevor sie|avant de continuer|antes de continuar|prima di continuare|voordat je|cookie|"
    r"privacy|consent|your privacy|we value your privacy|zustimmung|einwilligung)",
    re.IGNORECASE,
)
CONSENT_WORDS = re.compile(
    r"\b(?:cookies?|consent\w*|gdpr|dsgvo|rgpd|tracking|personali[sz]ed (?:ads|content)|partners? (?:store|use)|"
    r"legitimate interests?|privacy (?:policy|settings|center)|accept all|reject all|manage (?:options|preferences)|"
    r"einwilligung\w*|zustimm\w*|datenschutz\w*|alle akzeptieren|consentement\w*|confidentialité|tout accepter|"
    r"consentimiento|privacidad|aceptar tod[oa]s?|consenso|accetta tutt[oi]|toestemming|privacybeleid|"
    r"согласи\w*|конфиденциальност\w*)\b",
    re.IGNORECASE,
)
ADDRESS = re.compile(
    r"\b(?:we|our|us|you|yours?|wir|uns|unsere?\w?|sie|ihre?\w?|nous|vous|notre|nos|votre|vos|nosotros|nuestr[oa]s?|usted|"
    r"tus?|noi|nostr[aoie]|voi|vostr[aoie]|wij|we|onze?|uw?|мы|наш\w*|вы|вас|ваш\w*)\b",
    re.IGNORECASE,
)
# Said of the very text that is being read.
LOCK_WORDS = re.compile(
    r"(?:subscri(?:be|ption)|sign in|log in|register|unlock|pay)\W+(?:\w+\W+){0,6}?"
    r"(?:to (?:continue|keep reading|read (?:on|the (?:full|rest|whole|entire)|this|it)|unlock"
    r"|access (?:this|the|it|all))"
    r"|for (?:full|unlimited) access)"
    r"|to (?:continue|keep) reading|continue reading (?:this|your|with|by)"
    r"|this (?:article|story|content|page) is (?:\w+ )?(?:for|available to|reserved for|exclusive to|only)(?: \w+)? ?"
    r"(?:subscribers|members|only)|for (?:paid |paying )?(?:subscribers|members) only\W*$"
    r"|you have (?:reached|read|used) (?:your|all|the)[\w ,]* (?:free|limit)"
    r"|weiterlesen mit|nur für abonnenten|jetzt abonnieren|mit einem abo|jetzt registrieren und weiterlesen"
    r"|réservé aux abonnés|abonnez-vous pour|pour lire la suite"
    r"|solo para suscriptores|suscríbete para|para seguir leyendo|contenido exclusivo"
    r"|contenuto riservato|abbonati per|alleen voor abonnees|для подписчиков|оформите подписку",
    re.IGNORECASE,
)
# These too, where a text ends with them.
OFFER_WORDS = re.compile(
    r"(?:already a|exclusive for) (?:subscriber|member)|subscribers?[- ]only|déjà abonné", re.IGNORECASE
)
BOT_TITLE = re.compile(
    r"^(?:just a moment|attention required|access denied|are you a robot|security check|pardon our interruption|"
    r"please wait|verifying you(?: are human)?|checking your browser|ddos-guard|one moment(?: please)?|"
    r"(?:human|bot) verification)[\s.…!?]*(?:[|–-].*)?$",
    re.IGNORECASE,
)
BOT_WORDS = re.compile(
    r"checking your browser|verify (?:that )?you are (?:a )?human|enable javascript and cookies|unusual traffic from|"
    r"cloudflare ray id|ddos protection by|reference #\d",
    re.IGNORECASE,
)
BOT_TOPICS = re.compile(r"are you a robot|not a robot|captcha|automated requests|unusual traffic", re.IGNORECASE)

_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Signs:
    """What a wall is told by. `visible`: how the page begins, boilerplate and all; `is_said_locked`: by its data."""

    url: str
    title: str
    text: str
    visible: str
    is_said_locked: bool = False


def find_wall(signs: Signs) -> tuple[Verdict, str] | None:
    """Which wall the page is, and why in words; None where it is none."""
    words = len(signs.text.split())
    if words < SHORT_WORDS and _is_bot_check(signs, words):
        return "bot_check", "the site asks whether a robot is reading"
    if _is_consent(signs, words):
        return "consent_wall", "the site asks for consent before it shows the article"
    if _is_paywall(signs, words):
        return "paywall", "the site shows the article to subscribers only"
    return None


def _is_bot_check(signs: Signs, words: int) -> bool:
    if BOT_TITLE.search(signs.title.strip()) or BOT_WORDS.search(signs.text):
        return True
    is_small = len(signs.visible) < 1_000
    if is_small and BOT_WORDS.search(signs.visible):
        return True
    return words < HARDLY_ANY_WORDS and bool(BOT_TOPICS.search(signs.visible if is_small else signs.text))


def _is_consent(signs: Signs, words: int) -> bool:
    parts = urlsplit(signs.url)
    if CONSENT_HOSTS.search(parts.hostname or "") or CONSENT_PATHS.search(parts.path):
        return words < LOCKED_WORDS or _consent_share(signs.text) >= CONSENT_SHARE
    has_title = bool(CONSENT_TITLE.search(signs.title.strip()))
    if _consent_share(signs.text) >= CONSENT_SHARE and len(CONSENT_WORDS.findall(signs.text)) >= 3:
        return (words < LOCKED_WORDS or has_title) and _is_said_to_reader(signs.text)
    shown = signs.text or signs.visible
    return words < SHORT_WORDS and has_title and len(CONSENT_WORDS.findall(shown)) >= 2 and _is_said_to_reader(shown)


def _consent_share(text: str) -> float:
    """The share of the text, by its letters, in sentences that speak of consent."""
    total = sum(map(len, _sentences(text)))
    return sum(map(len, _consent_sentences(text))) / total if total else 0.0


def _is_said_to_reader(text: str) -> bool:
    """Whether those who speak of consent ask for it: an article says who asked whom."""
    sentences = _consent_sentences(text)
    return sum(bool(ADDRESS.search(sentence)) for sentence in sentences) >= ADDRESSED_SHARE * len(sentences)


def _consent_sentences(text: str) -> list[str]:
    return [sentence for sentence in _sentences(text) if CONSENT_WORDS.search(sentence)]


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE.split(text) if sentence.strip()]


def _is_paywall(signs: Signs, words: int) -> bool:
    """Metered pages say that they are locked and give the whole text all the same, so the text's length counts."""
    end = signs.text[-END_CHARS:]
    ends_with_offer = bool(LOCK_WORDS.search(end) or OFFER_WORDS.search(end))
    if signs.is_said_locked:
        return words < LOCKED_WORDS or (ends_with_offer and words < 2 * LOCKED_WORDS)
    return words < SHORT_WORDS and (ends_with_offer or bool(LOCK_WORDS.search(_behind(signs))))


def _behind(signs: Signs) -> str:
    """What a visitor sees behind the beginning of the text, for what stands before it is said of other texts."""
    beginning = signs.text.split("\n", 1)[0][:BEGINNING_CHARS]
    return signs.visible[max(0, signs.visible.find(beginning)) :]
