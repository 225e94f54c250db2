package ported

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/b24go/b24"
)

// NumberField is a custom field of deals of the type double.
type NumberField struct {
	// ID is for the methods userfieldconfig.*.
	ID b24.ID
	// Label is the name that users see.
	Label string `json:"EDIT_FORM_LABEL"`
	// Settings holds PRECISION and the other settings.
	Settings b24.Map[any]
}

// SetPrecision sets the number of decimal places, 0 to 12, of the custom field of deals with that
// label in that language. Other settings stay. With fewer places than before, the portal rounds a
// value when its deal is saved the next time.
func SetPrecision(ctx context.Context, c b24.Client, language, label string, places int) error {
	if places < 0 || places > 12 {
		return fmt.Errorf("%d is not between 0 and 12, and the portal would silently change it", places)
	}
	var found []NumberField
	for field, err := range b24.List[NumberField](ctx, c, "crm.deal.userfield.list", b24.Params{
		"filter": b24.Params{"USER_TYPE_ID": "double", "LANG": language}, // without LANG there are no labels
	}) {
		if err != nil {
			return err
		}
		if field.Label == label {
			found = append(found, field)
		}
	}
	if len(found) != 1 {
		return fmt.Errorf("%d number fields are called %q", len(found), label)
	}
	found[0].Settings["PRECISION"] = places // the others would be reset if they were not sent
	_, err := b24.Call[json.RawMessage](ctx, c, "userfieldconfig.update", b24.Params{
		"moduleId": "crm", "id": found[0].ID, "field": b24.Params{"settings": found[0].Settings},
	}, b24.WithIdempotent())
	return err
}

// AddNumberField creates a custom field of deals with so many decimal places. code is its name
// without UF_CRM_DEAL_.
func AddNumberField(ctx context.Context, c b24.Client, code string, labels map[string]string, places int) (b24.ID, error) {
	return b24.Call[b24.ID](ctx, c, "userfieldconfig.add", b24.Params{"moduleId": "crm", "field": b24.Params{
		"entityId": "CRM_DEAL", "fieldName": "UF_CRM_DEAL_" + code, "userTypeId": "double",
		"editFormLabel": labels, "settings": b24.Params{"PRECISION": places},
	}}, b24.WithResultKey("field", "id"))
}
