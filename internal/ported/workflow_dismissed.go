package ported

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/b24go/b24"
)

// WorkflowsOfDismissed returns the workflows that wait for tasks of a dismissed employee. Review
// them, then pass them to [KillWorkflows]. It is an error if not exactly one dismissed employee has
// that name.
func WorkflowsOfDismissed(ctx context.Context, c b24.Client, name, lastName string) ([]b24.ID, error) {
	if name == "" || lastName == "" {
		return nil, errors.New("the first and the last name are required")
	}
	users, err := b24.Collect(b24.List[struct{ ID b24.ID }](ctx, c, "user.get", b24.Params{
		"FILTER": b24.Params{"=NAME": name, "=LAST_NAME": lastName, "ACTIVE": false},
	}))
	if err != nil {
		return nil, err
	}
	if len(users) != 1 {
		return nil, fmt.Errorf("%d dismissed employees are called %s %s", len(users), name, lastName)
	}
	found := map[b24.ID]bool{}
	for task, err := range b24.List[struct {
		Workflow b24.ID `json:"WORKFLOW_ID"`
	}](ctx, c, "bizproc.task.list", b24.Params{
		"filter": b24.Params{"USER_ID": users[0].ID, "STATUS": 0},
		"select": []string{"ID", "WORKFLOW_ID"},
	}) {
		if err != nil {
			return nil, err
		}
		found[task.Workflow] = true
	}
	return slices.Sorted(maps.Keys(found)), nil
}
