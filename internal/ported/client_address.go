package ported

import (
	"context"
	"strings"

	"github.com/b24go/b24"
)

// Address is an address of a requisite. Parts that are not filled in are empty.
type Address struct {
	// Type is 1 for the street address, 11 for the delivery address; crm.enum.addresstype lists all.
	Type b24.ID `json:"TYPE_ID"`
	// The parts of the address.
	Street    string `json:"ADDRESS_1"`
	Apartment string `json:"ADDRESS_2"`
	City      string
	Postcode  string `json:"POSTAL_CODE"`
	Region    string
	Province  string
	Country   string
}

// String returns the parts that are filled in.
func (a Address) String() string {
	var parts []string
	for _, part := range []string{a.Street, a.Apartment, a.City, a.Region, a.Province, a.Postcode, a.Country} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// ClientAddresses returns the addresses of all requisites of a contact (entityType 3) or a company
// (4). Addresses in custom fields are not among them.
func ClientAddresses(ctx context.Context, c b24.Client, entityType int, id b24.ID) ([]Address, error) {
	var all []Address
	for requisite, err := range b24.List[struct{ ID b24.ID }](ctx, c, "crm.requisite.list", b24.Params{
		"filter": b24.Params{"ENTITY_TYPE_ID": entityType, "ENTITY_ID": id}, "select": []string{"ID"},
	}) {
		if err != nil {
			return nil, err
		}
		addresses, err := b24.Collect(b24.List[Address](ctx, c, "crm.address.list", b24.Params{
			"filter": b24.Params{"ENTITY_TYPE_ID": 8, "ENTITY_ID": requisite.ID}, // of a requisite
		}))
		if err != nil {
			return nil, err
		}
		all = append(all, addresses...)
	}
	return all, nil
}
