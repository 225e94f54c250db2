package b24_test

import (
	"context"
	"fmt"
	"time"

	"github.com/b24go/b24"
)

// A contact gets a second phone number, unless it has it already.
func ExampleMultifieldChanges() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.contact", b24.Params{"ID": 5, "NAME": "Ann", "PHONE": []string{"+49 30 1111"}})
	ctx := context.Background()

	type contact struct {
		Phones b24.Rows[b24.Multifield] `json:"PHONE"`
	}
	for range 2 { // the second time, nothing has to change
		ann, err := b24.Call[contact](ctx, hook, "crm.contact.get", b24.Params{"id": 5})
		if err != nil {
			fmt.Println(err)
			return
		}
		want := append(ann.Phones, b24.Multifield{Value: "+49 30 2222", Type: "MOBILE"})
		changes := b24.MultifieldChanges(ann.Phones, want)
		fmt.Println(len(ann.Phones), "phones,", len(changes), "changes")
		if len(changes) == 0 {
			return
		}
		_, err = hook.CallMethod(ctx, "crm.contact.update", b24.Params{"id": 5, "fields": b24.Params{"PHONE": changes}})
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	// Output:
	// 1 phones, 1 changes
	// 2 phones, 0 changes
}

// crm.item.* has all multifields of a record under fm. A row is deleted only by Removed.
func ExampleMultifield() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.contact", b24.Params{"ID": 5, "NAME": "Ann", "PHONE": []string{"+49 30 1111"}, "EMAIL": []string{"ann@example.com"}})
	ctx := context.Background()

	type contact struct {
		Multifields b24.Rows[b24.Multifield] `json:"fm"`
	}
	record := b24.Params{"entityTypeId": b24.EntityContact, "id": 5}
	ann, err := b24.Call[contact](ctx, hook, "crm.item.get", record, b24.WithResultKey("item"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, m := range ann.Multifields {
		fmt.Println(m.Kind, m.Type, m.Value)
		if m.Kind == "EMAIL" {
			ann.Multifields[i] = m.Removed()
		}
	}
	record["fields"] = ann
	ann, err = b24.Call[contact](ctx, hook, "crm.item.update", record, b24.WithResultKey("item"))
	fmt.Println(len(ann.Multifields), "is left", err)
	// Output:
	// PHONE WORK +49 30 1111
	// EMAIL WORK ann@example.com
	// 1 is left <nil>
}

// A time of Go in a field and in a filter.
func ExampleDateTimeOf() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.deal", b24.Params{"ID": 1, "DATE_MODIFY": "2030-01-31T09:30:00+02:00"}, b24.Params{"ID": 2, "DATE_MODIFY": "2030-02-01T10:00:00+02:00"})
	ctx := context.Background()

	since := time.Date(2030, time.February, 1, 0, 0, 0, 0, time.UTC)
	for deal, err := range b24.List[BatchDeal](ctx, hook, "crm.deal.list", b24.Params{
		"filter": b24.Params{">=DATE_MODIFY": b24.DateTimeOf(since)},
	}) {
		fmt.Println(deal.ID, err)
	}
	// Output:
	// 2 <nil>
}
