# METADATA
# title: Approvals
# description: |
#   Who may answer an open question: a person with one of its roles, who did not ask for the action, has not decided
#   already, and names the very action that is open. (The modified action is decided anew by summit.action.)
package summit.approval

import data.summit.question

# METADATA
# title: Decision on a person's answer
# entrypoint: true
decision := {"verdict": "allow", "reasons": [], "obligations": []} if {
	allowed
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
	is_number(input.action.expiresAt)
	input.now < input.action.expiresAt
}

# What the person saw is what is open now.
current if {
	is_string(input.action.actionHash)
	input.action.actionHash == input.action.openHash
}

eligible if {
	is_array(input.action.roles)
	question.has_role(input.action.roles)
}

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

refusals contains "the question is not open any more" if not open

refusals contains "the action has changed since it was shown: look again, then decide" if not current

refusals contains concat("", [
	"deciding needs one of the roles: ",
	concat(", ", input.action.roles),
]) if {
	not eligible
}

refusals contains "nobody approves what they asked for: another person has to decide" if not uninvolved

refusals contains "this person has decided already" if not undecided
