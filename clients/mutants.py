"""Wrong inputs to every operation, drawn from the published model.

There are two breeds. A *certain* mutant breaks a rule of the model or of JSON, so it must be refused
whatever it names, and it names the keys that must not change. A *likely* mutant is odd, and may be
taken; it names keys and aliases that nobody minds.
"""

import base64
import json
import random
import re
import string
from dataclasses import dataclass, field

import botocore.session

# Stands where a secret would, and must be told nowhere.
CANARY = "canary-in-the-coal-mine"
COMMON = {
    "AccessDeniedException", "NotAuthorizedException", "SerializationException", "ThrottlingException",
    "UnsupportedOperationException", "ValidationException",
}  # fmt: skip
# The model does not list them, and yet something must be said.
UNLISTED = {
    "CreateAlias": {"InvalidArnException"}, "DeleteAlias": {"InvalidAliasNameException"},
    "UpdateAlias": {"InvalidAliasNameException", "InvalidArnException"},
    "ListKeyPolicies": {"InvalidMarkerException"},
}  # fmt: skip
MODEL = botocore.session.get_session().get_service_model("kms")
SHIELDED = {"KeyStorePassword", "RawSecretAccessKey"}


def documented(operation):
    """The errors that an operation may answer with."""
    return (
        COMMON
        | UNLISTED.get(operation, set())
        | {shape.name for shape in MODEL.operation_model(operation).error_shapes}
    )


@dataclass
class Raw:
    """Text that goes into the JSON as it is."""

    text: str


@dataclass
class Names:
    """What a mutant may name."""

    keys: list
    aliases: list
    arns: list
    ciphertexts: list


@dataclass
class Mutant:
    operation: str
    body: bytes
    certain: bool
    how: str
    members: dict = field(default_factory=dict)


