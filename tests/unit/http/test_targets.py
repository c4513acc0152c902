import pytest

from wirewatch.errors import RefusedAddressError
from wirewatch.http.targets import parse_target

UNREADABLE = [
    "",
    "example.org",
    "//example.org/",
    "http:///path",
    "http:example.org",
    "file:///etc/passwd",
    "ftp://example.org/",
    "gopher://example.org/",
    "javascript:alert(1)",
    "http://user@example.org/",
    "http://user:secret@example.org/",
    "http://:secret@example.org/",
    "http://example.com\\@127.0.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.1/",
    "http://127.0.1/",
    "http://127.0.0.1.1/",
    "http://127.0.0.01/",
    "http://example.1/",
    "http://example.0x/",
    "http://%31%32%37.0.0.1/",
    "http://①②⑦.0.0.1/",
    "http://[fe80::1%25eth0]/",
    "http://[::1/",
    "http://exa mple.org/",
    "http://example.org\n.evil.org/",
    "http://exa_mple..org/",
    "http://-example.org/",
    "http://" + "a" * 64 + ".org/",
    "http://" + "a.b" * 100 + ".org/",
    "http://example.org:0/",
    "http://example.org:65536/",
    "http://example.org:99999999999999999999/",
    "http://example.org/" + "a" * 9000,
]


@pytest.mark.parametrize("url", UNREADABLE)
def test_only_plain_urls_are_read(url: str) -> None:
    with pytest.raises(RefusedAddressError):
        parse_target(url)


def test_parts_of_a_url() -> None:
    target = parse_target("HTTPS://Example.ORG./a%20b/ü?q=1&r=ä#part")
    assert (target.scheme, target.host, target.port, target.address) == ("https", "example.org", 443, None)
    assert target.path == "/a%20b/%C3%BC?q=1&r=%C3%A4"
    assert target.authority == "example.org"


def test_host_header_names_an_unusual_port_and_brackets_ipv6() -> None:
    assert parse_target("http://example.org:8080/").authority == "example.org:8080"
    assert parse_target("http://[2606:4700::1]:81/").authority == "[2606:4700::1]:81"
    assert parse_target("http://example.org:443/").authority == "example.org:443"


def test_names_in_other_scripts_become_ascii() -> None:
    assert parse_target("http://bücher.example/").host == "xn--bcher-kva.example"


@pytest.mark.parametrize("url", ["http://127。0。0。1/", "http://127．0．0．1/", "http://127.0.0.1./"])
def test_other_dots_give_the_address_itself(url: str) -> None:
    assert str(parse_target(url).address) == "127.0.0.1"
