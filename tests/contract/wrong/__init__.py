"""Connectors that each break one rule of the contract: name -> the rule, and the piece that is wrong."""

from tests.contract.wrong.asking import ASKING
from tests.contract.wrong.believing import BELIEVING
from tests.contract.wrong.judging import JUDGING
from tests.contract.wrong.listing import LISTING
from tests.contract.wrong.refusing import REFUSING
from tests.contract.wrong.remembering import REMEMBERING
from tests.contract.wrong.saying import SAYING

WRONG = ASKING | BELIEVING | JUDGING | LISTING | REFUSING | REMEMBERING | SAYING
