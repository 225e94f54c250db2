package ported

import (
	"context"

	"github.com/b24go/b24"
)

// UserNames returns the names of users by their ids; the id itself is the name of a user who is not
// found.
func UserNames(ctx context.Context, c b24.Client, ids []b24.ID) (map[b24.ID]string, error) {
	names := map[b24.ID]string{}
	if len(ids) == 0 {
		return names, nil
	}
	for _, id := range ids {
		names[id] = id.String()
	}
	for user, err := range b24.List[struct {
		ID       b24.ID
		Name     string
		LastName string `json:"LAST_NAME"`
	}](ctx, c, "user.get", b24.Params{"FILTER": b24.Params{"ID": ids}}) {
		if err != nil {
			return nil, err
		}
		names[user.ID] = user.Name + " " + user.LastName
	}
	return names, nil
}
