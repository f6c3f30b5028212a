# The terms of a question, which the cases leave out.
package summit.action_test

import data.summit.action.cases as corpus
import data.summit.corpus_test

answer_to(title, over) := answer if {
	some case in corpus.list
	case.title == title
	asked := object.union(corpus_test.asked(corpus, case), over)
	answer := data.summit.action.decision with input as asked with data.tenant as corpus_test.tenant(corpus, case)
}

approval(params) := [{"id": "approval", "type": "approval", "params": params}]

test_sensitive_tool_asks_one_approver if {
	answer := answer_to("a sensitive tool asks people", {})
	answer.obligations == approval({"quorum": 1, "roles": ["approver"], "ttl_s": 3600})
}

test_rule_brings_its_own_terms if {
	answer := answer_to("an amount above the bound asks people", {})
	answer.obligations == approval({"quorum": 2, "roles": ["approver", "lead"], "ttl_s": 600})
}

test_strictest_terms_of_two_rules if {
	answer := answer_to("of two rules the stricter terms hold", {})
	answer.obligations == approval({"quorum": 2, "roles": ["lead"], "ttl_s": 600})
}

test_amount_that_can_not_be_read_asks if {
	answer := answer_to("an amount within the bound is allowed", {"action": {"args": {"amountCents": "1000"}}})
	answer.verdict == "require_approval"
}
