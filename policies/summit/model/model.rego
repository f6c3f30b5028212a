# METADATA
# title: Model calls
# description: Calls of a model by an agent. This release asks nothing here yet, so nothing is allowed.
package summit.model

# METADATA
# title: Decision
# entrypoint: true
decision := {
	"verdict": "deny",
	"reasons": ["no rule allows this: add one to policies/summit/model"],
	"obligations": [],
}
