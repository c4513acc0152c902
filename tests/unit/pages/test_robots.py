"""robots.txt by RFC 9309."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.pages.robots import ALLOW_ALL, DENY_ALL, MAX_CRAWL_DELAY_SECONDS, parse_robots


def allows(robots: str, path: str) -> bool:
    return parse_robots(robots).allows(f"https://news.example{path}")


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("", "/a", True),
        ("Disallow:", "/a", True),
        ("Disallow: /", "/a", False),
        ("Disallow: /", "/robots.txt", True),
        ("Disallow: /private", "/private/a", False),
        ("Disallow: /private", "/privateer", False),
        ("Disallow: /private/", "/private", True),
        ("Disallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("Allow: /a/b\nDisallow: /a", "/a/c", False),
        ("Disallow: /a\nAllow: /a", "/a", True),  # of equal ones the one that allows
        ("Disallow: /*?print=", "/story?print=1", False),
        ("Disallow: /*?print=", "/story?id=1", True),
        ("Disallow: /*.pdf$", "/a/b.pdf", False),
        ("Disallow: /*.pdf$", "/a/b.pdf?x", True),
        ("Disallow: /a*b*c$", "/abbbc", False),
        ("Disallow: /a*bc$", "/abc/abc", False),
        ("Disallow: /ab*b$", "/ab", True),
        ("Disallow: /$", "/", False),
        ("Disallow: /$", "/a", True),
        ("Disallow: *", "/a", False),
        ("Disallow: /%7Ejoe", "/~joe", False),
        ("Disallow: /caf\u00e9", "/caf%C3%A9", False),
        ("Disallow: /a%2fb", "/a%2Fb", False),
        ("Disallow: /a%2Fb", "/a/b", True),
        ("Disallow: /a # a note", "/a", False),
        ("disallow : /a", "/a", False),
    ],
)
def test_the_longest_rule_decides(rules: str, path: str, allowed: bool) -> None:
    assert allows(f"User-agent: *\n{rules}", path) is allowed


def test_the_group_that_names_us_counts_alone_and_may_come_in_parts() -> None:
    robots = (
        "User-agent: *\nDisallow: /\n\nUser-agent: Other\nUser-agent: WireWatch/0.1\nDisallow: /a\n"
        "\nUser-agent: wirewatch\nDisallow: /b\n"
    )
    assert [allows(robots, path) for path in ("/", "/a", "/b", "/c")] == [True, False, False, True]


def test_rules_before_any_name_and_lines_that_mean_nothing_are_passed_over() -> None:
    assert allows("Disallow: /\n<html>\nnonsense\nUser-agent: *\n\nUnknown: x\nDisallow: /a", "/b")


def test_delays_and_sitemaps_are_read() -> None:
    robots = parse_robots("Sitemap: https://x.example/s.xml\nUser-agent: *\nCrawl-delay: 2.5\nDisallow: /a\n")
    assert robots.crawl_delay_seconds == 2.5
    assert robots.sitemaps == ("https://x.example/s.xml",)
    assert parse_robots("User-agent: *\nCrawl-delay: 86400").crawl_delay_seconds == MAX_CRAWL_DELAY_SECONDS
    assert parse_robots("User-agent: *\nCrawl-delay: soon").crawl_delay_seconds == 0


def test_all_or_nothing() -> None:
    assert ALLOW_ALL.allows("https://x.example/a")
    assert not DENY_ALL.allows("https://x.example/a")


@given(st.text(max_size=300), st.text(max_size=60))
def test_no_text_is_too_odd(robots: str, path: str) -> None:
    allows(f"User-agent: *\nDisallow: /{path}\n{robots}", f"/{path.replace('#', '')}")
