package b24test_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// A company with a requisite, its bank details and addresses.
func TestRequisites(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.company", b24.Params{"ID": 5})
	walk(t, p, []step{
		{"crm.requisite.preset.list", `{"select":["ID","NAME"],"order":{"ID":"ASC"}}`, `[{"ID":"1","NAME":"Organization"},{"ID":"3"},{"ID":"5","NAME":"Individual"}]`},
		{"crm.requisite.preset.get", `{"id":3}`, `{"ID":"3","ENTITY_TYPE_ID":"8","COUNTRY_ID":"1","ACTIVE":"Y","XML_ID":null}`},
		{"crm.requisite.preset.get", `{"id":347}`, `!The Preset with ID '347' is not found`},
		{"crm.requisite.preset.add", `{"fields":{"NAME":"x"}}`, `!ENTITY_TYPE_ID is not defined or invalid.`},
		{"crm.requisite.preset.add", `{"fields":{"NAME":"x","ENTITY_TYPE_ID":8,"COUNTRY_ID":46}}`, `6`},
		{"crm.requisite.add", `{"fields":{}}`, `!ENTITY_TYPE_ID is not defined or invalid.`},
		{"crm.requisite.add", `{"fields":{"ENTITY_TYPE_ID":4}}`, `!ENTITY_ID is not defined or invalid.`},
		{"crm.requisite.add", `{"fields":{"ENTITY_TYPE_ID":4,"ENTITY_ID":5}}`, `!PRESET_ID is not defined or invalid.`},
		{"crm.requisite.add", `{"fields":{"ENTITY_TYPE_ID":4,"ENTITY_ID":6,"PRESET_ID":1}}`, `!Entity not found.`},
		{"crm.requisite.add", `{"fields":{"ENTITY_TYPE_ID":4,"ENTITY_ID":"5","PRESET_ID":1,"NAME":"n","RQ_INN":"7","NOPE":1}}`, `1`},
		{"crm.requisite.get", `{"id":1}`, `{"ID":"1","ENTITY_TYPE_ID":"4","ENTITY_ID":"5","SORT":"500","RQ_INN":"7","RQ_KPP":null,"ADDRESS_ONLY":"N","CREATED_BY_ID":"1"}`},
		{"crm.requisite.get", `{"id":57}`, `!The Requisite with ID '57' is not found`},
		{"crm.requisite.get", `{}`, `!ID is not defined or invalid.`},
		{"crm.requisite.update", `{"id":1,"fields":{"RQ_INN":"8","ENTITY_ID":9}}`, `true`},
		{"crm.requisite.list", `{"filter":{"ENTITY_TYPE_ID":4,"ENTITY_ID":5},"select":["ID","RQ_INN"]}`, `[{"ID":"1","RQ_INN":"8"}]`},
		{"crm.requisite.preset.delete", `{"id":1}`, `!You cannot delete the template because requisites have already been created for it`},
		{"crm.requisite.bankdetail.add", `{"fields":{"NAME":"b"}}`, `!ENTITY_ID is not defined or invalid.`},
		{"crm.requisite.bankdetail.add", `{"fields":{"ENTITY_ID":1,"NAME":"b","RQ_BIK":"044"}}`, `1`},
		{"crm.requisite.bankdetail.get", `{"id":1}`, `{"ENTITY_ID":"1","RQ_BIK":"044","SORT":"500"}`},
		{"crm.requisite.bankdetail.delete", `{"id":9}`, `!The RequisiteBankDetail with ID '9' is not found`},
		{"crm.address.add", `{"fields":{"TYPE_ID":2,"ENTITY_TYPE_ID":8,"ENTITY_ID":1}}`, `!TYPE_ID is not defined or invalid.`},
		{"crm.address.add", `{"fields":{"TYPE_ID":11,"ENTITY_TYPE_ID":8,"ENTITY_ID":1,"CITY":"Berlin"}}`, `true`},
		{"crm.address.add", `{"fields":{"TYPE_ID":11,"ENTITY_TYPE_ID":8,"ENTITY_ID":1}}`, `!TypeAddress exists.`},
		{"crm.address.add", `{"fields":{"TYPE_ID":1,"ENTITY_TYPE_ID":8,"ENTITY_ID":"1","CITY":"Bonn"}}`, `true`},
		{"crm.address.update", `{"fields":{"TYPE_ID":1,"ENTITY_TYPE_ID":8,"ENTITY_ID":1,"CITY":"Ulm"}}`, `true`},
		{"crm.address.update", `{"fields":{"TYPE_ID":6,"ENTITY_TYPE_ID":8,"ENTITY_ID":1}}`, `!TypeAddress not found.`},
		{"crm.address.list", `{"filter":{"ANCHOR_TYPE_ID":4,"ANCHOR_ID":5},"order":{"TYPE_ID":"ASC"}}`, `[{"TYPE_ID":"1","CITY":"Ulm"},{"TYPE_ID":"11","CITY":"Berlin","ENTITY_ID":"1"}]`},
		{"crm.address.delete", `{"fields":{"TYPE_ID":1,"ENTITY_TYPE_ID":8,"ENTITY_ID":1}}`, `true`},
		{"crm.address.list", `{"select":["CITY"]}`, `[{"CITY":"Berlin"}]`},
		{"crm.requisite.delete", `{"id":1}`, `true`},
		{"crm.address.list", `{}`, `[]`},
		{"crm.requisite.bankdetail.list", `{}`, `[]`},
	})
	assert.Contains(t, resultText(t, call(t, p, "crm.enum.addresstype", `{}`)), `{"ID":11,"NAME":"Delivery address","SYMBOL_CODE":null,"SYMBOL_CODE_SHORT":null}`)
	assert.Contains(t, resultText(t, call(t, p, "crm.requisite.preset.countries", `{}`)), `{"ID":46,"CODE":"DE","TITLE":"Germany"}`)
}

