"""Is the page of payment rules in step with the contract files?"""

from checks import payment_rules


def test_the_page_of_payment_rules_is_what_the_contract_files_say() -> None:
    assert payment_rules.PAGE.read_text(encoding="utf-8") == payment_rules.page(), "run: python tests/checks/payment_rules.py"
