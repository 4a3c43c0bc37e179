"""Fields that hold one of a few words, as OpenAPI v3 marks them."""

from __future__ import annotations

import pytest

from eks_lab.kube import enumerations, types


@pytest.mark.parametrize("version", types.available())
def test_every_field_is_one_of_the_packaged_types(version: str) -> None:
    definitions = types.load(version).definitions()
    named = enumerations.of_version(version)
    assert len(named) > 50
    for definition, fields in named.items():
        assert set(fields) <= set(definitions[definition]["properties"]), definition
        assert all(list(words) == sorted(words) and words for words in fields.values())


def test_a_value_gets_its_words_and_a_paragraph() -> None:
    definitions = types.load("1.36").definitions()
    before = definitions["io.k8s.api.core.v1.ServicePort"]["properties"]["protocol"]
    marked = enumerations.marked("1.36", definitions)
    protocol = marked["io.k8s.api.core.v1.ServicePort"]["properties"]["protocol"]
    assert protocol["enum"] == ["SCTP", "TCP", "UDP"]
    assert protocol["description"].endswith(
        '\n\nPossible enum values:\n - `"SCTP"` is the SCTP protocol.\n - `"TCP"` is the TCP protocol.\n'
        ' - `"UDP"` is the UDP protocol.'
    )
    policy = marked["io.k8s.api.core.v1.PodSpec"]["properties"]["restartPolicy"]
    assert policy["description"].endswith(
        '\n\nPossible enum values:\n - `"Always"`\n - `"Never"`\n - `"OnFailure"`'
    )
    assert "enum" not in before, "the packaged types were changed"


def test_the_elements_of_a_list_are_marked() -> None:
    marked = enumerations.marked("1.36", types.load("1.36").definitions())
    modes = marked["io.k8s.api.core.v1.PersistentVolumeClaimSpec"]["properties"]["accessModes"]
    assert "ReadWriteOncePod" in modes["items"]["enum"]
    assert "Possible enum values" not in modes["description"]


def test_words_come_with_their_version() -> None:
    toleration = "io.k8s.api.core.v1.Toleration"
    assert list(enumerations.of_version("1.34")[toleration]["operator"]) == ["Equal", "Exists"]
    assert list(enumerations.of_version("1.35")[toleration]["operator"]) == ["Equal", "Exists", "Gt", "Lt"]
