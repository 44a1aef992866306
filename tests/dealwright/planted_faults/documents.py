"""Faults planted about documents for the buyer."""

from __future__ import annotations

import pytest

from dealwright.fold import documents as folded_documents
from dealwright.playbook.language.documents import DocumentRule
from dealwright.rules import documents
from dealwright.rules.approvals import holding
from dealwright.rules.decision_context import DecisionContext
from dealwright.terms import Terms
from tests.dealwright.planting import nothing


def documents_need_no_yes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(holding, "_is_granted", lambda *_: True)


def a_document_says_what_was_so_at_first(patch: pytest.MonkeyPatch) -> None:
    terms_of, first = documents._terms_of, dict[tuple[str, str], Terms]()

    def of_the_first_time(context: DecisionContext, rule: DocumentRule) -> Terms:
        return first.setdefault((context.deal.id, rule.template), terms_of(context, rule))

    patch.setattr(documents, "_terms_of", of_the_first_time)


def a_version_goes_out_beside_the_last(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(documents, "out_now", nothing)


def what_the_buyer_agreed_to_is_taken_back(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(folded_documents, "told", lambda state, entry: folded_documents.heard(state, entry.id))


def what_could_not_be_taken_back_is_taken_for_gone(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(folded_documents._AFTER_WITHDRAWING, "failed", "over")


def what_may_have_been_taken_back_is_taken_for_gone(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(folded_documents._AFTER_WITHDRAWING, "uncertain", "withdrawn")


def documents_outlive_their_deal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(documents, "recall_all", nothing)


def a_proposal_is_sent_after_the_signature(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(documents, "mind", nothing)
