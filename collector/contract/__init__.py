"""The contract suite: the rules that every connector must keep, in the wheel for connectors of other authors.

`pytest --pyargs collector.contract --connector NAME` runs it, and so does `python -m collector.contract NAME`.
"""