class Breeder:
    """Draws mutants; the same seed gives the same ones."""

    def __init__(self, seed, fixtures, throwaway, operations):
        self.random = random.Random(seed)
        self.fixtures, self.throwaway = fixtures, throwaway
        self.names = None
        self.built = list(operations)
        self.all = list(MODEL.operation_names)

    def mutant(self):
        operation = self.random.choice(self.built if self.random.random() < 0.7 else self.all)
        certain = self.random.random() < 0.6
        self.names = self.fixtures if certain else self.throwaway
        shape = MODEL.operation_model(operation).input_shape
        members = self.structure(shape)
        breaks = self.certain_breaks(shape, members) if certain else self.likely_breaks(shape, members)
        how, apply = self.random.choice(breaks)
        apply()
        text = render(members)
        if how == "text":
            text = self.broken_text(text)
        elif how == "spelling":
            text = self.spelled_otherwise(text)
        body = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        return Mutant(operation, body, certain, how, members)

    # A good input.

    def structure(self, shape):
        required = set(shape.required_members)
        names = [name for name in shape.members if name in required or self.random.random() < 0.4]
        # With a grant token or another way to a dry run nothing else would be reached.
        names = [
            name for name in names if name not in ("GrantTokens", "DryRun", "Recipient") or self.random.random() < 0.1
        ]
        return {name: self.value(name, shape.members[name]) for name in names}

    def value(self, name, shape):
        makers = {
            "string": self.text, "list": self.list, "map": self.map,
            "structure": lambda _, shape: self.structure(shape), "blob": self.blob,
            "boolean": lambda *_: self.random.random() < 0.2, "timestamp": lambda *_: 1_900_000_000,
        }  # fmt: skip
        return makers.get(shape.type_name, self.number)(name, shape)

    def text(self, name, shape):
        if shape.enum:
            return "SYMMETRIC_DEFAULT" if "SYMMETRIC_DEFAULT" in shape.enum else self.random.choice(shape.enum)
        if name in SHIELDED:
            return CANARY
        if "Alias" in name:
            return self.random.choice(self.names.aliases)
        if name == "Policy":
            return POLICY
        if name == "PolicyName":
            return "default"
        if name.endswith("KeyId"):
            return self.random.choice(self.names.keys + self.names.arns + self.names.aliases)
        return "".join(self.random.choices(string.ascii_letters, k=self.random.randint(1, 20)))

    def list(self, name, shape):
        return [self.value(name, shape.member) for _ in range(self.random.randint(1, 3))]

    def map(self, name, shape):
        return {self.value("", shape.key): self.value("", shape.value) for _ in range(self.random.randint(0, 4))}

    def blob(self, name, shape):
        if name == "CiphertextBlob" and self.random.random() < 0.7:
            return self.random.choice(self.names.ciphertexts)
        return base64.b64encode(CANARY.encode()).decode()

    def number(self, name, shape):
        low, high = shape.metadata.get("min", 1), shape.metadata.get("max", 1000)
        return self.random.randint(low, min(high, low + 100))

    # What must be refused.

    def certain_breaks(self, shape, members):
        breaks = [("text", lambda: None)]
        for holder, name, member in places(shape, members):
            breaks += [("type", setter(holder, name, value)) for value in self.wrong_types(member)]
            breaks += [("limit", setter(holder, name, value)) for value in self.beyond(name, member)]
        for name in shape.required_members:
            breaks.append(("missing", lambda name=name: members.pop(name, None)))
            breaks.append(("null", setter(members, name, None)))
        if "DryRun" in shape.members:
            breaks.append(("dry run", setter(members, "DryRun", True)))
        return breaks

    def wrong_types(self, shape):
        kind = shape.type_name
        wrong = {
            "string": [{}, [], ["x"], {"x": "y"}],
            "list": [
                "x",
                {},
                1,
                True,
                [{"x": {}}] if shape.type_name == "list" and shape.member.type_name == "string" else 0,
            ],
            "map": ["x", [], 1, {"x": {}}, {"x": [1]}],
            "structure": ["x", [1], 1, True],
            "blob": ["!" + CANARY, CANARY[:-2] + "*", {}, [], 1],
            "boolean": ["yes", {}, [], 17],
            "timestamp": [{}, [], "tomorrow"],
        }
        return wrong.get(kind, ["many", {}, [], True])

    def beyond(self, name, shape):
        """Values beyond the limits of a shape."""
        low, high, kind = shape.metadata.get("min"), shape.metadata.get("max"), shape.type_name
        if kind in ("integer", "long"):
            return [
                value
                for value in (low and low - 1, high and high + 1, Raw("1e400"), Raw("9" * 40))
                if value is not None
            ]
        if kind == "string":
            return self.beyond_text(shape, low, high)
        if kind == "blob":
            too_long = [base64.b64encode(b"x" * (high + 1)).decode()] if high else []
            return too_long + ([""] if low else [])
        if kind == "list" and high and high < 200:
            return [[self.value(name, shape.member)] * (high + 1)]
        return []

    def beyond_text(self, shape, low, high):
        wrong = [""] if low else []
        if high and high < 100_000:
            wrong.append("x" * (high + 1))
        if shape.enum:
            wrong += ["NO_SUCH_VALUE", shape.enum[0].lower(), shape.enum[0] + " "]
        return wrong

    def broken_text(self, text):
        """Text that is no JSON object."""
        cut = self.random.randrange(1, len(text))
        data = text.encode()
        return self.random.choice([
            data[:cut], data + b"}", b"[" + data + b"]", data + b"\x00", b"{" + data, data[:-1] + b',"x"}',
            data[:-1] + b',"x":\xff}', data[:1] + b'"x":"\xed\xa0\x80",' + data[1:], b"\xff\xfe" + data,
            json.dumps(text).encode(), data[:-1] + b',"x":' + b"[" * 5000 + b"]" * 5000 + b"}", b"\xef\xbb\xbf" + data,
        ])  # fmt: skip

    # What may be refused.

    def likely_breaks(self, shape, members):
        breaks = [("none", lambda: None), ("spelling", lambda: None)]
        for holder, name, member in places(shape, members):
            breaks += [("odd", setter(holder, name, value)) for value in self.odd(name, member, holder[name])]
            breaks.append(("null", setter(holder, name, None)))
        for name, member in shape.members.items():
            breaks.append(
                ("another member", lambda name=name, member=member: members.update({name: self.value(name, member)}))
            )
        breaks.append(
            ("unknown member", lambda: members.update({self.odd_text(): self.random.choice([1, {}, [[]], None])}))
        )
        return breaks

    def odd(self, name, shape, value):
        kind = shape.type_name
        if kind == "string":
            return [self.odd_text(), self.odd_text(), self.twisted(value), self.random.choice(NAMES), POLICY]
        if kind in ("integer", "long"):
            return [Raw("-0"), Raw("1.0"), Raw("1e2"), Raw("1.5"), 0, -1, 1 << 31, 1 << 63, 1 << 64, str(1)]
        if kind == "blob":
            data = self.random.randbytes(self.random.randrange(300))
            return [base64.b64encode(data).decode(), self.twisted(value), str(value).rstrip("="), "\n" + str(value), ""]
        if kind == "boolean":
            return [Raw("true"), Raw("false"), "true", 1, 0]
        if kind == "list":
            return [[], value * 20 if isinstance(value, list) else [], [None]]
        if kind == "map":
            return [
                {},
                {self.odd_text(): self.odd_text() for _ in range(30)},
                {"k" * 5000: "v" * 5000},
                {"": ""},
                {"a": None},
            ]
        return [Raw("-1"), Raw("1e15"), Raw("0.001"), Raw("253402300800")]

    def odd_text(self):
        length = self.random.choice([0, 1, 2, 8, 64, 129, 257, 2049, 8193])
        alphabet = self.random.choice([string.printable, "é€😀\u202e\u0000\ufeff\u0085", "/:*?${}", "\\\"'<>&;|`\n\r"])
        return "".join(self.random.choices(alphabet, k=length))

    def twisted(self, value):
        """A text with one letter changed, gone, or too much."""
        if not isinstance(value, str) or not value:
            return "x"
        at, letter = self.random.randrange(len(value)), chr(self.random.choice([0, 32, 47, 58, 65, 122, 233, 0x1F600]))
        return self.random.choice(
            [value[:at] + letter + value[at + 1 :], value[:at] + value[at + 1 :], value[:at] + letter + value[at:]]
        )

    def spelled_otherwise(self, text):
        """The same object, spelled as nobody spells it."""
        numbers = ",".join(f'"x{number}":{number}' for number in range(2000))
        return self.random.choice([
            text.replace(":", " : \n").replace(",", "\t,\r\n") if " " not in text else text, text.ljust(20_000),
            re.sub(r"[a-z]", lambda found: f"\\u{ord(found.group()):04x}", text),
            text[:-1] + (',"x":{"x":[[[[1e-9]]]]}}' if len(text) > 2 else '"x":1}'),
            text[:-1] + ("," if len(text) > 2 else "") + numbers + "}",
        ])  # fmt: skip


