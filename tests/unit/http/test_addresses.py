from ipaddress import ip_address, ip_network

import pytest

from wirewatch.http.addresses import find_refusal, is_permitted_port, is_public

REFUSED_TEXT = (
    "0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16 169.254.169.254 "
    "172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.7 203.0.113.9 "
    "224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 "
    ":: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::808:808 "
    "64:ff9b:1::a00:1 100::1 2001::1 2001:0:53aa:64c:0:0:80ff:fffe 2001:10::1 2001:db8::1 2002:7f00:1::1 "
    "2002:808:808::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 2606:4700::1%eth0 "
    "fec0::1 ff02::1 ff0e::1"
)
PUBLIC_TEXT = (
    "1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 169.253.255.255 "
    "169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.88.98.255 192.167.255.255 192.169.0.0 198.17.255.255 "
    "198.20.0.0 223.255.255.255 2001:200::1 2001:4860:4860::8888 2003::1 2606:4700:4700::1111 2a00:1450::1 3ffe::1"
)


@pytest.mark.parametrize("text", REFUSED_TEXT.split())
def test_what_is_not_public_is_refused(text: str) -> None:
    assert not is_public(ip_address(text))
    assert find_refusal(ip_address(text), 443, ()) is not None


@pytest.mark.parametrize("text", PUBLIC_TEXT.split())
def test_the_neighbours_of_refused_networks_are_reachable(text: str) -> None:
    assert find_refusal(ip_address(text), 443, ()) is None


def test_an_allowed_network_opens_only_itself() -> None:
    allow = [ip_network("127.0.0.0/8")]
    assert find_refusal(ip_address("127.0.0.1"), 8080, allow) is None
    for other in ("10.0.0.1", "::1", "::ffff:127.0.0.1"):
        assert find_refusal(ip_address(other), 8080, allow) is not None


def test_an_allowed_network_may_be_reached_on_any_port() -> None:
    address = ip_address("127.0.0.1")
    assert find_refusal(address, 25, [ip_network("127.0.0.0/8")]) is None
    assert find_refusal(ip_address("8.8.8.8"), 25, [ip_network("127.0.0.0/8")]) is not None


def test_ports() -> None:
    assert all(is_permitted_port(port) for port in (80, 443, 1024, 3000, 8000, 8080, 8443, 65535))
    assert not any(is_permitted_port(port) for port in (0, 21, 22, 25, 53, 1023, 5432, 6379, 11211, 65536))
