package b24_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/b24go/b24"
)

// A row as a classic method sends it: text for nearly everything.
func Example_values() {
	var deal struct {
		ID       b24.ID                `json:"ID"`
		Open     b24.Bool              `json:"OPENED"`
		Sum      b24.Float             `json:"OPPORTUNITY"`
		Chance   b24.Null[b24.Int]     `json:"PROBABILITY"`
		Created  b24.DateTime          `json:"DATE_CREATE"`
		Close    b24.Date              `json:"CLOSEDATE"`
		Budget   b24.Money             `json:"UF_CRM_BUDGET"`
		Settings b24.Map[b24.ID]       `json:"SETTINGS"`
		Files    b24.Rows[b24.ID]      `json:"FILES"`
		Moved    b24.Null[b24.Date]    `json:"MOVED"`
		Parent   b24.EntityTypeID      `json:"PARENT_TYPE"`
		Visits   b24.Map[b24.DateTime] `json:"VISITS"`
	}
	row := `{"ID":"7","OPENED":"Y","OPPORTUNITY":"1000.50","PROBABILITY":"0","DATE_CREATE":"2025-02-05T09:06:19+02:00",
		"CLOSEDATE":"2025-03-01T02:00:00+02:00","UF_CRM_BUDGET":"300|USD","SETTINGS":[],"FILES":{"12":12,"5":"5"},"MOVED":"",
		"PARENT_TYPE":"2","VISITS":{"3":"01.02.2025 10:00:00"}}`
	if err := json.Unmarshal([]byte(row), &deal); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(deal.ID, deal.Open, deal.Sum, deal.Chance.V, deal.Chance.Valid)
	fmt.Println(deal.Created.Format(time.RFC1123Z), deal.Close)
	fmt.Println(deal.Budget.Amount, deal.Budget.Currency, len(deal.Settings), deal.Files)
	fmt.Println(deal.Moved.Valid, deal.Parent, len(deal.Visits))
	// Output:
	// 7 true 1000.5 0 true
	// Wed, 05 Feb 2025 09:06:19 +0200 2025-03-01
	// 300 USD 0 [12 5]
	// false DEAL 1
}

// A field that is left alone drops out, a field with an empty value is cleared.
func ExampleNull() {
	type changes struct {
		Title b24.Null[string]   `json:"TITLE,omitzero"`
		Close b24.Null[b24.Date] `json:"CLOSEDATE,omitzero"`
		Sort  b24.Null[b24.Int]  `json:"SORT,omitzero"`
	}
	text, err := json.Marshal(changes{Close: b24.NullOf(b24.Date{}), Sort: b24.NullOf(b24.Int(0))})
	fmt.Println(string(text), err)
	// Output:
	// {"CLOSEDATE":"","SORT":0} <nil>
}

// Bool sends what classic methods take; a method that wants another spelling gets
// a plain bool or a number.
func ExampleBool() {
	open := b24.Bool(true)
	text, err := json.Marshal(b24.Params{"OPENED": open, "isActive": bool(open), "halt": open.Bit()})
	fmt.Println(string(text), err)
	// Output:
	// {"OPENED":"Y","halt":1,"isActive":true} <nil>
}

// Some methods send no offset: the caller says which zone the portal is in.
func ExampleDateTime_AssumeZone() {
	portal := time.FixedZone("", 3*60*60)
	var dates []b24.DateTime
	if err := json.Unmarshal([]byte(`["2025-03-26 15:28:06","2025-03-26T15:28:06+02:00"]`), &dates); err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range dates {
		text, err := d.AssumeZone(portal).MarshalText()
		fmt.Println(d.HasZone(), string(text), err)
	}
	// Output:
	// false 2025-03-26T15:28:06+03:00 <nil>
	// true 2025-03-26T15:28:06+02:00 <nil>
}

func ExampleDateOf() {
	day := b24.DateOf(time.Date(2024, time.December, 26, 23, 59, 0, 0, time.UTC))
	fmt.Println(day, day.In(time.UTC).AddDate(0, 0, 7).Format(time.DateOnly))
	// Output:
	// 2024-12-26 2025-01-02
}

func ExampleID_Int64() {
	n, err := b24.ID("12").Int64()
	fmt.Println(n, err)
	_, err = b24.ID("CO_1").Int64()
	fmt.Println(err)
	// Output:
	// 12 <nil>
	// b24: ID: "CO_1" is not a 64-bit number
}

func ExampleEntityTypeID() {
	text, err := json.Marshal(b24.Params{"entityTypeId": b24.EntitySmartInvoice})
	fmt.Println(string(text), err, b24.EntitySmartInvoice)
	// Output:
	// {"entityTypeId":31} <nil> SMART_INVOICE
}

// An object keyed by id is a list all the same, in the order of the wire.
func ExampleRows() {
	var users b24.Rows[struct{ Name string }]
	err := json.Unmarshal([]byte(`{"103":{"name":"Emily"},"57":{"name":"John"}}`), &users)
	fmt.Println(users, err)
	// Output:
	// [{Emily} {John}] <nil>
}

func ExampleMap() {
	var errors b24.Map[string]
	err := json.Unmarshal([]byte(`["the first command failed"]`), &errors)
	fmt.Println(errors["0"], err)
	// Output:
	// the first command failed <nil>
}

func ExampleMoney() {
	var price b24.Money
	err := json.Unmarshal([]byte(`"1234.56|EUR"`), &price)
	fmt.Println(price.Amount, price.Currency, price, err)
	// Output:
	// 1234.56 EUR 1234.56|EUR <nil>
}
