package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// knowDuplicates makes a fake portal answer crm.duplicate.findbycomm.
func knowDuplicates(portal *b24test.Portal) {
	portal.Handle("crm.duplicate.findbycomm", func(r b24test.Request) (any, error) {
		kind := fmt.Sprint(r.Params["type"])
		values, ok := r.Params["values"].([]any)
		if !ok {
			return nil, errors.New("Communication values is not defined.") //nolint:revive,staticcheck // the portal's words
		}
		found := map[string][]int{}
		for _, entity := range []string{"LEAD", "CONTACT", "COMPANY"} {
			for i, row := range portal.Rows("crm." + strings.ToLower(entity)) {
				if strings.Contains(fmt.Sprint(row[kind]), fmt.Sprint("VALUE:", values[0])) {
					id, err := b24.ID(fmt.Sprint(row["ID"])).Int64()
					if err != nil {
						return nil, fmt.Errorf("row %d: %w", i, err)
					}
					found[entity] = append(found[entity], int(id))
				}
			}
		}
		return found, nil
	})
}
