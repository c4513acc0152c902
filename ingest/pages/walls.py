"""Recognising what stands in place of an article: questions for consent, paywalls, checks against robots.

Nearly every page carries a cookie banner and an offer to subscribe beside its article, so words alone prove nothing.
They count where they are most of what the page says, or where hardly any text is left of the article.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ingest.pages.page import Verdict

SHORT_WORDS = 120
LOCKED_WORDS = 250
CONSENT_SHARE = 0.34
# How near its end a text breaks off with an offer.
END_CHARS = 400

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
PAY_WORDS = re.compile(
    r"(?:subscri(?:be|bers?|ption)|sign in|log in|register|unlock|paid members?)\W+(?:\w+\W+){0,6}?"
    r"(?:to (?:continue|keep|read|unlock|access|view)|for (?:full|unlimited) access|only)"
    r"|to (?:continue|keep) reading|continue reading (?:this|your|with|by)|this (?:article|story|content) is (?:\w+ )?"
    r"(?:for|available to|reserved for|exclusive to|only)(?: \w+)? ?(?:subscribers|members|only)"
    r"|(?:already a|exclusive for) (?:subscriber|member)|subscribers?[- ]only|for subscribers only"
    r"|you have (?:reached|read|used) (?:your|all|the)[\w ,]* (?:free|limit)"
    r"|weiterlesen mit|nur für abonnenten|jetzt abonnieren|mit einem abo|jetzt registrieren und weiterlesen"
    r"|réservé aux abonnés|abonnez-vous pour|pour lire la suite|déjà abonné"
    r"|solo para suscriptores|suscríbete para|para seguir leyendo|contenido exclusivo"
    r"|contenuto riservato|abbonati per|alleen voor abonnees|для подписчиков|оформите подписку",
    re.IGNORECASE,
)
BOT_TITLE = re.compile(
    r"^(?:just a moment|attention required|access denied|are you a robot|security check|pardon our interruption|"
    r"please wait|verifying you|checking your browser|ddos-guard|one moment|human verification|bot verification)",
    re.IGNORECASE,
)
BOT_WORDS = re.compile(
    r"checking your browser|verify (?:that )?you are (?:a )?human|enable javascript and cookies|unusual traffic|"
    r"are you a robot|not a robot|captcha|cloudflare ray id|ddos protection|reference #\d|automated requests",
    re.IGNORECASE,
)

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
    if words < SHORT_WORDS and _is_bot_check(signs):
        return "bot_check", "the site asks whether a robot is reading"
    if _is_consent(signs, words):
        return "consent_wall", "the site asks for consent before it shows the article"
    if _is_paywall(signs, words):
        return "paywall", "the site shows the article to subscribers only"
    return None


def _is_bot_check(signs: Signs) -> bool:
    return bool(BOT_TITLE.search(signs.title.strip()) or BOT_WORDS.search(signs.text)) or (
        len(signs.visible) < 1_000 and bool(BOT_WORDS.search(signs.visible))
    )


def _is_consent(signs: Signs, words: int) -> bool:
    parts = urlsplit(signs.url)
    if CONSENT_HOSTS.search(parts.hostname or "") or CONSENT_PATHS.search(parts.path):
        return words < LOCKED_WORDS or _consent_share(signs.text) >= CONSENT_SHARE
    if _consent_share(signs.text) >= CONSENT_SHARE and len(CONSENT_WORDS.findall(signs.text)) >= 3:
        return words < LOCKED_WORDS or bool(CONSENT_TITLE.search(signs.title.strip()))
    shown = signs.text or signs.visible
    return (
        words < SHORT_WORDS
        and bool(CONSENT_TITLE.search(signs.title.strip()))
        and len(CONSENT_WORDS.findall(shown)) >= 2
    )


def _consent_share(text: str) -> float:
    """The share of the text, by its letters, in sentences that speak of consent."""
    sentences = [sentence for sentence in _SENTENCE.split(text) if sentence.strip()]
    total = sum(map(len, sentences))
    return sum(len(sentence) for sentence in sentences if CONSENT_WORDS.search(sentence)) / total if total else 0.0


def _is_paywall(signs: Signs, words: int) -> bool:
    """Metered pages say that they are locked and give the whole text all the same, so the text's length counts."""
    ends_with_offer = bool(PAY_WORDS.search(signs.text[-END_CHARS:]))
    if signs.is_said_locked:
        return words < LOCKED_WORDS or (ends_with_offer and words < 2 * LOCKED_WORDS)
    offers = ends_with_offer or (words < SHORT_WORDS and bool(PAY_WORDS.search(signs.visible)))
    return words < SHORT_WORDS and offers
