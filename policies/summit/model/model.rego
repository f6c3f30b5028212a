# METADATA
# title: Model calls
# description: |
#   A run calls the models of its app; where `data.tenant.models` lists names, those alone. What a call may cost is
#   bounded by `data.tenant.limits`: its tokens count with those that the run has used, its answer by its own bound.
package summit.model

import data.summit.question

# METADATA
# title: Decision on a model call
# entrypoint: true
decision := {"verdict": "allow", "reasons": [], "obligations": []} if {
	permitted
} else := {"verdict": "deny", "reasons": refusals, "obligations": []}

permitted if {
	question.from_workflow
	worded
	listed
	within_budget
	within_tokens
}

# METADATA
# description: A call of the model that the action names, with the conversation by digest and size.
worded if {
	input.action.kind == "model"
	is_string(input.action.actionHash)
	is_number(input.action.attempt)
	input.action.call.model == input.action.name
	is_number(input.action.call.inputTokens)
	is_string(input.action.call.conversation.digest)
	is_number(input.action.call.conversation.bytes)
	is_number(input.action.call.conversation.messages)
	is_array(input.action.call.tools)
	every tool in input.action.call.tools {
		is_string(tool)
	}
}

listed if input.action.name in object.get(data.tenant, "models", [input.action.name])

within_budget if {
	input.run.steps <= object.get(data.tenant, ["limits", "steps"], 1000000)
	input.run.attempts <= object.get(data.tenant, ["limits", "attempts"], 1000000)
}

# METADATA
# description: |
#   Where tokens are limited, a call says how many it may answer with; they are reserved before they are spent.
within_tokens if {
	is_number(input.action.usedTokens)
	not limited
}

within_tokens if {
	is_number(input.action.usedTokens)
	is_number(input.action.call.inputTokens)
	is_number(input.action.call.maxOutputTokens)
	(input.action.usedTokens + input.action.call.inputTokens) + input.action.call.maxOutputTokens <= data.tenant.limits.tokens
}

limited if data.tenant.limits.tokens == data.tenant.limits.tokens

refusals contains concat("", [
	"the model ", input.action.name,
	" does not stand in models of the tenant's data.json: add it there",
]) if {
	input.action.kind == "model"
	not listed
}

refusals contains "the run has used up its budget: raise limits.steps or limits.attempts in the tenant's data.json" if {
	not within_budget
}

refusals contains concat("", [
	"the tokens of the call do not fit the run's: raise limits.tokens in the tenant's data.json, ",
	"and let the call say maxOutputTokens",
]) if {
	not within_tokens
}

refusals contains "the question about the model call lacks a field, or was not asked by a run's executor" if {
	not asked
}

asked if {
	question.from_workflow
	worded
}
