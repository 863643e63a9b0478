"""The vectors of the Query protocol against an SDK's own serializer and parser.

The files are in crates/model/tests/query; the crate's tests hold Trent's reader and writer against
them, this file holds the SDK's. No server is needed.
"""

import datetime
import json
from pathlib import Path

import botocore.awsrequest
import botocore.loaders
import botocore.model
import botocore.parsers
import botocore.serialize
import pytest

HOME = Path(__file__).resolve().parent.parent / "crates/model/tests/query"


def vectors(kind):
    return sorted(HOME.glob(f"{kind}-*.txt"))


def sections(path):
    first, *rest = path.read_text(encoding="utf-8").split("== ")
    return {name: text.strip("\n") for name, text in (part.split("\n", 1) for part in rest)}


def operation(parts):
    service, name = parts["operation"].split()
    loader = botocore.loaders.Loader()
    model = botocore.model.ServiceModel(loader.load_service_model(service, "service-2"), service)
    return model, model.operation_model(name)


@pytest.mark.parametrize("path", vectors("request"), ids=lambda path: path.stem)
def test_the_sdk_spells_a_request_so(path):
    parts = sections(path)
    _, model = operation(parts)
    request = botocore.serialize.create_serializer("query").serialize_to_request(
        json.loads(parts["input"]), model
    )
    prepared = botocore.awsrequest.AWSRequest(
        method="POST", url="https://localhost/", data=request["body"]
    ).prepare()
    assert prepared.body == parts["form"]


@pytest.mark.parametrize("path", vectors("answer"), ids=lambda path: path.stem)
def test_the_sdk_reads_an_answer_so(path):
    parts = sections(path)
    service, model = operation(parts)
    namespace = service.metadata["xmlNamespace"]
    body = (
        f'<{model.name}Response xmlns="{namespace}">{parts["result"]}'
        f"<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{model.name}Response>"
    )
    answer = botocore.parsers.create_parser("query").parse(
        {"body": body.encode(), "headers": {}, "status_code": 200}, model.output_shape
    )
    assert answer.pop("ResponseMetadata")["RequestId"] == "r"
    plain = json.loads(json.dumps(answer, default=datetime.datetime.isoformat))
    assert plain == json.loads(parts["answer"])


def test_there_are_vectors():
    assert len(vectors("request")) >= 5 and len(vectors("answer")) >= 5
