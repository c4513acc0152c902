"""Walls are told from articles that merely have a banner beside them."""

import pytest

from ingest.pages.page import Verdict
from ingest.pages.walls import Signs, find_wall

ARTICLE = "The night ferry will sail later from Monday because of the weather, the port authority said. " * 20
BANNER = "We use cookies and similar technologies. Accept all cookies or manage preferences in our privacy policy. "
BRIEF = "The night ferry will sail later from Monday because of the weather, the port authority said. " * 4
RULING = (
    "The regulator fined the bank 50 million euros for its cookies. Users who clicked on accept all were tracked "
    "without their consent, it said. The bank has changed its privacy policy since. Campaigners for data protection "
    "welcomed the ruling and said that consent banners of others should be next. "
)
URL = "https://harbour.example/news/1"


def signs(text: str = "", **fields: object) -> Signs:
    return Signs(**{"url": URL, "title": "Ferry late", "text": text, "visible": text, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "page",
    [
        signs(ARTICLE),
        signs(ARTICLE, visible=BANNER * 3 + ARTICLE),
        signs(BANNER + ARTICLE),
        signs(ARTICLE + " Subscribe to continue reading our other stories."),
        signs(ARTICLE, is_said_locked=True),  # metered: all of it is there
        signs("The ferry is late.", visible="The ferry is late. " + BANNER),
        signs("A short note about a ferry that is late today.", visible="Menu Log in A short note about a ferry"),
        signs(ARTICLE, url="https://consent.example/essay-on-consent"),
        signs(BRIEF, visible=f"For subscribers only: the long read. Log in to continue. {BRIEF}"),
        signs(BRIEF, visible=f"{BRIEF} Subscribe to read more stories like this. This site is protected by reCAPTCHA."),
        signs(BRIEF, title="Please wait: ferries late again"),
        signs(BRIEF, title="Access denied: reporters kept out of the port"),
        signs(RULING, title="Cookies: what the ruling means"),
        signs(RULING * 3, title="Privacy ruling welcomed"),
        signs("Websites that ask whether you are a robot with a captcha may vanish. " * 4, title="The captcha ends"),
        signs(f"The regulator fined the bank over tracking cookies. {ARTICLE}", title="Cookies: what the ruling means"),
    ],
)
def test_an_article_is_no_wall(page: Signs) -> None:
    assert find_wall(page) is None


@pytest.mark.parametrize(
    ("page", "verdict"),
    [
        (signs(BANNER * 4, title="Before you continue"), "consent_wall"),
        (signs(BANNER * 2), "consent_wall"),
        (signs("", url="https://consent.portal.example/collect?x=1"), "consent_wall"),
        (signs("", title="Privacy settings", visible=BANNER), "consent_wall"),
        (signs("Mit Ihrer Zustimmung setzen wir Cookies. Zum Datenschutz. Alle akzeptieren."), "consent_wall"),
        (signs("The ferry is late. To continue reading, subscribe for one euro."), "paywall"),
        (signs("The ferry is late.", visible="The ferry is late. This article is for subscribers only."), "paywall"),
        (signs(BRIEF, visible=f"{BRIEF} Subscribe to continue reading this article."), "paywall"),
        (signs("", visible="The port is full. Already a subscriber? Log in to read the full story."), "paywall"),
        (signs("The ferry is late.", is_said_locked=True), "paywall"),
        (signs("La traversée est retardée. Cet article est réservé aux abonnés."), "paywall"),
        (signs("Die Fähre kommt später. Weiterlesen mit einem Abo."), "paywall"),
        (signs("", title="Just a moment...", visible="Enable JavaScript and cookies to continue"), "bot_check"),
        (signs("", title="Access Denied", visible="You do not have permission. Reference #18.2f"), "bot_check"),
        (signs("", title="Attention Required! | Cloudflare", visible="Please complete the captcha."), "bot_check"),
        (signs("", title="Sorry", visible="Solve the captcha to go on."), "bot_check"),
        (signs("Our systems have detected unusual traffic from your network.", title="Sorry"), "bot_check"),
    ],
)  # fmt: skip
def test_walls_are_recognised(page: Signs, verdict: Verdict) -> None:
    found = find_wall(page)
    assert found is not None
    assert found[0] == verdict
