# How the cases of `cases.json` are read. A case changes the corpus' base: `with` goes over it member by member,
# `action` and `tenant` take the place of the base's.
package summit.corpus_test

asked(corpus, case) := object.union(changed, case.with) if {
	not case.action
	changed := corpus.base
}

asked(corpus, case) := object.union(changed, case.with) if {
	changed := object.union(object.remove(corpus.base, ["action"]), {"action": case.action})
}

tenant(corpus, case) := object.get(case, "tenant", corpus.tenant)

as_expected(answer, case) if {
	answer.verdict == case.verdict
	count(answer.obligations) == count([1 | case.verdict == "require_approval"])
	every wanted in [reason | reason := case.reason] {
		some given in answer.reasons
		contains(given, wanted)
	}
}
