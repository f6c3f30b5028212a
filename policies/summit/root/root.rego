# METADATA
# title: The root policy
# description: |
#   Ships with the release, pinned by digest, and alone decides what must work whatever bundle a tenant has: pause,
#   resume, cancel, bundle activation and rollback, keys, erasure, recovery. So a bad bundle locks nobody out.
package summit.root

import data.summit.question

# METADATA
# title: Decision of the root policy
# entrypoint: true
decision := {"verdict": "allow", "reasons": [], "obligations": []} if {
	allowed
} else := {"verdict": "deny", "reasons": refusals, "obligations": []}

operators := {"operator", "admin"}

allowed if {
	input.action.kind in {"run.pause", "run.resume", "run.cancel"}
	question.in_run
	may_control
}

allowed if {
	input.action.kind in {"bundle.activate", "bundle.rollback"}
	question.well_formed
	is_string(input.action.digest)
	input.action.verified == true
	may_operate
}

allowed if {
	input.action.kind in {"key.rotate", "recover"}
	question.well_formed
	may_operate
}

# Erasure is a person's decision, for ever.
allowed if {
	input.action.kind == "key.erase"
	question.from_user
	question.has_role({"admin", "privacy"})
}

may_control if question.started_it

may_control if {
	question.from_user
	question.has_role(operators)
}

may_operate if {
	input.actor.kind == "user"
	question.has_role(operators)
}

# The release's own activation when a partition starts, and recovery.
may_operate if input.actor.kind == "leader"

refusals contains "only who started the run, or an operator, controls it" if {
	input.action.kind in {"run.pause", "run.resume", "run.cancel"}
	not may_control
}

refusals contains "a bundle is activated only when its signature was verified: sign it with summit policy sign" if {
	input.action.kind in {"bundle.activate", "bundle.rollback"}
	not input.action.verified == true
}

refusals contains "this needs the role operator or admin (erasure: admin or privacy)" if {
	not input.action.kind in {"run.pause", "run.resume", "run.cancel"}
}
