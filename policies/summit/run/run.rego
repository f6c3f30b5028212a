# METADATA
# title: Runs
# description: Starting, signalling and completing a run. Registered workflows of the tenant are allowed.
package summit.run

import data.summit.question

# METADATA
# title: Decision on a transition of a run
# entrypoint: true
decision := {"verdict": "allow", "reasons": [], "obligations": []} if {
	allowed
} else := {"verdict": "deny", "reasons": refusals, "obligations": []}

# People start runs, and workflows start children.
allowed if {
	input.action.kind == "run.start"
	question.well_formed
	question.carries
	registered
	listed
}

allowed if {
	input.action.kind == "run.signal"
	question.in_run
	question.carries
}

allowed if {
	input.action.kind == "run.complete"
	question.from_workflow
	question.carries
}

registered if {
	is_string(input.action.version)
	input.action.registered == true
}

listed if input.action.name in object.get(data.tenant, "workflows", [input.action.name])

refusals contains concat("", [
	"the workflow ", input.action.name, " version ", input.action.version,
	" is not registered: list it in the app's workflows (summit.app.ts)",
]) if {
	input.action.kind == "run.start"
	not registered
}

refusals contains concat("", [
	"the workflow ", input.action.name,
	" does not stand in workflows of the tenant's data.json: add it there",
]) if {
	input.action.kind == "run.start"
	not listed
}

refusals contains "no rule allows this transition: add one to policies/summit/run" if {
	not input.action.kind == "run.start"
}

refusals contains "the question lacks a field" if {
	not question.well_formed
}
