# METADATA
# title: Actions of a run
# description: |
#   Tools, steps, pure steps, sleeps and waits for signals. A registered tool is allowed; one that is marked
#   sensitive, or that a rule of `data.tenant.approvals` catches, asks people first; everything else is denied.
package summit.action

import data.summit.question

# METADATA
# title: Decision on an action
# description: The common case first, so that it costs the least; reasons are worked out for those who ask or refuse.
# entrypoint: true
decision := {"verdict": "allow", "reasons": [], "obligations": []} if {
	permitted
	unattended(input.action.kind, input.action)
} else := {"verdict": "require_approval", "reasons": questions, "obligations": [approval]} if {
	permitted
	input.action.kind == "tool"
	count(roles) > 0
} else := {"verdict": "deny", "reasons": refusals, "obligations": []}

# METADATA
# description: The action may be taken at all, by itself or after people agreed.
permitted if {
	question.from_workflow
	fits(input.run, data.tenant)
	possible(input.action.kind, input.action)
}

# A tool that is registered, not taken off, and on the tenant's list where there is one.
possible("tool", action) if {
	action.registered == true
	is_string(action.tool)
	is_string(action.actionHash)
	is_number(action.attempt)
	question.effect(action.effect)
	question.visible(action)
	not_taken_off(action.name, data.tenant)
	on_list(action.name, data.tenant)
}

possible("step", action) if {
	question.effect(action.effect)
	is_string(action.actionHash)
	is_number(action.attempt)
}

possible("pure", action) if is_number(action.count)

possible("sleep", action) if {
	is_number(action.ms)
	action.ms >= 0
}

possible("signal", action) if is_number(object.get(action, "timeoutMs", 0))

not_taken_off(name, tenant) if {
	every denied in object.get(tenant, "denied", []) {
		denied != name
	}
}

on_list(name, tenant) if name in object.get(tenant, "allowed", [name])

# METADATA
# description: |
#   Counters of the run stay within `data.tenant.limits`; what is proposed and not yet decided counts as used.
fits(run, tenant) if {
	is_object(tenant)
	run.steps <= limit("steps", tenant)
	run.attempts <= limit("attempts", tenant)
}

limit(name, tenant) := bound if {
	bound := tenant.limits[name]
} else := 1000000

# METADATA
# description: No human is needed. A rule of `approvals` for the tool stands in for its mark `sensitive`.
unattended("step", _)

unattended("pure", _)

unattended("sleep", _)

unattended("signal", _)

unattended("tool", action) if {
	action.sensitive == false
	rules == []
} else if {
	is_boolean(action.sensitive)
	count(rules) > 0
	every rule in rules {
		within(rule)
	}
}

rules := [rule |
	name := input.action.name
	some rule in object.get(data.tenant, "approvals", [])
	rule.tool == name
]

# An argument that can not be read, or is no number, is not within anything.
within(rule) if {
	is_number(rule.above)
	value := argument(rule)
	is_number(value)
	value <= rule.above
}

argument(rule) := object.get(input.action.args, split(trim_left(rule.argument, "/"), "/"), null)

# Of several rules that ask, the strictest terms hold; where they name no common role, nobody could answer: denied.
approval := {
	"id": "approval",
	"type": "approval",
	"params": object.union_n([{"quorum": quorum, "roles": roles, "ttl_s": ttl_s}, itself, escalation]),
}

# Whoever asked may answer only where each rule that asks says so.
default itself := {}

itself := {"separation": false} if {
	every rule in asking {
		rule.separation == false
	}
}

# Whom to ask when nobody answered in time, where one rule asks and names them.
default escalation := {}

escalation := {"escalate": asking[0].escalate} if {
	count(asking) == 1
	is_array(asking[0].escalate.roles)
	is_number(asking[0].escalate.ttl_s)
}

asking := [{}] if {
	count(rules) == 0
} else := [rule |
	some rule in rules
	not within(rule)
]

quorum := max([object.get(rule, "quorum", 1) | some rule in asking])

roles := sort(intersection({{role | some role in object.get(rule, "roles", ["reviewer"])} | some rule in asking}))

ttl_s := min([object.get(rule, "ttl_s", 3600) | some rule in asking])

questions contains concat("", [
	"the tool ", input.action.name,
	" is marked sensitive: people decide; a rule in approvals of the tenant's data.json can say when",
]) if {
	count(rules) == 0
}

questions contains concat("", [
	"the rule for ", input.action.name,
	" in approvals of the tenant's data.json asks people: ",
	object.get(rule, "argument", "any call"),
	" is not within its bound",
]) if {
	some rule in rules
	not within(rule)
}

# What a refusal misses; where a whole part of the question is missing, all that is said of it is missed.
within_budget if fits(input.run, data.tenant)

known if possible(input.action.kind, input.action)

not_denied if not_taken_off(input.action.name, data.tenant)

listed if on_list(input.action.name, data.tenant)

refusals contains concat("", [
	"the tool ", input.action.name,
	" is not registered: list it in the app's tools (summit.app.ts)",
]) if {
	input.action.kind == "tool"
	not input.action.registered == true
}

refusals contains concat("", [
	"the tool ", input.action.name,
	" stands in denied of the tenant's data.json: take it off there to allow it",
]) if {
	input.action.kind == "tool"
	not not_denied
}

refusals contains concat("", [
	"the tool ", input.action.name,
	" does not stand in allowed of the tenant's data.json: add it there",
]) if {
	input.action.kind == "tool"
	not listed
}

refusals contains "the run has used up its budget: raise limits.steps or limits.attempts in the tenant's data.json" if {
	not within_budget
}

refusals contains concat("", [
	"the rules for ", input.action.name,
	" in approvals of the tenant's data.json name no common role: nobody could answer",
]) if {
	input.action.kind == "tool"
	count(roles) == 0
}

refusals contains "the question about the tool lacks a field" if {
	input.action.kind == "tool"
	input.action.registered == true
	not_denied
	listed
	not known
}

refusals contains "no rule allows this action: add one to policies/summit/action" if {
	not input.action.kind == "tool"
	not known
}

refusals contains "the question lacks a field, or was not asked by a run's executor" if not question.from_workflow
