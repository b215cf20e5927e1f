"""What does an exchange that asks over HTTP get, and who is taken for it?"""

from xml.etree import ElementTree as ET

import pytest

from calltime_edge.telephone.dialogue import Reply
from calltime_edge.telephone.prompts import Prompt, Spoken
from calltime_edge.telephone.twiml import Exchange, is_signed, write

LINE = Exchange(address="https://care.example.org/telephone", token="token", voices={"en": "Polly.Amy", "cy": ""})


def test_the_published_example_of_a_signature_is_taken() -> None:
    """The exchange's own documentation gives it: token 12345."""
    account = Exchange(address="https://mycompany.com/myapp.php", token="12345", voices={})
    posted = {"CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234", "From": "+14158675309", "To": "+18005551212"}

    assert is_signed("RSOYDt4T1cUTdK1PDd93/VVr8B8=", account, query="foo=1&bar=2", posted=list(posted.items()))


@pytest.mark.parametrize("signature", ["", "RSOYDt4T1cUTdK1PDd93/VVr8B9=", "é", "x" * 1000])
def test_anything_else_is_not(signature: str) -> None:
    assert not is_signed(signature, LINE, query="", posted=[("CallSid", "CA1")])


def test_what_is_to_be_keyed_in_is_gathered_and_brought_to_the_next_step() -> None:
    reply = Reply(said=(Spoken(language="en", prompt=Prompt.KEY_PIN), Spoken(language="cy", prompt=Prompt.KEY_PIN)), wants="pin")
    response = ET.fromstring(write(reply, LINE, step=1))  # noqa: S314 # our own answer

    [gather] = response
    assert (gather.tag, gather.get("numDigits"), gather.get("action")) == ("Gather", "6", "https://care.example.org/telephone?step=1")
    assert [(say.get("language"), say.get("voice"), say.text) for say in gather] == [
        ("en-GB", "Polly.Amy", "Key in your PIN."),
        ("cy-GB", None, "Bysellwch eich PIN."),
    ]


def test_at_the_end_she_is_hung_up_on() -> None:
    response = ET.fromstring(write(Reply(said=(Spoken(language="en", prompt=Prompt.GOODBYE),)), LINE, step=3))  # noqa: S314 # our own answer

    assert [each.tag for each in response] == ["Say", "Hangup"]