func TestLinksOfRequisites(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.deal", b24.Params{"ID": 7})
	p.Seed("crm.requisite", b24.Params{"ID": 3, "ENTITY_TYPE_ID": 4, "ENTITY_ID": 5})
	const deal = `"ENTITY_TYPE_ID":2,"ENTITY_ID":7`
	walk(t, p, []step{
		{"crm.requisite.link.get", `{"entityTypeId":2,"entityId":7}`, `!Not found`},
		{"crm.requisite.link.get", `{"entityTypeId":2}`, `!entityId is not defined or invalid.`},
		{"crm.requisite.link.register", `{"fields":{` + deal + `,"REQUISITE_ID":3}}`, `!BANK_DETAIL_ID is not defined or invalid.`},
		{"crm.requisite.link.register", `{"fields":{` + deal + `,"REQUISITE_ID":4,"BANK_DETAIL_ID":0,"MC_REQUISITE_ID":0,"MC_BANK_DETAIL_ID":0}}`, `!The Requisite with ID '4' is not found`},
		{"crm.requisite.link.register", `{"fields":{` + deal + `,"REQUISITE_ID":0,"BANK_DETAIL_ID":0,"MC_REQUISITE_ID":0,"MC_BANK_DETAIL_ID":0}}`, `true`},
		{"crm.requisite.link.register", `{"fields":{` + deal + `,"REQUISITE_ID":3,"BANK_DETAIL_ID":0,"MC_REQUISITE_ID":0,"MC_BANK_DETAIL_ID":0}}`, `true`},
		{"crm.requisite.link.get", `{"entityTypeId":2,"entityId":7}`, `{"ENTITY_TYPE_ID":2,"ENTITY_ID":7,"REQUISITE_ID":"3","MC_BANK_DETAIL_ID":"0"}`},
		{"crm.requisite.link.list", `{"filter":{"ENTITY_ID":7}}`, `[{"REQUISITE_ID":"3"}]`},
		{"crm.requisite.link.unregister", `{"entityTypeId":2,"entityId":7}`, `true`},
		{"crm.requisite.link.list", `{}`, `[]`},
	})
}
