# METADATA
# title: Shared memory
# description: Reads and writes across threads. This release asks nothing here yet, so nothing is allowed.
package summit.memory

# METADATA
# title: Decision
# entrypoint: true
decision := {
	"verdict": "deny",
	"reasons": ["no rule allows this: add one to policies/summit/memory"],
	"obligations": [],
}
