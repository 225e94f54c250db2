package ported

import (
	"context"
	"maps"
	"slices"

	"github.com/b24go/b24"
)

// Todo is an activity that is not completed.
type Todo struct {
	// ID is the id of the activity, and Deal the title of its deal.
	ID   b24.ID
	Deal string `json:"-"`
	// Owner is the id of the deal.
	Owner b24.ID `json:"OWNER_ID"`
	// Subject describes it.
	Subject string
	// Deadline is in the year 9999 if there is none.
	Deadline b24.DateTime
	// Responsible is the id of an employee, and Name the name.
	Responsible b24.ID `json:"RESPONSIBLE_ID"`
	Name        string `json:"-"`
}

// MyTodos returns what is left to do on the deals of the user whose webhook it is.
func MyTodos(ctx context.Context, c b24.Client) ([]Todo, error) {
	me, err := b24.Call[struct{ ID b24.ID }](ctx, c, "user.current", nil)
	if err != nil {
		return nil, err
	}
	titles := map[b24.ID]string{}
	for deal, err := range b24.List[struct {
		ID    b24.ID
		Title string
	}](ctx, c, "crm.item.list", b24.Params{
		"entityTypeId": 2, "filter": b24.Params{"assignedById": me.ID}, "select": []string{"id", "title"},
	}) {
		if err != nil {
			return nil, err
		}
		titles[deal.ID] = deal.Title
	}
	todos := map[b24.ID]Todo{} // one that belongs to two of the deals is listed twice
	for deals := range slices.Chunk(slices.Sorted(maps.Keys(titles)), 100) {
		for todo, err := range b24.List[Todo](ctx, c, "crm.activity.list", b24.Params{
			"filter": b24.Params{"BINDINGS": bindings(deals), "COMPLETED": "N"},
			"select": []string{"ID", "OWNER_ID", "SUBJECT", "DEADLINE", "RESPONSIBLE_ID"},
		}) {
			if err != nil {
				return nil, err
			}
			todo.Deal = titles[todo.Owner]
			todos[todo.ID] = todo
		}
	}
	return named(ctx, c, todos)
}

// bindings returns a condition for activities of deals.
func bindings(deals []b24.ID) []b24.Params {
	var all []b24.Params
	for _, id := range deals {
		all = append(all, b24.Params{"OWNER_TYPE_ID": 2, "OWNER_ID": id})
	}
	return all
}

// named returns the activities with the names of the employees, by deadline.
func named(ctx context.Context, c b24.Client, todos map[b24.ID]Todo) ([]Todo, error) {
	ids := map[b24.ID]bool{}
	for _, todo := range todos {
		ids[todo.Responsible] = true
	}
	names, err := UserNames(ctx, c, slices.Sorted(maps.Keys(ids)))
	if err != nil {
		return nil, err
	}
	all := slices.SortedFunc(maps.Values(todos), func(a, b Todo) int { return a.Deadline.Compare(b.Deadline.Time) })
	for i := range all {
		all[i].Name = names[all[i].Responsible]
	}
	return all, nil
}