NAMES = [
    "alias/",
    "alias/aws/x",
    "alias/../x",
    "alias//x",
    "ALIAS/x",
    "mrk-" + "0" * 32,
    "arn:aws:kms",
    "arn:::::",
    "*",
    "arn:aws:kms:us-east-1:000000000000:key/",
    "arn:aws:kms:us-east-1:999999999999:key/00000000-0000-0000-0000-000000000000",
    "arn:aws:kms:eu-central-1:000000000000:alias/x",
    "00000000-0000-0000-0000-000000000000",
    "../../meta/root-key",
    "%2e%2e",
    "{}",
    '{"Version":"2012-10-17","Statement":[]}',
    '{"Statement":{"Effect":"Deny","Principal":"*","Action":"*"}}',
]
POLICY = json.dumps({
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": "kms:*", "Resource": "*"},
})  # fmt: skip


def places(shape, members):
    """Every member there is, at any depth: what holds it, its name, its shape."""
    for name in list(members):
        member = shape.members[name]
        yield members, name, member
        if member.type_name == "structure":
            yield from places(member, members[name])
        elif member.type_name == "list" and member.member.type_name == "structure":
            for item in members[name]:
                yield from places(member.member, item)


def setter(holder, name, value):
    return lambda: holder.__setitem__(name, value)


def render(members):
    """JSON, with raw texts as they are."""
    raw = []

    def stand_in(value):
        raw.append(value.text)
        return f"raw text {len(raw) - 1} stands here"

    text = json.dumps(members, default=stand_in, separators=(",", ":"), ensure_ascii=len(str(members)) % 2 == 0)
    for number, literal in enumerate(raw):
        text = text.replace(f'"raw text {number} stands here"', literal)
    return text
