# METADATA
# title: Approvals
# description: |
#   Who may answer an open question: a person with one of its roles, who did not ask for the action, has not decided
#   already, and names the very action that is open. (The modified action is decided anew by summit.action.) And who
#   is asked when a workflow itself asks: the roles that it names, else `data.tenant.questions.roles`, else reviewers.
package summit.approval

import data.summit.question

# METADATA
# title: Decision on a person's answer
# entrypoint: true
decision := {"verdict": "allow", "reasons": [], "obligations": []} if {
	allowed
} else := {"verdict": "require_approval", "reasons": ["the workflow asks"], "obligations": [terms]} if {
	asked
} else := {"verdict": "deny", "reasons": refusals, "obligations": []}

answers := {"approve", "reject", "modify", "abstain"}

allowed if {
	input.action.kind == "approval.decide"
	question.in_run
	question.from_user
	input.action.decision in answers
	is_string(input.action.approval)
	open
	current
	eligible
	uninvolved
	undecided
}

open if {
	input.action.open == true
	in_time
}

in_time if {
	is_number(input.action.expiresAt)
	input.now < input.action.expiresAt
}

# Nobody can tell whether an effect happened: that waits until somebody says so.
in_time if input.action.about == "effect"

# What the person saw is what is open now.
current if {
	is_string(input.action.actionHash)
	input.action.actionHash == input.action.openHash
}

eligible if {
	is_array(input.action.roles)
	question.has_role(input.action.roles)
}

# The question's own terms let those answer who asked.
uninvolved if input.action.separation == false

# Separation of duties: nobody approves what they asked for.
uninvolved if {
	is_array(input.action.requesters)
	count(input.action.requesters) > 0
	is_string(input.actor.id)
	every requester in input.action.requesters {
		is_string(requester)
		requester != input.actor.id
	}
	input.run.startedBy != input.actor.id
}

undecided if {
	is_array(input.action.deciders)
	every decider in input.action.deciders {
		is_string(decider)
		decider != input.actor.id
	}
}

# METADATA
# description: A workflow asks people, and says who where it matters to it.
asked if {
	input.action.kind == "approve"
	question.from_workflow
	question.carries
	is_string(input.action.actionHash)
	is_array(answerers)
	count(answerers) > 0
	every role in answerers {
		is_string(role)
	}
	is_number(object.get(input.action, "quorum", 1))
	is_number(object.get(input.action, "ttl_s", 1))
}

answerers := object.get(data.tenant, ["questions", "roles"], ["reviewer"]) if {
	object.get(input.action, "roles", []) == []
} else := input.action.roles

terms := {
	"id": "approval",
	"type": "approval",
	"params": {
		"quorum": object.get(input.action, "quorum", 1),
		"roles": answerers,
		"ttl_s": object.get(input.action, "ttl_s", 86400),
	},
}

refusals contains "the question is not open any more" if {
	deciding
	not open
}

refusals contains "the action has changed since it was shown: look again, then decide" if {
	deciding
	not current
}

refusals contains concat("", [
	"deciding needs one of the roles: ",
	concat(", ", input.action.roles),
]) if {
	deciding
	not eligible
}

refusals contains "nobody approves what they asked for: another person has to decide" if {
	deciding
	not uninvolved
}

refusals contains "this person has decided already" if {
	deciding
	not undecided
}

refusals contains "the question lacks a field, or was not asked by a run's executor" if {
	not deciding
	not asked
}

deciding if input.action.kind == "approval.decide"
