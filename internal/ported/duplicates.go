package ported

import (
	"context"

	"github.com/b24go/b24"
)

// Duplicate is a lead, contact or company with a phone or e-mail.
type Duplicate struct {
	// EntityType is 1 for a lead, 3 for a contact and 4 for a company; ID is its id.
	EntityType int `json:"-"`
	ID         b24.ID
	// Title is empty for a contact, Name and LastName are empty for a company.
	Title, Name, LastName string
	// Phone and Email are the first ones of the record.
	Phone, Email string
}

// Duplicates returns the leads, contacts and companies that have the phone or the e-mail; an empty
// text finds nothing. A record that has both comes once.
func Duplicates(ctx context.Context, c b24.Client, phone, email string) ([]Duplicate, error) {
	var all []Duplicate
	for _, entity := range []struct {
		code string
		id   int
	}{{"LEAD", 1}, {"CONTACT", 3}, {"COMPANY", 4}} {
		var ids []b24.ID
		for _, by := range []struct{ kind, value string }{{"PHONE", phone}, {"EMAIL", email}} {
			if by.value == "" {
				continue
			}
			// Without entity_type, 20 leads with the phone would hide its contacts and companies.
			found, err := b24.Call[b24.Map[[]b24.ID]](ctx, c, "crm.duplicate.findbycomm", b24.Params{
				"entity_type": entity.code, "type": by.kind, "values": []string{by.value},
			})
			if err != nil {
				return nil, err
			}
			ids = append(ids, found[entity.code]...)
		}
		for row, err := range b24.List[Duplicate](ctx, c, "crm.item.list", b24.Params{
			"entityTypeId": entity.id, "filter": b24.Params{"@id": ids},
			"select": []string{"id", "title", "name", "lastName", "phone", "email"},
		}) {
			if err != nil {
				return nil, err
			}
			row.EntityType = entity.id
			all = append(all, row)
		}
	}
	return all, nil
}
