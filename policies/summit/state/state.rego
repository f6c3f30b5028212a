# METADATA
# title: Thread state
# description: |
#   A run patches the state of its own thread, and appends messages to it. A person corrects the state who started
#   the run, or has one of the roles in `data.tenant.editors`. Anybody of the tenant makes a thread, with the state
#   that it begins with.
package summit.state

import data.summit.question

# METADATA
# title: Decision on a state patch
# entrypoint: true
decision := {"verdict": "allow", "reasons": [], "obligations": []} if {
	allowed
} else := {"verdict": "deny", "reasons": refusals, "obligations": []}

allowed if {
	input.action.kind == "patch"
	question.from_workflow
	question.carries
}

# A message of the run's conversation, that its agent appends.
allowed if {
	input.action.kind == "message"
	input.action.name in {"user", "assistant", "tool"}
	question.from_workflow
	question.carries
}

allowed if {
	input.action.kind == "state.patch"
	question.from_user
	is_string(input.thread.id)
	question.carries
	may_edit
}

allowed if {
	input.action.kind == "thread.create"
	question.from_user
	is_string(input.thread.id)
	question.carries
}

may_edit if question.started_it

may_edit if question.has_role(editors)

editors := object.get(data.tenant, "editors", ["developer", "operator", "admin"])

refusals contains concat("", [
	"only who started the run, or a role in editors of the tenant's data.json, corrects state: ",
	concat(", ", editors),
]) if {
	input.action.kind == "state.patch"
	not may_edit
}

refusals contains "no rule allows this state change: add one to policies/summit/state" if {
	not input.action.kind == "state.patch"
}
