# Every case of cases.json, which says what is asked, and what is answered. The field-deletion test reads them too.
package summit.memory_test

import data.summit.corpus_test
import data.summit.memory.cases as corpus

test_case[case.title] if {
	some case in corpus.list
	answer := data.summit.memory.decision with input as corpus_test.asked(corpus, case)
		with data.tenant as corpus_test.tenant(corpus, case)
	corpus_test.as_expected(answer, case)
}

test_corpus_is_there if count(corpus.list) > 0
