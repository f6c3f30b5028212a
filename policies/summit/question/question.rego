# METADATA
# title: The question
# description: |
#   What every rule may rely on. A decision allows from facts that stand here with the right type; a field that is
#   missing or of another type makes its fact undefined, and so the answer a denial.
package summit.question

actor_kinds := {"user", "executor", "leader"}

effects := {"pure", "idempotent", "once"}

# METADATA
# description: Who asks, for which tenant, when.
well_formed if {
	input.v == 1
	is_string(input.tenant)
	is_number(input.now)
	input.actor.kind in actor_kinds
	is_string(input.actor.id)
	is_array(input.actor.roles)
	is_string(input.action.kind)
	is_string(input.action.name)
}

# METADATA
# description: The action belongs to a run, whose counters are exact.
in_run if {
	well_formed
	is_string(input.thread.id)
	is_string(input.run.id)
	is_string(input.run.workflow)
	is_string(input.run.version)
	is_string(input.run.startedBy)
	is_number(input.run.steps)
	is_number(input.run.attempts)
}

# METADATA
# description: A coroutine asks, through the executor that runs it (or the leader on its behalf).
from_workflow if {
	in_run
	input.actor.kind in {"executor", "leader"}
}

from_user if {
	well_formed
	input.actor.kind == "user"
}

# METADATA
# description: What the action carries is visible, as itself or as digest and size.
carries if input.action.args == input.action.args

carries if {
	is_string(input.action.argsDigest)
	is_number(input.action.argsBytes)
}

has_role(roles) if {
	some role in input.actor.roles
	is_string(role)
	role in roles
}

# METADATA
# description: The person who asks is the one who started the run.
started_it if {
	in_run
	from_user
	input.run.startedBy == input.actor.id
}
