# The terms of a question that a workflow asks, which the cases leave out.
package summit.approval_test

import data.summit.approval.cases as corpus
import data.summit.corpus_test

terms_of(title, tenant) := answer.obligations[0].params if {
	some case in corpus.list
	case.title == title
	asked := corpus_test.asked(corpus, case)
	answer := data.summit.approval.decision with input as asked with data.tenant as tenant
}

test_reviewers_are_asked if {
	terms_of("[C3.2] a workflow asks people", {}) == {"quorum": 1, "roles": ["reviewer"], "ttl_s": 86400}
}

test_tenant_says_who_is_asked if {
	terms_of("[C3.2] a workflow asks people", {"questions": {"roles": ["owner"]}}).roles == ["owner"]
}

test_workflow_says_who_is_asked if {
	terms := terms_of("[C3.2] a workflow says who, how many and until when", {"questions": {"roles": ["owner"]}})
	terms == {"quorum": 2, "roles": ["legal"], "ttl_s": 60}
}
