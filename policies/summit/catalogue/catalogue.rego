# METADATA
# title: The catalogue
# description: |
#   Who registers tools and workflows: the roles in `data.tenant.registrars`, and executors by themselves where
#   `data.tenant.registration` is `open`, as it is in development.
package summit.catalogue

import data.summit.question

# METADATA
# title: Decision on a registration
# entrypoint: true
decision := {"verdict": "allow", "reasons": [], "obligations": []} if {
	allowed
} else := {"verdict": "deny", "reasons": refusals, "obligations": []}

allowed if {
	input.action.kind == "catalogue.register"
	question.well_formed
	is_string(input.action.digest)
	complete
	may_register
}

complete if {
	input.action.what == "tool"
	question.effect(input.action.effect)
	is_boolean(input.action.sensitive)
}

complete if {
	input.action.what == "workflow"
	is_string(input.action.version)
}

may_register if {
	input.actor.kind == "executor"
	data.tenant.registration == "open"
}

may_register if {
	input.actor.kind == "user"
	question.has_role(registrars)
}

registrars := object.get(data.tenant, "registrars", ["developer", "operator", "admin"])

refusals contains "registration is closed to executors: set registration to open in the tenant's data.json" if {
	input.actor.kind == "executor"
	not may_register
}

refusals contains concat("", [
	"only a role in registrars of the tenant's data.json registers: ",
	concat(", ", registrars),
]) if {
	input.actor.kind == "user"
	not may_register
}

refusals contains "the registration is not complete" if {
	not complete
}
