"""Providers of identities: made, changed, listed, gone."""

import pytest

from identities import code, refusal, trust, unique
from trent import ACCOUNT


@pytest.fixture(scope="module")
def iam(trent):
    return trent.client("iam")


@pytest.fixture
def url():
    return f"https://{unique('issuer')}.example.com/realm"


def test_a_provider_from_birth_to_death(iam, url):
    made = iam.create_open_id_connect_provider(
        Url=url, ClientIDList=["a"], ThumbprintList=["0" * 40], Tags=[{"Key": "k", "Value": "v"}]
    )
    arn = made["OpenIDConnectProviderArn"]
    assert arn == f"arn:aws:iam::{ACCOUNT}:oidc-provider/{url.removeprefix('https://')}"
    about = {"OpenIDConnectProviderArn": arn}
    assert code(iam.create_open_id_connect_provider, Url=url) == "EntityAlreadyExists"
    iam.add_client_id_to_open_id_connect_provider(**about, ClientID="b")
    iam.add_client_id_to_open_id_connect_provider(**about, ClientID="b")
    iam.remove_client_id_from_open_id_connect_provider(**about, ClientID="a")
    iam.update_open_id_connect_provider_thumbprint(**about, ThumbprintList=["f" * 40])
    iam.tag_open_id_connect_provider(**about, Tags=[{"Key": "l", "Value": "w"}])
    iam.untag_open_id_connect_provider(**about, TagKeys=["k"])
    provider = iam.get_open_id_connect_provider(**about)
    assert provider["Url"] == url.removeprefix("https://")
    assert (provider["ClientIDList"], provider["ThumbprintList"]) == (["b"], ["f" * 40])
    assert provider["Tags"] == iam.list_open_id_connect_provider_tags(**about)["Tags"]
    assert provider["Tags"] == [{"Key": "l", "Value": "w"}]
    assert {"Arn": arn} in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    for _ in range(2):
        iam.delete_open_id_connect_provider(**about)
    assert refusal(iam.get_open_id_connect_provider, **about)[:2] == (404, "NoSuchEntity")


def test_a_slash_at_the_end_is_part_of_the_name(iam, url):
    made = [iam.create_open_id_connect_provider(Url=url + end)["OpenIDConnectProviderArn"] for end in ("", "/")]
    assert made[1] == made[0] + "/"
    assert iam.get_open_id_connect_provider(OpenIDConnectProviderArn=made[1])["Url"].endswith("/realm/")


@pytest.mark.parametrize("bad", ["http://example.com", "https://", "https://a.example?x=1", "https:///x"])
def test_what_is_no_provider(iam, bad):
    assert code(iam.create_open_id_connect_provider, Url=bad) == "InvalidInput"


def test_limits(iam, url):
    many = {"ClientIDList": [str(n) for n in range(101)]}
    assert code(iam.create_open_id_connect_provider, Url=url, **many) == "LimitExceeded"
    prints = {"ThumbprintList": ["0" * 40] * 6}
    assert code(iam.create_open_id_connect_provider, Url=url, **prints) == "InvalidInput"


def test_roles_may_trust_providers(iam, url):
    arn = iam.create_open_id_connect_provider(Url=url, ClientIDList=["a"])["OpenIDConnectProviderArn"]
    policy = trust({"Federated": arn}, "sts:AssumeRoleWithWebIdentity")
    iam.create_role(RoleName=unique("role"), AssumeRolePolicyDocument=policy)
