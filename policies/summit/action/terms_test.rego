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

test_sensitive_tool_asks_one_reviewer if {
	answer := answer_to("a sensitive tool asks people", {})
	answer.obligations == approval({"quorum": 1, "roles": ["reviewer"], "ttl_s": 3600})
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

# A rule may let whoever asked answer too, and name others for when nobody does.
with_rule(rule) := answer if {
	some case in corpus.list
	case.title == "a sensitive tool asks people"
	asked := corpus_test.asked(corpus, case)
	answer := data.summit.action.decision with input as asked with data.tenant as {"approvals": [rule]}
}

test_rule_lets_the_requester_answer if {
	answer := with_rule({"tool": "search", "separation": false})
	answer.obligations[0].params.separation == false
}

test_separation_is_the_default if {
	answer := with_rule({"tool": "search"})
	not "separation" in object.keys(answer.obligations[0].params)
}

test_rule_escalates if {
	answer := with_rule({"tool": "search", "escalate": {"roles": ["lead"], "ttl_s": 600}})
	answer.obligations[0].params.escalate == {"roles": ["lead"], "ttl_s": 600}
}
