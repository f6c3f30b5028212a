# METADATA
# title: The question
# description: |
#   What every rule may rely on. A decision allows from facts that stand here with the right type; a field that is
#   missing or of another type makes its fact undefined, and so the answer a denial. Facts about a part are functions
#   of it: the part is looked up once.
package summit.question

# METADATA
# description: Who asks, for which tenant, when.
well_formed if worded(input)

# METADATA
# description: The action belongs to a run, whose counters are exact.
in_run if placed(input)

# METADATA
# description: A coroutine asks, through the executor that runs it (or the leader on its behalf).
from_workflow if {
	placed(input)
	runs_workflows(input.actor.kind)
}

from_user if {
	well_formed
	input.actor.kind == "user"
}

# METADATA
# description: What the action carries is visible, as itself or as digest and size.
carries if visible(input.action)

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

worded(question) if {
	question.v == 1
	is_string(question.tenant)
	is_number(question.now)
	actor := question.actor
	asks(actor.kind)
	is_string(actor.id)
	is_array(actor.roles)
	action := question.action
	is_string(action.kind)
	is_string(action.name)
}

placed(question) if {
	worded(question)
	is_string(question.thread.id)
	run := question.run
	is_string(run.id)
	is_string(run.workflow)
	is_string(run.version)
	is_string(run.startedBy)
	is_number(run.steps)
	is_number(run.attempts)
}

visible(action) if {
	_ = action.args
} else if {
	is_string(action.argsDigest)
	is_number(action.argsBytes)
}

asks("user")

asks("executor")

asks("leader")

runs_workflows("executor")

runs_workflows("leader")

# METADATA
# description: What an action does to the world.
effect("pure")

effect("idempotent")

effect("once")
