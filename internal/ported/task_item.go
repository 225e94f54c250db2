package ported

import (
	"context"
	"fmt"

	"github.com/b24go/b24"
)

// AddItemTask creates a task that is bound to the item with that title of the smart process with
// that name, and returns its id. Each run adds one more.
func AddItemTask(ctx context.Context, c b24.Client, process, item, task string, responsible b24.ID) (b24.ID, error) {
	types, err := b24.Call[[]struct {
		ID     b24.ID
		Name   string
		Prefix b24.ID `json:"SYMBOL_CODE_SHORT"`
	}](ctx, c, "crm.enum.ownertype", nil)
	if err != nil {
		return "", err
	}
	var bound []b24.ID
	for _, t := range types {
		if t.Name != process {
			continue
		}
		for row, err := range b24.List[struct{ ID b24.ID }](ctx, c, "crm.item.list", b24.Params{
			"entityTypeId": t.ID, "filter": b24.Params{"=title": item}, "select": []string{"id"},
		}) {
			if err != nil {
				return "", err
			}
			bound = append(bound, t.Prefix+"_"+row.ID)
		}
	}
	if len(bound) != 1 {
		return "", fmt.Errorf("%d items of %q are called %q", len(bound), process, item)
	}
	id, err := b24.Call[b24.ID](ctx, c, "tasks.task.add", b24.Params{"fields": b24.Params{
		"TITLE": task, "RESPONSIBLE_ID": responsible, "UF_CRM_TASK": bound,
	}}, b24.WithResultKey("task", "id"))
	if err != nil {
		return "", err
	}
	// A binding that the portal does not allow is dropped without an error.
	saved, err := b24.Call[b24.Rows[b24.ID]](ctx, c, "tasks.task.get", b24.Params{
		"taskId": id, "select": []string{"ID", "UF_CRM_TASK"},
	}, b24.WithResultKey("task", "ufCrmTask"))
	if err == nil && len(saved) == 0 {
		err = fmt.Errorf("task %s was created but not bound to %s: check linkedUserFields of the smart process", id, bound[0])
	}
	return id, err
}
